//! The conditions of offers, by a market's rules.

use serde_json::Value;

use super::reference::ReferenceStatuses;
use crate::{
    credify::{
        offer::{self, Evaluation, Rules, Segments},
        server::rejection::Rejection,
    },
    error::{Error, ErrorKind},
};

/// Reads conditions as the market is set to.
#[derive(Clone)]
pub(super) struct Conditions {
    pub(super) rules: Rules,
    pub(super) statuses: ReferenceStatuses,
}

impl Conditions {
    /// Evaluates the conditions of an offer for the claims of a user.
    pub(super) fn evaluate(
        &self,
        conditions: &Value,
        required_scopes: &Value,
        claims: &Value,
    ) -> Result<Evaluation<'static>, Rejection> {
        let evaluation = offer::evaluate_with(conditions, required_scopes, claims, &self.rules);
        evaluation.map_err(|error| self.invalid(error))
    }

    /// Compiles conditions that many users are counted by.
    pub(super) fn segments(
        &self,
        conditions: &[Value],
        required_scopes: &[Value],
    ) -> Result<Segments, Rejection> {
        let segments = Segments::compile_with(conditions, required_scopes, &self.rules);
        segments.map_err(|error| self.invalid(error))
    }

    fn invalid(&self, error: Error) -> Rejection {
        match error.kind() {
            ErrorKind::InvalidRequest => self.statuses.of(Rejection::Invalid("Invalid conditions")),
            _ => error.into(),
        }
    }
}
