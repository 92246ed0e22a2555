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

#[path = "common/mod.rs"]
mod common;

use std::{env, error::Error, process::ExitCode};

use common::say;

use onboarding::{App, Log};
use url::Url;

#[tokio::main]
async fn main() -> ExitCode {
    common::run("usage: onboarding   (HOST, PORT, PUBLIC_URL: where it listens)", serve()).await
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let listener = common::listen().await?;
    let base = match env::var("PUBLIC_URL") {
        Ok(url) => Url::parse(&url)?,
        Err(_) => Url::parse(&format!("http://{}/", listener.local_addr()?))?,
    };
    let website = App::start(base.clone(), Log::new(|line| eprintln!("{line}"))).await?;
    say!("listening on {base}");
    tokio::select! {
        ended = website.serve(listener) => ended?,
        signal = tokio::signal::ctrl_c() => signal?,
    }
    Ok(())
}
