//! Circuit breaker: holds calls back while a provider is down, operation by operation.
//!
//! # The rule
//!
//! Every attempt of an operation counts for ten seconds, as good or as failed. Failed is what the network or the
//! provider failed: no connection, a broken connection, a timeout, a 5xx or what stands for one. A refusal (4xx) is
//! good: the provider is up.
//!
//! The breaker of an operation **opens** when at least twenty attempts counted and at least half of them failed. While
//! it is open, calls of that operation fail at once with [`ErrorKind::Unavailable`] and the wait; other operations go
//! on. After the cool-down it is **half open**: three calls are let through as probes, and three more each time a
//! cool-down has passed without a result from them. The first good answer closes it, and all counts begin anew; a failed
//! probe opens it again.
//!
//! A failure of a call about one object (one reference, one order, one person) may be that object's fault, unless there
//! was no connection at all. However often it comes, it counts three times at the most for each object, as a call has
//! three attempts, only from the fifth object on, and as a probe it opens nothing. So one poisoned id, asked for in a
//! loop, never closes the door to the others, and a provider that fails at all of them is left alone all the same. The
//! status 503 is the answer of the whole service, and counts as it comes.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::error::{Error, ErrorKind};

/// How long an attempt counts.
const WINDOW: Duration = Duration::from_secs(10);
/// What the window is counted in, so that a busy client holds numbers and not moments.
const SLICE: Duration = Duration::from_secs(1);
/// So many attempts say something.
const MINIMUM: u64 = 20;
/// So many objects do not fail by chance, and no more of them are remembered than it takes to reach the minimum.
const OBJECTS: usize = 5;
const MAX_OBJECTS: usize = 64;
/// How often one of them counts.
const OFTEN: u32 = 3;
/// How many calls go through a half-open breaker at once.
const PROBES: u32 = 3;

/// What an attempt says of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptResult {
    /// It answered, and is up.
    Good,
    /// It is down, or the way to it is.
    Failed,
    /// It failed at this object.
    FailedAt(u64),
}

/// The breakers of one client towards one host.
#[derive(Debug)]
pub(crate) struct Breaker {
    breaker_cooldown: Duration,
    operations: Mutex<HashMap<&'static str, Operation>>,
}

#[derive(Debug, Default)]
struct Operation {
    state: State,
    slices: VecDeque<Slice>,
    /// The objects that failed: when last, and how often, up to the most that counts.
    objects: HashMap<u64, (Duration, u32)>,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Closed,
    /// Until this moment of [`Clock::elapsed`](crate::clock::Clock::elapsed).
    Open(Duration),
    /// So many probes may still go; should they be lost, others may after this moment.
    HalfOpen { left: u32, until: Duration },
}

#[derive(Clone, Copy, Debug)]
struct Slice {
    from: Duration,
    good: u64,
    failed: u64,
    /// Failed answers about an object, repeated ones too.
    failed_at: u64,
}

impl Breaker {
    pub(crate) fn new(breaker_cooldown: Duration) -> Self {
        Self { breaker_cooldown, operations: Mutex::default() }
    }

    /// Asked before the first attempt of a call.
    pub(crate) fn admit(&self, operation: &'static str, now: Duration) -> Result<(), Error> {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(operation) = operations.get_mut(operation) else { return Ok(()) };
        match &mut operation.state {
            State::Closed => Ok(()),
            State::HalfOpen { left, .. } if *left > 0 => {
                *left -= 1;
                Ok(())
            }
            State::Open(until) | State::HalfOpen { until, .. } if now < *until => Err(Error::new(
                ErrorKind::Unavailable,
                "this call failed too often just now; nothing was sent",
            )
            .with_retry_after(*until - now)
            .with_hint("wait, or fall back to another provider")),
            State::Open(_) | State::HalfOpen { .. } => {
                operation.state = State::HalfOpen { left: PROBES - 1, until: now + self.breaker_cooldown };
                Ok(())
            }
        }
    }

    /// Counts an attempt that was made.
    pub(crate) fn record(&self, operation: &'static str, now: Duration, result: AttemptResult) {
        let mut operations = self.operations.lock().unwrap_or_else(PoisonError::into_inner);
        let operation = operations.entry(operation).or_default();
        match (operation.state, result) {
            (State::Closed, _) => {
                operation.count(now, result);
                if operation.is_down() {
                    *operation =
                        Operation { state: State::Open(now + self.breaker_cooldown), ..Operation::default() };
                }
            }
            (State::HalfOpen { .. }, AttemptResult::Good) => *operation = Operation::default(),
            (State::HalfOpen { .. }, AttemptResult::Failed) => {
                operation.state = State::Open(now + self.breaker_cooldown)
            }
            // Calls from before it opened say nothing new, and an object's failure may be its own.
            (State::HalfOpen { .. }, AttemptResult::FailedAt(_)) | (State::Open(_), _) => {}
        }
    }
}

impl Operation {
    fn count(&mut self, now: Duration, result: AttemptResult) {
        let is_over = |at: Duration| at + WINDOW <= now;
        while self.slices.front().is_some_and(|slice| is_over(slice.from)) {
            self.slices.pop_front();
        }
        self.objects.retain(|_, (at, _)| !is_over(*at));
        if self.slices.back().is_none_or(|slice| slice.from + SLICE <= now) {
            self.slices.push_back(Slice { from: now, good: 0, failed: 0, failed_at: 0 });
        }
        let Some(slice) = self.slices.back_mut() else { return };
        match result {
            AttemptResult::Good => slice.good += 1,
            AttemptResult::Failed => slice.failed += 1,
            AttemptResult::FailedAt(object) => {
                slice.failed_at += 1;
                if self.objects.len() < MAX_OBJECTS || self.objects.contains_key(&object) {
                    let (at, often) = self.objects.entry(object).or_default();
                    (*at, *often) = (now, OFTEN.min(*often + 1));
                }
            }
        }
    }

    fn is_down(&self) -> bool {
        let sum = |of: fn(&Slice) -> u64| self.slices.iter().map(of).sum::<u64>();
        let (good, failed, failed_at) =
            (sum(|slice| slice.good), sum(|slice| slice.failed), sum(|slice| slice.failed_at));
        let objects = if self.objects.len() < OBJECTS {
            0
        } else if self.objects.len() == MAX_OBJECTS {
            // So many different ones: it is not theirs.
            failed_at
        } else {
            self.objects.values().map(|(_, often)| u64::from(*often)).sum()
        };
        let failing = failed + objects;
        let counted = good + failed + if objects == 0 { 0 } else { failed_at };
        counted >= MINIMUM && failing >= good.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const COOL_DOWN: Duration = Duration::from_secs(5);

    fn record_all(breaker: &Breaker, now: Duration, results: impl IntoIterator<Item = AttemptResult>) {
        results.into_iter().for_each(|result| breaker.record("status", now, result));
    }

    fn is_open(breaker: &Breaker, now: Duration) -> bool {
        breaker.admit("status", now).is_err()
    }

    #[test]
    fn it_opens_by_share_and_for_one_operation() {
        let breaker = Breaker::new(COOL_DOWN);
        record_all(&breaker, SECOND, [AttemptResult::Failed; 19]);
        assert!(!is_open(&breaker, SECOND), "nineteen say nothing");
        record_all(&breaker, SECOND, [AttemptResult::Failed]);
        let refused = breaker.admit("status", SECOND * 2).expect_err("open");
        assert_eq!((refused.kind(), refused.retry_after()), (ErrorKind::Unavailable, Some(SECOND * 4)));
        assert!(breaker.admit("verify", SECOND * 2).is_ok(), "another operation goes on");

        let breaker = Breaker::new(COOL_DOWN);
        record_all(&breaker, SECOND, [AttemptResult::Good; 100]);
        record_all(&breaker, SECOND, [AttemptResult::Failed; 99]);
        assert!(!is_open(&breaker, SECOND), "99 of 199");
        record_all(&breaker, SECOND, [AttemptResult::Failed]);
        assert!(is_open(&breaker, SECOND), "100 of 200");
    }

    #[test]
    fn what_is_ten_seconds_old_does_not_count() {
        let breaker = Breaker::new(COOL_DOWN);
        record_all(&breaker, SECOND, [AttemptResult::Failed; 19]);
        record_all(&breaker, SECOND * 11, [AttemptResult::Failed; 19]);
        assert!(!is_open(&breaker, SECOND * 11));
        record_all(&breaker, SECOND * 15, [AttemptResult::Failed]);
        assert!(is_open(&breaker, SECOND * 15));
    }

    #[test]
    fn half_open_it_lets_three_through_and_the_first_result_decides() {
        let breaker = Breaker::new(COOL_DOWN);
        record_all(&breaker, SECOND, [AttemptResult::Failed; 20]);
        for _ in 0..PROBES {
            assert!(!is_open(&breaker, SECOND * 6));
        }
        assert!(is_open(&breaker, SECOND * 6), "no fourth one");
        record_all(&breaker, SECOND * 7, [AttemptResult::Failed]);
        assert!(is_open(&breaker, SECOND * 11), "open again, for a whole cool-down");
        assert!(!is_open(&breaker, SECOND * 12));
        record_all(&breaker, SECOND * 12, [AttemptResult::Good]);
        record_all(&breaker, SECOND * 12, [AttemptResult::Failed; 19]);
        assert!(!is_open(&breaker, SECOND * 12), "closed, and counted anew");
    }

    #[test]
    fn probes_that_never_came_back_do_not_close_the_door_for_ever() {
        let breaker = Breaker::new(COOL_DOWN);
        record_all(&breaker, Duration::ZERO, [AttemptResult::Failed; 20]);
        for _ in 0..PROBES {
            assert!(!is_open(&breaker, SECOND * 5));
        }
        assert!(is_open(&breaker, SECOND * 9));
        assert!(!is_open(&breaker, SECOND * 10));
    }

    #[test]
    fn answers_about_few_objects_never_open_it_and_those_about_many_do() {
        let breaker = Breaker::new(COOL_DOWN);
        for second in 0..60 {
            for object in 0..OBJECTS as u64 - 1 {
                record_all(&breaker, SECOND * second, [AttemptResult::FailedAt(object); 50]);
            }
            assert!(!is_open(&breaker, SECOND * second));
        }
        for (attempts, opens) in [(1_u64, false), (4, true)] {
            let breaker = Breaker::new(COOL_DOWN);
            for object in 0..OBJECTS as u64 {
                (0..attempts).for_each(|_| record_all(&breaker, SECOND, [AttemptResult::FailedAt(object)]));
            }
            assert_eq!(is_open(&breaker, SECOND), opens, "{attempts}");
        }
        let breaker = Breaker::new(COOL_DOWN);
        record_all(&breaker, SECOND, [AttemptResult::Good; 900]);
        record_all(&breaker, SECOND, (0..800).map(AttemptResult::FailedAt));
        assert!(!is_open(&breaker, SECOND), "800 of 1700");
        record_all(&breaker, SECOND, (800..900).map(AttemptResult::FailedAt));
        assert!(is_open(&breaker, SECOND), "900 of 1800");
    }

    #[test]
    fn an_object_s_failure_is_no_failed_probe() {
        let breaker = Breaker::new(COOL_DOWN);
        record_all(&breaker, SECOND, [AttemptResult::Failed; 20]);
        assert!(!is_open(&breaker, SECOND * 6));
        record_all(&breaker, SECOND * 6, [AttemptResult::FailedAt(1)]);
        assert!(!is_open(&breaker, SECOND * 6), "the next probe goes");
        record_all(&breaker, SECOND * 6, [AttemptResult::Good]);
        assert!(!is_open(&breaker, SECOND * 6));
    }
}
