//! Fake providers on loopback, for tests that run offline.
//!
//! Each room behaves as its provider's documentation says: it holds state, refuses what the provider refuses, signs
//! for real, and tells of its end user by callbacks. It can be told to misbehave at the socket and above it
//! ([`Fault`]), and it remembers what it was asked ([`Server::log`], [`Server::recorded`]). Whatever it knows of people
//! is invented ([`Person`]).
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::sandbox::Sandbox;
//!
//! // Every provider on a free port; dropping it ends them.
//! let sandbox = Sandbox::start().await?;
//! for room in sandbox.rooms() {
//!     println!("{} {}", room.provider, room.base_url);
//! }
//! # Ok(()) }
//! ```
//!
//! `examples/sandbox.rs` serves the same on fixed ports, for clients in other languages and for browsers.

// Without a provider there is nobody who stands on this ground.
#![cfg_attr(not(feature = "shuftipro"), allow(dead_code, unused_variables))]

mod fault;
#[cfg(any(feature = "maya", feature = "shuftipro"))]
mod files;
mod log;
#[cfg(feature = "maya")]
pub mod maya;
mod payload;
mod people;
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

use crate::{error::Provider, privacy::Secret};

/// All fake providers, each with its default setup. They end when this is dropped.
///
/// For a setup of your own, start a room by itself, such as `shuftipro::ShuftiPro::builder()`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sandbox {
    /// The fake Maya.
    #[cfg(feature = "maya")]
    pub maya: maya::Maya,
    /// The fake Shufti Pro.
    #[cfg(feature = "shuftipro")]
    pub shuftipro: shuftipro::ShuftiPro,
}

/// Where a fake provider is, and how to log in to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RoomInfo {
    /// Whose fake it is.
    pub provider: Provider,
    /// The API's base.
    pub base_url: Url,
    /// Settings of the example of this provider: name and value. They are the sandbox's own and guard nothing.
    pub settings: Vec<(&'static str, Secret)>,
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
            #[cfg(feature = "maya")]
            maya: maya::Maya::builder().port(port(first_port, 2)?).start().await?,
            #[cfg(feature = "shuftipro")]
            shuftipro: shuftipro::ShuftiPro::builder().port(port(first_port, 3)?).start().await?,
        })
    }

    /// Where they are.
    pub fn rooms(&self) -> Vec<RoomInfo> {
        vec![
            #[cfg(feature = "maya")]
            self.maya.info(),
            #[cfg(feature = "shuftipro")]
            self.shuftipro.info(),
        ]
    }
}

/// The port that is so far behind the first one; 4801 gives the ports that the examples name.
fn port(first: u16, distance: u16) -> io::Result<u16> {
    if first == 0 {
        return Ok(0);
    }
    first.checked_add(distance).ok_or_else(|| io::Error::other("there is no port behind 65535"))
}
