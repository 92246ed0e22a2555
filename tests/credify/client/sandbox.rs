//! Whole journeys against the fake Credify: what is pushed, agreed to, exchanged, shared, ordered.

use std::time::Duration;

use futures_util::TryStreamExt;
use kyckit::{
    ErrorKind,
    credify::{
        Client,
        authority::Authority,
        authorization::AuthorizationRequest,
        claims::Claims,
        encryption::ClaimsFormat,
        keys::VerifyingKey,
        model::{
            CampaignFilter, EntityKeys, EntityName, EntityProfile, NewOrder, OfferQuery, OrderCompletion,
            OrderStatus, PaymentRecipient, ProductType, SimulationInputs, TransactionStatus,
            TransactionUpdate,
        },
        money::{Currency, Duration as Term, DurationUnit, Money},
        permission,
        token::claim::{ScopeHashMode, VerifiedClaimToken},
        userinfo::{ProviderKeys, UserInfoReader},
        validate::{ClaimsRequest, RequestValidator},
    },
    sandbox::{
        Person, Sandbox,
        credify::{Agreed, Credify, MARKET_ID, ORGANISATION_ID, USER_ID},
    },
};
use serde_json::json;

use super::support::{NOW, options, sandbox, unix};

const REDIRECT: &str = "https://provider.example/cb";

fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(ORGANISATION_ID, REDIRECT, ["openid", "phone", "profile"])
}

fn market(sandbox: &Credify) -> Client {
    let (clock, _) = kyckit::clock::Clock::frozen(unix(NOW));
    sandbox.market_client_builder().options(options(clock)).build().expect("good settings")
}

fn agreed(sandbox: &Credify, client: &Client, request: AuthorizationRequest) -> Agreed {
    let begun = client.authorization(&request.encrypted_for_key_on_record()).expect("a URL");
    let agreed = sandbox.agree(begun.url.expose()).expect("agreed");
    assert!(begun.is_state(agreed.state.expose()));
    agreed
}

#[tokio::test]
async fn a_service_provider_comes_from_a_url_to_what_the_person_shares() {
    for format in [ClaimsFormat::FieldByField, ClaimsFormat::Aggregated] {
        let (clock, _) = kyckit::clock::Clock::frozen(unix(NOW));
        let sandbox =
            Credify::builder().clock(clock.clone()).claims_format(format).start().await.expect("a port");
        let client = sandbox.client_builder().options(options(clock)).build().expect("good settings");
        let agreed = agreed(&sandbox, &client, request().offer_code("offer-1"));
        let code = agreed.code.expect("a code");
        let token = client.user_token(ORGANISATION_ID, &code, REDIRECT).await.expect("a token");
        assert_eq!(token.scope.as_deref(), Some("openid phone profile offer:offer-1"));

        let keys = ProviderKeys::new(&client).standard_scopes_of(MARKET_ID);
        let reader = UserInfoReader::new(sandbox.decryption_key()).verify_with(&keys);
        let info = client.userinfo(&token.access_token, &reader).await.expect("userinfo");
        assert_eq!(info.format(), format);
        assert_eq!(info.subject().map(|subject| *subject.expose()), Some(USER_ID));
        let person = sandbox.person(USER_ID).expect("a person");
        let phone = info.scope("phone").expect("shared").expose();
        assert_eq!(phone["phone_number"].as_str(), Some(person.phone.expose().as_str()));
        assert!(phone["phone_commitment"].as_str().is_some_and(|text| text.len() == 43));
        assert!(info.scope("email").is_none(), "not asked for");
        assert_eq!(info.verified("phone").is_some(), format == ClaimsFormat::Aggregated);

        // The status of the offer's transaction can be reported.
        let transaction = info.transaction_id().expect("an id").to_owned();
        let update = TransactionUpdate::new(TransactionStatus::Completed);
        assert!(client.update_transaction(&transaction, &update).await.expect("reported"));
        assert_eq!(sandbox.transaction(&transaction).expect("known")["onboarding_status"], "COMPLETED");
    }
}

#[tokio::test]
async fn a_code_serves_once_for_its_client_and_its_way_back() {
    let (sandbox, client, _) = sandbox().await;
    let code = || agreed(&sandbox, &client, request()).code.expect("a code");
    let spent = code();
    client.user_token(ORGANISATION_ID, &spent, REDIRECT).await.expect("the first time");
    let error = client.user_token(ORGANISATION_ID, &spent, REDIRECT).await.expect_err("spent");
    assert_eq!(error.code(), Some("invalid_grant"));
    let error =
        client.user_token(ORGANISATION_ID, &code(), "https://other.example/").await.expect_err("refused");
    assert_eq!(error.code(), Some("invalid_grant"));
    let error = market(&sandbox).user_token(ORGANISATION_ID, &code(), REDIRECT).await.expect_err("refused");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("invalid_client")));
    let reader = UserInfoReader::new(sandbox.decryption_key());
    let error = client.userinfo(&"no token".into(), &reader).await.expect_err("refused");
    assert_eq!((error.kind(), error.code()), (ErrorKind::Authentication, Some("request_unauthorized")));
}

#[tokio::test]
async fn the_core_takes_no_url_that_the_client_did_not_sign_just_now() {
    let (sandbox, client, frozen) = sandbox().await;
    let request = request().encrypted_for_key_on_record();
    let url = client.authorization(&request).expect("a URL").url.into_exposed();
    assert!(sandbox.agree(&url).is_ok());
    assert!(sandbox.agree(&url.replace("scope=openid%20phone", "scope=openid%20email")).is_err());
    assert!(sandbox.agree(&url.replace("client_id=8e0b", "client_id=9e0b")).is_err());
    assert!(sandbox.agree("nowhere").is_err());
    frozen.advance(Duration::from_secs(3600));
    assert!(sandbox.agree(&url).is_err(), "an hour later");
}

#[tokio::test]
async fn a_browser_is_sent_back_as_the_url_says() {
    let (_sandbox, client, _) = sandbox().await;
    let http = |url: &str| {
        let url = url::Url::parse(url).expect("a URL");
        async move {
            let address = (url.host_str().expect("a host"), url.port().expect("a port"));
            let mut stream = tokio::net::TcpStream::connect(address).await.expect("connected");
            let target = &url[url::Position::BeforePath..];
            let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
            tokio::io::AsyncWriteExt::write_all(&mut stream, request.as_bytes()).await.expect("sent");
            let mut answer = String::new();
            tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await.expect("an answer");
            answer
        }
    };
    let url = |request: AuthorizationRequest| {
        client
            .authorization(&request.encrypted_for_key_on_record().state("st&te"))
            .expect("a URL")
            .url
            .into_exposed()
    };
    let answer = http(&url(request())).await;
    assert!(
        answer.starts_with("HTTP/1.1 302")
            && answer.contains("location: https://provider.example/cb?state=st%26te&code=")
    );
    let answer = http(&url(request().response_type("token").response_mode("fragment"))).await;
    assert!(answer.contains("location: https://provider.example/cb#state=st%26te&access_token="));
    let answer = http(&url(request().response_mode("form_post"))).await;
    assert!(
        answer.contains("action=\"https://provider.example/cb\"") && answer.contains("value=\"st&amp;te\"")
    );
}

#[tokio::test]
async fn what_a_market_pushes_can_be_checked_by_whoever_gets_it() {
    let (sandbox, _, _) = sandbox().await;
    let market = market(&sandbox);
    let claims = Claims::new().phone("+84381234567").email("jane.roe@example.com");
    let push = market.claim_push(MARKET_ID, USER_ID, &claims).expect("signed");
    market.push(&push).await.expect("pushed");
    market.push(&push).await.expect("the same push may be made again");
    let tokens = sandbox.claim_tokens(USER_ID);
    assert_eq!(
        tokens.iter().map(|token| token.expose()).collect::<Vec<_>>(),
        push.tokens().iter().map(|token| token.expose()).collect::<Vec<_>>()
    );
    let keys = market.public_keys(MARKET_ID).await.expect("keys");
    let key = VerifyingKey::from_pem(&keys.signing.expect("a key")).expect("a key");
    let shared = claims.only(&["email"]).with_commitments(push.commitments()).expect("pushed before");
    let token = VerifiedClaimToken::read(tokens[1].expose(), &key).expect("signed by the market");
    assert_eq!(token.matches(&shared, &[ScopeHashMode::PerScope]), Some(ScopeHashMode::PerScope));

    let error = market.push_claims("another market", USER_ID, &claims).await.expect_err("refused");
    assert_eq!(error.code(), Some("INVALID_CLAIM_TOKEN"));
    let error = market.push_disbursement_documents(MARKET_ID, USER_ID, &claims).await.expect_err("refused");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
}

#[tokio::test]
async fn a_market_finds_the_three_tokens_of_a_call_for_claims_in_order() {
    let (sandbox, client, frozen) = sandbox().await;
    let agreed = agreed(&sandbox, &client, request());
    let market = market(&sandbox);
    let call = ClaimsRequest {
        access_token: &agreed.market_token,
        request_token: agreed.request_token.expose(),
        approval_token: agreed.approval_token.expose(),
        user_id: agreed.user_id.expose(),
    };
    let (clock, _) = kyckit::clock::Clock::frozen(unix(NOW));
    let granted = RequestValidator::new(clock.clone()).only_own_client().validate(&market, call).await;
    let granted = granted.expect("in order");
    assert_eq!(granted.scopes(), ["openid", "phone", "profile"]);
    assert_eq!(granted.client_id(), ORGANISATION_ID);
    let other = ClaimsRequest { user_id: ORGANISATION_ID, ..call };
    assert!(RequestValidator::new(clock).validate(&market, other).await.is_err());
    frozen.advance(Duration::from_secs(3601));
    let token = market.introspect(&agreed.market_token, None).await.expect("asked");
    assert!(!token.active, "over");
}

#[tokio::test]
async fn a_presented_token_has_its_scope_and_its_audience() {
    let (sandbox, client, _) = sandbox().await;
    let scope = permission::presented::READ_FILTERED_OFFERS;
    let token = sandbox.present(MARKET_ID, scope, &["https://market.example/v1/api/offers/filter"]);
    assert!(client.is_active(&token, scope).await.expect("asked"));
    assert!(!client.is_active(&token, "claim_provider").await.expect("asked"));
    let known = client.introspection(&token).await.expect("asked");
    assert_eq!(known.audience, ["https://market.example/v1/api/offers/filter"]);
    assert!(!client.is_active(&"unknown".into(), scope).await.expect("asked"));
}

#[tokio::test]
async fn an_order_goes_its_way_and_no_other() {
    let (sandbox, client, _) = sandbox().await;
    let price = Money::new("9000000".parse().expect("a number"), Currency::Vnd).expect("money");
    let recipient = PaymentRecipient::bank_account("Demo", "190", "", "Techcombank");
    let order =
        client.create_order(&NewOrder::new("1", recipient).total_amount(price.clone())).await.expect("made");
    let id = order.id.expect("an id");
    assert_eq!(order.order_status, Some(OrderStatus::Pending));
    assert_eq!(client.disburse(&id).await.expect_err("too soon").kind(), ErrorKind::Conflict);
    let months = |count: u32| Term::new(count, DurationUnit::Month).expect("a term");
    let completion = OrderCompletion::new(price, 5.6, months(12), months(1), 0.2, "1234567", USER_ID);
    client.complete_order(&id, &completion).await.expect("completed");
    assert_eq!(
        client.complete_order(&id, &completion).await.expect_err("twice").code(),
        Some("INVALID_ORDER_STATUS")
    );
    let orders = client.orders(USER_ID).await.expect("orders");
    assert_eq!(orders.iter().filter_map(|order| order.id.as_deref()).collect::<Vec<_>>(), [id.as_str()]);
    let info = client.bnpl_info(&OfferQuery::new("7").credify_id(USER_ID)).await.expect("known");
    assert!(info.is_available && info.providers.len() == 1 && info.offers.len() == 1);
    assert_eq!(client.disburse(&id).await.expect("asked for").order_status, Some(OrderStatus::Disbursing));
    assert_eq!(client.revert_payment(&id).await.expect_err("too late").kind(), ErrorKind::Conflict);
    assert_eq!(client.order(&id).await.expect("known").order_status, Some(OrderStatus::Disbursing));
    assert_eq!(client.order_detail(&id).await.expect("known").id.as_deref(), Some(id.as_str()));
    assert_eq!(client.order("no such").await.expect_err("unknown").kind(), ErrorKind::NotFound);
    let _ = sandbox;
}

#[tokio::test]
async fn offers_campaigns_and_simulations_are_there() {
    let (sandbox, client, _) = sandbox().await;
    let offer = client.offer("offer-1").await.expect("known");
    assert!(offer.campaign.and_then(|campaign| campaign.consumer).is_some());
    let error = client.offer("offer-2").await.expect_err("unknown");
    assert_eq!((error.kind(), error.code()), (ErrorKind::NotFound, Some("OFFER_NOT_FOUND")));
    sandbox.set_offer("offer-2", json!({ "code": "offer-2" }));
    assert_eq!(client.offers(&OfferQuery::new("7")).await.expect("offers").len(), 2);
    sandbox.set_campaigns((0..7).map(|number| json!({ "id": number.to_string(), "status": "APPROVED" })));
    let filter = CampaignFilter::new().page_size(3);
    let campaigns: Vec<_> = client.campaigns(&filter).try_collect().await.expect("pages");
    assert_eq!(campaigns.len(), 7);
    assert_eq!(sandbox.server().count("/v1/oidc-clients/campaigns"), 3);
    let inputs = SimulationInputs::new()
        .transaction_amount(json!({ "value": "1200", "currency": "VND" }))
        .loan_tenor(json!({ "value": 12, "unit": "MONTH" }));
    let simulation = client.simulate(&ProductType::ConsumerBnpl, &["p"], &inputs).await.expect("simulated");
    assert_eq!(simulation.data()["simulations"][0]["monthly_payment"]["value"], "100");
}

#[tokio::test]
async fn an_entity_is_created_and_its_keys_are_known() {
    let (_sandbox, client, _) = sandbox().await;
    let profile =
        EntityProfile::new().name(EntityName::new("Jane", "Roe")).email("j@example.com").phone("+84", "1");
    let keys = EntityKeys::new("SP", "SS", "EP", "ES");
    let id = client.create_entity(&profile, &"password".into(), &keys).await.expect("created");
    let known = client.public_keys(id.expose()).await.expect("asked");
    assert_eq!(known.signing.as_deref(), Some("SP"));
    let error = client.create_entity(&EntityProfile::new(), &"p".into(), &keys).await.expect_err("refused");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0));
}

#[tokio::test]
async fn another_person_is_found_by_number_however_it_is_encoded() {
    use kyckit::credify::authorization::PhoneEncoding;

    let (sandbox, client, _) = sandbox().await;
    let person = Person::from_seed(99);
    let id = sandbox.add_user(person.clone()).expect("a wallet");
    for encoding in [PhoneEncoding::Once, PhoneEncoding::Twice] {
        let request = request().phone_number(person.phone.expose()).phone_encoding(encoding);
        assert_eq!(*agreed(&sandbox, &client, request).user_id.expose(), id);
    }
    assert_eq!(*agreed(&sandbox, &client, request().user_id(&id)).user_id.expose(), id);
    let begun =
        client.authorization(&request().user_id("unknown").encrypted_for_key_on_record()).expect("a URL");
    assert!(sandbox.agree(begun.url.expose()).is_err());
}

#[tokio::test]
async fn all_fakes_start_together_and_say_where_they_are() {
    let sandbox = Sandbox::start().await.expect("free ports");
    let providers = sandbox.providers();
    let credify =
        providers.iter().find(|sandbox| sandbox.provider.as_str() == "credify").expect("it is there");
    let names: Vec<_> = credify.settings.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "CREDIFY_MODE",
            "CREDIFY_API_BASE",
            "CREDIFY_OIDC_BASE",
            "CREDIFY_ORGANISATION_ID",
            "CREDIFY_API_KEY",
            "CREDIFY_SIGNING_KEY"
        ]
    );
}
