//! Limits how many authorizations may begin.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

const MINUTE: Duration = Duration::from_secs(60);

/// A sliding window of a minute: each start leaves a state in the store, and any caller may begin.
pub(super) struct StartLimiter {
    max: usize,
    latest: Mutex<VecDeque<Duration>>,
}

impl StartLimiter {
    pub(super) fn new(max: u32) -> Self {
        Self { max: usize::try_from(max).unwrap_or(usize::MAX).max(1), latest: Mutex::default() }
    }

    /// Counts a start at `now`, by a clock that only moves forward; the error is the wait until one is free.
    pub(super) fn take(&self, now: Duration) -> Result<(), Duration> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        while latest.front().is_some_and(|at| *at + MINUTE <= now) {
            latest.pop_front();
        }
        if latest.len() >= self.max {
            return Err(latest.front().map_or(MINUTE, |at| (*at + MINUTE).saturating_sub(now)));
        }
        latest.push_back(now);
        Ok(())
    }
}
