//! The `Signature` header of answers and callbacks: a SHA-256 over the raw body and the secret.
//!
//! It is a plain hash with the secret behind the body, not an HMAC, and it covers no time: a captured message verifies
//! for ever. The inbox deduplicates, and `/status` has the truth.
//!
//! Sources: `docs/verification_endpoints/responses` and `ra.shuftipro.com/docs/Responses` of the provider.

use std::fmt::Write;

use http::HeaderMap;

use super::PROVIDER;
use crate::{
    crypto::{self, Sha256Prefix},
    error::{Error, ErrorKind},
    privacy::Secret,
    verified::{Proof, Verified},
    wire,
};

/// The header that carries the signature.
pub const HEADER: &str = "signature";

/// How an account's signatures are made. Default: [`Rule::Hashed`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// `sha256(body + hex(sha256(secret)))`: accounts registered after 15 March 2023, and older ones with a secret that was
    /// renewed since.
    #[default]
    Hashed,
    /// `sha256(body + secret)`: accounts from before that day with the secret they began with.
    Legacy,
    /// Either of the two, for the days of a migration; [`Proof::rule`] tells which fitted.
    Either,
}

/// The secrets an account's messages may be signed with, prepared once.
///
/// The first is the current one; more are accepted while a rotation lasts, and [`Proof::secret`] tells which fitted.
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: Vec<Key>,
    rule: Rule,
}

#[derive(Clone)]
struct Key {
    secret: Secret,
    /// `hex(sha256(secret))`, what the hashed rule appends.
    hashed: zeroize::Zeroizing<[u8; 64]>,
}

crate::privacy::redacted_debug!(Key = crate::privacy::REDACTED);

impl Key {
    fn new(secret: Secret) -> Self {
        let hashed = zeroize::Zeroizing::new(crypto::sha256_hex(&[secret.expose_bytes()]));
        Self { secret, hashed }
    }

    fn appended(&self, legacy: bool) -> &[u8] {
        if legacy { self.secret.expose_bytes() } else { self.hashed.as_slice() }
    }

    fn fits(&self, body: &Sha256Prefix, legacy: bool, header: &[u8; 32]) -> bool {
        crypto::equal(&body.with(self.appended(legacy)), header)
    }

    fn fits_any_rule(&self, body: &Sha256Prefix, header: &[u8; 32]) -> bool {
        self.fits(body, false, header) || self.fits(body, true, header)
    }
}

impl Verifier {
    /// A verifier for one secret. With a secret that is empty or blank, here or in [`also`](Self::also), it refuses every
    /// message: such a secret proves no sender.
    pub fn new(secret: impl Into<Secret>, rule: Rule) -> Self {
        Self { keys: vec![Key::new(secret.into())], rule }
    }

    /// Accepts an older (or the coming) secret as well, while a rotation lasts.
    #[must_use]
    pub fn also(mut self, secret: impl Into<Secret>) -> Self {
        self.keys.push(Key::new(secret.into()));
        self
    }

    /// Checks the signature of a message over its raw bytes, as they came after removal of transfer and content
    /// encoding and before anything was parsed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] when one of the secrets is empty or blank; [`ErrorKind::Signature`] with the
    /// [check](Error::check) `signature.missing`, `signature.repeated`,
    /// `signature.malformed` or `signature.mismatch`; the last comes with a [diagnosis](Error::diagnosis).
    pub fn check(&self, headers: &HeaderMap, body: &[u8]) -> Result<Proof, Error> {
        self.find(headers, body).map_err(|error| error.during(PROVIDER, "signature"))
    }

    /// [`check`](Self::check), with an error that does not name the operation yet: a call or a callback has one of its own.
    pub(crate) fn find(&self, headers: &HeaderMap, body: &[u8]) -> Result<Proof, Error> {
        if self.keys.iter().any(|key| key.secret.is_blank()) {
            return Err(Error::configuration("a secret key for signatures is empty or blank")
                .with_hint("look at the setting that it comes from"));
        }
        let header = one_header(headers)?;
        let mut signature = [0; 32];
        hex::decode_to_slice(header, &mut signature).map_err(|_| {
            refused("signature.malformed", "the Signature header is not 64 hex digits")
                .with_diagnosis(foreign_header(headers))
        })?;
        let rules: &[(bool, &'static str)] = match self.rule {
            Rule::Hashed => &[(false, "hashed")],
            Rule::Legacy => &[(true, "legacy")],
            Rule::Either => &[(false, "hashed"), (true, "legacy")],
        };
        let hashed = Sha256Prefix::new(body);
        for (index, key) in self.keys.iter().enumerate() {
            for (legacy, name) in rules {
                if key.fits(&hashed, *legacy, &signature) {
                    return Ok(Proof::new(index, name, hashed.with(b"")));
                }
            }
        }
        Err(refused("signature.mismatch", "the body was not signed with this secret under this rule")
            .with_diagnosis(self.diagnose(headers, body, &signature)))
    }

    /// Checks the signature, then hands the bytes to the parser.
    pub(crate) fn open<T>(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        parse: impl FnOnce(&[u8]) -> Result<T, Error>,
    ) -> Result<Verified<T>, Error> {
        let proof = self.find(headers, body)?;
        Ok(Verified::new(parse(body)?, proof))
    }

    /// What would have made the signature fit. A forger learns nothing that he could not compute himself: each step
    /// needs the secret.
    fn diagnose(&self, headers: &HeaderMap, body: &[u8], signature: &[u8; 32]) -> Vec<&'static str> {
        let mut words = Vec::new();
        let hashed = Sha256Prefix::new(body);
        let respelled: Vec<_> = respelled(body)
            .iter()
            .filter(|spelling| spelling.as_slice() != body)
            .map(|spelling| Sha256Prefix::new(spelling))
            .collect();
        for key in &self.keys {
            for legacy in [false, true] {
                if key.fits(&hashed, legacy, signature) {
                    words.push(if legacy { "rule.legacy" } else { "rule.hashed" });
                }
            }
            let secret = key.secret.expose();
            if secret.trim() != secret && Key::new(secret.trim().into()).fits_any_rule(&hashed, signature) {
                words.push("secret.blanks");
            }
            if respelled.iter().any(|body| key.fits_any_rule(body, signature)) {
                words.push("body.reserialised");
            }
        }
        words.extend(foreign_header(headers));
        words
    }
}

/// Signs a body as the provider does, for tests of your own callback handling.
///
/// [`Rule::Either`] signs under the hashed rule.
///
/// ```
/// use kyckit::shuftipro::signature::{Rule, sign};
///
/// let header = sign(br#"{"reference":"r-1"}"#, &"secret".into(), Rule::Hashed);
/// assert_eq!(header.len(), 64);
/// ```
pub fn sign(body: &[u8], secret: &Secret, rule: Rule) -> String {
    let key = Key::new(secret.clone());
    hex::encode(crypto::sha256(&[body, key.appended(rule == Rule::Legacy)]))
}

fn refused(check: &'static str, what: &'static str) -> Error {
    let hint = match check {
        "signature.mismatch" => {
            "check that the raw bytes are hashed, that the secret is this account's, and which rule the account has"
        }
        _ => "refuse the message: it is not from the provider or was changed on the way",
    };
    Error::new(ErrorKind::Signature, what).with_check(check).with_hint(hint)
}

fn one_header(headers: &HeaderMap) -> Result<&[u8], Error> {
    let mut values = headers.get_all(HEADER).iter();
    let first = values.next().ok_or_else(|| {
        refused("signature.missing", "there is no Signature header").with_diagnosis(foreign_header(headers))
    })?;
    if values.next().is_some() {
        return Err(refused("signature.repeated", "there is more than one Signature header"));
    }
    Ok(first.as_bytes().trim_ascii())
}

/// Headers of other providers, seen where ours was expected: the callback URLs are mixed up.
fn foreign_header(headers: &HeaderMap) -> Option<&'static str> {
    const FOREIGN: [&str; 8] = [
        "stripe-signature",
        "x-sha2-signature",
        "persona-signature",
        "x-payload-digest",
        "x-hmac-signature",
        "x-trulioo-signature",
        "plaid-verification",
        "signature-input",
    ];
    FOREIGN.iter().any(|name| headers.contains_key(*name)).then_some("header.foreign")
}

/// How the provider would have written the body, if a framework parsed and printed it on the way.
///
/// Only for bodies of the usual size: a forger must not be able to have large ones parsed.
fn respelled(body: &[u8]) -> Vec<Vec<u8>> {
    const MAX_BYTES: usize = 64 * 1024;
    if body.len() > MAX_BYTES {
        return Vec::new();
    }
    let Ok(value) = wire::json::from_slice::<serde_json::Value>(body) else { return Vec::new() };
    let compact = value.to_string();
    let mut php = String::with_capacity(compact.len() + compact.len() / 8);
    let mut units = [0; 2];
    for char in compact.chars() {
        match char {
            '/' => php.push_str("\\/"),
            char if char.is_ascii() => php.push(char),
            char => {
                for unit in char.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(php, "\\u{unit:04x}");
                }
            }
        }
    }
    vec![compact.into_bytes(), php.into_bytes()]
}
