//! kyckit
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod callback;
pub mod clock;
#[cfg(feature = "sandbox")]
#[doc(hidden)]
pub mod conformance;
mod crypto;
pub mod date;
pub mod error;
pub mod privacy;
#[cfg(feature = "shuftipro")]
pub mod shuftipro;
pub mod transport;
#[cfg(feature = "shuftipro")]
mod wire;

pub use date::Date;
pub use error::{Error, ErrorKind, Result};
