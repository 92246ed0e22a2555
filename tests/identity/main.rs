//! What the neutral identity promises: that nothing becomes more than its provider said.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod blank_secrets;
mod capabilities;
mod claims;
mod json;
mod merge;
mod outcomes;
mod privacy;

use http::{HeaderMap, HeaderValue};
use kyckit::{
    clock::Clock,
    credify::{
        claims::Claims,
        encryption::encrypt_aggregated,
        keys::{DecryptionKey, SigningKey, VerifyingKey},
        userinfo::{ScopeKeys, UserInfo, UserInfoReader},
    },
    credo360::{self, HandleId, Method, Owner, Response},
    identity::Report,
    maya::Profile,
    sandbox::maya::Maya,
    selfkey::{
        Review, kyc_chain,
        relying_party::{Holder, TokenIssuer},
    },
    shuftipro::{
        self, VerificationResponse,
        signature::{Rule, sign},
    },
    transport::{MockResponse, MockTransport, Options},
    verified::{Verified, Verifier as _},
};
use serde_json::{Value, json};
use std::{
    sync::LazyLock,
    time::{Duration, SystemTime},
};

const NOW: u64 = 1_800_000_000;

fn unix(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn vector(path: &str) -> Value {
    let path = format!("{}/tests/vectors/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("a vector file")).expect("JSON")
}

/// A signed callback with this body, verified.
fn shuftipro_answer(body: &Value) -> Verified<VerificationResponse> {
    let secret = "secret-key".into();
    let body = body.to_string();
    let mut headers = HeaderMap::new();
    let signature = sign(body.as_bytes(), &secret, Rule::Hashed);
    headers.insert("signature", HeaderValue::try_from(signature).expect("a header"));
    let (clock, _) = Clock::frozen(unix(NOW));
    let options = Options::new().transport(MockTransport::new([])).clock(clock);
    let client = shuftipro::Client::builder("client-id", "secret-key")
        .options(options)
        .build()
        .expect("good settings");
    client.callbacks().verify(&headers, body.as_bytes()).expect("it is signed")
}

fn shuftipro_report(body: &Value) -> kyckit::Result<Report<Verified<VerificationResponse>>> {
    shuftipro_answer(body).into_report()
}

/// A user with a proven Credo ID, by a client with a frozen clock.
async fn credo360_owner(user: &Value, method: Method) -> Owner {
    let challenge = match method {
        Method::Signature => {
            json!({"challengeId": "c", "method": "signature", "validation": {"nonce": "3q2+7w"}})
        }
        _ => {
            json!({"challengeId": "c", "method": "passcode", "validation": {"length": 6, "delivery": "sms"}})
        }
    };
    let handle = user["handle"]["id"].as_str().expect("a Credo ID");
    let answers = [challenge, json!({"handleId": handle}), user.clone()];
    let memory = MockTransport::new(answers.map(|answer| MockResponse::json(200, answer.to_string())));
    let (clock, _) = Clock::frozen(unix(NOW));
    let options = Options::new().transport(memory).clock(clock);
    let client = credo360::Client::builder("client-id").options(options).build().expect("good settings");
    let handle = HandleId::new(handle).expect("a Credo ID");
    let mut challenge = client.challenge(&handle, &method).await.expect("a challenge");
    let response = match method {
        Method::Signature => Response::signature("signed"),
        _ => Response::passcode("123456"),
    };
    let owned = client.validate(&mut challenge, &response).await.expect("owned");
    client.owner(&owned).await.expect("the owner")
}

async fn credo360_report(user: &Value) -> Report<Owner> {
    credo360_owner(user, Method::Passcode).await.into_report()
}

/// A profile that the fake Maya encrypted and signed.
async fn maya_report(profile: &Value) -> Report<Verified<Profile>> {
    let (clock, _) = Clock::frozen(unix(NOW));
    let sandbox = Maya::builder().clock(clock.clone()).start().await.expect("a sandbox");
    sandbox.set_profile(7, profile.clone());
    let client =
        sandbox.client_builder().options(Options::new().clock(clock)).build().expect("good settings");
    let customer = client.customer(sandbox.issue(7), |_| async { Ok(()) });
    customer.profile().await.expect("a profile").into_report()
}

/// A profile in which everything was verified.
fn profile() -> Value {
    json!({
        "id": "a11938a3bcb675d92d7c1d0e4b71fee3f029", "profileId": "778307049099", "kycStatus": "KYC1",
        "name": {"firstName": "Ana", "middleName": "Cruz", "lastName": "Reyes", "verificationStatus": "PASSED"},
        "birthDetails": {"birthDate": "05-01-1980", "city": "Manila", "nationality": "PH", "country": "PH",
                         "verificationStatus": "PASS"},
        "contact": [
            {"type": "MSISDN", "subtype": "PRIMARY", "value": "+639170000001", "verificationStatus": "PASSED"},
            {"type": "EMAIL", "subtype": "PRIMARY", "value": "mailto:ana@example.com", "verificationStatus": "PASSED"},
            {"type": "EMAIL", "subtype": "RECOVERY", "value": "mailto:old@example.com", "verificationStatus": null}
        ],
        "address": [
            {"line1": "6F Launchpad Bldg", "locality": "Brgy. Highway Hills", "city": "Mandaluyong", "country": "PH",
             "type": "PRESENT", "zipCode": "0234", "region": "Metro Manila", "verificationStatus": "PASSED"}
        ],
        "workDetails": {"natureOfWork": "OTHERS", "natureOfWorkDetails": "Baker", "sourceOfIncome": "EMPLOYMENT",
                        "verificationStatus": "PASSED"},
        "identityDocument": [
            {"type": "PASSPORT", "value": "P1234567A", "expiryDate": "01-02-2033", "verificationStatus": "PASSED"}
        ]
    })
}

/// An application as KYC-Chain shows it.
async fn selfkey_review(application: &Value) -> Report<Review> {
    let memory = MockTransport::new([MockResponse::json(200, application.to_string())]);
    let (clock, _) = Clock::frozen(unix(NOW));
    let options = Options::new().transport(memory).clock(clock);
    let client = kyc_chain::Client::builder("https://kyc.example", "api-key").options(options);
    let client = client.build().expect("good settings");
    client.review("A1").await.expect("the application").into_report()
}

/// The holder of a wallet's access token that was issued and validated.
fn selfkey_holder() -> Holder {
    let secret = "gEJPmQNj2hpL4hpl3WDhxbMPDF7H/L7a15hsCIUHIt/qdUmkc8Umz3EVCdqxFZsPmMBFSnG+M5tbXVn3CUbJNQ==";
    let (clock, _) = Clock::frozen(unix(NOW));
    let issuer = TokenIssuer::hmac(secret).expect("a secret").clock(clock);
    let token = issuer.issue_access("did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347").expect("a token");
    issuer.verifier().access(token.expose()).expect("valid").holder().clone()
}

/// An application in which everything was handed in.
fn application(status: &Value) -> Value {
    let attribute = |name: &str, value: Value| json!({"schemaId": format!("http://platform.selfkey.org/schema/attribute/{name}.json"), "value": value});
    json!({
        "id": "A1", "currentStatus": status,
        "attributes": {
            "a": attribute("first-name", json!("Ada")),
            "b": attribute("last-name", json!("Byron")),
            "c": attribute("date-of-birth", json!("1985-12-10")),
            "d": attribute("nationality", json!({"country": "GB"})),
            "e": attribute("email", json!("ada@example.com")),
            "f": attribute("physical-address", json!({"address_line_1": "12 St James", "city": "London", "postalcode": "SW1"})),
            "g": attribute("passport", json!({"image": "f1", "issued": "2020-01-02", "expires": "2030-01-01"})),
        }
    })
}

static MARKET: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(&Clock::frozen(unix(NOW)).0).expect("a key"));

/// From the vectors: making one takes long.
static CONSUMER: LazyLock<DecryptionKey> = LazyLock::new(|| {
    let keys = vector("credify/encryption.json");
    let keys = keys["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["name"] == "rsa-2048").expect("a key of this name");
    let pem = key["private_pem"].as_str().expect("a text").into();
    DecryptionKey::from_pem(&pem, None).expect("a key")
});

/// Knows the market of these scopes, and of no other.
struct MarketOf(&'static [&'static str]);

impl ScopeKeys for MarketOf {
    async fn signing_key(&self, scope: &str) -> kyckit::Result<Option<VerifyingKey>> {
        let key = self.0.contains(&scope).then(|| MARKET.verifying_key());
        Ok(key)
    }
}

fn shared() -> Value {
    json!({
        "profile": {"given_name": "Minh Long", "family_name": "Nguyễn", "birthdate": "1991-12-25", "gender": "male"},
        "phone": {"phone_number": "+84381234567"},
        "email": {"email": "minh@example.com"},
        "address": {"address": {"formatted": "Quận 1, Hồ Chí Minh"}}
    })
}

/// What the market signed and encrypted, read with the market of these scopes known.
async fn credify_info(claims: &Value, known: &'static [&'static str]) -> UserInfo {
    let claims = Claims::from_value(claims.clone()).expect("claims");
    let key = CONSUMER.encryption_key().expect("a key");
    let mut body = encrypt_aggregated(&claims, &key, &MARKET).expect("encrypted");
    body["sub"] = "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512".into();
    let keys = MarketOf(known);
    UserInfoReader::new(&CONSUMER).verify_with(&keys).read(body).await.expect("an answer")
}
