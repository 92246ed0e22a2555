//! The table of calls is complete.
//!
//! `tests/promises/threads` lists every public `async` function of the crate, which a test there compares with the source.
//! So what is listed there and neither in the table nor among the exceptions is a call that was left out.

use std::{collections::BTreeSet, fs, path::Path};

use crate::calls::{CALLS, SENDS_NOTHING_OF_ITS_OWN};

/// Methods that send requests and are not `async` functions themselves, or implement a trait.
const NOT_ASYNC: &[&str] = &[
    "credify::client::Client::campaigns",
    "selfkey::kyc_chain::client::Client::all_applications",
    "selfkey::kyc_chain::client::Client::all_users",
    "selfkey::did::http::HttpResolver::resolve",
    "shuftipro::client::Client::sweep",
];

fn listed() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/promises/threads");
    let mut names = BTreeSet::new();
    for file in fs::read_dir(folder).expect("the folder") {
        let text = fs::read_to_string(file.expect("a file").path()).expect("text");
        let Some((_, list)) = text.split_once("futures! {") else { continue };
        names.extend(list.lines().filter_map(|line| {
            let (name, rest) = line.trim().strip_prefix('"')?.split_once('"')?;
            rest.trim_start().starts_with('=').then(|| name.to_owned())
        }));
    }
    names
}

#[test]
fn every_call_is_in_the_table() {
    let listed = listed();
    assert!(listed.len() > 90, "the list was not found: {}", listed.len());
    let known: BTreeSet<_> = CALLS.iter().map(|call| call.name.to_owned()).collect();
    let silent: BTreeSet<_> = SENDS_NOTHING_OF_ITS_OWN.iter().map(|(name, _)| (*name).to_owned()).collect();
    let missing: Vec<_> =
        listed.iter().filter(|name| !known.contains(*name) && !silent.contains(*name)).collect();
    assert!(missing.is_empty(), "add to tests/common/calls/table.rs: {missing:#?}");
    let gone: Vec<_> = known
        .iter()
        .chain(&silent)
        .filter(|name| !listed.contains(*name) && !NOT_ASYNC.contains(&name.as_str()))
        .collect();
    assert!(gone.is_empty(), "no longer in the source: {gone:#?}");
    let both: Vec<_> = known.intersection(&silent).collect();
    assert!(both.is_empty(), "in the table and among the exceptions: {both:?}");
}

#[test]
fn no_entry_stands_twice_and_all_have_a_request() {
    let titles: BTreeSet<_> = CALLS.iter().map(|call| call.title()).collect();
    assert_eq!(titles.len(), CALLS.len());
    for call in CALLS {
        let (method, path) = call.request.split_once(' ').expect("method and path");
        assert!(
            path.starts_with('/') && ["GET", "POST", "PUT", "PATCH"].contains(&method),
            "{}",
            call.request
        );
        assert!(method != "GET" || call.is_idempotent(), "{}", call.title());
    }
}
