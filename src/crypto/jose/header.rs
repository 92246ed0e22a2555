//! The header of a token, read once.

use serde_json::{Map, Value};

use super::compact;
use crate::wire::unique;

/// The protected header. Only the members that this crate acts on have a name here; the rest is never looked at, in
/// particular not the keys and addresses of keys that it may hold (`jwk`, `jku`, `x5c`, `x5u`).
#[derive(Clone)]
pub(crate) struct Header(Map<String, Value>);

impl Header {
    /// Reads the first part of a token; `None` unless it is a JSON object in which no member is named twice.
    pub(super) fn read(part: &[u8]) -> Option<Self> {
        unique::object(&compact::decode(part)?).map(Self)
    }

    /// The text of a member; `None` when it is missing or is no text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Whether the member is there, whatever its value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Header").finish_non_exhaustive()
    }
}
