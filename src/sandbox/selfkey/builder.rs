//! The setup of the fake.

use std::{io, sync::Arc, time::Duration};

use url::Url;

use super::{instance::Instance, running::SelfKey, settings::Settings};
use crate::{
    clock::Clock,
    sandbox::server::Bound,
    selfkey::{
        attribute::MAX_FILE_BYTES,
        did::Controllers,
        relying_party::{ACCESS_TTL, CHALLENGE_TTL},
    },
};

/// How the fake is set up; see [`SelfKey::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    settings: Settings,
    port: u16,
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
    pub fn challenge_ttl(mut self, ttl: Duration) -> Self {
        self.settings.challenge_ttl = ttl;
        self
    }

    /// Sets how long an access token lives. Default: an hour.
    #[must_use]
    pub fn access_ttl(mut self, ttl: Duration) -> Self {
        self.settings.access_ttl = ttl;
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

    /// Sets the statuses that an application goes through by itself, one each time after the wallet has read it. Default: 15
    /// (data check), then 2 (approved).
    #[must_use]
    pub fn progress(mut self, codes: impl IntoIterator<Item = i64>) -> Self {
        self.settings.progress = codes.into_iter().collect();
        self
    }

    /// Sets where each change of a status is posted. It must be on loopback: the sandbox sends nowhere else.
    #[must_use]
    pub fn webhook(mut self, url: Url) -> Self {
        self.settings.webhook = Some(url);
        self
    }

    /// Sets the port on 127.0.0.1. Default: a free one.
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
        let instance = Instance::new(bound.base_url().clone(), self.settings, bound.tasks().clone());
        let instance = Arc::new(instance.map_err(io::Error::other)?);
        Ok(SelfKey { server: bound.serve(Arc::clone(&instance), clock), instance })
    }
}

impl SelfKey {
    /// Starts a setup with two templates.
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
}
