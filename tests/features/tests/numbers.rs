//! Numbers are read and written the same way with serde_json's `arbitrary_precision` on.

#![allow(clippy::expect_used, clippy::panic)]

use std::{path::Path, process::Command, time::Duration};

use kyckit::{
    ErrorKind,
    clock::Clock,
    credify::{
        Client,
        authority::Introspection,
        claims::Claims,
        encryption::{decrypt_fields, encrypt_fields},
        json::{canonical, sha256, sha256_by_each_field, sha256_unified, unified},
        keys::DecryptionKey,
        model::{Offer, Order, OrderLine, Quantity, UserToken},
        money::Money,
        offer::evaluate,
    },
    identity::verified_claims::ClaimSet,
    selfkey::relying_party::{TokenIssuer, generate_secret},
    transport::{MockResponse, MockTransport, Options},
};
use serde_json::{Value, json};

fn value(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn this_is_run_with_the_feature_on() {
    // Without it the text is that of the nearest float.
    assert_eq!(value("1.50").to_string(), "1.50");
}

#[test]
fn canonical_json_is_what_ecmascript_prints() {
    for (text, wanted) in [
        ("-0", "0"),
        ("-0.0", "0"),
        ("0.0", "0"),
        ("-0e5", "0"),
        ("1.0", "1"),
        ("1.50", "1.5"),
        ("1e2", "100"),
        ("1E+2", "100"),
        ("-1e0", "-1"),
        ("100e-2", "1"),
        ("1e21", "1e+21"),
        ("1e20", "100000000000000000000"),
        ("1e-7", "1e-7"),
        ("0.000001", "0.000001"),
        ("12345678901234567890", "12345678901234567000"),
        ("9007199254740993", "9007199254740992"),
        ("-9007199254740993", "-9007199254740992"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
        ("0.1000000000000000055511151231257827", "0.1"),
        ("1e-400", "0"),
        ("-1e-400", "0"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
    ] {
        assert_eq!(canonical(&value(text)).expect(text), wanted, "{text}");
        let nested = value(&format!(r#"{{"b":[{text}],"a":{{"c":{text}}}}}"#));
        assert_eq!(canonical(&nested).expect(text), format!(r#"{{"b":[{wanted}],"a":{{"c":{wanted}}}}}"#));
        let sorted = format!(r#"{{"a":{{"c":{wanted}}},"b":[{wanted}]}}"#);
        assert_eq!(unified(&nested).expect(text), sorted, "{text}");
        assert_eq!(sha256_unified(&nested).expect(text), sha256(&Value::from(sorted)).expect("a text"), "{text}");
    }
}

#[test]
fn what_is_not_finite_is_refused_and_never_hashed() {
    for text in ["1e400", "-1e400", "1e309", "1.8e308"] {
        for value in [value(text), value(&format!("[{text}]")), value(&format!(r#"{{"a":{{"b":{text}}}}}"#))] {
            let kind = |result: kyckit::Result<String>| result.expect_err(text).kind();
            assert_eq!(kind(canonical(&value)), ErrorKind::InvalidRequest);
            assert_eq!(kind(sha256_unified(&value)), ErrorKind::InvalidRequest);
        }
        let claims = Claims::new().custom("u:s", [("c", value(text))]);
        let key = DecryptionKey::generate().and_then(|key| key.encryption_key()).expect("a key");
        assert_eq!(encrypt_fields(&claims, &key).expect_err(text).kind(), ErrorKind::InvalidRequest);
        assert!(serde_json::from_str::<Quantity>(text).is_err());
        assert!(serde_json::from_str::<Money>(&format!(r#"{{"value":{text},"currency":"VND"}}"#)).is_err());
    }
}

#[test]
fn quantities_and_amounts_are_read() {
    for (text, wanted) in [
        ("3", Quantity::Count(3)),
        ("2.5", Quantity::Number(2.5)),
        ("1e1", Quantity::Number(10.0)),
        ("-1", Quantity::Number(-1.0)),
        ("\"2.5\"", Quantity::Text("2.5".to_owned())),
    ] {
        assert_eq!(serde_json::from_str::<Quantity>(text).expect(text), wanted);
        assert_eq!(serde_json::from_value::<Quantity>(value(text)).expect(text), wanted);
        let line: OrderLine = serde_json::from_str(&format!(r#"{{"quantity":{text},"new":{text}}}"#)).expect(text);
        assert_eq!(line.quantity, Some(wanted));
        let order: Order = serde_json::from_str(&format!(r#"{{"order_lines":[{{"quantity":{text}}}]}}"#)).expect(text);
        assert_eq!(order.order_lines.map(|lines| lines.len()), Some(1));
    }
    for text in ["null", "true", "[]", "{}"] {
        assert!(serde_json::from_str::<Quantity>(text).is_err(), "{text}");
    }
    for (text, wanted) in [("1.50", "1.5"), ("9000000", "9000000"), ("1e2", "100"), ("\"1.50\"", "1.50")] {
        let money: Money =
            serde_json::from_str(&format!(r#"{{"value":{text},"currency":"VND"}}"#)).expect(text);
        assert_eq!(serde_json::to_value(&money).expect("JSON"), json!({"currency": "VND", "value": wanted}));
    }
}

#[test]
fn tokens_and_introspections_are_read() {
    let read = |text: &str| serde_json::from_str::<Introspection>(text).expect(text);
    let token = read(r#"{"active":true,"scope":"a","aud":7,"exp":1800000000.0,"iat":1.8e9,"client_id":12,"n":1.50}"#);
    assert_eq!((token.expires_at, token.issued_at), (Some(1_800_000_000), Some(1_800_000_000)));
    assert_eq!((token.audience.as_slice(), token.client_id.as_deref()), (&["7".to_owned()][..], Some("12")));
    assert_eq!(token.extra.expose()["n"].as_f64(), Some(1.5));
    for (text, wanted) in [("3600", Some(3600)), ("3600.0", Some(3600)), ("\"3600\"", Some(3600)), ("0.5", None)] {
        let text = format!(r#"{{"access_token":"a","expires_in":{text},"scope":["openid"]}}"#);
        let token: UserToken = serde_json::from_str(&text).expect("a token");
        assert_eq!((token.access_token.expose(), token.expires_in), ("a", wanted), "{text}");
    }
}

#[tokio::test]
async fn an_offer_is_read_in_both_forms() {
    let offer = r#"{"id":"o","code":"c","evaluation_result":{"rank":2,"used_scopes":[]},"level":1.50,
        "campaign":{"id":"k","conversion_commission":2.5,"levels":[1,2.5]}}"#;
    let wanted: Offer = serde_json::from_str(offer).expect("an offer");
    for body in [format!(r#"{{"offer":{offer}}}"#), offer.to_owned()] {
        let memory = MockTransport::new([
            MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
            MockResponse::json(200, format!(r#"{{"success":true,"data":{body}}}"#)),
        ]);
        let client = Client::builder("key").options(Options::new().transport(memory)).build().expect("a client");
        let read = client.offer("c").await.expect("an offer");
        assert_eq!(read.code, wanted.code);
        assert_eq!(read.evaluation_result.expect("a result").rank, 2);
    }
}

#[test]
fn conditions_compare_numbers() {
    let claims = value(r#"{"s":{"whole":320,"float":2.50,"zero":-0,"large":9007199254740993}}"#);
    let holds = |kind: &str, claim: &str, bound: &str| {
        let condition = value(&format!(
            r#"[{{"kind":"{kind}","claim":{{"name":"{claim}","value_type":"FLOAT","scope":{{"name":"s"}}}},"value":{bound}}}]"#
        ));
        evaluate(&condition, &json!([]), &claims).expect("evaluated").rank() == 1
    };
    assert!(holds("EQUALITY_CONDITION", "whole", "320.0") && holds("EQUALITY_CONDITION", "whole", "3.2e2"));
    assert!(holds("EQUALITY_CONDITION", "float", "2.5") && !holds("EQUALITY_CONDITION", "float", "2.51"));
    assert!(holds("EQUALITY_CONDITION", "zero", "0") && holds("EQUALITY_CONDITION", "large", "9007199254740992"));
    assert!(holds("LARGER_THAN_CONDITION", "whole", "319.99") && !holds("LARGER_THAN_CONDITION", "whole", "320"));
}

#[test]
fn claims_are_encrypted_as_the_texts_of_javascript() {
    let key = DecryptionKey::generate().expect("a key");
    let claims = Claims::new().custom("u:s", [("a", value("1.50")), ("b", value("1e2")), ("c", value("-0"))]);
    let encrypted = encrypt_fields(&claims, &key.encryption_key().expect("a key")).expect("encrypted");
    let opened = decrypt_fields(&encrypted, &key).expect("opened");
    assert_eq!(opened.expose(), &json!({"u:s": {"a": "1.5", "b": "100", "c": "0"}}));
    assert!(sha256_by_each_field(&json!({"a": "1.5"})).is_ok());
}

#[test]
fn verified_claims_keep_their_numbers() {
    for entries in [r#"{"verification":{"trust_framework":"x","n":1.5},"claims":{"n":2}}"#] {
        for text in [format!(r#"{{"verified_claims":{entries},"m":3}}"#), format!(r#"{{"verified_claims":[{entries}]}}"#)]
        {
            let read = ClaimSet::from_json(text.as_bytes()).expect("read");
            assert_eq!(read.to_json().expose(), &value(&text));
        }
    }
}

/// Tokens are read by the strict reader, which refuses a name that comes twice and nothing else.
#[test]
fn authentic_tokens_with_numbers_are_accepted() {
    let issuer = TokenIssuer::hmac(generate_secret(&Clock::system()).expect("a secret")).expect("an issuer");
    let subject = "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347";
    let more = json!({"tokenType": "ACCESS", "level": 1.5, "within": [{"n": 1}, {"n": -2e3}]});
    let token = issuer.issue(subject, Duration::from_secs(60), &more).expect("a token");
    let read = issuer.verifier().access(token.expose()).expect("an authentic token is accepted");
    assert_eq!(read.holder().as_str(), subject);
    assert!(issuer.verifier().access(&format!("{}x", token.expose())).is_err());
}

/// Every case of every provider, with the results that the crate has by itself.
#[test]
fn the_vectors_come_out_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    for (name, passed) in [
        ("shuftipro", 96),
        ("credo360", 18),
        ("maya", 100),
        ("selfkey", 327),
        ("credify", 1159),
        ("wycheproof", 1350),
        ("openid-ida", 30),
    ] {
        let run = Command::new(env!("CARGO_BIN_EXE_conformance")).arg(folder.join(name)).output();
        let run = run.expect("the runner was started");
        let lines = String::from_utf8(run.stdout).expect("a text");
        let failures: Vec<_> = lines.lines().filter(|line| line.starts_with("FAILED")).collect();
        let sums = lines.lines().last().unwrap_or_default();
        assert!(sums.starts_with(&format!("{passed} passed, 0 failed, ")), "{name}: {sums}: {failures:#?}");
        assert!(run.status.success(), "{name}");
    }
}
