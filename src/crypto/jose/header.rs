//! The header of a token, read once.

use serde_json::{Map, Value};

use super::compact;
use crate::wire::unique;

/// The members that are texts where they are there. josekit refuses other values too, but together with the signature, so
/// that a number for a key id would look like a wrong key. What names an algorithm is compared with those accepted.
const TEXTS: [&str; 6] = ["cty", "jku", "kid", "typ", "x5t", "x5u"];

/// The protected header. Only the members that this crate acts on have a name here; the rest is never looked at, in
/// particular not the keys and addresses of keys that it may hold (`jwk`, `jku`, `x5c`, `x5u`).
#[derive(Clone)]
pub(crate) struct Header(Map<String, Value>);

impl Header {
    /// Reads the first part of a token; `None` unless it is a JSON object in which no member is named twice and what has
    /// to be a text is one (RFC 7515 section 4.1, RFC 7516 section 4.1).
    pub(super) fn read(part: &[u8]) -> Option<Self> {
        let header = unique::object(&compact::decode(part)?).map(Self)?;
        let is_text = |name: &str| header.0.get(name).is_none_or(Value::is_string);
        TEXTS.iter().all(|name| is_text(name)).then_some(header)
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

crate::privacy::redacted_debug!(Header { .. });
