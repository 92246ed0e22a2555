//! Who may call the endpoints that are not for Credify: the market's own front end and its own system.

use futures_util::future::BoxFuture;
use http::{HeaderMap, Method};

use crate::{credify::server::bearer::bearer, crypto, error::Error, privacy::Secret};

/// Authenticates the market's own callers: of *push claims*, orders, simulation and documents.
///
/// There is no default: a market says who may call. [`SharedToken`] serves one system that knows a secret; for a front
/// end, implement it over the application's sessions.
pub trait CallerAuthentication: Send + Sync {
    /// Whether the caller is known. False is answered with 401.
    ///
    /// # Errors
    ///
    /// When it cannot be decided; answered with 500.
    fn is_known(&self, call: Caller<'_>) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Decides by the headers alone whether the caller is known, before the body is read: `Some(false)` is answered with
    /// 401, and the bodies of callers that are not known yet share a small budget of bytes. After the body was read,
    /// [`is_known`](Self::is_known) decides again. Default: the headers do not suffice.
    fn is_known_by_headers(&self, headers: &HeaderMap) -> Option<bool> {
        let _ = headers;
        None
    }
}

/// The object-safe twin of [`CallerAuthentication`].
pub(super) trait DynCallerAuthentication: Send + Sync {
    fn is_known<'a>(&'a self, call: Caller<'a>) -> BoxFuture<'a, Result<bool, Error>>;

    fn is_known_by_headers(&self, headers: &HeaderMap) -> Option<bool>;
}

impl<C: CallerAuthentication> DynCallerAuthentication for C {
    fn is_known<'a>(&'a self, call: Caller<'a>) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(CallerAuthentication::is_known(self, call))
    }

    fn is_known_by_headers(&self, headers: &HeaderMap) -> Option<bool> {
        CallerAuthentication::is_known_by_headers(self, headers)
    }
}

/// What identifies a caller.
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
    async fn is_known(&self, call: Caller<'_>) -> Result<bool, Error> {
        if self.0.is_blank() {
            return Err(Error::configuration("the token that callers share is empty or blank"));
        }
        Ok(self.fits(call.headers))
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

crate::privacy::redacted_debug!(Caller<'_> { method: |this| *this.method, .. });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_tell_nothing_unless_they_are_said_to() {
        struct Silent;
        impl CallerAuthentication for Silent {
            async fn is_known(&self, _: Caller<'_>) -> Result<bool, Error> {
                Ok(true)
            }
        }
        assert_eq!(CallerAuthentication::is_known_by_headers(&Silent, &HeaderMap::new()), None);
        let any = crate::credify::market::danger::AllowAnyCaller;
        assert_eq!(CallerAuthentication::is_known_by_headers(&any, &HeaderMap::new()), Some(true));
    }
}
