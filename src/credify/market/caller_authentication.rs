//! Who may call the endpoints that are not Credify's: the market's own front end and its own system.

use std::fmt;

use futures_util::future::BoxFuture;
use http::{HeaderMap, Method};

use super::access::bearer;
use crate::{crypto, error::Error, privacy::Secret};

/// Authenticates callers of the market's own: of *push claims*, orders, simulation and documents.
///
/// There is no default: a market says who may call. [`SharedToken`] serves one system that knows a secret; for a front
/// end, implement it over the application's sessions.
pub trait CallerAuthentication: Send + Sync {
    /// Whether the caller is known. False is answered with 401.
    ///
    /// # Errors
    ///
    /// When it cannot be told; answered with 500.
    fn is_known<'a>(&'a self, call: Caller<'a>) -> BoxFuture<'a, Result<bool, Error>>;

    /// Whether the headers alone tell that the caller is known, before the body is read: `Some(false)` is answered with
    /// 401, and the bodies of callers of whom nothing is known yet share a small budget of bytes. What is said here is
    /// asked again with [`is_known`](Self::is_known). Default: the headers do not tell.
    fn is_known_by_headers(&self, headers: &HeaderMap) -> Option<bool> {
        let _ = headers;
        None
    }
}

/// What a caller is told by.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Caller<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path, with the prefix.
    pub path: &'a str,
    /// The headers: a cookie, a token.
    pub headers: &'a HeaderMap,
    /// The body, which may name the user: a session may call for its own user only.
    pub body: &'a [u8],
}

/// Knows callers by one secret, `Authorization: Bearer <secret>`, compared in constant time.
#[derive(Clone, Debug)]
pub struct SharedToken(Secret);

impl SharedToken {
    /// A long random secret that the callers have. One that is empty or blank lets no caller in: every call then fails
    /// with [`Configuration`](crate::ErrorKind::Configuration).
    pub fn new(secret: impl Into<Secret>) -> Self {
        Self(secret.into())
    }
}

impl CallerAuthentication for SharedToken {
    fn is_known<'a>(&'a self, call: Caller<'a>) -> BoxFuture<'a, Result<bool, Error>> {
        let is_known = if self.0.is_blank() {
            Err(Error::configuration("the token that callers share is empty or blank"))
        } else {
            Ok(self.fits(call.headers))
        };
        Box::pin(async move { is_known })
    }

    fn is_known_by_headers(&self, headers: &HeaderMap) -> Option<bool> {
        (!self.0.is_blank()).then(|| self.fits(headers))
    }
}

impl SharedToken {
    fn fits(&self, headers: &HeaderMap) -> bool {
        let expected = self.0.expose_bytes();
        !self.0.is_blank()
            && bearer(headers).is_some_and(|token| crypto::equal(token.expose_bytes(), expected))
    }
}

/// Lets everybody call: for a market whose gateway has authenticated every caller before.
#[derive(Clone, Copy, Debug, Default)]
#[allow(clippy::exhaustive_structs, reason = "there is nothing to set")]
pub struct AllowAnyCaller;

impl CallerAuthentication for AllowAnyCaller {
    fn is_known<'a>(&'a self, _: Caller<'a>) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async { Ok(true) })
    }

    fn is_known_by_headers(&self, _: &HeaderMap) -> Option<bool> {
        Some(true)
    }
}

impl fmt::Debug for Caller<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("method", self.method).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_nothing_unless_they_are_said_to() {
        struct Silent;
        impl CallerAuthentication for Silent {
            fn is_known<'a>(&'a self, _: Caller<'a>) -> BoxFuture<'a, Result<bool, Error>> {
                Box::pin(async { Ok(true) })
            }
        }
        assert_eq!(Silent.is_known_by_headers(&HeaderMap::new()), None);
        assert_eq!(AllowAnyCaller.is_known_by_headers(&HeaderMap::new()), Some(true));
    }
}
