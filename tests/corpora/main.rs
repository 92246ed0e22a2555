//! The corpora of the fuzz targets, run as ordinary tests through the same functions, and compared with a second opinion
//! where there is one.

#![allow(clippy::expect_used, clippy::panic, reason = "tests")]

mod canonical;
mod conditions;

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use kyckit::__private::TARGETS;

/// What all seeds together may have.
const MAX_BYTES: u64 = 3_000_000;

/// The folder of the targets. A package of the crate has none.
pub fn fuzz() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("fuzz");
    assert!(folder.exists() || !root.join(".ci").exists(), "the folder of the targets is gone");
    folder.exists().then_some(folder)
}

/// The names in a folder, without an ending.
fn names(folder: &Path, ending: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    names.filter_map(|name| Some(name.strip_suffix(ending)?.to_owned())).collect()
}

/// The files of a target's corpus.
pub fn corpus(fuzz: &Path, target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = fuzz.join("corpus").join(target);
    let files = names(&folder, "").into_iter().map(|name| folder.join(name));
    files.map(|file| (file.clone(), fs::read(&file).expect("a seed"))).collect()
}

#[test]
fn every_target_has_a_binary_and_a_corpus_and_nothing_else_has() {
    let Some(fuzz) = fuzz() else { return };
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert!(targets.len() == TARGETS.len() && targets.len() > 40, "targets are missing");
    assert_eq!(names(&fuzz.join("corpus"), ""), targets, "corpora and targets differ");
    assert_eq!(names(&fuzz.join("fuzz_targets"), ".rs"), targets, "binaries and targets differ");
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).expect("a manifest");
    for target in &targets {
        let binary = format!("[[bin]]\nname = \"{target}\"\npath = \"fuzz_targets/{target}.rs\"\n");
        assert!(manifest.contains(&binary), "{target} is not in the manifest");
        let source = fs::read_to_string(fuzz.join("fuzz_targets").join(format!("{target}.rs")));
        let expected = format!("#![no_main]\n\nkyckit_fuzz::target!({target});\n");
        assert_eq!(source.expect("a source"), expected, "{target} runs something else");
    }
}

#[test]
fn every_file_of_every_corpus_passes() {
    let Some(fuzz) = fuzz() else { return };
    let (mut files, mut bytes, mut failed) = (0, 0, Vec::new());
    for (target, run) in TARGETS {
        let corpus = corpus(&fuzz, target);
        assert!(!corpus.is_empty(), "{target} has an empty corpus");
        files += corpus.len();
        for (file, content) in corpus {
            bytes += content.len() as u64;
            if catch_unwind(AssertUnwindSafe(|| run(&content))).is_err() {
                failed.push(file);
            }
        }
    }
    println!("{files} files of {} corpora, {bytes} bytes", TARGETS.len());
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(bytes < MAX_BYTES, "the corpora have {bytes} bytes");
}
