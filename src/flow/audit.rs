//! The audit trail: the steps of one attempt, without personal data.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Sanitized},
    provider::ProviderId,
};

/// The maximum number of entries in a trail; further ones are counted.
const MAX_ENTRIES: usize = 24;

/// One entry of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditEntry {
    /// In seconds since 1970.
    #[serde(rename = "t")]
    pub at: u64,
    /// `start`, the kind of the reply (`poll`, `callback`, `passcode` …), `provider-switched`, or
    /// `provider-skipped:<provider>`.
    #[serde(rename = "w")]
    pub what: String,
    /// Kind of the error, for a step that failed.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Provider's request id of the failure.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// Audit trail of a pending flow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AuditTrail {
    #[serde(rename = "m")]
    pub(super) entries: Vec<AuditEntry>,
    #[serde(rename = "n", default)]
    pub(super) omitted: u32,
}

impl AuditTrail {
    pub(super) fn start(&mut self, at: SystemTime) {
        self.add(at, "start", None);
    }

    pub(super) fn reply(&mut self, at: SystemTime, reply: &str, error: Option<&Error>) {
        self.add(at, reply, error);
    }

    /// Records a provider that was tried first and did not respond.
    pub(super) fn provider_skipped(&mut self, at: SystemTime, provider: ProviderId, error: &Error) {
        self.add(at, &format!("provider-skipped:{provider}"), Some(error));
    }

    /// Records the switch to another provider.
    pub(super) fn provider_switched(&mut self, at: SystemTime) {
        self.add(at, "provider-switched", None);
    }

    fn add(&mut self, at: SystemTime, what: &str, error: Option<&Error>) {
        if self.entries.len() >= MAX_ENTRIES {
            self.omitted = self.omitted.saturating_add(1);
            return;
        }
        self.entries.push(AuditEntry {
            at: seconds(at),
            what: what.to_owned(),
            error: error.map(|error| error.kind().to_string()),
            request_id: error.and_then(Error::request_id).map(|id| Sanitized(id).to_string()),
        });
    }
}

/// Whole seconds since 1970.
pub(super) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
