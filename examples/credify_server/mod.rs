//! What the market's and the service provider's servers share: settings, the client, when to stop, the databases.

pub mod postgres;
pub mod sqlite;

use std::{env, error::Error};

use kyckit::credify::{Client, Environment, keys::SigningKey};

pub type Anything = Box<dyn Error + Send + Sync>;

pub fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

pub fn needed(name: &str) -> Result<String, Anything> {
    env::var(name).map_err(|_| format!("{name} is not set").into())
}

/// The client of the real Credify, or of what the settings point to.
pub fn client() -> Result<Client, Anything> {
    let environment: Environment = setting("CREDIFY_MODE", "sandbox").parse()?;
    let mut builder = Client::builder(needed("CREDIFY_API_KEY")?)
        .environment(environment)
        .signing_key(SigningKey::new(&needed("CREDIFY_SIGNING_KEY")?.into(), None)?);
    if let Ok(base) = env::var("CREDIFY_API_BASE") {
        builder = builder.api_base(base);
    }
    if let Ok(base) = env::var("CREDIFY_OIDC_BASE") {
        builder = builder.oidc_base(base);
    }
    Ok(builder.build()?)
}

/// Whether `DATABASE_URL` names a PostgreSQL server; otherwise it is the path of a SQLite file.
pub fn is_postgres(database: &str) -> bool {
    database.starts_with("postgres://") || database.starts_with("postgresql://")
}

/// The service manager or the keyboard says stop: requests that are being answered are answered.
pub async fn stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
