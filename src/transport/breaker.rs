//! Holds first attempts back while a provider is down.
//!
//! It opens when the client's retry quota is used up and one more attempt fails. While it is open, calls fail at once
//! with [`ErrorKind::Unavailable`] and the wait. After the wait one call is let through: its success closes the
//! breaker, its failure opens it again.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::error::{Error, ErrorKind};

#[derive(Debug)]
pub(crate) struct Breaker {
    cool_down: Duration,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed,
    /// Until this moment of [`Clock::elapsed`](crate::clock::Clock::elapsed).
    Open(Duration),
    /// One call is out to see; should it be dropped, another may go after this moment.
    Probing(Duration),
}

impl Breaker {
    pub(crate) fn new(cool_down: Duration) -> Self {
        Self { cool_down, state: Mutex::new(State::Closed) }
    }

    /// Asked before the first attempt of a call.
    pub(crate) fn admit(&self, now: Duration) -> Result<(), Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Closed => Ok(()),
            State::Open(until) | State::Probing(until) if now < until => Err(Error::new(
                ErrorKind::Unavailable,
                "the provider failed too often just now; nothing was sent",
            )
            .with_retry_after(until - now)
            .with_hint("wait, or fall back to another provider")),
            State::Open(_) | State::Probing(_) => {
                *state = State::Probing(now + self.cool_down);
                Ok(())
            }
        }
    }

    pub(crate) fn succeeded(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State::Closed;
    }

    /// Told of every attempt that the network or the provider failed; `exhausted` when the quota is used up.
    pub(crate) fn failed(&self, now: Duration, exhausted: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if exhausted || matches!(*state, State::Probing(_)) {
            *state = State::Open(now + self.cool_down);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn it_opens_when_the_quota_is_gone_lets_one_through_and_closes_on_success() {
        let breaker = Breaker::new(SECOND * 5);
        breaker.failed(SECOND, false);
        assert!(breaker.admit(SECOND).is_ok());
        breaker.failed(SECOND, true);
        let refused = breaker.admit(SECOND * 2).expect_err("open");
        assert_eq!((refused.kind(), refused.retry_after()), (ErrorKind::Unavailable, Some(SECOND * 4)));
        assert!(breaker.admit(SECOND * 6).is_ok(), "one is let through");
        assert!(breaker.admit(SECOND * 6).is_err(), "and no second one");
        breaker.failed(SECOND * 7, false);
        assert!(breaker.admit(SECOND * 8).is_err(), "it failed: open again");
        assert!(breaker.admit(SECOND * 12).is_ok());
        breaker.succeeded();
        assert!(breaker.admit(SECOND * 12).is_ok() && breaker.admit(SECOND * 12).is_ok());
    }

    #[test]
    fn a_probe_that_never_came_back_does_not_close_the_door_for_ever() {
        let breaker = Breaker::new(SECOND);
        breaker.failed(Duration::ZERO, true);
        assert!(breaker.admit(SECOND).is_ok());
        assert!(breaker.admit(SECOND * 2).is_ok());
    }
}
