//! Validating tokens.

use serde_json::{Map, Value};

use super::{
    super::holder::Holder,
    claims::{ACCESS, AccessClaims, CHALLENGE, ChallengeClaims, KIND, no_subject, subject},
};
use crate::{
    clock::Clock,
    crypto::{
        jose::{
            algorithm::SignatureAlgorithm,
            claims::{ClaimRules, Claims},
            keys::VerificationKey,
            verify,
        },
        rsa,
    },
    error::{Error, ErrorKind},
    privacy::Secret,
    selfkey::did::Did,
};

/// The longest token that is read. An RS512 token with a long DID has less than 2 KiB.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Validates tokens under one key.
#[derive(Clone)]
pub struct TokenVerifier {
    key: VerificationKey,
    clock: Clock,
}

impl TokenVerifier {
    pub(super) fn of(key: VerificationKey) -> Self {
        Self { key, clock: Clock::default() }
    }

    /// Validates HS512 tokens under the secret's characters.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for fewer than 64 characters.
    pub fn hmac(secret: impl Into<Secret>) -> Result<Self, Error> {
        let key = VerificationKey::from_secret(secret.into().expose_bytes(), SignatureAlgorithm::Hs512)?;
        Ok(Self::of(key))
    }

    /// Validates RS512 tokens under a public key in PEM (`SubjectPublicKeyInfo` or PKCS#1).
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for another key.
    pub fn rsa(public_key_pem: &str) -> Result<Self, Error> {
        let key =
            VerificationKey::from_rsa(rsa::PublicKey::from_pem(public_key_pem)?, SignatureAlgorithm::Rs512)?;
        Ok(Self::of(key))
    }

    /// Sets the source of time. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    pub(in super::super) fn time(&self) -> &Clock {
        &self.clock
    }

    /// Validates signature and lifetime of a token, and returns its claims. What the token is for was not
    /// looked at.
    ///
    /// # Errors
    ///
    /// [`Signature`](ErrorKind::Signature), [`Expired`](ErrorKind::Expired), [`Decode`](ErrorKind::Decode) or
    /// [`TooLarge`](ErrorKind::TooLarge), each with a [check](Error::check).
    pub fn claims(&self, token: &str) -> Result<Value, Error> {
        self.read(token).map(Value::Object)
    }

    /// Validates a challenge token.
    ///
    /// # Errors
    ///
    /// As [`claims`](Self::claims); [`Signature`](ErrorKind::Signature) with the check `token.kind` for another kind of
    /// token, and `token.subject` for one without a subject.
    pub fn challenge(&self, token: &str) -> Result<ChallengeClaims, Error> {
        let claims = self.read(token)?;
        of_kind(&claims, CHALLENGE)?;
        ChallengeClaims::of(claims)
    }

    /// Validates an access token.
    ///
    /// # Errors
    ///
    /// As [`challenge`](Self::challenge); the subject must be a DID.
    pub fn access(&self, token: &str) -> Result<AccessClaims, Error> {
        let claims = self.read(token)?;
        of_kind(&claims, ACCESS)?;
        let did = subject(&claims).and_then(|subject| Did::parse(subject).ok()).ok_or_else(no_subject)?;
        Ok(AccessClaims::new(Holder::did(&did), claims))
    }

    /// The challenge of the documented dialect. Its tokens name no kind: this one has a nonce, and an address for its
    /// subject, which no access token has.
    pub(in super::super) fn documented_challenge(&self, token: &str) -> Result<ChallengeClaims, Error> {
        let claims = ChallengeClaims::of(self.read(token)?)?;
        if claims.address().is_none() || claims.message().is_none() {
            return Err(another_kind());
        }
        Ok(claims)
    }

    /// The access token of the documented dialect: its subject is a public key.
    pub(in super::super) fn documented_access(&self, token: &str) -> Result<AccessClaims, Error> {
        let claims = self.read(token)?;
        let holder = subject(&claims).and_then(Holder::public_key).ok_or_else(no_subject)?;
        if claims.contains_key("nonce") {
            return Err(another_kind());
        }
        Ok(AccessClaims::new(holder, claims))
    }

    fn read(&self, token: &str) -> Result<Map<String, Value>, Error> {
        let token = verify::verify(&self.key, token.as_bytes(), MAX_TOKEN_BYTES)?;
        let claims = Claims::read(token.payload())?;
        claims.check(&ClaimRules::new(), &self.clock)?;
        Ok(claims.into_map())
    }
}

fn of_kind(claims: &Map<String, Value>, kind: &str) -> Result<(), Error> {
    if claims.get(KIND).and_then(Value::as_str) == Some(kind) { Ok(()) } else { Err(another_kind()) }
}

fn another_kind() -> Error {
    Error::new(ErrorKind::Signature, "this is another kind of token").with_check("token.kind")
}

crate::privacy::redacted_debug!(TokenVerifier { .. });
