//! References: your name for a request.

use std::{fmt, str::FromStr};

use crate::{
    clock::Clock,
    crypto,
    error::{Error, Sanitized},
    privacy::Secret,
};

/// Your name for a request: unique in the account for ever, and the provider's only key to it.
///
/// A second use is refused, which is what makes sending safe: when an answer got lost, ask the status of the reference,
/// and if it is unknown send the request again **with the same one**. So derive it from what the request is for, and a
/// restarted process asks for the same one:
///
/// ```
/// use kyckit::{privacy::Secret, shuftipro::request::Reference};
///
/// let key = Secret::from("a key of your own, kept for good");
/// let first = Reference::derive(&key, "onboarding", "customer 4711", 1);
/// assert_eq!(first, Reference::derive(&key, "onboarding", "customer 4711", 1));
/// assert_ne!(first, Reference::derive(&key, "onboarding", "customer 4711", 2));
/// ```
///
/// It stands in logs and links of the provider, so it must tell nothing about a person: a derived and a random one
/// do not.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference(String);

impl Reference {
    /// A reference of your own making: 6 to 250 letters and digits of ASCII, `.`, `_` and `-`.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for anything else.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let fits = (6..=250).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if fits {
            return Ok(Self(text));
        }
        Err(Error::invalid("reference", "must have 6 to 250 letters, digits, dots, underscores or hyphens"))
    }

    /// The reference of a request that exists, as the provider said it: only its length is checked, since others may
    /// have made it under other rules.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is empty or longer than 250 characters.
    pub fn existing(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if (1..=250).contains(&text.chars().count()) {
            return Ok(Self(text));
        }
        Err(Error::invalid("reference", "must have 1 to 250 characters"))
    }

    /// A reference that is the same whenever it is derived from the same parts, and tells nothing about them: 40 hex
    /// digits of an HMAC-SHA-256 under a key of your own.
    ///
    /// `operation` is what the request is for, `subject` whom it is about, `attempt` a number that you raise for a new
    /// request about the same. The key need not be the provider's secret, and must outlive your requests.
    pub fn derive(key: &Secret, operation: &str, subject: &str, attempt: u32) -> Self {
        // Lengths in front keep ("ab", "c") and ("a", "bc") apart.
        let length = |text: &str| (text.len() as u64).to_be_bytes();
        let digest = crypto::hmac_sha256(
            key.expose_bytes(),
            &[
                b"kyckit shuftipro reference",
                &length(operation),
                operation.as_bytes(),
                &length(subject),
                subject.as_bytes(),
                &attempt.to_be_bytes(),
            ],
        );
        Self(hex::encode(&digest[..20]))
    }

    /// A random reference of 32 hex digits. Store it before you send: without it a lost answer cannot be asked for.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when the system's source of randomness does not answer.
    pub fn random(clock: &Clock) -> Result<Self, Error> {
        match clock.random::<16>() {
            Ok(bytes) => Ok(Self(hex::encode(bytes))),
            Err(error) => Err(Error::configuration("there is no randomness").with_source(error)),
        }
    }

    /// The JSON body of `POST /status`.
    pub(crate) fn status_body(&self) -> String {
        serde_json::json!({ "reference": self.0 }).to_string()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Reference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Sanitized(&self.0), f)
    }
}
