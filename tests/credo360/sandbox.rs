//! The client against the fake provider, over real sockets: flows, refusals, lost answers; and the fake itself.

use http::StatusCode;
use kyckit::{
    ErrorKind,
    credo360::{
        Client, Delivery, HandleId, Kind, Method, Response, Validation,
        model::{Details, HandleStatus},
        signer::{Encoding, KeySigner, RsaPadding},
    },
    sandbox::{
        Fault, Person,
        credo360::{Builder, Credo360, PRIVATE_KEY, PublicKey, User},
    },
    transport::{Options, RawRequest, Retry},
};

use super::*;

/// The vectors of Project Wycheproof: they hold an RSA key of 2048 bits.
const RSA_VECTORS: &str = include_str!("../vectors/wycheproof/rsa_oaep_2048_sha256_mgf1sha256_test.json");
/// A secp256k1 key: the number 7.
const SECP256K1_KEY: &str = "0000000000000000000000000000000000000000000000000000000000000007";

async fn start(builder: Builder) -> (Credo360, Client, Frozen) {
    let (clock, frozen) = Clock::frozen(unix(NOW));
    let sandbox = builder.clock(clock.clone()).start().await.expect("a port");
    let options = Options::new().clock(clock).retry(Retry::default().waits(Duration::ZERO, Duration::ZERO));
    let client = Client::builder(sandbox.client_id().clone()).base_url(sandbox.base_url().as_str());
    (sandbox, client.options(options).build().expect("good settings"), frozen)
}

fn passcode(sandbox: &Credo360, handle: &HandleId) -> Response {
    Response::passcode(sandbox.passcode(handle).expect("delivered"))
}

/// A passcode that is certainly wrong.
fn wrong(sandbox: &Credo360, handle: &HandleId) -> Response {
    let right = sandbox.passcode(handle).expect("delivered");
    let turned: String =
        right.expose().bytes().map(|digit| char::from(if digit == b'0' { b'1' } else { b'0' })).collect();
    Response::passcode(turned)
}

#[tokio::test]
async fn a_user_proves_ownership_by_passcode() {
    let (sandbox, client, _) = start(Credo360::builder()).await;
    let handle = sandbox.handles().remove(0);
    let methods = client.authentication_methods(&handle).await.expect("methods");
    assert_eq!(methods, [Method::Passcode, Method::Signature]);
    let mut challenge = client.challenge(&handle, &Method::Passcode).await.expect("a challenge");
    let Validation::Passcode(asked) = challenge.validation() else { panic!("a passcode") };
    assert_eq!((asked.length, asked.attempts, &asked.delivery), (6, Some(3), &Delivery::Sms));
    assert_eq!(challenge.expires_at(), Some(unix(NOW + 300)));

    let error = client.validate(&mut challenge, &wrong(&sandbox, &handle)).await.expect_err("wrong");
    assert_eq!((error.kind(), error.check()), (ErrorKind::InvalidRequest, Some("response.refused")));
    assert_eq!(challenge.attempts().left(), Some(2));
    let owned = client.validate(&mut challenge, &passcode(&sandbox, &handle)).await.expect("proven");
    let user = client.user(owned.handle()).await.expect("a user");
    assert_eq!((&user.handle.id, &user.handle.status), (&handle, &HandleStatus::Valid));
    assert_eq!(user.verifications.len(), 9);
    assert!(user.verification(&Kind::Blockscore).is_some());
    let held = sandbox.challenge(challenge.id()).expect("held");
    assert_eq!((held.wrong, held.validated, sandbox.deliveries(&handle)), (1, true, 1));
}

#[tokio::test]
async fn every_kind_of_key_and_every_spelling_of_a_signature_is_accepted() {
    let handle = handle();
    let rsa: serde_json::Value = serde_json::from_str(RSA_VECTORS).expect("JSON");
    let rsa = rsa["testGroups"][0]["privateKeyPem"].as_str().expect("a key");
    let user = User::new(handle.clone(), Person::from_seed(1))
        .key(PublicKey::of_ed25519(PRIVATE_KEY).expect("a key"))
        .key(PublicKey::of_rsa(rsa).expect("a key"))
        .key(PublicKey::of_secp256k1(SECP256K1_KEY).expect("a key"));
    let (sandbox, client, _) = start(Credo360::builder().user(user)).await;
    let signers = || {
        [
            KeySigner::ed25519(PRIVATE_KEY, None).expect("a key"),
            KeySigner::rsa(rsa, None, RsaPadding::Pkcs1).expect("a key"),
            KeySigner::rsa(rsa, None, RsaPadding::Pss).expect("a key"),
            KeySigner::secp256k1(SECP256K1_KEY).expect("a key"),
        ]
    };
    let spellings = [Encoding::Base64, Encoding::Base64Url, Encoding::Hex].map(|encoding| (encoding, false));
    for (encoding, text) in spellings.into_iter().chain([(Encoding::Base64, true)]) {
        for signer in signers() {
            let signer = signer.encoding(encoding);
            let signer = if text { signer.over_text() } else { signer };
            let mut challenge = client.challenge(&handle, &Method::Signature).await.expect("a challenge");
            assert_eq!(challenge.attempts().left(), None);
            let response = challenge.sign(&signer).await.expect("signed");
            let owned = client.validate(&mut challenge, &response).await.expect("proven");
            assert_eq!(owned.method(), &Method::Signature);
        }
    }
    assert_eq!(sandbox.deliveries(&handle), 0);
}

#[tokio::test]
async fn a_signature_of_another_nonce_or_by_another_key_is_refused() {
    let (sandbox, client, _) = start(Credo360::builder()).await;
    let handle = sandbox.handles().remove(0);
    let signer = KeySigner::ed25519(PRIVATE_KEY, None).expect("a key");
    let first = client.challenge(&handle, &Method::Signature).await.expect("a challenge");
    let mut second = client.challenge(&handle, &Method::Signature).await.expect("a challenge");
    let of_first = first.sign(&signer).await.expect("signed");
    let by_stranger =
        second.sign(&KeySigner::secp256k1(SECP256K1_KEY).expect("a key")).await.expect("signed");
    for response in [of_first, by_stranger, Response::signature("AAAA")] {
        let error = client.validate(&mut second, &response).await.expect_err("refused");
        assert_eq!(error.check(), Some("response.refused"));
    }
    let right = second.sign(&signer).await.expect("signed");
    client.validate(&mut second, &right).await.expect("proven");
}

#[tokio::test]
async fn the_provider_counts_and_looks_at_its_clock_too() {
    let (sandbox, client, frozen) = start(Credo360::builder().attempts(Some(2))).await;
    let handle = sandbox.handles().remove(0);
    let challenge = client.challenge(&handle, &Method::Passcode).await.expect("a challenge");
    let stored = serde_json::to_string(&challenge).expect("text");
    let fresh = || serde_json::from_str::<kyckit::credo360::Challenge>(&stored).expect("a challenge");
    // Each copy believes that nothing was tried.
    for status in [400, 400, 409] {
        let error = client.validate(&mut fresh(), &wrong(&sandbox, &handle)).await.expect_err("refused");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    }
    let error = client.validate(&mut fresh(), &passcode(&sandbox, &handle)).await.expect_err("spent");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Conflict, Some("response.refused")));

    let mut challenge = client.challenge(&handle, &Method::Passcode).await.expect("a challenge");
    frozen.set(unix(NOW + 301));
    let mut undated = serde_json::to_value(&challenge).expect("JSON");
    undated["expiresAt"] = serde_json::Value::Null;
    let mut undated = serde_json::from_value(undated).expect("a challenge");
    let error = client.validate(&mut undated, &passcode(&sandbox, &handle)).await.expect_err("late");
    assert_eq!(error.status(), Some(StatusCode::GONE));
    let error = client.validate(&mut challenge, &passcode(&sandbox, &handle)).await.expect_err("late");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Expired, 0));
    frozen.set(unix(NOW + 300));
    client.validate(&mut challenge, &passcode(&sandbox, &handle)).await.expect("in the last second");
}

#[tokio::test]
async fn a_lost_answer_leaves_the_attempt_unclear_and_nothing_is_sent_twice() {
    let (sandbox, client, _) = start(Credo360::builder()).await;
    let handle = sandbox.handles().remove(0);
    for fault in [
        Fault::anywhere().reset().after_effect(),
        Fault::anywhere().truncate().after_effect(),
        Fault::anywhere().html(502).after_effect(),
        Fault::anywhere().invalid_json().after_effect(),
    ] {
        let mut challenge = client.challenge(&handle, &Method::Passcode).await.expect("a challenge");
        sandbox.server().clear_log();
        sandbox.inject(fault);
        let error = client.validate(&mut challenge, &passcode(&sandbox, &handle)).await.expect_err("lost");
        assert!(error.may_have_taken_effect(), "{error}");
        assert_eq!((challenge.attempts().unclear, challenge.attempts().left()), (1, Some(2)));
        assert!(sandbox.challenge(challenge.id()).expect("held").validated, "it had taken effect");
        assert_eq!(sandbox.server().count("/auth/{id}"), 1);
        assert_eq!(sandbox.server().waiting_faults(), 0);
    }
}

#[tokio::test]
async fn creating_a_challenge_sends_one_message_whatever_happens() {
    let (sandbox, client, _) = start(Credo360::builder()).await;
    let handle = sandbox.handles().remove(0);
    sandbox.inject(Fault::anywhere().html(503).after_effect());
    let error = client.challenge(&handle, &Method::Passcode).await.expect_err("lost");
    assert!(error.may_have_taken_effect());
    assert_eq!(sandbox.deliveries(&handle), 1);
    sandbox.inject(Fault::anywhere().html(503).times(2));
    client.user(&handle).await.expect("reading is repeated");
}

#[tokio::test]
async fn users_who_withhold_or_are_told_in_the_second_form_are_read() {
    let (sandbox, client, _) = start(Credo360::builder()).await;
    let [able, reserved, suspended] = sandbox.handles().try_into().expect("three");
    let open = client.user(&able).await.expect("a user");
    let profile = open.profile.expect("there");
    assert!(profile.name.last.is_some() && profile.picture.is_some() && profile.gender.is_some());
    assert!(open.member_since.expect("a moment").expose() > &unix(1_482_750_937));

    let user = client.user(&reserved).await.expect("a user");
    let profile = user.profile.clone().expect("there");
    assert!(profile.name.last.is_none() && profile.picture.is_none() && profile.age.is_none());
    assert!(profile.location.expect("there").region.is_some());
    assert_eq!(user.verifications.len(), 9, "as a list");
    assert!(user.member_since.expect("a moment").expose() > &unix(1_482_750_937), "in seconds");
    let Some(Details::Phone(phone)) = user.verification(&Kind::Phone).map(|phone| &phone.details) else {
        panic!("a phone")
    };
    assert!(phone.country_code.is_some() && phone.last_two_digits.is_some());
    assert_eq!(client.authentication_methods(&reserved).await.expect("methods"), [Method::Passcode]);

    assert_eq!(client.user(&suspended).await.expect("a user").handle.status, HandleStatus::Suspended);
    assert!(client.authentication_methods(&suspended).await.expect("none").is_empty());
    let error = client.challenge(&suspended, &Method::Passcode).await.expect_err("suspended");
    assert_eq!(error.kind(), ErrorKind::Permission);
    let preferred = [Method::Signature, Method::Passcode];
    let error = client.challenge_by_preference(&suspended, &preferred).await.expect_err("suspended");
    assert_eq!(error.check(), Some("challenge.method"));
}

#[tokio::test]
async fn users_can_be_made_up() {
    let odd: HandleId = "a/b?c".parse().expect("odd");
    let user = User::new(odd.clone(), Person::from_seed(5))
        .delivery(Delivery::Other("pigeon".into()))
        .withhold("profile")
        .withhold("payments")
        .verified([Kind::Email, Kind::Other("passport".into())]);
    let builder = Credo360::builder().user(user).passcode_length(8).attempts(None).lifetime(None);
    let (sandbox, client, frozen) = start(builder.client_id("mine")).await;
    assert_eq!(sandbox.handles(), std::slice::from_ref(&odd));
    let user = client.user(&odd).await.expect("a user");
    assert!(user.profile.is_none() && user.payments.expose().is_empty());
    assert_eq!(
        user.verifications.iter().map(|one| one.kind.as_str()).collect::<Vec<_>>(),
        ["email", "passport"]
    );
    let mut challenge = client.challenge(&odd, &Method::Passcode).await.expect("a challenge");
    assert_eq!((challenge.expires_at(), challenge.attempts().left()), (None, None));
    frozen.advance(Duration::from_secs(1 << 30));
    client.validate(&mut challenge, &passcode(&sandbox, &odd)).await.expect("proven");

    sandbox.add(User::new(odd.clone(), Person::from_seed(6)).status(HandleStatus::Deactivated));
    assert_eq!(sandbox.handles().len(), 1);
    assert_eq!(client.user(&odd).await.expect("a user").handle.status, HandleStatus::Deactivated);
}

#[tokio::test]
async fn the_fake_refuses_what_the_provider_would() {
    let (sandbox, client, _) = start(Credo360::builder()).await;
    let handle = sandbox.handles().remove(0);
    let status =
        |sent: Result<_, kyckit::Error>| sent.expect_err("refused").status().map(|status| status.as_u16());
    let unknown: HandleId = "2598397346".parse().expect("without its zero");
    assert_eq!(status(client.user(&unknown).await.map(drop)), Some(404));
    assert_eq!(status(client.challenge(&unknown, &Method::Passcode).await.map(drop)), Some(404));
    assert_eq!(status(client.challenge(&handle, &Method::Other("push".into())).await.map(drop)), Some(400));
    let unmethodical = RawRequest::new(http::Method::DELETE, ["users", handle.expose()]);
    assert_eq!(status(client.raw(unmethodical).await.map(drop)), Some(405));
    assert_eq!(status(client.raw(RawRequest::get(["transactions"])).await.map(drop)), Some(404));

    // Without the query, the method is passcode.
    let answer = client.raw(RawRequest::post(["auth", handle.expose()])).await.expect("a challenge");
    let body: serde_json::Value = answer.json().expect("JSON");
    assert_eq!(body["method"], "passcode");
    // A body without a response spends no attempt.
    let id = body["challengeId"].as_str().expect("an id");
    assert!(["/", "+", "="].iter().all(|char| id.contains(char)) && id.len() <= 160, "{id}");
    let empty =
        RawRequest::new(http::Method::PATCH, ["auth", id]).json(&serde_json::json!({})).expect("JSON");
    assert_eq!(status(client.raw(empty).await.map(drop)), Some(400));
    assert_eq!(sandbox.challenge(id).expect("held").wrong, 0);

    client.replace_client_id("somebody-else").expect("good");
    assert_eq!(status(client.user(&handle).await.map(drop)), Some(401));
    let url = sandbox.base_url().join("users/02598397346").expect("a URL");
    let http = reqwest::Client::new();
    for header in
        [None, Some("sandbox-credo360-client"), Some("Bearer sandbox-credo360-client"), Some("client ")]
    {
        let request = http.get(url.clone());
        let request = match header {
            Some(header) => request.header("authorization", header),
            None => request,
        };
        assert_eq!(request.send().await.expect("answered").status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn clients_in_other_languages_can_look_at_the_phone_too() {
    let (sandbox, client, _) = start(Credo360::builder()).await;
    let handle = sandbox.handles().remove(0);
    let url = sandbox.base_url().join("sandbox/passcodes/02598397346").expect("a URL");
    let phone = || async {
        let answer = reqwest::get(url.clone()).await.expect("answered").bytes().await.expect("a body");
        serde_json::from_slice::<serde_json::Value>(&answer).expect("JSON")["passcode"].clone()
    };
    assert!(phone().await.is_null());
    client.challenge(&handle, &Method::Passcode).await.expect("a challenge");
    assert_eq!(phone().await.as_str(), sandbox.passcode(&handle).as_ref().map(|passcode| passcode.expose()));
}

#[tokio::test]
async fn the_log_of_the_fake_holds_no_person_and_no_secret() {
    let (sandbox, client, _) = start(Credo360::builder()).await;
    let handle = sandbox.handles().remove(0);
    let mut challenge = client.challenge(&handle, &Method::Passcode).await.expect("a challenge");
    let owned = client.validate(&mut challenge, &passcode(&sandbox, &handle)).await.expect("proven");
    client.user(owned.handle()).await.expect("a user");
    let code = sandbox.passcode(&handle).expect("delivered");
    let canaries = [handle.expose(), code.expose(), challenge.id(), "sandbox-credo360-client"];
    let mut capture = kyckit::privacy::leak::Canaries::new(canaries).capture();
    capture.debug("sandbox", &sandbox);
    capture.debug("log", &sandbox.server().log());
    capture.debug("recorded", &sandbox.server().recorded());
    capture.debug("state", &sandbox.challenge(challenge.id()));
    capture.debug("builder", &Credo360::builder().user(User::new(handle.clone(), Person::from_seed(1))));
    capture.assert_clean();
    let routes: Vec<_> = sandbox.server().log().iter().map(|entry| entry.route).collect();
    assert_eq!(routes, ["/auth/{id}", "/auth/{id}", "/users/{handleId}"]);
}
