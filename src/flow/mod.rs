//! One flow for all providers: start, next action, resume with a reply, decision.
//!
//! ```text
//!          start                      resume, wait
//! Start ───────────▶ Step::Next ───────────────────▶ Step::Done: a Report and its EvidenceRecord
//!                     │  ▲   └ Next, SealedState │
//!                     │  └───────────────────────┘ Step::Failed: nothing lost, the next state
//!                     └─ open a URL, type a passcode, sign a nonce, come back, wait
//! ```
//!
//! To add another provider, a backend adds a flow such as [`ShuftiProFlow`](shuftipro::ShuftiProFlow) to its
//! [`Registry`] and presents what [`Next`] says.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::{
//!     credo360,
//!     flow::{self, Next, PersonId, Registry, Reply, Start, StateKeys, Step},
//!     storage::MemoryOneTime,
//! };
//!
//! # let key = [7; 32];
//! let client = credo360::Client::builder("client-id").build()?;
//! let registry = Registry::new(StateKeys::new(key), MemoryOneTime::new())
//!     .with(flow::credo360::Credo360Flow::new(client));
//!
//! let person = PersonId::new("customer 4711")?;
//! // The Credo ID that the person typed.
//! let start = Start::new(person.clone())
//!     .identifier(flow::credo360::IDENTIFIER, "02598397346");
//! let step = registry.start(credo360::PROVIDER, &start).await?;
//! let Step::Next(pending) = step else { return Ok(()) };
//! if let Next::TypePasscode { length, delivery, .. } = &pending.next {
//!     println!("We have sent you {length} digits by {delivery}.");
//! }
//! // The state goes to the browser, or to a database. Later, maybe on another machine:
//! let state = pending.state.as_str().parse()?;
//! match registry.resume(&person, &state, Reply::passcode("783423")).await? {
//!     Step::Done(done) => println!("{}", done.decision().outcome()),
//!     Step::Failed(error, pending) => {
//!         println!("{error}; next: {:?}", pending.next)
//!     }
//!     Step::Next(pending) => println!("{:?}", pending.next),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - **A decision comes from the provider's response** to an authenticated call made at that moment. A callback and a returning browser wake the flow and decide nothing, so neither a replay nor events out of order improve a decision.
//! - **A state is bound to one person, one provider, one attempt and one use**, and expires: [`Registry::resume`] lists what is refused.
//! - **A failure loses nothing.** Where a flow can continue, the error comes with the next state; also when a switch to another provider fails.
//! - **Another provider receives personal data only with a [`Consent`].**
//!
//! # Where to look
//!
//! | what | where |
//! | --- | --- |
//! | a provider's flow: its input and its steps | the module of its name |
//! | choosing a provider | [`Capabilities`](crate::provider::Capabilities), [`Requirements`], [`Registry::select`] |
//! | fallback to another provider | [`Registry::start_with_fallback`], [`Registry::switch_provider`] |
//! | waiting for a decision | [`Registry::wait`], [`CallbackNotifier`] |
//! | evidence for auditors | [`EvidenceRecord`] |
//! | erasing a person | [`Registry::erase`], [`Erased`] |
//! | texts for the person, in their language | `texts` (feature `texts`) |

mod audit;
mod consent;
#[cfg(feature = "credify")]
pub mod credify;
#[cfg(feature = "credo360")]
pub mod credo360;
mod engine;
mod erase;
mod evidence;
#[cfg(feature = "maya")]
pub mod maya;
mod person;
mod provider_flow;
mod registry;
mod reply;
mod requirements;
#[cfg(feature = "selfkey")]
pub mod selfkey;
#[cfg(feature = "shuftipro")]
pub mod shuftipro;
mod start;
mod state;
mod step;
#[cfg(feature = "texts")]
pub mod texts;
mod wait;

pub use audit::AuditEntry;
pub use consent::Consent;
pub use erase::Erased;
pub use evidence::{EvidenceRecord, ResponseProof};
pub use person::{Attempt, PersonId};
pub use registry::{Configured, Registry};
pub use reply::{CallbackRef, Reply};
pub use requirements::{Capability, Requirements};
pub use start::Start;
pub use state::{SealedState, StateKeys};
pub use step::{Done, Next, Pending, ReturnMode, Source, Step};
pub use wait::{CallbackNotifier, PollPolicy};
