//! Personal data that does not show itself.

use serde::{Deserialize, Serialize};

use super::REDACTED;

/// A value that belongs to a person: its `Debug` prints `[redacted]`, and it has no `Display`.
///
/// It serialises as the value itself, since storing and sending it is what it is for.
///
/// ```
/// use kyckit::privacy::Pii;
///
/// let name = Pii::new("Jane Roe".to_owned());
/// assert_eq!(format!("{name:?}"), "[redacted]");
/// assert_eq!(name.expose(), "Jane Roe");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pii<T>(T);

impl<T> Pii<T> {
    /// Marks a value as personal.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, to be used with care.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value, no longer marked.
    pub fn into_exposed(self) -> T {
        self.0
    }

    /// Another personal value made from this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Pii<U> {
        Pii(make(self.0))
    }

    /// A reference that is still marked.
    pub const fn as_ref(&self) -> Pii<&T> {
        Pii(&self.0)
    }
}

impl<T> From<T> for Pii<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Pii<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

crate::privacy::redacted_debug!(<T> Pii<T> = REDACTED);
