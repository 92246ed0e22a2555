//! The vectors hold, and nothing in them passes in silence.

use std::{fs, path::Path};

use crate::runner::{Report, run};
use serde_json::{Value, json};

fn vectors() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/credo360"))
}

#[test]
fn every_vector_holds_and_every_file_is_used() {
    let report = run(vectors(), None).expect("the folder is there");
    assert_eq!(
        report.to_string(),
        "profile-variant.json: 0 cases\nuser.json: 0 cases\ncases.json: 18 cases\n18 passed, 0 failed, 0 skipped"
    );
}

#[tokio::test]
async fn the_runner_can_be_called_inside_of_a_runtime() {
    assert_eq!(run(vectors(), Some("credo360")).expect("the folder is there").failed, 0);
}

/// Runs a folder that holds nothing but these cases.
fn spoiled(name: &str, spoil: impl FnOnce(&mut Value)) -> Report {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("credo360").join(name);
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    let file = fs::read(vectors().join("cases.json")).expect("the cases");
    let mut file = serde_json::from_slice(&file).expect("JSON");
    spoil(&mut file);
    fs::write(dir.join("cases.json"), file.to_string()).expect("written");
    let report = run(&dir, Some("credo360")).expect("the folder is there");
    let _ = fs::remove_dir_all(&dir);
    report
}

/// The case of a name.
fn case<'a>(file: &'a mut Value, name: &str) -> &'a mut Value {
    let cases = file["cases"].as_array_mut().expect("a list");
    cases.iter_mut().find(|case| case["name"] == name).expect(name)
}

#[test]
fn the_copies_may_be_missing() {
    let report = spoiled("unspoiled", |_| {});
    assert_eq!((report.passed, report.failed), (18, 0), "{report}");
}

#[test]
fn whatever_is_spoiled_fails() {
    const USER: &str = "user as documented";
    const RIGHT: &str = "right handle";
    const SHORT: &str = "passcode too short is refused before sending";
    const OTHER: &str = "another person's handle comes back";
    const NUMBER: &str = "handle id as a number is refused, leading zeros would be lost";
    type Spoil = fn(&mut Value);
    let spoils: [(&str, &str, Spoil); 22] = [
        ("fact", "is not a known fact", |file| case(file, USER)["expect"]["ok"]["colour"] = Value::Null),
        ("score", "score is 288", |file| case(file, USER)["expect"]["ok"]["score"] = json!(289)),
        ("text", "id is", |file| case(file, USER)["expect"]["ok"]["id"] = json!(2_598_397_346_u64)),
        ("absent", "gender is null", |file| case(file, USER)["expect"]["ok"]["gender"] = json!("male")),
        ("body", "first_name is", |file| {
            case(file, USER)["body"]["profile"]["name"]["firstName"] = json!("X")
        }),
        ("kind", "unknown kind", |file| case(file, USER)["kind"] = json!("person")),
        ("no facts", "without facts", |file| case(file, USER)["expect"]["ok"] = json!({})),
        ("no expectation", "neither", |file| case(file, USER)["expect"] = json!({ "sent": true })),
        ("expectation", "not a known expectation", |file| case(file, USER)["expect"]["okay"] = json!({})),
        ("count", "states 19", |file| file["count"] = json!(19)),
        ("no count", "states no number", |file| _ = file.as_object_mut().expect("an object").remove("count")),
        ("list", "unknown list", |file| file["more"] = json!([])),
        ("path", "expected \"handle\"", |file| case(file, NUMBER)["expect"]["path"] = json!("handle")),
        ("error", "is not a known error", |file| case(file, SHORT)["expect"]["err"] = json!("short")),
        ("another error", "failed otherwise", |file| case(file, SHORT)["expect"]["err"] = json!("expired")),
        ("unexpected error", "failed:", |file| {
            case(file, SHORT)["expect"] = json!({ "ok": { "handle": "1" }, "sent": false })
        }),
        ("not refused", "succeeded", |file| case(file, OTHER)["answer"]["handleId"] = json!("02598397346")),
        ("sent", "sent 1 times", |file| case(file, RIGHT)["expect"]["sent"] = json!(false)),
        ("not sent", "sent 0 times", |file| case(file, SHORT)["expect"]["sent"] = json!(true)),
        ("sent not said", "does not say", |file| {
            _ = case(file, RIGHT)["expect"].as_object_mut().expect("an object").remove("sent");
        }),
        ("sent body", "another body", |file| {
            case(file, RIGHT)["expect"]["sent_body"]["response"] = json!(123_456)
        }),
        ("sent path", "sent to", |file| case(file, RIGHT)["expect"]["sent_path"] = json!("/auth/abd")),
    ];
    for (name, why, spoil) in spoils {
        let report = spoiled(name, spoil);
        assert_eq!(report.failed, 1, "{name}:\n{report}");
        assert!(
            report.lines.iter().any(|line| line.starts_with("FAILED") && line.contains(why)),
            "{name}:\n{report}"
        );
    }
}

#[test]
fn a_right_path_and_an_unlisted_file_are_told_apart() {
    let report = spoiled("paths", |file| {
        case(file, "right handle")["expect"]["sent_path"] = json!("/auth/abc");
    });
    assert_eq!(report.failed, 0, "{report}");
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("credo360-unlisted");
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("a folder");
    fs::copy(vectors().join("cases.json"), dir.join("cases.json")).expect("copied");
    fs::write(dir.join("more.json"), "[]").expect("written");
    let report = run(&dir, Some("credo360")).expect("the folder is there");
    let _ = fs::remove_dir_all(&dir);
    assert_eq!((report.passed, report.failed), (18, 1), "{report}");
    assert!(report.lines.iter().any(|line| line.starts_with("FAILED more.json")));
}
