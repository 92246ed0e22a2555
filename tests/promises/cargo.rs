//! What cargo says of this package.

use std::process::Command;

use serde_json::Value;

use crate::source::root;

/// `cargo metadata`, without the network.
pub fn metadata(arguments: &[&str]) -> Value {
    let output = cargo(&[&["metadata", "--offline", "--format-version", "1"], arguments].concat());
    serde_json::from_str(&output).expect("cargo writes JSON")
}

/// Runs cargo in this package and gives back what it prints.
pub fn cargo(arguments: &[&str]) -> String {
    run(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()), arguments)
}

/// The platform that this machine compiles for.
pub fn host() -> String {
    let version = run(&std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()), &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc says its host").to_owned()
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output();
    let output = output.unwrap_or_else(|error| panic!("{program} {arguments:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The package itself, from the answer of [`metadata`].
pub fn package(metadata: &Value) -> &Value {
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().find(|package| package["name"] == "kyckit").expect("kyckit")
}

/// A list of texts.
pub fn texts(list: &Value) -> Vec<&str> {
    list.as_array().map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}
