//! How often one subject and one address may log in, so that none of them fills a store that all share.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use super::rejection::Rejection;
use crate::error::{Error, ErrorKind};

/// Callers of one kind that are counted. More push the oldest out.
const MAX_COUNTED: usize = 100_000;

/// Counts log-ins by subject and by address, in windows as long as a challenge lives.
pub(super) struct Quotas {
    max_per_subject: u32,
    max_per_address: u32,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    subjects: Table<String>,
    addresses: Table<IpAddr>,
}

/// Counts by key; the end of the window stands beside the count.
struct Table<K>(HashMap<K, (u32, SystemTime)>);

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl Quotas {
    pub(super) fn new(max_per_subject: u32, max_per_address: u32) -> Self {
        Self { max_per_subject, max_per_address, counted: Mutex::default() }
    }

    /// Counts one log-in.
    ///
    /// # Errors
    ///
    /// 429 with the wait when a quota is used up. Nothing is counted then: what one subject asks for in vain takes
    /// nothing from others at its address.
    pub(super) fn take(
        &self,
        now: SystemTime,
        window: Duration,
        subject: &str,
        address: IpAddr,
    ) -> Result<(), Rejection> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let (subject, address) = (subject.to_owned(), network(address));
        counted.subjects.check(now, &subject, self.max_per_subject)?;
        counted.addresses.check(now, &address, self.max_per_address)?;
        let end = now.checked_add(window).unwrap_or(now);
        counted.subjects.add(now, end, subject);
        counted.addresses.add(now, end, address);
        Ok(())
    }

    /// Takes back what was counted, since the log-in came to nothing.
    pub(super) fn give_back(&self, subject: &str, address: IpAddr) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        counted.subjects.subtract(&subject.to_owned());
        counted.addresses.subtract(&network(address));
    }
}

impl<K: std::hash::Hash + Eq + Clone> Table<K> {
    fn check(&self, now: SystemTime, key: &K, max: u32) -> Result<(), Rejection> {
        match self.0.get(key) {
            Some((count, end)) if *end > now && *count >= max => {
                let wait = end.duration_since(now).unwrap_or_default();
                let error = Error::new(ErrorKind::RateLimited, "too many log-ins of one subject or address");
                Err(Rejection::too_many(wait).because(error.with_retry_after(wait)))
            }
            _ => Ok(()),
        }
    }

    fn add(&mut self, now: SystemTime, end: SystemTime, key: K) {
        if self.0.len() >= MAX_COUNTED && !self.0.contains_key(&key) {
            self.0.retain(|_, (_, end)| *end > now);
            // Under more callers than that, the one that is forgotten soonest anyway is forgotten now.
            let first = self.0.iter().min_by_key(|(_, (_, end))| *end).map(|(key, _)| key.clone());
            if self.0.len() >= MAX_COUNTED
                && let Some(first) = first
            {
                self.0.remove(&first);
            }
        }
        let entry = self.0.entry(key).or_insert((0, end));
        if entry.1 <= now {
            *entry = (0, end);
        }
        entry.0 = entry.0.saturating_add(1);
    }

    fn subtract(&mut self, key: &K) {
        if let Some((count, _)) = self.0.get_mut(key) {
            *count = count.saturating_sub(1);
        }
    }
}

/// One household or machine has 2^64 addresses of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(1800);
    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

    fn wait(result: Result<(), Rejection>) -> Option<Duration> {
        result.err().and_then(|rejection| rejection.cause()?.retry_after())
    }

    #[test]
    fn a_subject_that_used_its_quota_up_takes_nothing_from_its_neighbours() {
        let quotas = Quotas::new(3, 5);
        let now = SystemTime::UNIX_EPOCH;
        for _ in 0..3 {
            assert!(quotas.take(now, WINDOW, "a", HOME).is_ok());
        }
        let later = now + Duration::from_secs(600);
        for _ in 0..1000 {
            assert_eq!(wait(quotas.take(later, WINDOW, "a", HOME)), Some(Duration::from_secs(1200)));
        }
        assert!(quotas.take(later, WINDOW, "b", HOME).is_ok());
        assert!(quotas.take(later, WINDOW, "c", HOME).is_ok());
        // The address is full now, for its own callers alone.
        assert!(quotas.take(later, WINDOW, "d", HOME).is_err());
        assert!(quotas.take(later, WINDOW, "d", [198, 51, 100, 1].into()).is_ok());
        // What came to nothing is given back, and a new window begins anew.
        quotas.give_back("b", HOME);
        assert!(quotas.take(later, WINDOW, "d", HOME).is_ok());
        assert!(quotas.take(now + WINDOW, WINDOW, "a", HOME).is_ok());
    }

    #[test]
    fn addresses_of_one_network_are_one() {
        let quotas = Quotas::new(10, 1);
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert!(quotas.take(SystemTime::UNIX_EPOCH, WINDOW, "a", address("2001:db8::1")).is_ok());
        assert!(quotas.take(SystemTime::UNIX_EPOCH, WINDOW, "b", address("2001:db8::ffff:1")).is_err());
        assert!(quotas.take(SystemTime::UNIX_EPOCH, WINDOW, "b", address("2001:db8:0:1::1")).is_ok());
        assert!(quotas.take(SystemTime::UNIX_EPOCH, WINDOW, "c", address("::ffff:203.0.113.7")).is_ok());
        assert!(quotas.take(SystemTime::UNIX_EPOCH, WINDOW, "d", HOME).is_err());
    }

    #[test]
    fn a_full_table_forgets_what_is_over_before_what_is_not() {
        let (now, end) = (SystemTime::UNIX_EPOCH + WINDOW, SystemTime::UNIX_EPOCH + WINDOW * 2);
        let mut table = Table(std::collections::HashMap::new());
        for number in 0..MAX_COUNTED {
            // Every second one is over, the first of them at this very moment.
            let over = number % 2 == 0;
            table.0.insert(number, (1, if over { now } else { end }));
        }
        table.add(now, end, MAX_COUNTED);
        assert_eq!(table.0.len(), MAX_COUNTED / 2 + 1);
        assert!(table.0.values().all(|(_, ends)| *ends == end));
    }
}
