//! The defects of the provider's own SDK that the client's side could have copied, each with the right behaviour. Their
//! numbers are those of the provider's page of this crate's contract; those of tokens and encryption are tested there.

use std::time::Duration;

use kyckit::{
    ErrorKind,
    clock::Clock,
    credify::{
        AccessTokens, Environment, Locale,
        authorization::{AuthorizationRequest, PhoneEncoding},
        model::{
            NewOrder, OfferQuery, OrderCompletion, PaymentRecipient, TransactionStatus, TransactionUpdate,
        },
        money::{Currency, Duration as Term, DurationUnit, Money},
    },
    sandbox::Fault,
    transport::MockResponse,
};

use super::support::{NOW, client, key, ok, options, sandbox, unix};

/// 1: the cache is keyed by the API key alone.
#[tokio::test]
async fn a_token_is_never_used_where_it_was_not_made() {
    let ((one, _, _), (two, _, _)) = (sandbox().await, sandbox().await);
    let tokens = AccessTokens::new();
    for sandbox in [&one, &two] {
        let (clock, _) = Clock::frozen(unix(NOW));
        let builder = sandbox.client_builder().locale(Locale::Vietnamese).signing_key(key());
        let client = builder.access_tokens(&tokens).options(options(clock)).build().expect("good settings");
        client.offer("offer-1").await.expect("with a token of its own");
    }
    assert_eq!((one.server().count("/v1/token"), two.server().count("/v1/token")), (1, 1));
}

/// 2: answers are understood only with the bare media type, and all keys are renamed.
#[tokio::test]
async fn json_is_json_whatever_it_is_called_and_keys_that_are_data_stay() {
    for media_type in ["application/json; charset=utf-8", "text/plain", "application/problem+json", ""] {
        let body = r#"{"data":{"offer":{"code":"o","by_scope":{"a_b":{"c_d":1}}}}}"#;
        let (client, _, _) = client([MockResponse::json(200, body).header("content-type", media_type)]);
        let offer = client.offer("o").await.expect("an offer");
        assert_eq!(offer.extra["by_scope"]["a_b"]["c_d"], 1, "{media_type}");
    }
}

/// 7: state and nonce come from a generator that can be predicted, and the nonce is not handed out.
#[test]
fn state_and_nonce_are_secrets_and_handed_out() {
    let (client, _, frozen) = client([]);
    let request = AuthorizationRequest::new("c", "r", ["openid"]).encrypted_for_key_on_record();
    frozen.seed(1);
    let one = client.authorization(&request).expect("a URL");
    frozen.seed(2);
    let two = client.authorization(&request).expect("a URL");
    assert_ne!(one.state.expose(), two.state.expose());
    assert!(one.url.expose().contains(&format!("&nonce={}&", one.nonce.expose())));
}

/// 8: zero amounts and durations are dropped, and so are invalid numbers.
#[tokio::test]
async fn zero_is_sent_and_what_is_no_number_is_refused() {
    let (client, memory, _) = client([ok(r#"{"success":true}"#), ok(r#"{"data":{"id":"o"}}"#)]);
    let zero = Money::new("0".parse().expect("a number"), Currency::Vnd).expect("money");
    let update = TransactionUpdate::new(TransactionStatus::Completed).transaction_amount(zero.clone());
    client.update_transaction("t", &update).await.expect("reported");
    let sent = memory.sent().pop().expect("sent");
    assert_eq!(
        &sent.body[..],
        br#"{"onboarding_status":"COMPLETED","transaction_amount":{"currency":"VND","value":"0"}}"#
    );
    let term = Term::new(0_u32, DurationUnit::Year).expect("a term");
    let completion = OrderCompletion::new(zero.clone(), 0.0, term.clone(), term, 0.0, "", "");
    client.complete_order("o", &completion).await.expect("completed");
    let sent: serde_json::Value =
        serde_json::from_slice(&memory.sent().pop().expect("sent").body).expect("JSON");
    assert_eq!(sent["repayment_duration"]["value"], "0");
    assert!("abc".parse::<kyckit::credify::money::Amount>().is_err());
    let term = Term::new(1_u32, DurationUnit::Day).expect("a term");
    let not_a_rate = OrderCompletion::new(zero, f64::NAN, term.clone(), term, 0.0, "", "");
    let error = client.complete_order("o", &not_a_rate).await.expect_err("refused");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
}

/// 12: the telephone number is encoded twice: compatible by default, single on demand.
#[test]
fn the_encoding_of_a_number_is_a_choice() {
    let (client, _, _) = client([]);
    let request =
        AuthorizationRequest::new("c", "r", ["openid"]).encrypted_for_key_on_record().phone_number("+84");
    let url = client.authorization(&request.phone_encoding(PhoneEncoding::Once)).expect("a URL").url;
    assert!(url.expose().contains("&phone_number=%2B84&"));
}

/// 13: only the first entry is kept, the hint is printed, an empty body is taken for a broken network.
#[tokio::test]
async fn an_empty_refusal_is_a_refusal_with_its_status() {
    let (client, _, _) = client([MockResponse::json(403, "")]);
    let error = client.offer("o").await.expect_err("refused");
    assert_eq!(
        (error.kind(), error.status().map(|status| status.as_u16())),
        (ErrorKind::Permission, Some(403))
    );
}

/// 14: no retry, a fixed timeout, no cancellation, path parts as they are.
#[tokio::test]
async fn a_caller_that_leaves_takes_nothing_along() {
    let (sandbox, client, _) = sandbox().await;
    sandbox.inject(Fault::on("/v1/token").delay(Duration::from_millis(200)));
    let query = OfferQuery::new("7");
    let cancelled = tokio::time::timeout(Duration::from_millis(20), client.offers(&query)).await;
    assert!(cancelled.is_err(), "it was still under way");
    client.offers(&query).await.expect("the next caller goes on");
    assert_eq!(sandbox.server().count("/v1/token"), 1, "with the exchange that was under way");
}

/// 18: the `tis` environments have no ecosystem, and the SDK then asks for the key of `undefined`.
#[test]
fn an_unknown_ecosystem_is_said_and_not_asked_for() {
    for environment in Environment::ALL {
        let is_tis = environment.as_str().starts_with("tis-");
        assert_eq!(environment.ecosystem_id().is_none(), is_tis, "{environment}");
    }
}

/// 19: UUIDs of versions 6 to 8 are refused.
#[tokio::test]
async fn new_uuids_are_uuids() {
    let (client, _, _) = client([ok(r#"{"data":{"orders":[]}}"#)]);
    client.orders("018f3c1e-7b1a-7000-8000-000000000000").await.expect("asked");
}

/// Nothing is repeated that the provider may have done, though the SDK's caller hears of a network failure only.
#[tokio::test]
async fn a_lost_answer_says_that_the_order_may_be_there() {
    let (sandbox, client, _) = sandbox().await;
    client.access_token().await.expect("a token");
    sandbox.inject(Fault::on("/v1/integration/bnpl-consumers/orders").after_effect().reset());
    let order = NewOrder::new("r", PaymentRecipient::bank_account("n", "1", "", "b"));
    let error = client.create_order(&order).await.expect_err("lost");
    assert!(error.may_have_taken_effect());
    assert_eq!(sandbox.server().count("/v1/integration/bnpl-consumers/orders"), 1);
}
