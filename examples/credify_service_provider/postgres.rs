//! One-time values in PostgreSQL.

use std::time::SystemTime;

use futures_util::future::BoxFuture;
use kyckit::{
    Error, ErrorKind,
    callback::{OneTimeStore, OneTimeValue},
};
use tokio_postgres::{Client, NoTls};

const TABLE: &str = "
    create table if not exists one_time (
        key text primary key, value bytea, expires_at timestamptz not null, used boolean not null default false);
";

/// One connection: a server with many requests has a pool.
pub struct Postgres(Client);

impl Postgres {
    pub async fn open(url: &str) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("PostgreSQL: {error}");
            }
        });
        client.batch_execute(TABLE).await?;
        Ok(Self(client))
    }
}

impl OneTimeStore for Postgres {
    fn put<'a>(
        &'a self,
        _: SystemTime,
        key: &'a str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let insert =
                "insert into one_time (key, value, expires_at) values ($1, $2, $3) on conflict do nothing";
            let put = self.0.execute(insert, &[&key, &value.expose().as_ref(), &expires_at]).await;
            match put.map_err(Error::store)? {
                1 => Ok(()),
                _ => Err(Error::new(ErrorKind::Conflict, "the one-time key was put before")),
            }
        })
    }

    fn redeem<'a>(
        &'a self,
        now: SystemTime,
        key: &'a str,
    ) -> BoxFuture<'a, Result<Option<OneTimeValue>, Error>> {
        Box::pin(async move {
            // One statement is one transaction: of fifty at once, one gets the value.
            let take = "with taken as (
                            select key, value from one_time
                            where key = $1 and not used and expires_at > $2 for update)
                        update one_time set used = true, value = null from taken
                        where one_time.key = taken.key returning taken.value";
            if let Some(row) = self.0.query_opt(take, &[&key, &now]).await.map_err(Error::store)? {
                let value: Vec<u8> = row.try_get(0).map_err(Error::store)?;
                return Ok(Some(OneTimeValue::new(value.into())));
            }
            let why = "select expires_at <= $2 from one_time where key = $1";
            match self.0.query_opt(why, &[&key, &now]).await.map_err(Error::store)? {
                None => Ok(None),
                Some(row) if row.try_get(0).map_err(Error::store)? => {
                    Err(Error::new(ErrorKind::Expired, "the one-time value is past its time"))
                }
                Some(_) => Err(Error::new(ErrorKind::AlreadyUsed, "the one-time value was used before")),
            }
        })
    }
}
