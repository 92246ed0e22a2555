//! What holds for every line of `src/`: which room may know which, what stays behind which door, nothing that panics,
//! nothing unfinished.

use std::{fs, path::PathBuf};

use syn::{
    Item, Path,
    visit::{self, Visit},
};

use crate::report::REPORT;
use crate::source::{
    Module, Origin, Source, Sources, Violation, assert_none, attributes, implied, imports, places, root,
    walk, words,
};

const PROVIDERS: &[&str] = &["credify", "credo360", "maya", "selfkey", "shuftipro"];

/// What every room may know.
const GROUND: &[&str] = &["clock", "date", "error", "privacy", "provider", "wire"];

/// The rooms that one room may know beside itself. None for a room that has no place in the house yet.
fn may_know(room: &str) -> Option<Vec<&'static str>> {
    let above: &[&str] = match room {
        room if GROUND.contains(&room) => &[],
        "crypto" | "identity" | "server" | "storage" => &[],
        "verified" => &["crypto"],
        "transport" => &["crypto"],
        "auth" => &["crypto", "transport"],
        "inbox" => &["server", "storage", "verified"],
        "testkit" => &["crypto", "storage", "transport", "verified"],
        room if PROVIDERS.contains(&room) => {
            &["auth", "inbox", "crypto", "identity", "server", "storage", "transport", "verified"]
        }
        "flow" => &["auth", "crypto", "identity", "storage", "transport", "verified"],
        "sandbox" => &["auth", "inbox", "crypto", "identity", "server", "transport"],
        // Pages without code.
        "manual" => &[],
        // The parsers of all rooms, for fuzzing.
        "__private" => &["crypto", "flow", "identity", "server", "transport", "verified"],
        _ => return None,
    };
    let providers: &[&str] = if matches!(room, "__private" | "flow" | "sandbox") { PROVIDERS } else { &[] };
    Some([GROUND, above, providers].concat())
}

/// Crates that one room alone may use, so that they can be replaced, and so that its guards are the only way to them.
const DOORS: &[(&str, &[&str])] = &[
    ("josekit", &["src/crypto/jose"]),
    ("openssl", &["src/crypto/"]),
    ("k256", &["src/crypto/"]),
    ("sha3", &["src/crypto/"]),
    // The sandbox sends callbacks as a provider does: not by the send path that it is there to try.
    ("reqwest", &["src/sandbox/", "src/transport/"]),
    // Its error, below that of reqwest, says whether a request was sent.
    ("hyper", &["src/sandbox/", "src/server/", "src/transport/http.rs"]),
    ("hyper_util", &["src/sandbox/", "src/server/"]),
    ("secrecy", &["src/privacy/"]),
    ("getrandom", &["src/clock.rs", "src/crypto/"]),
];

/// Where JSON is parsed.
const ONE_READER: &[&str] = &["src/wire/json.rs"];
const JSON: &str =
    "JSON from outside is read by `wire::json`, which bounds its depth and refuses private keys";

/// Where lints are turned on.
const LIB: &[&str] = &["src/lib.rs"];
const PRINTS: &str = "a library prints nothing";

/// Calls that belong to one place.
const CALLS: &[(&[&str], &[&str], &str)] = &[
    (&["SystemTime", ":", ":", "now"], &["src/clock.rs"], "the time comes from a `Clock`"),
    (&["Instant", ":", ":", "now"], &["src/clock.rs"], "the time comes from a `Clock`"),
    (&["now_utc"], &["src/clock.rs"], "the time comes from a `Clock`"),
    (&["time", ":", ":", "sleep"], &["src/clock.rs", "src/sandbox/"], "waits go through a `Clock`"),
    (
        &["tokio", ":", ":", "spawn"],
        &[
            "src/testkit/",
            // A refresh that spends a one-time token runs to its end, whoever leaves.
            "src/maya/customer.rs",
            "src/sandbox/",
        ],
        "no background tasks",
    ),
    (
        &["Verified", ":", ":", "new"],
        &[
            // Whoever adds a line here has read that the check stands before the call.
            "src/testkit/provider.rs",
            "src/credify/userinfo.rs",
            "src/credify/webhook/mod.rs",
            "src/maya/token.rs",
            "src/shuftipro/client.rs",
            "src/shuftipro/signature.rs",
        ],
        "only a function that checks authenticity makes a `Verified`; list the file here when it is one",
    ),
    (
        &["Decision", ":", ":", "accepted"],
        &[
            // Each makes it out of the type that says that its provider's answer was verified.
            "src/credify/identity.rs",
            "src/credo360/identity.rs",
            "src/maya/identity.rs",
            "src/selfkey/identity.rs",
            "src/shuftipro/identity.rs",
        ],
        "only a conversion of a verified answer accepts anybody; list the file here when it is one",
    ),
    (
        &["Provenance", ":", ":", "new"],
        &[
            "src/credify/identity.rs",
            "src/credo360/identity.rs",
            "src/identity/",
            "src/maya/identity.rs",
            "src/selfkey/identity.rs",
            "src/shuftipro/identity.rs",
        ],
        "only a conversion says that something was proven; list the file here when it is one",
    ),
    (
        &["Ownership", ":", ":", "resumed"],
        &["src/flow/credo360.rs"],
        "only a sealed state that was opened gives a proof back",
    ),
    // Lints of Clippy hold the rest (clippy.toml, lib.rs); this is where they may be lifted.
    (&["disallowed_methods"], &["src/lib.rs", "src/wire.rs"], JSON),
    (&["print_stdout"], LIB, PRINTS),
    (&["print_stderr"], LIB, PRINTS),
    (&["dbg_macro"], LIB, PRINTS),
    (&["Value", ":", ":", "from_str"], ONE_READER, JSON),
    (&["parse", ":", ":", "<", "Value"], ONE_READER, JSON),
    (&["parse", ":", ":", "<", "serde_json"], ONE_READER, JSON),
    (&["extract", ":", ":", "Json"], ONE_READER, JSON),
    (&["axum", ":", ":", "Json"], ONE_READER, JSON),
    (&[".", "unwrap", "("], &[], "return an error, or say the invariant with `expect`"),
    (&[".", "unwrap_err", "("], &[], "return an error, or say the invariant with `expect_err`"),
    (&[":", ":", "unwrap"], &[], "return an error, or say the invariant with `expect`"),
];

/// The longest a file may be, without its tests.
const LONGEST: usize = 700;

#[test]
fn the_rooms_that_the_gates_look_for_are_there() {
    for expected in ["inbox", "clock", "crypto", "error", "privacy", "shuftipro", "transport"] {
        assert!(REPORT.rooms.contains(expected), "no room `{expected}` among {:?}", REPORT.rooms);
    }
}

#[test]
fn arrows_between_rooms_point_one_way() {
    assert_none("a room knows what it must not know", &REPORT.arrows);
}

#[test]
fn lower_rooms_have_no_word_for_a_provider() {
    assert_none("give the provider a hook instead", &REPORT.provider_words);
}

#[test]
fn crates_stay_behind_their_doors() {
    assert_none("a crate is used outside its room", &REPORT.doors);
}

#[test]
fn calls_stay_where_they_belong() {
    assert_none("a call stands where it must not", &REPORT.misplaced_calls);
}

#[test]
fn a_file_is_a_concept() {
    assert_none("a file is too long to be one concept", &REPORT.too_long);
}

#[test]
fn nothing_is_left_open_and_no_machine_is_named() {
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["src", "tests", "examples", "benches"] {
        let folder = root().join(folder);
        if folder.is_dir() {
            walk(&folder, &mut files);
        }
    }
    assert!(files.len() > 20, "the files were not found");
    let documents = ["Cargo.toml", "CHANGELOG.md", "CONTRIBUTING.md", "README.md", "SECURITY.md", ".ci/run"];
    // Not all of them are part of a packaged crate.
    files.extend(documents.iter().map(|name| root().join(name)).filter(|path| path.is_file()));
    for folder in ["src/manual", "src/manual/recipes"] {
        let entries = fs::read_dir(root().join(folder)).expect("a readable folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        files.extend(paths.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    }
    let found = files.iter().flat_map(|path| {
        let text = fs::read_to_string(path).expect("a readable file");
        let name =
            path.strip_prefix(root()).expect("it is below the root").to_string_lossy().replace('\\', "/");
        left_open(&name, &text)
    });
    assert_none("something is unfinished, or private to a machine", &found.collect::<Vec<_>>());
}

fn is_below(file: &str, places: &[&str]) -> bool {
    places.iter().any(|place| file.starts_with(place))
}

/// The first folder or file below `src/`; none for `lib.rs`, which knows all of them.
pub fn room(source: &Source) -> Option<&str> {
    source.module.first().map(String::as_str)
}

pub fn arrows(sources: &Sources) -> Vec<Violation> {
    let mut found = Vec::new();
    for module in sources.modules() {
        let Some(room) = room(module.source) else { continue };
        let Some(known) = may_know(room) else {
            found.push(
                module
                    .source
                    .violation(1, format!("`{room}` has no place in the house: say what it may know")),
            );
            continue;
        };
        for (line, path) in references(sources, &module) {
            let other = path[0].as_str();
            // A name of `lib.rs` itself is no room.
            let is_room = may_know(other).is_some();
            if is_room && other != room && !known.contains(&other) {
                found.push(
                    module.source.violation(line, format!("`{room}` must not know `{}`", path.join("::"))),
                );
            }
        }
    }
    found
}

/// Paths within this crate that a module names, in full, with their lines.
fn references(sources: &Sources, module: &Module<'_>) -> Vec<(usize, Vec<String>)> {
    struct References<'a> {
        sources: &'a Sources,
        module: &'a [String],
        found: Vec<(usize, Vec<String>)>,
    }
    impl References<'_> {
        fn add(&mut self, path: &[String], line: usize) {
            if let Origin::Here(path) = self.sources.origin(self.module, path)
                && !path.is_empty()
            {
                self.found.push((line, path));
            }
        }
    }
    impl<'ast> Visit<'ast> for References<'_> {
        fn visit_item(&mut self, item: &'ast Item) {
            // Inline modules are modules of their own.
            let inner = matches!(item, Item::Mod(_)) || implied(attributes(item)).contains("test");
            if !inner {
                visit::visit_item(self, item);
            }
        }
        fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
            for import in imports(&item.tree).into_iter().filter(|_| item.leading_colon.is_none()) {
                self.add(&import.path, import.line);
            }
        }
        fn visit_path(&mut self, path: &'ast Path) {
            let segments: Vec<String> =
                path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            if matches!(segments[0].as_str(), "crate" | "self" | "super") {
                self.add(&segments, path.segments[0].ident.span().start().line);
            }
            visit::visit_path(self, path);
        }
        fn visit_macro(&mut self, call: &'ast syn::Macro) {
            for window in words(call.tokens.clone()).windows(4) {
                if window[0].text == "crate" && window[1].text == ":" && window[2].text == ":" {
                    self.add(&["crate".to_owned(), window[3].text.clone()], window[0].line);
                }
            }
        }
        fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}
    }
    let mut references = References { sources, module: &module.path, found: Vec::new() };
    module.items.iter().for_each(|item| references.visit_item(item));
    references.found
}

pub fn provider_words(sources: &Sources) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in &sources.files {
        let others = match room(source) {
            Some("__private" | "flow" | "manual" | "sandbox") | None => continue,
            own => PROVIDERS.iter().filter(move |provider| Some(**provider) != own),
        };
        let words = source.words();
        for word in words {
            let text = word.text.to_ascii_lowercase();
            for provider in others.clone() {
                let named = if word.is_text_literal { text.contains(provider) } else { text == *provider };
                if named {
                    found.push(source.violation(word.line, format!("names the provider `{provider}`")));
                }
            }
        }
    }
    found
}

pub fn doors(sources: &Sources) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in &sources.files {
        let words = source.words();
        let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
        for (name, places) in DOORS.iter().filter(|(_, places)| !is_below(&source.path, places)) {
            for (at, word) in words.iter().enumerate().filter(|(_, word)| word.text == *name) {
                // `reqwest::x`, `use reqwest as r`, `extern crate reqwest`; not a variable of that name.
                let is_path = text(at + 1) == ":" && text(at + 2) == ":";
                let is_import = at > 0 && matches!(text(at - 1), "use" | "crate");
                if is_path || is_import {
                    let what = format!("`{name}` is for {} alone", places.join(" and "));
                    found.push(source.violation(word.line, what));
                }
            }
        }
    }
    found
}

pub fn calls(sources: &Sources) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in &sources.files {
        let words = source.words();
        for (pattern, _, why) in CALLS.iter().filter(|(_, allowed, _)| !is_below(&source.path, allowed)) {
            for word in places(words, pattern) {
                found.push(source.violation(word.line, format!("`{}`: {why}", pattern.concat())));
            }
        }
    }
    found
}

pub fn too_long(sources: &Sources) -> Vec<Violation> {
    let mut found = Vec::new();
    for source in sources.files.iter().filter(|source| !source.is_test()) {
        let tests: usize = source.test_lines().iter().map(|lines| lines.clone().count()).sum();
        let lines = source.text.lines().count() - tests;
        if lines > LONGEST {
            found.push(source.violation(1, format!("{lines} lines without tests; {LONGEST} is the limit")));
        }
    }
    found
}

/// Scanned as text, comments and strings included. The words are put together here so that this file has none.
fn left_open(file: &str, text: &str) -> Vec<Violation> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let machines =
        [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let has_word = |word: &&str| {
            line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .any(|part| part == *word)
        };
        let hits = words.iter().filter(|word| has_word(word));
        let hits = hits.chain(machines.iter().filter(|place| line.contains(**place)));
        found.extend(hits.map(|hit| Violation {
            file: file.to_owned(),
            line: number + 1,
            what: format!("`{hit}`"),
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rooms of a small house.
    const HOUSE: &[(&str, &str)] = &[
        ("src/lib.rs", "mod error; mod transport; mod inbox; mod shuftipro; mod maya; pub use error::Error;"),
        ("src/error.rs", "pub struct Error;"),
        ("src/inbox/mod.rs", "pub struct Verified;"),
        ("src/shuftipro/mod.rs", "pub struct Client;"),
        ("src/maya/mod.rs", "mod deep; pub struct Client;"),
    ];

    fn found(scan: fn(&Sources) -> Vec<Violation>, path: &str, text: &str) -> Vec<String> {
        let files: Vec<_> =
            HOUSE.iter().copied().filter(|(other, _)| *other != path).chain([(path, text)]).collect();
        scan(&Sources::planted(&files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_arrow_that_points_up_is_found_however_it_is_written() {
        for (path, text) in [
            ("src/transport/mod.rs", "use crate::shuftipro::Client;"),
            ("src/transport/mod.rs", "use crate::{error::Error, verified::Verified};"),
            ("src/transport/send.rs", "use super::super::inbox as c;"),
            ("src/transport/send.rs", "use super::super::maya::*;"),
            ("src/transport/mod.rs", "fn f() { let x = crate::verified::Verified; }"),
            ("src/transport/mod.rs", "fn f() { use crate::verified::Verified; }"),
            ("src/transport/mod.rs", "macro_rules! m { () => { $crate::verified::Verified } }"),
            ("src/transport/mod.rs", "fn f() { vec![crate::verified::Verified]; }"),
            ("src/transport/mod.rs", "mod inner { use super::super::maya; }"),
            ("src/error.rs", "use crate::transport;"),
            ("src/inbox/mod.rs", "impl From<crate::maya::Client> for u8 {}"),
            ("src/maya/deep.rs", "use crate::shuftipro::Client;"),
            ("src/maya/deep.rs", "fn f(x: super::super::shuftipro::Client) {}"),
            ("src/attic.rs", "fn f() {}"),
        ] {
            let found = found(arrows, path, text);
            assert_eq!(found.len(), 1, "{path}: {text}: {found:?}");
            assert!(found[0].starts_with(&format!("{path}:1: ")), "{found:?}");
        }
    }

    #[test]
    fn an_arrow_that_points_down_is_not_found() {
        for (path, text) in [
            ("src/maya/deep.rs", "use super::Client; use crate::{Error, verified::Verified, transport};"),
            ("src/transport/mod.rs", "use crate::{Error, error}; use shuftipro::Client;"),
            (
                "src/transport/mod.rs",
                "//! See [`x`](crate::verified::Verified).\n#[cfg(test)] mod t { use crate::maya; }",
            ),
        ] {
            assert_eq!(found(arrows, path, text), Vec::<String>::new(), "{path}: {text}");
        }
    }

    #[test]
    fn a_provider_that_is_named_below_or_beside_is_found() {
        let lines = |path: &str, text: &str| found(provider_words, path, text).len();
        assert_eq!(lines("src/transport/mod.rs", "fn f(x: &str) -> bool { x == \"shuftipro\" }"), 1);
        assert_eq!(lines("src/transport/mod.rs", "const X: &str = \"https://api.shuftipro.com/\";"), 1);
        assert_eq!(lines("src/transport/mod.rs", "enum E { Maya }"), 1);
        assert_eq!(lines("src/maya/deep.rs", "const X: &str = \"shuftipro\";"), 1);
        assert_eq!(lines("src/maya/deep.rs", "const X: &str = \"maya\";"), 0);
        assert_eq!(lines("src/transport/mod.rs", "/// As `shuftipro` does.\n// maya\nfn f() {}"), 0);
        assert_eq!(lines("src/transport/mod.rs", "#[cfg(feature = \"maya\")] fn f() {}"), 1);
        assert_eq!(lines("src/transport/mod.rs", "#[cfg(test)] mod t { const X: &str = \"maya\"; }"), 0);
    }

    #[test]
    fn a_crate_outside_its_room_is_found() {
        let lines = |path: &str, text: &str| found(doors, path, text).len();
        for text in [
            "use josekit::jws;",
            "use {josekit::jws};",
            "use ::josekit::jws;",
            "use josekit as j;",
            "fn f() { let x = josekit::jws::RS256; }",
            "fn f() { m!(josekit::jws::RS256) }",
            "extern crate josekit;",
        ] {
            assert_eq!(lines("src/maya/deep.rs", text), 1, "{text}");
            assert_eq!(lines("src/crypto/rsa.rs", text), 1, "{text}");
            assert_eq!(lines("src/crypto/jose/sign.rs", text), 0, "{text}");
        }
        assert_eq!(lines("src/maya/deep.rs", "/// Not `josekit::x`.\nfn f(reqwest: u8) { g(reqwest) }"), 0);
        assert_eq!(lines("src/auth/mod.rs", "use reqwest::Client;"), 1);
        assert_eq!(lines("src/transport/http.rs", "use reqwest::Client;"), 0);
    }

    #[test]
    fn a_call_outside_its_place_is_found() {
        let lines = |path: &str, text: &str| found(calls, path, text).len();
        for text in [
            "fn f() { x.unwrap() }",
            "fn f() { x\n    .unwrap\n    () }",
            "fn f() { x.map(Option::unwrap) }",
            "fn f() { x.unwrap_err() }",
            "fn f() { m!(x.unwrap()) }",
            "#[allow(clippy::disallowed_methods)] fn f() {}",
            "#[allow(clippy::print_stdout)] fn f() {}",
            "fn f() { std::time::SystemTime::now() }",
            "fn f() { tokio::time::sleep(x) }",
            "fn f() { tokio::spawn(x) }",
            "fn f() { Verified::new(x, proof) }",
        ] {
            assert_eq!(lines("src/maya/deep.rs", text), 1, "{text}");
            let test = format!("#[cfg(test)] mod tests {{ {text} }}");
            assert_eq!(lines("src/maya/deep.rs", &test), 0, "{test}");
            let method = format!("struct S; impl S {{ #[cfg(test)] {text} }}");
            assert_eq!(lines("src/maya/deep.rs", &method), 0, "{method}");
        }
        let fine =
            "/// `x.unwrap()`\nfn f() { x.unwrap_or(1); g(\".unwrap()\"); /* x.unwrap() */ x.expect(\"y\") }";
        assert_eq!(lines("src/maya/deep.rs", fine), 0);
        assert_eq!(lines("src/clock.rs", "fn f() { SystemTime::now() }"), 0);
    }

    #[test]
    fn a_long_file_is_found_and_its_tests_are_not_counted() {
        let line = "fn f() {}\n";
        assert_eq!(found(too_long, "src/error.rs", &line.repeat(LONGEST)).len(), 0);
        assert_eq!(
            found(too_long, "src/error.rs", &line.repeat(LONGEST + 1)),
            ["src/error.rs:1: 701 lines without tests; 700 is the limit"]
        );
        let tests = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", line.repeat(LONGEST), line.repeat(100));
        assert_eq!(found(too_long, "src/error.rs", &tests).len(), 0);
    }

    #[test]
    fn open_ends_and_machines_are_found() {
        let word = concat!("TO", "DO");
        let path = concat!("/wo", "rk/x");
        let text = format!("fn f() {{}} // {word}: later\nfine, {word}S is another word\nsee {path}\n");
        let found: Vec<String> = left_open("a.rs", &text).iter().map(ToString::to_string).collect();
        assert_eq!(found, [format!("a.rs:1: `{word}`"), format!("a.rs:3: `{}`", &path[..6])]);
    }
}
