//! The crate reads, builds and checks what the vectors say, and the runner lets nothing pass in silence.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use crate::runner::{Report, run};
use serde_json::{Value, json};

fn vectors(provider: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(provider)
}

#[test]
fn every_vector_of_shuftipro_holds() {
    let report = run(&vectors("shuftipro"), None).expect("the folder is there");
    assert_eq!(report.to_string().lines().last(), Some("96 passed, 0 failed, 0 skipped"), "{report}");
    assert_eq!((report.passed, report.failed, report.skipped), (96, 0, 0));
    // A line a file, with its number of cases.
    assert_eq!(report.lines.len(), 57);
    assert!(report.lines.contains(&"signature.json: 22 cases".to_owned()));
    assert!(report.lines.contains(&"request_pending.json: 1 case".to_owned()));
}

/// The vectors with one signature case a file, since those take the time: 57 cases.
static REDUCED: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let reduce = |file: &str, bytes: Vec<u8>| -> Vec<u8> {
        if file != "index.json" && !file.starts_with("signature") {
            return bytes;
        }
        let mut value: Value = serde_json::from_slice(&bytes).expect("JSON");
        if let Some(cases) = value.as_array_mut() {
            cases.truncate(1);
        } else {
            value["totals"]["signature_cases"] = json!(3);
            value["totals"]["cases"] = json!(57);
            for entry in value["signatures"].as_array_mut().expect("a list") {
                entry["cases"] = json!(1);
            }
        }
        value.to_string().into_bytes()
    };
    let entries = fs::read_dir(vectors("shuftipro")).expect("vectors");
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let file = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            let bytes = reduce(&file, fs::read(path).expect("a file"));
            (file, bytes)
        })
        .collect()
});

/// A copy of the vectors that a test may spoil.
struct Copy(PathBuf);

impl Copy {
    fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance").join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("a folder");
        for (file, bytes) in REDUCED.iter() {
            fs::write(dir.join(file), bytes).expect("written");
        }
        Self(dir)
    }

    fn edit(&self, file: &str, change: impl FnOnce(&mut Value)) {
        let path = self.0.join(file);
        let mut value = serde_json::from_slice(&fs::read(&path).expect("a file")).expect("JSON");
        change(&mut value);
        fs::write(path, value.to_string()).expect("written");
    }

    /// Changes the entry of a file in the index.
    fn entry(&self, file: &str, change: impl FnOnce(&mut Value)) {
        self.edit("index.json", |index| {
            let lists = ["files", "signatures"];
            let position = lists.iter().find_map(|list| {
                let position = index[list].as_array()?.iter().position(|entry| entry["file"] == file)?;
                Some((*list, position))
            });
            let (list, position) = position.expect("an entry of this file");
            change(&mut index[list][position]);
        });
    }

    fn run(&self) -> Report {
        run(&self.0, Some("shuftipro")).expect("the folder is there")
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Spoils a copy, and expects a failing line with both words in it.
fn fails(name: &str, file: &str, why: &str, spoil: impl FnOnce(&Copy)) {
    let copy = Copy::new(name);
    spoil(&copy);
    let report = copy.run();
    assert!(report.failed > 0, "{name} was let pass:\n{report}");
    assert_eq!(report.skipped, 0, "{name} was skipped");
    assert!(
        report
            .lines
            .iter()
            .any(|line| line.starts_with("FAILED") && line.contains(file) && line.contains(why)),
        "{name} fails without a line that tells {file:?} and {why:?}:\n{report}"
    );
    let last = report.to_string();
    let last = last.lines().last().expect("a last line");
    assert_eq!(last, format!("{} passed, {} failed, 0 skipped", report.passed, report.failed));
}

#[test]
fn an_unspoiled_copy_passes() {
    let report = Copy::new("unspoiled").run();
    assert_eq!((report.passed, report.failed), (57, 0), "{report}");
}

#[test]
fn expectations_that_are_missing_or_not_coded_fail() {
    const READ: &str = "request_pending.json";
    fails("unknown_fact", READ, "colour is not a known fact", |copy| {
        copy.entry(READ, |entry| entry["facts"]["colour"] = json!("red"));
    });
    fails("unknown_member_of_a_fact", READ, "document.colour is not a known fact", |copy| {
        copy.entry(READ, |entry| entry["facts"]["document.colour"] = Value::Null);
    });
    fails("unknown_fact_of_the_account", "account_info_trial.json", "event is not a known fact", |copy| {
        copy.entry("account_info_trial.json", |entry| entry["facts"]["event"] = Value::Null);
    });
    fails("no_facts", READ, "has no facts", |copy| {
        copy.entry(READ, |entry| drop(entry.as_object_mut().expect("an entry").remove("facts")));
    });
    fails("empty_facts", READ, "has empty facts", |copy| {
        copy.entry(READ, |entry| entry["facts"] = json!({}));
    });
    fails("no_builder", "req_status.json", "has no builder", |copy| {
        copy.entry("req_status.json", |entry| {
            drop(entry.as_object_mut().expect("an entry").remove("builder"));
        });
    });
    fails("empty_builder", "req_status.json", "has no builder", |copy| {
        copy.entry("req_status.json", |entry| entry["builder"] = json!({}));
    });
}

#[test]
fn words_that_are_not_known_fail() {
    const READ: &str = "request_pending.json";
    fails("unknown_list", "index.json", "unknown list", |copy| {
        copy.edit("index.json", |index| index["more"] = json!([]));
    });
    fails("unknown_kind", READ, "unknown kind", |copy| {
        copy.entry(READ, |entry| entry["kind"] = json!("mail"))
    });
    fails("unknown_reading", READ, "unknown reading", |copy| {
        copy.entry(READ, |entry| entry["reading"] = json!("poem"));
    });
    fails("unknown_path", READ, "unknown method or path", |copy| {
        copy.entry(READ, |entry| entry["path"] = json!("/else"));
    });
    fails("unknown_status", READ, "unknown http_status", |copy| {
        copy.entry(READ, |entry| entry["http_status"] = json!(99));
    });
    fails("unknown_form", "signature.json", "unknown form", |copy| {
        copy.entry("signature.json", |entry| entry["form"] = json!("song"));
    });
    fails("unknown_compare", "req_status.json", "unknown way to compare", |copy| {
        copy.entry("req_status.json", |entry| entry["compare"] = json!("bytes"));
    });
    fails("unknown_provider", "nobody", "no provider", |copy| {
        let report = run(&copy.0, Some("nobody")).expect("the folder is there");
        assert_eq!(report.to_string().lines().last(), Some("0 passed, 1 failed, 0 skipped"));
        // And by the folder's name alone, which is no provider's.
        assert_eq!(run(&copy.0, None).expect("the folder is there").failed, 1);
        copy.edit("index.json", |index| index["nobody: no provider"] = json!([]));
    });
}

#[test]
fn members_of_a_builder_that_are_not_known_fail() {
    let spoil = |name: &str, file: &str, why: &str, change: &dyn Fn(&mut Value)| {
        fails(name, file, why, |copy| copy.entry(file, |entry| change(&mut entry["builder"])));
    };
    const OCR: &str = "req_onsite_with_ocr.json";
    spoil("call", "req_status.json", "unknown call", &|builder| builder["call"] = json!("dance"));
    spoil("member", "req_status.json", "member colour", &|builder| builder["colour"] = json!(1));
    spoil("flag", OCR, "flags.colour", &|builder| builder["flags"]["colour"] = json!(true));
    spoil("flag_type", OCR, "not true or false", &|builder| builder["flags"]["allow_retry"] = json!("1"));
    spoil("service", OCR, "services.eyes", &|builder| builder["services"]["eyes"] = json!({}));
    spoil("empty_service", OCR, "services.eyes", &|builder| {
        builder["services"]["eyes"] = json!({"state": "empty"});
    });
    spoil("field", OCR, "face.colour", &|builder| builder["services"]["face"]["colour"] = json!("red"));
    spoil("misplaced_field", OCR, "face.filters", &|builder| {
        builder["services"]["face"]["filters"] = json!([]);
    });
    spoil("state", OCR, "unknown state", &|builder| {
        builder["services"]["face"]["proof"] = json!({"state": "full"});
    });
    spoil("mode", "req_kyb_standard.json", "mode", &|builder| {
        builder["services"]["kyb"]["mode"] = json!("deluxe");
    });
    spoil("name", "req_onsite_without_ocr.json", "name.nick", &|builder| {
        builder["services"]["document"]["name"]["value"]["nick"] = json!("J");
    });
    spoil("risk", "req_risk_assessment.json", "risk_assessment.colour", &|builder| {
        builder["risk_assessment"]["colour"] = json!("red");
    });
}

#[test]
fn the_folder_and_the_index_must_agree() {
    fails("missing_file", "request_pending.json", "cannot be read", |copy| {
        fs::remove_file(copy.0.join("request_pending.json")).expect("removed");
    });
    fails("missing_signatures", "signature.json", "cannot be read", |copy| {
        fs::remove_file(copy.0.join("signature.json")).expect("removed");
    });
    fails("unlisted_file", "stray.json", "is not listed", |copy| {
        fs::write(copy.0.join("stray.json"), "{}").expect("written");
    });
    fails("a_file_outside", "../shuftipro", "not a name of a file in the folder", |copy| {
        copy.entry("request_pending.json", |entry| {
            entry["file"] = json!("../shuftipro/request_pending.json")
        });
    });
    fails("no_index", "index.json", "cannot be read", |copy| {
        fs::remove_file(copy.0.join("index.json")).expect("removed");
    });
    fails("broken_index", "index.json", "is not JSON", |copy| {
        fs::write(copy.0.join("index.json"), "{").expect("written");
    });
    fails("no_files", "index.json", "holds no list files", |copy| {
        copy.edit("index.json", |index| drop(index.as_object_mut().expect("an index").remove("files")));
    });
    fails("entry_removed", "totals.cases", "states 57 cases, 56 were run", |copy| {
        copy.edit("index.json", |index| drop(index["files"].as_array_mut().expect("a list").pop()));
    });
    for (total, stated) in [("bodies_read", 41), ("bodies_built", 13), ("signature_cases", 0), ("cases", 58)]
    {
        fails(&format!("total_{total}"), total, "the index states", |copy| {
            copy.edit("index.json", |index| index["totals"][total] = json!(stated));
        });
    }
    fails("no_totals", "totals.cases", "states no number", |copy| {
        copy.edit("index.json", |index| drop(index.as_object_mut().expect("an index").remove("totals")));
    });
    fails("cases_of_a_file", "signature_bytes.json", "states 4 cases, 1 were run", |copy| {
        copy.entry("signature_bytes.json", |entry| entry["cases"] = json!(4));
    });
    assert!(run(Path::new("no/such/folder"), None).is_err());
}

#[test]
fn what_does_not_hold_fails() {
    fails(
        "body",
        "accepted_document.json",
        r#"document.dob is "1990-10-11", expected "1990-10-10""#,
        |copy| {
            copy.edit("accepted_document.json", |body| {
                body["verification_data"]["document"]["dob"] = json!("1990-10-11");
            });
        },
    );
    fails("decision", "accepted_face.json", "decision is \"declined\", expected \"accepted\"", |copy| {
        copy.edit("accepted_face.json", |body| body["event"] = json!("verification.declined"));
    });
    fails("fact", "declined_aml_hits.json", "aml.hits is 2, expected 3", |copy| {
        copy.entry("declined_aml_hits.json", |entry| entry["facts"]["aml.hits"] = json!(3));
    });
    fails("broken_body", "request_pending.json", "ends in the middle", |copy| {
        fs::write(copy.0.join("request_pending.json"), "{\"reference\":").expect("written");
    });
    fails("number_for_text", "req_aml_individual.json", "the built body is", |copy| {
        copy.edit("req_aml_individual.json", |body| body["background_checks"]["match_score"] = json!(80));
    });
    fails("three_states", "req_onsite_with_ocr.json", "the built body is", |copy| {
        copy.entry("req_onsite_with_ocr.json", |entry| {
            drop(entry["builder"]["services"]["document"].as_object_mut().expect("a service").remove("dob"));
        });
    });
    fails(
        "accepted_signature",
        "signature.json ascii_two_keys",
        "hashed signature is not accepted",
        |copy| {
            copy.edit("signature.json", |cases| cases[0]["body"] = json!("{}"));
        },
    );
    fails(
        "swapped_signatures",
        "signature_bytes.json latin1_byte",
        "under the other rule: is accepted",
        |copy| {
            copy.edit("signature_bytes.json", |cases| {
                let case = cases[0].as_object_mut().expect("a case");
                let (legacy, hashed) = (case["signature_legacy"].clone(), case["signature_hashed"].clone());
                case["signature_legacy"] = hashed;
                case["signature_hashed"] = legacy;
            });
        },
    );
    fails("refusal", "signature_negative.json hashed_header_under_legacy_rule", "is accepted", |copy| {
        copy.edit("signature_negative.json", |cases| cases[0]["rule"] = json!("hashed"));
    });
    fails("rule", "signature_negative.json", "names an unknown rule", |copy| {
        copy.edit("signature_negative.json", |cases| cases[0]["rule"] = json!("either"));
    });
}

#[test]
fn values_compare_by_value() {
    let copy = Copy::new("by_value");
    copy.entry("accepted_document.json", |entry| entry["facts"]["document.age"] = json!(33.0));
    assert_eq!(copy.run().failed, 0);
}

/// The status decides where the body has no event, also where it is not even JSON.
#[test]
fn the_status_decides_where_there_is_no_event() {
    let copy = Copy::new("no_event");
    for (status, kind) in [
        (400, "invalid_request"),
        (401, "authentication"),
        (402, "invalid_request"),
        (403, "permission"),
        (404, "not_found"),
        (409, "duplicate_reference"),
        (429, "rate_limit"),
        (500, "server"),
        (524, "server"),
    ] {
        for body in ["<html>", "{}", r#"{"event":"","error":[]}"#] {
            fs::write(copy.0.join("request_pending.json"), body).expect("written");
            copy.entry("request_pending.json", |entry| {
                entry["http_status"] = json!(status);
                entry["facts"] =
                    json!({"event": null, "error_kind": kind, "event_known": false, "terminal": false});
            });
            let report = copy.run();
            assert_eq!(report.failed, 0, "{status} {body}: {report}");
        }
    }
}
