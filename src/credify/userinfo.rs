//! What a service provider gets: the userinfo answer, decrypted, with what is known of where each scope comes from.
//!
//! A decrypted answer is not an authentic one: whoever has the public key can encrypt. Of the two forms only the
//! aggregated one is signed, by the market that shares the scope. A scope with a checked signature is
//! [`ScopeClaims::Verified`], and no other scope can become that.
//!
//! ```no_run
//! use kyckit::credify::{
//!     authority::Authority, keys::DecryptionKey, userinfo::{ProviderKeys, UserInfoReader},
//! };
//!
//! # async fn read(authority: impl Authority, key: DecryptionKey, body: serde_json::Value) -> kyckit::Result<()> {
//! let keys = ProviderKeys::new(&authority);
//! let info = UserInfoReader::new(&key).verify_with(&keys).read(body).await?;
//! match info.verified("b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:history") {
//!     Some(claims) => println!("signed by the market: {} claims", claims.expose().as_object().map_or(0, |c| c.len())),
//!     None => println!("not shared, or not signed"),
//! }
//! # Ok(())
//! # }
//! ```

use serde_json::{Map, Value};

use super::{
    PROVIDER,
    aggregated::AggregatedClaims,
    authority::Authority,
    boxed::boxed_twin,
    encryption::{ClaimsFormat, Opened, Quotes, decrypted, open_source, without_quotes},
    json::DEEPEST,
    keys::{DecryptionKey, VerifyingKey},
    token::jwt::{self, Strictness, Unverified},
};
use crate::{
    crypto,
    error::{Error, ErrorKind},
    privacy::Pii,
    verified::{Proof, Verified},
};

/// Members of an answer that belong to the protocol and are never encrypted.
const PROTOCOL: [&str; 11] = [
    "sid",
    "sub",
    "signing_public_key",
    "transaction_id",
    "ext",
    "aud",
    "auth",
    "auth_time",
    "iat",
    "iss",
    "rat",
];

/// Finds the key of the market that signs a scope's claims.
pub trait ScopeKeys: Send + Sync {
    /// Finds the key, or none when it is not known who shares the scope; the claims are then unverified.
    ///
    /// # Errors
    ///
    /// When the key cannot be had.
    fn signing_key(&self, scope: &str) -> impl Future<Output = Result<Option<VerifyingKey>, Error>> + Send;
}

boxed_twin! {
    trait DynScopeKeys: ScopeKeys {
        fn signing_key<'a>(&self, scope: &'a str) -> Result<Option<VerifyingKey>, Error>;
    }
}

/// Takes the market's id from the name of the scope, `<uuid>:<name>`, and asks the provider for its key.
pub struct ProviderKeys<'a, A> {
    authority: &'a A,
    standard: Option<String>,
}

impl<'a, A: Authority> ProviderKeys<'a, A> {
    /// Asks this authority.
    pub fn new(authority: &'a A) -> Self {
        Self { authority, standard: None }
    }

    /// Names the market that shares the standard scopes (`phone`, `profile` …), which do not name one.
    #[must_use]
    pub fn standard_scopes_of(mut self, provider_id: impl Into<String>) -> Self {
        self.standard = Some(provider_id.into());
        self
    }
}

impl<A: Authority> ScopeKeys for ProviderKeys<'_, A> {
    async fn signing_key(&self, scope: &str) -> Result<Option<VerifyingKey>, Error> {
        let provider = match scope.split_once(':') {
            Some((provider, _)) => Some(provider),
            None => self.standard.as_deref(),
        };
        let Some(provider) = provider else { return Ok(None) };
        let keys = self.authority.public_keys(provider).await?;
        keys.signing.map(|key| VerifyingKey::from_pem(&key)).transpose()
    }
}

crate::privacy::redacted_debug!(<A> ProviderKeys<'_, A> { .. });

/// Reads userinfo answers with one key.
pub struct UserInfoReader<'a> {
    key: &'a DecryptionKey,
    quotes: Quotes,
    keys: Option<&'a dyn DynScopeKeys>,
}

impl<'a> UserInfoReader<'a> {
    /// A reader that removes double quotes from decrypted values, as the provider's SDK does, and verifies nothing.
    pub fn new(key: &'a DecryptionKey) -> Self {
        Self { key, quotes: Quotes::Remove, keys: None }
    }

    /// Leaves decrypted values as they are.
    #[must_use]
    pub fn keep_quotes(mut self) -> Self {
        self.quotes = Quotes::Keep;
        self
    }

    /// Verifies the signatures of aggregated claims with the keys that are found here.
    #[must_use]
    pub fn verify_with(mut self, keys: &'a impl ScopeKeys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// Decrypts an answer, whichever form it has.
    ///
    /// # Errors
    ///
    /// [`Decryption`](crate::ErrorKind::Decryption) when any part was not encrypted for this key;
    /// [`Signature`](crate::ErrorKind::Signature) when a scope was not signed with the key that was found for it;
    /// [`Decode`](crate::ErrorKind::Decode) for an answer of another form; and what finding a key ends in.
    pub async fn read(&self, body: Value) -> Result<UserInfo, Error> {
        self.open(body).await.map_err(|error| error.during(PROVIDER, "userinfo"))
    }

    async fn open(&self, body: Value) -> Result<UserInfo, Error> {
        let aggregated = AggregatedClaims::read(&body)?;
        let Value::Object(members) = body else {
            return Err(Error::new(ErrorKind::Decode, "the userinfo answer is no object"));
        };
        match aggregated {
            Some(aggregated) => self.read_aggregated(members, &aggregated).await,
            None => self.read_fields(members),
        }
    }

    fn read_fields(&self, mut members: Map<String, Value>) -> Result<UserInfo, Error> {
        let mut scopes = Vec::new();
        for (name, value) in &mut members {
            if PROTOCOL.contains(&name.as_str()) {
                continue;
            }
            // One level is the answer's own.
            let opened = decrypted(value, self.key, self.quotes, DEEPEST - 1)?;
            *value = without_quotes(opened, self.quotes);
            if value.is_object() {
                scopes.push((name.clone(), ScopeClaims::Unverified(Pii::new(value.clone()))));
            }
        }
        Ok(UserInfo { format: ClaimsFormat::FieldByField, members, scopes })
    }

    async fn read_aggregated(
        &self,
        mut members: Map<String, Value>,
        aggregated: &AggregatedClaims,
    ) -> Result<UserInfo, Error> {
        let mut scopes = Vec::new();
        for (scope, token) in aggregated.sources() {
            // A market must not speak for the provider.
            if PROTOCOL.contains(&scope) || AggregatedClaims::is_own_member(scope) {
                return Err(Error::new(ErrorKind::Decode, "a scope is named as a member of the protocol"));
            }
            let claims = match open_source(token, self.key)? {
                Opened::Claims(claims) => ScopeClaims::Unverified(Pii::new(Value::Object(claims))),
                Opened::Token(token) => self.signed(scope, token.expose()).await?,
            };
            members.insert(scope.to_owned(), claims.expose().clone());
            scopes.push((scope.to_owned(), claims));
        }
        Ok(UserInfo { format: ClaimsFormat::Aggregated, members, scopes })
    }

    async fn signed(&self, scope: &str, token: &str) -> Result<ScopeClaims, Error> {
        let parsed = Unverified::parse(token, Strictness::Strict, jwt::LONGEST_WITH_DOCUMENTS)?;
        let key = match self.keys {
            Some(keys) => keys.signing_key(scope).await?,
            None => None,
        };
        let Some(key) = key else {
            return Ok(ScopeClaims::Unverified(Pii::new(Value::Object(parsed.payload().clone()))));
        };
        let claims = Pii::new(Value::Object(parsed.verify(&key)?.into_payload()));
        let proof = Proof::new(0, "EdDSA", crypto::sha256(&[token.as_bytes()]));
        Ok(ScopeClaims::Verified(Verified::new(claims, proof)))
    }
}

crate::privacy::redacted_debug!(UserInfoReader<'_> { .. });

/// The claims of one scope.
#[derive(Clone, Debug)]
#[allow(clippy::exhaustive_enums, reason = "there is nothing between the two")]
pub enum ScopeClaims {
    /// The market's signature was checked with its key.
    Verified(Verified<Pii<Value>>),
    /// They have no signature, or none that was checked: only the OIDC connection vouches for them.
    Unverified(Pii<Value>),
}

impl ScopeClaims {
    /// Whether the market's signature was checked.
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Verified(_))
    }

    /// The claims, whoever made them.
    pub fn expose(&self) -> &Value {
        match self {
            Self::Verified(claims) => claims.expose(),
            Self::Unverified(claims) => claims.expose(),
        }
    }
}

/// A decrypted userinfo answer.
#[derive(Clone)]
pub struct UserInfo {
    format: ClaimsFormat,
    members: Map<String, Value>,
    scopes: Vec<(String, ScopeClaims)>,
}

impl UserInfo {
    /// The form in which it came.
    pub fn format(&self) -> ClaimsFormat {
        self.format
    }

    /// The user's Credify id.
    pub fn subject(&self) -> Option<Pii<&str>> {
        self.text("sub").map(Pii::new)
    }

    /// The transaction: the id to report the status of an offer with.
    pub fn transaction_id(&self) -> Option<&str> {
        self.text("transaction_id")
    }

    /// The user's public signing key, as it came.
    pub fn signing_public_key(&self) -> Option<Pii<&str>> {
        self.text("signing_public_key").map(Pii::new)
    }

    /// The scopes that were shared, in order.
    pub fn scopes(&self) -> impl Iterator<Item = (&str, &ScopeClaims)> {
        self.scopes.iter().map(|(scope, claims)| (scope.as_str(), claims))
    }

    /// The claims of a scope, with what is known of their origin.
    pub fn scope(&self, name: &str) -> Option<&ScopeClaims> {
        self.scopes().find(|(scope, _)| *scope == name).map(|(_, claims)| claims)
    }

    /// The claims of a scope with a checked signature; none for every other scope.
    pub fn verified(&self, name: &str) -> Option<&Verified<Pii<Value>>> {
        match self.scope(name)? {
            ScopeClaims::Verified(claims) => Some(claims),
            ScopeClaims::Unverified(_) => None,
        }
    }

    /// The whole answer with decrypted claims, whoever made them.
    pub fn to_unverified_value(&self) -> Pii<Value> {
        Pii::new(Value::Object(self.members.clone()))
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.members.get(name)?.as_str()
    }
}

crate::privacy::redacted_debug!(UserInfo { format, scopes: |this| this.scopes.len(), .. });
