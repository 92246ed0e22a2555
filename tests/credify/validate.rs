//! The three tokens of a call for encrypted claims: each that is wrong is refused with the check that found it.

use std::time::Duration;

use kyckit::{
    Error, ErrorKind,
    credify::{
        keys::SigningKey,
        token::{ApprovalToken, RequestToken},
        validate::{ClaimsRequest, GrantedRequest, RequestValidator},
    },
    privacy::Secret,
};
use serde_json::json;

use crate::support::{
    CONSUMER, HEADER, Known, MARKET, NOW, OTHER_RSA, RSA, USER, at, clock, forge, signing_key,
};

/// A call in which everything is right, to be spoiled.
struct Call {
    access: &'static str,
    request: String,
    approval: String,
    user: &'static str,
}

fn request(payload: serde_json::Value) -> String {
    forge(&signing_key("consumer"), HEADER, &payload.to_string())
}

fn approval(payload: serde_json::Value) -> String {
    forge(&signing_key("user"), HEADER, &payload.to_string())
}

impl Call {
    fn good() -> Self {
        let key = OTHER_RSA.encryption_key().expect("the public half");
        let asked = RequestToken {
            client_id: CONSUMER,
            encryption_key: Some(&key),
            scopes: &["openid", "phone", "offer:o-1"],
        };
        let given = ApprovalToken {
            client_id: CONSUMER,
            entity_id: USER,
            scopes: &["openid", "phone", "email"],
            offer_code: Some("o-1"),
        };
        Self {
            access: "good",
            request: asked.sign(&signing_key("consumer"), &clock()).expect("signed").into_exposed(),
            approval: given.sign(&signing_key("user"), &clock()).expect("signed").into_exposed(),
            user: USER,
        }
    }

    async fn judge(&self, validator: RequestValidator) -> Result<GrantedRequest, Error> {
        let access = Secret::from(self.access);
        let call = ClaimsRequest {
            access_token: &access,
            request_token: &self.request,
            approval_token: &self.approval,
            user_id: self.user,
        };
        validator.validate(&Known, call).await
    }

    async fn refusal(&self) -> (ErrorKind, Option<&'static str>) {
        let error = self.judge(RequestValidator::new(clock())).await.expect_err("refused");
        assert_eq!(error.operation().filter(|_| error.provider().is_some()), Some("validate_request"));
        (error.kind(), error.check())
    }
}

#[tokio::test]
async fn a_call_in_order_says_what_to_encrypt_and_for_whom() {
    let granted = Call::good().judge(RequestValidator::new(clock())).await.expect("granted");
    assert_eq!(granted.scopes(), ["openid", "phone", "email"]);
    assert_eq!((granted.client_id(), *granted.user_id().expose()), (CONSUMER, USER));
    assert_eq!(granted.offer_code(), Some("o-1"));
    assert_eq!(granted.encryption_key().bits(), 2048, "the key of the request");

    let only = RequestValidator::new(clock()).only_requested_scopes().only_own_client();
    assert_eq!(Call::good().judge(only).await.expect("granted").scopes(), ["openid", "phone"]);

    let without = RequestToken { client_id: CONSUMER, encryption_key: None, scopes: &["openid"] };
    let request = without.sign(&signing_key("consumer"), &clock()).expect("signed").into_exposed();
    let granted = Call { request, ..Call::good() }.judge(RequestValidator::new(clock())).await;
    let known = RSA.encryption_key().and_then(|key| key.thumbprint()).expect("a thumbprint");
    assert_eq!(granted.expect("granted").encryption_key().thumbprint().expect("a thumbprint"), known);
}

#[tokio::test]
async fn an_access_token_that_is_not_good_is_refused_first() {
    let call = Call { access: "stale", request: "x".to_owned(), ..Call::good() };
    assert_eq!(call.refusal().await, (ErrorKind::Authentication, Some("access_token.inactive")));
}

#[tokio::test]
async fn an_active_access_token_of_another_scope_or_past_its_end_is_refused() {
    for (access, check) in [
        ("other-scope", "access_token.scope"),
        ("ended", "access_token.expired"),
        ("milliseconds", "access_token.time"),
    ] {
        for validator in [RequestValidator::new(clock()), RequestValidator::new(clock()).compatible()] {
            let error = Call { access, ..Call::good() }.judge(validator).await.expect_err(access);
            assert_eq!((error.kind(), error.check()), (ErrorKind::Authentication, Some(check)), "{access}");
        }
    }
    let not_ended = Call { access: "not-ended", ..Call::good() };
    assert!(not_ended.judge(RequestValidator::new(clock())).await.is_ok());
    let skewed = RequestValidator::new(clock()).clock_skew(Duration::from_secs(1));
    assert!(Call { access: "ended", ..Call::good() }.judge(skewed).await.is_ok());
}

#[tokio::test]
async fn expired_and_future_tokens_are_refused_to_the_second() {
    let times = |iat: u64| {
        let request = request(json!({"iss": CONSUMER, "iat": iat, "scopes": "openid"}));
        let approval = approval(json!({"client_id": CONSUMER, "iss": USER, "iat": iat, "scopes": "openid"}));
        [Call { request, ..Call::good() }, Call { approval, ..Call::good() }]
    };
    let [early, _] = times(NOW);
    assert!(early.judge(RequestValidator::new(clock())).await.is_ok());
    let [last, _] = times(NOW - 3599);
    assert!(last.judge(RequestValidator::new(clock())).await.is_ok());
    for call in times(NOW - 3600) {
        assert_eq!(call.refusal().await, (ErrorKind::Expired, Some("claim.expired")));
        let lenient = RequestValidator::new(clock()).clock_skew(Duration::from_secs(1));
        assert!(!matches!(call.judge(lenient).await, Err(error) if error.kind() == ErrorKind::Expired));
    }
    for call in times(NOW + 1) {
        assert_eq!(call.refusal().await, (ErrorKind::Signature, Some("claim.early")));
        let lenient = RequestValidator::new(clock()).clock_skew(Duration::from_secs(1));
        assert!(!matches!(call.judge(lenient).await, Err(error) if error.check() == Some("claim.early")));
    }
    assert!(Call::good().judge(RequestValidator::new(at(NOW + 3540))).await.is_err());
}

#[tokio::test]
async fn tokens_without_a_date_or_with_a_text_for_one_are_refused() {
    for (iat, check) in [
        (json!(null), "claim.missing"),
        (json!("1664236770"), "claim.missing"),
        (json!(true), "claim.missing"),
        (json!(NOW * 1000), "claim.out_of_range"),
        (json!(1e300), "claim.out_of_range"),
    ] {
        let request = request(json!({"iss": CONSUMER, "iat": iat, "scopes": "openid"}));
        let call = Call { request, ..Call::good() };
        assert_eq!(call.refusal().await, (ErrorKind::Decode, Some(check)), "{iat}");
        let approval =
            approval(json!({"client_id": CONSUMER, "iss": USER, "iat": iat, "scopes": "openid phone"}));
        let call = Call { approval, ..Call::good() };
        assert_eq!(call.refusal().await, (ErrorKind::Decode, Some(check)), "{iat}");
    }
}

#[tokio::test]
async fn approvals_that_are_bound_to_somebody_else_are_refused() {
    let with = |client: &str, issuer: &str, key: &SigningKey, scopes: &str| {
        let payload = json!({"client_id": client, "iss": issuer, "iat": NOW, "scopes": scopes});
        Call { approval: forge(key, HEADER, &payload.to_string()), ..Call::good() }
    };
    let (user, consumer) = (signing_key("user"), signing_key("consumer"));
    for (call, refusal) in [
        (with(MARKET, USER, &user, "openid phone"), (ErrorKind::Permission, Some("approval.client"))),
        (with(CONSUMER, CONSUMER, &consumer, "openid phone"), (ErrorKind::Permission, Some("approval.user"))),
        (with(CONSUMER, USER, &consumer, "openid phone"), (ErrorKind::Signature, Some("signature.mismatch"))),
        (with(CONSUMER, USER, &user, "openid"), (ErrorKind::Permission, Some("approval.scopes"))),
        (with(CONSUMER, USER, &user, "openid phones"), (ErrorKind::Permission, Some("approval.scopes"))),
        (with(CONSUMER, USER, &user, ""), (ErrorKind::Permission, Some("approval.scopes"))),
        (Call { user: MARKET, ..Call::good() }, (ErrorKind::Permission, Some("approval.user"))),
    ] {
        assert_eq!(call.refusal().await, refusal);
    }
    // Another approval of the user, for another client.
    let elsewhere =
        ApprovalToken { client_id: MARKET, entity_id: USER, scopes: &["openid", "phone"], offer_code: None };
    let approval = elsewhere.sign(&user, &clock()).expect("signed").into_exposed();
    let call = Call { approval, ..Call::good() };
    assert_eq!(call.refusal().await, (ErrorKind::Permission, Some("approval.client")));
}

#[tokio::test]
async fn requests_that_are_forged_or_ask_without_openid_are_refused() {
    let with = |key: &SigningKey, header: &str, payload: serde_json::Value| Call {
        request: forge(key, header, &payload.to_string()),
        ..Call::good()
    };
    let (consumer, user) = (signing_key("consumer"), signing_key("user"));
    let payload = json!({"iss": CONSUMER, "iat": NOW, "scopes": "openid"});
    let none = r#"{"alg":"none","typ":"JWT"}"#;
    for (call, refusal) in [
        (with(&user, HEADER, payload.clone()), (ErrorKind::Signature, Some("signature.mismatch"))),
        (with(&consumer, none, payload.clone()), (ErrorKind::Signature, Some("token.algorithm"))),
        (with(&consumer, r#"{"alg":"EdDSA"}"#, payload), (ErrorKind::Signature, Some("token.malformed"))),
        (
            with(&consumer, HEADER, json!({"iss": CONSUMER, "iat": NOW, "scopes": "phone"})),
            (ErrorKind::Permission, Some("request.openid")),
        ),
        (
            with(&consumer, HEADER, json!({"iss": CONSUMER, "iat": NOW, "scopes": ""})),
            (ErrorKind::Permission, Some("request.openid")),
        ),
        (
            with(&consumer, HEADER, json!({"iss": CONSUMER, "iat": NOW, "scopes": "openid  phone"})),
            (ErrorKind::Permission, Some("approval.scopes")),
        ),
        (
            with(&consumer, HEADER, json!({"iat": NOW, "scopes": "openid"})),
            (ErrorKind::Decode, Some("claim.missing")),
        ),
        (
            with(&consumer, HEADER, json!({"iss": "unknown", "iat": NOW, "scopes": "openid"})),
            (ErrorKind::NotFound, None),
        ),
    ] {
        assert_eq!(call.refusal().await, refusal);
    }
    let unsigned = Call::good().request.rsplit_once('.').map(|(signed, _)| format!("{signed}."));
    let call = Call { request: unsigned.expect("three parts"), ..Call::good() };
    assert_eq!(call.refusal().await, (ErrorKind::Signature, Some("signature.mismatch")));
    let deep =
        format!(r#"{{"iss":"{CONSUMER}","iat":{NOW},"x":{}1{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let call = Call { request: forge(&consumer, HEADER, &deep), ..Call::good() };
    assert_eq!(call.refusal().await, (ErrorKind::Signature, Some("token.malformed")));
}

#[tokio::test]
async fn a_key_that_is_no_rsa_key_is_not_encrypted_for() {
    for key in ["AAAA", &signing_key("consumer").verifying_key().to_base64url(), "not a key"] {
        let payload = json!({"iss": CONSUMER, "encryption_public_key": key, "iat": NOW, "scopes": "openid"});
        let call = Call { request: request(payload), ..Call::good() };
        assert_eq!(call.refusal().await.0, ErrorKind::Configuration, "{key}");
    }
}

#[tokio::test]
async fn the_caller_can_be_tied_to_the_request() {
    // The authority says that the access token is the consumer's.
    let payload = json!({"iss": MARKET, "iat": NOW, "scopes": "openid"});
    let request = forge(&signing_key("market"), HEADER, &payload.to_string());
    let approval = approval(json!({"client_id": MARKET, "iss": USER, "iat": NOW, "scopes": "openid"}));
    let call = Call { request, approval, ..Call::good() };
    assert!(call.judge(RequestValidator::new(clock())).await.is_ok());
    let error = call.judge(RequestValidator::new(clock()).only_own_client()).await.expect_err("refused");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Permission, Some("request.client")));
}

#[tokio::test]
async fn the_compatible_mode_does_the_checks_of_the_provider_and_no_others() {
    let compatible = || RequestValidator::new(clock()).compatible();
    let other_user = Call { user: MARKET, ..Call::good() };
    assert!(other_user.judge(compatible()).await.is_ok());
    let forged = Call { approval: "a.b.c".to_owned(), ..Call::good() };
    assert!(forged.judge(compatible()).await.is_err());
}
