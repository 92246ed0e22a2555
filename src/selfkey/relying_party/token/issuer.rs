//! Issuing tokens.

use std::{net::IpAddr, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{
    claims::{ACCESS, ADDRESS, CHALLENGE, KIND},
    secret::{check_secret, no_randomness},
    verifier::TokenVerifier,
};
use crate::{
    clock::Clock,
    crypto::{
        jose::{
            algorithm::SignatureAlgorithm,
            keys::{SigningKey, VerificationKey},
            sign,
        },
        rsa,
    },
    error::Error,
    privacy::Secret,
};

/// How long a challenge is answered, unless said otherwise.
pub const CHALLENGE_TTL: Duration = Duration::from_secs(30 * 60);
/// How long an access token lives, unless said otherwise.
pub const ACCESS_TTL: Duration = Duration::from_secs(60 * 60);

/// Smaller RSA keys issue no tokens.
const MIN_MODULUS_BITS: u32 = 4096;
/// Random bytes of a nonce.
const NONCE_BYTES: usize = 64;

/// Issues tokens under one key.
#[derive(Clone)]
pub struct TokenIssuer {
    key: SigningKey,
    verifier: TokenVerifier,
    challenge_ttl: Duration,
    access_ttl: Duration,
}

impl TokenIssuer {
    /// Creates an issuer with HS512 under a secret: its characters are the key, not the bytes that they may encode. It
    /// must hold at least 64 bytes when it is read as base64, as the provider's library measures it;
    /// [`generate_secret`](super::generate_secret) makes one.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a shorter one.
    pub fn hmac(secret: impl Into<Secret>) -> Result<Self, Error> {
        let secret = secret.into();
        check_secret(&secret)?;
        let key = SigningKey::from_secret(secret.expose_bytes(), SignatureAlgorithm::Hs512)?;
        Ok(Self::of(key, TokenVerifier::hmac(secret)?))
    }

    /// Creates an issuer with RS512 under a private key of at least 4096 bits in PEM (PKCS#1 or PKCS#8): for several
    /// servers, of which one issues and the others validate.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for another or a smaller key.
    pub fn rsa(private_key_pem: impl Into<Secret>) -> Result<Self, Error> {
        let key = rsa::PrivateKey::from_pem(private_key_pem.into().expose(), None)?;
        if key.bits() < MIN_MODULUS_BITS {
            return Err(Error::configuration("an RSA key that issues tokens has at least 4096 bits"));
        }
        let public = VerificationKey::from_rsa(key.public_key()?, SignatureAlgorithm::Rs512)?;
        let key = SigningKey::from_rsa(key, SignatureAlgorithm::Rs512)?;
        Ok(Self::of(key, TokenVerifier::of(public)))
    }

    fn of(key: SigningKey, verifier: TokenVerifier) -> Self {
        Self { key, verifier, challenge_ttl: CHALLENGE_TTL, access_ttl: ACCESS_TTL }
    }

    /// Sets the source of time and randomness. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.verifier = self.verifier.clock(clock);
        self
    }

    /// Sets how long a challenge can be answered. Default: [`CHALLENGE_TTL`].
    #[must_use]
    pub fn challenge_ttl(mut self, ttl: Duration) -> Self {
        self.challenge_ttl = ttl;
        self
    }

    /// Sets how long an access token lives. Default: [`ACCESS_TTL`].
    #[must_use]
    pub fn access_ttl(mut self, ttl: Duration) -> Self {
        self.access_ttl = ttl;
        self
    }

    /// Validates what this issues.
    pub fn verifier(&self) -> &TokenVerifier {
        &self.verifier
    }

    /// Issues a token for a subject. The claims stand in front, in their order; `iat`, `exp` and `sub` come from here,
    /// whatever the claims say of them. Lifetimes count in whole seconds.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when the claims are no JSON object, and for an end that no
    /// number of seconds says.
    pub fn issue(&self, subject: &str, ttl: Duration, claims: &Value) -> Result<Secret, Error> {
        let claims = claims.as_object().ok_or_else(|| Error::configuration("claims are a JSON object"))?;
        let mut payload: Map<String, Value> = claims
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "exp" | "iat" | "sub"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let now = self.now();
        payload.insert("iat".to_owned(), now.into());
        payload.insert("exp".to_owned(), end(now, ttl)?.into());
        payload.insert("sub".to_owned(), subject.into());
        self.sign(&payload)
    }

    /// Issues a challenge for a subject: a DID, byte for byte as the wallet sent it.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when there is no randomness.
    pub fn issue_challenge(&self, subject: &str) -> Result<Secret, Error> {
        self.challenge(subject, None)
    }

    /// Issues an access token for a subject.
    ///
    /// # Errors
    ///
    /// As [`issue`](Self::issue).
    pub fn issue_access(&self, subject: &str) -> Result<Secret, Error> {
        self.issue(subject, self.access_ttl, &json!({ KIND: ACCESS }))
    }

    /// Issues a challenge that can be answered from this address only, where there is one.
    pub(in super::super) fn challenge(
        &self,
        subject: &str,
        address: Option<IpAddr>,
    ) -> Result<Secret, Error> {
        let mut claims = json!({ "nonce": self.nonce()?, KIND: CHALLENGE });
        if let Some(address) = address {
            claims[ADDRESS] = address.to_string().into();
        }
        self.issue(subject, self.challenge_ttl, &claims)
    }

    /// How long a used challenge is remembered, at most.
    pub(in super::super) fn challenge_window(&self) -> Duration {
        self.challenge_ttl
    }

    /// The challenge of the documented dialect: the caller's address is the subject.
    pub(in super::super) fn documented_challenge(&self, address: IpAddr) -> Result<Secret, Error> {
        let now = self.now();
        self.sign(&json!({
            "sub": address.to_string(),
            "nbf": now,
            "exp": end(now, self.challenge_ttl)?,
            "nonce": self.nonce()?,
        }))
    }

    /// The access token of the documented dialect.
    pub(in super::super) fn documented_access(&self, public_key: &str) -> Result<Secret, Error> {
        let now = self.now();
        self.sign(&json!({ "sub": public_key, "nbf": now, "exp": end(now, self.access_ttl)? }))
    }

    pub(in super::super) fn now(&self) -> u64 {
        self.verifier.time().unix_seconds()
    }

    fn nonce(&self) -> Result<String, Error> {
        let bytes = self.verifier.time().random::<NONCE_BYTES>().map_err(no_randomness)?;
        Ok(STANDARD.encode(bytes))
    }

    fn sign(&self, payload: &impl serde::Serialize) -> Result<Secret, Error> {
        let payload =
            serde_json::to_vec(payload).map_err(|_| Error::configuration("the claims have no JSON form"))?;
        sign::sign(&self.key, Some("JWT"), &payload).map(Secret::new)
    }
}

fn end(now: u64, ttl: Duration) -> Result<u64, Error> {
    now.checked_add(ttl.as_secs())
        .ok_or_else(|| Error::configuration("the lifetime ends beyond the end of time"))
}

crate::privacy::redacted_debug!(TokenIssuer { .. });

#[cfg(test)]
mod tests {
    use super::{super::secret::generate_secret, *};

    #[test]
    fn the_two_tokens_of_the_documented_dialect_are_told_apart() {
        let issuer = generate_secret(&Clock::system()).and_then(TokenIssuer::hmac).expect("issuer");
        let verifier = issuer.verifier();
        let challenge = issuer.documented_challenge(IpAddr::from([127, 0, 0, 1])).expect("challenge");
        let key = format!("0x{}", "ab".repeat(64));
        let access = issuer.documented_access(&key).expect("access");
        assert!(verifier.documented_challenge(challenge.expose()).is_ok());
        assert_eq!(verifier.documented_access(access.expose()).expect("access").holder().as_str(), key);
        assert!(verifier.documented_access(challenge.expose()).is_err());
        assert!(verifier.documented_challenge(access.expose()).is_err());
        // Nor do those of the current one pass for them.
        let current = issuer.issue_access("did:eth:0x1").expect("access");
        assert!(verifier.documented_access(current.expose()).is_err());
        assert!(verifier.access(access.expose()).is_err());
    }
}
