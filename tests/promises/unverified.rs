//! Nothing unverified passes for verified: there is no way to make a [`Verified`] but by a verifier.
//!
//! What must not compile stands in `unverified.md`, in pairs: a block that compiles, and the same block with one line
//! more, which is forbidden. So it fails for that line, and not because a name was changed. `cargo test --doc` compiles
//! them.

use std::ops::{DerefMut, IndexMut};

use kyckit::verified::{Proof, Verified};
use serde::de::DeserializeOwned;

use crate::implements;

#[test]
fn no_trait_makes_a_verified_value() {
    assert!(!implements!(Verified<String>: Default));
    assert!(!implements!(Verified<String>: DeserializeOwned));
    assert!(!implements!(Verified<String>: From<String>));
    assert!(!implements!(Verified<String>: TryFrom<String>));
    assert!(!implements!(Verified<String>: std::str::FromStr));
    assert!(!implements!(Verified<Vec<u8>>: FromIterator<u8>));
    assert!(!implements!(Verified<Vec<u8>>: Extend<u8>));
}

#[test]
fn no_trait_changes_a_verified_value() {
    assert!(!implements!(Verified<String>: DerefMut));
    assert!(!implements!(Verified<String>: AsMut<String>));
    assert!(!implements!(Verified<String>: std::borrow::BorrowMut<String>));
    assert!(!implements!(Verified<Vec<u8>>: IndexMut<usize>));
}

#[test]
fn a_proof_is_not_made_outside() {
    assert!(!implements!(Proof: Default));
    assert!(!implements!(Proof: DeserializeOwned));
}

/// An answer that nobody verified does not exist outside the crate, nor can one be read from a file.
#[cfg(feature = "shuftipro")]
#[test]
fn a_shuftipro_answer_is_not_made_outside() {
    use kyckit::shuftipro::VerificationResponse;
    assert!(!implements!(VerificationResponse: Default));
    assert!(!implements!(VerificationResponse: DeserializeOwned));
    assert!(!implements!(VerificationResponse: TryFrom<serde_json::Value>));
}

/// Nor does a profile that was not decrypted and verified.
#[cfg(feature = "maya")]
#[test]
fn a_maya_profile_is_not_made_outside() {
    use kyckit::maya::Profile;
    assert!(!implements!(Profile: Default));
    assert!(!implements!(Profile: DeserializeOwned));
    assert!(!implements!(Profile: TryFrom<serde_json::Value>));
}

/// Nor does a webhook's event whose signature was not checked.
#[cfg(feature = "credify")]
#[test]
fn a_credify_event_is_not_made_outside() {
    use kyckit::credify::webhook::WebhookEvent;
    assert!(!implements!(WebhookEvent: Default));
    assert!(!implements!(WebhookEvent: DeserializeOwned));
    assert!(!implements!(WebhookEvent: TryFrom<serde_json::Value>));
}

/// Nor do claims, a holder or a signer whose token or signature nobody checked.
#[cfg(feature = "selfkey")]
#[test]
fn what_a_relying_party_found_out_is_not_made_outside() {
    use kyckit::selfkey::relying_party::{AccessClaims, ChallengeClaims, Holder, Signer};
    assert!(!implements!(AccessClaims: Default));
    assert!(!implements!(AccessClaims: DeserializeOwned));
    assert!(!implements!(ChallengeClaims: DeserializeOwned));
    assert!(!implements!(Holder: Default));
    assert!(!implements!(Holder: DeserializeOwned));
    assert!(!implements!(Holder: From<String>));
    assert!(!implements!(Holder: std::str::FromStr));
    assert!(!implements!(Signer: Default));
    assert!(!implements!(Signer: DeserializeOwned));
}

/// Nor is anybody accepted, or anything proven, by a trait.
#[test]
fn a_decision_and_what_it_rests_on_are_not_made_outside() {
    use kyckit::identity::{
        Assurance, Attribute, Decision, Identity, Name, Provenance, Recorded, RecordedDecision,
    };
    assert!(!implements!(Decision: Default));
    assert!(!implements!(Decision: DeserializeOwned));
    assert!(!implements!(Decision: From<RecordedDecision>));
    assert!(!implements!(Provenance: Default));
    assert!(!implements!(Provenance: DeserializeOwned));
    assert!(!implements!(Attribute<Name>: DeserializeOwned));
    assert!(!implements!(Attribute<Name>: DerefMut));
    assert!(!implements!(Assurance: DeserializeOwned));
    assert!(!implements!(Identity: DeserializeOwned));
    assert!(!implements!(Identity: From<Recorded>));
}

/// Nor a Credo ID's owner.
#[cfg(feature = "credo360")]
#[test]
fn a_credo360_owner_is_not_made_outside() {
    use kyckit::credo360::Owner;
    assert!(!implements!(Owner: Default));
    assert!(!implements!(Owner: DeserializeOwned));
    assert!(!implements!(Owner: From<kyckit::credo360::User>));
}

/// Nor an application that KYC-Chain itself did not show.
#[cfg(feature = "selfkey")]
#[test]
fn a_selfkey_review_is_not_made_outside() {
    use kyckit::selfkey::{Review, model::Application, relying_party::Holder};
    assert!(!implements!(Review: Default));
    assert!(!implements!(Review: DeserializeOwned));
    assert!(!implements!(Review: From<Application>));
    assert!(!implements!(Holder: DeserializeOwned));
    assert!(!implements!(Holder: std::str::FromStr));
}

const PAIRS: &str = include_str!("unverified.md");

/// The attributes and the lines of each block of code.
fn blocks(markdown: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut open = false;
    for line in markdown.lines() {
        match line.strip_prefix("```") {
            Some(attributes) if !open => blocks.push((attributes, Vec::new())),
            None if open => blocks.last_mut().expect("it is open").1.push(line),
            _ => {}
        }
        open ^= line.starts_with("```");
    }
    blocks
}

/// What is wrong with the pairs.
fn unpaired(markdown: &str) -> Vec<String> {
    let blocks = blocks(markdown);
    let mut wrong = Vec::new();
    for pair in blocks.chunks(2) {
        let [(compiles, fine), (fails, forbidden)] = pair else {
            wrong.push("a block stands alone".to_owned());
            continue;
        };
        let code = fails.strip_prefix("rust,compile_fail,E").filter(|code| code.len() == 4);
        if *compiles != "rust" || code.is_none() {
            wrong.push(format!("`{compiles}` and `{fails}` are no pair"));
        }
        let one_less = |at: usize| forbidden.iter().enumerate().filter(move |(index, _)| *index != at);
        let is_twin = (0..forbidden.len()).any(|at| one_less(at).map(|(_, line)| line).eq(fine));
        if !is_twin {
            wrong.push(format!("more than one line tells them apart: {forbidden:?}"));
        }
    }
    wrong
}

#[test]
fn what_must_not_compile_fails_for_one_line() {
    assert!(blocks(PAIRS).len() >= 12, "the pairs were not found");
    assert_eq!(unpaired(PAIRS), Vec::<String>::new());
}

#[test]
fn a_pair_that_proves_nothing_is_found() {
    let pair = |first: &str, second: &str| {
        format!("```rust\n{first}\n```\ntext\n```rust,compile_fail,E0451\n{second}\n```\n")
    };
    assert!(unpaired(&pair("let a = 1;", "let a = 1;\nlet b = c;")).is_empty());
    assert_eq!(unpaired(&pair("let a = 1;", "let a = 1;")).len(), 1);
    assert_eq!(unpaired(&pair("let a = 1;", "let a = 2;\nlet b = c;")).len(), 1);
    assert_eq!(unpaired(&pair("let a = 1;", "let a = 1;\nlet b = c;\nlet d = e;")).len(), 1);
    assert_eq!(unpaired("```rust\n```\n").len(), 1);
    assert_eq!(unpaired("```rust\n```\n```rust,compile_fail\nlet b = c;\n```\n").len(), 1);
}
