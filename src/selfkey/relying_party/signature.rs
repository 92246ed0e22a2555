//! The signature of a challenge, checked against the key that the wallet's DID names.
//!
//! Source: `selfkey.js`, `src/auth`. Two things differ from it, both on purpose. A high s is refused: who takes it lets
//! anybody make a second valid signature out of a first. And a key that a document borrows from another identity does
//! not sign for this one.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

use super::holder::Holder;
use crate::{
    crypto::secp256k1::{Address, PublicKey, RecoverableSignature, personal_message_hash},
    error::{Error, ErrorKind},
    selfkey::{
        PROVIDER,
        did::{Did, DynResolveDid, ResolveDid},
    },
    wire,
};

/// The [check](Error::check) of a signature of the first generation (2018): base64 of a JSON object with `r`, `s` and
/// `v`, over a nonce of which a part was signed at best. There is no way to have it accepted.
pub const OBSOLETE_SIGNATURE: &str = "obsolete_signature";

/// The type of the keys that sign challenges.
const KEY_TYPE: &str = "Secp256k1VerificationKey2018";
/// The maximum length of a text that is read as a signature.
const MAX_SIGNATURE_CHARS: usize = 1024;

/// Verifies signatures of challenges. Strict by default.
#[derive(Clone)]
pub struct SignatureVerifier {
    resolver: Arc<dyn DynResolveDid>,
    malleable: bool,
}

/// Who signed: made by [`SignatureVerifier::verify`] alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Signer {
    did: Did,
    address: Address,
}

impl SignatureVerifier {
    /// Takes the keys of a DID from this resolver.
    pub fn new(resolver: impl ResolveDid + 'static) -> Self {
        Self { resolver: Arc::new(resolver), malleable: false }
    }

    /// Accepts a high s, as the provider's library does. Whoever sees a signature can then make a second, different one
    /// of the same challenge that passes: a signature no longer identifies what was signed. Nothing else changes.
    #[must_use]
    pub fn accept_malleable_signatures(mut self) -> Self {
        self.malleable = true;
        self
    }

    pub(super) fn with_resolver(self, resolver: impl ResolveDid + 'static) -> Self {
        Self { resolver: Arc::new(resolver), ..self }
    }

    /// Checks that the message was signed for the DID. The message is the text of the challenge as it stands; the
    /// signature is what the wallet sent: `{"value": "0x…", "keyId": "<DID>#keys-1"}`.
    ///
    /// # Errors
    ///
    /// [`Signature`](ErrorKind::Signature) with a [check](Error::check): [`OBSOLETE_SIGNATURE`], `signature.key_usage`
    /// when the DID has no such key or the key does not sign, `signature.malformed`, `signature.mismatch`.
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for a DID that cannot be resolved, and what the resolver fails
    /// with.
    pub async fn verify(&self, message: &str, signature: &Value, did: &str) -> Result<Signer, Error> {
        self.check(message, signature, did).await.map_err(|error| error.during(PROVIDER, "verify_signature"))
    }

    async fn check(&self, message: &str, signature: &Value, did: &str) -> Result<Signer, Error> {
        refuse_obsolete(signature)?;
        let did = Did::parse(did)?;
        let (value, key_id) = (signature.get("value"), signature.get("keyId").and_then(Value::as_str));
        let document = self.resolver.resolve(&did).await?.ok_or_else(key_usage)?;
        let key = key_id
            .filter(|id| document.authenticates(id))
            .and_then(|id| document.key(id))
            .filter(|key| {
                key.kind() == KEY_TYPE && belongs(key.id(), &did) && key.controller() == did.as_str()
            })
            .ok_or_else(key_usage)?;
        let address =
            key.ethereum_address().and_then(|text| Address::from_hex(text).ok()).ok_or_else(key_usage)?;
        let signature = read(value.and_then(Value::as_str).ok_or_else(malformed)?)?;
        let signer = self.recover(message, &signature)?.address();
        if signer != address {
            return Err(mismatch());
        }
        Ok(Signer { did, address })
    }

    /// Recovers the key that made the signature, where nothing names a signer: the documented dialect. It proves
    /// possession of the key that it names, whoever that is.
    pub(super) fn holder_of(&self, message: &str, signature: &Value) -> Result<Holder, Error> {
        refuse_obsolete(signature)?;
        let signature = read(signature.as_str().ok_or_else(malformed)?)?;
        let key = self.recover(message, &signature)?;
        Holder::public_key(&format!("0x{}", hex::encode(key.to_bytes()))).ok_or_else(mismatch)
    }

    fn recover(&self, message: &str, signature: &RecoverableSignature) -> Result<PublicKey, Error> {
        let hash = personal_message_hash(message.as_bytes());
        let key =
            if self.malleable { signature.recover_allowing_high_s(&hash) } else { signature.recover(&hash) };
        key.ok_or_else(mismatch)
    }
}

impl Signer {
    /// Returns who signed.
    pub fn did(&self) -> &Did {
        &self.did
    }

    /// Returns the Ethereum address of the key: `0x` and 40 lower-case hex digits.
    pub fn address(&self) -> String {
        self.address.to_hex()
    }
}

/// `0x` and the hex digits of r, s and v.
fn read(text: &str) -> Result<RecoverableSignature, Error> {
    let mut bytes = [0; 65];
    let digits = text.strip_prefix("0x").ok_or_else(malformed)?;
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| malformed())?;
    RecoverableSignature::from_bytes(&bytes)
}

/// Refuses the form of 2018, as the whole or as the value.
fn refuse_obsolete(signature: &Value) -> Result<(), Error> {
    let text = signature.as_str().or_else(|| signature.get("value")?.as_str());
    let obsolete = text.filter(|text| text.len() <= MAX_SIGNATURE_CHARS).is_some_and(|text| {
        STANDARD
            .decode(text)
            .ok()
            .and_then(|bytes| wire::json::from_slice::<Value>(&bytes).ok())
            .is_some_and(|form| ["r", "s", "v"].iter().all(|member| form.get(member).is_some()))
    });
    if obsolete {
        return Err(Error::new(ErrorKind::Signature, "this form of signature was given up in 2018")
            .with_check(OBSOLETE_SIGNATURE)
            .with_hint("the wallet is too old: it has to be brought up to date"));
    }
    Ok(())
}

/// Whether a key id is one of this DID's own.
fn belongs(key_id: &str, did: &Did) -> bool {
    key_id.strip_prefix(did.as_str()).is_some_and(|fragment| fragment.starts_with('#'))
}

fn key_usage() -> Error {
    Error::new(ErrorKind::Signature, "the identity has no such key, or the key does not sign for it")
        .with_check("signature.key_usage")
}

fn malformed() -> Error {
    Error::new(ErrorKind::Signature, "a signature is 0x and the 130 hex digits of r, s and v")
        .with_check("signature.malformed")
}

fn mismatch() -> Error {
    Error::new(ErrorKind::Signature, "the challenge was not signed with this key")
        .with_check("signature.mismatch")
}

crate::privacy::redacted_debug!(SignatureVerifier { malleable, .. });

crate::privacy::redacted_debug!(Signer { did, .. });
