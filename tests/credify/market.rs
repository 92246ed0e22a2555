//! What a market answers when all is well, and what it keeps.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method};
use kyckit::{
    Error, ErrorKind,
    credify::{
        claims::{Claims, ProfileItem},
        encryption::{ClaimsFormat, decrypt_fields},
        keys::VerifyingKey,
        market::{
            Documents, Endpoint, Market, MemoryCommitments, MemoryOrders, MemoryUsers, SharedToken, User,
            axum::router,
        },
        offer::Rules,
        token::{
            claim::{ScopeHashMode, VerifiedClaimToken},
            disbursement::VerifiedDocuments,
        },
        userinfo::{ProviderKeys, UserInfoReader},
    },
    sandbox::{
        Fault,
        credify::{Credify, MARKET_ID, USER_ID},
    },
};
use serde_json::{Value, json};
use url::Url;

use super::market_support::{CLAIM, FRONT_END, SCOPE, Stage, user};

async fn serve(market: Market) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router(market)).await });
    address
}

/// Each stored commitment fits the token that the provider has.
fn assert_fitting(
    tokens: &[String],
    claims: &Claims,
    kept: &kyckit::credify::token::claim::Commitments,
    key: &VerifyingKey,
) {
    assert_eq!(tokens.len(), kept.len());
    for token in tokens {
        let token = VerifiedClaimToken::read(token, key).expect("the market's");
        let commitment = kept.get(token.scope()).expect("a commitment");
        assert!(
            token.matches_with(claims, commitment, &[ScopeHashMode::PerScope]).is_some(),
            "{}",
            token.scope()
        );
    }
}

#[tokio::test]
async fn claims_that_were_pushed_come_encrypted_with_their_commitments() {
    let stage = Stage::new().await;
    assert_eq!(stage.push().await, (200, json!({"credifyId": USER_ID})));
    let kept = stage.kept().await.expect("commitments");
    let claims = kyckit::credify::market::DisclosurePolicy::all().claims(&user("7"));
    assert_fitting(&stage.pushed(), &claims, &kept, &stage.sandbox.market_signing_key().verifying_key());

    let scopes = ["openid", "phone", SCOPE, "unknown:scope"];
    let (status, body) =
        stage.post("/v1/api/claims/request", "tok-claims", &stage.claims_call(&scopes)).await;
    assert_eq!(status, 200, "{body}");
    let opened = decrypt_fields(&body["data"]["claims"], &stage.reader).expect("for this key");
    let commitment = |scope: &str| kept.get(scope).expect("a commitment").expose().to_owned();
    assert_eq!(
        *opened.expose(),
        json!({
            // The claim's UUID is another than the scope's, and the commitment carries the scope's.
            SCOPE: {CLAIM: "12", format!("{SCOPE}:commitment"): commitment(SCOPE)},
            "phone": {"phone_number": "+84381234567", "phone_commitment": commitment("phone")},
        })
    );
    assert_eq!(
        body["data"]["verification_info"],
        json!({
            "phone": {"phone_number": "381234567", "country_code": "+84"},
            "email": {"email": "test@credify.one"},
            "profile": {"family_name": "Nguyễn", "given_name": "Minh Long"},
        })
    );
}

#[tokio::test]
async fn the_aggregated_form_is_read_and_verified_by_a_service_provider() {
    let stage = Stage::with(|builder| builder.claims_format(ClaimsFormat::Aggregated)).await;
    stage.push().await;
    let call = stage.claims_call(&["openid", "email", SCOPE]);
    let (status, body) = stage.post("/v1/encrypted-claims", "tok-claims", &call).await;
    assert_eq!(status, 200, "{body}");
    let claims = &body["data"]["claims"];
    assert_eq!(claims["_claim_names"][CLAIM], SCOPE);
    assert!(claims["_claim_sources"][SCOPE]["JWT"].is_string(), "{claims}");

    let provider = SCOPE.split_once(':').expect("a UUID").0;
    stage.known.entity(provider, stage.sandbox.market_signing_key());
    stage.known.entity(MARKET_ID, stage.sandbox.market_signing_key());
    let keys = ProviderKeys::new(&stage.known).standard_scopes_of(MARKET_ID);
    let reader = UserInfoReader::new(&stage.reader).verify_with(&keys);
    let info = reader.read(claims.clone()).await.expect("readable");
    assert_eq!(info.verified(SCOPE).expect("verified").expose()[CLAIM], "12");
    assert_eq!(info.verified("email").expect("verified").expose()["email"], "test@credify.one");
}

#[tokio::test]
async fn an_empty_list_of_items_shares_custom_scopes_alone() {
    let stage = Stage::with(|builder| builder.profile_items(ProfileItem::list("").expect("a list"))).await;
    stage.push().await;
    assert_eq!(stage.pushed().len(), 1);
    let call = stage.claims_call(&["openid", "phone", "profile", "email", "address"]);
    let (status, body) = stage.post("/v1/api/claims/request", "tok-claims", &call).await;
    assert_eq!((status, body), (200, json!({"data": {"verification_info": {}, "claims": {}}})));

    // User 8 has nothing at all: a push without a token.
    let call = json!({"id": "8", "credify_id": USER_ID});
    assert_eq!(stage.post("/v1/push-claims", FRONT_END, &call).await.0, 200);
    assert!(stage.pushed().is_empty());
}

#[tokio::test]
async fn claims_that_were_never_pushed_are_not_shared() {
    let stage = Stage::new().await;
    stage
        .database
        .users
        .insert(kyckit::credify::market::User { credify_id: Some(USER_ID.to_owned()), ..user("7") });
    let (status, body) =
        stage.post("/v1/api/claims/request", "tok-claims", &stage.claims_call(&["openid", "phone"])).await;
    assert_eq!((status, &body["data"]["claims"]), (200, &json!({})));
}

#[tokio::test]
async fn offers_are_filtered_in_order_with_all_else_untouched() {
    let stage = Stage::new().await;
    let condition = |value: &str| {
        json!({
            "kind": "EQUALITY_CONDITION", "value": value,
            "claim": {"name": CLAIM, "value_type": "TEXT", "scope": {"name": SCOPE}},
        })
    };
    let offers = json!([
        {"code": "b", "conditions": [condition("12"), condition("13")], "extra": {"a": [1, null]}},
        {"code": "no", "conditions": [condition("13")]},
        {"code": "a", "conditions": [null], "required_custom_scopes": [["email"]]},
        {"code": "none"},
    ]);
    let body = json!({"local_id": "7", "offers": offers});
    for path in ["/v1/api/offers/filter", "/v1/offers-filtering"] {
        let (status, answer) = stage.post(path, "tok-filter", &body).await;
        assert_eq!(status, 200, "{answer}");
        let evaluation =
            |rank: u8, used: &str| json!({"rank": rank, "used_scopes": [used], "requested_scopes": [used]});
        assert_eq!(
            answer,
            json!({"data": {"offers": [
                {"code": "b", "conditions": [condition("12"), condition("13")], "extra": {"a": [1, null]},
                 "evaluation_result": evaluation(1, SCOPE)},
                {"code": "a", "conditions": [null], "required_custom_scopes": [["email"]],
                 "evaluation_result": evaluation(1, "email")},
            ]}})
        );
    }
}

#[tokio::test]
async fn segments_count_users_but_those_that_are_left_out() {
    let stage = Stage::new().await;
    let ask =
        |ids: Value| json!({"ids": ids, "conditions": [null, {}], "required_custom_scopes": [[], [SCOPE]]});
    let counts = |answer: (u16, Value)| answer.1["data"]["counts"].clone();
    assert_eq!(
        counts(stage.post("/v1/api/offers/segment", "tok-counts", &ask(json!([]))).await),
        json!([2, 1])
    );
    stage.push().await;
    let without = ask(json!([USER_ID]));
    assert_eq!(counts(stage.post("/v1/user-counts", "tok-counts", &without).await), json!([1, 0]));
}

#[tokio::test]
async fn a_token_is_bound_to_the_address_when_the_market_says_its_own() {
    let body = json!({"local_id": "7", "offers": []});
    for (base, status) in [("https://market.example", 200), ("https://other.example/", 401)] {
        let stage = Stage::with(|builder| builder.base_url(base)).await;
        assert_eq!(stage.post("/v1/api/offers/filter", "tok-filter", &body).await.0, status, "{base}");
    }
}

#[tokio::test]
async fn the_prefix_is_the_applications() {
    let stage = Stage::with(|builder| builder.prefix("/market/api/")).await;
    assert_eq!(stage.get("/market/api/", "").await.0, 200);
    assert_eq!(stage.get("/", "").await.0, 200);
    assert_eq!(stage.get("/market/apis", "").await.0, 404);
    assert_eq!(stage.get("/v1/", "").await.0, 404);
    assert_eq!(stage.post("/market/api/push-claims", "", &json!({})).await.0, 401);
    let stage = Stage::with(|builder| builder.prefix("")).await;
    assert_eq!(stage.post("/push-claims", "", &json!({})).await.0, 401);
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_is_asked_wrongly_405() {
    let stage = Stage::new().await;
    assert_eq!(stage.get("/v1/nothing", FRONT_END).await, (404, json!({"message": "Not found"})));
    let answer = stage.market.answer(&Method::PUT, "/v1/orders", &HeaderMap::new(), b"").await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["allow"]),
        (405, &"GET, POST".parse().expect("it"))
    );
    // No page, no webhook, no address of intents: nothing of them is there.
    assert_eq!(stage.get("/v1/bnpl/orders/o-1/redirect", "").await.0, 404);
    assert_eq!(stage.post("/v1/webhook", "", &json!({})).await.0, 404);
    assert_eq!(stage.post("/v1/intents", FRONT_END, &json!({"request": {}})).await.0, 501);
}

#[tokio::test]
async fn a_person_who_pays_later_is_sent_on_with_the_message() {
    let stage = Stage::with(|builder| builder.bnpl_page("https://shop.example/done?lang=vi")).await;
    let target = "/v1/api/bnpl/orders/o-1/redirect?error_message=no%0D%0Amoney%26x=1";
    let answer = stage.market.answer(&Method::GET, target, &HeaderMap::new(), b"").await;
    let location = answer.headers()["location"].to_str().expect("ASCII");
    assert_eq!(answer.status().as_u16(), 302);
    assert_eq!(location, "https://shop.example/done?lang=vi&error_message=nomoney%26x%3D1");
}

#[tokio::test]
async fn calls_of_the_own_system_go_on_to_the_provider() {
    let stage = Stage::with(|builder| builder.forward(Endpoint::Intent, ["v1", "nowhere"])).await;
    let (status, body) = stage.post("/v1/offers", FRONT_END, &json!({"request": {"localId": "7"}})).await;
    assert_eq!((status, &body["data"]["offers"][0]["code"]), (200, &json!("offer-1")));
    let sent = stage.sandbox.server().bodies("/v1/claim-providers/offers");
    assert_eq!(serde_json::from_slice::<Value>(&sent[0]).expect("JSON"), json!({"local_id": "7"}));
    assert_eq!(stage.post("/v1/intents", FRONT_END, &json!({"request": {}})).await.0, 404);

    let product = "consumer-financing:unsecured-loan:bnpl";
    let inputs = json!({
        "transactionAmount": {"value": "100", "currency": "VND"}, "loanTenor": {"value": 10, "unit": "MONTH"},
    });
    for body in [
        json!({"productType": product, "providerIds": [], "inputs": inputs}),
        json!({"productType": product, "request": {"providerIds": [], "inputs": inputs}}),
    ] {
        let (status, answer) = stage.post("/v1/simulation", FRONT_END, &body).await;
        assert_eq!((status, &answer["success"]), (200, &json!(true)), "{answer}");
    }
}

struct Shelf;

impl Documents for Shelf {
    async fn fetch(&self, url: &Url) -> Result<Bytes, Error> {
        Ok(format!("%PDF-1.7 {}", url.path()).into())
    }
}

#[tokio::test]
async fn documents_of_an_order_are_pushed_and_handed_out_signed() {
    let stage = Stage::with(|builder| builder.documents(Shelf)).await;
    stage.push().await;
    let amount = json!({"value": "9000000", "currency": "VND"});
    let order = json!({"local_id": "7", "reference_id": "r-1", "total_amount": amount, "order_lines": [
        {"name": "Phone", "reference_id": "sku-1", "quantity": 1, "unitPrice": amount, "subtotal": amount},
    ]});
    let (status, order) = stage.post("/v1/orders", FRONT_END, &order).await;
    assert_eq!(status, 200, "{order}");
    let id = order["id"].as_str().expect("an id");
    assert_eq!(stage.get("/v1/orders", FRONT_END).await.1[0]["reference_id"], "r-1");

    let documents =
        json!({"invoice": "https://files.example/i.pdf", "delivery": "https://files.example/d.pdf"});
    let body = json!({"order_id": id, "documents": documents});
    let pushed = stage.post("/v1/push-disbursement-claims", FRONT_END, &body).await;
    assert_eq!(pushed, (200, json!({"credifyId": USER_ID})));
    assert_eq!(stage.pushed().len(), 2);
    // The user's own commitments stay beside those of the documents.
    assert_eq!(stage.kept().await.expect("commitments").len(), 5);

    let path = format!("/v1/api/bnpl/orders/{id}/disbursement-requirements");
    assert_eq!(stage.post(&path, "", &json!({})).await.0, 400);
    assert_eq!(stage.post(&path, "forged", &json!({})).await.0, 401);
    let (status, answer) = stage.post(&path, "tok-documents", &json!({})).await;
    assert_eq!(status, 200, "{answer}");
    let key = stage.sandbox.market_signing_key().verifying_key();
    let read = VerifiedDocuments::read(&answer, &key, None).expect("the market's");
    assert_eq!((read.order_id(), read.provider_id()), (id, MARKET_ID));
    let names: Vec<_> = read.documents().iter().map(|document| document.name.as_str()).collect();
    assert_eq!(names, ["invoice", "delivery"]);
    let tokens: Vec<_> =
        stage.pushed().iter().map(|token| VerifiedClaimToken::read(token, &key).expect("it")).collect();
    for (token, document) in tokens.iter().zip(read.documents()) {
        let member = format!("bnpl_order:{id}:{}", document.name);
        let claims = Claims::new().scope(
            member.as_str(),
            json!({member.as_str(): {
                "content_type": "pdf", "content": document.content.expose(),
            }}),
        );
        let commitment = kyckit::credify::token::claim::Commitment::new(
            document.commitment.clone().expect("a commitment"),
        );
        let fits = token.matches_with(&claims.expect("claims"), &commitment, &[ScopeHashMode::PerScope]);
        assert!(fits.is_some(), "{member}");
    }

    let bound = Stage::with(|builder| builder.documents(Shelf).bind_documents_to_order()).await;
    assert_eq!(bound.post(&path, "tok-documents", &json!({})).await.0, 401, "of another order");
}

#[tokio::test]
async fn a_push_whose_end_was_not_written_down_is_completed_with_the_same_tokens() {
    let stage = Stage::new().await;
    assert_eq!(stage.push().await.0, 200);
    let before = stage.kept().await.expect("commitments");
    stage.database.break_at(usize::MAX);
    stage.push().await;
    let uses = stage.database.uses();
    // The last use of the database writes the end down.
    stage.database.break_at(uses - 1);
    assert_eq!(stage.push().await.0, 500);
    stage.database.heal();
    let tokens = stage.pushed();

    // Another process starts over the same database.
    let recovered = stage.market.recover().await.expect("a database");
    assert_eq!((recovered.completed, recovered.abandoned, recovered.failed.len()), (1, 0, 0));
    assert_eq!(stage.pushed(), tokens, "the same tokens were put again");
    let kept = stage.kept().await.expect("commitments");
    assert_ne!(kept.get("phone").expect("it").expose(), before.get("phone").expect("it").expose());
    let claims = kyckit::credify::market::DisclosurePolicy::all().claims(&user("7"));
    assert_fitting(&tokens, &claims, &kept, &stage.sandbox.market_signing_key().verifying_key());
    assert_eq!(stage.market.recover().await.expect("a database").completed, 0);
}

#[tokio::test]
async fn an_earlier_push_under_way_is_completed_before_the_next_one() {
    let stage = Stage::new().await;
    stage.database.break_at(usize::MAX);
    stage.push().await;
    let uses = stage.database.uses();
    stage.database.break_at(uses - 1);
    assert_eq!(stage.push().await.0, 500);
    stage.database.heal();
    let puts = |stage: &Stage| {
        stage.sandbox.server().bodies(&format!("/v1/claim-providers/entities/{USER_ID}/claims"))
    };
    let before = puts(&stage);
    assert_eq!(stage.push().await.0, 200);
    let after = puts(&stage);
    assert_eq!(after.len(), before.len() + 2);
    assert_eq!(after[before.len()], before[before.len() - 1], "the earlier tokens again");
    assert_ne!(after[before.len() + 1], after[before.len()]);
    let claims = kyckit::credify::market::DisclosurePolicy::all().claims(&user("7"));
    let kept = stage.kept().await.expect("commitments");
    assert_fitting(&stage.pushed(), &claims, &kept, &stage.sandbox.market_signing_key().verifying_key());
}

#[tokio::test]
async fn a_push_that_the_provider_refuses_leaves_the_earlier_commitments() {
    let stage = Stage::new().await;
    stage.push().await;
    let before = stage.kept().await.expect("commitments");
    let path = format!("/v1/claim-providers/entities/{USER_ID}/claims");
    stage.sandbox.inject(Fault::on(path.as_str()).always().status(400));
    assert_eq!(stage.push().await, (500, json!({"message": "The request could not be completed"})));
    stage.sandbox.server().clear_faults();
    let kept = stage.kept().await.expect("commitments");
    assert_eq!(kept.get("phone").expect("it").expose(), before.get("phone").expect("it").expose());
    assert_eq!(stage.market.recover().await.expect("a database").completed, 0, "nothing is pending");

    // Where it is not known what became of it, it stays pending.
    stage.sandbox.inject(Fault::on(path.as_str()).always().status(503));
    assert_eq!(stage.push().await.0, 500);
    let recovered = stage.market.recover().await.expect("a database");
    assert_eq!((recovered.completed, recovered.failed.len()), (0, 1));
    stage.sandbox.server().clear_faults();
    assert_eq!(stage.market.recover().await.expect("a database").completed, 1);
}

#[tokio::test]
async fn pushes_of_one_user_at_once_leave_what_the_provider_has() {
    let stage = Stage::new().await;
    let pushes = (0..20).map(|_| stage.push());
    for (status, _) in futures_util::future::join_all(pushes).await {
        assert_eq!(status, 200);
    }
    let claims = kyckit::credify::market::DisclosurePolicy::all().claims(&user("7"));
    let kept = stage.kept().await.expect("commitments");
    assert_fitting(&stage.pushed(), &claims, &kept, &stage.sandbox.market_signing_key().verifying_key());
}

#[tokio::test]
async fn what_a_market_lacks_is_said_when_it_is_built() {
    let sandbox = Credify::start().await.expect("a sandbox");
    let client = || sandbox.market_client_builder().build().expect("a client");
    let whole = |builder: kyckit::credify::market::Builder| {
        builder
            .callers(SharedToken::new("x"))
            .users(MemoryUsers::new())
            .commitments(MemoryCommitments::new())
            .orders(MemoryOrders::new())
    };
    assert!(whole(Market::builder(client(), MARKET_ID)).build().is_ok());
    let unsigned = kyckit::credify::Client::builder("key").build().expect("a client");
    for builder in [
        whole(Market::builder(client(), "")),
        whole(Market::builder(unsigned, MARKET_ID)),
        whole(Market::builder(client(), MARKET_ID)).prefix("v1"),
        whole(Market::builder(client(), MARKET_ID)).bnpl_page("javascript:alert(1)"),
        Market::builder(client(), MARKET_ID),
        Market::builder(client(), MARKET_ID).users(MemoryUsers::new()),
    ] {
        assert_eq!(builder.build().expect_err("refused").kind(), ErrorKind::Configuration);
    }
}

#[tokio::test]
async fn the_router_serves_all_of_it_over_a_socket() {
    let stage = Stage::new().await;
    let address = serve(stage.market.clone()).await;
    let body = json!({"id": "7", "credify_id": USER_ID}).to_string();
    let raw = |target: &str, token: &str, body: &str| {
        format!(
            "POST {target} HTTP/1.1\r\nhost: market\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    let answer =
        super::market_bad_input::exchange(address, raw("/v1/api/claims/push", FRONT_END, &body)).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with(&json!({"credifyId": USER_ID}).to_string()), "{answer}");
    assert!(answer.contains("content-type: application/json\r\n"), "{answer}");
    let answer = super::market_bad_input::exchange(address, raw("/v1/api/claims/push", "other", &body)).await;
    assert!(answer.starts_with("HTTP/1.1 401 Unauthorized\r\n"), "{answer}");
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_ended() {
    let stage = Stage::with(|builder| {
        builder.push_delay(Duration::from_secs(3600)).request_timeout(Duration::from_millis(50))
    })
    .await;
    assert_eq!(stage.push().await, (503, json!({"message": "Try again later"})));
    assert!(stage.kept().await.is_none());
}

#[tokio::test]
async fn conditions_of_offers_are_read_by_the_rules_of_the_market() {
    let condition = json!({
        "kind": "LARGER_THAN_CONDITION", "value": "10",
        "claim": {"name": CLAIM, "value_type": "INTEGER", "scope": {"name": SCOPE}},
    });
    for (rules, count) in [(None, 0), (Some(Rules::new().coerce_numeric_text(true)), 1)] {
        let stage = Stage::with(|builder| match rules {
            Some(rules) => builder.rules(rules),
            None => builder,
        })
        .await;
        let custom = Claims::new().custom(SCOPE, [(CLAIM, 12)]);
        stage.database.users.insert(User { credify_id: Some(USER_ID.to_owned()), custom, ..user("7") });
        let segment = json!({"conditions": [condition], "required_custom_scopes": [[]]});
        let (_, answer) = stage.post("/v1/api/offers/segment", "tok-counts", &segment).await;
        assert_eq!(answer, json!({"data": {"counts": [count]}}));
        let evaluated = json!({"credify_id": USER_ID, "scopes": [SCOPE], "conditions": [condition]});
        let (_, answer) = stage.post("/v1/api/offers/evaluate", "tok-evaluate", &evaluated).await;
        assert_eq!(answer["data"]["rank"], count);
        let filtered = json!({"local_id": "7", "offers": [{"code": "a", "conditions": [condition]}]});
        let (_, answer) = stage.post("/v1/api/offers/filter", "tok-filter", &filtered).await;
        assert_eq!(answer["data"]["offers"].as_array().map(Vec::len), Some(count));
    }
}

#[test]
fn custom_claims_are_texts_numbers_and_flags() {
    let claims = Claims::new()
        .custom(
            "u:a",
            [("text", json!("12")), ("whole", json!(12)), ("float", json!(2.5)), ("flag", json!(true))],
        )
        .custom("u:b", [("null", json!(null))])
        .custom("u:c", [("nan", f64::NAN), ("float", 0.5)])
        .custom("u:d", [("text".to_owned(), "x".to_owned())]);
    assert_eq!(
        claims.to_value().expose(),
        &json!({
            "u:a": {"text": "12", "whole": 12, "float": 2.5, "flag": true}, "u:b": {}, "u:c": {"float": 0.5},
            "u:d": {"text": "x"},
        })
    );
}
