//! All calls that take an id, and clients of all providers over a transport in memory.

use std::time::{Duration, SystemTime};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use kyckit::{
    Error,
    clock::Clock,
    credify::{
        self, Environment,
        claims::Claims,
        keys::SigningKey,
        model::{OrderCompletion, ProductType, TransactionStatus, TransactionUpdate},
        money::{Currency, Duration as Term, DurationUnit, Money},
    },
    credo360::{self, HandleId, Method, Response},
    maya,
    privacy::Secret,
    selfkey::{
        self, NewMember, RelyingPartyConfig, WalletKey,
        attribute::AttributeType,
        kyc_chain::{self, Attachment, NewAttribute, NewQuestion, user_data::Reader, webhook::StatusHint},
        model::{ApplicationUpdate, Status, TemplateId},
    },
    shuftipro,
    transport::{MockResponse, MockTransport, Options, Retry, Upload},
};
use serde_json::{Value, json};

/// A moment before the end of everything that ends here.
pub const NOW: u64 = 1_528_249_600;
/// The secret key of the Shufti Pro account.
pub const SECRET: &str = "s3cret-key";

pub fn ok(body: impl Into<String>) -> MockResponse {
    MockResponse::json(200, body.into())
}

pub fn clock() -> Clock {
    Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW)).0
}

pub fn options(memory: &MockTransport) -> Options {
    Options::new().transport(memory.clone()).clock(clock()).retry(Retry::never())
}

pub fn kycc(memory: &MockTransport) -> kyc_chain::Client {
    kyc_chain::Client::builder("https://kyc.example", "key")
        .options(options(memory))
        .build()
        .expect("a client")
}

pub fn reader(memory: &MockTransport) -> Reader {
    Reader::builder("https://kyc.example").options(options(memory)).build().expect("a reader")
}

pub fn wallet(memory: &MockTransport) -> selfkey::Client {
    let key = WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4")
        .expect("a key");
    let config = RelyingPartyConfig::new("https://rp.example/api");
    selfkey::Client::builder(config, key.did(), key.clone())
        .options(options(memory))
        .build()
        .expect("a client")
}

pub fn credo360(memory: &MockTransport) -> credo360::Client {
    credo360::Client::builder("client-4711").options(options(memory)).build().expect("a client")
}

pub fn credify(memory: &MockTransport) -> credify::Client {
    let key =
        SigningKey::from_seed(&Secret::from("TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs")).expect("a key");
    credify::Client::builder("api-key")
        .environment(Environment::Local)
        .signing_key(key)
        .options(options(memory))
        .build()
        .expect("a client")
}

pub fn shuftipro(memory: &MockTransport) -> shuftipro::Client {
    shuftipro::Client::builder("client-id", SECRET).options(options(memory)).build().expect("a client")
}

pub fn maya(memory: &MockTransport) -> maya::Client {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/maya/keys.json");
    let keys: Value = serde_json::from_slice(&std::fs::read(path).expect("a vector file")).expect("JSON");
    maya::Client::builder("client-1", "s3cret")
        .token_url("https://connect.example.com/oauth/token")
        .keys(keys["jwe_private_jwk"].to_string(), keys["jws_secret_jwk"].to_string())
        .options(options(memory))
        .build()
        .expect("a client")
}

/// A token with this payload; nobody here checks its signature.
pub fn token(payload: &str) -> String {
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.c2ln", part(r#"{"alg":"HS512","typ":"JWT"}"#), part(payload))
}

/// The answers to a wallet's login.
pub fn login() -> Vec<MockResponse> {
    [json!({"nonce": "test"}), json!({"sub": "x", "exp": NOW + 3600})]
        .map(|payload| ok(json!({"jwt": token(&payload.to_string())}).to_string()))
        .into()
}

/// The exchange of an API key.
pub fn exchange() -> Vec<MockResponse> {
    vec![ok(r#"{"success":true,"data":{"access_token":"t0ken"}}"#)]
}

pub type Ran = BoxFuture<'static, Result<(), Error>>;

/// One call that takes an id.
pub struct Call {
    pub name: &'static str,
    /// How the field is called in the error that refuses the id.
    pub field: &'static str,
    /// What is answered before the call itself; ids of the provider's own come from here.
    pub before: fn(&str) -> Vec<MockResponse>,
    /// The answer to the call, which is about the id.
    pub answer: fn(&str) -> MockResponse,
    /// Whether the answer names the object.
    pub names_it: bool,
    pub run: fn(MockTransport, String) -> Ran,
}

macro_rules! call {
    ($name:literal, $field:literal, $before:expr, $names:literal, $answer:expr, |$memory:ident, $id:ident| $run:expr) => {
        Call {
            name: $name,
            field: $field,
            before: $before,
            answer: $answer,
            names_it: $names,
            run: |$memory, $id| Box::pin(async move { $run.map(drop) }),
        }
    };
}

fn nothing(_: &str) -> Vec<MockResponse> {
    Vec::new()
}

fn logged_in(_: &str) -> Vec<MockResponse> {
    login()
}

fn exchanged(_: &str) -> Vec<MockResponse> {
    exchange()
}

fn application(id: &str) -> MockResponse {
    ok(json!({"id": id, "currentStatus": 4, "attributes": {}}).to_string())
}

fn word(_: &str) -> MockResponse {
    MockResponse::json(201, "\"Created\"")
}

fn file(_: &str) -> MockResponse {
    MockResponse::json(200, &b"\x89PNG\r\n\x1a\n"[..]).header("content-type", "image/png")
}

fn order(id: &str) -> MockResponse {
    ok(json!({"success": true, "data": {"id": id}}).to_string())
}

fn user(id: &str) -> MockResponse {
    let mut user: Value = serde_json::from_str(include_str!("../vectors/credo360/user.json")).expect("JSON");
    user["handle"]["id"] = json!(id);
    ok(user.to_string())
}

fn challenge(id: &str) -> Vec<MockResponse> {
    let validation = json!({"length": 6, "attempts": 3, "delivery": "sms"});
    vec![ok(json!({"challengeId": id, "method": "passcode", "validation": validation}).to_string())]
}

/// What a user's data starts with: the login, then the list whose first entry is read.
fn listed(id: &str) -> Vec<MockResponse> {
    vec![
        ok(r#"{"user":{"_id":"U1"}}"#).header("set-cookie", "sid=1; Path=/"),
        ok(json!([{"id": id, "currentStatus": 4}]).to_string()),
    ]
}

/// The same with an application that refers to a file.
fn with_file(id: &str) -> Vec<MockResponse> {
    let value = json!({"mimeType": "image/png", "size": 8, "content": id});
    let attributes = json!({"a": {"schema": "http://platform.selfkey.org/schema/file.json", "value": value}});
    let mut before = listed("A1");
    before.push(ok(json!({"id": "A1", "currentStatus": 4, "attributes": attributes}).to_string()));
    before
}

async fn user_data(memory: MockTransport) -> Result<(), Error> {
    let token = Secret::new(token(r#"{"sub":"U1"}"#));
    let kept = |_| async { Ok(json!("kept")) };
    reader(&memory).user_data(&token, "T1", &kept).await.map(drop)
}

fn completion() -> OrderCompletion {
    let money = Money::new("105000".parse().expect("a number"), Currency::Vnd).expect("money");
    let month = |months: u32| Term::new(months, DurationUnit::Month).expect("a duration");
    OrderCompletion::new(
        money,
        5.6,
        month(12),
        month(1),
        0.2,
        "1234567",
        "55b84cff-664b-406e-86d4-9f63d8f15717",
    )
}

fn handle(id: &str) -> Result<HandleId, Error> {
    HandleId::new(id)
}

/// Every call that has an id in its path.
pub fn in_paths() -> Vec<Call> {
    vec![
        call!("kycc.application", "id", nothing, true, application, |memory, id| kycc(&memory)
            .application(&id, &[])
            .await),
        call!("kycc.update_application", "id", nothing, true, application, |memory, id| {
            kycc(&memory).update_application(&id, [("a".to_owned(), json!(1).into())]).await
        }),
        call!("kycc.change_status", "id", nothing, true, application, |memory, id| {
            kycc(&memory).change_status(&id, Status::Approved, None).await
        }),
        call!("kycc.confirm", "id", nothing, true, application, |memory, id| {
            let body = json!({"applicationId": id, "status": 2}).to_string();
            StatusHint::read(body.as_bytes())?.confirm(&kycc(&memory), &[]).await
        }),
        call!("kycc.add_attribute", "id", nothing, false, word, |memory, id| {
            kycc(&memory)
                .add_attribute(&id, &NewAttribute::new(AttributeType::PhoneNumber.schema_id(), "Phone"))
                .await
        }),
        call!("kycc.invalidate_attributes", "id", nothing, false, word, |memory, id| {
            kycc(&memory).invalidate_attributes(&id, &["a"]).await
        }),
        call!("kycc.add_question", "id", nothing, false, word, |memory, id| {
            kycc(&memory).add_question(&id, &NewQuestion::select("a", "b", ["c"])).await
        }),
        call!("kycc.invalidate_questions", "id", nothing, false, word, |memory, id| {
            kycc(&memory).invalidate_questions(&id, &["a"]).await
        }),
        call!("kycc.add_attachment", "id", nothing, false, word, |memory, id| {
            let report = Attachment::new("application/pdf", Upload::bytes("%PDF"));
            kycc(&memory).add_attachment(&id, "credential", &report).await
        }),
        call!("kycc.file", "id", nothing, false, file, |memory, id| kycc(&memory).file(&id).await),
        call!("kycc.user", "id", nothing, true, |id| ok(json!({"_id": id}).to_string()), |memory, id| {
            kycc(&memory).user(&id, &[]).await
        }),
        call!("user_data, application", "id", listed, true, application, |memory, _id| user_data(memory)
            .await),
        call!("user_data, file", "id", with_file, false, file, |memory, _id| user_data(memory).await),
        call!(
            "wallet.template",
            "id",
            nothing,
            true,
            |id| ok(json!({"id": id, "attributes": []}).to_string()),
            |memory, id| { wallet(&memory).template(&TemplateId::from(id)).await }
        ),
        call!("wallet.application", "id", logged_in, true, application, |memory, id| wallet(&memory)
            .application(&id)
            .await),
        call!("wallet.update_application", "id", logged_in, true, application, |memory, id| {
            wallet(&memory).update_application(&id, &ApplicationUpdate::new("T1")).await
        }),
        call!("wallet.record_payment", "id", logged_in, false, word, |memory, id| {
            wallet(&memory).record_payment(&id, "0x5f").await
        }),
        call!("wallet.messages", "id", logged_in, false, |_| ok("[]"), |memory, id| wallet(&memory)
            .messages(&id)
            .await),
        call!("wallet.post_message", "id", logged_in, false, word, |memory, id| {
            wallet(&memory).post_message(&id, "hello").await
        }),
        call!("wallet.change_status", "id", logged_in, false, word, |memory, id| {
            wallet(&memory).change_status(&id, Status::Canceled, None).await
        }),
        call!("wallet.cancel_application", "id", logged_in, false, word, |memory, id| {
            wallet(&memory).cancel_application(&id, None).await
        }),
        call!("wallet.add_requirement", "id", logged_in, false, word, |memory, id| {
            wallet(&memory).add_requirement(&id, AttributeType::ExternalDocument).await
        }),
        call!(
            "wallet.upload_additional_files",
            "id",
            |id| {
                let mut before = login();
                before.push(application(id));
                before
            },
            true,
            application,
            |memory, id| wallet(&memory).upload_additional_files(&id, &[]).await
        ),
        call!("wallet.add_member", "id", logged_in, false, |_| ok(r#"{"id":"M1"}"#), |memory, id| {
            wallet(&memory).add_member(&id, &NewMember::new("T1")).await
        }),
        call!(
            "wallet.file_link",
            "id",
            logged_in,
            false,
            |_| ok(r#"{"url":"https://x.example"}"#),
            |memory, id| { wallet(&memory).file_link(&id).await }
        ),
        call!("credify.push", "entity_id", exchanged, false, |_| ok(r#"{"success":true}"#), |memory, id| {
            credify(&memory).push_claims("market", &id, &Claims::new().phone("+84381234567")).await
        }),
        call!(
            "credify.update_transaction",
            "id",
            exchanged,
            false,
            |_| ok(r#"{"success":true}"#),
            |memory, id| {
                credify(&memory)
                    .update_transaction(&id, &TransactionUpdate::new(TransactionStatus::Completed))
                    .await
            }
        ),
        call!(
            "credify.offer",
            "offer_code",
            exchanged,
            true,
            |id| { ok(json!({"data": {"offer": {"code": id}}}).to_string()) },
            |memory, id| credify(&memory).offer(&id).await
        ),
        call!(
            "credify.simulate",
            "product_type",
            exchanged,
            false,
            |_| ok(r#"{"data":{}}"#),
            |memory, id| {
                credify(&memory).simulate(&ProductType::from(id), &[], &Default::default()).await
            }
        ),
        call!("credify.order", "order_id", exchanged, true, order, |memory, id| credify(&memory)
            .order(&id)
            .await),
        call!("credify.order_detail", "order_id", exchanged, true, order, |memory, id| {
            credify(&memory).order_detail(&id).await
        }),
        call!("credify.complete_order", "order_id", exchanged, true, order, |memory, id| {
            credify(&memory).complete_order(&id, &completion()).await
        }),
        call!("credify.revert_payment", "order_id", exchanged, true, order, |memory, id| {
            credify(&memory).revert_payment(&id).await
        }),
        call!("credify.disburse", "order_id", exchanged, true, order, |memory, id| credify(&memory)
            .disburse(&id)
            .await),
        call!(
            "credo360.authentication_methods",
            "handleId",
            nothing,
            false,
            |_| ok(r#"{"methods":[]}"#),
            |memory, id| { credo360(&memory).authentication_methods(&handle(&id)?).await }
        ),
        call!(
            "credo360.challenge",
            "handleId",
            nothing,
            false,
            |_| challenge("c").remove(0),
            |memory, id| { credo360(&memory).challenge(&handle(&id)?, &Method::Passcode).await }
        ),
        call!(
            "credo360.validate",
            "challengeId",
            challenge,
            false,
            |_| ok(r#"{"handleId":"02598397346"}"#),
            |memory, _id| {
                let client = credo360(&memory);
                let mut challenge = client.challenge(&handle("02598397346")?, &Method::Passcode).await?;
                client.validate(&mut challenge, &Response::passcode("783423")).await
            }
        ),
        call!("credo360.user", "handleId", nothing, true, user, |memory, id| credo360(&memory)
            .user(&handle(&id)?)
            .await),
    ]
}
