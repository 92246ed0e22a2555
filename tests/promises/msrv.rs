//! The oldest Rust that is promised is the oldest that works.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use crate::{
    cargo::{host, metadata, package},
    source::root,
};

/// `1.88` or `1.88.0`, as numbers.
fn version(text: &str) -> (u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().expect("a version is made of numbers"));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// Names and versions of the normal and build dependencies that want a newer Rust than the package does.
fn too_new(metadata: &Value) -> Vec<String> {
    let ours = version(package(metadata)["rust_version"].as_str().expect("rust-version is set"));
    let packages = metadata["packages"].as_array().expect("packages");
    let by_id: BTreeMap<&str, &Value> =
        packages.iter().map(|package| (package["id"].as_str().expect("an id"), package)).collect();
    let mut newer = Vec::new();
    for id in reachable(metadata) {
        let package = by_id[id];
        let wanted = package["rust_version"].as_str();
        if let Some(wanted) = wanted.filter(|wanted| version(wanted) > ours) {
            newer.push(format!("{} {} wants Rust {wanted}", package["name"], package["version"]));
        }
    }
    newer
}

/// What is compiled for somebody who depends on the crate: not what only its tests need.
fn reachable(metadata: &Value) -> BTreeSet<&str> {
    let nodes = metadata["resolve"]["nodes"].as_array().expect("a graph");
    let edges: BTreeMap<&str, &Value> =
        nodes.iter().map(|node| (node["id"].as_str().expect("an id"), &node["deps"])).collect();
    let mut waiting = vec![package(metadata)["id"].as_str().expect("an id")];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in edges[id].as_array().expect("dependencies") {
            let kinds = dependency["dep_kinds"].as_array().expect("kinds");
            if kinds.iter().any(|kind| kind["kind"] != "dev") {
                waiting.push(dependency["pkg"].as_str().expect("an id"));
            }
        }
    }
    seen
}

#[test]
fn no_dependency_wants_a_newer_rust_than_the_manifest_promises() {
    // What this build has compiled is on the machine; more of the graph may not be.
    let features: &[&str] = if cfg!(feature = "full") { &["--features", "full"] } else { &[] };
    let metadata = metadata(&[features, &["--filter-platform", &host()]].concat());
    assert!(reachable(&metadata).len() > 50, "the graph was not walked");
    let newer = too_new(&metadata);
    assert!(newer.is_empty(), "raise rust-version or lower these: {newer:#?}");
}

#[test]
fn a_newer_dependency_is_found_and_one_of_the_tests_is_not() {
    let edge = |id: &str, kind: Value| serde_json::json!({ "pkg": id, "dep_kinds": [{ "kind": kind }] });
    let package = |id: &str, rust: Value| serde_json::json!({ "id": id, "name": id, "version": "1.0.0", "rust_version": rust });
    let metadata = serde_json::json!({
        "packages": [
            package("kyckit", "1.88".into()), package("direct", "1.88.0".into()), package("below", "1.89".into()),
            package("build", "2.0".into()), package("only-tests", "1.99".into()), package("silent", Value::Null),
        ],
        "resolve": { "nodes": [
            { "id": "kyckit", "deps": [
                edge("direct", Value::Null), edge("build", "build".into()), edge("only-tests", "dev".into()),
                edge("silent", Value::Null),
            ] },
            { "id": "direct", "deps": [edge("below", Value::Null)] },
            { "id": "below", "deps": [edge("kyckit", Value::Null)] },
            { "id": "build", "deps": [] }, { "id": "only-tests", "deps": [] }, { "id": "silent", "deps": [] },
        ] },
    });
    assert_eq!(
        too_new(&metadata),
        [r#""below" "1.0.0" wants Rust 1.89"#, r#""build" "1.0.0" wants Rust 2.0"#]
    );
}

/// Every `Rust 1.88` in a text.
fn mentions(text: &str) -> Vec<&str> {
    let after = text.split("Rust ").skip(1);
    let numbers = after.map(|rest| {
        let end = rest.find(|letter: char| letter != '.' && !letter.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].trim_end_matches('.')
    });
    numbers.filter(|number| number.contains('.')).collect()
}

#[test]
fn documents_name_the_version_of_the_manifest() {
    let metadata = metadata(&["--no-deps"]);
    let package = package(&metadata);
    let ours = package["rust_version"].as_str().expect("rust-version is set");
    for file in ["README.md", "CONTRIBUTING.md", "src/lib.rs"] {
        let text = fs::read_to_string(root().join(file)).expect("a readable document");
        for mention in mentions(&text) {
            assert_eq!(version(mention), version(ours), "{file} says Rust {mention}, Cargo.toml says {ours}");
        }
    }
}

#[test]
fn mentions_of_a_version_are_found() {
    assert_eq!(
        mentions("Rust 1.88 or later. Rust is fine, Rust 2 is not, and not Rust 1.9."),
        ["1.88", "1.9"]
    );
}
