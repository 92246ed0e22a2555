//! A provider and a network that misbehave, on real sockets: what is repeated, what is not, and what is said of it.

use std::time::Duration;

use kyckit::{
    Error, ErrorKind,
    credify::{
        Client,
        claims::Claims,
        model::{NewOrder, OrderCompletion, PaymentRecipient, TransactionStatus, TransactionUpdate},
        money::{Currency, Duration as Term, DurationUnit, Money},
    },
    sandbox::{
        Fault, RetryAfter,
        credify::{Credify, MARKET_ID, USER_ID},
    },
};

use super::support::sandbox;

const OFFER: &str = "/v1/oidc-clients/offers/offer-1";
const ORDERS: &str = "/v1/integration/bnpl-consumers/orders";

#[tokio::test]
async fn reading_is_tried_again_and_the_second_answer_counts() {
    for fault in [
        Fault::on(OFFER).reset_before_reading(),
        Fault::on(OFFER).reset(),
        Fault::on(OFFER).close(),
        Fault::on(OFFER).truncate(),
        Fault::on(OFFER).status(503),
        Fault::on(OFFER).html(502),
        Fault::on(OFFER).rate_limited(RetryAfter::Seconds(2)),
    ] {
        let (sandbox, client, _) = sandbox().await;
        sandbox.inject(fault.clone());
        client.offer("offer-1").await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(sandbox.server().count("/v1/oidc-clients/offers/{code}"), 2, "{fault:?}");
    }
}

#[tokio::test]
async fn a_push_is_tried_again_with_the_same_tokens() {
    let (sandbox, _, _) = sandbox().await;
    let (clock, _) = kyckit::clock::Clock::frozen(super::support::unix(super::support::NOW));
    let market =
        sandbox.market_client_builder().options(super::support::options(clock)).build().expect("good");
    let path = format!("/v1/claim-providers/entities/{USER_ID}/claims");
    sandbox.inject(Fault::on(path.as_str()).after_effect().reset());
    let claims = Claims::new().phone("+84381234567");
    market.push_claims(MARKET_ID, USER_ID, &claims).await.expect("the second time");
    let bodies = sandbox.server().bodies(&path);
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1]);
}

/// Makes one of the calls that change something, and says where it goes.
async fn change(which: usize, client: &Client, id: &str) -> Result<(), Error> {
    let money = Money::new("1".parse().expect("a number"), Currency::Vnd).expect("money");
    let term = Term::new(1_u32, DurationUnit::Month).expect("a term");
    match which {
        0 => client.disburse(id).await.map(|_| ()),
        1 => client.revert_payment(id).await.map(|_| ()),
        2 => {
            let completion = OrderCompletion::new(money, 1.0, term.clone(), term, 1.0, "1", USER_ID);
            client.complete_order(id, &completion).await.map(|_| ())
        }
        3 => {
            let update = TransactionUpdate::new(TransactionStatus::Completed);
            client.update_transaction(id, &update).await.map(|_| ())
        }
        _ => {
            let recipient = PaymentRecipient::bank_account("Demo", "190", "", "Bank");
            client.create_order(&NewOrder::new("r", recipient)).await.map(|_| ())
        }
    }
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    for which in 0..5 {
        for fault in [
            Fault::on("/v1/*").after(1).after_effect().reset(),
            Fault::on("/v1/*").after(1).truncate(),
            Fault::on("/v1/*").after(1).html(502),
            Fault::on("/v1/*").after(1).status(500),
        ] {
            let (sandbox, client, _) = sandbox().await;
            sandbox.inject(fault.clone());
            let error = change(which, &client, "some-id").await.expect_err("lost");
            // Of an unknown order, the truncated answer is a refusal.
            let is_refusal = error.status().is_some_and(|status| status.is_client_error());
            assert!(error.may_have_taken_effect() || is_refusal, "{which} {fault:?}: {error}");
            assert_eq!(error.attempts(), 1, "{which} {fault:?}");
            assert_eq!(sandbox.server().recorded().len(), 2, "the exchange, and the call once");
        }
    }
}

#[tokio::test]
async fn what_never_left_is_sent_again_whatever_it_is() {
    let (sandbox, client, _) = sandbox().await;
    client.access_token().await.expect("a token");
    drop(client);
    let (clock, _) = kyckit::clock::Clock::frozen(super::support::unix(super::support::NOW));
    let client =
        sandbox.client_builder().options(super::support::options(clock)).build().expect("good settings");
    sandbox.server().clear_log();
    let recipient = PaymentRecipient::bank_account("Demo", "190", "", "Bank");
    client.create_order(&NewOrder::new("r", recipient)).await.expect("made");
    assert_eq!(sandbox.server().count(ORDERS), 1);
    assert_eq!(nowhere().await.kind(), ErrorKind::Connect);
}

/// A call to a port without a listener.
async fn nowhere() -> Error {
    let sandbox = Credify::start().await.expect("a free port");
    let (clock, _) = kyckit::clock::Clock::frozen(super::support::unix(super::support::NOW));
    let client =
        sandbox.client_builder().options(super::support::options(clock)).build().expect("good settings");
    drop(sandbox);
    let error = client.offer("o").await.expect_err("no listener");
    assert!(!error.may_have_taken_effect() && error.is_retryable());
    error
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_nothing_is_shown_to_where_it_leads() {
    let (sandbox, client, _) = sandbox().await;
    let other = Credify::start().await.expect("a free port");
    sandbox.inject(Fault::on(OFFER).redirect(307, other.base_url().as_str()));
    sandbox.inject(Fault::on("/v1/token").redirect(308, other.base_url().as_str()));
    let error = client.offer("offer-1").await.expect_err("redirected");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Provider, Some("token")));
    let error = client.offer("offer-1").await.expect_err("redirected");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Provider, Some("offer")));
    sandbox.oidc_server().inject(Fault::on("/oauth2/token").redirect(302, other.base_url().as_str()));
    assert!(client.user_token("c", &"code".into(), "r").await.is_err());
    assert_eq!(other.server().recorded().len(), 0);
}

#[tokio::test]
async fn answers_without_end_are_not_read_to_their_end() {
    let (sandbox, client, _) = sandbox().await;
    for fault in [Fault::on(OFFER).endless(), Fault::on(OFFER).gzip_bomb(1 << 28)] {
        sandbox.inject(fault);
        assert_eq!(client.offer("offer-1").await.expect_err("too large").kind(), ErrorKind::TooLarge);
    }
    sandbox.revoke_access_tokens();
    sandbox.inject(Fault::on("/v1/token").oversize(1 << 20));
    let error = client.offer("offer-1").await.expect_err("too large");
    assert_eq!((error.kind(), error.operation()), (ErrorKind::TooLarge, Some("token")));
}

#[tokio::test]
async fn a_call_ends_when_its_time_is_over() {
    let sandbox = Credify::start().await.expect("a free port");
    let options = super::support::options(kyckit::clock::Clock::system())
        .attempt_timeout(Duration::from_millis(100))
        .deadline(Duration::from_millis(150));
    let client = sandbox.client_builder().options(options).build().expect("good settings");
    client.access_token().await.expect("a token");
    sandbox.inject(Fault::on(OFFER).times(3).stall());
    let error = client.offer("offer-1").await.expect_err("too late");
    assert!(error.is_timeout(), "{error}");
}
