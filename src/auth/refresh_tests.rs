//! The promises of the cache, with a clock that stands still.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use super::*;
use crate::{ErrorKind, clock::Frozen};

const MINUTE: Duration = Duration::from_secs(60);

/// Gives 1, 2, …; waits for the gate where there is one; fails where it is set to.
#[derive(Clone)]
struct Numbers {
    fetched: Arc<AtomicUsize>,
    failure: Arc<Mutex<Option<(Duration, Duration, bool)>>>,
    gate: Option<Arc<Notify>>,
    lifetime: Lifetime,
}

impl Numbers {
    fn new(lifetime: Lifetime, gate: Option<&Arc<Notify>>) -> Self {
        Self { fetched: Arc::default(), failure: Arc::default(), gate: gate.cloned(), lifetime }
    }

    fn fetched(&self) -> usize {
        self.fetched.load(Ordering::SeqCst)
    }

    /// Fails from now on: cooldown, time that the error stands, whether the old value serves.
    fn fail(&self, failure: Option<(Duration, Duration, bool)>) {
        *lock(&self.failure) = failure;
    }
}

impl Source<usize> for Numbers {
    fn fetch(&self) -> BoxFuture<'static, Result<Fresh<usize>, Failure>> {
        let source = self.clone();
        Box::pin(async move {
            let value = source.fetched.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(gate) = &source.gate {
                gate.notified().await;
            }
            match *lock(&source.failure) {
                Some((cooldown, ttl, old_serves)) => {
                    let error = Error::new(ErrorKind::Provider, "down");
                    Err(Failure { error, cooldown, ttl, old_serves })
                }
                None => Ok(Fresh { value, lifetime: source.lifetime }),
            }
        })
    }
}

fn refresh(source: &Numbers, policy: RefreshPolicy) -> (Refresh<usize>, Frozen) {
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + MINUTE);
    (Refresh::new(source.clone(), policy, clock), frozen)
}

async fn value(refresh: &Refresh<usize>) -> usize {
    refresh.get().await.expect("a value").value
}

#[tokio::test]
async fn a_value_is_renewed_ahead_of_its_end_by_the_wall_clock_and_by_elapsed_time() {
    for lifetime in [Lifetime::For(10 * MINUTE), Lifetime::Until(SystemTime::UNIX_EPOCH + 11 * MINUTE)] {
        let source = Numbers::new(lifetime, None);
        let (refresh, frozen) = refresh(&source, RefreshPolicy::default());
        assert_eq!((refresh.age(), value(&refresh).await), (None, 1));
        frozen.advance(9 * MINUTE - Duration::from_secs(1));
        assert_eq!((refresh.age(), value(&refresh).await), (Some(9 * MINUTE - Duration::from_secs(1)), 1));
        frozen.advance(Duration::from_secs(1));
        assert_eq!(value(&refresh).await, 2, "{lifetime:?}");
    }
    let source = Numbers::new(Lifetime::Unlimited, None);
    let (refresh, frozen) = refresh(&source, RefreshPolicy::default());
    assert_eq!(value(&refresh).await, 1);
    frozen.advance(100_000 * MINUTE);
    assert_eq!(value(&refresh).await, 1);
}

#[tokio::test]
async fn a_hundred_callers_are_one_fetch_and_the_old_value_serves_meanwhile() {
    let gate = Arc::new(Notify::new());
    let source = Numbers::new(Lifetime::For(10 * MINUTE), Some(&gate));
    let (refresh, frozen) = refresh(&source, RefreshPolicy::default());
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let refresh = refresh.clone();
            tokio::spawn(async move { value(&refresh).await })
        })
        .collect();
    tokio::task::yield_now().await;
    gate.notify_one();
    for caller in callers {
        assert_eq!(caller.await.expect("joined"), 1);
    }
    frozen.advance(10 * MINUTE - Duration::from_secs(30));
    let renewing = tokio::spawn({
        let refresh = refresh.clone();
        async move { value(&refresh).await }
    });
    tokio::task::yield_now().await;
    assert_eq!(value(&refresh).await, 1);
    gate.notify_one();
    assert_eq!((renewing.await.expect("joined"), value(&refresh).await, source.fetched()), (2, 2, 2));
}

#[tokio::test]
async fn where_the_old_value_must_not_be_used_meanwhile_all_callers_wait() {
    let gate = Arc::new(Notify::new());
    let source = Numbers::new(Lifetime::For(10 * MINUTE), Some(&gate));
    let policy = RefreshPolicy { serve_while_renewing: false, ..RefreshPolicy::default() };
    let (refresh, _) = refresh(&source, policy);
    gate.notify_one();
    assert_eq!(value(&refresh).await, 1);
    let (renewing, began) = refresh.begin(|| ());
    assert!(began && !refresh.begin(|| panic!("one is under way")).1);
    let waiting = tokio::spawn({
        let refresh = refresh.clone();
        async move { value(&refresh).await }
    });
    tokio::task::yield_now().await;
    gate.notify_one();
    assert_eq!(refresh.wait(renewing).await.expect("renewed").value, 2);
    assert_eq!((waiting.await.expect("joined"), source.fetched()), (2, 2));
}

#[tokio::test]
async fn a_failed_early_renewal_cools_down_and_an_error_stands_as_long_as_it_says() {
    let source = Numbers::new(Lifetime::For(10 * MINUTE), None);
    let (refresh, frozen) = refresh(&source, RefreshPolicy::default());
    assert_eq!(value(&refresh).await, 1);
    source.fail(Some((Duration::from_secs(5), Duration::from_secs(20), true)));
    frozen.advance(10 * MINUTE - Duration::from_secs(30));
    for _ in 0..3 {
        assert_eq!(value(&refresh).await, 1);
    }
    assert_eq!(source.fetched(), 2, "one try, then it cools down");
    frozen.advance(Duration::from_secs(5));
    assert_eq!((value(&refresh).await, source.fetched()), (1, 3));
    // Past its end the error of the last try stands, and then a fetch is made again.
    frozen.advance(Duration::from_secs(25));
    assert_eq!(refresh.get().await.err().map(|error| error.kind()), Some(ErrorKind::Provider));
    assert_eq!(source.fetched(), 4, "the one before had stood for its twenty seconds");
    for _ in 0..3 {
        assert!(refresh.get().await.is_err());
    }
    assert_eq!(source.fetched(), 4);
    source.fail(None);
    frozen.advance(Duration::from_secs(20));
    assert_eq!(value(&refresh).await, 5);
    // By name it is fetched whatever failed before.
    source.fail(Some((MINUTE, MINUTE, false)));
    assert!(refresh.renew().await.is_err() && refresh.serving().is_none());
    assert!(refresh.get().await.is_err());
    source.fail(None);
    assert_eq!(refresh.renew().await.expect("renewed").value, 7);
}

#[tokio::test]
async fn a_refusal_drops_the_version_that_was_presented_and_no_fresher_one() {
    let source = Numbers::new(Lifetime::Unlimited, None);
    let (refresh, _) = refresh(&source, RefreshPolicy::default());
    let first = refresh.get().await.expect("a value").version;
    refresh.refused(first);
    let second = refresh.get().await.expect("a value");
    assert_eq!(second.value, 2);
    refresh.refused(first);
    assert_eq!(value(&refresh).await, 2);
    refresh.replace(Numbers::new(Lifetime::Unlimited, None));
    assert_eq!(value(&refresh).await, 1);
    assert_eq!(value(&refresh.with_value(Fresh { value: 9, lifetime: Lifetime::Unlimited })).await, 9);
}

/// Waits until it is the other's turn, then leaves.
async fn leave<T>(waiting: impl Future<Output = T>) {
    tokio::select! {
        biased;
        _ = waiting => panic!("the gate is closed"),
        () = tokio::task::yield_now() => {}
    }
}

#[tokio::test]
async fn a_fetch_that_all_callers_left_is_taken_up_or_begun_anew_by_its_age() {
    for (abandoned_after, age, expected) in [
        (Some(Duration::from_secs(10)), 9, 1),
        (Some(Duration::from_secs(10)), 11, 2),
        (Some(Duration::ZERO), 0, 2),
        (None, 1_000, 1),
    ] {
        let gate = Arc::new(Notify::new());
        let source = Numbers::new(Lifetime::Unlimited, Some(&gate));
        let (refresh, frozen) =
            refresh(&source, RefreshPolicy { abandoned_after, ..RefreshPolicy::default() });
        leave(refresh.get()).await;
        frozen.advance(Duration::from_secs(age));
        gate.notify_one();
        assert_eq!(value(&refresh).await, expected, "{abandoned_after:?}");
    }
}

#[tokio::test]
async fn a_map_keeps_so_many_keys_and_none_without_a_value() {
    let (clock, frozen) = Clock::frozen(SystemTime::UNIX_EPOCH + MINUTE);
    let policy = RefreshPolicy { abandoned_after: Some(Duration::ZERO), ..RefreshPolicy::default() };
    let map = RefreshMap::new(2, policy, clock);
    let gate = Arc::new(Notify::new());
    let gated = Numbers::new(Lifetime::Unlimited, Some(&gate));
    leave(map.get("left", || gated.clone())).await;
    let failing = Numbers::new(Lifetime::Unlimited, None);
    failing.fail(Some((MINUTE, MINUTE, true)));
    assert!(map.get("failing", || failing.clone()).await.is_err());
    assert_eq!(map.len(), 0);

    let source = Numbers::new(Lifetime::For(MINUTE), None);
    for (key, expected) in [("a", 1), ("b", 2), ("a", 1), ("c", 3), ("b", 2), ("a", 4)] {
        let found = map.get(key, || source.clone()).await.expect("a value").value;
        assert_eq!((found, map.len() <= 2), (expected, true), "{key}");
    }
    frozen.advance(MINUTE);
    assert_eq!(map.get("a", || source.clone()).await.expect("a value").value, 5);
    assert_eq!(source.fetched(), 5);

    // Two callers of one key wait for one fetch, and the entry outlives the one that leaves.
    let (first, second) = (map.get("gated", || gated.clone()), map.get("gated", || gated.clone()));
    let second = async { tokio::join!(second, async { gate.notify_one() }).0 };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.expect("a value").value, second.expect("a value").value), (2, 2));
}
