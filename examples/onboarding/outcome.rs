//! What becomes of a step of the flow: where the person stands next, or why a request is refused.

use std::sync::Arc;

use axum::http::StatusCode;
use kyckit::{
    Error, ErrorKind,
    flow::{Next, Pending, Step},
    provider::ProviderId,
};

use super::{
    App,
    visit::{Stage, Visit, VisitId},
};

/// What went wrong, in a word that the texts know, with the code that support asks for.
#[derive(Clone)]
pub struct Problem {
    pub word: &'static str,
    pub code: String,
    /// Who failed, where that is not the provider that the flow waits for.
    pub provider: Option<ProviderId>,
    /// Whether another try is the same attempt: this one had no effect, or an unknown one.
    pub is_same_attempt: bool,
}

impl Problem {
    /// There was nothing, or it is over.
    pub fn ended() -> Self {
        Self { word: "problem_ended", code: "ended".to_owned(), provider: None, is_same_attempt: false }
    }

    fn of(error: &Error, pending: Option<&Pending>) -> Self {
        let (next, waits_for) =
            (pending.map(|pending| &pending.next), pending.map(|pending| pending.provider));
        // What another provider's failure means has nothing to do with what this one waits for.
        let next = next.filter(|_| error.provider().is_none_or(|failed| Some(failed) == waits_for));
        let word = match (error.kind(), next) {
            _ if error.check() == Some("reply.refused") => "problem_refused_by_person",
            _ if error.is_retryable() => "problem_outage",
            (ErrorKind::Provider, _) => "problem_outage",
            (_, Some(Next::TypePasscode { .. })) => "problem_passcode",
            (ErrorKind::Signature, Some(Next::SignNonce { .. })) => "problem_signature",
            (_, Some(Next::OpenApp)) => "problem_app",
            (ErrorKind::AlreadyUsed | ErrorKind::Expired, _) => "problem_ended",
            (ErrorKind::InvalidRequest | ErrorKind::NotFound, _) => "problem_details",
            _ => "problem_other",
        };
        let code = error.check().map_or_else(|| code_of(error.kind()), str::to_owned);
        let is_same_attempt = error.is_retryable() || error.may_have_taken_effect();
        Self { word, code, provider: error.provider(), is_same_attempt }
    }
}

/// The kind in the form of the other codes, such as `rate_limited`.
fn code_of(kind: ErrorKind) -> String {
    let mut code = String::new();
    for letter in format!("{kind:?}").chars() {
        if letter.is_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(letter.to_ascii_lowercase());
    }
    code
}

/// A request that changes nothing: the word of the page that explains, and its status.
pub struct Refused(pub &'static str, pub StatusCode);

/// Keeps where the person stands after a start.
pub fn begun(app: &App, id: &VisitId, visit: Visit, step: Result<Step, Error>) {
    let stage = match step {
        Ok(step) => stage_of(app, step),
        Err(error) => {
            app.log.line(format_args!("start: {error}"));
            Stage::Over(Problem::of(&error, None))
        }
    };
    app.visits.change(id, |row| *row = Visit { stage, ..visit });
}

/// Keeps where the person stands after something came back, unless it was refused.
pub fn went_on(app: &App, id: &VisitId, step: Result<Step, Error>) -> Result<(), Refused> {
    let stage = match step {
        Ok(step) => stage_of(app, step),
        Err(error) => {
            app.log.line(format_args!("step: {error}"));
            match refusal(&error) {
                Some(refused) => return Err(refused),
                None => Stage::Over(Problem::of(&error, None)),
            }
        }
    };
    app.visits.change(id, |row| row.stage = stage);
    Ok(())
}

/// What the flow refuses before it spends anything.
pub fn refusal(error: &Error) -> Option<Refused> {
    Some(match error.check()? {
        "state.form" | "state.sealed" | "state.version" | "state.unknown" | "state.provider" => {
            Refused("altered", StatusCode::BAD_REQUEST)
        }
        "state.person" => Refused("other_person", StatusCode::FORBIDDEN),
        "state.used" => Refused("used", StatusCode::CONFLICT),
        "state.expired" => Refused("expired", StatusCode::GONE),
        "reply.state" => Refused("other_return", StatusCode::FORBIDDEN),
        "reply.kind" | "reply.provider" | "reply.reference" | "reply.query" => {
            Refused("not_awaited", StatusCode::CONFLICT)
        }
        _ => return None,
    })
}

fn stage_of(app: &App, step: Step) -> Stage {
    match step {
        Step::Next(pending) => {
            app.log.line(format_args!("{}: {:?}", pending.provider, pending.next));
            Stage::Next(Box::new(pending), None)
        }
        Step::Failed(error, pending) => {
            app.log.line(format_args!("{}: {error}", pending.provider));
            let problem = Problem::of(&error, Some(&pending));
            Stage::Next(Box::new(pending), Some(problem))
        }
        Step::Done(done) => {
            app.log.line(format_args!("{}: {}", done.provider, done.decision().outcome()));
            Stage::Done(Arc::from(done))
        }
    }
}
