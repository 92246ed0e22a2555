//! Names of members from one case to the other.

use serde_json::Value;

use super::common::{List, Outcome, Verdict, done, equal, lists, text};
use crate::runner::{Run, same};
use kyckit::__private::vectors::credify::{camel, camel_keys, snake, snake_keys};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    lists(
        run,
        name,
        file,
        &[],
        &[
            List { name: "keys", members: &["key", "camel", "snake"], run: &key },
            List { name: "deep", members: &["input", "camel", "snake"], run: &deep },
        ],
    );
}

fn key(entry: &Value) -> Outcome {
    let key = text(entry, "key")?;
    equal("camel", camel(key).as_str(), text(entry, "camel")?)?;
    equal("snake", snake(key).as_str(), text(entry, "snake")?)?;
    Ok(Verdict::Passed)
}

fn deep(entry: &Value) -> Outcome {
    let input = entry.get("input").ok_or("has no input")?;
    let camel = done("camel", camel_keys(input))?;
    // The recording went there and back.
    let snake = done("snake", snake_keys(&camel))?;
    equal("camel", &same(&camel, &entry["camel"]), &true)?;
    equal("snake", &same(&snake, &entry["snake"]), &true)?;
    Ok(Verdict::Passed)
}
