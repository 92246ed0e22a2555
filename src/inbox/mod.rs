//! What providers send to us: verify bytes first, parse second, believe third.
//!
//! | piece | what it does |
//! | --- | --- |
//! | [`Verified`] | a value whose authenticity was checked; only verifiers make one |
//! | [`Verifier`], [`Event`] | what a provider's room says about its messages |
//! | [`Inbox`] | receives, keeps, drops repeats, refuses what is old, hands out once and in order |
//! | [`InboxStore`], [`OneTimeStore`] | what an application implements over its database |
//! | [`MemoryInbox`], [`MemoryOneTime`] | both in memory |
//! | [`testkit`] | proves a store of your own, and a provider that exists in tests only |
//!
//! With the feature `axum`, the module `axum` has a route and an extractor.
//!
//! # The whole loop
//!
//! A handler applies what may be applied, and asks the provider where the event does not settle the state. Here
//! [`FakeProvider`](testkit::FakeProvider) stands where a real provider's verifier goes.
//!
//! ```
//! use kyckit::inbox::{
//!     Event, Inbox, Action, MemoryInbox, Receipt, State, Delivery, answer_status,
//!     testkit::{FakeEvent, FakeProvider},
//! };
//!
//! async fn handle(task: Delivery<FakeEvent>) -> Result<State, kyckit::Error> {
//!     match task.instruction {
//!         Action::Apply(event) => {
//!             // Write the event to your database, under `task.subject`. It may come again: overwrite, don't add.
//!             Ok(event.state())
//!         }
//!         Action::FetchFromProvider { .. } => {
//!             // let status = client.status(&task.subject).await?;  Write that, and say what it said.
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
//! assert_eq!(answer_status(&receipt), 200);
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
mod event;
mod inbox;
mod memory;
mod message;
mod one_time;
mod rules;
mod store;
pub mod testkit;
mod verified;

pub use event::{Event, State, Verifier};
pub use inbox::{Action, BODY_LIMIT, Delivery, Inbox, Reason, Receipt, WorkOutcome, answer_status};
pub use memory::MemoryInbox;
pub use one_time::{MemoryOneTime, OneTimeStore, OneTimeValue};
pub use store::{AppliedState, InboxStore, Inserted, LeaseStatus, LeasedEvent, NewEvent};
pub use verified::{Proof, Verified};
