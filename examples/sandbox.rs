//! Serves the fake providers on loopback until Ctrl-C, for clients in any language and for browsers.
//!
//! ```text
//! cargo run --example sandbox --features full
//! ```
//!
//! Ports: 4801 credo360, 4802 selfkey, 4803 maya, 4804 shuftipro, 4805 credify, 4806 Credify's OIDC core.
//! `SANDBOX_PORT` names another first port; 0 gives free ones.

use std::{env, error::Error};

use kyckit::sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let first_port = env::var("SANDBOX_PORT").map_or(Ok(4801), |port| port.parse())?;
    let sandbox = Sandbox::start_at(first_port).await?;
    for fake in sandbox.providers() {
        println!("# {} at {}", fake.provider, fake.base_url);
        for (name, value) in &fake.settings {
            // In single quotes for a shell: a secret may hold `$`.
            println!("export {name}='{}'", value.expose());
        }
    }
    println!("# Ctrl-C ends it");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
