//! Whatever happens on the way — repeats, other orders, handlers that fail, workers that die, two of them at once — the
//! inbox ends where a simple model ends, and no event is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::{Duration, SystemTime},
};

use futures_util::{FutureExt, future::LocalBoxFuture};
use kyckit::{
    Error,
    clock::{Clock, Frozen},
    inbox::{Action, Delivery, Inbox, WorkOutcome},
    storage::{AppliedState, InboxStore, LeaseStatus, LeasedEvent, MemoryInbox, NewEvent, Receipt},
    testkit::{FakeEvent, FakeProvider},
    verified::{Event, State},
};
use proptest::prelude::*;

const LEASE: Duration = Duration::from_secs(60);
const SUBJECTS: [&str; 2] = ["r-1", "r-2"];
const STATES: [&str; 5] = ["pending", "review", "accepted", "declined", "changed"];

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_760_000_000)
}

fn is_terminal(state: &str) -> bool {
    matches!(state, "accepted" | "declined")
}

/// What a provider wrote: about whom, what, and how many seconds after noon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Message {
    subject: usize,
    state: usize,
    second: u64,
}

impl Message {
    fn body(&self) -> Vec<u8> {
        format!(r#"{{"reference":"{}","state":"{}"}}"#, SUBJECTS[self.subject], STATES[self.state])
            .into_bytes()
    }
}

/// One step of a run. Messages are named by their place in the list.
#[derive(Clone, Copy, Debug)]
enum Step {
    Deliver(usize),
    Work(Fate),
    /// A second worker works while the first one has its event in hand.
    WorkTwice(Fate, Fate),
    Wait(u64),
}

/// How a worker fares.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Succeeds,
    HandlerFails,
    /// After the lease began, before the handler saw anything.
    DiesAtOnce,
    DiesInHandler,
    /// After the handler applied the event, before that is recorded.
    DiesBeforeRecord,
    /// After it is recorded, before the worker learns so.
    DiesAfterRecord,
    /// The handler applied the event, and then the lease ends before that is recorded: the second worker may come.
    TakesTooLong,
}

/// What the application's own database holds, and what is promised while it is written.
#[derive(Default)]
struct Application {
    states: BTreeMap<String, String>,
    /// What a handler was given, and dealt with.
    handled: BTreeSet<(String, String)>,
    in_hand: BTreeMap<String, usize>,
}

struct World {
    inbox: Inbox<Mortal>,
    provider: FakeProvider,
    time: Frozen,
    app: Mutex<Application>,
    /// What the provider says about each subject when it is asked.
    truth: Vec<&'static str>,
}

impl World {
    fn new(timed: bool, truth: Vec<&'static str>) -> Self {
        let (clock, time) = Clock::frozen(noon());
        let provider = match timed {
            true => FakeProvider::with_signed_time("secret", clock.clone()),
            false => FakeProvider::new("secret"),
        };
        let inbox = Inbox::new(Mortal::default())
            .clock(clock)
            .lease(LEASE)
            .retry_waits(Duration::from_secs(1), Duration::from_secs(4));
        Self { inbox, provider, time, app: Mutex::default(), truth }
    }

    async fn deliver(&self, message: Message) -> Receipt {
        let body = message.body();
        let at = noon() + Duration::from_secs(message.second);
        // The window for signed times is not what is tested here.
        let elapsed = self.time_of_day();
        self.time.set(at);
        let headers = self.provider.sign_at(&body, at);
        let receipt = self.inbox.receive(&self.provider, &headers, &body).await.expect("kept");
        self.time.set(elapsed);
        receipt
    }

    fn time_of_day(&self) -> SystemTime {
        use kyckit::clock::TimeSource;
        self.time.now()
    }

    /// Whether there was anything to work; `inside` runs while the event is in hand.
    async fn work(&self, fate: Fate, inside: LocalBoxFuture<'_, ()>) -> Option<Result<WorkOutcome, Error>> {
        match fate {
            Fate::DiesBeforeRecord => self.inbox.store().die(Death::BeforeFinish),
            Fate::DiesAfterRecord => self.inbox.store().die(Death::AfterFinish),
            _ => {}
        }
        if matches!(fate, Fate::DiesAtOnce) {
            let now = self.time_of_day();
            let claim = self.inbox.store().claim(now, "fake", LEASE).await.expect("the store works");
            return claim.map(|_| Err(Error::store("the worker died")));
        }
        let handler = async |delivery: Delivery<FakeEvent>| {
            let subject = delivery.subject.clone();
            self.take(&subject);
            if !matches!(fate, Fate::TakesTooLong) {
                inside.await;
                return self.handle(delivery, fate);
            }
            let told = self.handle(delivery, fate);
            self.time.advance(LEASE);
            inside.await;
            told
        };
        if matches!(fate, Fate::DiesInHandler) {
            let worked = self
                .inbox
                .work(&self.provider, |delivery| {
                    let subject = delivery.subject;
                    self.take(&subject);
                    self.let_go(&subject);
                    std::future::pending::<Result<State, Error>>()
                })
                .now_or_never();
            return match worked {
                None => Some(Err(Error::store("the worker died"))),
                Some(done) => done.transpose(),
            };
        }
        let worked = self.inbox.work(&self.provider, handler).await.transpose();
        self.inbox.store().live();
        worked
    }

    fn take(&self, subject: &str) {
        let mut app = self.app.lock().unwrap();
        let count = app.in_hand.entry(subject.to_owned()).or_default();
        *count += 1;
        assert_eq!(*count, 1, "two workers hold {subject}");
    }

    fn let_go(&self, subject: &str) {
        *self.app.lock().unwrap().in_hand.get_mut(subject).expect("taken") -= 1;
    }

    fn handle(&self, delivery: Delivery<FakeEvent>, fate: Fate) -> Result<State, Error> {
        self.let_go(&delivery.subject);
        if matches!(fate, Fate::HandlerFails) {
            return Err(Error::store("the handler failed"));
        }
        let mut app = self.app.lock().unwrap();
        let (event, state) = match delivery.action {
            Action::Apply(event) => (event.state.clone(), event.state()),
            Action::FetchFromProvider { event: Some(event), .. } => {
                let index = SUBJECTS.iter().position(|name| *name == delivery.subject).expect("a subject");
                let word = self.truth[index];
                let state = if is_terminal(word) { State::terminal(word) } else { State::non_terminal(word) };
                (event.state.clone(), state)
            }
            _ => panic!("every event can be verified"),
        };
        app.handled.insert((delivery.subject.clone(), event));
        if let State::Terminal(word) | State::NonTerminal(word) = &state {
            app.states.insert(delivery.subject, word.to_string());
        }
        Ok(state)
    }

    async fn step(&self, step: Step, messages: &[Message]) {
        match step {
            Step::Deliver(index) => drop(self.deliver(messages[index % messages.len()]).await),
            Step::Work(fate) => drop(self.work(fate, Box::pin(async {})).await),
            Step::WorkTwice(first, second) => {
                let inside = Box::pin(async move { drop(self.work(second, Box::pin(async {})).await) });
                drop(self.work(first, inside).await);
            }
            Step::Wait(seconds) => self.time.advance(Duration::from_secs(seconds)),
        }
    }

    /// Lets every lease and wait end, and works until nothing is left.
    async fn drain(&self) {
        for _ in 0..1_000 {
            self.time.advance(LEASE);
            while let Some(outcome) = self.work(Fate::Succeeds, Box::pin(async {})).await {
                assert!(!matches!(outcome, Ok(WorkOutcome::Failed { .. }) | Err(_)), "{outcome:?}");
            }
            if self.inbox.store().store.waiting() == 0 {
                return;
            }
        }
        panic!("the inbox does not empty");
    }
}

/// A store that can lose its connection around the record of a success.
#[derive(Default)]
struct Mortal {
    store: MemoryInbox,
    /// The events that were removed, by their numbers.
    finished: Mutex<BTreeMap<String, Vec<u64>>>,
    death: Mutex<Option<Death>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Death {
    BeforeFinish,
    AfterFinish,
}

impl Mortal {
    fn die(&self, death: Death) {
        *self.death.lock().unwrap() = Some(death);
    }

    fn live(&self) {
        *self.death.lock().unwrap() = None;
    }
}

impl InboxStore for Mortal {
    async fn insert(&self, arrival: NewEvent) -> Result<Receipt, Error> {
        self.store.insert(arrival).await
    }

    async fn claim(
        &self,
        now: SystemTime,
        queue: &str,
        lease: Duration,
    ) -> Result<Option<LeasedEvent>, Error> {
        self.store.claim(now, queue, lease).await
    }

    async fn finish(&self, claim: &LeasedEvent, applied: Option<AppliedState>) -> Result<LeaseStatus, Error> {
        let death = self.death.lock().unwrap().take();
        let dead = || Error::store("the worker died");
        if death == Some(Death::BeforeFinish) {
            return Err(dead());
        }
        let settled = self.store.finish(claim, applied).await?;
        if settled == LeaseStatus::Done {
            let subject = claim.event.subject.clone();
            self.finished.lock().unwrap().entry(subject).or_default().push(claim.number);
        }
        if death == Some(Death::AfterFinish) { Err(dead()) } else { Ok(settled) }
    }

    async fn release(&self, claim: &LeasedEvent, due: SystemTime) -> Result<LeaseStatus, Error> {
        self.store.release(claim, due).await
    }
}

/// The rules in their plainest form, one subject: every message is applied the moment it is delivered, nothing fails.
#[derive(Default)]
struct Model {
    state: Option<&'static str>,
    /// The message that brought the state.
    bytes: Option<Message>,
    second: Option<u64>,
}

impl Model {
    /// Whether a handler is to see the message.
    fn deliver(&mut self, message: Message, timed: bool, truth: &'static str) -> bool {
        let word = STATES[message.state];
        let terminal_now = self.state.is_some_and(is_terminal);
        let later = timed.then_some(()).and(self.second).map(|second| message.second.cmp(&second));
        if self.bytes == Some(message) || later == Some(std::cmp::Ordering::Less) {
            return false;
        }
        let newer = later == Some(std::cmp::Ordering::Greater);
        let tied = later == Some(std::cmp::Ordering::Equal);
        let ask = if word == "changed" {
            true
        } else if is_terminal(word) {
            terminal_now && !newer
        } else if terminal_now {
            if !newer {
                return false;
            }
            true
        } else {
            tied
        };
        self.state = Some(if ask { truth } else { word });
        self.bytes = (timed || self.state == Some(word)).then_some(message);
        self.second = self.second.max(Some(message.second));
        true
    }
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Succeeds),
        1 => Just(Fate::HandlerFails),
        1 => Just(Fate::DiesAtOnce),
        1 => Just(Fate::DiesInHandler),
        1 => Just(Fate::DiesBeforeRecord),
        1 => Just(Fate::DiesAfterRecord),
        1 => Just(Fate::TakesTooLong),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<usize>().prop_map(Step::Deliver),
        3 => fate().prop_map(Step::Work),
        2 => (fate(), fate()).prop_map(|(first, second)| Step::WorkTwice(first, second)),
        1 => (0..90_u64).prop_map(Step::Wait),
    ]
}

/// Messages whose bytes are equal exactly when they are the same message.
fn messages(timed: bool) -> impl Strategy<Value = Vec<Message>> {
    let message = (0..SUBJECTS.len(), 0..STATES.len(), 0..if timed { 6_u64 } else { 1 })
        .prop_map(|(subject, state, second)| Message { subject, state, second });
    prop::collection::vec(message, 1..8)
}

fn truths() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(&STATES[..4]), SUBJECTS.len())
}

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(8),
        ..ProptestConfig::default()
    })]

    /// The whole inbox under faults against the plain model, for both kinds of signature.
    #[test]
    fn the_final_state_is_the_models_and_no_event_is_lost(
        (timed, messages) in any::<bool>().prop_flat_map(|timed| (Just(timed), messages(timed))),
        steps in prop::collection::vec(step(), 0..40),
        truth in truths(),
    ) {
        run(async {
            let world = World::new(timed, truth.clone());
            let mut model: [Model; 2] = Default::default();
            let (mut kept, mut to_handle) = ([0; 2], BTreeSet::new());
            for step in &steps {
                // The model takes what the store takes: a repeat of what waits is one event.
                if let Step::Deliver(index) = step {
                    let message = messages[index % messages.len()];
                    if world.deliver(message).await == Receipt::Stored {
                        kept[message.subject] += 1;
                        if model[message.subject].deliver(message, timed, truth[message.subject]) {
                            to_handle
                                .insert((SUBJECTS[message.subject].to_owned(), STATES[message.state].to_owned()));
                        }
                    }
                } else {
                    world.step(*step, &messages).await;
                }
            }
            world.drain().await;
            let app = world.app.lock().unwrap();
            for (index, subject) in SUBJECTS.into_iter().enumerate() {
                let held = app.states.get(subject).map(String::as_str);
                prop_assert_eq!(held, model[index].state, "{}", subject);
                let record = world.inbox.store().store.applied("fake", subject).map(|applied| applied.state);
                prop_assert_eq!(record.as_deref(), held, "the record of {}", subject);
            }
            prop_assert_eq!(&app.handled, &to_handle);
            let finished = world.inbox.store().finished.lock().unwrap();
            for (index, subject) in SUBJECTS.into_iter().enumerate() {
                let numbers = finished.get(subject).cloned().unwrap_or_default();
                prop_assert_eq!(numbers.len(), kept[index], "each event of {} is finished once", subject);
                prop_assert!(numbers.is_sorted(), "the events of {} are finished in the order of arrival", subject);
            }
            Ok(())
        })?;
    }

    /// A provider that changes its mind, and a network that reorders and repeats: once everything has been delivered,
    /// the application holds what the provider holds, although the events came in any order.
    #[test]
    fn the_application_ends_with_the_providers_truth(
        timed in any::<bool>(),
        history in prop::collection::vec(0..4_usize, 1..6),
        steps in prop::collection::vec((any::<usize>(), fate(), any::<bool>()), 0..30),
        last in any::<u64>(),
    ) {
        // Without a signed time, only a notice or a terminal state can be told apart from a late one.
        let history: Vec<usize> = match timed {
            true => history,
            false => {
                let mut sorted = history;
                sorted.sort_by_key(|state| is_terminal(STATES[*state]));
                sorted.push(2 + usize::try_from(last % 2).unwrap_or(0));
                sorted
            }
        };
        let messages: Vec<Message> = history
            .iter()
            .zip(0_u64..)
            .map(|(state, second)| Message { subject: 0, state: *state, second: if timed { second } else { 0 } })
            .collect();
        run(async {
            let truth = *history.last().expect("not empty");
            let mut world = World::new(timed, vec!["pending"; 2]);
            let mut happened = 0;
            let mut delivered = BTreeSet::new();
            for (pick, fate, changes) in &steps {
                if *changes && happened < messages.len() {
                    happened += 1;
                    world.truth[0] = STATES[history[happened - 1]];
                }
                if happened > 0 {
                    let index = pick % happened;
                    delivered.insert(index);
                    world.deliver(messages[index]).await;
                }
                world.step(Step::Work(*fate), &messages).await;
            }
            world.truth[0] = STATES[truth];
            // What was not delivered yet comes late and in an order of its own.
            let mut rest: Vec<usize> = (0..messages.len()).filter(|index| !delivered.contains(index)).collect();
            let turn = usize::try_from(last).unwrap_or(0) % rest.len().max(1);
            rest.rotate_left(turn);
            for index in rest {
                world.deliver(messages[index]).await;
            }
            world.drain().await;
            let app = world.app.lock().unwrap();
            prop_assert_eq!(app.states.get("r-1").map(String::as_str), Some(STATES[truth]));
            Ok(())
        })?;
    }
}
