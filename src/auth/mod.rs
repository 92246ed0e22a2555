//! Kinds of credentials: each implements [`Authorize`](crate::transport::Authorize).
//!
//! | type | puts on the request |
//! | --- | --- |
//! | [`Header`] | one header with a fixed secret value |
//! | [`Basic`] | `Authorization: Basic …` (RFC 7617) |
//! | [`Bearer`] | `Authorization: Bearer …` (RFC 6750) from a cache that fetches the token |
//!
//! All can be replaced at run time, and none shows its secret in `Debug`. What they fetch is cached by [`refresh`].

mod basic;
mod bearer;
mod header;
pub(crate) mod refresh;

pub(crate) use basic::Basic;
pub(crate) use bearer::{Bearer, FetchToken, Token};
pub(crate) use header::Header;
