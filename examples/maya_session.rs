//! The backend of a Mini App: Maya pushes tokens to the Session URL, then opens the landing page.
//!
//! ```text
//! cargo run --features sandbox,axum --example maya_session
//! ```
//!
//! It listens on `HOST` (127.0.0.1) and `PORT` (8080; 0 is a free one). Offline, which is the default, the sandbox plays
//! Maya: open the printed address in a browser and tap the tile. With `MAYA_CLIENT_ID`, `MAYA_CLIENT_SECRET`,
//! `MAYA_TOKEN_URL`, `MAYA_JWE_JWK_FILE`, `MAYA_JWS_JWK_FILE` and `MAYA_BASE_URL` it waits for the real one.
//!
//! The profile is read at every entry, as the provider recommends: a new customer is registered, a known one updated.

#[path = "common/mod.rs"]
mod common;

use std::{
    collections::HashMap,
    env, fs,
    process::ExitCode,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{RawQuery, State},
    http::{HeaderName, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use common::{say, words};
use kyckit::{
    maya::{
        Client, CustomerTokens, ProfileItem, server,
        webhook::{SessionId, Sessions},
    },
    sandbox::maya::Maya,
    server::axum::Server,
    storage::MemoryOneTime,
};
use url::Url;

/// Nothing authenticates a push, so the path is a secret between Maya and this service; a real one is drawn at random.
const SESSION_PATH: &str = "/maya/7bK2vX9qT1/session";
const LANDING_PATH: &str = "/welcome";

struct Service {
    client: Client,
    sessions: Arc<Sessions<MemoryOneTime>>,
    customers: Customers,
    /// There when the sandbox plays Maya.
    maya: Option<Maya>,
    base: Url,
}

/// In place of a database: the newest tokens of each customer, by Maya's id. A real one holds them encrypted.
#[derive(Clone, Default)]
struct Customers(Arc<Mutex<HashMap<String, CustomerTokens>>>);

impl Customers {
    fn keep(&self, key: &str, tokens: CustomerTokens) {
        self.lock().insert(key.to_owned(), tokens);
    }

    /// Puts what was kept for a visit under the customer's id. True for a new customer.
    fn recognise(&self, visit: &str, id: &str) -> bool {
        let mut records = self.lock();
        let tokens = records.remove(visit);
        tokens.is_some_and(|tokens| records.insert(id.to_owned(), tokens).is_none())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, CustomerTokens>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    common::run("usage: maya_session   (HOST, PORT: where it listens)", serve()).await
}

async fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let listener = common::listen().await?;
    let base = Url::parse(&format!("http://{}/", listener.local_addr()?))?;

    let (client, maya) = match real()? {
        Some(client) => (client, None),
        None => {
            let maya = Maya::start().await?;
            (maya.client_builder().build()?, Some(maya))
        }
    };
    let sessions = Arc::new(Sessions::new(MemoryOneTime::new()));
    let service = Arc::new(Service {
        client,
        sessions: sessions.clone(),
        customers: Customers::default(),
        maya,
        base: base.clone(),
    });
    let app = Router::new()
        .route_service(SESSION_PATH, server::session(sessions))
        .route(LANDING_PATH, get(landing))
        .route("/", get(tile))
        .route("/tap", post(tap))
        .with_state(service);
    say!("listening on {base}");
    Server::new().serve(listener, app, std::future::pending()).await?;
    Ok(())
}

/// A client of the real service when its settings are there.
fn real() -> Result<Option<Client>, Box<dyn std::error::Error>> {
    let Ok(client_id) = env::var("MAYA_CLIENT_ID") else { return Ok(None) };
    let client = Client::builder(client_id, env::var("MAYA_CLIENT_SECRET")?)
        .base_url(env::var("MAYA_BASE_URL")?)
        .token_url(env::var("MAYA_TOKEN_URL")?)
        .keys(
            fs::read_to_string(env::var("MAYA_JWE_JWK_FILE")?)?,
            fs::read_to_string(env::var("MAYA_JWS_JWK_FILE")?)?,
        )
        .build()?;
    Ok(Some(client))
}

/// Where Maya sends the customer's web view, with `?sessionId=…`.
async fn landing(State(service): State<Arc<Service>>, RawQuery(query): RawQuery) -> Response {
    let reopen = || page(StatusCode::FORBIDDEN, "Please open this Mini App from the Maya app again.");
    let Some(id) = SessionId::from_query(query.as_deref().unwrap_or_default()) else { return reopen() };
    // Unknown, used, too late: the log may tell them apart, the customer may not.
    let session = match service.sessions.redeem(&id).await {
        Ok(session) => session,
        Err(error) => {
            eprintln!("{error}");
            return reopen();
        }
    };
    match enter(&service, format!("visit {}", id.expose()), session.tokens).await {
        Ok(text) => page(StatusCode::OK, &text),
        Err(error) => {
            eprintln!("{error}");
            page(StatusCode::BAD_GATEWAY, "Maya does not answer just now. Please try again in a moment.")
        }
    }
}

/// Reads the profile and brings the own record up to date.
async fn enter(service: &Service, visit: String, tokens: CustomerTokens) -> Result<String, kyckit::Error> {
    // The customer is not known before the profile is read, so the tokens are kept for the visit first.
    let customers = service.customers.clone();
    customers.keep(&visit, tokens.clone());
    let customer = service.client.customer(tokens, {
        let (customers, visit) = (customers.clone(), visit.clone());
        move |tokens| {
            customers.keep(&visit, tokens);
            async { Ok(()) }
        }
    });
    let profile = customer.profile().await?;
    let is_new = customers.recognise(&visit, profile.id().expose());
    let missing =
        profile.missing([ProfileItem::BirthDate, ProfileItem::PrimaryEmail, ProfileItem::MiddleName]);
    Ok(format!(
        "{} Your account is {}verified by Maya. {}",
        if is_new { "Welcome! You are registered." } else { "Welcome back! Your record is up to date." },
        if profile.is_verified_account() { "" } else { "not " },
        if missing.is_empty() {
            String::new()
        } else {
            let missing: Vec<_> = missing.iter().map(words).collect();
            format!("We still need to ask you for: {}.", missing.join(", "))
        },
    ))
}

/// In place of the Maya app: a tile to tap.
async fn tile(State(service): State<Arc<Service>>) -> Response {
    if service.maya.is_none() {
        return page(StatusCode::OK, "Waiting for Maya.");
    }
    Html(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Maya</title></head><body><main>\
         <h1>Maya (sandbox)</h1><form method=\"post\" action=\"/tap\"><button>Open the Mini App</button></form>\
         </main></body></html>",
    )
    .into_response()
}

async fn tap(State(service): State<Arc<Service>>) -> Response {
    let Some(maya) = &service.maya else { return StatusCode::NOT_FOUND.into_response() };
    let (Ok(session), Ok(landing)) = (service.base.join(SESSION_PATH), service.base.join(LANDING_PATH))
    else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    match maya.open_mini_app(7, &session, &landing).await {
        Ok(opened) => match opened.landing_url {
            Some(url) => Redirect::to(url.expose()).into_response(),
            None => page(StatusCode::BAD_GATEWAY, "The Mini App did not take the session."),
        },
        Err(error) => {
            eprintln!("{error}");
            page(StatusCode::BAD_GATEWAY, "The Mini App does not answer.")
        }
    }
}

/// A page that keeps the session id to itself: not in a `Referer`, not in a cache, and off the address bar.
fn page(status: StatusCode, text: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Mini App</title>\
         <script>history.replaceState(null, '', location.pathname)</script></head>\
         <body><main><h1>Mini App</h1><p>{text}</p></main></body></html>"
    );
    let headers: [(HeaderName, &str); 2] =
        [(header::REFERRER_POLICY, "no-referrer"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, Html(html)).into_response()
}
