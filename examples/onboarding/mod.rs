//! The website, file by file.
//!
//! | file | what | in production |
//! | --- | --- | --- |
//! | `backend.rs` | the providers' clients, the registry of flows, the inbox and the notifier | stays; clients from your settings, stores over your database |
//! | `callbacks.rs` | what providers send | stays |
//! | `visit.rs` | who is there: the cookie, and what is kept of a visit | your own sign-in and database |
//! | `guard.rs` | headers of every answer, and posts from other websites | stays |
//! | `steps.rs` | one function a page: start, each step, the result | stays |
//! | `moves.rs` | what becomes of a step of the flow | stays |
//! | `form.rs` | what people type | stays |
//! | `pages/` | the HTML | yours |
//! | `words.rs`, `texts/` | seven languages | yours |
//! | `demo.rs`, `pages/demo.rs` | the sandbox: invented people, the phone and the wallet that they would hold | goes |

mod backend;
mod callbacks;
mod demo;
mod form;
mod guard;
mod outcome;
mod pages;
mod steps;
mod visit;
pub mod words;

use std::{error::Error, fmt, io, sync::Arc, time::Duration};

use axum::{
    Router,
    routing::{get, post},
};
use kyckit::server::axum::Server;
use tokio::{net::TcpListener, sync::Notify};
use url::Url;

pub use self::{backend::Backend, demo::Demo};

/// How long the body of a request may take, callbacks included.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// Where lines about what happened go. Nothing personal is in them.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(String) + Send + Sync>);

impl Log {
    pub fn new(write: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    pub fn line(&self, line: fmt::Arguments<'_>) {
        (self.0)(line.to_string());
    }
}

/// What all requests share.
pub struct App {
    pub backend: Backend,
    pub demo: Demo,
    base: Url,
    visits: visit::Visits,
    log: Log,
    /// Rings when a callback was kept.
    called: Notify,
}

impl App {
    /// Starts the sandbox and sets everything up for this address.
    pub async fn start(base: Url, log: Log) -> Result<Arc<Self>, Box<dyn Error>> {
        let demo = Demo::start().await?;
        let backend = Backend::new(demo.clients()?, &base)?;
        let visits = visit::Visits::new(base.scheme() == "https");
        Ok(Arc::new(Self { backend, demo, base, visits, log, called: Notify::new() }))
    }

    /// A server that closes what is too slow: forms have a few hundred bytes.
    fn server(&self) -> Server {
        Server::new().body_timeout(BODY_TIMEOUT)
    }

    /// Serves, and works callbacks, until it is dropped.
    pub async fn serve(self: Arc<Self>, listener: TcpListener) -> io::Result<()> {
        let router = router(&self);
        tokio::select! {
            ended = self.server().serve(listener, router, std::future::pending()) => ended,
            never = callbacks::work(&self) => match never {},
        }
    }
}

fn router(app: &Arc<App>) -> Router {
    let pages = Router::new()
        .route("/", get(steps::choose))
        .route("/details", get(steps::details))
        .route("/start", post(steps::start))
        .route("/step", get(steps::step))
        .route("/passcode", post(steps::passcode))
        .route("/signature", post(steps::signature))
        .route("/look", post(steps::look))
        .route("/wait", get(steps::wait))
        .route("/return/{provider}", get(steps::returned))
        .route("/again", post(steps::again))
        .route("/another", get(steps::others).post(steps::another))
        .route("/result", get(steps::result))
        .route("/leave", post(steps::leave))
        .fallback(steps::not_found)
        // The sandbox: goes in production.
        .merge(demo::routes());
    let files = Router::new().route("/style.css", get(pages::style)).route("/icon.svg", get(pages::icon));
    guard::around_pages(pages, app)
        .merge(files)
        .merge(callbacks::routes(app))
        .layer(axum::middleware::map_response(guard::headers))
        .with_state(Arc::clone(app))
}
