//! The provider's vectors hold, and a spoiled folder of them does not.

use std::{fs, path::Path};

use crate::runner::{Report, run};
use serde_json::{Value, json};

fn vectors() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/credify")
}

#[test]
fn every_vector_holds_and_only_optional_ones_are_skipped() {
    let report = run(&vectors(), None).expect("the folder is there");
    let failed = report.lines.iter().filter(|line| line.starts_with("FAILED"));
    assert_eq!(failed.collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(report.failed, 0);
    for cases in [
        "signing-keys.json: 52 cases",
        "encrypted-pem.json: 20 cases",
        "hashing.json: 136 cases",
        "key-case.json: 42 cases",
        "jwt.json: 45 cases",
        "tokens.json: 16 cases",
        "claim-tokens.json: 12 cases",
        "encryption.json: 66 cases",
        "userinfo.json: 21 cases",
        "validate-request.json: 42 cases",
        "offer-evaluation.json: 492 cases",
    ] {
        assert!(report.lines.iter().any(|line| line == cases), "{cases}");
    }
    assert_eq!(report.skipped, 6, "{report}");
}

/// Runs one file, of which something was changed, with the keys that it needs.
fn spoiled(name: &str, file: &str, spoil: impl FnOnce(&mut Value)) -> Report {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("credify-{}-{name}", std::process::id()));
    fs::create_dir_all(&dir).expect("a directory");
    let read = |file: &str| -> Value {
        serde_json::from_slice(&fs::read(vectors().join(file)).expect("a file")).expect("JSON")
    };
    // Other files name keys of these two.
    for keys in ["signing-keys.json", "encryption.json"] {
        let keys_alone = json!({"keys": read(keys)["keys"]});
        fs::write(dir.join(keys), keys_alone.to_string()).expect("written");
    }
    let mut value = read(file);
    spoil(&mut value);
    fs::write(dir.join(file), value.to_string()).expect("written");
    let report = run(&dir, Some("credify")).expect("the folder is there");
    fs::remove_dir_all(&dir).expect("removed");
    report
}

#[test]
fn a_spoiled_file_fails_where_it_was_spoiled() {
    type Spoil = fn(&mut Value);
    let cases: [(&str, &str, Spoil, &str); 14] = [
        (
            "seed",
            "signing-keys.json",
            |file| file["keys"][0]["public_hex"] = json!("00"),
            "public_hex differs",
        ),
        ("import", "signing-keys.json", |file| file["imports"][4]["ok"] = json!(true), "was refused"),
        ("password", "encrypted-pem.json", |file| file["cases"][0]["password"] = json!("x"), "was refused"),
        (
            "hash",
            "hashing.json",
            |file| file["cases"][3]["sha256_unified"] = json!("x"),
            "sha256_unified differs",
        ),
        ("case", "key-case.json", |file| file["keys"][0]["camel"] = json!("x"), "camel differs"),
        ("token", "jwt.json", |file| file["generate"][0]["token"] = json!("x"), "the token differs"),
        ("parse", "jwt.json", |file| file["parse"][4]["expect"]["error"] = json!("Crypto"), "in another way"),
        ("word", "jwt.json", |file| file["parse"][4]["expect"]["error"] = json!("Odd"), "no category"),
        ("kind", "tokens.json", |file| file["tokens"][0]["kind"] = json!("odd"), "no kind of token"),
        (
            "scope",
            "claim-tokens.json",
            |file| {
                file["cases"][0]["scopes"][1]["commitment"] = json!("x");
            },
            "the hashed text of phone by PerScope differs",
        ),
        (
            "text",
            "encryption.json",
            |file| file["strings"][1]["plaintext"] = json!("b"),
            "the plaintext differs",
        ),
        (
            "info",
            "userinfo.json",
            |file| {
                file["userinfo"][0]["expect"]["ok"]["email"]["email"] = json!("x");
            },
            "the answer differs",
        ),
        (
            "strict",
            "validate-request.json",
            |file| file["cases"][0]["strict_ok"] = json!(false),
            "strict_ok differs",
        ),
        ("list", "jwt.json", |file| file["odd"] = json!([]), "odd is no list"),
    ];
    for (name, file, spoil, what) in cases {
        let report = spoiled(name, file, spoil);
        assert!(report.failed == 1 && report.to_string().contains(what), "{name}: {report}");
    }
}
