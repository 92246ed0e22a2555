//! Documents of OpenID Connect for Identity Assurance: each is read and written again without loss.
//!
//! The folder holds the two schemas of the standard, which are not cases, and documents: in the folder itself, or in one
//! named `examples` as the standard publishes them.

use std::fs;

use serde_json::Value;

use super::{Run, is_json, same};
use kyckit::identity::verified_claims::ClaimSet;

/// The folder of the standard's own examples.
const EXAMPLES: &str = "examples";

pub(super) fn run(run: &mut Run) {
    let mut names: Vec<_> = std::mem::take(&mut run.unlisted).into_iter().collect();
    match fs::read_dir(run.dir.join(EXAMPLES)) {
        Ok(entries) => {
            let files = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            names.extend(files.filter(|name| is_json(name)).map(|name| format!("{EXAMPLES}/{name}")));
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => run.fault(EXAMPLES, &format!("cannot be read: {}", error.kind())),
    }
    names.sort();
    for name in names {
        let bytes = match fs::read(run.dir.join(&name)) {
            Ok(bytes) => bytes,
            Err(error) => {
                run.fault(&name, &format!("cannot be read: {}", error.kind()));
                continue;
            }
        };
        match serde_json::from_slice::<Value>(&bytes) {
            Ok(document) if document.get("$schema").is_some() => run.file(&name, 0),
            Ok(document) => {
                run.file(&name, 1);
                run.case(&name, &without_loss(&bytes, &document).err().into_iter().collect());
            }
            Err(error) => run.fault(&name, &format!("is not JSON: line {}", error.line())),
        }
    }
}

fn without_loss(bytes: &[u8], document: &Value) -> Result<(), String> {
    let read = ClaimSet::from_json(bytes).map_err(|error| format!("was refused: {error}"))?;
    if !same(read.to_json().expose(), document) {
        return Err("differs when it is written again".to_owned());
    }
    let entries = match &document["verified_claims"] {
        Value::Null => 0,
        Value::Array(list) => list.len(),
        _ => 1,
    };
    if read.entries().len() != entries {
        return Err(format!("has {entries} entries, and {} were read", read.entries().len()));
    }
    Ok(())
}
