//! The table of what providers can do, held against their modules.

use std::{collections::BTreeSet, fs, path::Path};

use kyckit::{
    flow::{Capabilities, Capability, TABLE},
    identity::Means,
};

fn source(provider: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(provider).join(file);
    fs::read_to_string(&path).unwrap_or_default()
}

/// All of a provider's room, and its way.
fn room(provider: &str) -> String {
    fn walk(folder: &Path, text: &mut String) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, text);
            } else {
                text.push_str(&fs::read_to_string(path).unwrap_or_default());
            }
        }
    }
    let mut text = source("flow", &format!("{provider}.rs"));
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(provider), &mut text);
    text
}

/// The words behind a path in a text, such as the variants of an enum that it names.
fn named<'a>(text: &'a str, path: &str) -> BTreeSet<&'a str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split(path).skip(1))
        .map(|rest| rest.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default())
        .collect()
}

#[test]
fn a_provider_proves_what_its_conversion_says_and_nothing_else() {
    for row in TABLE {
        let provider = row.provider.as_str();
        let conversion = source(provider, "identity.rs");
        assert!(!conversion.is_empty(), "{provider} has no conversion");
        let mut said = named(&conversion, "Means::");
        said.remove("SelfAsserted");
        said.remove("CheckFailed");
        let table: Vec<String> = row.proves.iter().map(|means| format!("{means:?}")).collect();
        assert_eq!(table.iter().map(String::as_str).collect::<BTreeSet<_>>(), said, "{provider}");
        assert!(row.proves.iter().all(|means| means.proves()), "{provider}");
    }
}

#[test]
fn what_a_provider_has_is_in_its_room() {
    for row in TABLE {
        let provider = row.provider.as_str();
        let (conversion, room) = (source(provider, "identity.rs"), room(provider));
        for (capability, is_there) in [
            (Capability::Document, conversion.contains("Document {")),
            (Capability::Reputation, conversion.contains("Reputation {")),
            (Capability::Wallet, room.contains("Next::SignNonce")),
            (Capability::Address, conversion.contains("Address {")),
            (Capability::Work, conversion.contains("Work {")),
            (Capability::HostedPage, room.contains("Next::OpenUrl")),
            (Capability::Callback, room.contains("Then::Callback")),
            (Capability::Erasure, room.contains("Erasure::Deleted")),
        ] {
            assert_eq!(row.has(capability), is_there, "{provider}: {}", capability.as_str());
        }
    }
}

#[test]
fn each_provider_that_has_a_way_has_a_row() {
    let ways = [kyckit::credo360::PROVIDER, kyckit::maya::PROVIDER, kyckit::shuftipro::PROVIDER];
    for provider in ways {
        assert!(Capabilities::of(provider).is_some(), "{provider}");
    }
    let rows: BTreeSet<_> = TABLE.iter().map(|row| row.provider.as_str()).collect();
    assert_eq!(rows.len(), TABLE.len(), "one row each");
    let with_a_way: BTreeSet<_> = TABLE
        .iter()
        .map(|row| row.provider.as_str())
        .filter(|provider| !source("flow", &format!("{provider}.rs")).is_empty())
        .collect();
    assert_eq!(rows, with_a_way);
    assert!(Capabilities::of(kyckit::error::Provider::new("nobody")).is_none());
    assert!(TABLE.iter().any(|row| row.can_prove(Means::DocumentChecked)));
}
