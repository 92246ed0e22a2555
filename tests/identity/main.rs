//! What the neutral identity promises: that nothing becomes more than its provider said, whichever way it goes.

// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod capabilities;
mod claims;
mod json;
mod merge;
mod outcomes;
mod privacy;

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue};
use kyckit::{
    callback::{Verified, Verifier as _},
    clock::Clock,
    credo360::{self, HandleId, Method, Owner, Response},
    identity::Report,
    maya::Profile,
    sandbox::maya::Maya,
    shuftipro::{
        self, Answer,
        signature::{Rule, sign},
    },
    transport::{Canned, Memory, Options},
};
use serde_json::{Value, json};

const NOW: u64 = 1_800_000_000;

fn unix(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn vector(path: &str) -> Value {
    let path = format!("{}/tests/vectors/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).expect("a vector file")).expect("JSON")
}

/// A signed callback with this body, verified.
fn shuftipro_answer(body: &Value) -> Verified<Answer> {
    let secret = "secret-key".into();
    let body = body.to_string();
    let mut headers = HeaderMap::new();
    let signature = sign(body.as_bytes(), &secret, Rule::Hashed);
    headers.insert("signature", HeaderValue::try_from(signature).expect("a header"));
    let (clock, _) = Clock::frozen(unix(NOW));
    let options = Options::new().transport(Memory::new([])).clock(clock);
    let client = shuftipro::Client::builder("client-id", "secret-key")
        .options(options)
        .build()
        .expect("good settings");
    client.callbacks().verify(&headers, body.as_bytes()).expect("it is signed")
}

fn shuftipro_report(body: &Value) -> kyckit::Result<Report<Verified<Answer>>> {
    shuftipro_answer(body).into_report()
}

/// A user whose Credo ID's ownership was proven, by a client whose clock stands still.
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
    let memory = Memory::new(answers.map(|answer| Canned::json(200, answer.to_string())));
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
