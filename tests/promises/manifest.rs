//! Features, dependencies and the package are what the documents say they are.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::{
    cargo::{cargo, metadata, package, texts},
    source::root,
};

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Everything in a text that stands in backticks, outside blocks of code.
fn quoted(text: &str) -> BTreeSet<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2)).collect()
}

/// The text from a heading to the next one of its level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let begin = text.find(heading).unwrap_or_else(|| panic!("no heading {heading}")) + heading.len();
    let rest = &text[begin..];
    &rest[..rest.find("\n## ").unwrap_or(rest.len())]
}

#[test]
fn every_feature_is_documented() {
    let metadata = metadata(&["--no-deps"]);
    let features = package(&metadata)["features"].as_object().expect("features");
    assert!(features.contains_key("full"), "the features were not found");
    for document in ["README.md", "src/lib.rs"] {
        let text = read(document).replace("//! ", "").replace("//!", "");
        let text = text.split("#![").next().unwrap_or_default();
        let named = quoted(text);
        let missing = features.keys().filter(|name| *name != "default" && !named.contains(name.as_str()));
        let missing: Vec<_> = missing.collect();
        assert!(missing.is_empty(), "{document} does not name the features {missing:?} in backticks");
    }
}

/// All features that one turns on, directly or not; `default` and `full` are replaced by what they stand for.
fn expanded<'a>(features: &'a serde_json::Map<String, Value>, name: &str) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    for part in texts(&features[name]) {
        if features.contains_key(part) {
            if !matches!(part, "default" | "full") {
                all.insert(part);
            }
            all.extend(expanded(features, part));
        }
    }
    all
}

#[test]
fn docs_rs_shows_everything_that_full_turns_on() {
    let metadata = metadata(&["--no-deps"]);
    let package = package(&metadata);
    let features = package["features"].as_object().expect("features");
    let docs = &package["metadata"]["docs"]["rs"];
    let shown: BTreeSet<_> = texts(&docs["features"]).into_iter().collect();
    assert_eq!(shown, expanded(features, "full"));
    assert!(shown.contains("rustls") && shown.contains("shuftipro"), "{shown:?}");
    assert!(!shown.contains("vendored-openssl"), "docs.rs has OpenSSL's headers");
    assert_eq!(docs["no-default-features"], true);
    assert_eq!(texts(&docs["rustdoc-args"]), ["--cfg", "docsrs"]);
}

#[test]
fn full_is_everything_but_a_second_tls_and_a_vendored_openssl() {
    let metadata = metadata(&["--no-deps"]);
    let features = package(&metadata)["features"].as_object().expect("features");
    let full = expanded(features, "full");
    let left_out: Vec<_> = features.keys().map(String::as_str).filter(|name| !full.contains(name)).collect();
    assert_eq!(left_out, ["default", "full", "native-tls", "vendored-openssl"]);
}

/// Crates that the dependency table names: those in its first column, feature names in parentheses left out.
fn rows(section: &str) -> BTreeSet<String> {
    let cells =
        section.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let mut names = BTreeSet::new();
    for cell in cells {
        let mut depth = 0;
        let outside: String = cell
            .chars()
            .filter(|letter| {
                depth += i32::from(*letter == '(');
                depth -= i32::from(*letter == ')');
                depth == 0
            })
            .collect();
        names.extend(quoted(&outside).into_iter().map(str::to_owned));
    }
    names
}

#[test]
fn every_dependency_has_its_reason_and_every_reason_its_dependency() {
    let metadata = metadata(&["--no-deps"]);
    let contributing = read("CONTRIBUTING.md");
    let section = section(&contributing, "\n## Dependencies\n");
    let (taken, _) = section.split_once("\nChosen against").expect("what was not taken");
    let (normal, development) = taken.split_once("\nFor development only").expect("what only tests need");
    let (normal, development) = (rows(normal), quoted(development));
    let mut all = BTreeSet::new();
    let mut missing = Vec::new();
    for dependency in package(&metadata)["dependencies"].as_array().expect("dependencies") {
        let name = dependency["name"].as_str().expect("a name");
        let is_said =
            if dependency["kind"] == "dev" { development.contains(name) } else { normal.contains(name) };
        if !is_said {
            missing.push(name);
        }
        all.insert(name);
    }
    assert!(missing.is_empty(), "CONTRIBUTING.md does not say what these dependencies are for: {missing:?}");
    let stale: Vec<_> = normal.iter().filter(|name| !all.contains(name.as_str())).collect();
    assert!(stale.is_empty(), "CONTRIBUTING.md has rows for what is no dependency: {stale:?}");
}

#[test]
fn rows_are_read_as_they_are_written() {
    let table = "| crate | for |\n| --- | --- |\n| `a`, `b` (`door`) | `c` |\n| `d` (of that name) | x |\n";
    assert_eq!(rows(table), ["a", "b", "d"].map(str::to_owned).into());
    assert_eq!(quoted("`a` ```x `b` ``` and `c`"), ["a", "c"].into());
    assert_eq!(section("x\n## A\none\n## B\ntwo", "\n## A\n"), "one");
}

/// The files of the package. Cargo packs no package again, so where this is one, it is what is there.
fn packaged() -> BTreeSet<String> {
    if !root().join("Cargo.toml.orig").is_file() {
        let listed = cargo(&["package", "--list", "--allow-dirty", "--offline"]);
        return listed.lines().map(|line| line.replace('\\', "/")).collect();
    }
    let (mut files, mut folders) = (BTreeSet::new(), vec![root().to_path_buf()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            let name = path.strip_prefix(root()).expect("it is below the root").to_string_lossy();
            let name = name.replace('\\', "/");
            match path.is_dir() {
                true if name == "target" => {}
                true => folders.push(path),
                false => drop(files.insert(name)),
            }
        }
    }
    files
}

#[test]
fn the_package_holds_what_users_need_and_nothing_of_the_workshop() {
    let files = packaged();
    for needed in ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/lib.rs"] {
        assert!(files.contains(needed), "the package lacks {needed}");
    }
    // As many tests run from the package as from the repository.
    for folder in ["benches/", "examples/", "src/manual/", "tests/promises/", "tests/vectors/"] {
        assert!(files.iter().any(|file| file.starts_with(folder)), "the package has nothing of {folder}");
    }
    let stray: Vec<_> =
        files.iter().filter(|file| file.starts_with(".ci/") || file.starts_with("target/")).collect();
    assert!(stray.is_empty(), "the package holds {stray:?}");
    // The registry takes 10 MiB, compressed.
    let sizes = files.iter().filter_map(|file| fs::metadata(root().join(file)).ok()).map(|file| file.len());
    let mebibytes = sizes.sum::<u64>() / (1024 * 1024);
    assert!(mebibytes < 10, "the package holds {mebibytes} MiB");
}

#[test]
fn the_changelog_has_a_place_for_what_comes() {
    let changelog = read("CHANGELOG.md");
    assert!(changelog.contains("\n## Unreleased\n"));
    let metadata = metadata(&["--no-deps"]);
    let version = package(&metadata)["version"].as_str().expect("a version");
    let heading = changelog.lines().find(|line| line.starts_with(&format!("## {version} - ")));
    let heading = heading.unwrap_or_else(|| panic!("{version} has no heading with a day"));
    let day = heading.rsplit_once(" - ").map(|(_, day)| day).unwrap_or_default();
    assert!(day.parse::<kyckit::Date>().is_ok(), "`{day}` is no day");
    let current = section(&changelog, &format!("\n{heading}\n"));
    assert!(current.contains("\n- "), "nothing is said of what {version} brings");
}
