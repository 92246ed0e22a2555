//! `verification_result`: what each check came to.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::{privacy::Pii, wire};

/// What one check came to.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// `1`: passed.
    Accepted,
    /// `0`: failed.
    Declined,
    /// `null` or `""`: not asked for, or not reached. It is not a failure.
    NotProcessed,
    /// Another value, as it came.
    Other(Pii<Value>),
}

impl Outcome {
    fn of(value: Value) -> Self {
        match &value {
            Value::Null => Self::NotProcessed,
            Value::String(text) if text.is_empty() => Self::NotProcessed,
            Value::String(text) if text == "1" => Self::Accepted,
            Value::String(text) if text == "0" => Self::Declined,
            Value::Number(number) if number.as_f64() == Some(1.0) => Self::Accepted,
            Value::Number(number) if number.as_f64() == Some(0.0) => Self::Declined,
            _ => Self::Other(Pii::new(value)),
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Accepted => "Accepted",
            Self::Declined => "Declined",
            Self::NotProcessed => "NotProcessed",
            Self::Other(_) => "Other([redacted])",
        })
    }
}

impl<'de> Deserialize<'de> for Outcome {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::of)
    }
}

/// What a service came to: one outcome, or one a check.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ServiceResult {
    /// One outcome for the service, as `face` and `phone` have it.
    Overall(Outcome),
    /// One outcome a check, by its key, as `document` and `address` have it.
    Checks(BTreeMap<String, Outcome>),
}

impl ServiceResult {
    /// The outcome of one check of the service; `None` for a service with one outcome, or without that check.
    pub fn check(&self, key: &str) -> Option<&Outcome> {
        match self {
            Self::Overall(_) => None,
            Self::Checks(checks) => checks.get(key),
        }
    }

    /// The service in one word, for display: its one outcome; else declined when any check is declined, accepted when
    /// any is accepted, and not processed otherwise. It is not the decision: only the event is.
    pub fn summary(&self) -> Outcome {
        match self {
            Self::Overall(outcome) => outcome.clone(),
            Self::Checks(checks) => [Outcome::Declined, Outcome::Accepted]
                .into_iter()
                .find(|outcome| checks.values().any(|check| check == outcome))
                .unwrap_or(Outcome::NotProcessed),
        }
    }
}

impl<'de> Deserialize<'de> for ServiceResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Object(checks) => {
                Self::Checks(checks.into_iter().map(|(key, value)| (key, Outcome::of(value))).collect())
            }
            Value::Array(list) if list.is_empty() => Self::Checks(BTreeMap::new()),
            value => Self::Overall(Outcome::of(value)),
        })
    }
}

/// `verification_result`: every service that was asked for, by its key.
///
/// It explains a decision and is not one: only the event decides.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct VerificationResult {
    #[serde(deserialize_with = "wire::map")]
    services: BTreeMap<String, ServiceResult>,
}

impl VerificationResult {
    /// What a service came to, by its key such as `document`.
    pub fn service(&self, service: &str) -> Option<&ServiceResult> {
        self.services.get(service)
    }

    /// What one check of a service came to, such as `expiry_date` of `document`.
    pub fn check(&self, service: &str, check: &str) -> Option<&Outcome> {
        self.services.get(service)?.check(check)
    }

    /// All services, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ServiceResult)> {
        self.services.iter().map(|(service, result)| (service.as_str(), result))
    }

    /// Whether there is no result, as in every answer but accepted and declined ones.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty()
    }
}
