//! What an access token must be good for.

use std::time::Duration;

use super::authority::Introspection;
use crate::{
    clock::Clock,
    crypto::jose::claims::LATEST_DATE,
    error::{Error, ErrorKind},
};

/// The scope that a token must hold.
#[derive(Clone, Copy)]
enum Scope<'a> {
    /// The question names it, and the answer may leave it out.
    Asked(&'a str),
    /// The answer has to name it.
    Named(&'a str),
    /// The answer has to name it, or one that begins with it and a colon.
    NamedOrBelow(&'a str),
    /// Any token that is active.
    Any,
}

/// Whether one of the addresses is meant.
type IsMeant<'a> = &'a (dyn Fn(&[String]) -> bool + Sync);

/// What a token must be good for.
#[derive(Clone, Copy)]
pub(super) struct TokenDemand<'a> {
    scope: Scope<'a>,
    audience: Option<IsMeant<'a>>,
    skew: Duration,
}

impl<'a> TokenDemand<'a> {
    fn of(scope: Scope<'a>) -> Self {
        Self { scope, audience: None, skew: Duration::ZERO }
    }

    pub(super) fn active() -> Self {
        Self::of(Scope::Any)
    }

    /// The scope goes along with the question, so an answer without scopes is about it.
    pub(super) fn asking_for(scope: &'a str) -> Self {
        Self::of(Scope::Asked(scope))
    }

    pub(super) fn naming(scope: &'a str) -> Self {
        Self::of(Scope::Named(scope))
    }

    pub(super) fn naming_or_below(scope: &'a str) -> Self {
        Self::of(Scope::NamedOrBelow(scope))
    }

    /// What the audience must be.
    pub(super) fn audience(mut self, is_meant: IsMeant<'a>) -> Self {
        self.audience = Some(is_meant);
        self
    }

    /// How long after its end a token is still taken, since clocks differ.
    pub(super) fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// The scope that goes along with the question.
    pub(super) fn asked_scope(&self) -> Option<&'a str> {
        match self.scope {
            Scope::Asked(scope) => Some(scope),
            _ => None,
        }
    }

    /// Compares all that is known of a token: whether it is active, its scopes, its end and its audience. Every use of
    /// an introspection comes through here.
    pub(super) fn check(&self, token: &Introspection, clock: &Clock) -> Result<(), Error> {
        let refused = |check, what| Err(Error::new(ErrorKind::Authentication, what).with_check(check));
        if !token.active {
            return refused("access_token.inactive", "Access token is not valid.");
        }
        let scopes = token.scope.as_deref();
        let holds = |holds: &dyn Fn(&str) -> bool| scopes.is_some_and(|all| all.split(' ').any(holds));
        let has_scope = match self.scope {
            Scope::Any => true,
            Scope::Asked(scope) => scopes.is_none() || holds(&|one| one == scope),
            Scope::Named(scope) => holds(&|one| one == scope),
            Scope::NamedOrBelow(scope) => holds(&|one| {
                one.strip_prefix(scope).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            }),
        };
        if !has_scope {
            return refused("access_token.scope", "the access token is for another scope");
        }
        if let Some(end) = token.expires_at {
            if end > LATEST_DATE {
                return refused(
                    "access_token.time",
                    "the end of the access token cannot be a time in seconds",
                );
            }
            if end.saturating_add(self.skew.as_secs()) <= clock.unix_seconds() {
                return refused("access_token.expired", "the access token is past its end");
            }
        }
        if self.audience.is_some_and(|is_meant| !is_meant(&token.audience)) {
            return refused("access_token.audience", "the access token is meant for another address");
        }
        Ok(())
    }
}
