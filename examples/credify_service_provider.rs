//! A service provider's server: sends a person to Credify, and reads what was shared when the person is back.
//!
//! ```text
//! cargo run --features axum,sandbox --example credify_service_provider
//! ```
//!
//! | setting | what | default |
//! | --- | --- | --- |
//! | `HOST`, `PORT` | where it listens | `127.0.0.1`, `8080` |
//! | `DATABASE_URL` | `postgres://…`, or the path of a SQLite file | `credify_service_provider.sqlite` in the temporary folder |
//! | `REDIRECT_URI` | where the person comes back to | `http://<host>:<port>/callback` |
//! | `SCOPES` | what is asked for | `openid,phone,profile,email` |
//! | `USERS_FILE` | JSON array of customers, each with a `phone_number` | one customer |
//! | `CREDIFY_MODE`, `CREDIFY_API_BASE`, `CREDIFY_OIDC_BASE`, `CREDIFY_ORGANISATION_ID`, `CREDIFY_API_KEY`, `CREDIFY_SIGNING_KEY` | Credify | the sandbox |
//! | `CREDIFY_PREFIX` | what all paths begin with | nothing |
//!
//! Without `CREDIFY_API_KEY` the sandbox of this crate plays Credify within the process, so that nothing else is needed: no
//! account, no network.
//!
//! ```text
//! curl http://127.0.0.1:8080/
//! # 302: the browser follows it to Credify, where the person agrees
//! curl -i 'http://127.0.0.1:8080/oidc?phone_number=%2B84381234567&offer_code=offer-1'
//! ```
//!
//! The other three calls need tokens that Credify makes. The server plays the person once when it starts, and prints the
//! commands with tokens that work:
//!
//! | call | what |
//! | --- | --- |
//! | `POST /oidc` | what was shared, by what the page at `REDIRECT_URI` finds in the fragment of its address; once |
//! | `POST /user-existence` | Credify asks whether a person is a customer, by the telephone number |
//! | `GET /user-existence` | the same by its SHA-256 |

#[path = "credify_service_provider/postgres.rs"]
mod postgres;
#[path = "credify_server/mod.rs"]
mod server;
#[path = "credify_service_provider/sqlite.rs"]
mod sqlite;

use std::{collections::HashSet, env, fs};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method};
use kyckit::{
    credify::service_provider::{Customers, ServiceProvider, axum::router},
    privacy::Pii,
    sandbox::credify::{Credify, ORGANISATION_ID, USER_ID},
    server::axum::Server,
    storage::AnyOneTimeStore,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use self::server::{Anything, client, is_postgres, needed, setting, stopped};

#[tokio::main]
async fn main() -> Result<(), Anything> {
    let listener =
        TcpListener::bind((setting("HOST", "127.0.0.1"), setting("PORT", "8080").parse::<u16>()?)).await?;
    let address = listener.local_addr()?;
    let prefix = setting("CREDIFY_PREFIX", "");
    let redirect_uri = setting("REDIRECT_URI", &format!("http://{address}/callback"));

    let sandbox = match env::var("CREDIFY_API_KEY") {
        Ok(_) => None,
        Err(_) => Some(Credify::start().await?),
    };
    let (client, id) = match &sandbox {
        Some(sandbox) => (sandbox.client_builder().build()?, ORGANISATION_ID.to_owned()),
        None => (client()?, needed("CREDIFY_ORGANISATION_ID")?),
    };
    let temporary = env::temp_dir().join("credify_service_provider.sqlite");
    let database = setting("DATABASE_URL", &temporary.to_string_lossy());
    let store = if is_postgres(&database) {
        AnyOneTimeStore::new(postgres::Postgres::open(&database).await?)
    } else {
        AnyOneTimeStore::new(sqlite::Sqlite::open(&database)?)
    };
    let scopes = setting("SCOPES", "openid,phone,profile,email");
    let provider = ServiceProvider::builder(client, id, redirect_uri, scopes.split(','))
        .prefix(prefix)
        .store(store)
        .customers(Phones::load(env::var("USERS_FILE").ok())?)
        .on_failure(|error| eprintln!("{error}"))
        .build()?;
    println!("listening on http://{address}");
    if let Some(sandbox) = &sandbox {
        play(sandbox, &provider, &address.to_string()).await?;
    }
    Server::new().serve(listener, router(provider), stopped()).await?;
    Ok(())
}

/// A person begins, agrees, and comes back; what is left to do is printed.
async fn play(sandbox: &Credify, provider: &ServiceProvider, address: &str) -> Result<(), Anything> {
    let prefix = setting("CREDIFY_PREFIX", "");
    let target = format!("{prefix}/oidc?entity_id={USER_ID}&offer_code=offer-1");
    let begun = provider.answer(&Method::GET, &target, &HeaderMap::new(), b"").await;
    let location = begun.headers().get("location").ok_or("the start was refused")?.to_str()?;
    let agreed = sandbox.agree(location)?;
    let token = agreed.access_token.ok_or("no token came back")?;
    let body = json!({"access_token": token.expose(), "state": agreed.state.expose()});
    println!("\n# what was shared, once:\ncurl http://{address}{prefix}/oidc -d '{body}'");
    let token = sandbox.present("credify", "claim_provider:read_user_existence", &[]);
    let token = token.expose();
    println!("# is that a customer?");
    println!(
        "curl -H 'authorization: Bearer {token}' http://{address}{prefix}/user-existence \
         -d '{{\"phone_number\":\"+84381234567\"}}'"
    );
    let hash = hash("+84381234567");
    println!(
        "curl -H 'authorization: Bearer {token}' 'http://{address}{prefix}/user-existence?phone_number={hash}'\n"
    );
    Ok(())
}

/// The customers by their numbers.
struct Phones {
    numbers: HashSet<String>,
    hashes: HashSet<String>,
}

impl Phones {
    fn load(path: Option<String>) -> Result<Self, Anything> {
        let users: Vec<Value> = match path {
            Some(path) => serde_json::from_slice(&fs::read(path)?)?,
            None => vec![json!({"phone_number": "+84381234567"})],
        };
        let numbers: HashSet<_> =
            users.iter().filter_map(|user| user["phone_number"].as_str().map(str::to_owned)).collect();
        let hashes = numbers.iter().map(|number| hash(number)).collect();
        Ok(Self { numbers, hashes })
    }
}

impl Customers for Phones {
    fn has_phone<'a>(&'a self, number: Pii<&'a str>) -> BoxFuture<'a, Result<bool, kyckit::Error>> {
        Box::pin(async move { Ok(self.numbers.contains(*number.expose())) })
    }

    fn has_phone_hash<'a>(&'a self, hash: Pii<&'a str>) -> BoxFuture<'a, Result<bool, kyckit::Error>> {
        Box::pin(async move { Ok(self.hashes.contains(*hash.expose())) })
    }
}

fn hash(number: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(number))
}
