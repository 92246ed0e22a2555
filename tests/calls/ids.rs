//! An id in a path arrives as one segment, whatever it holds, or is refused by the name of its field.

use kyckit::{
    Error, ErrorKind,
    transport::{MockResponse, MockTransport, RawRequest},
};

use super::table::*;

/// What `url` or a server on the way changes: it drops TAB, CR and LF, takes `%2e` for a dot, and cuts off parameters.
const HOSTILE: [&str; 16] = [
    "",
    ".",
    "..",
    ".\t.",
    "\t.",
    "..\n",
    "%2e",
    "%2E%2e",
    ".%2E",
    "%252e%252e",
    "..;x=y",
    "a\nb",
    "\tab",
    "ab\r\n",
    "a\u{0}b",
    "a\u{85}",
];
/// What is odd and an id all the same.
const ODD: [&str; 9] = ["a/b?c#d", "../x", "..\\x", "%2e%2e%2f", "...", "é~", "a+b;c=d", "did:key:z6Mk", "%"];

fn memory_of(call: &Call, id: &str) -> MockTransport {
    let memory = MockTransport::new((call.before)(id));
    memory.then((call.answer)(id));
    memory
}

/// Undoes the encoding of one segment.
fn decoded(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        match first {
            b'%' => {
                let (digits, behind) = behind.split_at(2);
                bytes.extend(hex::decode(digits).expect("two digits"));
                rest = behind;
            }
            other => {
                bytes.push(*other);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[tokio::test]
async fn a_hostile_id_is_refused_before_sending_with_the_field_s_name() {
    let mut refused = 0;
    for call in in_paths() {
        for id in HOSTILE {
            let memory = memory_of(&call, id);
            let before = (call.before)(id).len();
            let error = (call.run)(memory.clone(), id.to_owned()).await.expect_err(call.name);
            let at = format!("{} with {id:?}: {error}", call.name);
            // An id of the provider's own, or of a webhook, that is none is found while it is read.
            if error.kind() == ErrorKind::Decode {
                assert!(["credo360.validate", "kycc.confirm"].contains(&call.name) || id.is_empty(), "{at}");
            } else {
                assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{at}");
                assert_eq!(error.fields()[0].field, call.field, "{at}");
                assert!(error.provider().is_some() || call.field == "handleId", "{at}");
            }
            assert!(memory.sent().len() <= before, "{at}: it was sent");
            assert!(error.kind() == ErrorKind::Decode || !error.may_have_taken_effect(), "{at}");
            refused += 1;
        }
    }
    println!("{} calls with an id in a path, {refused} hostile ids refused", in_paths().len());
    assert_eq!(refused, in_paths().len() * HOSTILE.len());
}

#[tokio::test]
async fn every_other_id_arrives_as_exactly_one_segment() {
    for call in in_paths() {
        let plain = memory_of(&call, "plain-id");
        (call.run)(plain.clone(), "plain-id".to_owned()).await.expect(call.name);
        let plain = plain.sent().pop().expect("sent").url;
        let expected: Vec<_> = plain.path_segments().expect("a path").collect();
        for id in ODD {
            let memory = memory_of(&call, id);
            (call.run)(memory.clone(), id.to_owned())
                .await
                .unwrap_or_else(|error| panic!("{} {id}: {error}", call.name));
            let url = memory.sent().pop().expect("sent").url;
            let sent: Vec<_> = url.path_segments().expect("a path").map(decoded).collect();
            let expected: Vec<_> =
                expected.iter().map(|part| if *part == "plain-id" { id } else { part }).collect();
            assert_eq!(sent, expected, "{} {id}", call.name);
            assert!(expected.contains(&id));
            assert_eq!((url.host_str(), url.fragment()), (plain.host_str(), None));
            assert_eq!(url.query(), plain.query(), "{} {id}", call.name);
        }
    }
}

#[tokio::test]
async fn an_unauthenticated_webhook_leads_the_key_nowhere_else() {
    use kyckit::selfkey::kyc_chain::webhook::StatusHint;

    for id in [".\\t.", "..", "%2e%2e", "a\\nb", "\\u0000"] {
        let body = format!(r#"{{"applicationId":"{id}","status":2}}"#);
        let memory = MockTransport::new([MockResponse::json(200, r#"{"id":"A1","currentStatus":2}"#)]);
        let hint = StatusHint::read(body.as_bytes()).expect("a hint");
        let error = hint.confirm(&kycc(&memory), &[]).await.expect_err(id);
        assert_eq!((error.kind(), &*error.fields()[0].field), (ErrorKind::InvalidRequest, "id"), "{id}");
        assert!(memory.sent().is_empty(), "{id}");
    }
}

async fn raw(provider: &str, memory: &MockTransport, request: RawRequest) -> Result<(), Error> {
    match provider {
        "kycc" => kycc(memory).raw(request).await.map(drop),
        "wallet" => wallet(memory).raw(request).await.map(drop),
        "credify" => credify(memory).raw(request).await.map(drop),
        "credo360" => credo360(memory).raw(request).await.map(drop),
        "maya" => maya(memory).raw(request, None).await.map(drop),
        _ => shuftipro(memory).raw(request).await.map(drop),
    }
}

#[tokio::test]
async fn raw_calls_are_no_way_around_it() {
    for provider in ["kycc", "wallet", "credify", "credo360", "maya", "shuftipro"] {
        for id in HOSTILE {
            let memory = MockTransport::new([]);
            let error =
                raw(provider, &memory, RawRequest::get(["things", id, "x"])).await.expect_err(provider);
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{provider} {id:?}: {error}");
            assert_eq!(
                (&*error.fields()[0].field, error.operation()),
                ("path", Some("raw")),
                "{provider} {id:?}"
            );
            // An empty last segment is a slash at the end, as documented.
            if !id.is_empty() {
                let error =
                    raw(provider, &memory, RawRequest::get(["things", id])).await.expect_err(provider);
                assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{provider} {id:?}: {error}");
            }
            assert!(memory.sent().is_empty(), "{provider} {id:?}");
        }
    }
}

#[tokio::test]
async fn ids_in_queries_are_not_empty_and_hold_no_control_character() {
    for id in ["", "a\nb", "\t", "a\u{0}"] {
        let memory = MockTransport::new(exchange());
        let client = credify(&memory);
        let refused = [
            ("credify_id", client.orders(id).await.map(drop)),
            ("credify_id", client.completed_bnpl_providers(id).await.map(drop)),
            ("entity_id", client.public_keys(id).await.map(drop)),
            ("attributes[1]", kycc(&memory).invalidate_attributes("A1", &["a", id]).await),
            ("questions[0]", kycc(&memory).invalidate_questions("A1", &[id]).await),
        ];
        for (field, outcome) in refused {
            let error = outcome.expect_err(field);
            assert_eq!(
                (error.kind(), &*error.fields()[0].field),
                (ErrorKind::InvalidRequest, field),
                "{id:?}"
            );
        }
        assert!(memory.sent().is_empty(), "{id:?}");
    }
}

#[tokio::test]
async fn what_a_header_would_change_is_refused_when_it_is_given() {
    for bad in ["key\t", "\tkey", "k\tey", " key", "key ", "key\n", "ke\u{0}y"] {
        let memory = MockTransport::new([]);
        let client = kyckit::selfkey::kyc_chain::Client::builder("https://kyc.example", bad);
        let error = client.options(options(&memory)).build().expect_err(bad);
        assert_eq!(error.kind(), ErrorKind::Configuration, "{bad:?}");
        let client = kyckit::credify::Client::builder(bad).options(options(&memory));
        assert_eq!(client.build().expect_err(bad).kind(), ErrorKind::Configuration, "{bad:?}");
    }
}
