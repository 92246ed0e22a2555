//! Secrets that do not show themselves and are wiped.

use secrecy::{ExposeSecret, SecretString};

use super::REDACTED;

/// A key, token or password as text: redacted in `Debug`, wiped when the last copy is dropped, never compared with
/// `==`.
///
/// ```
/// use kyckit::privacy::Secret;
///
/// let key = Secret::from("s3cr3t");
/// assert_eq!(format!("{key:?}"), "[redacted]");
/// assert_eq!(key.expose(), "s3cr3t");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes the text in; what it came from is the caller's to wipe.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text, to be used with care.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether there is nothing to see in the text. Such a secret is that of everybody: an environment variable that is
    /// set and empty, a file with a line end alone.
    pub(crate) fn is_blank(&self) -> bool {
        let is_invisible = |letter: char| {
            letter.is_whitespace()
                || letter.is_control()
                || matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
        };
        self.expose().chars().all(is_invisible)
    }

    /// The bytes of the text.
    pub fn expose_bytes(&self) -> &[u8] {
        self.expose().as_bytes()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

crate::privacy::redacted_debug!(Secret = REDACTED);

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}
