//! A service provider's server: a person is sent to Credify, comes back, and what was shared is read.
//!
//! | path | what |
//! | --- | --- |
//! | `GET /oidc` | begins: 302 to Credify, with a signed request for the person named in the query |
//! | `POST /oidc` | ends: `{access_token, state}` to what was shared, decrypted |
//! | `POST /user-existence` | Credify asks whether a person is a customer already (deprecated by the provider) |
//! | `GET /user-existence` | the same by the SHA-256 of the telephone number (older still) |
//!
//! [`ServiceProvider::answer`] takes method, path, headers and body, and gives status, headers and body; the adapter for
//! axum is `service_provider::axum::router`, with the feature `axum`.
//!
//! Any caller may begin, so what a begin costs is bounded. An RSA key takes a processor up to seconds to make: one is made
//! at most once in [`Builder::key_ttl`], and authorizations that begin meanwhile share it. No more than
//! [`Builder::max_starts`] authorizations begin in a minute; further ones are answered with 429 and `Retry-After`. What
//! one address may take of that is for the proxy in front to limit, which knows addresses.
//!
//! A state serves once, for ten minutes. The private key that opens what is shared lies in the store under the hash of
//! the state, encrypted with a key that is made of the state: the store alone does not open it.
//!
//! ```no_run
//! use http::{HeaderMap, Method};
//! use kyckit::{storage::MemoryOneTime, credify::{Client, service_provider::ServiceProvider}};
//!
//! # async fn run(client: Client) -> kyckit::Result<()> {
//! let provider = ServiceProvider::builder(
//!     client,
//!     "8e0b198b-f112-4612-96bb-9d2c8b8ca0c3",
//!     "https://provider.example/callback",
//!     ["openid", "phone", "profile"],
//! )
//! .store(MemoryOneTime::new())
//! .build()?;
//! let target = "/oidc?phone_number=%2B84381234567&offer_code=offer-1";
//! let answer = provider.answer(&Method::GET, target, &HeaderMap::new(), b"").await;
//! println!("{} {:?}", answer.status(), answer.headers().get("location"));
//! # Ok(())
//! # }
//! ```
//!
//! Sources: the provider's reference service provider of 2023, and its documentation for the parameters.

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
mod builder;
mod customers;
mod endpoints;
mod key_pool;
mod pending_authorization;
mod server;
mod start_limiter;

pub use builder::Builder;
pub use customers::Customers;
pub use server::ServiceProvider;
