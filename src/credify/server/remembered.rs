//! A bounded set of keys, each of which is remembered for a while.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    time::Duration,
};

/// At most `max` keys, each until its end. The one that was put in first makes way.
pub(super) struct Remembered<K> {
    max: usize,
    ends: HashMap<K, Duration>,
    order: VecDeque<(K, Duration)>,
}

impl<K: Copy + Eq + Hash> Remembered<K> {
    pub(super) fn new(max: usize) -> Self {
        Self { max, ends: HashMap::new(), order: VecDeque::new() }
    }

    pub(super) fn has(&self, key: &K, now: Duration) -> bool {
        self.ends.get(key).is_some_and(|end| now < *end)
    }

    pub(super) fn remove(&mut self, key: &K) {
        self.ends.remove(key);
    }

    pub(super) fn insert(&mut self, key: K, end: Duration, now: Duration) {
        if self.max == 0 {
            return;
        }
        self.ends.insert(key, end);
        self.order.push_back((key, end));
        // Each use puts a key in again, so what stands in front may be an earlier entry of one that is still in use.
        while let Some((oldest, its_end)) = self.order.front().copied() {
            let is_latest = self.ends.get(&oldest) == Some(&its_end);
            if is_latest && now < its_end && self.ends.len() <= self.max && self.order.len() <= 2 * self.max {
                break;
            }
            self.order.pop_front();
            if is_latest {
                self.ends.remove(&oldest);
            }
        }
    }
}
