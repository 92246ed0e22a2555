//! The evidence record: what happened and when, for auditors, without anything personal.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{person::Attempt, state::seconds, step::Reply};
use crate::{
    crypto,
    error::{Error, Sanitized},
    identity::{Decision, Identity, Outcome, Reason, VerificationMethod},
    inbox::Proof,
    provider::ProviderId,
};

/// The version of the record's form.
const FORM: u32 = 1;
/// How many marks a trail keeps. A person who mistypes for hours is told by the count.
const MARKS: usize = 24;

/// What happened in one attempt: times, kinds of replies, failures with their request ids, what was decided and what was
/// proven, the digest of the answer, versions. No name, no address, no number of anybody, no text of a provider.
///
/// It is made when a flow comes to its end. Store it as JSON ([`to_json`](Self::to_json)); its
/// [`digest`](Self::digest) can be kept elsewhere, so that a later change shows.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EvidenceRecord {
    /// The version of this form.
    pub form: u32,
    /// The version of this crate.
    pub library: &'static str,
    /// Who was asked.
    pub provider: String,
    /// Which try it was.
    pub attempt: String,
    /// When it began, in seconds since 1970.
    pub started_at: u64,
    /// When it came to its end.
    pub ended_at: u64,
    /// What was decided.
    pub outcome: Outcome,
    /// Why.
    pub reasons: Vec<Reason>,
    /// The provider's own codes, those that look like codes.
    pub codes: Vec<String>,
    /// By which means something was proven, each once.
    pub proven_by: Vec<VerificationMethod>,
    /// SHA-256 of the provider's own name of the request or account, in hex.
    pub record_sha256: Option<String>,
    /// The answer's proof of authenticity, where the provider gives one.
    pub answer: Option<AnswerProof>,
    /// What happened on the way, in order.
    pub trail: Vec<AuditEntry>,
    /// How many more marks there were.
    pub trail_left_out: u32,
}

/// How the answer was found to be authentic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AnswerProof {
    /// SHA-256 of the bytes that were checked, in hex.
    pub sha256: String,
    /// The rule or algorithm, in the provider's word.
    pub rule: &'static str,
    /// Which of the configured secrets or keys fitted, by position.
    pub secret: usize,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditEntry {
    /// When, in seconds since 1970.
    #[serde(rename = "t")]
    pub at: u64,
    /// What: `start`, or the kind of reply that came in.
    #[serde(rename = "w")]
    pub what: String,
    /// How it failed, if it did.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The request id of the failure, where there is one.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// The marks of a flow under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AuditTrail {
    #[serde(rename = "m")]
    marks: Vec<AuditEntry>,
    #[serde(rename = "n", default)]
    left_out: u32,
}

impl AuditTrail {
    pub(super) fn start(&mut self, at: SystemTime) {
        self.mark(at, "start", None);
    }

    pub(super) fn reply(&mut self, at: SystemTime, reply: &Reply, error: Option<&Error>) {
        self.mark(at, reply.word(), error);
    }

    /// Another provider was asked first and did not answer.
    pub(super) fn passed_over(&mut self, at: SystemTime, provider: ProviderId, error: &Error) {
        self.mark(at, &format!("passed-over:{provider}"), Some(error));
    }

    /// The flow was given up for one at another provider.
    pub(super) fn left(&mut self, at: SystemTime) {
        self.mark(at, "handed-over", None);
    }

    fn mark(&mut self, at: SystemTime, what: &str, error: Option<&Error>) {
        if self.marks.len() >= MARKS {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        self.marks.push(AuditEntry {
            at: seconds(at),
            what: what.to_owned(),
            error: error.map(|error| error.kind().to_string()),
            request_id: error.and_then(Error::request_id).map(|id| Sanitized(id).to_string()),
        });
    }
}

/// What a record is made of.
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
            answer: facts.proof.map(|proof| AnswerProof {
                sha256: hex::encode(proof.digest),
                rule: proof.rule,
                secret: proof.secret,
            }),
            trail: facts.trail.marks,
            trail_left_out: facts.trail.left_out,
        }
    }

    /// The record as JSON.
    pub fn to_json(&self) -> String {
        // Texts, numbers and stable words always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// SHA-256 of [`to_json`](Self::to_json), in hex.
    pub fn digest(&self) -> String {
        String::from_utf8_lossy(&crypto::sha256_hex(&[self.to_json().as_bytes()])).into_owned()
    }
}

crate::privacy::redacted_debug!(EvidenceRecord { provider, attempt, outcome, reasons, .. });
