//! Secrets and personal data have no trait through which they would be printed, compared or sent by accident.

use std::fmt::{Debug, Display};

use kyckit::{
    Error,
    privacy::{Pii, Secret},
    verified::Verified,
};
use serde::Serialize;

use crate::implements;

#[test]
fn a_secret_cannot_be_printed_compared_or_serialised() {
    assert!(!implements!(Secret: Display));
    assert!(!implements!(Secret: PartialEq));
    assert!(!implements!(Secret: std::hash::Hash));
    assert!(!implements!(Secret: Serialize));
    assert!(!implements!(Secret: AsRef<str>));
    assert!(!implements!(Secret: std::ops::Deref));
    assert!(!implements!(Secret: Into<String>));
}

#[test]
fn personal_data_cannot_be_printed_and_is_opened_by_name_only() {
    assert!(!implements!(Pii<String>: Display));
    assert!(!implements!(Pii<String>: std::ops::Deref));
    assert!(!implements!(Pii<String>: AsRef<str>));
    assert!(!implements!(Pii<String>: Into<String>));
}

/// Whatever may end up in a `{:?}` can be put there: it is redacted, not missing.
#[test]
fn everything_has_a_debug_that_was_written_for_it() {
    struct Silent;
    assert!(implements!(Secret: Debug));
    assert!(implements!(Pii<Silent>: Debug), "without asking the value");
    assert!(implements!(Verified<Silent>: Debug), "without asking the value");
    assert!(implements!(Error: Debug));
    assert!(!implements!(Silent: Debug));
}
