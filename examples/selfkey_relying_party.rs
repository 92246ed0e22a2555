//! A website that SelfKey wallets sign up at and hand applications in to.
//!
//! ```text
//! cargo run --features sandbox,axum --example selfkey_relying_party
//! ```
//!
//! It listens on `HOST` (127.0.0.1) and `PORT` (8080; 0 is a free one) and prints the configuration that a wallet
//! takes. Today's dialect is below `/api/v2`, that of the older API page below `/documented`. `examples/selfkey.rs` is a
//! wallet for it:
//!
//! ```text
//! SELFKEY_BASE_URL=http://127.0.0.1:8080/api/v2 \
//! SELFKEY_PRIVATE_KEY=4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4 \
//! cargo run --features sandbox --example selfkey
//! ```
//!
//! Everything is kept in memory. A real service implements the four traits over its database, keeps its secret with
//! its other secrets, and shares the store of used challenges between its processes.

use std::{env, error::Error, time::Duration};

use axum::{Router, response::Html, routing::get};
use kyckit::{
    clock::Clock,
    selfkey::{
        Dialect,
        attribute::{AttributeType, Requirement},
        relying_party::{Memory, RelyingParty, Schemas, TokenIssuer, axum::router, generate_secret},
    },
    server::axum::Server,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const ROOT: &str = "/api/v2";
const DOCUMENTED_ROOT: &str = "/documented";
/// How long the checking of an application takes here.
const REVIEW: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".to_owned());
    let port: u16 = env::var("PORT").map_or(Ok(8080), |port| port.parse())?;
    let listener = TcpListener::bind((host.as_str(), port)).await?;
    let base = format!("http://{}", listener.local_addr()?);

    let tokens = TokenIssuer::hmac(generate_secret(&Clock::system())?)?;
    let store = Memory::new().landing(format!("{base}/welcome")).issuer(tokens.clone());
    store.add_template("individual", "Individual", individual());
    let party = |dialect| -> Result<RelyingParty, kyckit::Error> {
        Ok(RelyingParty::builder(tokens.clone())
            .store(store.clone())
            .schemas(Schemas::new(schemas())?)
            .sign_up([Requirement::new(AttributeType::FirstName).id("first-name").required(true)])
            .dialect(dialect)
            .build())
    };
    let app = Router::new()
        .nest(ROOT, router(party(Dialect::Current)?))
        .nest(DOCUMENTED_ROOT, router(party(Dialect::Documented)?))
        .route("/welcome", get(|| async { Html("<h1>Welcome</h1>") }));

    println!("# Relying party at {base}{ROOT}, in the older dialect at {base}{DOCUMENTED_ROOT}");
    println!("{:#}", configuration(&base));
    println!("# Ctrl-C ends it");
    tokio::select! {
        served = Server::new().serve(listener, app, std::future::pending()) => served?,
        () = review(&store) => {}
        pressed = tokio::signal::ctrl_c() => pressed?,
    }
    Ok(())
}

/// What a wallet is configured with.
fn configuration(base: &str) -> Value {
    json!({
        "website": { "name": "Example", "url": base },
        "rootEndpoint": ROOT,
        "endpoints": { "/auth/challenge": "/auth/challenge", "login": format!("{base}{ROOT}/login") },
        "attributes": [{
            "id": "first-name", "schemaId": AttributeType::FirstName.schema_id(), "required": true,
        }],
    })
}

fn individual() -> [Requirement; 4] {
    let asked = |kind: AttributeType, title: &str| {
        let id = kind.as_str().to_owned();
        Requirement::new(kind).id(id).title(title)
    };
    [
        asked(AttributeType::FirstName, "First name").required(true),
        asked(AttributeType::LastName, "Last name").required(true),
        asked(AttributeType::Email, "E-mail").required(true),
        asked(AttributeType::Passport, "Passport").required(true),
    ]
}

/// By what values are checked; the provider publishes a repository of its own.
fn schemas() -> [(String, Value); 4] {
    let image = json!({
        "type": "object", "format": "file", "required": ["content"],
        "properties": {
            "mimeType": { "enum": ["image/jpeg", "image/png", "application/pdf"] },
            "size": { "type": "integer", "maximum": 50_000_000 },
            "content": { "type": "string" },
        },
    });
    let schemas = [
        (AttributeType::FirstName, json!({ "type": "string" })),
        (AttributeType::LastName, json!({ "type": "string" })),
        (AttributeType::Email, json!({ "type": "string", "format": "email" })),
        (
            AttributeType::Passport,
            json!({
                "type": "object", "required": ["image", "issued", "expires"],
                "properties": {
                    "image": image,
                    "issued": { "type": "string", "format": "date" },
                    "expires": { "type": "string", "format": "date" },
                },
            }),
        ),
    ];
    schemas.map(|(kind, schema)| (kind.schema_id().as_str().to_owned(), schema))
}

/// In place of people who check: whatever was handed in goes into the check of its data, and is approved after that.
async fn review(store: &Memory) {
    loop {
        tokio::time::sleep(REVIEW).await;
        for application in store.all_applications() {
            let next = match application["currentStatus"].as_i64() {
                Some(4) => 15,
                Some(15) => 2,
                _ => continue,
            };
            let id = application["id"].as_str().unwrap_or_default();
            store.set_status(id, next, None);
            println!("application {id} is at {next} now");
        }
    }
}
