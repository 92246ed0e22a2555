//! HTTP Basic authentication (RFC 7617).

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::BoxFuture;
use http::{HeaderMap, header::AUTHORIZATION};
use zeroize::Zeroizing;

use super::Header;
use crate::{
    error::Error,
    privacy::Secret,
    transport::{Authorize, CredentialVersion},
};

/// `Authorization: Basic base64(user:password)`, encoded once.
pub(crate) struct Basic(Header);

impl Basic {
    /// Credentials by user and password.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when the user is empty or holds a colon or a control
    /// character, or the password holds a control character (RFC 7617, section 2).
    pub(crate) fn new(user: &str, password: &Secret) -> Result<Self, Error> {
        Header::new(AUTHORIZATION, encoded(user, password)?).map(Self)
    }
}

fn encoded(user: &str, password: &Secret) -> Result<Secret, Error> {
    if user.is_empty() {
        return Err(Error::configuration("the user of Basic authentication is empty"));
    }
    if user.contains(':') {
        return Err(Error::configuration("the user of Basic authentication holds a colon"));
    }
    if user.chars().chain(password.expose().chars()).any(char::is_control) {
        return Err(Error::configuration("a credential holds a control character")
            .with_hint("look for a line break at its end, as files leave one"));
    }
    let pair = Zeroizing::new(format!("{user}:{}", password.expose()));
    Ok(Secret::new(format!("Basic {}", STANDARD.encode(pair.as_bytes()))))
}

impl Authorize for Basic {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        self.0.authorize(headers)
    }
}

crate::privacy::redacted_debug!(Basic);

#[cfg(test)]
mod tests {
    use super::*;

    async fn header(user: &str, password: &str) -> Result<String, Error> {
        let mut headers = HeaderMap::new();
        Basic::new(user, &password.into())?.authorize(&mut headers).await?;
        let value = &headers[AUTHORIZATION];
        assert!(value.is_sensitive());
        Ok(value.to_str().expect("text").to_owned())
    }

    #[tokio::test]
    async fn the_header_is_that_of_rfc_7617() {
        // RFC 7617, sections 2 and 2.1.
        assert_eq!(
            header("Aladdin", "open sesame").await.ok().as_deref(),
            Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        );
        assert_eq!(header("test", "123£").await.ok().as_deref(), Some("Basic dGVzdDoxMjPCow=="));
    }

    #[tokio::test]
    async fn what_cannot_be_told_apart_or_sent_is_refused() {
        for (user, password) in [("", "x"), ("a:b", "x"), ("a", "x\n"), ("a\r", "x")] {
            let error = header(user, password).await.expect_err("refused");
            assert_eq!(error.kind(), crate::ErrorKind::Configuration);
        }
    }
}
