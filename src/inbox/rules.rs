//! What an event means after what was applied already. Pure: no store, no clock, no provider.

use std::{
    cmp::Ordering,
    time::{Duration, SystemTime},
};

use super::{Reason, WorkOutcome};
use crate::{
    storage::AppliedState,
    verified::{Event, State, Verified},
};

/// What the rules look at in an event.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub digest: [u8; 32],
    pub state: State,
    pub time: Option<SystemTime>,
}

impl Facts {
    pub(super) fn of<E: Event>(event: &Verified<E>) -> Self {
        Self {
            digest: Verified::proof(event).digest,
            state: event.state(),
            time: event.signed_time().map(to_microseconds),
        }
    }
}

/// Databases keep no finer time; a cut that only some stores make would turn equal times into different ones.
fn to_microseconds(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => {
            SystemTime::UNIX_EPOCH
                + Duration::new(since.as_secs(), since.subsec_nanos() - since.subsec_nanos() % 1_000)
        }
        Err(_) => time,
    }
}

/// What is to be done with an event.
#[derive(Debug)]
pub(super) enum Decision {
    Apply,
    Fetch(Reason),
    Drop(WorkOutcome),
}

/// The order of the checks is part of the rules: equal bytes first, then the signed time, then what is said.
pub(super) fn decide(latest: Option<&AppliedState>, event: &Facts) -> Decision {
    let Some(latest) = latest else {
        return match event.state {
            State::Notice => Decision::Fetch(Reason::Notice),
            _ => Decision::Apply,
        };
    };
    if latest.digest == Some(event.digest) {
        return Decision::Drop(WorkOutcome::Duplicate);
    }
    let order = match (event.time, latest.time) {
        (Some(event), Some(latest)) => Some(event.cmp(&latest)),
        _ => None,
    };
    match (&event.state, latest.terminal, order) {
        (_, _, Some(Ordering::Less)) => Decision::Drop(WorkOutcome::Superseded),
        (State::Notice, _, _) => Decision::Fetch(Reason::Notice),
        (State::NonTerminal(_), true, Some(Ordering::Greater)) => Decision::Fetch(Reason::Reopened),
        (State::NonTerminal(_), true, _) => Decision::Drop(WorkOutcome::Stale),
        (State::NonTerminal(_), false, Some(Ordering::Equal))
        | (State::Terminal(_), true, Some(Ordering::Equal)) => Decision::Fetch(Reason::SameTime),
        (State::Terminal(_), true, None) => Decision::Fetch(Reason::TerminalChange),
        (State::NonTerminal(_) | State::Terminal(_), _, _) => Decision::Apply,
    }
}

/// What is recorded once the application holds `state`; `None` leaves the record as it is.
///
/// The digest is recorded only where the same bytes again would be no news: they brought this very state, or the time
/// in them says that they are the same message. A notice without a time may be sent in equal bytes at each change.
pub(super) fn applied(
    latest: Option<&AppliedState>,
    event: Option<&Facts>,
    state: State,
) -> Option<AppliedState> {
    let digest = event
        .filter(|event| event.time.is_some() || (event.state == state && state != State::Notice))
        .map(|event| event.digest);
    let time = event.and_then(|event| event.time).max(latest.and_then(|latest| latest.time));
    let (terminal, word) = match state {
        State::Terminal(word) => (true, word),
        State::NonTerminal(word) => (false, word),
        State::Notice => return None,
    };
    Some(AppliedState { terminal, state: word.into_owned(), digest, time })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Option<SystemTime> {
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    fn event(digest: u8, state: State, time: Option<SystemTime>) -> Facts {
        Facts { digest: [digest; 32], state, time }
    }

    fn latest(digest: Option<u8>, terminal: bool, time: Option<SystemTime>) -> AppliedState {
        AppliedState { terminal, state: "before".to_owned(), digest: digest.map(|byte| [byte; 32]), time }
    }

    /// Every combination of what an event says, what was applied, and how their signed times lie.
    #[test]
    fn the_table_of_decisions() {
        const APPLY: &str = "Apply";
        const NOTICE: &str = "Fetch(Notice)";
        const SAME_TIME: &str = "Fetch(SameTime)";
        const REOPENED: &str = "Fetch(Reopened)";
        const TERMINAL_CHANGE: &str = "Fetch(TerminalChange)";
        const SUPERSEDED: &str = "Drop(Superseded)";
        const STALE: &str = "Drop(Stale)";
        let decide =
            |latest: Option<&AppliedState>, event: &Facts| format!("{:?}", super::decide(latest, event));

        let (terminal, pending) = (State::terminal("accepted"), State::non_terminal("pending"));
        // What the event says; nothing applied; applied before it: no time, older, equal, newer signed time.
        let after_pending = [
            (&terminal, APPLY, [APPLY, APPLY, APPLY, SUPERSEDED]),
            (&pending, APPLY, [APPLY, APPLY, SAME_TIME, SUPERSEDED]),
            (&State::Notice, NOTICE, [NOTICE, NOTICE, NOTICE, SUPERSEDED]),
        ];
        let after_terminal = [
            (&terminal, APPLY, [TERMINAL_CHANGE, APPLY, SAME_TIME, SUPERSEDED]),
            (&pending, APPLY, [STALE, REOPENED, STALE, SUPERSEDED]),
            (&State::Notice, NOTICE, [NOTICE, NOTICE, NOTICE, SUPERSEDED]),
        ];
        for (was_terminal, table) in [(false, after_pending), (true, after_terminal)] {
            for (state, first, then) in table {
                assert_eq!(decide(None, &event(1, state.clone(), at(10))), first, "{state:?}");
                for (time, expected) in [None, at(9), at(10), at(11)].into_iter().zip(then) {
                    let record = latest(Some(2), was_terminal, time);
                    let found = decide(Some(&record), &event(1, state.clone(), at(10)));
                    assert_eq!(found, expected, "{state:?} after {record:?}");
                    let equal = latest(Some(1), was_terminal, time);
                    assert_eq!(decide(Some(&equal), &event(1, state.clone(), at(10))), "Drop(Duplicate)");
                }
                let timed = latest(Some(2), was_terminal, at(11));
                assert_eq!(
                    decide(Some(&timed), &event(1, state.clone(), None)),
                    then[0],
                    "only one has a time"
                );
            }
        }
    }

    #[test]
    fn equal_bytes_are_remembered_only_where_they_would_be_no_news() {
        let accepted = || State::terminal("accepted");
        let digest = |event: &Facts, told| applied(None, Some(event), told).expect("a record").digest;
        assert_eq!(digest(&event(1, accepted(), None), accepted()), Some([1; 32]));
        assert_eq!(digest(&event(1, accepted(), None), State::terminal("declined")), None);
        assert_eq!(digest(&event(1, accepted(), None), State::non_terminal("accepted")), None);
        assert_eq!(digest(&event(1, State::Notice, None), accepted()), None);
        assert_eq!(digest(&event(1, State::Notice, at(1)), accepted()), Some([1; 32]));
        assert_eq!(applied(None, Some(&event(1, State::Notice, at(1))), State::Notice), None);
    }

    #[test]
    fn the_recorded_time_never_goes_back_and_is_cut_to_microseconds() {
        let before = latest(None, true, at(20));
        let time =
            |event: Option<&Facts>| applied(Some(&before), event, State::terminal("x")).and_then(|x| x.time);
        assert_eq!(time(None), at(20));
        assert_eq!(time(Some(&event(1, State::Notice, None))), at(20));
        assert_eq!(time(Some(&event(1, State::Notice, at(10)))), at(20));
        assert_eq!(time(Some(&event(1, State::Notice, at(30)))), at(30));
        let fine = SystemTime::UNIX_EPOCH + Duration::from_nanos(1_234_567);
        assert_eq!(to_microseconds(fine), SystemTime::UNIX_EPOCH + Duration::from_micros(1_234));
    }
}
