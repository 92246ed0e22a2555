//! Kinds of credentials: each implements [`Authorize`](crate::transport::Authorize).
//!
//! | type | puts on the request |
//! | --- | --- |
//! | [`Header`] | one header with a fixed secret value |
//! | [`Basic`] | `Authorization: Basic …` (RFC 7617) |
//! | [`Bearer`] | `Authorization: Bearer …` (RFC 6750) from a cache that fetches the token |
//!
//! All can be replaced at run time, and none shows its secret in `Debug`.

mod basic;
mod bearer;
mod header;

pub use basic::Basic;
pub use bearer::{Bearer, FetchToken, Token};
pub use header::Header;
