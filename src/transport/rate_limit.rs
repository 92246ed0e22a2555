//! Keeps a client below what the provider allows.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How many requests a client sends in any period of that length: a sliding window, so a burst of the whole number may
/// go out at once, and the next request goes when the first of them is a period old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    requests: u32,
    period: Duration,
}

impl RateLimit {
    /// So many requests a minute. Zero is taken as one.
    pub fn per_minute(requests: u32) -> Self {
        Self::per(requests, Duration::from_secs(60))
    }

    /// So many requests in a period. Zero is taken as one.
    pub fn per(requests: u32, period: Duration) -> Self {
        Self { requests: requests.max(1), period }
    }
}

#[derive(Debug)]
pub(crate) struct RateLimiter {
    limit: RateLimit,
    /// When the latest requests went or will go, oldest first; at most as many as the limit.
    turns: Mutex<VecDeque<Duration>>,
}

impl RateLimiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self { limit, turns: Mutex::new(VecDeque::new()) }
    }

    /// Takes a turn and says how long to wait for it; none is taken when the wait would not fit into `left`, and the
    /// wait is the error.
    pub(crate) fn turn(&self, now: Duration, left: Duration) -> Result<Duration, Duration> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let full = turns.len() >= self.limit.requests as usize;
        let at = match turns.front() {
            Some(oldest) if full => now.max(*oldest + self.limit.period),
            _ => now,
        };
        let wait = at - now;
        if wait > left {
            return Err(wait);
        }
        if full {
            turns.pop_front();
        }
        turns.push_back(at);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn no_minute_ever_sees_more_than_the_limit() {
        let window = RateLimiter::new(RateLimit::per_minute(60));
        let mut sent: Vec<Duration> = Vec::new();
        for call in 0..400_u64 {
            // Callers come unevenly: in bursts of seven, a second and a half apart.
            let now = Duration::from_millis(call / 7 * 1_500);
            sent.push(now + window.turn(now, MINUTE * 60).expect("fits"));
        }
        for pair in sent.windows(61) {
            assert!(pair[60] - pair[0] >= MINUTE);
        }
    }

    #[test]
    fn a_turn_that_does_not_fit_is_not_taken() {
        let window = RateLimiter::new(RateLimit::per_minute(1));
        assert_eq!(window.turn(Duration::ZERO, MINUTE), Ok(Duration::ZERO));
        assert_eq!(window.turn(Duration::ZERO, MINUTE / 2), Err(MINUTE));
        assert_eq!(window.turn(Duration::ZERO, MINUTE), Ok(MINUTE));
        assert_eq!(window.turn(MINUTE, MINUTE), Ok(MINUTE));
    }
}
