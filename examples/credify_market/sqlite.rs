//! The market's databases in one SQLite file.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kyckit::{
    Error,
    credify::{
        market::{
            CommitmentStore, DisclosurePolicy, DocumentReference, OrderRecord, Orders, PendingPush, User,
            Users,
        },
        offer::Segments,
        segment::{Dialect, Query, SqlValue},
        token::claim::Commitments,
    },
};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter, types::Value};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    people::{self, People},
    server::sqlite::Database,
};

const TABLES: &str = "
    create table if not exists customers (
        id text primary key, fields text not null, claims text not null, credify_id text);
    create index if not exists customers_by_credify_id on customers (credify_id);
    create table if not exists pending_push (
        credify_id text, slot text, id text not null, push text not null, primary key (credify_id, slot));
    create table if not exists commitment (
        credify_id text, slot text, commitments text not null, primary key (credify_id, slot));
    create table if not exists orders (
        number integer primary key autoincrement, id text not null unique, record text not null);
";

type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

pub struct Sqlite {
    database: Database,
    people: Arc<People>,
}

impl Sqlite {
    /// Opens the file, and puts the users into it who are not there.
    pub fn open(path: &str, people: People) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let database = Database::open(path, TABLES)?;
        fill(&mut database.lock(), &people)?;
        Ok(Self { database, people: Arc::new(people) })
    }

    fn run<'a, T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'a, T> {
        self.database.run(work)
    }

    /// A user, whom the statement finds by this id.
    fn find<'a>(&self, statement: &'static str, id: &str) -> Answer<'a, Option<User>> {
        let (id, people) = (id.to_owned(), Arc::clone(&self.people));
        self.run(move |connection| {
            let mut found = connection.prepare_cached(statement)?;
            let users = found.query_map([id], |row| user(row, &people))?;
            let mut users = users.collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(if users.len() == 1 { users.pop() } else { None })
        })
    }

    async fn count_one_by_one(
        &self,
        segments: &Segments,
        without: &[String],
        sharing: &DisclosurePolicy,
    ) -> Result<Vec<u64>, Error> {
        const PAGE: i64 = 1_000;
        let mut counts = vec![0; segments.len()];
        let mut last = String::new();
        loop {
            let (after, people) = (last.clone(), Arc::clone(&self.people));
            let page: Vec<User> = self
                .run(move |connection| {
                    let mut users = connection.prepare_cached(
                        "select fields, credify_id from customers where id > ?1 order by id limit ?2",
                    )?;
                    users.query_map(params![after, PAGE], |row| user(row, &people))?.collect()
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
    }
}

fn fill(
    connection: &mut Connection,
    people: &People,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let filling = connection.transaction()?;
    {
        let mut insert = filling.prepare(
            "insert into customers (id, fields, claims, credify_id) values (?1, ?2, ?3, ?4) on conflict do nothing",
        )?;
        for user in &people.users {
            let credify_id = people::field(user, "credifyId", "credify_id");
            insert.execute(params![people::id(user), json(user), people.claims(user), credify_id])?;
        }
        // What is shared of those who are there may be another thing than the last time.
        let mut all = filling.prepare("select fields, id from customers")?;
        let mut change =
            filling.prepare("update customers set claims = ?2 where id = ?1 and claims <> ?2")?;
        for row in all.query_map([], |row| Ok((read(row)?, row.get(1)?)))? {
            let (fields, id): (_, String) = row?;
            change.execute([id, people.claims(&fields)])?;
        }
    }
    filling.commit()?;
    Ok(())
}

impl Users for Sqlite {
    async fn by_local_id(&self, local_id: &str) -> Result<Option<User>, Error> {
        self.find("select fields, credify_id from customers where id = ?1", local_id).await
    }

    async fn by_credify_id(&self, credify_id: &str) -> Result<Option<User>, Error> {
        self.find("select fields, credify_id from customers where credify_id = ?1 limit 2", credify_id).await
    }

    async fn connect(&self, local_id: &str, credify_id: &str) -> Result<(), Error> {
        let ids = [local_id.to_owned(), credify_id.to_owned()];
        self.run(move |connection| {
            connection.execute("update customers set credify_id = ?2 where id = ?1", ids).map(drop)
        })
        .await
    }

    async fn count(
        &self,
        segments: &Segments,
        without: &[String],
        sharing: &DisclosurePolicy,
    ) -> Result<Vec<u64>, Error> {
        match self.people.query(segments, without, sharing, Dialect::Sqlite) {
            Some(query) => self.run(move |connection| counted(connection, &query)).await,
            None => self.count_one_by_one(segments, without, sharing).await,
        }
    }
}

fn counted(connection: &Connection, query: &Query) -> rusqlite::Result<Vec<u64>> {
    let values = query.values().iter().map(|value| match value {
        SqlValue::Boolean(flag) => Ok(Value::Integer((*flag).into())),
        SqlValue::Number(number) => Ok(Value::Real(*number)),
        SqlValue::Text(text) => Ok(Value::Text(text.clone())),
        other => {
            Err(rusqlite::Error::ToSqlConversionFailure(format!("{other:?} is a new kind of value").into()))
        }
    });
    let values = values.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut statement = connection.prepare(query.text())?;
    let columns = statement.column_count();
    statement.query_row(params_from_iter(values), |row| {
        (0..columns).map(|column| row.get::<_, i64>(column).map(i64::unsigned_abs)).collect()
    })
}

impl CommitmentStore for Sqlite {
    async fn begin(&self, push: &PendingPush) -> Result<bool, Error> {
        let (key, text) = (key(push), json(push));
        self.run(move |connection| {
            let [credify_id, slot, id] = key;
            let begun = connection.execute(
                "insert into pending_push (credify_id, slot, id, push) values (?1, ?2, ?3, ?4) on conflict do nothing",
                params![credify_id, slot, id, text],
            )?;
            Ok(begun == 1)
        }).await
    }

    async fn finish(&self, push: &PendingPush) -> Result<(), Error> {
        let (key, commitments) = (key(push), json(push.commitments()));
        self.run(move |connection| {
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
        .await
    }

    async fn abandon(&self, push: &PendingPush) -> Result<(), Error> {
        let key = key(push);
        self.run(move |connection| {
            connection
                .execute("delete from pending_push where credify_id = ?1 and slot = ?2 and id = ?3", key)
                .map(drop)
        })
        .await
    }

    async fn pending(&self, credify_id: &str, slot: &str) -> Result<Option<PendingPush>, Error> {
        let key = [credify_id.to_owned(), slot.to_owned()];
        self.run(move |connection| {
            connection
                .query_row("select push from pending_push where credify_id = ?1 and slot = ?2", key, read)
                .optional()
        })
        .await
    }

    async fn all_pending(&self) -> Result<Vec<PendingPush>, Error> {
        self.run(|connection| {
            connection.prepare("select push from pending_push")?.query_map([], read)?.collect()
        })
        .await
    }

    async fn commitments(&self, credify_id: &str, slot: &str) -> Result<Option<Commitments>, Error> {
        let key = [credify_id.to_owned(), slot.to_owned()];
        self.run(move |connection| {
            connection
                .query_row(
                    "select commitments from commitment where credify_id = ?1 and slot = ?2",
                    key,
                    read,
                )
                .optional()
        })
        .await
    }
}

impl Orders for Sqlite {
    async fn keep(&self, order: &OrderRecord) -> Result<(), Error> {
        let (id, record) = (order.id.clone(), json(order));
        self.run(move |connection| {
            connection
                .execute(
                    "insert into orders (id, record) values (?1, ?2)
                     on conflict (id) do update set record = excluded.record",
                    [id, record],
                )
                .map(drop)
        })
        .await
    }

    async fn get(&self, order_id: &str) -> Result<Option<OrderRecord>, Error> {
        let id = order_id.to_owned();
        self.run(move |connection| {
            connection.query_row("select record from orders where id = ?1", [id], read).optional()
        })
        .await
    }

    async fn latest(&self, most: usize) -> Result<Vec<OrderRecord>, Error> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        self.run(move |connection| {
            let mut orders =
                connection.prepare_cached("select record from orders order by number desc limit ?1")?;
            orders.query_map([most], read)?.collect()
        })
        .await
    }

    async fn keep_documents(&self, order_id: &str, documents: &[DocumentReference]) -> Result<(), Error> {
        let (id, documents) = (order_id.to_owned(), documents.to_vec());
        self.run(move |connection| {
            let change = connection.transaction()?;
            let found: Option<OrderRecord> =
                change.query_row("select record from orders where id = ?1", [&id], read).optional()?;
            if let Some(order) = found {
                let order = OrderRecord { documents, ..order };
                change.execute("update orders set record = ?2 where id = ?1", [id, json(&order)])?;
            }
            change.commit()
        })
        .await
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
