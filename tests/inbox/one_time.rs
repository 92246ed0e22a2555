//! The one-time store in memory: bounded, and never at the cost of a living value.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use kyckit::{
    ErrorKind,
    storage::{MemoryOneTime, OneTimeStore, OneTimeValue},
};

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000)
}

fn value(text: &'static str) -> OneTimeValue {
    OneTimeValue::new(Bytes::from_static(text.as_bytes()))
}

#[tokio::test]
async fn a_full_store_forgets_what_expired_and_nothing_else() {
    let store = MemoryOneTime::new().max_keys(2);
    let (soon, late) = (noon() + Duration::from_secs(10), noon() + Duration::from_secs(100));
    store.put(noon(), "used", value("a"), late).await.expect("room");
    store.put(noon(), "short", value("b"), soon).await.expect("room");
    store.redeem(noon(), "used").await.expect("known");
    let full = store.put(noon(), "new", value("c"), late).await.expect_err("two keys live");
    assert_eq!(full.kind(), ErrorKind::Store);

    store.put(soon, "new", value("c"), late).await.expect("one has expired");
    assert_eq!(store.redeem(soon, "short").await.expect("forgotten"), None);
    let used = store.redeem(soon, "used").await.expect_err("still remembered");
    assert_eq!(used.kind(), ErrorKind::AlreadyUsed);
    assert_eq!(store.redeem(soon, "new").await.expect("known"), Some(value("c")));
}

#[tokio::test]
async fn what_expired_unused_is_told_apart_from_the_unknown_while_it_is_remembered() {
    let store = MemoryOneTime::new();
    store.put(noon(), "key", value("a"), noon() + Duration::from_secs(10)).await.expect("room");
    let later = noon() + Duration::from_secs(86_400);
    assert_eq!(store.redeem(later, "key").await.expect_err("late").kind(), ErrorKind::Expired);
    assert_eq!(store.redeem(later, "other").await.expect("unknown"), None);
    let back = store.redeem(noon(), "key").await.expect_err("a clock that is set back revives nothing");
    assert_eq!(back.kind(), ErrorKind::AlreadyUsed);
}

#[test]
fn nothing_of_a_value_is_shown() {
    assert_eq!(format!("{:?}", value("s3cr3t")), "[redacted]");
    assert!(!format!("{:?}", MemoryOneTime::new()).contains("kept"));
}
