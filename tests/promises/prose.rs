//! The words of code and documents: plain technical English, and paths that exist.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::source::{Violation, assert_none, root};

/// Words that stand for another, plainer one.
const AVOIDED: &[&str] = &["whose", "nobody", "somebody", "told", "mood", "decent", "house", "room"];

/// The files and folders that are read.
const READ: &[&str] = &["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", "src"];

/// Lines that quote a text of others, or a name that is on its way out: the file, and a part of the line.
const QUOTED: &[(&str, &str)] = &[
    ("src/credify/model/words.rs", "Insurance of the house itself"),
    ("src/credify/model/words.rs", "for-house"),
];

/// Paths of `ARCHITECTURE.md` that are still to come.
const TO_COME: &[&str] = &["src/inbox/dead_letter.rs", "src/transport/layer.rs"];

#[test]
fn code_and_documents_use_plain_words() {
    let mut found = Vec::new();
    for path in texts() {
        let text = fs::read_to_string(root().join(&path)).expect("a readable text");
        found.extend(avoided(&path, &text));
    }
    assert_none("a plainer word exists", &found);
}

#[test]
fn the_architecture_names_paths_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let paths: BTreeSet<&str> = text.split('`').filter(|part| part.starts_with("src/")).collect();
    assert!(paths.len() >= 30, "{} paths", paths.len());
    let missing: Vec<&str> =
        paths.into_iter().filter(|path| !TO_COME.contains(path) && !root().join(path).exists()).collect();
    assert!(missing.is_empty(), "ARCHITECTURE.md names {missing:?}");
}

#[test]
fn readme_and_contributing_lead_to_the_architecture() {
    for name in ["README.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(name)).expect("a readable document");
        assert!(text.contains("ARCHITECTURE.md"), "{name}");
    }
}

/// Every text file of the list, relative to the root.
fn texts() -> Vec<String> {
    let mut texts = Vec::new();
    for path in READ {
        let full = root().join(path);
        assert!(full.exists(), "{path} is gone: take it off the list");
        add(full, &mut texts);
    }
    texts
}

fn add(path: PathBuf, into: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("a readable folder") {
            add(entry.expect("an entry").path(), into);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "md") {
        let relative = path.strip_prefix(root()).expect("it is below the root");
        into.push(relative.to_string_lossy().replace('\\', "/"));
    }
}

fn avoided(path: &str, text: &str) -> Vec<Violation> {
    let quoted = |line: &str| QUOTED.iter().any(|(file, part)| *file == path && line.contains(part));
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !quoted(line)) {
        let words = line.split(|char: char| !char.is_alphanumeric() && char != '_');
        for word in words.map(str::to_lowercase).filter(|word| AVOIDED.contains(&word.as_str())) {
            found.push(Violation { file: path.to_owned(), line: number + 1, what: format!("`{word}`") });
        }
    }
    found
}

#[test]
fn an_avoided_word_is_found_as_a_word_only() {
    let found = |text: &str| avoided("src/a.rs", text).len();
    assert_eq!(found("/// Whose it is.\nlet told = 1;\nfn nobody() {}"), 3);
    assert_eq!(found("household, bedroom, `store_told`, hold"), 0);
}
