//! Claim tokens: what a market puts to the provider instead of the data, one for each scope.
//!
//! A token holds the hash of a scope's claims together with a random commitment. Whoever later gets the claims and the
//! commitment can compute the hash again; whoever has the hash alone learns nothing.
//!
//! ```
//! use kyckit::{clock::Clock, credify::{claims::Claims, keys::SigningKey, token::claim}};
//!
//! # fn main() -> kyckit::Result<()> {
//! # let clock = Clock::system();
//! # let key = SigningKey::generate(&clock)?;
//! let claims = Claims::new().phone("+84381234567").email("test@credify.one");
//! // Keep them before the push: with them the same tokens can be made again.
//! let commitments = claim::Commitments::generate(&claims, &clock)?;
//! let signer = claim::ClaimSigner::new(key, "40f9a736-0d97-409b-a0f7-d23ebca20bde");
//! let tokens = signer.sign("ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512", &claims, &commitments, &clock)?;
//! assert_eq!(tokens.len(), 2);
//! # Ok(())
//! # }
//! ```

use serde_json::json;

pub use super::commitment::{Commitment, Commitments};
use super::{
    jwt::{self, Strictness, Unverified},
    payload::{issued_at, text},
};
use crate::{
    clock::Clock,
    credify::{
        claims::{Claims, commitment_member},
        json::{canonical_object, hash, unified_object},
        keys::{SigningKey, VerifyingKey},
    },
    crypto,
    error::{Error, ErrorKind},
    privacy::Pii,
};

/// What the hash of a claim token covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScopeHashMode {
    /// The claims of the scope and its commitment: what the documentation describes, and the only hash that the
    /// receiver of one scope can compute again.
    #[default]
    PerScope,
    /// All claims of the user and the commitment: what `@credify/nodejs` 1.21.5 and 1.22.6 really send. For markets
    /// with hashes that must stay what that SDK has registered.
    WholeObject,
    /// The claims of the scope unsorted, with a commitment that is always named `<scope>:commitment`: what
    /// `@credify/nodejs` 1.0.1 sent.
    Legacy101,
}

impl ScopeHashMode {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::PerScope, Self::WholeObject, Self::Legacy101];

    /// The text that is hashed; none when the claims have no such scope.
    pub(crate) fn hashed(
        self,
        claims: &Claims,
        scope: &str,
        commitment: &str,
    ) -> Option<Result<String, Error>> {
        let members = claims.scope_members(scope)?;
        Some(match self {
            Self::PerScope => unified_object(members, Some((&commitment_member(scope), commitment))),
            Self::WholeObject => {
                unified_object(claims.members(), Some((&commitment_member(scope), commitment)))
            }
            Self::Legacy101 => canonical_object(members, Some((&format!("{scope}:commitment"), commitment))),
        })
    }
}

/// Signs claim tokens of one market.
#[derive(Clone, Debug)]
pub struct ClaimSigner {
    key: SigningKey,
    provider_id: String,
    mode: ScopeHashMode,
}

impl ClaimSigner {
    /// A signer for the market with this id.
    pub fn new(key: SigningKey, provider_id: impl Into<String>) -> Self {
        Self { key, provider_id: provider_id.into(), mode: ScopeHashMode::default() }
    }

    /// Hashes in another mode than [`ScopeHashMode::PerScope`].
    #[must_use]
    pub fn with_mode(mut self, mode: ScopeHashMode) -> Self {
        self.mode = mode;
        self
    }

    /// Signs a token for each scope, in the order of the scopes.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when a scope has no commitment.
    pub fn sign(
        &self,
        entity_id: &str,
        claims: &Claims,
        commitments: &Commitments,
        clock: &Clock,
    ) -> Result<Vec<Pii<String>>, Error> {
        let missing = || Error::invalid("commitments", "a scope has no commitment");
        claims
            .scopes()
            .map(|scope| {
                self.sign_scope(entity_id, claims, scope, commitments.get(scope).ok_or_else(missing)?, clock)
            })
            .collect()
    }

    /// Signs the token of one scope.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the claims have no such scope.
    pub fn sign_scope(
        &self,
        entity_id: &str,
        claims: &Claims,
        scope: &str,
        commitment: &Commitment,
        clock: &Clock,
    ) -> Result<Pii<String>, Error> {
        let hashed = self
            .mode
            .hashed(claims, scope, commitment.expose())
            .ok_or_else(|| Error::invalid("scope", "the claims have no such scope"))??;
        let hash = hash::sha256_text(&hashed);
        let issued_at = issued_at(clock);
        let payload = match self.mode {
            ScopeHashMode::Legacy101 => json!({
                "user_id": entity_id, "scope_name": scope, "scope_hash": hash,
                "iat": issued_at, "iss": self.provider_id,
            }),
            _ => json!({
                "iat": issued_at, "iss": self.provider_id, "user_id": entity_id,
                "scope_name": scope, "scope_hash": hash,
            }),
        };
        jwt::sign(&self.key, &payload)
    }
}

/// A claim token with a verified signature.
#[derive(Clone)]
pub struct VerifiedClaimToken {
    provider_id: String,
    user_id: String,
    scope: String,
    hash: String,
    issued_at: i64,
}

impl VerifiedClaimToken {
    /// Verifies a claim token with the market's key.
    ///
    /// # Errors
    ///
    /// [`Signature`](crate::ErrorKind::Signature) when it is malformed or signed by another key;
    /// [`Decode`](crate::ErrorKind::Decode) when a member is missing, with its path.
    pub fn read(token: &str, key: &VerifyingKey) -> Result<Self, Error> {
        let token = Unverified::parse(token, Strictness::Strict, jwt::LONGEST)?.verify(key)?;
        let payload = token.payload();
        let member = |name: &'static str| text(payload, name).ok_or_else(|| missing(name));
        Ok(Self {
            provider_id: member("iss")?,
            user_id: member("user_id")?,
            scope: member("scope_name")?,
            hash: member("scope_hash")?,
            issued_at: jwt::issued_at(payload)?.ok_or_else(|| missing("iat"))?,
        })
    }

    /// The market.
    pub fn provider_id(&self) -> &str {
        &self.provider_id
    }

    /// The user's Credify id.
    pub fn user_id(&self) -> Pii<&str> {
        Pii::new(&self.user_id)
    }

    /// The scope.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// When the token was made, in seconds since 1970.
    pub fn issued_at(&self) -> i64 {
        self.issued_at
    }

    /// Whether these claims, with their commitment in the scope, are what the market pushed: the first of the given
    /// modes in which the hash fits.
    ///
    /// Claims that were encrypted field by field come back as texts. The hash of numbers and booleans fits only when
    /// they are turned back into what they were.
    pub fn matches(&self, claims: &Claims, modes: &[ScopeHashMode]) -> Option<ScopeHashMode> {
        let members = claims.scope_members(&self.scope)?;
        let commitment = [commitment_member(&self.scope), format!("{}:commitment", self.scope)]
            .iter()
            .find_map(|name| members.get(name)?.as_str())
            .map(Commitment::new)?;
        modes.iter().copied().find(|mode| match mode {
            // What was pushed had no commitments yet, in no scope.
            ScopeHashMode::WholeObject => self.fits(&claims.without_commitments(), &commitment, *mode),
            _ => self.fits(claims, &commitment, *mode),
        })
    }

    /// [`matches`](Self::matches) with claims as they were pushed, and the commitment of the scope beside them.
    pub fn matches_with(
        &self,
        claims: &Claims,
        commitment: &Commitment,
        modes: &[ScopeHashMode],
    ) -> Option<ScopeHashMode> {
        modes.iter().copied().find(|mode| self.fits(claims, commitment, *mode))
    }

    fn fits(&self, claims: &Claims, commitment: &Commitment, mode: ScopeHashMode) -> bool {
        let hashed = mode.hashed(claims, &self.scope, commitment.expose()).and_then(Result::ok);
        hashed
            .is_some_and(|hashed| crypto::equal(hash::sha256_text(&hashed).as_bytes(), self.hash.as_bytes()))
    }
}

crate::privacy::redacted_debug!(VerifiedClaimToken { issued_at, .. });

fn missing(name: &'static str) -> Error {
    Error::new(ErrorKind::Decode, "the token lacks a claim").with_check("claim.missing").with_path(name)
}
