//! Serves the fake providers on loopback until Ctrl-C, for clients in any language and for browsers.
//!
//! ```text
//! cargo run --example sandbox --features full
//! ```
//!
//! Ports: 4801 credo360, 4802 selfkey, 4803 maya, 4804 shuftipro, 4805 credify, 4806 Credify's OIDC core.
//! `SANDBOX_PORT` names another first port; 0 gives free ones.

#[path = "common/mod.rs"]
mod common;

use std::{env, error::Error, process::ExitCode};

use common::say;
use kyckit::sandbox::Sandbox;

#[tokio::main]
async fn main() -> ExitCode {
    common::run("usage: sandbox   (SANDBOX_PORT: the first port, 4801; 0 for free ones)", serve()).await
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let first_port = env::var("SANDBOX_PORT").unwrap_or_else(|_| "4801".to_owned());
    let first_port =
        first_port.parse().map_err(|_| format!("SANDBOX_PORT is no port number: {first_port}"))?;
    let sandbox = Sandbox::start_at(first_port).await.map_err(|error| {
        format!("cannot listen on the ports from {first_port}: {error}; set SANDBOX_PORT")
    })?;
    for fake in sandbox.providers() {
        say!("# {} at {}", fake.provider, fake.base_url);
        for (name, value) in &fake.settings {
            // In single quotes for a shell: a secret may hold `$`.
            say!("export {name}='{}'", value.expose());
        }
    }
    say!("# Ctrl-C ends it");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
