//! The one way through all providers.

use kyckit::{
    callback::MemoryOneTime,
    error::Provider,
    flow::{
        Attempt, Bells, Configured, Consent, Done, Evidence, Next, Patience, PersonId, Registry, Reply,
        SealedState, Start, StateKeys, Step, Wanted,
    },
};

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static]
        Attempt, Bells, Configured, Consent, Evidence, Next, Patience, PersonId, Reply, SealedState, Start,
        StateKeys, Wanted,
    );
    each!([Send + Sync + 'static] Done, Registry<MemoryOneTime>, Step);
}

type Flows = Registry<MemoryOneTime>;

futures! {
    "flow::registry::Registry::start" =
        fn(flows: &Flows, provider: Provider, start: &Start) flows.start(provider, start);
    "flow::registry::Registry::start_with_fallback" =
        fn(flows: &Flows, first: Provider, start: &Start, consent: &Consent)
            flows.start_with_fallback(first, start, consent);
    "flow::registry::Registry::hand_over" =
        fn(flows: &Flows, state: &SealedState, to: Provider, start: &Start, consent: &Consent)
            flows.hand_over(state, to, start, consent);
    "flow::registry::Registry::resume" =
        fn(flows: &Flows, person: &PersonId, state: &SealedState, reply: Reply)
            flows.resume(person, state, reply);
    "flow::registry::Registry::wait" =
        fn(flows: &Flows, person: &PersonId, state: &SealedState, bells: &Bells, patience: Patience)
            flows.wait(person, state, bells, patience);
    "flow::registry::Registry::erase" =
        fn(flows: &Flows, provider: Provider, record: &str) flows.erase(provider, record);
}
