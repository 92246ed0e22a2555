//! Inbox for webhooks: verified, stored before they are acknowledged, delivered once and in order.
//!
//! | item | what it does |
//! | --- | --- |
//! | [`Inbox`] | receives, stores, drops duplicates and old events, delivers in order |
//! | [`Delivery`], [`Action`] | what a handler gets |
//! | [`server`] | the HTTP endpoint for a provider's webhook, as a tower service |
//! | [`storage`](crate::storage) | the traits that an application implements over its database, and stores in memory |
//! | [`verified`](crate::verified) | what a verifier and an event are |
//! | [`testkit`](crate::testkit) | checks of stores, and a provider that exists in tests only |
//!
//! With the feature `axum`, the module `axum` has an extractor.
//!
//! # The whole loop
//!
//! A handler applies what may be applied, and fetches the state from the provider where the event does not settle it. Here
//! [`FakeProvider`](crate::testkit::FakeProvider) stands where a real provider's verifier goes.
//!
//! ```
//! use kyckit::{
//!     inbox::{Inbox, Action, Delivery, response_status},
//!     storage::{MemoryInbox, Receipt},
//!     testkit::{FakeEvent, FakeProvider},
//!     verified::{Event, State},
//! };
//!
//! async fn handle(delivery: Delivery<FakeEvent>) -> Result<State, kyckit::Error> {
//!     match delivery.action {
//!         Action::Apply(event) => {
//!             // Write the event to your database, under `delivery.subject`. It may come again: overwrite, don't add.
//!             Ok(event.state())
//!         }
//!         Action::FetchFromProvider { .. } => {
//!             // let status = client.status(&delivery.subject).await?;  Write that, and say what it said.
//!             Ok(State::terminal("declined"))
//!         }
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kyckit::Error> {
//! let provider = FakeProvider::new("a secret");
//! let inbox = Inbox::new(MemoryInbox::new());
//!
//! // In the web server: keep it, and answer at once.
//! let body = br#"{"reference":"r-1","state":"accepted"}"#;
//! let receipt = inbox.receive(&provider, &provider.sign(body), body).await;
//! assert_eq!(response_status(&receipt), 200);
//! assert_eq!(receipt?, Receipt::Stored);
//!
//! // In a worker, for ever: work until nothing is due, then wait for a second.
//! while let Some(outcome) = inbox.work(&provider, handle).await? {
//!     println!("{outcome:?}");
//! }
//!
//! // The provider did not see the answer, and sends it again.
//! assert_eq!(inbox.receive(&provider, &provider.sign(body), body).await?, Receipt::Duplicate);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
mod inbox;
mod message;
mod rules;
pub mod server;
mod worker;

pub use inbox::{Inbox, MAX_BODY_BYTES, response_status};
pub use worker::{Action, Delivery, Reason, WorkOutcome};
