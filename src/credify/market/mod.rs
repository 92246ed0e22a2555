//! A market's server: what Credify, the market's front end and its own system call.
//!
//! [`Market::answer`] takes method, path, headers and body, and gives status, headers and body: any web framework is an
//! adapter of a few lines, and the one for axum is here (`market::axum::router`, with the feature `axum`). The market
//! brings its databases, by small traits:
//!
//! | trait | what | in memory |
//! | --- | --- | --- |
//! | [`Users`] | users and what is known of them | [`MemoryUsers`] |
//! | [`CommitmentStore`] | pushes under way, commitments | [`MemoryCommitments`] |
//! | [`Orders`] | orders and their documents | [`MemoryOrders`] |
//! | [`CallerAuthentication`] | who may call the market's own endpoints | [`SharedToken`] |
//! | [`Documents`] | fetches documents | [`FetchedDocuments`], from hosts that are listed |
//! | [`Events`] | hears of webhooks | none by default |
//!
//! ```no_run
//! use std::sync::Arc;
//! use http::{HeaderMap, Method};
//! use kyckit::{
//!     credify::{Client, market::{Market, MemoryCommitments, MemoryOrders, MemoryUsers, SharedToken}},
//!     storage::MemoryInbox,
//! };
//!
//! # async fn run(client: Client, headers: HeaderMap, body: Vec<u8>) -> kyckit::Result<()> {
//! let webhooks = client.webhooks("https://market.example/v1/webhook")?;
//! let market = Market::builder(client, "40f9a736-0d97-409b-a0f7-d23ebca20bde")
//!     .callers(SharedToken::new("what the market's own front end sends"))
//!     .users(MemoryUsers::new())
//!     .commitments(MemoryCommitments::new())
//!     .orders(MemoryOrders::new())
//!     .webhooks(webhooks, MemoryInbox::new())
//!     .build()?;
//! // When the process starts: what an earlier one left under way.
//! market.recover().await?;
//! // For each request:
//! let answer = market.answer(&Method::POST, "/v1/api/offers/filter", &headers, &body).await;
//! println!("{}", answer.status());
//! # Ok(())
//! # }
//! ```
//!
//! # Endpoints
//!
//! Under a prefix, `/v1` by default:
//!
//! | path | older path | who calls | what is demanded |
//! | --- | --- | --- | --- |
//! | `POST /api/claims/push` | `/push-claims` | front end | [`CallerAuthentication`] |
//! | `POST /api/offers/filter` | `/offers-filtering` | Credify | `claim_provider:read_filtered_offers`, for this address |
//! | `POST /api/offers/segment` | `/user-counts` | Credify | `oidc_client:read_user_counts` |
//! | `POST /api/offers/evaluate` | `/offer-evaluation` | Credify | `individual:read_evaluated_offer` |
//! | `POST /api/claims/request` | `/encrypted-claims` | Credify | [three tokens](crate::credify::validate) |
//! | `GET /api/bnpl/orders/{id}/redirect` | `/bnpl/orders/…`, `…/order/…` | browser | nothing |
//! | `POST /api/bnpl/orders/{id}/disbursement-requirements` | `/bnpl/orders/…` | Credify | an active token |
//! | `POST /webhook` | | Credify | the ecosystem's signature |
//! | `POST /push-disbursement-claims`, `POST /simulation` | | own system | [`CallerAuthentication`] |
//! | `POST /orders`, `GET /orders`, `GET /orders/credify/{id}`, `POST /orders/{id}/cancel`, `…/disburse` | | own system | [`CallerAuthentication`] |
//! | `POST /offers`, `/intents`, `/product`, `/claims` | | own system | [`CallerAuthentication`] |
//! | `GET /` | | anybody | nothing |
//!
//! # Tokens that Credify presents
//!
//! All that the introspection of a token says is compared: that it is active, its scopes, its end and, with
//! [`Builder::base_url`], the address that it is meant for. How often the API is asked about tokens that are none is
//! [limited](crate::credify::authority::IntrospectionLimits): beyond, a token that was never accepted is answered with 429
//! and `Retry-After`.
//!
//! # Strict, and what relaxes it
//!
//! | switch | what it brings back |
//! | --- | --- |
//! | [`ScopeHashMode::WholeObject`](crate::credify::token::claim::ScopeHashMode), on the client | scope hashes as the provider's Node SDK sends them |
//! | [`Builder::empty_scopes_mean_all`] | an empty list of scopes shares every scope with offer evaluation |
//! | [`Builder::open_disbursement_requirements`] | documents for any bearer token |
//! | [`Builder::reference_statuses`] | 500 where the provider's reference server answers 500 |
//! | [`Builder::validate_request_compat`] | only the checks of the provider's SDK on the three tokens |
//!
//! Nothing switches the check of tokens off. A test hands in an [`Authority`].
//!
//! What a push of claims writes down, and how a crash in the middle of one is made good: [`CommitmentStore`] and
//! [`Market::recover`].
//!
//! Sources: "API specs of Markets data sharing", and the provider's reference market of 2023, whose recorded answers
//! are part of this crate's tests.

mod access;
#[cfg(feature = "axum")]
mod admission;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
mod builder;
mod caller_authentication;
mod documents;
mod encrypted_claims;
mod events;
mod memory;
mod offers;
mod orders;
mod own_system;
mod pending;
mod push;
pub(in crate::credify) mod reply;
mod route;
mod users;

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use serde_json::json;
use tokio::sync::Mutex;

pub(in crate::credify) use access::bearer;
pub use builder::Builder;
pub use caller_authentication::{AllowAnyCaller, Caller, CallerAuthentication, SharedToken};
pub use documents::{Documents, FetchedDocuments};
pub use events::{EventContext, Events};
pub use memory::{MemoryCommitments, MemoryOrders, MemoryUsers};
pub use orders::{OrderRecord, Orders};
pub use pending::{CommitmentStore, DocumentReference, PendingPush};
pub use push::Recovered;
pub use route::Endpoint;
pub use users::{DisclosurePolicy, User, Users};

use self::{
    builder::Settings,
    events::Reception,
    reply::{Refusal, Reply, internal, ok},
};
use super::{Client, authority::Authority, token_guard::TokenGuard, validate::RequestValidator};
use crate::{clock::Clock, error::Error};

/// Pushes of users whose ids fall together wait for each other.
const LOCKS: usize = 256;

/// A market. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Market(Arc<Inner>);

struct Inner {
    settings: Settings,
    client: Client,
    clock: Clock,
    authority: Arc<dyn Authority>,
    guard: TokenGuard,
    callers: Arc<dyn CallerAuthentication>,
    users: Arc<dyn Users>,
    commitments: Arc<dyn CommitmentStore>,
    orders: Arc<dyn Orders>,
    documents: Arc<dyn Documents>,
    validator: RequestValidator,
    reception: Option<Reception>,
    on_failure: Option<OnFailure>,
    locks: Box<[Mutex<()>]>,
}

/// Hears of what failed.
type OnFailure = Arc<dyn Fn(Option<Endpoint>, &Error) + Send + Sync>;

/// A call on its way to its endpoint.
struct Call<'a> {
    method: &'a Method,
    path: &'a str,
    query: &'a str,
    headers: &'a HeaderMap,
    body: &'a [u8],
    /// The id in the path; empty where there is none.
    id: &'a str,
}

impl Market {
    /// Starts a market by its client, whose signing key and scope hash mode sign the claims, and the market's id.
    pub fn builder(client: Client, market_id: impl Into<String>) -> Builder {
        Builder::new(client, market_id.into())
    }

    /// Answers a call: `target` is the path with the query, as it stands in the request line.
    ///
    /// What the caller sees of a failure is a status and a fixed word; the error goes to
    /// [`Builder::on_failure`]. A body over [`Builder::body_limit`] is refused; an adapter should read no further.
    pub async fn answer(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Response<Bytes> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (endpoint, answered) = match self.0.find(method, path) {
            Ok((endpoint, id)) => {
                let call = Call { method, path, query, headers, body, id };
                let work = self.0.serve(endpoint, &call);
                let done = tokio::time::timeout(self.0.settings.deadline, work).await;
                (Some(endpoint), done.unwrap_or(Err(Refusal::Later)))
            }
            Err(refusal) => (None, Err(refusal)),
        };
        answered.unwrap_or_else(|refusal| {
            if let Refusal::Failed(error) = &refusal {
                self.0.tell(endpoint, error);
            }
            refusal.reply()
        })
    }

    /// The longest body that is read.
    pub fn body_limit(&self) -> usize {
        self.0.settings.body_limit
    }

    /// How long a call may take.
    pub fn deadline(&self) -> std::time::Duration {
        self.0.settings.deadline
    }
}

impl Inner {
    fn find<'a>(&self, method: &Method, path: &'a str) -> Result<(Endpoint, &'a str), Refusal> {
        let within = match path.strip_prefix(self.settings.prefix.as_str()) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
            _ if path == "/" => path,
            _ => return Err(Refusal::NotFound("Not found")),
        };
        route::find(method, within)
    }

    async fn serve(&self, endpoint: Endpoint, call: &Call<'_>) -> Result<Reply, Refusal> {
        if call.body.len() > self.settings.body_limit {
            return Err(Refusal::TooLarge);
        }
        if endpoint.is_for_own_callers() {
            let caller =
                Caller { method: call.method, path: call.path, headers: call.headers, body: call.body };
            if !self.callers.is_known(caller).await.map_err(internal)? {
                return Err(Refusal::Unauthorized);
            }
        }
        match endpoint {
            Endpoint::Health => ok(&json!({"message": "OK"})),
            Endpoint::PushClaims => self.push_claims(call).await,
            Endpoint::FilterOffers => self.filter_offers(call).await,
            Endpoint::UserSegment => self.user_segment(call).await,
            Endpoint::EvaluateOffer => self.evaluate_offer(call).await,
            Endpoint::EncryptedClaims => self.encrypted_claims(call).await,
            Endpoint::BnplRedirect => self.bnpl_redirect(call),
            Endpoint::DisbursementDocuments => self.disbursement_documents(call).await,
            Endpoint::Webhook => self.webhook(call).await,
            Endpoint::PushDisbursementClaims => self.push_disbursement_claims(call).await,
            Endpoint::Simulation => self.simulation(call).await,
            Endpoint::CreateOrder => self.create_order(call).await,
            Endpoint::Orders => self.list_orders().await,
            Endpoint::OrdersOfUser => self.orders_of_user(call).await,
            Endpoint::CancelOrder => self.cancel_order(call).await,
            Endpoint::DisburseOrder => self.disburse_order(call).await,
            Endpoint::Intent | Endpoint::Product | Endpoint::OwnOffers | Endpoint::ClaimsValue => {
                self.forward(endpoint, call).await
            }
        }
    }

    fn tell(&self, endpoint: Option<Endpoint>, error: &Error) {
        if let Some(hear) = &self.on_failure {
            hear(endpoint, error);
        }
    }
}

impl fmt::Debug for Market {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Market").field("prefix", &self.0.settings.prefix).finish_non_exhaustive()
    }
}
