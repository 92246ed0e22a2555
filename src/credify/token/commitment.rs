//! Commitments: what makes the hash of a scope's claims unguessable, and proves the claims later.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser::SerializeMap};
use serde_json::{Map, Value, json};

use crate::{
    clock::Clock,
    credify::{
        claims::{Claims, commitment_member},
        json::hash,
    },
    error::Error,
    privacy::Secret,
};

/// The random value that is hashed with a scope's claims: 43 characters of base64url.
#[derive(Clone)]
pub struct Commitment(Secret);

impl Commitment {
    /// Draws a new one.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when there is no randomness.
    pub fn generate(clock: &Clock) -> Result<Self, Error> {
        let bytes = clock
            .random::<32>()
            .map_err(|source| Error::configuration("no commitment could be made").with_source(source))?;
        Ok(Self(Secret::new(hash::encode(&bytes))))
    }

    /// Takes one that was kept.
    pub fn new(text: impl Into<Secret>) -> Self {
        Self(text.into())
    }

    /// The text, to be kept and to be shared with the claims.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The commitments of one push, by scope. Keep them: a new push replaces all of them.
///
/// It serialises as the map that the provider's SDK hands out.
#[derive(Clone, Debug, Default)]
pub struct Commitments(Vec<(String, Commitment)>);

impl Commitments {
    /// Draws one for each scope.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when there is no randomness.
    pub fn generate(claims: &Claims, clock: &Clock) -> Result<Self, Error> {
        claims
            .scopes()
            .map(|scope| Ok((scope.to_owned(), Commitment::generate(clock)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Takes those that were kept.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (String, Commitment)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// The commitment of a scope.
    pub fn get(&self, scope: &str) -> Option<&Commitment> {
        self.0.iter().find(|(name, _)| name == scope).map(|(_, commitment)| commitment)
    }

    /// All of them, in the order of the scopes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Commitment)> {
        self.0.iter().map(|(scope, commitment)| (scope.as_str(), commitment))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Commitments {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (scope, commitment) in self.iter() {
            map.serialize_entry(scope, commitment.expose())?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Commitments {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs = Map::deserialize(deserializer)?;
        pairs
            .into_iter()
            .map(|(scope, text)| match text {
                Value::String(text) => Ok((scope, Commitment::new(text))),
                _ => Err(serde::de::Error::custom("a commitment is a text")),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Claims {
    /// The claims with each scope's commitment in it, as they are shared.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when a scope has no commitment: it was never pushed, so
    /// what is shared could not be checked.
    pub fn with_commitments(mut self, commitments: &Commitments) -> Result<Self, Error> {
        for (scope, claims) in self.iter_mut() {
            let commitment = commitments.get(scope).ok_or_else(|| {
                Error::invalid("commitments", "a scope has no commitment")
                    .with_hint("push the claims first, and keep the commitments of the push")
            })?;
            if let Value::Object(claims) = claims {
                claims.insert(commitment_member(scope), json!(commitment.expose()));
            }
        }
        Ok(self)
    }
}
