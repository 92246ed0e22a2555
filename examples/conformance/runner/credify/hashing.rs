//! Canonical texts, sorted texts and hashes.

use serde_json::Value;

use super::common::{List, Outcome, Verdict, done, equal, lists, refused, text};
use crate::runner::Run;
use kyckit::__private::vectors::credify as vectors;
use kyckit::credify::json::{canonical, sha256, sha256_by_each_field, sha256_unified, unified};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    lists(
        run,
        name,
        file,
        &[],
        &[
            List {
                name: "cases",
                members: &[
                    "label",
                    "note",
                    "input_json",
                    "stringify",
                    "sha256",
                    "unified_json",
                    "sha256_unified",
                    "optional",
                    "sha256_throws",
                    "expect_sha256",
                ],
                run: &case,
            },
            List { name: "each_field", members: &["input_json", "output_json"], run: &each_field },
            List { name: "base64url", members: &["utf8", "base64url"], run: &base64url },
        ],
    );
}

fn parse(entry: &Value, name: &str) -> Result<Value, String> {
    serde_json::from_str(text(entry, name)?).map_err(|_| format!("{name} is not JSON that can be held"))
}

fn case(entry: &Value) -> Outcome {
    let value = match parse(entry, "input_json") {
        Ok(value) => value,
        Err(_) if entry["optional"] == true => {
            return Ok(Verdict::Skipped("neither infinity nor half a character can be held"));
        }
        Err(what) => return Err(what),
    };
    let canonical = canonical(&value);
    // With its feature `arbitrary_precision` serde_json holds a number that is beyond a double.
    if entry["optional"] == true
        && canonical.is_err()
        && sha256(&value).is_err()
        && sha256_unified(&value).is_err()
    {
        return Ok(Verdict::Skipped("neither infinity nor half a character can be held"));
    }
    equal("stringify", done("the text", canonical)?.as_str(), text(entry, "stringify")?)?;
    equal("unified_json", done("the text", unified(&value))?.as_str(), text(entry, "unified_json")?)?;
    if entry["sha256_throws"] == true {
        refused(sha256(&value), &entry["expect_sha256"])?;
        return refused(sha256_unified(&value), &entry["expect_sha256"]);
    }
    equal("sha256", done("the hash", sha256(&value))?.as_str(), text(entry, "sha256")?)?;
    let unified = done("the hash", sha256_unified(&value))?;
    equal("sha256_unified", unified.as_str(), text(entry, "sha256_unified")?)?;
    Ok(Verdict::Passed)
}

fn each_field(entry: &Value) -> Outcome {
    let hashed = done("the value", sha256_by_each_field(&parse(entry, "input_json")?))?;
    equal("the text", done("the text", canonical(&hashed))?.as_str(), text(entry, "output_json")?)?;
    Ok(Verdict::Passed)
}

fn base64url(entry: &Value) -> Outcome {
    let (utf8, encoded) = (text(entry, "utf8")?, text(entry, "base64url")?);
    equal("what was encoded", vectors::encode(utf8.as_bytes()).as_str(), encoded)?;
    equal("what was decoded", &vectors::decode(encoded), &Some(utf8.as_bytes().to_vec()))?;
    Ok(Verdict::Passed)
}
