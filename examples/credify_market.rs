//! A market's server: users in a database, all endpoints that Credify calls, webhooks.
//!
//! ```text
//! cargo run --features axum,sql --example credify_market
//! ```
//!
//! | setting | what | default |
//! | --- | --- | --- |
//! | `HOST`, `PORT` | where it listens | `127.0.0.1`, `8080` |
//! | `DATABASE_URL` | `postgres://…`, or the path of a SQLite file | `credify_market.sqlite` in the temporary folder |
//! | `USERS_FILE` | JSON array of users, put into the database at the start | two users of the example |
//! | `SCOPES_FILE` | JSON object: custom scope → claim → field of the user | one scope of the example |
//! | `CALLER_TOKEN` | what the market's own front end and system send | `demo-caller` when offline |
//! | `DOCUMENT_DOMAINS` | domains from which documents are fetched, with commas between them | none |
//! | `DOCUMENT_ORIGINS` | origins of your own from which documents are fetched as well, such as `http://10.0.0.5:9000` | none |
//! | `BNPL_PAGE` | where a person goes after paying later | `http://127.0.0.1:3000/done` |
//! | `CREDIFY_MODE`, `CREDIFY_API_BASE`, `CREDIFY_ORGANISATION_ID`, `CREDIFY_API_KEY`, `CREDIFY_SIGNING_KEY` | Credify | offline |
//! | `CREDIFY_WEBHOOK_URL` | the webhook's URL, as it is registered | `http://<host>:<port><prefix>/webhook` |
//! | `CREDIFY_PREFIX` | what all paths begin with | `/v1` |
//! | `CREDIFY_PROFILE_ITEMS` | of `phone,email,name,dob,gender,address` | all |
//!
//! How many users a condition fits is counted by the database, in one query: see `People::query`.
//!
//! Without `CREDIFY_API_KEY` a small stand-in plays Credify within the process, so that nothing else is needed: no account,
//! no network. It takes the tokens `demo-…` below for those that Credify sends along with its calls; a real market asks
//! Credify whether they are good. These are all calls. A comment says with which status they are answered where it is not
//! 200.
//!
//! ```text
//! M=http://127.0.0.1:8080/v1
//! OWN='authorization: Bearer demo-caller'
//! PERSON=ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512
//! SCOPE=40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty
//! ORDER=c705f5bb-2e2f-4b90-a65d-633a3365f7de
//!
//! # anybody
//! curl $M/
//! # the market's own front end: a user logged in with Credify
//! curl -H "$OWN" $M/api/claims/push -d '{"id":"7","credify_id":"'$PERSON'"}'
//! # Credify
//! curl -H 'authorization: Bearer demo-filter' $M/api/offers/filter \
//!   -d '{"local_id":"7","offers":[{"code":"a","conditions":[null],"required_custom_scopes":[["'$SCOPE'"]]}]}'
//! curl -H 'authorization: Bearer demo-counts' $M/api/offers/segment \
//!   -d '{"conditions":[null],"required_custom_scope":[["'$SCOPE'"]]}'
//! curl -H 'authorization: Bearer demo-evaluate' $M/api/offers/evaluate \
//!   -d '{"credify_id":"'$PERSON'","scopes":["'$SCOPE'"],"conditions":[null],"required_custom_scopes":[["'$SCOPE'"]]}'
//! # the market's own system
//! curl -H "$OWN" $M/orders \
//!   -d '{"local_id":"7","reference_id":"r-1","total_amount":{"value":"9000000","currency":"VND"},"order_lines":[]}'
//! curl -H "$OWN" $M/orders
//! curl -H "$OWN" $M/orders/credify/$PERSON
//! curl -H "$OWN" $M/push-disbursement-claims \
//!   -d '{"order_id":"'$ORDER'","documents":{"invoice":"https://documents.example/invoice.pdf"}}'
//! curl -H "$OWN" -X POST $M/orders/$ORDER/disburse
//! curl -H "$OWN" -X POST $M/orders/$ORDER/cancel
//! curl -H "$OWN" $M/simulation \
//!   -d '{"productType":"consumer-financing:unsecured-loan:bnpl","providerIds":[],"inputs":{}}'
//! curl -H "$OWN" $M/offers -d '{"request":{"localId":"7"}}'
//! # 501: where Credify takes these three is not published, so `Market::builder(…).forward(…)` has to say it
//! curl -H "$OWN" $M/intents -d '{"request":{}}'
//! curl -H "$OWN" $M/product -d '{"request":{}}'
//! curl -H "$OWN" $M/claims -d '{"id":"i-1","claimTokens":[]}'
//! # Credify, for the documents of the order
//! curl -H 'authorization: Bearer demo-documents' -X POST $M/api/bnpl/orders/$ORDER/disbursement-requirements
//! # 302: a browser
//! curl -i $M/api/bnpl/orders/$ORDER/redirect
//! ```
//!
//! Two more are signed, and good for a while only: the server prints their commands, for encrypted claims and for a
//! webhook, when it starts.

#[path = "credify_market/offline.rs"]
mod offline;
#[path = "credify_market/people.rs"]
mod people;
#[path = "credify_market/postgres.rs"]
mod postgres;
#[path = "credify_server/mod.rs"]
mod server;
#[path = "credify_market/sqlite.rs"]
mod sqlite;

use std::{env, sync::Arc, time::Duration};

use kyckit::{
    credify::{
        claims::ProfileItem,
        market::{
            CommitmentStore, DisclosurePolicy, FetchedDocuments, Market, Orders, SharedToken, Users,
            axum::router,
        },
        model::PaymentRecipient,
    },
    server::axum::Server,
    storage::MemoryInbox,
};
use tokio::net::TcpListener;

use self::server::{Anything, client, is_postgres, needed, setting, stopped};

#[tokio::main]
async fn main() -> Result<(), Anything> {
    let listener =
        TcpListener::bind((setting("HOST", "127.0.0.1"), setting("PORT", "8080").parse::<u16>()?)).await?;
    let address = listener.local_addr()?;
    let prefix = setting("CREDIFY_PREFIX", "/v1");
    let webhook_url = setting("CREDIFY_WEBHOOK_URL", &format!("http://{address}{prefix}/webhook"));

    let offline = match env::var("CREDIFY_API_KEY") {
        Ok(_) => None,
        Err(_) => Some(offline::Offline::new()?),
    };
    let (client, market_id) = match &offline {
        Some(offline) => (offline.client()?, offline::MARKET_ID.to_owned()),
        None => (client()?, needed("CREDIFY_ORGANISATION_ID")?),
    };
    let shared = match env::var("CREDIFY_PROFILE_ITEMS") {
        Ok(items) => ProfileItem::list(&items)?,
        Err(_) => ProfileItem::ALL.to_vec(),
    };
    let sharing = DisclosurePolicy::of(shared.clone());
    let people = people::load(env::var("USERS_FILE").ok(), env::var("SCOPES_FILE").ok(), sharing)?;
    let temporary = env::temp_dir().join("credify_market.sqlite");
    let database = setting("DATABASE_URL", &temporary.to_string_lossy());
    let store: Arc<dyn Store> = if is_postgres(&database) {
        Arc::new(postgres::Postgres::open(&database, people).await?)
    } else {
        Arc::new(sqlite::Sqlite::open(&database, people)?)
    };

    let documents = FetchedDocuments::new(&client);
    let domains = match offline {
        Some(_) => "documents.example".to_owned(),
        None => setting("DOCUMENT_DOMAINS", ""),
    };
    let domains = domains.split(',').filter(|domain| !domain.is_empty());
    let documents = domains.fold(documents, |documents, domain| documents.domain(domain.trim()));
    let origins = setting("DOCUMENT_ORIGINS", "");
    let mut origins = origins.split(',').map(str::trim).filter(|origin| !origin.is_empty());
    let documents = origins.try_fold(documents, FetchedDocuments::origin)?;
    let caller = match &offline {
        Some(_) => setting("CALLER_TOKEN", "demo-caller"),
        None => needed("CALLER_TOKEN")?,
    };
    // A real market keeps webhooks in its database: `kyckit::testkit` proves an inbox.
    let webhooks = client.webhooks(&webhook_url)?;
    let recipient = PaymentRecipient::bank_account("Demo shop", "190123123123", "", "Techcombank");
    let market = Market::builder(client, market_id)
        .prefix(prefix)
        .callers(SharedToken::new(caller))
        .users(Arc::clone(&store))
        .commitments(Arc::clone(&store))
        .orders(store)
        .documents(documents)
        .webhooks(webhooks, MemoryInbox::new())
        .bnpl_page(setting("BNPL_PAGE", "http://127.0.0.1:3000/done"))
        .payment_recipient(recipient)
        .profile_items(shared)
        .on_failure(|endpoint, error| eprintln!("{endpoint:?}: {error}"))
        .build()?;

    // What an earlier process left under way, before anybody is served.
    let recovered = market.recover().await?;
    println!("{} pushes were completed, {} are under way", recovered.completed, recovered.failed.len());
    println!("listening on http://{address}");
    if let Some(offline) = &offline {
        offline.print_commands(&address.to_string(), &webhook_url)?;
    }
    let housekeeping = tokio::spawn(keep_house(market.clone()));
    Server::new().serve(listener, router(market), stopped()).await?;
    housekeeping.abort();
    Ok(())
}

/// Webhooks that failed and pushes whose outcome is not known are tried again.
async fn keep_house(market: Market) {
    loop {
        tokio::time::sleep(Duration::from_secs(30)).await;
        while let Ok(Some(outcome)) = market.work_webhook().await {
            println!("{outcome:?}");
        }
        if let Err(error) = market.recover().await {
            eprintln!("{error}");
        }
    }
}

/// One database behind all three.
trait Store: Users + CommitmentStore + Orders {}

impl<T: Users + CommitmentStore + Orders> Store for T {}
