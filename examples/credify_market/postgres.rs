//! The market's databases in PostgreSQL.

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
use serde::{Serialize, de::DeserializeOwned};
use tokio_postgres::{Row, types::ToSql};

use super::{
    people::{self, People},
    server::postgres::Database,
};

const TABLES: &str = "
    create table if not exists customers (
        id text primary key, fields text not null, claims jsonb not null, credify_id text);
    create index if not exists customers_by_credify_id on customers (credify_id);
    create table if not exists pending_push (
        credify_id text, slot text, id text not null, push text not null, primary key (credify_id, slot));
    create table if not exists commitment (
        credify_id text, slot text, commitments text not null, primary key (credify_id, slot));
    create table if not exists orders (
        number bigserial primary key, id text not null unique, record text not null);
";

pub struct Postgres {
    database: Database,
    people: People,
}

impl Postgres {
    /// Connects, and puts the users into the database who are not there.
    pub async fn open(url: &str, people: People) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let store = Self { database: Database::open(url, TABLES).await?, people };
        store.fill().await?;
        Ok(store)
    }

    async fn fill(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut client = self.database.client().await?;
        let filling = client.transaction().await?;
        let users = &self.people.users;
        let ids: Vec<_> = users.iter().map(people::id).collect();
        let fields: Vec<_> = users.iter().map(json).collect();
        let claims: Vec<_> = users.iter().map(|user| self.people.claims(user)).collect();
        let credify_ids: Vec<_> =
            users.iter().map(|user| people::field(user, "credifyId", "credify_id")).collect();
        let insert = "insert into customers (id, fields, claims, credify_id)
                      select id, fields, claims::jsonb, credify_id
                      from unnest($1::text[], $2::text[], $3::text[], $4::text[])
                          as new (id, fields, claims, credify_id)
                      order by id on conflict do nothing";
        filling.execute(insert, &[&ids, &fields, &claims, &credify_ids]).await?;
        // What is shared of those who are there may be another thing than the last time.
        let all = "select fields, id from customers order by id for update";
        let (mut ids, mut claims) = (Vec::new(), Vec::new());
        for row in filling.query(all, &[]).await? {
            ids.push(row.try_get::<_, String>(1)?);
            claims.push(self.people.claims(&read(&row)?));
        }
        let change = "update customers set claims = new.claims::jsonb
                      from unnest($1::text[], $2::text[]) as new (id, claims)
                      where customers.id = new.id and customers.claims <> new.claims::jsonb";
        filling.execute(change, &[&ids, &claims]).await?;
        Ok(filling.commit().await?)
    }

    fn user(&self, row: &Row) -> Result<User, Error> {
        Ok(self.people.user(&read(row)?, row.try_get(1).map_err(Error::store)?))
    }

    /// A user, whom the statement finds by this id.
    async fn find(&self, statement: &str, id: &str) -> Result<Option<User>, Error> {
        if !is_text(id) {
            return Ok(None);
        }
        let client = self.database.client().await?;
        match client.query(statement, &[&id]).await.map_err(Error::store)?.as_slice() {
            [row] => self.user(row).map(Some),
            _ => Ok(None),
        }
    }

    async fn count_one_by_one(
        &self,
        segments: &Segments,
        without: &[String],
        sharing: &DisclosurePolicy,
    ) -> Result<Vec<u64>, Error> {
        let mut counts = vec![0; segments.len()];
        let mut last = String::new();
        loop {
            let client = self.database.client().await?;
            let query = "select fields, credify_id from customers where id > $1 order by id limit 1000";
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
    }

    async fn counted(&self, query: &Query) -> Result<Vec<u64>, Error> {
        let values: Result<Vec<&(dyn ToSql + Sync)>, Error> = query
            .values()
            .iter()
            .map(|value| match value {
                SqlValue::Boolean(flag) => Ok(flag as _),
                SqlValue::Number(number) => Ok(number as _),
                SqlValue::Text(text) => Ok(text as _),
                other => Err(Error::store(format!("{other:?} is a new kind of value"))),
            })
            .collect();
        let client = self.database.client().await?;
        let row = client.query_one(query.text(), &values?).await.map_err(Error::store)?;
        let count = |column| row.try_get::<_, i64>(column).map(i64::unsigned_abs).map_err(Error::store);
        (0..row.len()).map(count).collect()
    }

    /// The first column of the row that the statement finds by these two, which is JSON.
    async fn one<T: DeserializeOwned>(&self, statement: &str, ids: [&str; 2]) -> Result<Option<T>, Error> {
        if !ids.iter().all(|id| is_text(id)) {
            return Ok(None);
        }
        let client = self.database.client().await?;
        let row = client.query_opt(statement, &[&ids[0], &ids[1]]).await.map_err(Error::store)?;
        row.as_ref().map(read).transpose()
    }
}

impl Users for Postgres {
    async fn by_local_id(&self, local_id: &str) -> Result<Option<User>, Error> {
        self.find("select fields, credify_id from customers where id = $1", local_id).await
    }

    async fn by_credify_id(&self, credify_id: &str) -> Result<Option<User>, Error> {
        let query = "select fields, credify_id from customers where credify_id = $1 limit 2";
        self.find(query, credify_id).await
    }

    async fn connect(&self, local_id: &str, credify_id: &str) -> Result<(), Error> {
        let client = self.database.client().await?;
        let change = "update customers set credify_id = $2 where id = $1";
        client.execute(change, &[&local_id, &credify_id]).await.map(drop).map_err(Error::store)
    }

    async fn count(
        &self,
        segments: &Segments,
        without: &[String],
        sharing: &DisclosurePolicy,
    ) -> Result<Vec<u64>, Error> {
        match self.people.query(segments, without, sharing, Dialect::Postgres) {
            Some(query) => self.counted(&query).await,
            None => self.count_one_by_one(segments, without, sharing).await,
        }
    }
}

impl CommitmentStore for Postgres {
    async fn begin(&self, push: &PendingPush) -> Result<bool, Error> {
        let client = self.database.client().await?;
        let insert = "insert into pending_push (credify_id, slot, id, push) values ($1, $2, $3, $4)
                          on conflict do nothing";
        let slot = push.slot();
        let begun = client.execute(insert, &[&push.credify_id(), &&*slot, &push.id(), &json(push)]).await;
        Ok(begun.map_err(Error::store)? == 1)
    }

    async fn finish(&self, push: &PendingPush) -> Result<(), Error> {
        let client = self.database.client().await?;
        // One statement is one transaction.
        let both = "with removed as (
                            delete from pending_push where credify_id = $1 and slot = $2 and id = $3 returning 1)
                        insert into commitment (credify_id, slot, commitments) select $1, $2, $4 from removed
                        on conflict (credify_id, slot) do update set commitments = excluded.commitments";
        let (slot, commitments) = (push.slot(), json(push.commitments()));
        let done = client.execute(both, &[&push.credify_id(), &&*slot, &push.id(), &commitments]).await;
        done.map(drop).map_err(Error::store)
    }

    async fn abandon(&self, push: &PendingPush) -> Result<(), Error> {
        let client = self.database.client().await?;
        let remove = "delete from pending_push where credify_id = $1 and slot = $2 and id = $3";
        let slot = push.slot();
        let done = client.execute(remove, &[&push.credify_id(), &&*slot, &push.id()]).await;
        done.map(drop).map_err(Error::store)
    }

    async fn pending(&self, credify_id: &str, slot: &str) -> Result<Option<PendingPush>, Error> {
        let query = "select push from pending_push where credify_id = $1 and slot = $2";
        self.one(query, [credify_id, slot]).await
    }

    async fn all_pending(&self) -> Result<Vec<PendingPush>, Error> {
        let client = self.database.client().await?;
        let rows = client.query("select push from pending_push", &[]).await.map_err(Error::store)?;
        rows.iter().map(read).collect()
    }

    async fn commitments(&self, credify_id: &str, slot: &str) -> Result<Option<Commitments>, Error> {
        let query = "select commitments from commitment where credify_id = $1 and slot = $2";
        self.one(query, [credify_id, slot]).await
    }
}

impl Orders for Postgres {
    async fn keep(&self, order: &OrderRecord) -> Result<(), Error> {
        let client = self.database.client().await?;
        let insert = "insert into orders (id, record) values ($1, $2)
                          on conflict (id) do update set record = excluded.record";
        client.execute(insert, &[&order.id, &json(order)]).await.map(drop).map_err(Error::store)
    }

    async fn get(&self, order_id: &str) -> Result<Option<OrderRecord>, Error> {
        let query = "select record from orders where id = $1 and id = $2";
        self.one(query, [order_id, order_id]).await
    }

    async fn latest(&self, most: usize) -> Result<Vec<OrderRecord>, Error> {
        let client = self.database.client().await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = client.query("select record from orders order by number desc limit $1", &[&most]).await;
        rows.map_err(Error::store)?.iter().map(read).collect()
    }

    async fn keep_documents(&self, order_id: &str, documents: &[DocumentReference]) -> Result<(), Error> {
        let mut client = self.database.client().await?;
        let change = client.transaction().await.map_err(Error::store)?;
        let query = "select record from orders where id = $1 for update";
        let row = change.query_opt(query, &[&order_id]).await.map_err(Error::store)?;
        if let Some(row) = row {
            let order = OrderRecord { documents: documents.to_vec(), ..read(&row)? };
            let update = "update orders set record = $2 where id = $1";
            change.execute(update, &[&order_id, &json(&order)]).await.map_err(Error::store)?;
        }
        change.commit().await.map_err(Error::store)
    }
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Whether PostgreSQL can hold this text. Where it cannot, nothing is found by it.
fn is_text(text: &str) -> bool {
    !text.contains('\0')
}

/// The first column, which is JSON.
fn read<T: DeserializeOwned>(row: &Row) -> Result<T, Error> {
    let text: &str = row.try_get(0).map_err(Error::store)?;
    serde_json::from_str(text).map_err(Error::store)
}
