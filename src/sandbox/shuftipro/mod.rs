//! A fake Shufti Pro: stateful, strict, signing for real.
//!
//! It follows the provider's documented behaviour: references are unique for ever, access tokens serve one request
//! and die after ten minutes, proof links after fifteen, verification URLs after their `ttl`; an absent field is not
//! checked, an empty one is read from the (invented) person's papers, a value is compared with them. Answers to
//! authorised calls and callbacks are signed over exactly the bytes that are sent, and JSON is printed as PHP does.
//! Not signed, since the provider's signatures there are not documented: 401, pages, and the files behind proof links.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use kyckit::sandbox::{
//!     Fault,
//!     shuftipro::{Outcome, ShuftiPro},
//! };
//!
//! let sandbox = ShuftiPro::start().await?;
//! // Point a client at `sandbox.base_url()` with `sandbox.client_id()` and `sandbox.secret_key()`, then:
//! sandbox.inject(Fault::on("/status").html(504));
//! sandbox.complete("order-4711", Outcome::Accept)?;
//! sandbox.settled().await; // every callback has arrived
//! # Ok(()) }
//! ```
//!
//! | behaviour | how to get it |
//! | --- | --- |
//! | who the end user is | [`ShuftiPro::person`], [`ShuftiPro::assign`] |
//! | the user comes through, fails, gives up | [`ShuftiPro::complete`], or the buttons at the verification URL |
//! | a declined proof, offsite | a file with `kyckit-sandbox-decline:SPDR06` in its first 4 KiB |
//! | hits in screening | the person [`Person::sanctioned`], [`Builder::watch_person`], [`Builder::watch_business`] |
//! | callbacks late, twice, out of order, forged | [`ShuftiPro::deliver`], [`ShuftiPro::hold_callbacks`] |
//! | 429 | [`Builder::rate_limit`], or [`Fault::rate_limited`] |
//! | time passes | [`Builder::clock`] with a frozen clock, then [`ShuftiPro::tick`] |

mod account;
mod bodies;
mod callbacks;
mod calls;
mod checks;
mod decision;
mod fake;
mod fixtures;
mod pages;
mod php;
mod reasons;
mod router;
mod screening;
mod services;
mod state;
mod upload;

use std::{io, sync::Arc};

use serde_json::{Map, Value};
use url::Url;

pub use account::{Account, CLIENT_ID, SECRET_KEY};
pub use callbacks::{Callback, CallbackPolicy, Delivery, DeliveryState, Order};
pub use fixtures::{FIXTURE_SECRET_KEY, Fixture, fixtures};

use self::{fake::Fake, screening::Watchlist};
use super::{Fault, Person, ProviderInfo, Server, server::Bound};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind, Result},
    privacy::Secret,
    shuftipro::PROVIDER,
};

/// Action of the end user or of a reviewer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The user shows the papers of the [person](ShuftiPro::person); they decide.
    Natural,
    /// Everything is accepted, whatever the papers say.
    Accept,
    /// Declined with these codes, such as `SPDR06`.
    Decline(Vec<String>),
    /// The user gives up.
    Cancel,
    /// Everything is handed in, and a reviewer has to decide: `review.pending`.
    Review,
    /// The verification URL's time is up.
    Timeout,
    /// A decided verification is accepted later, which `verification.status.changed` tells.
    ChangeToAccepted,
    /// A decided verification is declined later with these codes, which the same event tells.
    ChangeToDeclined(Vec<String>),
    /// Data of a verification changed, which `request.data.changed` tells.
    DataChanged,
}

/// State of a verification. `Debug` leaves out the URL, which opens it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Verification {
    /// The present event, such as `request.pending`.
    pub event: String,
    /// The end user.
    pub person: Person,
    /// The services that were asked for.
    pub services: Vec<String>,
    /// URL for the end user; `None` for offsite requests.
    pub verification_url: Option<Url>,
    /// The codes, if it was declined.
    pub declined_codes: Vec<String>,
}

crate::privacy::redacted_debug!(Verification { event, person, services, declined_codes, .. });

/// Builder of the fake; see [`ShuftiPro::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    accounts: Vec<Account>,
    settings: Settings,
    port: u16,
}

/// Settings of the fake.
#[derive(Clone, Debug)]
struct Settings {
    clock: Clock,
    seed: u64,
    policy: CallbackPolicy,
    allowed_hosts: Vec<String>,
    a_minute: Option<usize>,
    proof_size: Option<u64>,
    conflict: bool,
    received_as_pending: bool,
    results_on_demand: bool,
    journeys: Vec<(String, Map<String, Value>)>,
    watchlist: Watchlist,
}

impl Builder {
    /// Adds an account; the first one takes the place of the default.
    #[must_use]
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.push(account);
        self
    }

    /// The clock by which tokens, links and verification URLs end. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Other seeds give other people. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The port on 127.0.0.1. Default: a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets how callbacks are repeated.
    #[must_use]
    pub fn callbacks(mut self, policy: CallbackPolicy) -> Self {
        self.settings.policy = policy;
        self
    }

    /// Accepts callback URLs on this host, and really sends there. Without it, callbacks go to loopback only, URLs
    /// under the domains for examples (RFC 2606) are accepted and nothing is sent, and others are refused, as the
    /// provider refuses domains that are not registered.
    #[must_use]
    pub fn allow_callbacks_to(mut self, host: impl Into<String>) -> Self {
        self.settings.allowed_hosts.push(host.into());
        self
    }

    /// Answers 429 to more than so many API calls in a minute; the provider's limits are 20 (trial) and 60 or 120.
    #[must_use]
    pub fn rate_limit(mut self, a_minute: usize) -> Self {
        self.settings.a_minute = Some(a_minute);
        self
    }

    /// Every proof download has this many bytes: a true file, then zeros. It is streamed and never held.
    #[must_use]
    pub fn proof_size(mut self, bytes: u64) -> Self {
        self.settings.proof_size = Some(bytes);
        self
    }

    /// Refuses a used reference with 409, as the provider's table has it, in place of 400.
    #[must_use]
    pub fn conflict_on_used_references(mut self) -> Self {
        self.settings.conflict = true;
        self
    }

    /// Offsite requests that do not wait are answered `request.pending` in place of `request.received`: sources
    /// disagree.
    #[must_use]
    pub fn received_as_pending(mut self) -> Self {
        self.settings.received_as_pending = true;
        self
    }

    /// Offsite requests that do not wait stay undecided until [`ShuftiPro::complete`]. Default: they are decided at
    /// once, and the callback follows.
    #[must_use]
    pub fn results_on_demand(mut self) -> Self {
        self.settings.results_on_demand = true;
        self
    }

    /// Knows a journey and the services it carries, as an object of `POST /` has them. While none is known, every
    /// `journey_id` means document and face.
    #[must_use]
    pub fn journey(
        mut self,
        id: impl Into<String>,
        services: impl IntoIterator<Item = (String, Value)>,
    ) -> Self {
        self.settings.journeys.push((id.into(), services.into_iter().collect()));
        self
    }

    /// Puts a person on the watch list; with a date of birth (`yyyy-mm-dd`) only people of that year are found.
    #[must_use]
    pub fn watch_person(mut self, full_name: impl Into<String>, dob: Option<&str>) -> Self {
        self.settings.watchlist.add_person(full_name.into(), dob.map(str::to_owned));
        self
    }

    /// Puts a business on the watch list, beside `Sanctioned Example Trading`.
    #[must_use]
    pub fn watch_business(mut self, name: impl Into<String>) -> Self {
        self.settings.watchlist.add_business(name.into());
        self
    }

    /// Starts it on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// When the port is taken.
    pub async fn start(self) -> io::Result<ShuftiPro> {
        let Self { mut accounts, settings, port } = self;
        if accounts.is_empty() {
            accounts.push(Account::default());
        }
        let first = accounts[0].clone();
        let bound = Bound::new(port).await?;
        let clock = settings.clock.clone();
        let fake = Fake::new(bound.base_url().clone(), accounts, settings, bound.tasks().clone());
        bound.tasks().spawn(Arc::clone(&fake).watch_time());
        let server = bound.serve(Arc::clone(&fake), clock);
        Ok(ShuftiPro { server, fake, account: first })
    }
}

/// A running fake Shufti Pro. It ends when this is dropped.
pub struct ShuftiPro {
    server: Server,
    fake: Arc<Fake>,
    account: Account,
}

crate::privacy::redacted_debug!(ShuftiPro { server, .. });

/// Setting up and reaching it.
impl ShuftiPro {
    /// A setup with one trial account.
    pub fn builder() -> Builder {
        Builder {
            accounts: Vec::new(),
            settings: Settings {
                clock: Clock::system(),
                seed: 0,
                policy: CallbackPolicy::default(),
                allowed_hosts: Vec::new(),
                a_minute: None,
                proof_size: None,
                conflict: false,
                received_as_pending: false,
                results_on_demand: false,
                journeys: Vec::new(),
                watchlist: Watchlist::default(),
            },
            port: 0,
        }
    }

    /// Starts one on a free port.
    ///
    /// # Errors
    ///
    /// As [`Builder::start`].
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// The API's base, with a slash at its end.
    pub fn base_url(&self) -> &Url {
        self.server.base_url()
    }

    /// The base of risk assessments: another host at the provider, another path here.
    pub fn risk_assessment_url(&self) -> Url {
        self.fake.at(&["risk-api", ""])
    }

    pub(super) fn info(&self) -> ProviderInfo {
        ProviderInfo {
            provider: PROVIDER,
            base_url: self.base_url().clone(),
            settings: vec![
                ("SHUFTIPRO_BASE_URL", self.base_url().as_str().into()),
                ("SHUFTIPRO_CLIENT_ID", self.client_id().into()),
                ("SHUFTIPRO_SECRET_KEY", self.secret_key().clone()),
            ],
        }
    }

    /// Client id of the first account.
    pub fn client_id(&self) -> &str {
        &self.account.client_id
    }

    /// Secret key of the first account.
    pub fn secret_key(&self) -> &Secret {
        &self.account.secret_key
    }

    /// The server: its log, its recordings, its faults.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Short for [`Server::inject`].
    pub fn inject(&self, fault: Fault) {
        self.server.inject(fault);
    }
}

/// Playing the end user and the provider.
impl ShuftiPro {
    /// Returns the end user of a reference: values are compared with this person's documents.
    pub fn person(&self, reference: &str) -> Person {
        self.fake.person(reference)
    }

    /// Chooses the end user of a reference, before its request comes in. His papers are from his own country, while
    /// those of people who were not chosen are from the country that the request names.
    pub fn assign(&self, reference: impl Into<String>, person: Person) {
        self.fake.store().people.insert(reference.into(), person);
    }

    /// Returns the verification of a reference; with several accounts, the first one that has it.
    pub fn verification(&self, reference: &str) -> Option<Verification> {
        let store = self.fake.store();
        let held = store.verifications.get(&store.find(reference)?)?;
        let codes = held.decided.iter().flat_map(|decided| decided.declined_codes());
        Some(Verification {
            event: held.event.clone(),
            person: held.person.clone(),
            services: held.services.keys().cloned().collect(),
            verification_url: held.onsite.then(|| held.verification_url.clone()),
            declined_codes: codes.map(str::to_owned).collect(),
        })
    }

    /// Takes a request of the first account as `POST /` does, without a call: for seeding state.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when `POST /` would refuse it.
    pub fn submit(&self, request: &Value) -> Result<()> {
        self.fake.submit(request)
    }

    /// Lets the end user, or a reviewer, come to an end. The callback follows.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] for an unknown reference, [`ErrorKind::Conflict`] when the verification is in no state
    /// for it, such as one that was decided before.
    pub fn complete(&self, reference: &str, outcome: Outcome) -> Result<()> {
        let key = self.key(reference)?;
        self.fake.complete(&key, &outcome)
    }

    /// Sets the event as it is, without result and without callback.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] for an unknown reference.
    pub fn set_event(&self, reference: &str, event: impl Into<String>) -> Result<()> {
        let key = self.key(reference)?;
        if let Some(held) = self.fake.store().verifications.get_mut(&key) {
            held.event = event.into();
        }
        Ok(())
    }

    /// Expires verification URLs by the clock, and sends their callbacks. Every request
    /// does the same, and so does a task when the system's clock gets there.
    pub fn tick(&self) {
        self.fake.tick();
    }

    fn key(&self, reference: &str) -> Result<state::Key> {
        self.fake.store().find(reference).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "the sandbox holds no such reference").during(PROVIDER, "sandbox")
        })
    }
}

/// Callbacks.
impl ShuftiPro {
    /// Sends a callback beside those that come by themselves.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] for an unknown reference, [`ErrorKind::Configuration`] when its request named no
    /// `callback_url`.
    pub fn deliver(&self, reference: &str, callback: Callback) -> Result<()> {
        let key = self.key(reference)?;
        self.fake.deliver(&key, &callback)
    }

    /// Keeps callbacks back until [`release_callbacks`](Self::release_callbacks).
    pub fn hold_callbacks(&self) {
        self.fake.courier.hold();
    }

    /// Lets them go. Of one reference the first tries keep the given order.
    pub fn release_callbacks(&self, order: Order) {
        self.fake.courier.release(order);
    }

    /// The latest callbacks, oldest first: at most 10 000.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.fake.courier.log()
    }

    /// Waits until every callback is delivered. Held ones do not count.
    pub async fn settled(&self) {
        self.fake.courier.settled().await;
    }
}
