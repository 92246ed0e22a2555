//! Sealed states, and the languages of a browser.

use std::str::FromStr;

use super::{answers, made, text};
use crate::flow::{PersonId, SealedState, StateKeys, texts::Texts};

pub(super) fn state(bytes: &[u8]) {
    let (keys, person) = (StateKeys::new([7; 32]), made(PersonId::new("customer 4711")));
    if let Some(text) = text(bytes)
        && let Ok(state) = SealedState::from_str(text)
    {
        assert_eq!(state.as_str(), text);
        assert!(!keys.opens(&state, &person, answers::now()), "a state that was not sealed is opened");
    }
    // The bytes as what stands inside, sealed for one person and opened for two.
    let other = made(PersonId::new("customer 4712"));
    let state = made(keys.seal_any(bytes, &person, &answers::clock()));
    if keys.opens(&state, &person, answers::now()) {
        assert!(!keys.opens(&state, &other, answers::now()), "another person opens the state");
        let late = answers::now() + std::time::Duration::from_secs(3600);
        assert!(!keys.opens(&state, &person, late), "the state never ends");
    }
    assert!(!StateKeys::new([8; 32]).opens(&state, &person, answers::now()), "another key opens the state");
}

pub(super) fn accept_language(bytes: &[u8]) {
    let Some(header) = text(bytes) else { return };
    let texts = Texts::negotiate(header);
    assert!(Texts::languages().any(|language| language == texts.language()));
}
