//! OpenID Connect for Identity Assurance: writing an identity as `verified_claims`, and reading such documents without
//! loss.
//!
//! # Writing
//!
//! [`Identity::verified_claims`](super::Identity::verified_claims) makes one entry for each provider, since evidence of two providers does not add up. An
//! entry holds what that provider [verified](super::Provenance::is_verified), and nothing else.
//!
//! | here | there |
//! | --- | --- |
//! | names | `given_name`, `middle_name`, `family_name`, `name` |
//! | day and place of birth | `birthdate`, `place_of_birth` |
//! | nationalities, gender | `nationalities`, `gender` |
//! | address: the present one, else the permanent one | `address` |
//! | mail address, phone number: the primary one | `email` and `email_verified`, `phone_number` and `phone_number_verified` |
//! | a checked document | `document` evidence with `check_method` `vri`; with a matched face also `bvr` |
//! | a checked proof of address | `document` evidence with `check_method` `vri` |
//! | a database match | `electronic_record` evidence with `check_method` `data` |
//! | a screening | `electronic_record` evidence, and an `assurance_details` entry `counter_fraud` that refers to it |
//! | a provider's word | `vouch` evidence with a `digital_attestation` |
//! | possession, liveness alone, work, reputation, identifiers, self-asserted values | nothing: there is no claim for them, or they verify no claim |
//!
//! The form holds one value of a claim. Where a provider verified two that differ, the claim is left out, and so is
//! a value that does not have the form that the schema asks for.
//!
//! # Reading
//!
//! [`ClaimSet::from_json`] reads any document with `verified_claims` and keeps all of it. It checks no signature: the document is unverified, and no [`Identity`](super::Identity) is made from it.
//!
//! Source: OpenID Connect for Identity Assurance 1.0 and OpenID Identity Assurance Schema Definition 1.0.

mod export;

pub use export::Export;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind, Sanitized},
    privacy::Pii,
    wire,
};

/// The maximum size of a document, in bytes. It may hold attachments.
const MAX_LEN: usize = 16 * 1024 * 1024;

/// Members by name, unchanged.
pub type Members = Pii<BTreeMap<String, Value>>;

/// A document with `verified_claims`: an ID token's payload, a userinfo response, or the claim alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClaimSet {
    /// The entries, in their form: one, or a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_claims: Option<Entries>,
    /// Everything else: `sub`, `email`, `_claim_names`, `_claim_sources` and so on.
    #[serde(flatten)]
    pub others: Members,
}

/// One entry, or a list of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Entries {
    /// A list.
    List(Vec<VerifiedClaims>),
    /// One entry, without a list around it.
    One(Box<VerifiedClaims>),
}

// What serde derives for an untagged enum reads numbers in one of the forms alone in which serde_json may hold them.
impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error of serde_json quotes values.
        let unusable = |_| D::Error::custom("these are no verified claims");
        match Value::deserialize(deserializer)? {
            list @ Value::Array(_) => Vec::deserialize(list).map(Self::List).map_err(unusable),
            one => Box::deserialize(one).map(Self::One).map_err(unusable),
        }
    }
}

/// Claims about a person, and how they were verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VerifiedClaims {
    /// The verification.
    pub verification: Verification,
    /// The claims, by their names.
    pub claims: Members,
}

/// Verification of claims. `Debug` shows the framework and the evidence.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// The rules that were followed.
    pub trust_framework: String,
    /// The level of assurance, in the framework's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance_level: Option<String>,
    /// Basis of the level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance_process: Option<Pii<Value>>,
    /// When: ISO 8601, as it came. Examples of the standard leave the seconds out, so it is no RFC 3339 time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Pii<String>>,
    /// The verifier's id of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_process: Option<Pii<String>>,
    /// The evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Vec<Evidence>>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub others: Members,
}

/// A piece of evidence. `Debug` shows its kind and the checks.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// `document`, `electronic_record`, `electronic_signature`, `vouch`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The checks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_details: Option<Vec<CheckDetail>>,
    /// The document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_details: Option<Pii<Value>>,
    /// Everything else: `record`, `attestation`, `derived_claims`, `attachments`, a signature's members.
    #[serde(flatten)]
    pub others: Members,
}

/// Check of a piece of evidence. `Debug` shows the method.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckDetail {
    /// The method, such as `vpip`.
    pub check_method: String,
    /// The checker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The id of the check, to which `assurance_details` refer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_id: Option<String>,
    /// When, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Pii<String>>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub others: Members,
}

crate::privacy::redacted_debug!(Verification {
    trust_framework: |this| format_args!("{}", Sanitized(&this.trust_framework)),
    evidence,
    ..
});

crate::privacy::redacted_debug!(Evidence {
    kind: |this| format_args!("{}", Sanitized(&this.kind)),
    check_details,
    ..
});

crate::privacy::redacted_debug!(CheckDetail {
    check_method: |this| format_args!("{}", Sanitized(&this.check_method)),
    ..
});

impl ClaimSet {
    /// Reads a document. No signature is checked.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) with the [path](Error::path) when it is not JSON or a member is missing or of another
    /// kind than the standard says; [`TooLarge`](ErrorKind::TooLarge) above 16 MiB.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        if json.len() > MAX_LEN {
            return Err(Error::new(ErrorKind::TooLarge, "a document of claims has at most 16 MiB"));
        }
        let fault = |path: String| {
            Error::new(ErrorKind::Decode, "not a document with `verified_claims`").with_path(path)
        };
        let text = wire::json::check(json).map_err(|_| fault(".".to_owned()))?;
        let mut reader = text.deserializer();
        let read = serde_path_to_error::deserialize(&mut reader).map_err(
            |error: serde_path_to_error::Error<serde_json::Error>| fault(error.path().to_string()),
        )?;
        reader.end().map_err(|_| fault(".".to_owned()))?;
        Ok(read)
    }

    /// Returns the document as JSON, with every member that was read.
    pub fn to_json(&self) -> Pii<Value> {
        #[allow(clippy::expect_used)]
        let value = serde_json::to_value(self).expect("its keys are texts");
        Pii::new(value)
    }

    /// Returns the entries, from either form.
    pub fn entries(&self) -> &[VerifiedClaims] {
        match &self.verified_claims {
            Some(Entries::List(list)) => list,
            Some(Entries::One(one)) => std::slice::from_ref(one),
            None => &[],
        }
    }
}
