//! JSON Web Tokens as relying parties issue them: C-JWT (the challenge) and W-JWT (access), by HS512 or RS512.
//!
//! A key is bound to one algorithm, and no header of a token ever chooses. There is no leeway: a token ends at the
//! second of its `exp`. Source: `selfkey.js`, `src/jwt`, `src/key` and `src/auth`; its documentation, parts 2 to 5.

use std::{fmt, net::IpAddr, sync::Arc, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::holder::Holder;
use crate::{
    clock::Clock,
    crypto::{
        jose::{
            algorithm::SignatureAlgorithm,
            claims::{ClaimRules, Claims},
            keys::{SigningKey, VerificationKey},
            sign, verify,
        },
        rsa,
    },
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
    selfkey::Did,
};

/// How long a challenge is answered, unless said otherwise.
pub const CHALLENGE_LIFE: Duration = Duration::from_secs(30 * 60);
/// How long an access token lives, unless said otherwise.
pub const ACCESS_LIFE: Duration = Duration::from_secs(60 * 60);

/// The longest token that is looked at. An RS512 token with a long DID has less than 2 KiB.
const LONGEST_TOKEN: usize = 8 * 1024;
/// Fewer bytes make no secret for HS512 (RFC 7518 section 3.2).
const SHORTEST_SECRET: usize = 64;
/// Smaller RSA keys issue no tokens.
const SMALLEST_MODULUS: u32 = 4096;
/// Random bytes of a nonce.
const NONCE_BYTES: usize = 64;

const KIND: &str = "tokenType";
const CHALLENGE: &str = "CHALLENGE";
const ACCESS: &str = "ACCESS";
const ADDRESS: &str = "address";

/// Issues tokens under one key.
#[derive(Clone)]
pub struct TokenIssuer {
    key: SigningKey,
    verifier: TokenVerifier,
    challenge_life: Duration,
    access_life: Duration,
}

/// Validates tokens under one key.
#[derive(Clone)]
pub struct TokenVerifier {
    key: VerificationKey,
    clock: Clock,
}

/// What a challenge token says that was issued with this key and is not past its time. Made by
/// [`TokenVerifier::challenge`] alone.
#[derive(Clone)]
pub struct ChallengeClaims {
    subject: Pii<String>,
    claims: Arc<Map<String, Value>>,
}

/// What an access token says that was issued with this key and is not past its time. Made by
/// [`TokenVerifier::access`] alone.
#[derive(Clone)]
pub struct AccessClaims {
    holder: Holder,
    claims: Arc<Map<String, Value>>,
}

impl TokenIssuer {
    /// HS512 under a secret: its characters are the key, not the bytes that they may encode. It must hold at least 64
    /// bytes when it is read as base64, as the provider's library measures it; [`generate_secret`] makes one.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a shorter one.
    pub fn hmac(secret: impl Into<Secret>) -> Result<Self, Error> {
        let secret = secret.into();
        if lenient_base64_length(secret.expose()) < SHORTEST_SECRET {
            return Err(Error::configuration("the secret for HS512 holds fewer than 64 bytes")
                .with_hint("make one of 64 random bytes in base64, 88 characters"));
        }
        let key = SigningKey::from_secret(secret.expose_bytes(), SignatureAlgorithm::Hs512)?;
        Ok(Self::of(key, TokenVerifier::hmac(secret)?))
    }

    /// RS512 under a private key of at least 4096 bits in PEM (PKCS#1 or PKCS#8): for several servers, of which one
    /// issues and the others validate.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for another or a smaller key.
    pub fn rsa(private_key_pem: impl Into<Secret>) -> Result<Self, Error> {
        let key = rsa::PrivateKey::from_pem(private_key_pem.into().expose(), None)?;
        if key.bits() < SMALLEST_MODULUS {
            return Err(Error::configuration("an RSA key that issues tokens has at least 4096 bits"));
        }
        let public = VerificationKey::from_rsa(key.public_key()?, SignatureAlgorithm::Rs512)?;
        let key = SigningKey::from_rsa(key, SignatureAlgorithm::Rs512)?;
        Ok(Self::of(key, TokenVerifier { key: public, clock: Clock::default() }))
    }

    fn of(key: SigningKey, verifier: TokenVerifier) -> Self {
        Self { key, verifier, challenge_life: CHALLENGE_LIFE, access_life: ACCESS_LIFE }
    }

    /// The source of time and randomness. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.verifier.clock = clock;
        self
    }

    /// How long a challenge can be answered. Default: [`CHALLENGE_LIFE`].
    #[must_use]
    pub fn challenge_life(mut self, life: Duration) -> Self {
        self.challenge_life = life;
        self
    }

    /// How long an access token lives. Default: [`ACCESS_LIFE`].
    #[must_use]
    pub fn access_life(mut self, life: Duration) -> Self {
        self.access_life = life;
        self
    }

    /// Validates what this issues.
    pub fn verifier(&self) -> &TokenVerifier {
        &self.verifier
    }

    /// A token for a subject. The claims stand in front, in their order; `iat`, `exp` and `sub` come from here, whatever
    /// the claims say of them. Lifetimes count in whole seconds.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) when the claims are no JSON object, and for an end that no number of
    /// seconds says.
    pub fn issue(&self, subject: &str, life: Duration, claims: &Value) -> Result<Secret, Error> {
        let claims = claims.as_object().ok_or_else(|| Error::configuration("claims are a JSON object"))?;
        let mut payload: Map<String, Value> = claims
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "exp" | "iat" | "sub"))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let now = self.now();
        payload.insert("iat".to_owned(), now.into());
        payload.insert("exp".to_owned(), end(now, life)?.into());
        payload.insert("sub".to_owned(), subject.into());
        self.sign(&payload)
    }

    /// A challenge for a subject: a DID, byte for byte as the wallet sent it.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) when there is no randomness.
    pub fn issue_challenge(&self, subject: &str) -> Result<Secret, Error> {
        self.challenge(subject, None)
    }

    /// An access token for a subject.
    ///
    /// # Errors
    ///
    /// As [`issue`](Self::issue).
    pub fn issue_access(&self, subject: &str) -> Result<Secret, Error> {
        self.issue(subject, self.access_life, &json!({ KIND: ACCESS }))
    }

    /// A challenge that only somebody at this address can answer, where there is one.
    pub(super) fn challenge(&self, subject: &str, address: Option<IpAddr>) -> Result<Secret, Error> {
        let mut claims = json!({ "nonce": self.nonce()?, KIND: CHALLENGE });
        if let Some(address) = address {
            claims[ADDRESS] = address.to_string().into();
        }
        self.issue(subject, self.challenge_life, &claims)
    }

    /// How long a used challenge is remembered, at most.
    pub(super) fn challenge_window(&self) -> Duration {
        self.challenge_life
    }

    /// The challenge of the documented dialect: the caller's address is the subject.
    pub(super) fn documented_challenge(&self, address: IpAddr) -> Result<Secret, Error> {
        let now = self.now();
        self.sign(&json!({
            "sub": address.to_string(),
            "nbf": now,
            "exp": end(now, self.challenge_life)?,
            "nonce": self.nonce()?,
        }))
    }

    /// The access token of the documented dialect.
    pub(super) fn documented_access(&self, public_key: &str) -> Result<Secret, Error> {
        let now = self.now();
        self.sign(&json!({ "sub": public_key, "nbf": now, "exp": end(now, self.access_life)? }))
    }

    pub(super) fn now(&self) -> u64 {
        self.verifier.clock.unix_seconds()
    }

    fn nonce(&self) -> Result<String, Error> {
        let bytes = self.verifier.clock.random::<NONCE_BYTES>().map_err(no_randomness)?;
        Ok(STANDARD.encode(bytes))
    }

    fn sign(&self, payload: &impl serde::Serialize) -> Result<Secret, Error> {
        let payload =
            serde_json::to_vec(payload).map_err(|_| Error::configuration("the claims have no JSON form"))?;
        sign::sign(&self.key, Some("JWT"), &payload).map(Secret::new)
    }
}

impl TokenVerifier {
    /// Validates HS512 tokens under the secret's characters.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for fewer than 64 characters.
    pub fn hmac(secret: impl Into<Secret>) -> Result<Self, Error> {
        let key = VerificationKey::from_secret(secret.into().expose_bytes(), SignatureAlgorithm::Hs512)?;
        Ok(Self { key, clock: Clock::default() })
    }

    /// Validates RS512 tokens under a public key in PEM (`SubjectPublicKeyInfo` or PKCS#1).
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for another key.
    pub fn rsa(public_key_pem: &str) -> Result<Self, Error> {
        let key =
            VerificationKey::from_rsa(rsa::PublicKey::from_pem(public_key_pem)?, SignatureAlgorithm::Rs512)?;
        Ok(Self { key, clock: Clock::default() })
    }

    /// The source of time. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    pub(super) fn time(&self) -> &Clock {
        &self.clock
    }

    /// The claims of a token whose signature fits and whose time has come and not passed. What the token is for was not
    /// looked at.
    ///
    /// # Errors
    ///
    /// [`Signature`](ErrorKind::Signature), [`Expired`](ErrorKind::Expired), [`Decode`](ErrorKind::Decode) or
    /// [`TooLarge`](ErrorKind::TooLarge), each with a [check](Error::check).
    pub fn claims(&self, token: &str) -> Result<Value, Error> {
        self.read(token).map(Value::Object)
    }

    /// A challenge token.
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

    /// An access token.
    ///
    /// # Errors
    ///
    /// As [`challenge`](Self::challenge); the subject must be a DID.
    pub fn access(&self, token: &str) -> Result<AccessClaims, Error> {
        let claims = self.read(token)?;
        of_kind(&claims, ACCESS)?;
        let did = subject(&claims).and_then(|subject| Did::parse(subject).ok()).ok_or_else(no_subject)?;
        Ok(AccessClaims { holder: Holder::did(&did), claims: Arc::new(claims) })
    }

    /// The challenge of the documented dialect. Its tokens name no kind: this one has a nonce, and an address for its
    /// subject, which no access token has.
    pub(super) fn documented_challenge(&self, token: &str) -> Result<ChallengeClaims, Error> {
        let claims = ChallengeClaims::of(self.read(token)?)?;
        if claims.address().is_none() || claims.message().is_none() {
            return Err(another_kind());
        }
        Ok(claims)
    }

    /// The access token of the documented dialect: its subject is a public key.
    pub(super) fn documented_access(&self, token: &str) -> Result<AccessClaims, Error> {
        let claims = self.read(token)?;
        let holder = subject(&claims).and_then(Holder::public_key).ok_or_else(no_subject)?;
        if claims.contains_key("nonce") {
            return Err(another_kind());
        }
        Ok(AccessClaims { holder, claims: Arc::new(claims) })
    }

    fn read(&self, token: &str) -> Result<Map<String, Value>, Error> {
        let token = verify::verify(&self.key, token.as_bytes(), LONGEST_TOKEN)?;
        let claims = Claims::read(token.payload())?;
        claims.check(&ClaimRules::new(), &self.clock)?;
        Ok(claims.into_map())
    }
}

impl ChallengeClaims {
    fn of(claims: Map<String, Value>) -> Result<Self, Error> {
        let subject = subject(&claims).ok_or_else(no_subject)?.to_owned();
        Ok(Self { subject: Pii::new(subject), claims: Arc::new(claims) })
    }

    /// Whom the challenge was made for.
    pub fn subject(&self) -> &str {
        self.subject.expose()
    }

    /// What is to be signed: `challenge` where there is one, else `nonce`.
    pub fn message(&self) -> Option<&str> {
        ["challenge", "nonce"]
            .iter()
            .filter_map(|name| self.claims.get(*name)?.as_str())
            .find(|text| !text.is_empty())
    }

    /// All claims.
    pub fn to_value(&self) -> Value {
        Value::Object((*self.claims).clone())
    }

    /// The address that the challenge was made for: a claim of its own, or the subject in the documented dialect.
    pub(super) fn address(&self) -> Option<IpAddr> {
        let stated = self.claims.get(ADDRESS).and_then(Value::as_str);
        stated.unwrap_or_else(|| self.subject()).parse().ok()
    }

    /// The second in which the challenge ends.
    pub(super) fn expires_at(&self) -> Option<u64> {
        let end = self.claims.get("exp")?.as_f64()?;
        // Dates are checked to be below 2^53; what lies before 1970 has passed.
        (end >= 0.0).then_some(end.ceil() as u64)
    }
}

impl AccessClaims {
    /// Whose token it is.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// All claims.
    pub fn to_value(&self) -> Value {
        Value::Object((*self.claims).clone())
    }
}

/// A secret for [`TokenIssuer::hmac`]: 64 random bytes in base64.
///
/// # Errors
///
/// [`Configuration`](ErrorKind::Configuration) when there is no randomness.
pub fn generate_secret(clock: &Clock) -> Result<Secret, Error> {
    clock.random::<64>().map(|bytes| Secret::new(STANDARD.encode(bytes))).map_err(no_randomness)
}

/// A lifetime as the provider's library takes it: `90s`, `30m`, `1h`, `7d`; digits alone are milliseconds.
///
/// # Errors
///
/// [`Configuration`](ErrorKind::Configuration) for another text.
pub fn parse_life(text: &str) -> Result<Duration, Error> {
    let refused = || Error::configuration("a lifetime is a number and a unit, such as 30m");
    if text.len() > 32 {
        return Err(refused());
    }
    let split = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().map_err(|_| refused())?;
    let milliseconds = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
        "m" | "min" | "mins" | "minute" | "minutes" => 60e3,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600e3,
        "d" | "day" | "days" => 86_400e3,
        "w" | "week" | "weeks" => 604_800e3,
        "y" | "yr" | "yrs" | "year" | "years" => 31_557_600e3,
        _ => return Err(refused()),
    };
    Duration::try_from_secs_f64(number * milliseconds / 1e3).map_err(|_| refused())
}

fn end(now: u64, life: Duration) -> Result<u64, Error> {
    now.checked_add(life.as_secs())
        .ok_or_else(|| Error::configuration("the lifetime ends beyond the end of time"))
}

fn subject(claims: &Map<String, Value>) -> Option<&str> {
    claims.get("sub")?.as_str().filter(|subject| !subject.is_empty())
}

fn of_kind(claims: &Map<String, Value>, kind: &str) -> Result<(), Error> {
    if claims.get(KIND).and_then(Value::as_str) == Some(kind) { Ok(()) } else { Err(another_kind()) }
}

fn another_kind() -> Error {
    Error::new(ErrorKind::Signature, "this is another kind of token").with_check("token.kind")
}

fn no_subject() -> Error {
    Error::new(ErrorKind::Signature, "the token has no subject of the form that is wanted")
        .with_check("token.subject")
}

fn no_randomness(error: crate::clock::RandomError) -> Error {
    Error::configuration("no random bytes are to be had").with_source(error)
}

/// How many bytes the library's runtime reads from a text as base64: either alphabet, anything else passed over, up to
/// the first padding.
fn lenient_base64_length(text: &str) -> usize {
    let digits = text
        .bytes()
        .take_while(|byte| *byte != b'=')
        .filter(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
        .count();
    digits * 3 / 4
}

macro_rules! redacted {
    ($($type:ident),*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type)).finish_non_exhaustive()
            }
        }
    )*};
}

redacted!(AccessClaims, ChallengeClaims, TokenIssuer, TokenVerifier);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_read_as_the_library_reads_them() {
        // vercel/ms: its own test file.
        for (text, milliseconds) in [
            ("100", 100),
            ("1m", 60_000),
            ("1h", 3_600_000),
            ("2d", 172_800_000),
            ("1.5h", 5_400_000),
            ("1 s", 1_000),
        ] {
            assert_eq!(parse_life(text).expect(text), Duration::from_millis(milliseconds), "{text}");
        }
        for text in ["", "h", "-1h", "1 fortnight", "1h1", "NaN", "1e99y", "9".repeat(40).as_str()] {
            assert!(parse_life(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_secret_is_measured_as_the_library_measures_it() {
        // Buffer.from(text, "base64").length in Node.
        for (text, length) in
            [("", 0), ("YQ==", 1), ("YWI=", 2), ("YW Jj\n", 3), ("YWJj=YWJj", 3), ("-_-_", 3)]
        {
            assert_eq!(lenient_base64_length(text), length, "{text}");
        }
    }

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
