//! The one way through all providers.

use kyckit::{
    flow::{
        Attempt, CallbackNotifier, Configured, Consent, Done, EvidenceRecord, Next, PersonId, PollPolicy,
        Registry, Reply, Requirements, SealedState, Start, StateKeys, Step,
    },
    provider::ProviderId,
    storage::MemoryOneTime,
};

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static]
        Attempt, CallbackNotifier, Configured, Consent, EvidenceRecord, Next, PollPolicy, PersonId, Reply, SealedState, Start,
        StateKeys, Requirements,
    );
    each!([Send + Sync + 'static] Done, Registry<MemoryOneTime>, Step);
}

type Flows = Registry<MemoryOneTime>;

futures! {
    "flow::registry::Registry::start" =
        fn(flows: &Flows, provider: ProviderId, start: &Start) flows.start(provider, start);
    "flow::registry::Registry::start_with_fallback" =
        fn(flows: &Flows, first: ProviderId, start: &Start, consent: &Consent)
            flows.start_with_fallback(first, start, consent);
    "flow::registry::Registry::switch_provider" =
        fn(flows: &Flows, state: &SealedState, to: ProviderId, start: &Start, consent: &Consent)
            flows.switch_provider(state, to, start, consent);
    "flow::registry::Registry::resume" =
        fn(flows: &Flows, person: &PersonId, state: &SealedState, reply: Reply)
            flows.resume(person, state, reply);
    "flow::registry::Registry::wait" =
        fn(flows: &Flows, person: &PersonId, state: &SealedState, bells: &CallbackNotifier, patience: PollPolicy)
            flows.wait(person, state, bells, patience);
    "flow::registry::Registry::erase" =
        fn(flows: &Flows, provider: ProviderId, record: &str) flows.erase(provider, record);
}
