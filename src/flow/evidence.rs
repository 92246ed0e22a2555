//! The evidence record of a flow, for auditors, without personal data.

use std::time::SystemTime;

use serde::Serialize;

use super::{
    audit::{AuditEntry, AuditTrail, seconds},
    person::Attempt,
};
use crate::{
    crypto,
    error::Sanitized,
    identity::{Decision, Identity, Outcome, Reason, VerificationMethod},
    provider::ProviderId,
    verified::Proof,
};

/// The version of the record's form.
const FORM: u32 = 1;

/// Record of one attempt for auditors: times, kinds of replies, failures with their request ids, the decision, what was
/// proven, the digest of the response, versions. It holds no name, address or number of a person, and no text of a
/// provider.
///
/// A completed flow makes it. Store it as JSON ([`to_json`](Self::to_json)); its
/// [`digest`](Self::digest) can be kept elsewhere, so that a later change shows.
#[doc(alias = "audit log")]
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EvidenceRecord {
    /// The version of this form.
    pub form: u32,
    /// The version of this crate.
    pub library: &'static str,
    /// The provider's name.
    pub provider: String,
    /// The attempt's id.
    pub attempt: String,
    /// In seconds since 1970.
    pub started_at: u64,
    /// In seconds since 1970.
    pub ended_at: u64,
    /// What was decided.
    pub outcome: Outcome,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The provider's own codes, those that look like codes.
    pub codes: Vec<String>,
    /// Methods by which something was proven, each once.
    pub proven_by: Vec<VerificationMethod>,
    /// SHA-256 of the provider's own name of the request or account, in hex.
    pub record_sha256: Option<String>,
    /// Proof of the response's authenticity, for providers that sign.
    pub response: Option<ResponseProof>,
    /// The audit trail, in order.
    pub trail: Vec<AuditEntry>,
    /// Number of entries beyond those kept.
    pub trail_omitted: u32,
}

/// Proof that the provider's response is authentic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ResponseProof {
    /// SHA-256 of the bytes that were checked, in hex.
    pub sha256: String,
    /// The rule or algorithm, in the provider's word.
    pub rule: &'static str,
    /// Position of the configured secret or key that fitted.
    pub secret: usize,
}

/// Input of an evidence record.
pub(super) struct Facts<'a> {
    pub(super) provider: ProviderId,
    pub(super) attempt: &'a Attempt,
    pub(super) started_at: SystemTime,
    pub(super) ended_at: SystemTime,
    pub(super) decision: &'a Decision,
    pub(super) identity: &'a Identity,
    pub(super) record: Option<&'a str>,
    pub(super) proof: Option<&'a Proof>,
    pub(super) trail: AuditTrail,
}

impl EvidenceRecord {
    pub(super) fn of(facts: Facts<'_>) -> Self {
        let mut proven_by: Vec<VerificationMethod> =
            facts.identity.assurance().proven().map(|finding| finding.method()).collect();
        proven_by.sort_unstable();
        proven_by.dedup();
        Self {
            form: FORM,
            library: env!("CARGO_PKG_VERSION"),
            provider: facts.provider.as_str().to_owned(),
            attempt: facts.attempt.as_str().to_owned(),
            started_at: seconds(facts.started_at),
            ended_at: seconds(facts.ended_at),
            outcome: facts.decision.outcome(),
            reasons: facts.decision.reasons().to_vec(),
            codes: facts.decision.codes().iter().map(|code| Sanitized(code).to_string()).collect(),
            proven_by,
            record_sha256: facts.record.map(|record| {
                String::from_utf8_lossy(&crypto::sha256_hex(&[record.as_bytes()])).into_owned()
            }),
            response: facts.proof.map(|proof| ResponseProof {
                sha256: hex::encode(proof.digest),
                rule: proof.rule,
                secret: proof.secret,
            }),
            trail: facts.trail.entries,
            trail_omitted: facts.trail.omitted,
        }
    }

    /// Returns the record as JSON.
    pub fn to_json(&self) -> String {
        // Texts, numbers and stable words always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the SHA-256 of [`to_json`](Self::to_json), in hex.
    pub fn digest(&self) -> String {
        String::from_utf8_lossy(&crypto::sha256_hex(&[self.to_json().as_bytes()])).into_owned()
    }
}

crate::privacy::redacted_debug!(EvidenceRecord { provider, attempt, outcome, reasons, .. });
