//! Verifying signed tokens (RFC 7515 section 5.2).

use josekit::{
    JoseError,
    jws::{JwsAlgorithm, JwsContext, JwsVerifier},
};
use zeroize::Zeroizing;

use super::{
    Form, algorithm::SignatureAlgorithm, compact, content, header::Header, key_set::KeySet,
    keys::VerificationKey, mismatch, too_large,
};
use crate::error::Error;

/// Keys of one set that are tried on a token without `kid`: the work that one token can cause is bounded.
const MAX_TRIES: usize = 8;

/// A token with a verified signature. Its claims are not checked.
pub(crate) struct VerifiedToken {
    header: Header,
    payload: Zeroizing<Vec<u8>>,
}

/// Verifies a token of at most `max_len` characters with the key, by the algorithm that the key is bound to.
///
/// # Errors
///
/// [`TooLarge`](crate::ErrorKind::TooLarge), or [`Signature`](crate::ErrorKind::Signature) with one of the
/// [checks](super::check) `token.malformed`, `token.algorithm`, `signature.mismatch`.
pub(crate) fn verify(key: &VerificationKey, token: &[u8], max_len: usize) -> Result<VerifiedToken, Error> {
    let header = gate(token, max_len)?;
    if header.text("alg") != Some(key.algorithm().name()) {
        return Err(Form::Signed.algorithm());
    }
    checked(key, header, token)
}

/// [`verify`] with whichever key of a set is meant: of the token's `alg`, which must be one of `accepted`, and of its
/// `kid` where it has one.
///
/// # Errors
///
/// As [`verify`]. A `kid` that the set does not know is a `signature.mismatch`; fetching the set again may help.
pub(crate) fn verify_with_set(
    keys: &KeySet,
    accepted: &[SignatureAlgorithm],
    token: &[u8],
    max_len: usize,
) -> Result<VerifiedToken, Error> {
    let header = gate(token, max_len)?;
    let Some(algorithm) = header.text("alg").filter(|alg| accepted.iter().any(|one| one.name() == *alg))
    else {
        return Err(Form::Signed.algorithm());
    };
    if header.has("kid") && header.text("kid").is_none() {
        return Err(Form::Signed.malformed());
    }
    keys.candidates(algorithm, header.text("kid"))
        .take(MAX_TRIES)
        .find_map(|key| checked(key, header.clone(), token).ok())
        .ok_or_else(mismatch)
}

/// Returns the payload of an unverified token: for the holder of a token made for another party, who reads when it
/// ends or what to sign. Nothing may be believed because it stands there.
///
/// # Errors
///
/// [`TooLarge`](crate::ErrorKind::TooLarge), or [`Signature`](crate::ErrorKind::Signature) with the
/// [check](super::check) `token.malformed`.
pub(crate) fn payload_without_verification(
    token: &[u8],
    max_len: usize,
) -> Result<Zeroizing<Vec<u8>>, Error> {
    if token.len() > max_len {
        return Err(too_large());
    }
    compact::split::<3>(token)
        .filter(|[header, ..]| Header::read(header).is_some())
        .and_then(|[_, payload, _]| compact::decode(payload))
        .map(Zeroizing::new)
        .ok_or_else(|| Form::Signed.malformed())
}

impl VerifiedToken {
    /// The payload, byte for byte as it was signed.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The payload, to be kept.
    pub(crate) fn into_payload(self) -> Zeroizing<Vec<u8>> {
        self.payload
    }

    /// The header.
    pub(crate) fn header(&self) -> &Header {
        &self.header
    }
}

crate::privacy::redacted_debug!(VerifiedToken { .. });

/// Everything that can be said about a token before a key is used.
fn gate(token: &[u8], max_len: usize) -> Result<Header, Error> {
    if token.len() > max_len {
        return Err(too_large());
    }
    let header = compact::split::<3>(token)
        .and_then(|[header, ..]| Header::read(header))
        .filter(|header| header.text("alg").is_some())
        .ok_or_else(|| Form::Signed.malformed())?;
    // Extensions that must be understood (RFC 7515 section 4.1.11), of which we understand none, and payloads that are
    // not encoded (RFC 7797), which josekit would take without its being announced.
    if header.has("crit") || header.has("b64") {
        return Err(Form::Signed.algorithm());
    }
    Ok(header)
}

fn checked(key: &VerificationKey, header: Header, token: &[u8]) -> Result<VerifiedToken, Error> {
    let verifier = Verifier { key: key.clone(), algorithm: key.algorithm() };
    let (payload, _) = JwsContext::new().deserialize_compact(token, &verifier).map_err(|_| mismatch())?;
    Ok(VerifiedToken { header, payload: Zeroizing::new(payload) })
}

/// josekit's own compares MACs with `!=`.
#[derive(Clone, Debug)]
struct Verifier {
    key: VerificationKey,
    algorithm: SignatureAlgorithm,
}

impl JwsVerifier for Verifier {
    fn algorithm(&self) -> &dyn JwsAlgorithm {
        &self.algorithm
    }

    /// The key was chosen before; josekit would insist on a `kid` in the token.
    fn key_id(&self) -> Option<&str> {
        None
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JoseError> {
        if self.key.fits(message, signature) { Ok(()) } else { Err(content::refused()) }
    }

    fn box_clone(&self) -> Box<dyn JwsVerifier> {
        Box::new(self.clone())
    }
}
