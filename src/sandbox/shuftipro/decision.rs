//! Result of a verification: the request compared with the person's documents.
//!
//! The three states of a request field (contract section 3.1) mean here: absent is not checked, empty is read from the
//! papers, a value is compared with them.

mod name;
mod service_checks;
mod service_result;

pub(super) use name::plain;

use std::time::SystemTime;

use serde_json::{Map, Value};

use self::service_result::{ServiceResult, fail};
use super::{reasons, screening::Watchlist, services, upload::Upload};
use crate::sandbox::Person;

/// Input of a result.
pub(super) struct Case<'a> {
    /// The services, without their proofs.
    pub(super) services: &'a Map<String, Value>,
    /// The general fields.
    pub(super) general: &'a Map<String, Value>,
    pub(super) person: &'a Person,
    /// The papers are from the person's own country, although the request names one.
    pub(super) own_country: bool,
    pub(super) uploads: &'a [Upload],
    pub(super) watchlist: &'a Watchlist,
    pub(super) face: FaceHistory,
    pub(super) now: SystemTime,
}

/// Earlier requests of the account with the same face.
#[derive(Clone, Copy, Default)]
pub(super) struct FaceHistory {
    /// Seen under another reference.
    pub(super) duplicate: bool,
    /// Enrolled under this `customer_unique_id`.
    pub(super) enrolled: bool,
}

/// Source of the decision.
#[derive(Clone)]
pub(super) enum Verdict {
    /// The person's documents.
    Natural,
    /// An outcome set by the test: all checks pass.
    Accept,
    /// An outcome set by the test: declined with these codes.
    Decline(Vec<String>),
}

/// The parts of a final body (contract sections 4.1, 4.2, 4.4).
#[derive(Clone, Default)]
pub(super) struct Decided {
    pub(super) accepted: bool,
    pub(super) result: Map<String, Value>,
    pub(super) data: Map<String, Value>,
    pub(super) additional: Map<String, Value>,
    pub(super) warnings: Map<String, Value>,
    /// Service and code, in the order in which they were found.
    pub(super) codes: Vec<(String, String)>,
}

impl Decided {
    /// Every code once, in order.
    pub(super) fn declined_codes(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = Vec::new();
        for (_, code) in &self.codes {
            if !codes.contains(&code.as_str()) {
                codes.push(code);
            }
        }
        codes
    }

    /// Service to codes.
    pub(super) fn services_declined_codes(&self) -> Map<String, Value> {
        let mut map = Map::new();
        for (service, code) in &self.codes {
            if let Value::Array(codes) =
                map.entry(service.clone()).or_insert_with(|| Value::Array(Vec::new()))
            {
                codes.push(Value::from(code.as_str()));
            }
        }
        map
    }
}

/// Evaluates a case.
pub(super) fn evaluate(case: &Case<'_>, verdict: &Verdict) -> Decided {
    let mut decided = Decided::default();
    let single_step = is_on(case.general, "decline_on_single_step");
    let known = services::ALL.into_iter().chain([services::RISK_ASSESSMENT]);
    for service in known {
        let Some(asked) = case.services.get(service) else { continue };
        if single_step && matches!(verdict, Verdict::Natural) && !decided.codes.is_empty() {
            decided.result.insert(service.to_owned(), Value::Null);
            continue;
        }
        let empty = Map::new();
        let mut result = ServiceResult::new(asked.as_object().unwrap_or(&empty));
        case.examine(service, &mut result);
        for code in
            case.uploads.iter().filter(|upload| upload.service == service).flat_map(Upload::decline_codes)
        {
            result.decline(code);
        }
        result.into(service, &mut decided);
        case.remarks(service, asked, &mut decided);
    }
    match verdict {
        Verdict::Natural => {}
        Verdict::Accept => decided.pass_all(),
        Verdict::Decline(codes) => {
            decided.pass_all();
            decided.decline_with(codes);
        }
    }
    decided.accepted = decided.codes.is_empty() && !matches!(verdict, Verdict::Decline(_));
    decided
}

impl Decided {
    fn pass_all(&mut self) {
        self.codes.clear();
        let pass = |value: &mut Value| {
            if *value == 0 {
                *value = Value::from(1);
            }
        };
        for value in self.result.values_mut() {
            match value {
                Value::Object(leaves) => leaves.values_mut().for_each(pass),
                scalar => pass(scalar),
            }
        }
    }

    fn decline_with(&mut self, codes: &[String]) {
        for code in codes {
            let reason = reasons::find(code);
            let likely = reason.map_or(&[][..], |reason| reason.services);
            let service = likely
                .iter()
                .find(|service| self.result.contains_key(**service))
                .map(|service| (*service).to_owned())
                .or_else(|| self.result.keys().next().cloned());
            let Some(service) = service else { continue };
            if let Some(value) = self.result.get_mut(&service) {
                fail(value, &service, reason.map_or("", |reason| reason.leaf));
            }
            self.codes.push((service, code.clone()));
        }
    }
}

/// True for the flag `"1"`.
pub(super) fn is_on(fields: &Map<String, Value>, key: &str) -> bool {
    fields.get(key).and_then(Value::as_str) == Some("1")
}
