//! A user proves ownership of a Credo ID, and what Credo360 knows of them is printed.
//!
//! ```text
//! cargo run --features sandbox --example credo360 -- --method passcode
//! cargo run --features sandbox --example credo360 -- --method signature
//! ```
//!
//! Offline, against the sandbox, unless `CREDO360_CLIENT_ID` (and, for another host, `CREDO360_BASE_URL`) is set. Then
//! `--handle ID` names the Credo ID, and the passcode or the signature is read from standard input.

#[path = "common/mod.rs"]
mod common;

use std::{env, error::Error, io, process::ExitCode};

use common::say;
use kyckit::{
    credo360::{
        Challenge, Client, HandleId, Method, Response, User, Validation, model::Details, signer::KeySigner,
    },
    sandbox::credo360::{Credo360, PRIVATE_KEY},
};

const USAGE: &str = "usage: credo360 [--method passcode|signature] [--handle ID]";

#[tokio::main]
async fn main() -> ExitCode {
    common::run(USAGE, run()).await
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Some(arguments) = Arguments::read(env::args().skip(1))? else {
        return Err(USAGE.into());
    };
    let (client, sandbox) = client().await?;
    let handle = match (arguments.handle, &sandbox) {
        (Some(handle), _) => handle,
        (None, Some(sandbox)) => sandbox.handles().into_iter().next().ok_or("the sandbox has no user")?,
        (None, None) => return Err("name the Credo ID: --handle ID".into()),
    };

    let methods = client.authentication_methods(&handle).await?;
    say!("Methods:    {}", methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", "));
    let mut challenge = client.challenge(&handle, &arguments.method).await?;
    ask(&challenge);
    let response = match &sandbox {
        Some(sandbox) => from_sandbox(sandbox, &challenge).await?,
        None => from_input(&challenge)?,
    };
    let owned = match client.validate(&mut challenge, &response).await {
        Ok(owned) => owned,
        Err(error) => {
            let left = challenge.attempts().left();
            say!("Attempts:   {} left", left.map_or("any number".to_owned(), |left| left.to_string()));
            return Err(error.into());
        }
    };
    say!("Ownership:  proven by {}", owned.method());
    print(&client.user(owned.handle()).await?);
    Ok(())
}

struct Arguments {
    method: Method,
    handle: Option<HandleId>,
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Result<Option<Self>, Box<dyn Error>> {
        let mut arguments = Self { method: Method::Passcode, handle: None };
        while let Some(name) = given.next() {
            match (name.as_str(), given.next()) {
                ("--method", Some(method)) => arguments.method = Method::from(method),
                ("--handle", Some(handle)) => arguments.handle = Some(handle.parse()?),
                _ => return Ok(None),
            }
        }
        Ok(Some(arguments))
    }
}

/// A client of the real service when its settings are there, else one of a sandbox that lives as long as this program.
async fn client() -> Result<(Client, Option<Credo360>), Box<dyn Error>> {
    if let Ok(client_id) = env::var("CREDO360_CLIENT_ID") {
        let builder = Client::builder(client_id);
        let builder = match env::var("CREDO360_BASE_URL") {
            Ok(url) => builder.base_url(url),
            Err(_) => builder,
        };
        return Ok((builder.build()?, None));
    }
    if env::var_os("CREDO360_BASE_URL").is_some() {
        return Err("CREDO360_BASE_URL is set and CREDO360_CLIENT_ID is not".into());
    }
    let sandbox = Credo360::start().await?;
    say!("Sandbox:    {}", sandbox.base_url());
    let builder = Client::builder(sandbox.client_id().clone()).base_url(sandbox.base_url().as_str());
    Ok((builder.build()?, Some(sandbox)))
}

/// What an application would show to the user.
fn ask(challenge: &Challenge) {
    match challenge.validation() {
        Validation::Passcode(passcode) => {
            let attempts = match challenge.attempts().left() {
                Some(left) => left.to_string(),
                None => "any number of".to_owned(),
            };
            say!("Challenge:  {} digits by {}, {attempts} attempts", passcode.length, passcode.delivery);
        }
        Validation::Signature(nonce) => say!("Challenge:  sign {}", nonce.text()),
        _ => say!("Challenge:  {}, unknown to this version", challenge.method()),
    }
}

/// The sandbox plays the user's phone, and its first user's key is published.
async fn from_sandbox(sandbox: &Credo360, challenge: &Challenge) -> Result<Response, Box<dyn Error>> {
    Ok(match challenge.validation() {
        Validation::Passcode(_) => {
            let passcode = sandbox.passcode(challenge.handle()).ok_or("no passcode was delivered")?;
            say!("Phone:      your code is {}", passcode.expose());
            Response::passcode(passcode)
        }
        _ => challenge.sign(&KeySigner::ed25519(PRIVATE_KEY, None)?).await?,
    })
}

fn from_input(challenge: &Challenge) -> Result<Response, Box<dyn Error>> {
    say!("Your response:");
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let text = line.trim();
    Ok(match challenge.validation() {
        Validation::Passcode(_) => Response::passcode(text),
        Validation::Signature(_) => Response::signature(text),
        _ => Response::other(text),
    })
}

/// Everything personal is opened by `expose`, so that no line does it by accident.
fn print(user: &User) {
    say!("Credo ID:   {} ({})", user.handle.id.expose(), user.handle.status);
    match &user.profile {
        None => say!("Profile:    withheld"),
        Some(profile) => {
            let last = profile.name.last.as_ref().map_or("", |last| last.expose());
            say!("Name:       {} {last}", profile.name.first.expose());
            if let Some(location) = &profile.location {
                let places = [location.city.as_ref(), location.region.as_ref(), Some(&location.country)];
                let places: Vec<_> =
                    places.into_iter().flatten().map(|place| place.expose().as_str()).collect();
                say!("Location:   {}", places.join(", "));
            }
            if let Some(age) = &profile.age {
                say!("Age:        {}", age.years.expose());
            }
        }
    }
    say!("Reputation: {} ({})", user.reputation.score.expose(), user.reputation.quality.expose());
    for verification in &user.verifications {
        let what =
            if verification.kind.is_identity_check() { "identity checked" } else { "possession proven" };
        let details = match &verification.details {
            Details::Phone(phone) => {
                let last = phone.last_two_digits.as_ref().map_or("", |digits| digits.expose());
                let country = phone.country_code.map_or(0, |code| *code.expose());
                format!(", +{country} … {last}")
            }
            Details::Facebook(Some(friends)) => format!(", {} friends", friends.expose()),
            Details::Blockscore(Some(document)) => format!(", {}", document.expose()),
            _ => String::new(),
        };
        say!("Verified:   {} ({what}{details})", verification.kind);
    }
}
