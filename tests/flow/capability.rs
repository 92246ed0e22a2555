//! Each source asks the person what its provider's table says, and nothing else.

use std::{collections::BTreeSet, fs, path::Path};

use kyckit::{
    credify, credo360, maya,
    provider::{Capabilities, Erasure, PersonAction, Results},
    selfkey, shuftipro,
};

const ALL: [&Capabilities; 5] = [
    &credify::CAPABILITIES,
    &credo360::CAPABILITIES,
    &maya::CAPABILITIES,
    &selfkey::CAPABILITIES,
    &shuftipro::CAPABILITIES,
];

/// Returns the source of a provider's flow without comments; none for a provider without one.
fn flow_of(provider: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/flow").join(format!("{provider}.rs"));
    let text = fs::read_to_string(path).ok()?;
    let code: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    Some(code.join("\n"))
}

#[test]
fn a_flow_asks_what_its_capabilities_say() {
    let mut flows = 0;
    for row in ALL {
        let provider = row.provider.as_str();
        let Some(source) = flow_of(provider) else { continue };
        flows += 1;
        for (next, ask) in [
            ("Next::OpenUrl", PersonAction::OpenUrl),
            ("Next::TypePasscode", PersonAction::TypePasscode),
            ("Next::SignNonce", PersonAction::Sign),
        ] {
            assert_eq!(source.contains(next), row.may_ask(ask), "{provider}: {next}");
        }
        let in_an_app = row.may_ask(PersonAction::Consent) || row.may_ask(PersonAction::GiveFiles);
        assert!(!source.contains("Next::OpenApp") || in_an_app, "{provider}");
        let deletes = source.contains("Erased::deleted()");
        assert_eq!(deletes, row.erasure == Erasure::Deleted, "{provider}");
        assert_eq!(source.contains("Erased::impossible("), row.erasure == Erasure::Impossible, "{provider}");
        let waits = source.contains("ReturnMode::Callback");
        assert_eq!(waits, row.results == Results::Callback, "{provider}");
    }
    assert_eq!(flows, ALL.len());
    let providers: BTreeSet<_> = ALL.iter().map(|row| row.provider.as_str()).collect();
    assert_eq!(providers.len(), ALL.len());
}
