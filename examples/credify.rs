//! A service provider's journey with Credify: an authorization URL, the code that comes back, the token, what the person
//! shares, decrypted; then the offers.
//!
//! ```text
//! cargo run --features sandbox --example credify                    # offline, against the sandbox
//! cargo run --features sandbox --example credify -- URL             # the real service: prints the URL for redirection to URL
//! cargo run --features sandbox --example credify -- URL STATE CODE  # goes on with what came back
//! ```
//!
//! The real service needs `CREDIFY_ORGANISATION_ID`, `CREDIFY_API_KEY` and `CREDIFY_SIGNING_KEY`, and takes
//! `CREDIFY_MODE` (default: sandbox), `CREDIFY_API_BASE` and `CREDIFY_OIDC_BASE`. Between the two runs the state and the
//! key are kept in the file `credify-authorization.json`, as a service keeps them in its database, encrypted.

use std::{env, fs};

use kyckit::{
    credify::{
        Client, Environment,
        authorization::AuthorizationRequest,
        keys::{DecryptionKey, SigningKey},
        model::OfferQuery,
        userinfo::{ProviderKeys, UserInfoReader},
    },
    privacy::Secret,
    sandbox::credify::{Credify, ORGANISATION_ID},
};
use serde_json::{Value, json};

type Result<T = (), E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Where an authorization waits for the person to come back.
const KEPT: &str = "credify-authorization.json";

#[tokio::main]
async fn main() -> Result {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => offline().await,
        [redirect] => begin(redirect).await,
        [redirect, state, code] => go_on(redirect, state, code).await,
        _ => Err("usage: credify [REDIRECT_URL [STATE CODE]]".into()),
    }
}

fn request(organisation: &str, redirect: &str) -> AuthorizationRequest {
    AuthorizationRequest::new(organisation, redirect, ["openid", "phone", "profile", "email"])
}

async fn offline() -> Result {
    let sandbox = Credify::start().await?;
    let client = sandbox.client_builder().build()?;
    let redirect = "https://provider.example/oidc/callback";

    // Making a key takes a moment, so not on a thread that serves others.
    let request = request(ORGANISATION_ID, redirect).offer_code("offer-1");
    let begun = {
        let client = client.clone();
        tokio::task::spawn_blocking(move || client.authorization(&request)).await??
    };
    println!("send the person to {}…", &begun.url.expose()[..80.min(begun.url.expose().len())]);

    // In place of the person, who agrees in the wallet and comes back.
    let agreed = sandbox.agree(begun.url.expose())?;
    println!("the state that came back is ours: {}", begun.is_state(agreed.state.expose()));
    let code = agreed.code.ok_or("no code came back")?;
    let key = begun.decryption_key.ok_or("the claims are encrypted for another key")?;
    show(&client, ORGANISATION_ID, redirect, &code, &key).await
}

async fn begin(redirect: &str) -> Result {
    let client = client()?;
    let request = request(&setting("CREDIFY_ORGANISATION_ID")?, redirect);
    let begun = tokio::task::spawn_blocking(move || client.authorization(&request)).await??;
    let key = begun.decryption_key.ok_or("no key was made")?.to_base64url()?;
    let kept = json!({ "state": begun.state.expose(), "nonce": begun.nonce.expose(), "key": key.expose() });
    fs::write(KEPT, kept.to_string())?;
    println!("open {}", begun.url.expose());
    Ok(())
}

async fn go_on(redirect: &str, state: &str, code: &str) -> Result {
    let kept: Value = serde_json::from_slice(&fs::read(KEPT)?)?;
    // A state serves once.
    fs::remove_file(KEPT)?;
    if kept["state"] != state {
        return Err("the state is not the one that was sent: it is the response of another request".into());
    }
    let key = DecryptionKey::new(&kept["key"].as_str().unwrap_or_default().into(), None)?;
    show(&client()?, &setting("CREDIFY_ORGANISATION_ID")?, redirect, &code.into(), &key).await
}

async fn show(
    client: &Client,
    organisation: &str,
    redirect: &str,
    code: &Secret,
    key: &DecryptionKey,
) -> Result {
    let token = client.user_token(organisation, code, redirect).await?;
    println!("granted: {}", token.scope.as_deref().unwrap_or("nothing is said of it"));

    let keys = ProviderKeys::new(client);
    let reader = UserInfoReader::new(key).verify_with(&keys);
    let info = client.userinfo(&token.access_token, &reader).await?;
    for (scope, claims) in info.scopes() {
        let names: Vec<_> = claims.expose().as_object().into_iter().flatten().map(|(name, _)| name).collect();
        println!("{scope}: {names:?}, signed by a market: {}", claims.is_verified());
    }
    println!("transaction: {}", if info.transaction_id().is_some() { "there" } else { "none" });

    let offers = client.offers(&OfferQuery::new("user-4711")).await?;
    for offer in &offers {
        let rank = offer.evaluation_result.as_ref().map_or(0, |result| result.rank);
        println!("offer {}: rank {rank}", offer.code.as_deref().unwrap_or("without a code"));
    }
    Ok(())
}

fn client() -> Result<Client> {
    let mode = env::var("CREDIFY_MODE").map_or(Ok(Environment::default()), |mode| mode.parse())?;
    let key = SigningKey::new(&setting("CREDIFY_SIGNING_KEY")?.into(), None)?;
    let mut builder = Client::builder(setting("CREDIFY_API_KEY")?).environment(mode).signing_key(key);
    if let Ok(base) = env::var("CREDIFY_API_BASE") {
        builder = builder.api_base(base);
    }
    if let Ok(base) = env::var("CREDIFY_OIDC_BASE") {
        builder = builder.oidc_base(base);
    }
    Ok(builder.build()?)
}

fn setting(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set").into())
}
