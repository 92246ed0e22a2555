//! One-time values in a SQLite file.

use std::time::{Duration, SystemTime};

use kyckit::{
    Error, ErrorKind,
    storage::{OneTimeStore, OneTimeValue},
};
use rusqlite::{OptionalExtension, params};

use super::server::sqlite::Database;

const TABLE: &str = "
    create table if not exists one_time (
        key text primary key, value blob, expires_at integer not null, used integer not null default 0);
    create index if not exists one_time_by_expiry on one_time (expires_at);
";

/// How long a key is remembered behind its end, so that a late visitor is told what happened.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

pub struct Sqlite(Database);

impl Sqlite {
    pub fn open(path: &str) -> rusqlite::Result<Self> {
        Ok(Self(Database::open(path, TABLE)?))
    }
}

impl OneTimeStore for Sqlite {
    async fn put(
        &self,
        now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Result<(), Error> {
        let key = key.to_owned();
        let put = self.0.run(move |connection| {
            let forgotten = millis(now).saturating_sub(millis(SystemTime::UNIX_EPOCH + REMEMBERED));
            connection.execute("delete from one_time where expires_at < ?1", [forgotten])?;
            connection.execute(
                "insert into one_time (key, value, expires_at) values (?1, ?2, ?3) on conflict do nothing",
                params![key, value.expose().as_ref(), millis(expires_at)],
            )
        });
        match put.await? {
            1 => Ok(()),
            _ => Err(Error::new(ErrorKind::Conflict, "the one-time key was put before")),
        }
    }

    async fn redeem(&self, now: SystemTime, key: &str) -> Result<Option<OneTimeValue>, Error> {
        let key = key.to_owned();
        let found = self.0.run(move |connection| {
            let change = connection.transaction()?;
            let found = change
                .query_row("select value, expires_at, used from one_time where key = ?1", [&key], |row| {
                    Ok((row.get::<_, Option<Vec<u8>>>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
                })
                .optional()?;
            if found.is_some() {
                change.execute("update one_time set used = 1, value = null where key = ?1", [&key])?;
            }
            change.commit()?;
            Ok(found)
        });
        match found.await? {
            None => Ok(None),
            Some((_, expires_at, _)) if millis(now) >= expires_at => {
                Err(Error::new(ErrorKind::Expired, "the one-time value is past its time"))
            }
            Some((Some(value), _, false)) => Ok(Some(OneTimeValue::new(value.into()))),
            Some(_) => Err(Error::new(ErrorKind::AlreadyUsed, "the one-time value was used before")),
        }
    }
}

/// Milliseconds since 1970.
fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
