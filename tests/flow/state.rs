//! A state outside of the backend: it comes back as it was, or not at all.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use kyckit::{
    Error, ErrorKind,
    clock::Clock,
    flow::{self, PersonId, Registry, Reply, SealedState, Start, StateKeys, Step},
    identity::{Attribute, Identifier, Identity},
    maya::{CustomerTokens, webhook::Sessions},
    provider::ProviderId,
    sandbox::maya::Maya,
    storage::{MemoryOneTime, OneTimeStore, OneTimeValue},
};
use proptest::prelude::*;
use tokio::sync::OnceCell;

use crate::support::{KEY, PERSON, Store, clock, next, person, registry, store, world};

/// A query that a state of Maya's flow waits for, with a session that is unknown: the flow goes on, and fails.
const VISIT: &str = "sessionId=unknown";

/// Maya's flow sends nothing at the start, so a machine can be made and asked without a network.
fn maya_flow(maya: &Maya) -> flow::maya::MayaFlow {
    let client = maya.client_builder().build().expect("a client");
    let sessions = Arc::new(Sessions::new(MemoryOneTime::new()));
    flow::maya::MayaFlow::new(client, sessions, |_: PersonId, _: CustomerTokens| {
        std::future::ready(Ok::<(), Error>(()))
    })
}

/// The keys are read once: that is slow without optimisation.
async fn machine(clock: &Clock, store: &Store) -> Registry<Store> {
    static FLOW: OnceCell<flow::maya::MayaFlow> = OnceCell::const_new();
    let flow = FLOW.get_or_init(async || maya_flow(&Maya::start().await.expect("a free port"))).await;
    registry(clock, store).with(flow.clone())
}

async fn begun(machine: &Registry<Store>, person: &PersonId) -> SealedState {
    next(machine.start(kyckit::maya::PROVIDER, &Start::new(person.clone())).await.expect("begun")).state
}

async fn refused(machine: &Registry<Store>, person: &PersonId, text: &str) -> (ErrorKind, &'static str) {
    let error = match text.parse::<SealedState>() {
        Ok(state) => {
            let resumed = machine.resume(person, &state, Reply::returned(VISIT)).await;
            resumed.expect_err("an altered state was taken")
        }
        Err(error) => error,
    };
    (error.kind(), error.check().unwrap_or_default())
}

async fn goes_on(machine: &Registry<Store>, person: &PersonId, text: &str) {
    let state = text.parse().expect("a state");
    let step = machine.resume(person, &state, Reply::returned(VISIT)).await.expect("resumed");
    assert!(matches!(step, Step::Failed(error, _) if error.kind() == ErrorKind::NotFound));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_state_is_resumed_on_another_machine(name in "[^\\p{Cc}]{1,60}") {
        let runtime = runtime();
        runtime.block_on(async {
            let (clock, _) = clock();
            let store = store();
            let (here, there) = (machine(&clock, &store).await, machine(&clock, &store).await);
            let person = PersonId::new(name).expect("a name");
            let state = begun(&here, &person).await;
            let text = state.as_str().to_owned();
            assert_eq!(text.parse::<SealedState>().expect("a state").as_str(), text);
            goes_on(&there, &person, &text).await;
        });
    }

    #[test]
    fn any_other_text_is_refused_without_a_panic(text in ".{0,200}") {
        let error = text.parse::<SealedState>().expect_err("no state");
        prop_assert_eq!(error.kind(), ErrorKind::Decode);
    }

    #[test]
    fn a_change_of_any_one_byte_is_refused(place in any::<prop::sample::Index>(), to in 0x20_u8..0x7f) {
        let runtime = runtime();
        runtime.block_on(async {
            let (clock, _) = clock();
            let store = store();
            let machine = machine(&clock, &store).await;
            let state = begun(&machine, &person()).await;
            let mut bytes = state.as_str().as_bytes().to_vec();
            let at = place.index(bytes.len());
            if bytes[at] != to {
                bytes[at] = to;
                refused(&machine, &person(), std::str::from_utf8(&bytes).expect("ASCII")).await;
            }
            goes_on(&machine, &person(), state.as_str()).await;
        });
    }
}

#[tokio::test]
async fn every_byte_matters() {
    let (clock, _) = clock();
    let store = store();
    let machine = machine(&clock, &store).await;
    let state = begun(&machine, &person()).await;
    let text = state.as_str();
    assert!(text.is_ascii() && text.len() < 1_000, "a state is small: {}", text.len());
    let known =
        ["state.form", "state.version", "state.sealed", "state.expired", "state.person", "state.provider"];
    for at in 0..text.len() {
        for flip in [1_u8, 2, 4] {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] ^= flip;
            let Ok(changed) = std::str::from_utf8(&bytes) else { continue };
            let (kind, check) = refused(&machine, &person(), changed).await;
            assert!(known.contains(&check), "byte {at}: {kind:?} {check}");
            assert!(matches!(kind, ErrorKind::Decode | ErrorKind::Decryption), "byte {at}: {kind:?}");
        }
    }
    for length in 0..text.len() {
        refused(&machine, &person(), &text[..length]).await;
    }
    for longer in
        [format!("{text}A"), format!("{text}="), format!("{text}."), format!(" {text}"), format!("{text}\n")]
    {
        refused(&machine, &person(), &longer).await;
    }
    // All of that has spent nothing.
    goes_on(&machine, &person(), text).await;
}

#[tokio::test]
async fn another_person_is_refused_and_spends_nothing() {
    let (clock, _) = clock();
    let store = store();
    let machine = machine(&clock, &store).await;
    let state = begun(&machine, &person()).await;
    for other in ["customer-row-4712", "customer-row-471", "Customer-row-4711", "x"] {
        let other = PersonId::new(other).expect("a name");
        let refused = refused(&machine, &other, state.as_str()).await;
        assert_eq!(refused, (ErrorKind::Permission, "state.person"));
    }
    goes_on(&machine, &person(), state.as_str()).await;
}

#[tokio::test]
async fn another_provider_version_key_or_store_is_refused() {
    let (clock, _) = clock();
    let store = store();
    let machine = machine(&clock, &store).await;
    let state = begun(&machine, &person()).await;
    let text = state.as_str();
    let of_credo360 = text.replacen(".maya.", ".credo360.", 1);
    assert_ne!(of_credo360, text);
    assert_eq!(refused(&machine, &person(), &of_credo360).await, (ErrorKind::Decryption, "state.sealed"));
    let later = text.replacen("kyckit1.", "kyckit2.", 1);
    assert_eq!(refused(&machine, &person(), &later).await, (ErrorKind::Decode, "state.version"));

    let maya = Maya::start().await.expect("a free port");
    let other_key = Registry::new(StateKeys::new([8; 32]), Arc::clone(&store))
        .clock(clock.clone())
        .with(maya_flow(&maya));
    assert_eq!(refused(&other_key, &person(), text).await, (ErrorKind::Decryption, "state.sealed"));
    let empty = registry(&clock, &store);
    assert_eq!(refused(&empty, &person(), text).await, (ErrorKind::NotFound, "state.provider"));
    let elsewhere = self::machine(&clock, &self::store()).await;
    assert_eq!(refused(&elsewhere, &person(), text).await, (ErrorKind::NotFound, "state.unknown"));

    // While a rotation lasts, the old key opens; what is sealed from then on needs the new one.
    let rotated = Registry::new(StateKeys::new([8; 32]).also_open(KEY), Arc::clone(&store))
        .clock(clock.clone())
        .with(maya_flow(&maya));
    goes_on(&rotated, &person(), text).await;
    let fresh = begun(&rotated, &person()).await;
    assert_eq!(refused(&machine, &person(), fresh.as_str()).await, (ErrorKind::Decryption, "state.sealed"));
}

#[tokio::test]
async fn a_state_ends() {
    let (clock, frozen) = clock();
    let store = store();
    let machine = machine(&clock, &store).await.state_ttl(Duration::from_secs(600));
    let (early, late) = (begun(&machine, &person()).await, begun(&machine, &person()).await);
    frozen.advance(Duration::from_secs(599));
    goes_on(&machine, &person(), early.as_str()).await;
    frozen.advance(Duration::from_secs(1));
    assert_eq!(refused(&machine, &person(), late.as_str()).await, (ErrorKind::Expired, "state.expired"));
    // A later end is an alteration.
    let end = late.as_str().split('.').nth(2).expect("an end");
    let later = late.as_str().replacen(end, "9999999999", 1);
    assert_eq!(refused(&machine, &person(), &later).await, (ErrorKind::Decryption, "state.sealed"));
}

#[tokio::test]
async fn a_state_serves_once_and_its_successor_goes_on() {
    let (clock, _) = clock();
    let store = store();
    let machine = machine(&clock, &store).await;
    let first = begun(&machine, &person()).await;
    let step = machine.resume(&person(), &first, Reply::returned(VISIT)).await.expect("resumed");
    let second = step.pending().expect("it goes on").state.clone();
    assert_eq!(refused(&machine, &person(), first.as_str()).await, (ErrorKind::AlreadyUsed, "state.used"));
    goes_on(&machine, &person(), second.as_str()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_at_once_one_goes_on() {
    let (clock, _) = clock();
    let store = store();
    let machine = Arc::new(machine(&clock, &store).await);
    let state = begun(&machine, &person()).await;
    let visitors: Vec<_> = (0..50)
        .map(|_| {
            let (machine, state) = (Arc::clone(&machine), state.clone());
            tokio::spawn(
                async move { machine.resume(&person(), &state, Reply::returned(VISIT)).await.map(drop) },
            )
        })
        .collect();
    let (mut won, mut used) = (0, 0);
    for visitor in visitors {
        match visitor.await.expect("joined") {
            Ok(()) => won += 1,
            Err(error) if error.check() == Some("state.used") => used += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((won, used), (1, 49));
}

#[tokio::test]
async fn what_a_state_does_not_wait_for_is_refused_and_spends_nothing() {
    let world = world().await;
    let (pending, _) = world.begun().await;
    for reply in [Reply::passcode("123456"), Reply::signature("c2ln")] {
        let error = world.registry.resume(&person(), &pending.state, reply).await.expect_err("refused");
        assert_eq!((error.kind(), error.check()), (ErrorKind::InvalidRequest, Some("reply.kind")));
    }
    assert!(world.registry.resume(&person(), &pending.state, Reply::Poll).await.is_ok());
}

#[tokio::test]
async fn a_state_tells_nothing() {
    let world = world().await;
    let (pending, reference) = world.begun().await;
    let text = pending.state.as_str();
    for hidden in [PERSON, &reference, "verification", "http"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    assert_eq!(pending.state.provider(), "shuftipro");
    assert_eq!(format!("{:?}", pending.state), "[redacted]");
    let shown = format!("{pending:?} {:?} {:?}", world.registry, person());
    assert!(!shown.contains(PERSON) && !shown.contains(text), "{shown}");
}

/// A store that keeps everything for a year longer than it has to.
struct Lasting(MemoryOneTime);

impl OneTimeStore for Lasting {
    async fn put(
        &self,
        now: SystemTime,
        key: &str,
        value: OneTimeValue,
        expires_at: SystemTime,
    ) -> Result<(), Error> {
        self.0.put(now, key, value, expires_at + Duration::from_secs(365 * 86_400)).await
    }

    async fn redeem(&self, now: SystemTime, key: &str) -> Result<Option<OneTimeValue>, Error> {
        self.0.redeem(now, key).await
    }
}

#[tokio::test]
async fn a_state_ends_by_itself_whatever_the_store_keeps() {
    let (clock, frozen) = clock();
    let maya = Maya::start().await.expect("a free port");
    let machine = Registry::new(StateKeys::new(KEY), Lasting(MemoryOneTime::new()))
        .clock(clock)
        .state_ttl(Duration::from_secs(600))
        .with(maya_flow(&maya));
    let started = machine.start(kyckit::maya::PROVIDER, &Start::new(person())).await.expect("begun");
    let state = next(started).state;
    frozen.advance(Duration::from_secs(600));
    let late = machine.resume(&person(), &state, Reply::returned(VISIT)).await.expect_err("past its time");
    assert_eq!((late.kind(), late.check()), (ErrorKind::Expired, Some("state.expired")));
    frozen.advance(Duration::from_secs(30 * 86_400));
    let late = machine.resume(&person(), &state, Reply::returned(VISIT)).await.expect_err("past its time");
    assert_eq!((late.kind(), late.check()), (ErrorKind::Expired, Some("state.expired")));
}

#[test]
fn a_text_longer_than_states_are_is_not_looked_at() {
    let text = |length: usize| {
        let head = "kyckit1.maya.9999999999.";
        format!("{head}{}", "A".repeat(length - head.len()))
    };
    assert!(text(16 * 1024).parse::<SealedState>().is_ok(), "the form is right");
    for length in [16 * 1024 + 1, 1 << 20] {
        let error = text(length).parse::<SealedState>().expect_err("too long");
        assert_eq!((error.kind(), error.check()), (ErrorKind::Decode, Some("state.form")));
    }
}

#[tokio::test]
async fn a_state_that_would_be_too_long_is_not_handed_out() {
    let (clock, _) = clock();
    let store = store();
    let machine = machine(&clock, &store).await;
    let start = |length: usize| {
        let mut known = Identity::new();
        let id = Identifier::new(flow::maya::IDENTIFIER, "x".repeat(length));
        known.add(Attribute::self_asserted(id, ProviderId::new("sign-up"), clock.now()));
        Start::new(person()).known_identity(known)
    };
    let kept = next(machine.start(kyckit::maya::PROVIDER, &start(8_000)).await.expect("begun")).state;
    assert!(kept.as_str().parse::<SealedState>().is_ok());
    let error = machine.start(kyckit::maya::PROVIDER, &start(13_000)).await.expect_err("too long");
    assert_eq!((error.kind(), error.check()), (ErrorKind::TooLarge, Some("state.size")));
}

#[tokio::test]
async fn the_longest_state_is_handed_out_and_none_beyond_it() {
    let (clock, _) = clock();
    let store = store();
    let machine = machine(&clock, &store).await;
    let sealed = async |length: usize| {
        let mut known = Identity::new();
        let id = Identifier::new(flow::maya::IDENTIFIER, "x".repeat(length));
        known.add(Attribute::self_asserted(id, ProviderId::new("sign-up"), clock.now()));
        let started =
            machine.start(kyckit::maya::PROVIDER, &Start::new(person()).known_identity(known)).await;
        started.map(|step| next(step).state.as_str().len()).map_err(|error| error.check())
    };
    // Three bytes more inside are four letters more outside.
    let near = 8_000 + (16 * 1024 - sealed(8_000).await.expect("begun")) / 4 * 3;
    let mut lengths = Vec::new();
    for length in near - 6..=near + 6 {
        lengths.push(sealed(length).await);
    }
    let longest = lengths.iter().filter_map(|length| length.as_ref().ok()).max();
    assert_eq!(longest, Some(&(16 * 1024)), "{lengths:?}");
    assert_eq!(lengths.last(), Some(&Err(Some("state.size"))));
}

#[test]
fn the_form_of_a_state_is_strict() {
    let check = |text: &str| match text.parse::<SealedState>() {
        Ok(state) => {
            assert_eq!(state.as_str(), text);
            None
        }
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Decode, "{text}");
            error.check()
        }
    };
    let long = |letter: &str, length: usize| letter.repeat(length);
    for text in [
        "kyckit1.maya.1.AAAA".to_owned(),
        "kyckit1.a-provider-2.999999999999.AAAA".to_owned(),
        format!("kyckit1.{}.1.AAAA", long("p", 64)),
    ] {
        assert_eq!(check(&text), None, "{text}");
    }
    for version in ["0", "2", "11", "01", "999999999"] {
        assert_eq!(check(&format!("kyckit{version}.maya.1.AAAA")), Some("state.version"), "{version}");
    }
    // Numbers of up to nine digits are versions, and nothing else is.
    for version in ["", "9999999999", "x", "1x", "-1", "+1", "x234567890", "\u{661}"] {
        assert_eq!(check(&format!("kyckit{version}.maya.1.AAAA")), Some("state.form"), "{version}");
    }
    for provider in ["", "Maya", "a_b", "a b", "\u{e9}", &long("p", 65), &long("P", 64), &long("P", 65)] {
        assert_eq!(check(&format!("kyckit1.{provider}.1.AAAA")), Some("state.form"), "{provider}");
    }
    for end in ["", "+1", "-1", "1x", "0x1", "1000000000000", "+100000000000"] {
        assert_eq!(check(&format!("kyckit1.maya.{end}.AAAA")), Some("state.form"), "{end}");
    }
    for text in ["kyckit1.maya.AAAA", "kyckit1.maya.1.1.AAAA", "1.maya.1.AAAA", "Kyckit1.maya.1.AAAA", ""] {
        assert_eq!(check(text), Some("state.form"), "{text}");
    }
}

#[test]
fn keys_show_how_many_they_are_and_nothing_of_themselves() {
    let keys = StateKeys::new(KEY).also_open([9; 32]);
    assert_eq!(format!("{keys:?}"), "StateKeys { older: 1, .. }");
}

/// A store of another clock, by which every state is past its time.
struct Ahead;

impl OneTimeStore for Ahead {
    async fn put(&self, _: SystemTime, _: &str, _: OneTimeValue, _: SystemTime) -> Result<(), Error> {
        Ok(())
    }

    async fn redeem(&self, _: SystemTime, _: &str) -> Result<Option<OneTimeValue>, Error> {
        Err(Error::new(ErrorKind::Expired, "the value is past its time"))
    }
}

#[tokio::test]
async fn a_state_that_the_store_calls_expired_is() {
    let maya = Maya::start().await.expect("a free port");
    let machine = Registry::new(StateKeys::new(KEY), Ahead).clock(clock().0).with(maya_flow(&maya));
    let started = machine.start(kyckit::maya::PROVIDER, &Start::new(person())).await.expect("begun");
    let state = next(started).state;
    let late = machine.resume(&person(), &state, Reply::returned(VISIT)).await.expect_err("expired");
    assert_eq!((late.kind(), late.check()), (ErrorKind::Expired, Some("state.expired")));
    assert!(late.to_string().contains("start another attempt"), "{late}");
}
