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
//! | [`EventHandler`] | handles webhooks | none by default |
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
//! | `GET /` | | any | nothing |
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
//! Nothing switches the check of tokens off. A test hands in an [`Authority`](crate::credify::authority::Authority).
//!
//! What a push of claims writes down, and how a crash in the middle of one is repaired: [`CommitmentStore`] and
//! [`Market::recover`].
//!
//! Sources: "API specs of Markets data sharing", and the provider's reference market of 2023; its recorded answers
//! are part of this crate's tests.

#[cfg(feature = "axum")]
mod admission;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
mod builder;
mod caller_authentication;
mod claim_pushes;
mod commitment_store;
mod conditions;
pub mod danger;
mod disclosure;
mod document_claims;
mod documents;
mod endpoint;
mod endpoints;
mod failures;
mod memory;
mod order_owners;
mod order_record;
mod orders;
mod pending_push;
mod presented_tokens;
mod reference;
mod route;
mod server;
mod user;
mod users;
mod webhook_events;

pub use builder::Builder;
pub use caller_authentication::{Caller, CallerAuthentication, SharedToken};
pub use claim_pushes::Recovered;
pub use commitment_store::CommitmentStore;
pub use disclosure::DisclosurePolicy;
pub use documents::{Documents, FetchedDocuments};
pub use endpoint::Endpoint;
pub use memory::{MemoryCommitments, MemoryOrders, MemoryUsers};
pub use order_record::{DocumentReference, OrderRecord};
pub use orders::Orders;
pub use pending_push::PendingPush;
pub use server::Market;
pub use user::User;
pub use users::Users;
pub use webhook_events::{EventContext, EventHandler};
