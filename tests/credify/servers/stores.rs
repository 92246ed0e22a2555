//! The example's stores of one-time values keep their promises, and forget what is long past.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use kyckit::{
    storage::{OneTimeStore, OneTimeValue},
    testkit,
};

use super::database::Database;

#[path = "../../../examples/credify_service_provider/postgres.rs"]
mod postgres;
#[path = "../../../examples/credify_server/mod.rs"]
#[allow(dead_code, reason = "the example has settings and a client too")]
mod server;
#[path = "../../../examples/credify_service_provider/sqlite.rs"]
mod sqlite;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn forgets(store: &impl OneTimeStore, database: &Database) {
    let value = || OneTimeValue::new(Bytes::from_static(b"value"));
    let (start, minute) = (SystemTime::now() + 400 * DAY, Duration::from_secs(60));
    store.put(start, "a", value(), start + minute).await.expect("put");
    let count = async || database.number("select count(*) from one_time").await;
    store.put(start + DAY, "b", value(), start + DAY + minute).await.expect("put");
    assert_eq!(count().await, 2, "a late visitor is told what happened");
    store.put(start + DAY + 2 * minute, "c", value(), start + 3 * DAY).await.expect("put");
    assert_eq!(count().await, 2, "the first is forgotten");
    assert!(store.redeem(start + DAY + 2 * minute, "a").await.expect("asked").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_time_values_in_sqlite() {
    let folder = super::Folder::new("one-time");
    let made = AtomicUsize::new(0);
    testkit::check_one_time_store(async || {
        let number = made.fetch_add(1, Ordering::Relaxed);
        sqlite::Sqlite::open(&folder.path(&format!("{number}.sqlite"))).expect("a database")
    })
    .await
    .expect("every promise is kept");
    let path = folder.path("data.sqlite");
    let store = sqlite::Sqlite::open(&path).expect("a database");
    forgets(&store, &Database::Sqlite { folder }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_time_values_in_postgresql() {
    let Some(database) = Database::postgres("one_time").await else { return };
    let url = database.url();
    testkit::check_one_time_store(async || postgres::Postgres::open(&url).await.expect("a database"))
        .await
        .expect("every promise is kept");
    database.run("delete from one_time").await;
    let store = postgres::Postgres::open(&url).await.expect("a database");
    forgets(&store, &database).await;
}

#[test]
fn only_a_servers_url_is_a_server() {
    for (name, is_server) in [
        ("postgres://a@b/c", true),
        ("postgresql://a@b/c", true),
        ("postgres.sqlite", false),
        ("postgres", false),
        ("/data/postgres.sqlite", false),
        ("sqlite://postgres.sqlite", false),
    ] {
        assert_eq!(server::is_postgres(name), is_server, "{name}");
    }
}
