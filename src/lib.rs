//! kyckit
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod callback;
pub mod clock;
mod crypto;
pub mod error;
pub mod privacy;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "shuftipro")]
pub mod shuftipro;
pub mod transport;

pub use error::{Error, ErrorKind, Result};
