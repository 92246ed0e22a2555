//! What makes a value trustworthy: a check of authenticity that comes before parsing.
//!
//! | item | what it is |
//! | --- | --- |
//! | [`Verified`] | a value that a verifier checked before it was parsed |
//! | [`Proof`] | which secret and rule fitted, and the digest of the bytes |
//! | [`Verifier`] | checks the messages of one provider's account |
//! | [`Event`], [`State`] | what a checked message is about, and what it says |

mod event;

use std::ops::Deref;

pub use event::{Event, State, Verifier};

/// A value that was found authentic before it was parsed.
///
/// It dereferences to the value; its own functions are associated, as those of smart pointers, so that they hide no
/// method of the value: `Verified::proof(&event)`, `Verified::into_inner(event)`.
///
/// Only the verifying functions of this crate make one: there is no public constructor, no `From` and no
/// `Deserialize`. Its `Debug` shows the proof and never the value.
///
/// ```compile_fail
/// let forged = kyckit::verified::Verified { value: "accepted" };
/// ```
///
/// Nor does a genuine proof make anything else genuine:
///
/// ```compile_fail,E0624
/// use kyckit::{verified::{Verified, Verifier}, testkit::FakeProvider};
///
/// let (provider, body) = (FakeProvider::new("secret"), br#"{"reference":"r-1","state":"declined"}"#);
/// let genuine = provider.verify(&provider.sign(body), body).unwrap();
/// let forged = Verified::new("accepted", Verified::proof(&genuine).clone());
/// ```
#[derive(Clone, PartialEq, Eq)]
#[doc(alias = "authentic")]
pub struct Verified<T> {
    value: T,
    proof: Proof,
}

/// How a value was found to be authentic.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// Which of the configured secrets or keys fitted, by position: 0 is the current one. When an older one has not
    /// been seen for a while, it can be retired.
    pub secret: usize,
    /// The rule or algorithm that fitted, in the provider's own word.
    pub rule: &'static str,
    /// SHA-256 of the bytes that were checked.
    pub digest: [u8; 32],
}

impl<T> Verified<T> {
    /// Vouches for a value: for verifying functions alone, after the check and never before.
    pub(crate) fn new(value: T, proof: Proof) -> Self {
        Self { value, proof }
    }

    /// How authenticity was found.
    pub fn proof(this: &Self) -> &Proof {
        &this.proof
    }

    /// The value, without the type that says that it was checked.
    pub fn into_inner(this: Self) -> T {
        this.value
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

crate::privacy::redacted_debug!(<T> Verified<T> { proof, .. });

impl Proof {
    pub(crate) fn new(secret: usize, rule: &'static str, digest: [u8; 32]) -> Self {
        Self { secret, rule, digest }
    }
}
