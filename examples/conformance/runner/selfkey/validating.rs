//! `jwt-validate.json`: tokens that are believed, and those that are not.

use serde_json::Value;

use super::{each, issuing};
use crate::runner::Run;
use kyckit::clock::Clock;

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, &["error", "payload", "valid"], |case| {
        let clock = Clock::frozen(case.now()?).0;
        let token = case.text("token")?;
        let kind = case.text("as")?;
        let verifier = issuing::verifier(case.text("algorithm")?, case.text("key")?);
        let payload = verifier.and_then(|verifier| {
            let verifier = verifier.clock(clock);
            match kind {
                "challenge" => verifier.challenge(token).map(|claims| claims.to_value()),
                "access" => verifier.access(token).map(|claims| claims.to_value()),
                _ => verifier.claims(token),
            }
        });
        if !matches!(kind, "access" | "challenge" | "jwt") {
            return Err("is to be validated as something unknown".to_owned());
        }
        match (case.expect["valid"].as_bool(), payload) {
            (Some(true), Ok(payload)) => case.holds("payload", &payload),
            (Some(false), Err(_)) => Ok(()),
            (Some(expected), found) => Err(format!("valid is {}, and not {expected}", found.is_ok())),
            (None, _) => Err("does not say whether it is valid".to_owned()),
        }
    });
}
