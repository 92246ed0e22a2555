//! Recorded identities and claim sets.

use crate::{
    identity::{Identity, Recorded, RecordedDecision, verified_claims::ClaimSet},
    wire,
};

/// What is written of an identity is read as one, and once more as the same.
pub(super) fn recorded_again(identity: &Identity) {
    #[allow(clippy::expect_used)]
    let read = |identity: &Identity| {
        Recorded::from_json(identity.to_json().expose().as_bytes()).expect("what was written is read")
    };
    let once = read(identity);
    assert_eq!(read(once.identity()), once, "a record of a record is another");
}

pub(super) fn recorded(bytes: &[u8]) {
    if let Ok(recorded) = Recorded::from_json(bytes) {
        recorded_again(recorded.identity());
    }
    let _ = RecordedDecision::from_json(bytes);
}

pub(super) fn claim_set(bytes: &[u8]) {
    let Ok(set) = ClaimSet::from_json(bytes) else { return };
    let written = set.to_json().into_exposed();
    let text = written.to_string();
    #[allow(clippy::expect_used)]
    let again = ClaimSet::from_json(text.as_bytes()).expect("what was written is read");
    assert_eq!(again.to_json().expose(), &written, "a document is read otherwise again");
    assert!(wire::json::check(text.as_bytes()).is_ok());
}
