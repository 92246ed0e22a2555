//! Aggregated claims (OpenID Connect Core section 5.6.2): which claim stands in which token.
//!
//! ```json
//! {
//!   "_claim_names": {"phone_number": "phone", "phone_commitment": "phone"},
//!   "_claim_sources": {"phone": {"JWT": "eyJ…"}}
//! }
//! ```
//!
//! The provider's guide calls the second member `_claim_resources`. It is read under both names and written under the
//! standard's.

use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind};

const NAMES: &str = "_claim_names";
const SOURCES: &str = "_claim_sources";
/// In the provider's guide.
const RESOURCES: &str = "_claim_resources";

/// Claims by the name of their source, and sources by their token.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AggregatedClaims {
    names: Vec<(String, String)>,
    sources: Vec<(String, String)>,
}

impl AggregatedClaims {
    /// No claims.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a source: its token, and the names of the claims in it.
    #[must_use]
    pub fn with_source<N: Into<String>>(
        mut self,
        source: &str,
        token: impl Into<String>,
        claims: impl IntoIterator<Item = N>,
    ) -> Self {
        self.names.extend(claims.into_iter().map(|claim| (claim.into(), source.to_owned())));
        self.sources.push((source.to_owned(), token.into()));
        self
    }

    /// Reads the two members of an object; none when it has no `_claim_names`.
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) when one of them is not as the standard has it. A source with an `endpoint`
    /// instead of a token (distributed claims) is none that the provider makes.
    pub fn read(object: &Value) -> Result<Option<Self>, Error> {
        let Some(names) = object.get(NAMES) else { return Ok(None) };
        let names = texts(names, NAMES, Value::as_str)?;
        let sources = match object.get(SOURCES).or_else(|| object.get(RESOURCES)) {
            Some(sources) => texts(sources, SOURCES, |source| source.get("JWT")?.as_str())?,
            None => return Err(malformed(SOURCES)),
        };
        Ok(Some(Self { names, sources }))
    }

    /// Where a claim stands.
    pub fn source_of(&self, claim: &str) -> Option<&str> {
        self.names.iter().find(|(name, _)| name == claim).map(|(_, source)| source.as_str())
    }

    /// The names of all claims with their sources, in order.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.names.iter().map(|(name, source)| (name.as_str(), source.as_str()))
    }

    /// The sources with their tokens, in order.
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.iter().map(|(source, token)| (source.as_str(), token.as_str()))
    }

    /// The object with the two members.
    pub fn to_value(&self) -> Value {
        let names: Map<String, Value> =
            self.names().map(|(name, source)| (name.to_owned(), json!(source))).collect();
        let sources: Map<String, Value> =
            self.sources().map(|(source, token)| (source.to_owned(), json!({"JWT": token}))).collect();
        json!({NAMES: names, SOURCES: sources})
    }

    /// Whether a member of an answer is one of those that this module is about.
    pub(crate) fn is_own_member(name: &str) -> bool {
        matches!(name, NAMES | SOURCES | RESOURCES)
    }
}

fn texts(
    object: &Value,
    path: &'static str,
    text: impl Fn(&Value) -> Option<&str>,
) -> Result<Vec<(String, String)>, Error> {
    let members = object.as_object().ok_or_else(|| malformed(path))?;
    members
        .iter()
        .map(|(name, value)| Some((name.clone(), text(value)?.to_owned())))
        .collect::<Option<_>>()
        .ok_or_else(|| malformed(path))
}

fn malformed(path: &'static str) -> Error {
    Error::new(ErrorKind::Decode, "the aggregated claims do not have the standard's form").with_path(path)
}

crate::privacy::redacted_debug!(AggregatedClaims {
    names: |this| this.names.len(),
    sources: |this| this.sources.len(),
    ..
});
