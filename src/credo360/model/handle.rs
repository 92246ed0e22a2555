//! The Credo ID.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{
    error::Error,
    privacy::{Pii, REDACTED},
    wire::open_enum,
};

/// A Credo ID, such as `02598397346`, which the API calls a handle id.
///
/// It is a text: its leading zeros count, so `2598397346` is another person. It stands for a person, so `Debug` hides
/// it, and it has no `Display`.
///
/// ```
/// use kyckit::credo360::HandleId;
///
/// let handle: HandleId = "02598397346".parse()?;
/// assert_eq!(handle.expose(), "02598397346");
/// assert_ne!(handle, "2598397346".parse()?);
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct HandleId(Pii<String>);

impl HandleId {
    /// The limit of its length, in bytes. The provider documents no limit; its samples have 11 digits.
    const MAX_BYTES: usize = 160;

    /// Takes a Credo ID as the user or the provider wrote it.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is empty, longer than 160 bytes, `.` or `..`, or
    /// holds a blank or a control character.
    pub fn new(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        match Self::fault(&text) {
            Some(fault) => Err(Error::invalid("handleId", fault)),
            None => Ok(Self(Pii::new(text))),
        }
    }

    /// The text, to be used with care.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    fn fault(text: &str) -> Option<&'static str> {
        if text.is_empty() {
            return Some("a Credo ID is not empty");
        }
        if text.len() > Self::MAX_BYTES {
            return Some("a Credo ID has at most 160 bytes");
        }
        if text.chars().any(|char| char.is_whitespace() || char.is_control()) {
            return Some("a Credo ID holds no blank and no control character");
        }
        // In a path these two mean another path.
        matches!(text, "." | "..").then_some("a Credo ID is not `.` or `..`")
    }
}

impl FromStr for HandleId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::new(text)
    }
}

crate::privacy::redacted_debug!(HandleId = REDACTED);

impl<'de> Deserialize<'de> for HandleId {
    /// Reads a JSON string. A number is refused, since its leading zeros would be lost.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Self::fault(&text) {
            Some(fault) => Err(de::Error::custom(fault)),
            None => Ok(Self(Pii::new(text))),
        }
    }
}

/// A Credo ID and what became of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Handle {
    /// The Credo ID.
    pub id: HandleId,
    /// Its status.
    pub status: HandleStatus,
}

open_enum! {
    /// The status of a Credo ID.
    pub enum HandleStatus {
        /// In use:
        Valid = "valid",
        /// The user is gone:
        Deactivated = "deactivated",
        /// The provider has barred the user:
        Suspended = "suspended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_credo_id_is_a_text_that_keeps_its_zeros() {
        let id: HandleId = serde_json::from_str(r#""02598397346""#).expect("text");
        assert_eq!(id, HandleId::new("02598397346").expect("good"));
        assert_ne!(id, HandleId::new("2598397346").expect("good"));
        assert_eq!(serde_json::to_string(&id).expect("text"), r#""02598397346""#);
        assert!(serde_json::from_str::<HandleId>("2598397346").is_err());
    }

    #[test]
    fn what_can_be_no_credo_id_is_refused_without_being_shown() {
        let long = "9".repeat(161);
        for bad in ["", ".", "..", " 02598397346", "02598397346\n", "0259 8397346", "\0", long.as_str()] {
            let error = HandleId::new(bad).expect_err(bad);
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert_eq!(error.fields()[0].field, "handleId");
            assert!(!error.to_string().contains("02598397346"));
            assert!(serde_json::from_str::<HandleId>(&serde_json::to_string(bad).expect("text")).is_err());
        }
        assert!(HandleId::new("9".repeat(160)).is_ok());
    }
}
