//! A fake Credo360: users, challenges that expire and run out of attempts, passcodes, signatures that are checked.
//!
//! It follows the provider's page. What the page leaves open is decided here, so do not build on it: refusals are 400
//! for a wrong response, 404 for what is unknown, 409 for a challenge that was validated or is spent, 410 for one that
//! is past its time, 403 for users who are not valid, each with a body `{"error": "…"}`. A signature is one of the
//! nonce's bytes or text, in base64 or hex. Challenge ids hold `/`, `+` and `=`, so that a client that does not
//! percent-encode them is found out.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::{
//!     credo360::{Client, Method, Response},
//!     sandbox::credo360::Credo360,
//! };
//!
//! let sandbox = Credo360::start().await?;
//! let client = Client::builder(sandbox.client_id().clone())
//!     .base_url(sandbox.base_url().as_str())
//!     .build()?;
//! let handle = sandbox.handles().remove(0);
//! let mut challenge = client.challenge(&handle, &Method::Passcode).await?;
//! // What the user reads on the phone:
//! let passcode = sandbox.passcode(&handle).ok_or("no passcode was delivered")?;
//! let owned =
//!     client.validate(&mut challenge, &Response::passcode(passcode)).await?;
//! assert_eq!(owned.handle(), &handle);
//! # Ok(()) }
//! ```
//!
//! | behaviour | how to get it |
//! | --- | --- |
//! | a user | one of [`Credo360::handles`], or [`Builder::user`] and [`Credo360::add`] |
//! | what a user withholds, the second form of the response | [`User::withhold`], [`User::second_form`] |
//! | length, attempts and lifetime of passcodes | [`Builder`] |
//! | the passcode that reached a user | [`Credo360::passcode`]; without Rust, `GET /sandbox/passcodes/{handleId}` |
//! | what became of a challenge | [`Credo360::challenge`] |
//! | broken connections, lost responses, 429 | [`Credo360::inject`] |
//! | time passes | [`Builder::clock`] with a frozen clock |

mod fake;
#[cfg(any(feature = "jose", feature = "secp256k1"))]
mod key;
mod user;

use std::{io, sync::Arc, time::Duration};

use url::Url;

#[cfg(any(feature = "jose", feature = "secp256k1"))]
pub use key::PublicKey;
pub use user::User;

use self::fake::{Fake, Rules};
use super::{Fault, Person, ProviderInfo, Server, server::Bound};
use crate::{
    clock::Clock,
    credo360::{Delivery, HandleId, PROVIDER},
    privacy::Secret,
};

/// The client id that is known unless another is set.
pub const CLIENT_ID: &str = "sandbox-credo360-client";

/// The private key of the first default user: Ed25519 in PEM, test 2 of RFC 8032. It is published and guards nothing.
#[cfg(feature = "jose")]
pub const PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n\
    -----END PRIVATE KEY-----\n";

/// Builder of the fake; see [`Credo360::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    users: Vec<User>,
    rules: Rules,
    seed: u64,
    port: u16,
}

impl Builder {
    /// Adds a user; the first one takes the place of the three default ones.
    #[must_use]
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// The client id that is accepted. Default: [`CLIENT_ID`].
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<Secret>) -> Self {
        self.rules.client_id = client_id.into();
        self
    }

    /// The number of digits of a passcode. Default: 6.
    #[must_use]
    pub fn passcode_length(mut self, digits: u32) -> Self {
        self.rules.length = digits;
        self
    }

    /// Sets the maximum attempts of a passcode; `None` for any number. Default: 3.
    #[must_use]
    pub fn attempts(mut self, attempts: Option<u32>) -> Self {
        self.rules.attempts = attempts;
        self
    }

    /// Sets the time to live of a challenge; `None` for no end. Default: five minutes.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Option<Duration>) -> Self {
        self.rules.lifetime = lifetime;
        self
    }

    /// The clock by which challenges expire, and the source of passcodes. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.rules.clock = clock;
        self
    }

    /// Other seeds give other people. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The port on 127.0.0.1. Default: a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts it on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub async fn start(self) -> io::Result<Credo360> {
        let users = if self.users.is_empty() { defaults(self.seed) } else { self.users };
        let clock = self.rules.clock.clone();
        let fake = Arc::new(Fake::new(users, self.rules));
        let server = Bound::new(self.port).await?.serve(Arc::clone(&fake), clock);
        Ok(Credo360 { server, fake })
    }
}

/// A user who can do everything, one who withholds, one who is suspended.
fn defaults(seed: u64) -> Vec<User> {
    let user = |digits: u64, person: u64| {
        let handle = HandleId::new(format!("{digits:011}")).ok()?;
        Some(User::new(handle, Person::from_seed(seed.wrapping_mul(3).wrapping_add(person))))
    };
    let able = user(2_598_397_346, 0).map(|user| {
        #[cfg(feature = "jose")]
        let user = match PublicKey::of_ed25519(PRIVATE_KEY) {
            Ok(key) => user.key(key),
            Err(_) => user,
        };
        user
    });
    let reserved = user(2_598_397_347, 1).map(|user| {
        user.delivery(Delivery::Email).withhold("lastName").withhold("picture").withhold("age").second_form()
    });
    let suspended = user(2_598_397_348, 2)
        .map(|user| user.delivery(Delivery::Otp).status(crate::credo360::model::HandleStatus::Suspended));
    [able, reserved, suspended].into_iter().flatten().collect()
}

/// A running fake Credo360. It ends when this is dropped.
pub struct Credo360 {
    server: Server,
    fake: Arc<Fake>,
}

/// State of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChallengeState {
    /// The owner.
    pub handle: HandleId,
    /// Number of wrong responses.
    pub wrong: u32,
    /// Whether the right one has come.
    pub validated: bool,
}

impl Credo360 {
    /// A setup with three users.
    pub fn builder() -> Builder {
        Builder { users: Vec::new(), rules: Rules::default(), seed: 0, port: 0 }
    }

    /// Starts one on a free port.
    ///
    /// # Errors
    ///
    /// As [`Builder::start`].
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// The API's base, with a slash at its end.
    pub fn base_url(&self) -> &Url {
        self.server.base_url()
    }

    /// The client id that is accepted.
    pub fn client_id(&self) -> &Secret {
        self.fake.client_id()
    }

    pub(super) fn info(&self) -> ProviderInfo {
        ProviderInfo {
            provider: PROVIDER,
            base_url: self.base_url().clone(),
            settings: vec![
                ("CREDO360_BASE_URL", self.base_url().as_str().into()),
                ("CREDO360_CLIENT_ID", self.client_id().clone()),
            ],
        }
    }

    /// The Credo IDs of all users, in the order in which they were added. By default: a user with a verified identity,
    /// passcodes by text message and a registered [private key](PRIVATE_KEY); one with passcodes by mail and no key,
    /// who withholds some of the profile and is reported in the second form; one who is suspended.
    pub fn handles(&self) -> Vec<HandleId> {
        self.fake.handles()
    }

    /// Adds a user, or takes the place of the one with the same Credo ID.
    pub fn add(&self, user: User) {
        self.fake.add(user);
    }

    /// The passcode that reached the user last.
    pub fn passcode(&self, handle: &HandleId) -> Option<Secret> {
        self.fake.passcode(handle)
    }

    /// Returns the number of delivered passcodes.
    pub fn deliveries(&self, handle: &HandleId) -> usize {
        self.fake.deliveries(handle)
    }

    /// Returns the state of a challenge, by its id.
    pub fn challenge(&self, id: &str) -> Option<ChallengeState> {
        self.fake.challenge(id)
    }

    /// The server: its log, its recordings, its faults.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Short for [`Server::inject`].
    pub fn inject(&self, fault: Fault) {
        self.server.inject(fault);
    }
}

crate::privacy::redacted_debug!(Credo360 { server, .. });
