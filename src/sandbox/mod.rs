//! Fake providers on loopback, for tests that run offline.
//!
//! Each fake behaves as its provider's documentation says: it keeps state, refuses what the provider refuses, signs for
//! real, and sends callbacks. Faults of network and server are injected by [`Fault`], and requests are recorded
//! ([`Server::log`], [`Server::recorded`]). All its people are invented ([`Person`]).
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::sandbox::Sandbox;
//!
//! // Every provider on a free port; dropping it ends them.
//! let sandbox = Sandbox::start().await?;
//! for provider in sandbox.providers() {
//!     println!("{} {}", provider.provider, provider.base_url);
//! }
//! # Ok(()) }
//! ```
//!
//! `examples/sandbox.rs` serves the same on fixed ports, for clients in other languages and for browsers.

// A build without a provider uses none of it.
#![cfg_attr(
    not(any(
        feature = "credify",
        feature = "credo360",
        feature = "maya",
        feature = "selfkey",
        feature = "shuftipro"
    )),
    allow(dead_code, unused_variables)
)]

#[cfg(feature = "credify")]
pub mod credify;
#[cfg(feature = "credo360")]
pub mod credo360;
mod fault;
#[cfg(any(feature = "maya", feature = "shuftipro"))]
mod files;
mod log;
#[cfg(feature = "maya")]
pub mod maya;
#[cfg(any(feature = "credify", feature = "shuftipro"))]
mod page;
mod payload;
mod people;
#[cfg(feature = "selfkey")]
pub mod selfkey;
mod server;
#[cfg(feature = "shuftipro")]
pub mod shuftipro;
mod wire;

use std::io;

use url::Url;

pub use fault::{Fault, RetryAfter};
pub use log::{Entry, Recorded};
pub use people::Person;
pub use server::Server;

use crate::{privacy::Secret, provider::ProviderId};

/// All fake providers, each with its default setup. Dropping it stops them.
///
/// For your own setup, start a single fake, such as by `shuftipro::ShuftiPro::builder()`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sandbox {
    /// The fake Credify, and its OpenID Connect core.
    #[cfg(feature = "credify")]
    pub credify: credify::Credify,
    /// The fake Credo360.
    #[cfg(feature = "credo360")]
    pub credo360: credo360::Credo360,
    /// The fake Maya.
    #[cfg(feature = "maya")]
    pub maya: maya::Maya,
    /// The fake KYC-Chain instance, a relying party of SelfKey's.
    #[cfg(feature = "selfkey")]
    pub selfkey: selfkey::SelfKey,
    /// The fake Shufti Pro.
    #[cfg(feature = "shuftipro")]
    pub shuftipro: shuftipro::ShuftiPro,
}

/// Base URL and credentials of a fake provider.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProviderInfo {
    /// The provider's name.
    pub provider: ProviderId,
    /// The API's base.
    pub base_url: Url,
    /// Settings of the example of this provider: name and value. They are the sandbox's own and guard nothing.
    pub settings: Vec<(&'static str, Secret)>,
}

/// The distance of each provider's port from the first one; 4801 gives the ports that the examples name.
#[derive(Clone, Copy)]
enum PortOffset {
    #[cfg(feature = "credo360")]
    Credo360 = 0,
    #[cfg(feature = "selfkey")]
    SelfKey = 1,
    #[cfg(feature = "maya")]
    Maya = 2,
    #[cfg(feature = "shuftipro")]
    ShuftiPro = 3,
    #[cfg(feature = "credify")]
    Credify = 4,
    #[cfg(feature = "credify")]
    CredifyOidc = 5,
}

impl Sandbox {
    /// Starts all on free ports.
    ///
    /// # Errors
    ///
    /// When a socket cannot be set up.
    pub async fn start() -> io::Result<Self> {
        Self::start_at(0).await
    }

    /// Starts all on fixed ports from this one on: credo360, selfkey, maya, shuftipro, credify, Credify's OIDC core.
    /// 0 gives free ones.
    ///
    /// # Errors
    ///
    /// When a port is taken or beyond 65535.
    pub async fn start_at(first_port: u16) -> io::Result<Self> {
        Ok(Self {
            #[cfg(feature = "credify")]
            credify: credify::Credify::builder()
                .port(port(first_port, PortOffset::Credify)?)
                .oidc_port(port(first_port, PortOffset::CredifyOidc)?)
                .start()
                .await?,
            #[cfg(feature = "credo360")]
            credo360: credo360::Credo360::builder()
                .port(port(first_port, PortOffset::Credo360)?)
                .start()
                .await?,
            #[cfg(feature = "maya")]
            maya: maya::Maya::builder().port(port(first_port, PortOffset::Maya)?).start().await?,
            #[cfg(feature = "selfkey")]
            selfkey: selfkey::SelfKey::builder().port(port(first_port, PortOffset::SelfKey)?).start().await?,
            #[cfg(feature = "shuftipro")]
            shuftipro: shuftipro::ShuftiPro::builder()
                .port(port(first_port, PortOffset::ShuftiPro)?)
                .start()
                .await?,
        })
    }

    /// Returns the providers' names, URLs and credentials.
    pub fn providers(&self) -> Vec<ProviderInfo> {
        vec![
            #[cfg(feature = "credo360")]
            self.credo360.info(),
            #[cfg(feature = "maya")]
            self.maya.info(),
            #[cfg(feature = "selfkey")]
            self.selfkey.info(),
            #[cfg(feature = "shuftipro")]
            self.shuftipro.info(),
            #[cfg(feature = "credify")]
            self.credify.info(),
        ]
    }
}

/// The port of a provider; any free one when the first is 0.
fn port(first: u16, offset: PortOffset) -> io::Result<u16> {
    if first == 0 {
        return Ok(0);
    }
    first.checked_add(offset as u16).ok_or_else(|| io::Error::other("there is no port behind 65535"))
}
