//! Documents of OpenID Connect for Identity Assurance: each is read and written again without loss.
//!
//! The folder holds the two schemas of the standard, which are not cases, and documents: in the folder itself, or in one
//! named `examples` as the standard publishes them.

use std::{fs, path::Path};

use serde_json::Value;

use super::{Run, same};
use crate::identity::verified_claims::ClaimSet;

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

fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
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

#[cfg(test)]
mod tests {
    use super::super::run;

    #[test]
    fn the_examples_of_the_standard_are_read_without_loss_and_a_broken_one_fails() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/openid-ida");
        let report = run(&folder, None).expect("a folder");
        assert_eq!((report.passed, report.failed, report.skipped), (30, 0, 0), "{report}");

        let random = crate::clock::Clock::system().random::<8>().expect("random");
        let broken = std::env::temp_dir().join(format!("kyckit-openid-ida-{}", hex::encode(random)));
        std::fs::create_dir_all(&broken).expect("made");
        for (name, text) in [
            ("a.json", r#"{"verified_claims":{"claims":{}}}"#),
            ("b.json", "{"),
            ("c.json", r#"{"verified_claims":[]}"#),
        ] {
            std::fs::write(broken.join(name), text).expect("written");
        }
        let report = run(&broken, Some("openid-ida")).expect("a folder");
        std::fs::remove_dir_all(&broken).expect("removed");
        assert_eq!((report.passed, report.failed), (1, 2), "{report}");
    }
}
