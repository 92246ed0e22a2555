//! The market's databases in one SQLite file.

use std::sync::{Arc, Mutex, PoisonError};

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
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Serialize, de::DeserializeOwned};

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
        number integer primary key autoincrement, id text not null unique, record text not null);
";

type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

pub struct Sqlite {
    connection: Arc<Mutex<Connection>>,
    people: Arc<People>,
}

impl Sqlite {
    /// Opens the file, and puts the users into it who are not there.
    pub fn open(path: &str, people: &People) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let mut connection = Connection::open(path)?;
        // What was acknowledged outlives a loss of power too.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch(TABLES)?;
        let filling = connection.transaction()?;
        for user in &people.users {
            filling.execute(
                "insert into users (id, fields, credify_id) values (?1, ?2, ?3) on conflict do nothing",
                params![
                    people::id(user),
                    serde_json::to_string(user)?,
                    people::field(user, "credifyId", "credify_id")
                ],
            )?;
        }
        filling.commit()?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), people: Arc::new(people.clone()) })
    }

    /// SQLite blocks, so it works on a thread that may.
    fn run<'a, T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection, &People) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'a, T> {
        let (connection, people) = (Arc::clone(&self.connection), Arc::clone(&self.people));
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || {
                work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner), &people)
            });
            done.await.map_err(Error::store)?.map_err(Error::store)
        })
    }
}

impl Users for Sqlite {
    fn by_local_id<'a>(&'a self, local_id: &'a str) -> Answer<'a, Option<User>> {
        let id = local_id.to_owned();
        self.run(move |connection, people| {
            let mut found =
                connection.prepare_cached("select fields, credify_id from users where id = ?1")?;
            found.query_row([id], |row| user(row, people)).optional()
        })
    }

    fn by_credify_id<'a>(&'a self, credify_id: &'a str) -> Answer<'a, Option<User>> {
        let id = credify_id.to_owned();
        self.run(move |connection, people| {
            let mut found = connection
                .prepare_cached("select fields, credify_id from users where credify_id = ?1 limit 2")?;
            let mut users: Vec<_> =
                found.query_map([id], |row| user(row, people))?.collect::<rusqlite::Result<_>>()?;
            Ok(if users.len() == 1 { users.pop() } else { None })
        })
    }

    fn connect<'a>(&'a self, local_id: &'a str, credify_id: &'a str) -> Answer<'a, ()> {
        let ids = [local_id.to_owned(), credify_id.to_owned()];
        self.run(move |connection, _| {
            connection.execute("update users set credify_id = ?2 where id = ?1", ids).map(drop)
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
            const PAGE: i64 = 1_000;
            let mut counts = vec![0; segments.len()];
            let mut last = String::new();
            loop {
                let after = last.clone();
                let page: Vec<User> = self
                    .run(move |connection, people| {
                        let mut users = connection.prepare_cached(
                            "select fields, credify_id from users where id > ?1 order by id limit ?2",
                        )?;
                        users.query_map(params![after, PAGE], |row| user(row, people))?.collect()
                    })
                    .await?;
                let Some(user) = page.last() else { return Ok(counts) };
                last.clone_from(&user.local_id);
                for user in &page {
                    if user.credify_id.as_ref().is_none_or(|id| !without.contains(id)) {
                        segments.count_user(sharing.claims(user).to_value().expose(), &mut counts);
                    }
                }
            }
        })
    }
}

impl CommitmentStore for Sqlite {
    fn begin<'a>(&'a self, push: &'a PendingPush) -> Answer<'a, bool> {
        let (key, text) = (key(push), json(push));
        self.run(move |connection, _| {
            let [credify_id, slot, id] = key;
            let begun = connection.execute(
                "insert into pending_push (credify_id, slot, id, push) values (?1, ?2, ?3, ?4) on conflict do nothing",
                params![credify_id, slot, id, text],
            )?;
            Ok(begun == 1)
        })
    }

    fn finish<'a>(&'a self, push: &'a PendingPush) -> Answer<'a, ()> {
        let (key, commitments) = (key(push), json(push.commitments()));
        self.run(move |connection, _| {
            let both = connection.transaction()?;
            let removed = both.execute(
                "delete from pending_push where credify_id = ?1 and slot = ?2 and id = ?3",
                params![key[0], key[1], key[2]],
            )?;
            if removed == 1 {
                both.execute(
                    "insert into commitment (credify_id, slot, commitments) values (?1, ?2, ?3)
                     on conflict (credify_id, slot) do update set commitments = excluded.commitments",
                    params![key[0], key[1], commitments],
                )?;
            }
            both.commit()
        })
    }

    fn abandon<'a>(&'a self, push: &'a PendingPush) -> Answer<'a, ()> {
        let key = key(push);
        self.run(move |connection, _| {
            connection
                .execute("delete from pending_push where credify_id = ?1 and slot = ?2 and id = ?3", key)
                .map(drop)
        })
    }

    fn pending<'a>(&'a self, credify_id: &'a str, slot: &'a str) -> Answer<'a, Option<PendingPush>> {
        let key = [credify_id.to_owned(), slot.to_owned()];
        self.run(move |connection, _| {
            connection
                .query_row("select push from pending_push where credify_id = ?1 and slot = ?2", key, read)
                .optional()
        })
    }

    fn all_pending(&self) -> Answer<'_, Vec<PendingPush>> {
        self.run(|connection, _| {
            connection.prepare("select push from pending_push")?.query_map([], read)?.collect()
        })
    }

    fn commitments<'a>(&'a self, credify_id: &'a str, slot: &'a str) -> Answer<'a, Option<Commitments>> {
        let key = [credify_id.to_owned(), slot.to_owned()];
        self.run(move |connection, _| {
            connection
                .query_row(
                    "select commitments from commitment where credify_id = ?1 and slot = ?2",
                    key,
                    read,
                )
                .optional()
        })
    }
}

impl Orders for Sqlite {
    fn keep<'a>(&'a self, order: &'a OrderRecord) -> Answer<'a, ()> {
        let (id, record) = (order.id.clone(), json(order));
        self.run(move |connection, _| {
            connection
                .execute(
                    "insert into orders (id, record) values (?1, ?2)
                     on conflict (id) do update set record = excluded.record",
                    [id, record],
                )
                .map(drop)
        })
    }

    fn get<'a>(&'a self, order_id: &'a str) -> Answer<'a, Option<OrderRecord>> {
        let id = order_id.to_owned();
        self.run(move |connection, _| {
            connection.query_row("select record from orders where id = ?1", [id], read).optional()
        })
    }

    fn latest(&self, most: usize) -> Answer<'_, Vec<OrderRecord>> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.run(move |connection, _| {
            let mut orders =
                connection.prepare_cached("select record from orders order by number desc limit ?1")?;
            orders.query_map([most], read)?.collect()
        })
    }

    fn keep_documents<'a>(&'a self, order_id: &'a str, documents: &'a [DocumentReference]) -> Answer<'a, ()> {
        let (id, documents) = (order_id.to_owned(), documents.to_vec());
        self.run(move |connection, _| {
            let change = connection.transaction()?;
            let found: Option<OrderRecord> =
                change.query_row("select record from orders where id = ?1", [&id], read).optional()?;
            if let Some(order) = found {
                let order = OrderRecord { documents, ..order };
                change.execute("update orders set record = ?2 where id = ?1", [id, json(&order)])?;
            }
            change.commit()
        })
    }
}

fn user(row: &Row<'_>, people: &People) -> rusqlite::Result<User> {
    let credify_id: Option<String> = row.get(1)?;
    Ok(people.user(&read(row)?, credify_id))
}

fn key(push: &PendingPush) -> [String; 3] {
    [push.credify_id().to_owned(), push.slot().into_owned(), push.id().to_owned()]
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The first column, which is JSON.
fn read<T: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<T> {
    let text: String = row.get(0)?;
    serde_json::from_str(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })
}
