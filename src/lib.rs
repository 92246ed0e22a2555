//! kyckit
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod callback;
pub mod clock;
mod crypto;
pub mod error;
pub mod privacy;
#[cfg(feature = "shuftipro")]
pub mod shuftipro;
pub mod transport;

pub use error::{Error, ErrorKind, Result};

#[cfg(all(test, feature = "jose", feature = "secp256k1"))]
#[path = "conformance/wycheproof.rs"]
mod wycheproof;
