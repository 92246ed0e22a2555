//! What the client's tests share.

use std::time::{Duration, SystemTime};

use kyckit::{
    clock::{Clock, Frozen},
    credify::{Builder, Client, Environment, keys::SigningKey},
    privacy::Secret,
    sandbox::credify::Credify,
    transport::{HttpSettings, MockResponse, MockTransport, Options},
};

/// A moment of the provider's own examples: 2022-09-27T00:00:00Z.
pub const NOW: u64 = 1_664_236_800;
pub const ACCESS_TOKEN: &str = r#"{"success":true,"data":{"access_token":"t0ken"}}"#;
/// RFC 8032 section 7.1, test 2.
const SEED: &str = "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs";

pub fn unix(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub fn key() -> SigningKey {
    SigningKey::from_seed(&Secret::from(SEED)).expect("a key")
}

pub fn ok(body: &str) -> MockResponse {
    MockResponse::json(200, body.to_owned())
}

/// A client over a transport in memory: the access token is there, then these answers.
pub fn client(answers: impl IntoIterator<Item = MockResponse>) -> (Client, MockTransport, Frozen) {
    let memory = MockTransport::new(std::iter::once(ok(ACCESS_TOKEN)).chain(answers));
    let (builder, frozen) = over(&memory);
    (builder.build().expect("good settings"), memory, frozen)
}

/// A builder of a client over this transport, with a clock that stands.
pub fn over(memory: &MockTransport) -> (Builder, Frozen) {
    let (clock, frozen) = Clock::frozen(unix(NOW));
    let options = Options::new().transport(memory.clone()).clock(clock);
    (Client::builder("api-key").environment(Environment::Local).signing_key(key()).options(options), frozen)
}

/// A sandbox and a client of its service provider, both on one clock that stands.
pub async fn sandbox() -> (Credify, Client, Frozen) {
    let (clock, frozen) = Clock::frozen(unix(NOW));
    let sandbox = Credify::builder().clock(clock.clone()).start().await.expect("a free port");
    let client = sandbox.client_builder().options(options(clock)).build().expect("good settings");
    (sandbox, client, frozen)
}

/// The options of a client on real sockets: its clock, and no proxy that the machine may name.
pub fn options(clock: Clock) -> Options {
    Options::new().clock(clock).http(HttpSettings::new().no_proxy())
}
