//! A SQLite file.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::future::BoxFuture;
use kyckit::Error;
use rusqlite::{Connection, TransactionBehavior};

pub struct Database(Arc<Mutex<Connection>>);

impl Database {
    /// Opens the file, and makes the tables that are not there.
    pub fn open(path: &str, tables: &str) -> rusqlite::Result<Self> {
        let mut connection = Connection::open(path.strip_prefix("sqlite://").unwrap_or(path))?;
        // What was acknowledged outlives a loss of power too.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.busy_timeout(Duration::from_secs(5))?;
        // One that reads before it writes would fail where another process writes in between.
        connection.set_transaction_behavior(TransactionBehavior::Immediate);
        connection.execute_batch(tables)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    pub fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SQLite blocks, so it works on a thread that may.
    pub fn run<'a, T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'a, Result<T, Error>> {
        let database = Self(Arc::clone(&self.0));
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&mut database.lock()));
            done.await.map_err(Error::store)?.map_err(Error::store)
        })
    }
}
