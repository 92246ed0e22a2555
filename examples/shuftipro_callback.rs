//! A server that receives Shufti Pro's callbacks: verified, kept, answered at once, worked afterwards.
//!
//! ```text
//! cargo run --features sandbox,axum --example shuftipro_callback
//! ```
//!
//! `HOST` (127.0.0.1) and `PORT` (8080) say where it listens. Without `SHUFTIPRO_CLIENT_ID` and
//! `SHUFTIPRO_SECRET_KEY` it starts the sandbox along, starts a verification there, and prints the page to open.

#[path = "common/mod.rs"]
mod common;

use std::{env, error::Error, process::ExitCode, sync::Arc, time::Duration};

use axum::Router;
use common::{say, words};
use kyckit::{
    inbox::{Action, Delivery, Inbox, server::webhook},
    sandbox::shuftipro::ShuftiPro,
    server::axum::Server,
    shuftipro::{
        Client, Region, VerificationResponse,
        request::{Document, Face, Reference, VerificationRequest},
    },
    storage::MemoryInbox,
    verified::{Event, State},
};

#[tokio::main]
async fn main() -> ExitCode {
    common::run("usage: shuftipro_callback   (HOST, PORT: where it listens)", serve()).await
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let setting = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
    let listener = common::listen().await?;
    let callback_url = format!("http://{}/callbacks/shuftipro", listener.local_addr()?);

    let real = env::var("SHUFTIPRO_CLIENT_ID").ok().zip(env::var("SHUFTIPRO_SECRET_KEY").ok());
    let sandbox = if real.is_none() { Some(ShuftiPro::start().await?) } else { None };
    let client = match (real, &sandbox) {
        (Some((id, secret)), _) => {
            let base = setting("SHUFTIPRO_BASE_URL", Region::default().base_url());
            Client::builder(id, secret).base_url(base).build()?
        }
        (None, Some(sandbox)) => Client::builder(sandbox.client_id(), sandbox.secret_key().clone())
            .base_url(sandbox.base_url().as_str())
            .build()?,
        (None, None) => return Err("neither settings nor a sandbox".into()),
    };

    // Replace the memory by a store over your database: `kyckit::testkit` proves it.
    let inbox = Arc::new(Inbox::new(MemoryInbox::new()));
    let callbacks = Arc::new(client.callbacks());
    let app: Router = Router::new()
        .route_service("/callbacks/shuftipro", webhook(Arc::clone(&inbox), Arc::clone(&callbacks)));
    say!("callbacks at {callback_url}");
    let server =
        tokio::spawn(async move { Server::new().serve(listener, app, std::future::pending()).await });

    if sandbox.is_some() {
        let request = VerificationRequest::onsite(Reference::new("callback-example")?)
            .callback_url(callback_url)
            .document(Document::ocr())
            .face(Face::new());
        let pending = client.verify(&request).await?;
        say!("open {}", pending.verification_url().map_or("-", |url| url.expose()));
    }

    let working = async {
        loop {
            match inbox.work(&*callbacks, |delivery| work(&client, delivery)).await {
                Ok(Some(outcome)) => say!("worked: {}", words(&outcome)),
                Ok(None) => tokio::time::sleep(Duration::from_millis(200)).await,
                Err(error) => {
                    eprintln!("{error}");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    };
    tokio::select! {
        () = working => {}
        ended = server => ended??,
        signal = tokio::signal::ctrl_c() => signal?,
    }
    Ok(())
}

/// It may be called again for the same event: write what is so, and add nothing up.
async fn work(client: &Client, delivery: Delivery<VerificationResponse>) -> kyckit::Result<State> {
    let answer = match delivery.action {
        Action::Apply(answer) => answer,
        _ => client.status(&Reference::existing(delivery.subject)?).await?,
    };
    say!("{}: {}", answer.reference().unwrap_or_default(), words(&answer.decision()));
    Ok(answer.state())
}
