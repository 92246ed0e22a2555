//! A website at which a person chooses a provider and proves who they are, from the choice to the result, offline.
//!
//! ```text
//! cargo run --features axum,sandbox,texts --example onboarding
//! ```
//!
//! | setting | what | default |
//! | --- | --- | --- |
//! | `HOST`, `PORT` | where it listens; 0 is a free port | `127.0.0.1`, `8080` |
//! | `PUBLIC_URL` | where browsers and providers reach it, with `https` where TLS ends in front | `http://<host>:<port>/` |
//!
//! Plain pages, made by the server, without a script. What a website of your own takes from here, and what belongs to the
//! sandbox and goes, stands in `onboarding/mod.rs`.

#[path = "onboarding/mod.rs"]
mod onboarding;

use std::{env, error::Error};

use onboarding::{App, Log};
use tokio::net::TcpListener;
use url::Url;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".to_owned());
    let port: u16 = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    let listener = TcpListener::bind((host.as_str(), port)).await?;
    let base = match env::var("PUBLIC_URL") {
        Ok(url) => Url::parse(&url)?,
        Err(_) => Url::parse(&format!("http://{}/", listener.local_addr()?))?,
    };
    let website = App::start(base.clone(), Log::new(|line| eprintln!("{line}"))).await?;
    println!("listening on {base}");
    tokio::select! {
        ended = website.serve(listener) => ended?,
        signal = tokio::signal::ctrl_c() => signal?,
    }
    Ok(())
}
