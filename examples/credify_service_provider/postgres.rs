//! One-time values in PostgreSQL.

use std::time::{Duration, SystemTime};

use kyckit::{
    Error, ErrorKind,
    storage::{OneTimeStore, OneTimeValue},
};

use super::server::postgres::Database;

const TABLE: &str = "
    create table if not exists one_time (
        key text primary key, value bytea, expires_at timestamptz not null, used boolean not null default false);
    create index if not exists one_time_by_expiry on one_time (expires_at)";

/// How long a key is remembered behind its end, so that a late visitor is told what happened.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

pub struct Postgres(Database);

impl Postgres {
    pub async fn open(url: &str) -> Result<Self, tokio_postgres::Error> {
        Ok(Self(Database::open(url, TABLE).await?))
    }
}

impl OneTimeStore for Postgres {
    async fn put(
        &self,
        now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Result<(), Error> {
        let client = self.0.client().await?;
        let forgotten = now.checked_sub(REMEMBERED).unwrap_or(SystemTime::UNIX_EPOCH);
        let forget = "delete from one_time where expires_at < $1";
        client.execute(forget, &[&forgotten]).await.map_err(Error::store)?;
        let insert =
            "insert into one_time (key, value, expires_at) values ($1, $2, $3) on conflict do nothing";
        let put = client.execute(insert, &[&key, &value.expose().as_ref(), &expires_at]).await;
        match put.map_err(Error::store)? {
            1 => Ok(()),
            _ => Err(Error::new(ErrorKind::Conflict, "the one-time key was put before")),
        }
    }

    async fn redeem(&self, now: SystemTime, key: &str) -> Result<Option<OneTimeValue>, Error> {
        let client = self.0.client().await?;
        // One statement is one transaction: of fifty at once, one gets the value.
        let take = "with taken as (
                            select key, value from one_time
                            where key = $1 and not used and expires_at > $2 for update)
                        update one_time set used = true, value = null from taken
                        where one_time.key = taken.key returning taken.value";
        if let Some(row) = client.query_opt(take, &[&key, &now]).await.map_err(Error::store)? {
            let value: Vec<u8> = row.try_get(0).map_err(Error::store)?;
            return Ok(Some(OneTimeValue::new(value.into())));
        }
        let why = "select expires_at <= $2 from one_time where key = $1";
        match client.query_opt(why, &[&key, &now]).await.map_err(Error::store)? {
            None => Ok(None),
            Some(row) if row.try_get(0).map_err(Error::store)? => {
                Err(Error::new(ErrorKind::Expired, "the one-time value is past its time"))
            }
            Some(_) => Err(Error::new(ErrorKind::AlreadyUsed, "the one-time value was used before")),
        }
    }
}
