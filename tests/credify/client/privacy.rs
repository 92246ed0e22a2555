//! Whole flows under observation: whatever is printed, nothing personal and no secret is in it.

use kyckit::{
    credify::{
        AccessTokens, ErrorBody,
        authorization::AuthorizationRequest,
        claims::Claims,
        model::{
            EntityKeys, EntityName, EntityProfile, NewOrder, OfferQuery, PaymentRecipient, TransactionStatus,
            TransactionUpdate,
        },
        userinfo::UserInfoReader,
    },
    privacy::leak::Canaries,
    sandbox::credify::{ORGANISATION_API_KEY, ORGANISATION_ID, USER_ID},
    transport::MockResponse,
};

use super::support::{client, ok, sandbox};

const PHONE: &str = "+84398877665";
const NAME: &str = "Quirindela";
const EMAIL: &str = "quirindela.z@mailcanary.example";
const ACCOUNT: &str = "190-canary-7788";
const PASSWORD: &str = "passw0rd-canary";
const CODE: &str = "authorization-code-canary";
const SECRET_TEXT: &str = "provider-said-a-secret";

fn canaries() -> Canaries {
    Canaries::new([PHONE, NAME, EMAIL, ACCOUNT, PASSWORD, CODE, SECRET_TEXT, ORGANISATION_API_KEY, USER_ID])
}

#[tokio::test]
async fn nothing_leaks_on_the_way_from_a_url_to_userinfo() {
    let mut capture = canaries().capture();
    let (sandbox, client, _) = sandbox().await;
    let claims = Claims::new().phone(PHONE).email(EMAIL);
    sandbox.set_claims(USER_ID, claims.clone());
    let request =
        AuthorizationRequest::new(ORGANISATION_ID, "https://p.example/cb", ["openid", "phone", "email"])
            .user_id(USER_ID)
            .encrypted_for(sandbox.decryption_key().clone());
    capture.debug("the request", &request);
    let begun = client.authorization(&request).expect("a URL");
    capture.debug("the authorization", &begun);
    let agreed = sandbox.agree(begun.url.expose()).expect("agreed");
    capture.debug("what the sandbox gives", &agreed);
    let code = agreed.code.expect("a code");
    let token = client.user_token(ORGANISATION_ID, &code, "https://p.example/cb").await.expect("a token");
    let own = Canaries::new([
        token.access_token.expose(),
        begun.state.expose(),
        begun.nonce.expose(),
        code.expose(),
        agreed.approval_token.expose(),
    ]);
    let mut tokens = own.capture();
    for capture in [&mut capture, &mut tokens] {
        capture.debug("the request", &request);
        capture.debug("the authorization", &begun);
        capture.debug("the token", &token);
        capture.debug("the client", &client);
        capture.debug("the sandbox", &sandbox);
        capture.debug("the cache", &AccessTokens::new());
    }
    let reader = UserInfoReader::new(sandbox.decryption_key());
    let info = client.userinfo(&token.access_token, &reader).await.expect("userinfo");
    assert_eq!(info.scope("phone").expect("shared").expose()["phone_number"], PHONE);
    capture.debug("the answer", &info);
    capture.debug("the sealed answer", &client.sealed_userinfo(&token.access_token).await.expect("userinfo"));
    let error = client.user_token(ORGANISATION_ID, &CODE.into(), "r").await.expect_err("refused");
    capture.error("a spent code", &error);
    capture.assert_clean();
    tokens.assert_clean();
}

#[tokio::test]
async fn nothing_leaks_from_what_is_sent_and_what_is_answered() {
    let mut capture = canaries().capture();
    let order = format!(
        r#"{{"data":{{"id":"1","payment_recipient":{{"name":"{NAME}","number":"{ACCOUNT}"}},
            "bnpl_account_number":"{ACCOUNT}","note":"{EMAIL}"}}}}"#
    );
    let refusal = format!(
        r#"{{"errors":[{{"code":"BAD","message":"{SECRET_TEXT}","localized_message":{{"text":"{EMAIL}"}}}}]}}"#
    );
    let oidc = format!(
        r#"{{"error":"bad one {EMAIL}","error_description":"{SECRET_TEXT}","error_hint":"{PHONE}"}}"#
    );
    let (client, _, _) = client([
        ok(&order),
        MockResponse::json(400, refusal),
        MockResponse::json(400, oidc),
        ok(&format!(r#"{{"data":{{"offers":"{SECRET_TEXT}"}}}}"#)),
        ok(&format!(r#"{{"data":{{"active":true,"sub":"{USER_ID}","ext":{{"x":"{EMAIL}"}}}}}}"#)),
    ]);
    let recipient = PaymentRecipient::bank_account(NAME, ACCOUNT, "", "Bank");
    let new = NewOrder::new("1", recipient);
    capture.debug("an order to be made", &new);
    capture.debug("an order", &client.create_order(&new).await.expect("an order"));
    let query = OfferQuery::new("7").phone_number(PHONE).credify_id(USER_ID);
    capture.debug("a query", &query);
    let profile = EntityProfile::new().name(EntityName::new(NAME, NAME)).email(EMAIL).phone("+84", PHONE);
    capture.debug("a profile", &profile);
    capture.debug("keys", &EntityKeys::new("p", PASSWORD, "p", PASSWORD));

    let error = client.offers(&query).await.expect_err("refused");
    capture.error("a refusal", &error);
    capture.debug("what was said", &ErrorBody::of(&error));
    capture.debug("the fields", &error.fields());
    assert_eq!(error.provider_message(), Some(EMAIL), "it is there for who asks for it");
    let error = client.user_token("c", &CODE.into(), "r").await.expect_err("refused");
    capture.error("a refusal of the core", &error);
    capture.debug("what was said", &ErrorBody::of(&error));
    let error = client.offers(&query).await.expect_err("not understood");
    capture.error("an answer", &error);
    capture.debug("a token's state", &client.introspection(&PASSWORD.into()).await.expect("asked"));
    let update = TransactionUpdate::new(TransactionStatus::from(SECRET_TEXT.replace('-', " ").as_str()));
    capture.error("a wrong status", &client.update_transaction("t", &update).await.expect_err("refused"));
    capture.error("a wrong id", &client.orders(EMAIL).await.expect_err("refused"));
    let push = client.claim_push("m", USER_ID, &Claims::new().phone(PHONE)).expect("signed");
    capture.debug("a push", &push);
    capture.assert_clean();
    assert!(capture.len() > 10);
}
