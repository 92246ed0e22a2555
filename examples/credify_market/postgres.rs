//! The market's databases in PostgreSQL.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kyckit::{
    Error,
    credify::{
        market::{
            CommitmentStore, DocumentReference, OrderRecord, Orders, PendingPush, Sharing, User, Users,
        },
        offer::Segments,
        token::claim::Commitments,
    },
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Mutex;
use tokio_postgres::{Client, NoTls, Row};

use super::people::{self, People};

const TABLES: &str = "
    create table if not exists users (
        id text primary key, fields text not null, credify_id text);
    create index if not exists users_by_credify_id on users (credify_id);
    create table if not exists pending_push (
        credify_id text, slot text, id text not null, push text not null, primary key (credify_id, slot));
    create table if not exists commitment (
        credify_id text, slot text, commitments text not null, primary key (credify_id, slot));
    create table if not exists orders (
        number bigserial primary key, id text not null unique, record text not null);
";

type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// One connection, for one call at a time: a server with many has a pool.
pub struct Postgres {
    client: Mutex<Client>,
    people: Arc<People>,
}

impl Postgres {
    /// Connects, and puts the users into the database who are not there.
    pub async fn open(url: &str, people: &People) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                eprintln!("PostgreSQL: {error}");
            }
        });
        client.batch_execute(TABLES).await?;
        for user in &people.users {
            let id = people::id(user);
            let credify_id = people::field(user, "credifyId", "credify_id");
            client
                .execute(
                    "insert into users (id, fields, credify_id) values ($1, $2, $3) on conflict do nothing",
                    &[&id, &json(user), &credify_id],
                )
                .await?;
        }
        Ok(Self { client: Mutex::new(client), people: Arc::new(people.clone()) })
    }

    fn user(&self, row: &Row) -> Result<User, Error> {
        Ok(self.people.user(&read(row)?, row.try_get(1).map_err(Error::store)?))
    }
}

impl Users for Postgres {
    fn by_local_id<'a>(&'a self, local_id: &'a str) -> Answer<'a, Option<User>> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let row =
                client.query_opt("select fields, credify_id from users where id = $1", &[&local_id]).await;
            row.map_err(Error::store)?.map(|row| self.user(&row)).transpose()
        })
    }

    fn by_credify_id<'a>(&'a self, credify_id: &'a str) -> Answer<'a, Option<User>> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let query = "select fields, credify_id from users where credify_id = $1 limit 2";
            match client.query(query, &[&credify_id]).await.map_err(Error::store)?.as_slice() {
                [row] => self.user(row).map(Some),
                _ => Ok(None),
            }
        })
    }

    fn connect<'a>(&'a self, local_id: &'a str, credify_id: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let change = "update users set credify_id = $2 where id = $1";
            client.execute(change, &[&local_id, &credify_id]).await.map(drop).map_err(Error::store)
        })
    }

    /// User by user, as they pass by. Where they are many, `kyckit::credify::segment` makes one query of it.
    fn count<'a>(
        &'a self,
        segments: &'a Segments,
        without: &'a [String],
        sharing: &'a Sharing,
    ) -> Answer<'a, Vec<u64>> {
        Box::pin(async move {
            let mut counts = vec![0; segments.len()];
            let mut last = String::new();
            loop {
                let client = self.client.lock().await;
                let query = "select fields, credify_id from users where id > $1 order by id limit 1000";
                let rows = client.query(query, &[&last]).await.map_err(Error::store)?;
                drop(client);
                if rows.is_empty() {
                    return Ok(counts);
                }
                for row in rows {
                    let user = self.user(&row)?;
                    if user.credify_id.as_ref().is_none_or(|id| !without.contains(id)) {
                        segments.count_user(sharing.claims(&user).to_value().expose(), &mut counts);
                    }
                    last = user.local_id;
                }
            }
        })
    }
}

impl CommitmentStore for Postgres {
    fn begin<'a>(&'a self, push: &'a PendingPush) -> Answer<'a, bool> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let insert = "insert into pending_push (credify_id, slot, id, push) values ($1, $2, $3, $4)
                          on conflict do nothing";
            let slot = push.slot();
            let begun = client.execute(insert, &[&push.credify_id(), &&*slot, &push.id(), &json(push)]).await;
            Ok(begun.map_err(Error::store)? == 1)
        })
    }

    fn finish<'a>(&'a self, push: &'a PendingPush) -> Answer<'a, ()> {
        Box::pin(async move {
            let client = self.client.lock().await;
            // One statement is one transaction.
            let both = "with removed as (
                            delete from pending_push where credify_id = $1 and slot = $2 and id = $3 returning 1)
                        insert into commitment (credify_id, slot, commitments) select $1, $2, $4 from removed
                        on conflict (credify_id, slot) do update set commitments = excluded.commitments";
            let (slot, commitments) = (push.slot(), json(push.commitments()));
            let done = client.execute(both, &[&push.credify_id(), &&*slot, &push.id(), &commitments]).await;
            done.map(drop).map_err(Error::store)
        })
    }

    fn abandon<'a>(&'a self, push: &'a PendingPush) -> Answer<'a, ()> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let remove = "delete from pending_push where credify_id = $1 and slot = $2 and id = $3";
            let slot = push.slot();
            let done = client.execute(remove, &[&push.credify_id(), &&*slot, &push.id()]).await;
            done.map(drop).map_err(Error::store)
        })
    }

    fn pending<'a>(&'a self, credify_id: &'a str, slot: &'a str) -> Answer<'a, Option<PendingPush>> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let query = "select push from pending_push where credify_id = $1 and slot = $2";
            let row = client.query_opt(query, &[&credify_id, &slot]).await.map_err(Error::store)?;
            row.as_ref().map(read).transpose()
        })
    }

    fn all_pending(&self) -> Answer<'_, Vec<PendingPush>> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let rows = client.query("select push from pending_push", &[]).await.map_err(Error::store)?;
            rows.iter().map(read).collect()
        })
    }

    fn commitments<'a>(&'a self, credify_id: &'a str, slot: &'a str) -> Answer<'a, Option<Commitments>> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let query = "select commitments from commitment where credify_id = $1 and slot = $2";
            let row = client.query_opt(query, &[&credify_id, &slot]).await.map_err(Error::store)?;
            row.as_ref().map(read).transpose()
        })
    }
}

impl Orders for Postgres {
    fn keep<'a>(&'a self, order: &'a OrderRecord) -> Answer<'a, ()> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let insert = "insert into orders (id, record) values ($1, $2)
                          on conflict (id) do update set record = excluded.record";
            client.execute(insert, &[&order.id, &json(order)]).await.map(drop).map_err(Error::store)
        })
    }

    fn get<'a>(&'a self, order_id: &'a str) -> Answer<'a, Option<OrderRecord>> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let row = client.query_opt("select record from orders where id = $1", &[&order_id]).await;
            row.map_err(Error::store)?.as_ref().map(read).transpose()
        })
    }

    fn latest(&self, most: usize) -> Answer<'_, Vec<OrderRecord>> {
        Box::pin(async move {
            let client = self.client.lock().await;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows =
                client.query("select record from orders order by number desc limit $1", &[&most]).await;
            rows.map_err(Error::store)?.iter().map(read).collect()
        })
    }

    fn keep_documents<'a>(&'a self, order_id: &'a str, documents: &'a [DocumentReference]) -> Answer<'a, ()> {
        Box::pin(async move {
            let mut client = self.client.lock().await;
            let change = client.transaction().await.map_err(Error::store)?;
            let query = "select record from orders where id = $1 for update";
            let row = change.query_opt(query, &[&order_id]).await.map_err(Error::store)?;
            if let Some(row) = row {
                let order = OrderRecord { documents: documents.to_vec(), ..read(&row)? };
                let update = "update orders set record = $2 where id = $1";
                change.execute(update, &[&order_id, &json(&order)]).await.map_err(Error::store)?;
            }
            change.commit().await.map_err(Error::store)
        })
    }
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The first column, which is JSON.
fn read<T: DeserializeOwned>(row: &Row) -> Result<T, Error> {
    let text: &str = row.try_get(0).map_err(Error::store)?;
    serde_json::from_str(text).map_err(Error::store)
}
