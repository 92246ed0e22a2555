//! Published key sets (JWK Set, RFC 7517 section 5).

use serde_json::Value;

use super::{
    algorithm::SignatureAlgorithm,
    jwk::{Jwk, Labels},
    keys::VerificationKey,
};
use crate::{
    error::{Error, ErrorKind},
    wire::unique,
};

/// A published set is smaller; a longer one is refused before it is parsed.
const MAX_LEN: usize = 256 * 1024;

/// More keys than this are not looked at: each costs a parse, and none may make a verification expensive.
const MAX_KEYS: usize = 64;

/// The verification keys of a set.
#[derive(Clone, Debug)]
pub(crate) struct KeySet {
    keys: Vec<VerificationKey>,
    skipped: usize,
}

impl KeySet {
    /// Reads a set for the given algorithms. A key that serves none of them, that is malformed or that holds a secret
    /// is skipped and counted: one bad key does not take the others away.
    ///
    /// A key without a label is bound to the first of the algorithms that it fits, so that no key serves two.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] when this is no key set, [`ErrorKind::TooLarge`] above 256 KiB.
    pub(crate) fn read(bytes: &[u8], algorithms: &[SignatureAlgorithm]) -> Result<Self, Error> {
        if bytes.len() > MAX_LEN {
            return Err(Error::new(ErrorKind::TooLarge, "the key set is longer than 256 KiB"));
        }
        let refused = || Error::new(ErrorKind::Decode, "this is not a JSON Web Key Set").with_path("keys");
        let mut set = unique::object(bytes).ok_or_else(refused)?;
        let Some(Value::Array(members)) = set.remove("keys") else { return Err(refused()) };
        let count = members.len();
        let keys = members
            .into_iter()
            .take(MAX_KEYS)
            .filter_map(|member| match member {
                Value::Object(members) => Some(Jwk::from_members(members)),
                _ => None,
            })
            .filter(|jwk| !jwk.is_secret())
            .filter_map(|jwk| {
                algorithms
                    .iter()
                    .find_map(|algorithm| VerificationKey::read(&jwk, *algorithm, Labels::Checked).ok())
            })
            .collect::<Vec<_>>();
        Ok(Self { skipped: count - keys.len(), keys })
    }

    /// Number of skipped keys.
    pub(crate) fn skipped(&self) -> usize {
        self.skipped
    }

    /// Number of usable keys.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys for an algorithm, and for a name where the token gives one: then a key of another name, or of none,
    /// does not count.
    pub(crate) fn candidates<'a>(
        &'a self,
        algorithm: &'a str,
        id: Option<&'a str>,
    ) -> impl Iterator<Item = &'a VerificationKey> {
        self.keys.iter().filter(move |key| {
            key.algorithm().name() == algorithm && id.is_none_or(|id| key.id.as_deref() == Some(id))
        })
    }
}
