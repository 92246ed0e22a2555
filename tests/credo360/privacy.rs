//! Nothing personal and no secret of a whole flow shows itself.

use kyckit::{
    Error, ErrorKind,
    credo360::{Client, HandleId, Method, Nonce, Response},
    error::Effect,
    privacy::leak::Canaries,
    transport::{MockResponse, MockTransport, Options, RawRequest},
};

use super::*;

const CANARIES: [&str; 14] = [
    "canary-client-id",
    "02598397346",
    "Irakliy-Canary",
    "Redondo Beach",
    "California",
    "Zi4czDlpdMdP3RRN9DQ",
    "783423",
    "canary-signature",
    "3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8=",
    "deadbeefdeadbeef",
    "13127.25",
    "1524046183",
    "canary-body",
    "canary-extra",
];

#[tokio::test]
async fn a_whole_flow_leaks_nothing() {
    let mut capture = Canaries::new(CANARIES).capture();
    #[cfg(feature = "tracing")]
    let _guard = tracing::subscriber::set_default(capture.subscriber());

    let user = USER.replace("Irakliy", "Irakliy-Canary").replacen("288", "13127.25", 1).replacen(
        r#""memberSince""#,
        r#""hobby":"canary-extra","memberSince""#,
        1,
    );
    let memory = MockTransport::new([
        ok(r#"{"methods":["passcode","signature"]}"#),
        ok(PASSCODE),
        MockResponse::json(400, "canary-body 783423"),
        ok(VALIDATED),
        ok(SIGNATURE),
        ok(r#"{"handleId":"canary-body"}"#),
        ok(&user),
        ok(&user.replace(r#""score":13127.25"#, r#""score":"canary-body""#)),
        MockResponse::json(404, "<html>canary-body 02598397346</html>"),
        ok("canary-body"),
    ]);
    let (clock, frozen) = Clock::frozen(unix(NOW));
    let options = Options::new().transport(memory.clone()).clock(clock);
    let builder = Client::builder("canary-client-id").options(options);
    capture.debug("builder", &builder);
    let client = builder.build().expect("good settings");
    capture.debug("client", &client);

    let handle: HandleId = HANDLE.parse().expect("a Credo ID");
    capture.debug("handle", &handle);
    let bad = HandleId::new("02598397346 Irakliy-Canary").expect_err("a blank");
    capture.error("a bad handle", &bad);
    client.authentication_methods(&handle).await.expect("methods");

    let mut challenge = client.challenge(&handle, &Method::Passcode).await.expect("a challenge");
    capture.debug("challenge", &challenge);
    let response = Response::passcode("783423");
    capture.debug("response", &response);
    capture.error("refused", &client.validate(&mut challenge, &response).await.expect_err("refused"));
    capture.error(
        "too long",
        &client.validate(&mut challenge, &Response::passcode("7834230")).await.expect_err("too long"),
    );
    let owned = client.validate(&mut challenge, &response).await.expect("proven");
    capture.debug("ownership", &owned);
    capture.error("used", &client.validate(&mut challenge, &response).await.expect_err("used"));

    let mut challenge = client.challenge(&handle, &Method::Signature).await.expect("a challenge");
    capture.debug("signature challenge", &challenge);
    let signer = |nonce: &Nonce| Ok(format!("canary-signature {}", nonce.text()));
    let response = challenge.sign(&signer).await.expect("signed");
    capture.debug("signature", &response);
    capture.error("mismatch", &client.validate(&mut challenge, &response).await.expect_err("another"));

    let user = client.user(&handle).await.expect("a user");
    capture.debug("user", &user);
    for place in ["undecodable", "unknown", "no JSON"] {
        let error = client.user(&handle).await.expect_err(place);
        assert!(matches!(error.kind(), ErrorKind::Decode | ErrorKind::NotFound));
        capture.error(place, &error);
    }
    memory.then_fail(Error::new(ErrorKind::Interrupted, "broke").with_effect(Effect::Unknown));
    let raw = RawRequest::post(["auth", HANDLE]).query("method", "783423");
    capture.debug("raw request", &raw);
    capture.error("interrupted", &client.raw(raw).await.expect_err("broke"));

    frozen.set(unix(EXPIRES + 1));
    for sent in memory.sent() {
        capture.debug("sent", &sent);
    }
    assert_eq!(memory.unused(), 0, "every answer was asked for");
    assert!(capture.len() >= 60, "only {} texts were looked at", capture.len());
    capture.assert_clean();
}
