//! The bytes of each call: method, URL, headers, body. Expected values are the provider's, from its documentation.

use http::Method;
use kyckit::{
    ErrorKind,
    credify::{
        Locale,
        model::{
            CampaignFilter, NewOrder, NewOrderLine, OfferQuery, PaymentRecipient, ProductType, Purchase,
            TransactionStatus, TransactionUpdate,
        },
        money::{Currency, Money},
    },
    transport::{MockTransport, RawRequest, RecordedRequest},
};
use serde_json::json;

use super::support::{ACCESS_TOKEN, client, ok, over};

/// What was sent behind the exchange of the key.
fn last(memory: &MockTransport) -> RecordedRequest {
    memory.sent().pop().expect("something was sent")
}

fn header<'a>(sent: &'a RecordedRequest, name: &str) -> &'a str {
    sent.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

#[tokio::test]
async fn the_exchange_shows_the_key_and_every_other_call_the_token() {
    let (client, memory, _) = client([ok(r#"{"data":{"offer":{}}}"#)]);
    client.offer("o-1").await.expect("an offer");
    let [exchange, call] = &memory.sent()[..] else { panic!("two requests") };
    assert_eq!((&exchange.method, exchange.url.as_str()), (&Method::POST, "http://localhost:8000/v1/token"));
    assert_eq!(&exchange.body[..], b"{}");
    assert_eq!(header(exchange, "x-api-key"), "api-key");
    assert_eq!(header(exchange, "authorization"), "");
    assert_eq!(
        (&call.method, call.url.as_str()),
        (&Method::GET, "http://localhost:8000/v1/oidc-clients/offers/o-1")
    );
    assert_eq!(header(call, "authorization"), "Bearer t0ken");
    assert_eq!(header(call, "x-api-key"), "");
    for sent in [exchange, call] {
        assert_eq!(header(sent, "accept"), "application/json, text/plain, */*");
        assert_eq!(header(sent, "accept-language"), "en-US");
        assert_eq!(header(sent, "user-agent"), concat!("servicex/rust/", env!("CARGO_PKG_VERSION")));
    }
}

#[tokio::test]
async fn an_order_is_sent_in_the_documented_order_and_amounts_are_texts() {
    let (client, memory, _) = client([ok(r#"{"data":{"id":"x"}}"#)]);
    let money = |text: &str| Money::new(text.parse().expect("a number"), Currency::Vnd).expect("money");
    let line = NewOrderLine::new("iPhone", "r")
        .quantity("1")
        .unit_price(money("9000000"))
        .subtotal(money("0"))
        .measurement_unit("EA");
    let recipient = PaymentRecipient::bank_account("Demo", "190", "", "Techcombank");
    let order = NewOrder::new("1112", recipient).total_amount(money("30000000.00")).line(line);
    client.create_order(&order).await.expect("an order");
    assert_eq!(
        std::str::from_utf8(&last(&memory).body).expect("UTF-8"),
        concat!(
            r#"{"reference_id":"1112","total_amount":{"currency":"VND","value":"30000000.00"},"order_lines":["#,
            r#"{"name":"iPhone","reference_id":"r","quantity":"1","unit_price":{"currency":"VND","value":"9000000"},"#,
            r#""subtotal":{"currency":"VND","value":"0"},"measurement_unit":"EA"}],"payment_recipient":"#,
            r#"{"name":"Demo","number":"190","branch":"","bank":"Techcombank","type":"BANK_ACCOUNT"}}"#,
        )
    );
}

#[tokio::test]
async fn a_query_for_offers_holds_what_was_given_and_nothing_else() {
    let empty = r#"{"data":{"offers":[]}}"#;
    let (client, memory, _) = client([ok(empty), ok(empty)]);
    client
        .offers(&OfferQuery::new("7").phone_number("").country_code("").credify_id(""))
        .await
        .expect("none");
    assert_eq!(&last(&memory).body[..], br#"{"local_id":"7"}"#);
    let total = Money::new("1.50".parse().expect("a number"), Currency::Usd).expect("money");
    let query = OfferQuery::new("7")
        .phone_number("00381")
        .country_code("84")
        .credify_id("id")
        .product_types([ProductType::ConsumerBnpl, ProductType::from("new:kind")])
        .purchase(Purchase::new("PHONE", 2, total));
    client.offers(&query).await.expect("none");
    assert_eq!(
        std::str::from_utf8(&last(&memory).body).expect("UTF-8"),
        concat!(
            r#"{"local_id":"7","phone_number":"0381","country_code":"+84","credify_id":"id","#,
            r#""product_types":["consumer-financing:unsecured-loan:bnpl","new:kind"],"#,
            r#""bnpl":{"item_category":"PHONE","item_count":2,"total_amount":{"currency":"USD","value":"1.50"}}}"#,
        )
    );
}

#[tokio::test]
async fn what_stands_in_a_path_or_a_query_stays_in_its_place() {
    let (client, memory, _) = client([
        ok(r#"{"data":{"id":"a/b?c#d%2F é"}}"#),
        ok(r#"{"data":{"providers":[]}}"#),
        ok(r#"{"data":{}}"#),
    ]);
    client.order("a/b?c#d%2F é").await.expect("an order");
    assert_eq!(
        last(&memory).url.as_str(),
        "http://localhost:8000/v1/integration/bnpl-providers/orders/a%2Fb%3Fc%23d%252F%20%C3%A9"
    );
    client.completed_bnpl_providers("a&b=c d").await.expect("none");
    assert!(last(&memory).url.as_str().ends_with("?credify_id=a%26b%3Dc+d"));
    client.public_keys("x&entity_id=y").await.expect("none");
    assert!(last(&memory).url.as_str().ends_with("/v1/entity/public-key?entity_id=x%26entity_id%3Dy"));
}

#[tokio::test]
async fn ids_that_would_ask_for_something_else_are_refused_before_anything_is_sent() {
    let (client, memory, _) = client([]);
    let update = TransactionUpdate::new(TransactionStatus::Completed);
    for error in [
        client.order("").await.expect_err("refused"),
        client.order("..").await.expect_err("refused"),
        client.order_detail("").await.expect_err("refused"),
        client.disburse("").await.expect_err("refused"),
        client.revert_payment(".").await.expect_err("refused"),
        client.offer("").await.expect_err("refused"),
        client.public_keys("").await.expect_err("refused"),
        client.update_transaction("", &update).await.expect_err("refused"),
        client.orders("").await.expect_err("refused"),
        client.orders("not-a-uuid").await.expect_err("refused"),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0), "{error}");
        assert_eq!(error.provider().map(|provider| provider.as_str()), Some("credify"), "{error}");
        assert!(error.operation().is_some(), "{error}");
    }
    assert_eq!(memory.sent().len(), 0);
}

#[tokio::test]
async fn campaigns_come_page_after_page_and_only_as_far_as_they_are_asked_for() {
    use futures_util::TryStreamExt;

    let page = |ids: &[u8]| {
        let campaigns: Vec<_> = ids.iter().map(|id| json!({ "id": id.to_string() })).collect();
        ok(&json!({ "data": { "campaigns": campaigns, "total_count": 5 } }).to_string())
    };
    let (client, memory, _) = client([page(&[1, 2]), page(&[3, 4]), page(&[5])]);
    let filter = CampaignFilter::new().page_size(2);
    let mut campaigns = client.campaigns(&filter);
    assert_eq!(memory.sent().len(), 0, "a stream that is not polled does nothing");
    let first = campaigns.try_next().await.expect("a page").expect("a campaign");
    assert_eq!((first.id.as_deref(), memory.sent().len()), (Some("1"), 2));
    let rest: Vec<_> = campaigns.try_collect().await.expect("pages");
    assert_eq!(rest.iter().filter_map(|one| one.id.as_deref()).collect::<Vec<_>>(), ["2", "3", "4", "5"]);
    let queries: Vec<_> =
        memory.sent().iter().skip(1).filter_map(|sent| sent.url.query().map(str::to_owned)).collect();
    assert_eq!(
        queries,
        [1, 2, 3].map(|page| format!("page={page}&limit=2&campaign_status=APPROVED&offer_status=APPROVED"))
    );
}

#[tokio::test]
async fn campaigns_are_read_to_their_end_though_the_pages_are_shorter_than_was_asked_for() {
    use futures_util::{StreamExt, TryStreamExt};

    let page = |ids: std::ops::Range<u32>, total: Option<u32>| {
        let campaigns: Vec<_> = ids.map(|id| json!({ "id": id.to_string() })).collect();
        ok(&json!({ "data": { "campaigns": campaigns, "total_count": total } }).to_string())
    };
    for total in [Some(120), None] {
        let pages = [page(0..50, total), page(50..100, total), page(100..120, total), page(0..0, total)];
        let (client, _, _) = client(pages);
        let all: Vec<_> = client.campaigns(&CampaignFilter::new()).try_collect().await.expect("all");
        assert_eq!(all.len(), 120, "{total:?}");
    }
    let (client, _, _) = client([page(0..50, None), page(0..50, None), page(0..50, None)]);
    let read: Vec<_> = client.campaigns(&CampaignFilter::new()).collect().await;
    assert_eq!(read.len(), 51);
    let error = read[50].as_ref().expect_err("it brings nothing new");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Provider, Some("list.repeated")));
}

#[tokio::test]
async fn an_error_ends_the_stream_of_campaigns() {
    use futures_util::StreamExt;

    let (client, _, _) = client([ok(r#"{"data":{"campaigns":[{"id":"1"}]}}"#), ok(r#"{"data":{}}"#)]);
    let items: Vec<_> = client.campaigns(&CampaignFilter::new().page_size(1)).collect().await;
    assert_eq!(items.len(), 2);
    assert_eq!(items[1].as_ref().expect_err("refused").path(), Some("data.campaigns"));
}

#[tokio::test]
async fn another_language_goes_along_with_the_same_token() {
    let (client, memory, _) = client([ok(r#"{"data":{"offer":{}}}"#), ok(r#"{"data":{"offer":{}}}"#)]);
    client.offer("o").await.expect("an offer");
    client.in_language(&Locale::Vietnamese).expect("a language").offer("o").await.expect("an offer");
    assert_eq!(header(&last(&memory), "accept-language"), "vi-VN");
    assert_eq!(memory.sent().len(), 3, "one exchange");
    let error = client.in_language(&Locale::from("vi\nVN")).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[tokio::test]
async fn what_the_client_has_no_method_for_is_called_raw() {
    let (client, memory, _) = client([ok(r#"{"data":7}"#)]);
    let request = RawRequest::get(["v1", "some thing"]).query("a", "b c");
    let answer = client.raw(request).await.expect("an answer");
    assert_eq!(answer.json::<serde_json::Value>().expect("JSON")["data"], 7);
    assert_eq!(last(&memory).url.as_str(), "http://localhost:8000/v1/some%20thing?a=b+c");
    assert_eq!(header(&last(&memory), "authorization"), "Bearer t0ken");
}

#[tokio::test]
async fn what_the_provider_adds_is_kept_and_what_it_leaves_out_is_missed_by_name() {
    let (client, _, _) = client([
        ok(r#"{"data":{"offers":[{"code":5,"review_status":"HALF","ppi":1,"campaign":{"x":[]}}]},"more":1}"#),
        ok(r#"{"data":{"offers":{}}}"#),
        ok(r#"{"success":false,"errors":[{"code":"NO","message":"no"}]}"#),
    ]);
    let offers = client.offers(&OfferQuery::new("7")).await.expect("offers");
    assert_eq!(offers[0].code.as_deref(), Some("5"));
    assert!(offers[0].review_status.as_ref().is_some_and(|status| !status.is_known()));
    assert_eq!(offers[0].extra["ppi"], 1);
    let error = client.offers(&OfferQuery::new("7")).await.expect_err("refused");
    assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some("data.offers")));
    let error = client.offers(&OfferQuery::new("7")).await.expect_err("refused");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Provider, Some("NO")));
}

#[test]
fn a_client_that_cannot_work_is_not_built() {
    let memory = MockTransport::default();
    let refused = |builder: kyckit::credify::Builder| builder.build().expect_err("refused").kind();
    assert_eq!(refused(kyckit::credify::Client::builder("")), ErrorKind::Configuration);
    assert_eq!(refused(kyckit::credify::Client::builder("a\nb")), ErrorKind::Configuration);
    assert_eq!(refused(over(&memory).0.api_base("http://api.example.com")), ErrorKind::Configuration);
    assert_eq!(refused(over(&memory).0.oidc_base("nowhere")), ErrorKind::Configuration);
    assert_eq!(refused(over(&memory).0.locale(Locale::from("a\u{7f}"))), ErrorKind::Configuration);
    assert!(ACCESS_TOKEN.contains("access_token") && memory.sent().is_empty());
}
