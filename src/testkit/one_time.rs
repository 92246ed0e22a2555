//! The promises of a [`OneTimeStore`].

use std::{sync::Arc, time::Duration};

use bytes::Bytes;

use super::{Broken, at_once, ensure, fresh_name, large, odd_names, seconds, start};
use crate::{
    error::{Error, ErrorKind},
    storage::{OneTimeStore, OneTimeValue},
};

/// Proves a store against the promises of [`OneTimeStore`]; `make` gives one to begin with, new or shared.
///
/// | promise | what is checked |
/// | --- | --- |
/// | `value` | what was put comes out byte for byte, also empty and a mebibyte long |
/// | `unknown` | a key that was never put gives `None` |
/// | `once` | a second redeem gives `AlreadyUsed` |
/// | `once.atomic` | of fifty redeems at once, one gets the value and the others `AlreadyUsed` |
/// | `expiry` | the value is there until just before `expires_at`, and `Expired` from then on |
/// | `put.once` | a key is taken once: `Conflict` afterwards, used or not, and the first value stays |
/// | `put.atomic` | of fifty puts of one key at once, one succeeds, and its value is the one that is kept |
/// | `keys` | keys of odd characters, up to 512 bytes, do not meet |
///
/// # Errors
///
/// The first promise that is broken, or in whose check the store failed.
pub async fn check_one_time_store<S>(make: impl AsyncFn() -> S) -> Result<(), Broken>
where
    S: OneTimeStore + 'static,
{
    value(make().await).await?;
    unknown(make().await).await?;
    once(make().await).await?;
    once_atomic(make().await.into()).await?;
    expiry(make().await).await?;
    put_once(make().await).await?;
    put_atomic(make().await.into()).await?;
    keys(make().await).await
}

fn bytes(value: impl Into<Bytes>) -> OneTimeValue {
    OneTimeValue::new(value.into())
}

/// An answer in a word, so that it can be compared and printed without its value.
fn word(answer: &Result<Option<OneTimeValue>, Error>) -> String {
    match answer {
        Ok(Some(_)) => "the value".to_owned(),
        Ok(None) => "None".to_owned(),
        Err(error) => format!("{:?}", error.kind()),
    }
}

async fn put<S: OneTimeStore>(
    promise: &'static str,
    store: &S,
    key: &str,
    value: OneTimeValue,
) -> Result<(), Broken> {
    store
        .put(start(), key, value, start() + seconds(600))
        .await
        .map_err(|error| Broken::store(promise, error))
}

async fn value<S: OneTimeStore>(store: S) -> Result<(), Broken> {
    const PROMISE: &str = "value";
    for kept in [Bytes::new(), Bytes::from_static(b"v"), large().into()] {
        let key = fresh_name(PROMISE)?;
        put(PROMISE, &store, &key, bytes(kept.clone())).await?;
        let found = store.redeem(start(), &key).await;
        ensure!(
            PROMISE,
            matches!(&found, Ok(Some(value)) if value.expose() == &kept),
            "of a value of {} bytes, redeem gave {} that is not what was put",
            kept.len(),
            word(&found)
        );
    }
    Ok(())
}

async fn unknown<S: OneTimeStore>(store: S) -> Result<(), Broken> {
    const PROMISE: &str = "unknown";
    let found = store.redeem(start(), &fresh_name(PROMISE)?).await;
    ensure!(PROMISE, matches!(found, Ok(None)), "a key that was never put gave {}", word(&found));
    Ok(())
}

async fn once<S: OneTimeStore>(store: S) -> Result<(), Broken> {
    const PROMISE: &str = "once";
    let key = fresh_name(PROMISE)?;
    put(PROMISE, &store, &key, bytes("v")).await?;
    let _ = store.redeem(start(), &key).await.map_err(|error| Broken::store(PROMISE, error))?;
    for _ in 0..2 {
        let again = store.redeem(start() + seconds(1), &key).await;
        ensure!(PROMISE, kind(&again) == Some(ErrorKind::AlreadyUsed), "a used key gave {}", word(&again));
    }
    Ok(())
}

async fn once_atomic<S: OneTimeStore + 'static>(store: Arc<S>) -> Result<(), Broken> {
    const PROMISE: &str = "once.atomic";
    for _ in 0..4 {
        let key: Arc<str> = fresh_name(PROMISE)?.into();
        put(PROMISE, &*store, &key, bytes("v")).await?;
        let answers = at_once(PROMISE, &store, |_, store| {
            let key = key.clone();
            async move { store.redeem(start(), &key).await }
        })
        .await?;
        let values = answers.iter().filter(|answer| matches!(answer, Ok(Some(_)))).count();
        let used = answers.iter().filter(|answer| kind(answer) == Some(ErrorKind::AlreadyUsed)).count();
        ensure!(
            PROMISE,
            values == 1 && used == answers.len() - 1,
            "of {} redeems at once, {values} got the value and {used} AlreadyUsed",
            answers.len()
        );
    }
    Ok(())
}

async fn expiry<S: OneTimeStore>(store: S) -> Result<(), Broken> {
    const PROMISE: &str = "expiry";
    let end = start() + seconds(600);
    let key = fresh_name(PROMISE)?;
    put(PROMISE, &store, &key, bytes("v")).await?;
    let before = store.redeem(end - Duration::from_millis(1), &key).await;
    ensure!(PROMISE, matches!(before, Ok(Some(_))), "just before its end, a key gave {}", word(&before));
    for late in [Duration::ZERO, seconds(1)] {
        let key = fresh_name(PROMISE)?;
        put(PROMISE, &store, &key, bytes("v")).await?;
        let after = store.redeem(end + late, &key).await;
        ensure!(
            PROMISE,
            kind(&after) == Some(ErrorKind::Expired),
            "{} s after its end, a key gave {}",
            late.as_secs(),
            word(&after)
        );
    }
    Ok(())
}

async fn put_once<S: OneTimeStore>(store: S) -> Result<(), Broken> {
    const PROMISE: &str = "put.once";
    let key = fresh_name(PROMISE)?;
    put(PROMISE, &store, &key, bytes("first")).await?;
    for turn in ["unused", "used"] {
        let second = store.put(start(), &key, bytes("second"), start() + seconds(900)).await;
        ensure!(
            PROMISE,
            second.as_ref().is_err_and(|error| error.kind() == ErrorKind::Conflict),
            "a second put of an {turn} key gave {:?} and not Conflict",
            second.map_err(|error| error.kind())
        );
        let found = store.redeem(start(), &key).await;
        let right = match turn {
            "unused" => matches!(&found, Ok(Some(value)) if value.expose().as_ref() == b"first"),
            _ => kind(&found) == Some(ErrorKind::AlreadyUsed),
        };
        ensure!(PROMISE, right, "after a second put of an {turn} key, redeem gave {}", word(&found));
    }
    Ok(())
}

async fn put_atomic<S: OneTimeStore + 'static>(store: Arc<S>) -> Result<(), Broken> {
    const PROMISE: &str = "put.atomic";
    let key: Arc<str> = fresh_name(PROMISE)?.into();
    let answers = at_once(PROMISE, &store, |index, store| {
        let key = key.clone();
        async move { store.put(start(), &key, bytes(index.to_string()), start() + seconds(600)).await }
    })
    .await?;
    let won: Vec<usize> = (0..answers.len()).filter(|index| answers[*index].is_ok()).collect();
    ensure!(PROMISE, won.len() == 1, "of {} puts of one key at once, {} succeeded", answers.len(), won.len());
    let found = store.redeem(start(), &key).await;
    ensure!(
        PROMISE,
        matches!(&found, Ok(Some(value)) if value.expose().as_ref() == won[0].to_string().as_bytes()),
        "the value that is kept is not that of the put that succeeded: {}",
        word(&found)
    );
    Ok(())
}

async fn keys<S: OneTimeStore>(store: S) -> Result<(), Broken> {
    const PROMISE: &str = "keys";
    let prefix = fresh_name(PROMISE)?;
    // The longest names have no room for a prefix; cutting them keeps what tells them apart, which is their end.
    let keys: Vec<String> = odd_names()
        .into_iter()
        .map(|name| {
            let cut = (0..=name.len())
                .find(|at| name.is_char_boundary(*at) && prefix.len() + name.len() - at <= 512);
            format!("{prefix}{}", &name[cut.unwrap_or_default()..])
        })
        .collect();
    for key in &keys {
        put(PROMISE, &store, key, bytes(key.clone())).await?;
    }
    for key in &keys {
        let found = store.redeem(start(), key).await;
        ensure!(
            PROMISE,
            matches!(&found, Ok(Some(value)) if value.expose() == key.as_bytes()),
            "the key {key:?} gave {} that is not its own",
            word(&found)
        );
    }
    Ok(())
}

fn kind(answer: &Result<Option<OneTimeValue>, Error>) -> Option<ErrorKind> {
    answer.as_ref().err().map(Error::kind)
}
