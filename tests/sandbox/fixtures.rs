//! The callbacks under `tests/vectors/callbacks/shuftipro/`.
//!
//! `KYCKIT_WRITE_FIXTURES=1 cargo test --features full --test sandbox` writes them anew.

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use http::{HeaderMap, HeaderValue};
use kyckit::{
    sandbox::shuftipro::{FIXTURE_SECRET_KEY, fixtures},
    shuftipro::signature::{Rule, Verifier},
};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/callbacks/shuftipro")
}

fn index() -> Value {
    let list: Vec<Value> = fixtures()
        .iter()
        .map(|fixture| {
            json!({
                "file": format!("{}.json", fixture.name),
                "event": fixture.event,
                "headers": {
                    "hashed": { "Content-Type": "application/json", "Signature": fixture.signature_hashed },
                    "legacy": { "Content-Type": "application/json", "Signature": fixture.signature_legacy },
                },
            })
        })
        .collect();
    json!({
        "about": "Callbacks as Shufti Pro documents them, byte for byte, about people who do not exist. Each is signed under secret_key, which is published and guards nothing: once under the hashed rule, once under the legacy one.",
        "method": "POST",
        "secret_key": FIXTURE_SECRET_KEY,
        "callbacks": list,
    })
}

#[test]
fn the_files_are_what_the_sandbox_makes() {
    let folder = folder();
    let pretty = serde_json::to_string_pretty(&index()).expect("JSON") + "\n";
    if env::var_os("KYCKIT_WRITE_FIXTURES").is_some() {
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("index.json"), &pretty).expect("written");
        for fixture in fixtures() {
            fs::write(folder.join(format!("{}.json", fixture.name)), &fixture.body).expect("written");
        }
    }
    assert_eq!(fs::read_to_string(folder.join("index.json")).expect("the index"), pretty);
    let mut expected = BTreeSet::from(["index.json".to_owned()]);
    for fixture in fixtures() {
        let name = format!("{}.json", fixture.name);
        assert_eq!(fs::read(folder.join(&name)).expect("the file"), fixture.body, "{name}");
        assert!(expected.insert(name), "twice");
    }
    let there: BTreeSet<String> = fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    assert_eq!(there, expected);
}

#[test]
fn the_signatures_on_disk_fit_the_bytes_on_disk() {
    let folder = folder();
    let index: Value =
        serde_json::from_slice(&fs::read(folder.join("index.json")).expect("there")).expect("JSON");
    let secret = index["secret_key"].as_str().expect("a key");
    for entry in index["callbacks"].as_array().expect("a list") {
        let file = entry["file"].as_str().expect("a name");
        let body = fs::read(folder.join(file)).expect("there");
        for (name, rule) in [("hashed", Rule::Hashed), ("legacy", Rule::Legacy)] {
            let signature = entry["headers"][name]["Signature"].as_str().expect("a signature");
            let mut headers = HeaderMap::new();
            headers.insert("signature", HeaderValue::from_str(signature).expect("hex"));
            Verifier::new(secret, rule).check(&headers, &body).expect(file);
        }
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(body["event"], entry["event"]);
        assert!(body["reference"].as_str().expect("a reference").starts_with("fixture-"));
    }
}

#[test]
fn every_documented_callback_event_is_there() {
    // The rows of the contract's table of events that have "yes" under callback.
    let documented = [
        "request.pending",
        "request.received",
        "request.timeout",
        "request.deleted",
        "request.data.changed",
        "verification.accepted",
        "verification.declined",
        "verification.cancelled",
        "verification.status.changed",
        "review.pending",
    ];
    let fixtures = fixtures();
    let events: BTreeSet<&str> = fixtures.iter().map(|fixture| fixture.event.as_str()).collect();
    for event in documented {
        assert!(events.contains(event), "{event}");
    }
    // And every service has a result among them.
    for service in [
        "document",
        "document_two",
        "face",
        "address",
        "consent",
        "phone",
        "background_checks",
        "aml_for_businesses",
        "kyb",
        "questionnaire",
        "ekyc",
        "risk_assessment",
    ] {
        let has = |body: &[u8]| {
            let body: Value = serde_json::from_slice(body).expect("JSON");
            body["event"] == "verification.accepted" && body["verification_result"].get(service).is_some()
        };
        assert!(fixtures.iter().any(|fixture| has(&fixture.body)), "{service}");
    }
    // What a name says is what the body shows.
    for fixture in &fixtures {
        let event = fixture.event.replace('.', "_");
        assert!(fixture.name.starts_with(&event), "{} is {}", fixture.name, fixture.event);
    }
}
