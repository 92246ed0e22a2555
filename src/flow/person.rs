//! Ids of the person and of the attempt.

use std::fmt;

use crate::{
    clock::Clock,
    crypto,
    error::{Error, ErrorKind},
    privacy::{Pii, REDACTED, Secret},
};

/// Your own id of a person, such as an account number. The flow never sends it to a provider.
///
/// A state is bound to it: what was started for one person is not resumed for another.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonId(Pii<String>);

impl PersonId {
    /// The maximum length, in bytes.
    const MAX_LEN: usize = 256;

    /// Creates an id of 1 to 256 bytes without control characters.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if (1..=Self::MAX_LEN).contains(&text.len()) && !text.chars().any(char::is_control) {
            return Ok(Self(Pii::new(text)));
        }
        Err(Error::invalid("person", "must have 1 to 256 bytes and no control character"))
    }

    /// Returns the text, to be used with care.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

crate::privacy::redacted_debug!(PersonId = REDACTED);

/// Id of one attempt of a person at a provider: 32 hex digits without personal data.
///
/// It identifies the attempt in evidence and, where a provider takes a reference, at the provider.
#[doc(alias = "idempotency key")]
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Attempt(String);

impl Attempt {
    /// Derives an attempt from its parts, always the same: a start that is repeated after a crash then resumes the same
    /// verification instead of creating a second one.
    ///
    /// Raise `number` for a new attempt. The key must outlive your requests.
    ///
    /// ```
    /// use kyckit::flow::{Attempt, PersonId};
    ///
    /// let (key, person) = (
    ///     "a key of your own, kept for good".into(),
    ///     PersonId::new("customer 4711")?,
    /// );
    /// assert_eq!(
    ///     Attempt::derive(&key, &person, 1),
    ///     Attempt::derive(&key, &person, 1)
    /// );
    /// assert_ne!(
    ///     Attempt::derive(&key, &person, 1),
    ///     Attempt::derive(&key, &person, 2)
    /// );
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn derive(key: &Secret, person: &PersonId, number: u32) -> Self {
        let parts: [&[u8]; 3] = [b"kyckit flow attempt 1", &number.to_be_bytes(), person.expose().as_bytes()];
        Self(hex::encode(&crypto::hmac_sha256(key.expose_bytes(), &parts)[..16]))
    }

    /// Creates a random attempt.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) when the system's source of randomness fails.
    pub fn random(clock: &Clock) -> Result<Self, Error> {
        random_id(clock).map(Self)
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads it from an opened state.
    pub(super) fn known(text: String) -> Option<Self> {
        is_id(&text).then_some(Self(text))
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 16 random bytes in hex.
pub(super) fn random_id(clock: &Clock) -> Result<String, Error> {
    clock.random::<16>().map(hex::encode).map_err(|source| {
        Error::new(ErrorKind::Configuration, "the system's source of randomness failed").with_source(source)
    })
}

pub(super) fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
