//! A PostgreSQL server.

use std::time::Duration;

use kyckit::Error;
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::{Client, Config, NoTls};

/// One connection, for one call at a time: a server with many requests has a pool.
pub struct Database {
    server: Config,
    client: Mutex<Client>,
}

impl Database {
    /// Connects, and makes the tables that are not there.
    pub async fn open(url: &str, tables: &str) -> Result<Self, tokio_postgres::Error> {
        let mut server: Config = url.parse()?;
        // A server that went without a word is noticed too.
        server.connect_timeout(Duration::from_secs(5)).tcp_user_timeout(Duration::from_secs(10));
        let client = connect(&server).await?;
        // Of two processes that start together, both would find no table.
        let alone = format!("begin; select pg_advisory_xact_lock(20220530); {tables}; commit");
        client.batch_execute(&alone).await?;
        Ok(Self { server, client: Mutex::new(client) })
    }

    /// The connection, made anew when it broke: for that it is asked first. A call during which it breaks fails, and is
    /// not sent again: it may have taken effect.
    pub async fn client(&self) -> Result<MutexGuard<'_, Client>, Error> {
        let mut client = self.client.lock().await;
        if client.check_connection().await.is_err() {
            *client = connect(&self.server).await.map_err(Error::store)?;
        }
        Ok(client)
    }
}

async fn connect(server: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = server.connect(NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            eprintln!("PostgreSQL: {error}");
        }
    });
    Ok(client)
}
