//! One way through all providers: start, what somebody has to do next, resume with what came back, the decision.
//!
//! ```text
//!          start                      resume, wait
//! Start ───────────▶ Step::Next ───────────────────▶ Step::Done: a Report and its EvidenceRecord
//!                     │  ▲   └ Next, SealedState │
//!                     │  └───────────────────────┘ Step::Failed: nothing lost, the next state
//!                     └─ open a URL, type a passcode, sign a nonce, come back, wait
//! ```
//!
//! A backend that starts with one provider and adds another does not rewrite its onboarding: it adds a
//! [`ProviderFlow`](shuftipro::ShuftiProFlow) to its [`Registry`] and shows what [`Next`] says.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::{
//!     credo360,
//!     flow::{self, Next, PersonId, Registry, Reply, Start, StateKeys, Step},
//!     identity::{Attribute, Identifier, Identity},
//!     provider::ProviderId,
//!     storage::MemoryOneTime,
//! };
//!
//! # let key = [7; 32];
//! let client = credo360::Client::builder("client-id").build()?;
//! let registry = Registry::new(StateKeys::new(key), MemoryOneTime::new()).with(flow::credo360::Credo360Flow::new(client));
//!
//! // The person told their Credo ID.
//! let mut known = Identity::new();
//! let id = Identifier::new(flow::credo360::IDENTIFIER, "02598397346".to_owned());
//! known.add(Attribute::self_asserted(id, ProviderId::new("sign-up"), std::time::SystemTime::now()));
//!
//! let person = PersonId::new("customer 4711")?;
//! let step = registry.start(credo360::PROVIDER, &Start::new(person.clone()).known_identity(known)).await?;
//! let Step::Next(pending) = step else { return Ok(()) };
//! if let Next::TypePasscode { length, delivery, .. } = &pending.next {
//!     println!("We have sent you {length} digits by {delivery}.");
//! }
//! // The state goes to the browser, or to a database. Later, maybe on another machine:
//! let state = pending.state.as_str().parse()?;
//! match registry.resume(&person, &state, Reply::passcode("783423")).await? {
//!     Step::Done(done) => println!("{:?}", done.decision()),
//!     Step::Failed(error, pending) => println!("{error}: once more, with {:?}", pending.state),
//!     Step::Next(pending) => println!("{:?}", pending.next),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - **A decision comes from the provider's own answer**, asked for at that moment over an authenticated call. A callback
//!   and a browser that comes back wake the flow; they decide nothing, so a replay or an order that is not the one of the
//!   events never turns a decision into a better one.
//! - **A state is bound to one person, one provider, one attempt and one use**, and ends: see [`Registry::resume`] for what
//!   is refused, and how.
//! - **Nothing is lost by a failure.** Where a flow can go on, the error comes with the next state; so it does when a switch
//!   to another provider fails.
//! - **Another provider gets personal data with a [`Consent`] alone.**
//!
//! # Where to look
//!
//! | what | where |
//! | --- | --- |
//! | a provider's way: what it needs, what it asks for | the module of its name |
//! | which provider can do what | [`Capabilities`](crate::provider::Capabilities), [`Requirements`], [`Registry::select`] |
//! | another provider when one does not answer | [`Registry::start_with_fallback`], [`Registry::switch_provider`] |
//! | waiting for a decision | [`Registry::wait`], [`CallbackNotifier`] |
//! | what auditors ask for | [`EvidenceRecord`] |
//! | erasing a person | [`Registry::erase`], [`Erased`] |
//! | what to tell the person, in their language | `texts` (feature `texts`) |

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
mod requirements;
#[cfg(feature = "selfkey")]
pub mod selfkey;
#[cfg(feature = "shuftipro")]
pub mod shuftipro;
mod state;
mod step;
#[cfg(feature = "texts")]
pub mod texts;
mod wait;

pub use consent::Consent;
pub use engine::Start;
pub use erase::Erased;
pub use evidence::{AnswerProof, AuditEntry, EvidenceRecord};
pub use person::{Attempt, PersonId};
pub use registry::{Configured, Registry};
pub use requirements::{Capability, Requirements};
pub use state::{SealedState, StateKeys};
pub use step::{CallbackRef, Done, Next, Pending, Reply, ReturnMode, Source, Step};
pub use wait::{CallbackNotifier, PollPolicy};
