//! A fake KYC-Chain instance: the relying party that wallets log in to, and the two server-to-server APIs behind it.
//!
//! The relying party is this crate's own ([`relying_party`](crate::selfkey::relying_party)): signatures are checked,
//! challenges and tokens end, files and attributes are validated. What KYC-Chain's own servers do beyond that is known
//! from their callers only; statuses and texts of their rejections are made up here.
//!
//! | below the base | what |
//! | --- | --- |
//! | `api/v2` | the relying party, in today's dialect; with a cookie, the internal API |
//! | `documented` | the same relying party in the dialect of the older API page |
//! | `integrations/v2` | the integrations API, with the header `apiKey` |
//! | `sandbox/applications/{id}/status` | for clients in other languages: POST `{"code","note"}` moves an application |
//!
//! An application is moved on by [`SelfKey::set_status`], or by itself: each time the wallet reads it, it takes the
//! next step of [`Builder::progress`] afterwards. Each change is posted to the webhook.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::sandbox::selfkey::SelfKey;
//!
//! let sandbox = SelfKey::start().await?;
//! assert!(sandbox.root_endpoint().as_str().ends_with("/api/v2"));
//! # Ok(()) }
//! ```
//!
//! | behaviour | how to get it |
//! | --- | --- |
//! | templates | two by default ([`TEMPLATE`], and `1`); [`SelfKey::store`] adds others |
//! | what was signed up, uploaded, handed in | [`SelfKey::store`] |
//! | one attribute more is asked for | `store().request_attribute(…)` |
//! | a message of those who check | `store().write_message(…)` |
//! | a `did:selfkey` | [`Builder::controllers`] |
//! | broken connections, lost responses, 429 | [`SelfKey::inject`] |
//! | time passes | [`Builder::clock`] with a frozen clock |
//!
//! Responses are not signed, so the faults on signatures of [`Fault`] do nothing here.

mod instance;
mod integrations;
mod internal;
mod schemas;

use std::{io, sync::Arc, time::Duration};

use url::Url;

use self::instance::Fake;
use super::{Fault, RoomInfo, Server, server::Bound};
use crate::{
    clock::Clock,
    privacy::Secret,
    selfkey::{
        PROVIDER,
        attribute::MAX_FILE_BYTES,
        did::Controllers,
        relying_party::{ACCESS_TTL, CHALLENGE_TTL, Memory},
    },
};

/// The key of the integrations API. It guards nothing.
pub const API_KEY: &str = "sandbox-selfkey-api-key";

/// A wallet's private key for the examples. It is published with the crate and guards nothing.
pub const PRIVATE_KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";

/// The template that is there by default: names, an e-mail address, the country of residency, a passport.
pub const TEMPLATE: &str = "5d1fb6f2a1d0a54ba1fe7a11";

/// How the fake is set up; see [`SelfKey::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    settings: Settings,
    port: u16,
}

/// What the fake goes by.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    clock: Clock,
    challenge_ttl: Duration,
    access_ttl: Duration,
    max_file_bytes: u64,
    controllers: Controllers,
    progress: Vec<i64>,
    webhook: Option<Url>,
}

impl Builder {
    /// Sets the clock by which challenges and tokens end. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Sets how long a challenge can be answered. Default: half an hour.
    #[must_use]
    pub fn challenge_ttl(mut self, life: Duration) -> Self {
        self.settings.challenge_ttl = life;
        self
    }

    /// Sets how long an access token lives. Default: an hour.
    #[must_use]
    pub fn access_ttl(mut self, life: Duration) -> Self {
        self.settings.access_ttl = life;
        self
    }

    /// Sets the maximum size of a file, in bytes. Default: 50 MB.
    #[must_use]
    pub fn max_file_bytes(mut self, bytes: u64) -> Self {
        self.settings.max_file_bytes = bytes;
        self
    }

    /// Sets who controls each `did:selfkey`. Default: none are known; `did:eth` needs none.
    #[must_use]
    pub fn controllers(mut self, controllers: Controllers) -> Self {
        self.settings.controllers = controllers;
        self
    }

    /// The statuses that an application goes through by itself, one each time after the wallet has read it. Default: 15
    /// (data check), then 2 (approved).
    #[must_use]
    pub fn progress(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.settings.progress = codes.into_iter().collect();
        self
    }

    /// Where each change of a status is posted. It must be on loopback: the sandbox sends nowhere else.
    #[must_use]
    pub fn webhook(mut self, url: Url) -> Self {
        self.settings.webhook = Some(url);
        self
    }

    /// The port on 127.0.0.1. Default: a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts it on the current runtime.
    ///
    /// # Errors
    ///
    /// When the port is taken, or the webhook is not on loopback.
    pub async fn start(self) -> io::Result<SelfKey> {
        let bound = Bound::new(self.port).await?;
        let clock = self.settings.clock.clone();
        let fake = Fake::new(bound.base_url().clone(), self.settings, bound.tasks().clone());
        let fake = Arc::new(fake.map_err(io::Error::other)?);
        Ok(SelfKey { server: bound.serve(Arc::clone(&fake), clock), fake })
    }
}

/// A running fake KYC-Chain instance. It ends when this is dropped.
pub struct SelfKey {
    server: Server,
    fake: Arc<Fake>,
}

impl SelfKey {
    /// A setup with two templates.
    pub fn builder() -> Builder {
        Builder {
            settings: Settings {
                clock: Clock::system(),
                challenge_ttl: CHALLENGE_TTL,
                access_ttl: ACCESS_TTL,
                max_file_bytes: MAX_FILE_BYTES,
                controllers: Controllers::new(),
                progress: vec![15, 2],
                webhook: None,
            },
            port: 0,
        }
    }

    /// Starts one on a free port.
    ///
    /// # Errors
    ///
    /// As [`Builder::start`].
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// The URL of the instance, as the KYC-Chain clients take it; with a slash at its end.
    pub fn instance_url(&self) -> &Url {
        self.server.base_url()
    }

    /// The root endpoint of the relying party, as a wallet's configuration names it.
    pub fn root_endpoint(&self) -> Url {
        self.below(instance::ROOT)
    }

    /// The root endpoint of the same relying party in the dialect of the older API page.
    pub fn documented_root_endpoint(&self) -> Url {
        self.below(instance::DOCUMENTED_ROOT)
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.instance_url().clone();
        url.set_path(path);
        url
    }

    /// The key of the integrations API.
    pub fn api_key(&self) -> Secret {
        API_KEY.into()
    }

    /// What the relying party holds: users, files, applications, templates. Changes of a status made here are not
    /// posted to the webhook.
    pub fn store(&self) -> &Memory {
        self.fake.store()
    }

    /// Moves an application on, as those who check do, and posts it to the webhook. False when there is none.
    pub fn set_status(&self, application: &str, code: i64, note: Option<&str>) -> bool {
        self.fake.set_status(application, code, note)
    }

    /// The token that KYC-Chain gives a user's browser: what the internal API logs in with. `None` for a wallet that
    /// has not made itself known.
    pub fn user_token(&self, did: &str) -> Option<Secret> {
        self.fake.user_token(did)
    }

    pub(super) fn info(&self) -> RoomInfo {
        RoomInfo {
            provider: PROVIDER,
            base_url: self.root_endpoint(),
            settings: vec![
                ("SELFKEY_BASE_URL", self.root_endpoint().as_str().into()),
                ("SELFKEY_PRIVATE_KEY", PRIVATE_KEY.into()),
            ],
        }
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

crate::privacy::redacted_debug!(SelfKey { server, .. });
