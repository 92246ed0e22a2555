//! One header with a fixed secret value.

use std::sync::{PoisonError, RwLock};

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    error::Error,
    privacy::Secret,
    transport::{Authorize, CredentialVersion, header_value},
};

/// A header such as `X-Api-Key` with a secret value.
pub(crate) struct Header {
    name: HeaderName,
    value: RwLock<HeaderValue>,
}

impl Header {
    /// A header by name and value.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when the value is empty or blank, or holds a control
    /// character, a line break, or a blank at one of its ends.
    pub(crate) fn new(name: HeaderName, value: impl Into<Secret>) -> Result<Self, Error> {
        Ok(Self { name, value: RwLock::new(sensitive(&value.into())?) })
    }

    /// Replaces the value for all calls from now on.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); the old value stays then.
    pub(crate) fn replace(&self, value: impl Into<Secret>) -> Result<(), Error> {
        let value = sensitive(&value.into())?;
        *self.value.write().unwrap_or_else(PoisonError::into_inner) = value;
        Ok(())
    }
}

impl Authorize for Header {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        let value = self.value.read().unwrap_or_else(PoisonError::into_inner).clone();
        headers.insert(self.name.clone(), value);
        Box::pin(std::future::ready(Ok(CredentialVersion::ONLY)))
    }
}

crate::privacy::redacted_debug!(Header { name, .. });

/// A header value that HTTP stacks leave out of their logs and HTTP/2 out of its index.
pub(super) fn sensitive(value: &Secret) -> Result<HeaderValue, Error> {
    if value.is_blank() {
        return Err(Error::configuration("a credential is empty or blank"));
    }
    let mut value = header_value(
        value.expose_bytes(),
        "a credential holds a control character, or a blank at one of its ends",
    )?;
    value.set_sensitive(true);
    Ok(value)
}
