//! DID documents, as far as signatures need them.

use serde_json::{Value, json};

use super::identifier::Did;
use crate::{
    error::{Error, ErrorKind},
    transport::decode,
};

/// What the provider's documents name as their context.
const CONTEXT: &str = "https://www.w3.org/2019/did/v1";
/// The type of the one key of a document that is made here.
const KEY_TYPE: &str = "Secp256k1VerificationKey2018";
/// Keys of one document that are looked at.
const MAX_KEYS: usize = 64;

/// Which keys an identity has, and which of them sign for it.
#[derive(Clone, PartialEq, Eq)]
pub struct DidDocument {
    id: String,
    keys: Vec<DidKey>,
    authentication: Vec<String>,
}

/// One key of an identity.
#[derive(Clone, PartialEq, Eq)]
pub struct DidKey {
    id: String,
    kind: String,
    controller: String,
    ethereum_address: Option<String>,
}

impl DidDocument {
    /// Creates the document of an identity that one Ethereum address speaks for, as the provider's library builds it.
    pub fn of_address(did: &Did, ethereum_address: impl Into<String>) -> Self {
        let key = DidKey {
            id: did.key_id(),
            kind: KEY_TYPE.to_owned(),
            controller: did.as_str().to_owned(),
            ethereum_address: Some(ethereum_address.into()),
        };
        Self { id: did.as_str().to_owned(), authentication: vec![key.id.clone()], keys: vec![key] }
    }

    /// Reads a document. Keys stand in `publicKey`, or in `verificationMethod` as later editions have it; those without
    /// an id or a type are passed over, and so is what `authentication` embeds in place of naming it.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) for what is no document, or has no `id`, or more than 64 keys.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_value(&decode::json(bytes)?)
    }

    pub(super) fn from_value(value: &Value) -> Result<Self, Error> {
        let refused = |what: &'static str, path: &str| Error::new(ErrorKind::Decode, what).with_path(path);
        let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
        let list = |name: &str| value.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let id = text(value, "id").ok_or_else(|| refused("the DID document has no id", "id"))?;
        let entries = list("publicKey").iter().chain(list("verificationMethod"));
        let keys: Vec<DidKey> = entries
            .filter_map(|entry| {
                Some(DidKey {
                    id: text(entry, "id")?,
                    kind: text(entry, "type")?,
                    controller: text(entry, "controller").unwrap_or_default(),
                    ethereum_address: text(entry, "ethereumAddress"),
                })
            })
            .take(MAX_KEYS + 1)
            .collect();
        if keys.len() > MAX_KEYS {
            return Err(refused("the DID document has too many keys", "publicKey"));
        }
        let named = list("authentication").iter().filter_map(|entry| entry.as_str().map(str::to_owned));
        Ok(Self { id, keys, authentication: named.take(MAX_KEYS).collect() })
    }

    /// Returns the document as JSON.
    pub fn to_value(&self) -> Value {
        let keys: Vec<_> = self
            .keys
            .iter()
            .map(|key| {
                let mut entry = json!({ "id": key.id, "type": key.kind, "controller": key.controller });
                if let Some(address) = &key.ethereum_address {
                    entry["ethereumAddress"] = address.as_str().into();
                }
                entry
            })
            .collect();
        json!({
            "@context": CONTEXT,
            "id": self.id,
            "publicKey": keys,
            "authentication": self.authentication,
        })
    }

    /// Returns the DID that the document belongs to.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the key with this id. Ids are compared byte for byte.
    pub fn key(&self, id: &str) -> Option<&DidKey> {
        self.keys.iter().find(|key| key.id == id)
    }

    /// Returns whether the key with this id signs for the identity.
    pub fn authenticates(&self, id: &str) -> bool {
        self.authentication.iter().any(|named| named == id)
    }
}

impl DidKey {
    /// Returns the key's id: the DID, `#`, and a name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the type, such as `Secp256k1VerificationKey2018`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns who may use the key; empty when the document does not say.
    pub fn controller(&self) -> &str {
        &self.controller
    }

    /// Returns the Ethereum address of the key.
    pub fn ethereum_address(&self) -> Option<&str> {
        self.ethereum_address.as_deref()
    }
}

// A document leads to a person's wallet.

crate::privacy::redacted_debug!(DidDocument { keys: |it| it.keys.len(), .. });

crate::privacy::redacted_debug!(DidKey { .. });
