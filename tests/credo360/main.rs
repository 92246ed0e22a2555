//! Credo360: what goes over the wire, what is proven, what is refused, what is counted, what leaks.
#![cfg(feature = "credo360")]
// A helper that cannot go on fails its test.
#![allow(clippy::expect_used, clippy::panic)]

mod challenge;
mod privacy;
#[cfg(all(feature = "jose", feature = "sandbox", feature = "secp256k1"))]
mod sandbox;
mod wire;

use std::time::{Duration, SystemTime};

use kyckit::{
    clock::{Clock, Frozen},
    credo360::{Challenge, Client, HandleId, Method},
    transport::{MockResponse, MockTransport, Options},
};

/// The answer of `GET /users/{handleId}` as documented.
const USER: &str = include_str!("../vectors/credo360/user.json");
/// The Credo ID of the provider's samples.
const HANDLE: &str = "02598397346";
/// A moment before [`EXPIRES`].
const NOW: u64 = 1_528_249_600;
/// `expiresAt` of the provider's sample.
const EXPIRES: u64 = 1_528_249_689;
/// The provider's sample of a passcode challenge.
const PASSCODE: &str = r#"{"challengeId":"Zi4czDlpdMdP3RRN9DQ","method":"passcode","expiresAt":1528249689,
    "validation":{"length":6,"attempts":3,"delivery":"sms"}}"#;
/// A nonce of 256 bits.
const SIGNATURE: &str = r#"{"challengeId":"abc/def+ghi=","method":"signature",
    "validation":{"nonce":"3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8="}}"#;
/// The sample of a validated challenge.
const VALIDATED: &str = r#"{"handleId":"02598397346"}"#;

fn unix(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn handle() -> HandleId {
    HANDLE.parse().expect("a Credo ID")
}

/// A client whose answers are given and whose clock stands at [`NOW`].
fn client(answers: impl IntoIterator<Item = MockResponse>) -> (Client, MockTransport, Frozen) {
    let memory = MockTransport::new(answers);
    let (clock, frozen) = Clock::frozen(unix(NOW));
    let options = Options::new().transport(memory.clone()).clock(clock);
    let client = Client::builder("client-4711").options(options).build().expect("good settings");
    (client, memory, frozen)
}

fn ok(body: &str) -> MockResponse {
    MockResponse::json(200, body.to_owned())
}

/// A client with a challenge, whose creation is the first thing that was sent.
async fn challenged(
    body: &str,
    answers: impl IntoIterator<Item = MockResponse>,
) -> (Client, Challenge, MockTransport, Frozen) {
    let (client, memory, frozen) = client(std::iter::once(ok(body)).chain(answers));
    let challenge = client.challenge(&handle(), &Method::Passcode).await.expect("a challenge");
    (client, challenge, memory, frozen)
}
