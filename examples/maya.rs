//! Reads a customer's profile from Maya, refreshing the customer's tokens where that is due.
//!
//! ```text
//! cargo run --features sandbox --example maya               # offline, against the sandbox
//! cargo run --features sandbox --example maya -- --expired  # the same, starting with an expired customer token
//! cargo run --features sandbox --example maya -- --tokens FILE
//! ```
//!
//! The last one calls the real service: FILE holds what Maya pushed to the Session URL, and is written anew when the
//! tokens are refreshed. Its settings are `MAYA_TOKEN_URL`, `MAYA_CLIENT_ID`, `MAYA_CLIENT_SECRET`, `MAYA_JWE_JWK_FILE`,
//! `MAYA_JWS_JWK_FILE`, and `MAYA_BASE_URL` (default: the provider's sandbox).

#[path = "common/mod.rs"]
mod common;

use std::{
    env, fs, io,
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use common::{say, words};
use kyckit::{
    Error,
    maya::{Client, Customer, CustomerTokens, Profile, ProfileItem, SANDBOX_BASE_URL},
    sandbox::maya::Maya,
};

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

const USAGE: &str = "usage: maya [--expired | --tokens FILE]";

#[tokio::main]
async fn main() -> ExitCode {
    common::run(USAGE, run()).await
}

async fn run() -> Result {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => offline(false).await,
        ["--expired"] => offline(true).await,
        ["--tokens", file] => real(PathBuf::from(file)).await,
        _ => Err(USAGE.into()),
    }
}

async fn offline(expired: bool) -> Result {
    let sandbox = Maya::start().await?;
    let client = sandbox.client_builder().build()?;
    let tokens = if expired { sandbox.issue_expired(7) } else { sandbox.issue(7) };

    // In place of a database.
    let kept = Arc::new(AtomicUsize::new(0));
    let counted = kept.clone();
    let customer = client.customer(tokens, move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(()) }
    });
    show(&client, &customer).await?;
    say!(
        "refreshed: {}, new tokens kept before use: {}",
        sandbox.server().count("/tokens"),
        kept.load(Ordering::SeqCst)
    );
    Ok(())
}

async fn real(file: PathBuf) -> Result {
    let tokens = CustomerTokens::from_json(&fs::read(&file)?)?;
    let client = Client::builder(setting("MAYA_CLIENT_ID")?, setting("MAYA_CLIENT_SECRET")?)
        .base_url(env::var("MAYA_BASE_URL").unwrap_or_else(|_| SANDBOX_BASE_URL.to_owned()))
        .token_url(setting("MAYA_TOKEN_URL")?)
        .keys(
            fs::read_to_string(setting("MAYA_JWE_JWK_FILE")?)?,
            fs::read_to_string(setting("MAYA_JWS_JWK_FILE")?)?,
        )
        .build()?;
    let customer = client.customer(tokens, move |tokens: CustomerTokens| {
        let kept = replace(&file, tokens.to_json().expose()).map_err(Error::store);
        std::future::ready(kept)
    });
    show(&client, &customer).await
}

/// The old tokens stay until the new ones are there as a whole.
fn replace(file: &PathBuf, text: &str) -> io::Result<()> {
    let new = file.with_extension("new");
    fs::write(&new, text)?;
    fs::rename(new, file)
}

async fn show(client: &Client, customer: &Customer) -> Result {
    let profile = customer.profile().await?;
    say!("verified by Maya: {}", profile.is_verified_account());
    let wanted =
        [ProfileItem::FirstName, ProfileItem::MiddleName, ProfileItem::BirthDate, ProfileItem::PrimaryEmail];
    let missing: Vec<_> = profile.missing(wanted).iter().map(words).collect();
    say!("to be asked for: {}", missing.join(", "));
    documents(client, &profile).await
}

async fn documents(client: &Client, profile: &Profile) -> Result {
    for document in profile.identity_documents() {
        for link in [&document.front, &document.back].into_iter().flatten() {
            // A real service writes into a file; what counts here is that it came.
            let file = client.download(link).into(&mut tokio::io::sink()).await?;
            say!("a document's file: {} of {} bytes", file.media_type.unwrap_or_default(), file.bytes);
        }
    }
    Ok(())
}

fn setting(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set").into())
}
