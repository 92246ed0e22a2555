//! What all files of Credify's vectors share: lists of cases, categories of refusals, keys by name.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::runner::Run;
use kyckit::{
    clock::Clock,
    credify::keys::{DecryptionKey, SigningKey},
    error::{Error, ErrorKind},
    privacy::Secret,
};

/// What came of a case that did not fail.
pub(super) enum Verdict {
    /// Every fact holds.
    Passed,
    /// The case is optional, and refused; why.
    Skipped(&'static str),
}

/// What came of a case; a fault says which fact does not hold.
pub(super) type Outcome = Result<Verdict, String>;

/// A list of a file: its name, the members that its entries may have, and what runs an entry.
pub(super) struct List<'a> {
    pub(super) name: &'static str,
    pub(super) members: &'static [&'static str],
    pub(super) run: &'a dyn Fn(&Value) -> Outcome,
}

/// Runs all lists of a file. Members of the file are known lists, or facts that are used otherwise.
pub(super) fn lists(run: &mut Run, name: &str, file: &Value, facts: &[&str], lists: &[List<'_>]) {
    let Some(file) = file.as_object() else { return run.fault(name, "is not an object") };
    let mut outcomes = Vec::new();
    for (member, entries) in file {
        if matches!(member.as_str(), "description" | "oracle") || facts.contains(&member.as_str()) {
            continue;
        }
        let Some(list) = lists.iter().find(|list| list.name == member) else {
            run.fault(name, &format!("{member} is no list that the runner knows"));
            continue;
        };
        let Some(entries) = entries.as_array() else {
            run.fault(name, &format!("{member} is not a list"));
            continue;
        };
        for (index, entry) in entries.iter().enumerate() {
            let label = ["label", "name", "note"].iter().find_map(|name| entry[*name].as_str());
            let label = format!("{name} {member}[{index}] {}", label.unwrap_or_default());
            let outcome = known(entry, list.members).and_then(|()| (list.run)(entry));
            outcomes.push((label.trim_end().to_owned(), outcome));
        }
    }
    run.file(name, outcomes.len());
    for (label, outcome) in outcomes {
        match outcome {
            Ok(Verdict::Passed) => run.case(&label, &Vec::new()),
            Ok(Verdict::Skipped(reason)) => run.skip(&label, reason),
            Err(fault) => run.case(&label, &vec![fault]),
        }
    }
}

/// A member that the runner does not know may hold an expectation that would be passed over.
pub(super) fn known(entry: &Value, members: &[&str]) -> Result<(), String> {
    let entry = entry.as_object().ok_or("is not an object")?;
    match entry.keys().find(|name| !members.contains(&name.as_str())) {
        Some(unknown) => Err(format!("{unknown} is no member that the runner knows")),
        None => Ok(()),
    }
}

/// A text of an entry.
pub(super) fn text<'a>(entry: &'a Value, name: &str) -> Result<&'a str, String> {
    entry[name].as_str().ok_or_else(|| format!("has no text {name}"))
}

/// Passes when both are equal.
pub(super) fn equal<T: PartialEq + ?Sized>(what: &str, ours: &T, wanted: &T) -> Result<(), String> {
    if ours == wanted { Ok(()) } else { Err(format!("{what} differs")) }
}

/// A result of the crate that must be there.
pub(super) fn done<T>(what: &str, result: Result<T, Error>) -> Result<T, String> {
    result.map_err(|error| format!("{what} was refused: {error}"))
}

/// Whether a refusal is of the category that is expected, or of one that passes beside it.
pub(super) fn refused<T>(result: Result<T, Error>, expect: &Value) -> Outcome {
    let wanted = expect["error"].as_str().ok_or("expects neither a value nor a refusal")?;
    let others = expect["or"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut wanted = std::iter::once(wanted).chain(others).peekable();
    let Err(error) = result else {
        return Err(format!("was taken, and not refused as {}", wanted.peek().unwrap_or(&"any")));
    };
    for category in wanted {
        if is_of(error.kind(), category).ok_or_else(|| format!("{category} is no category"))? {
            return Ok(Verdict::Passed);
        }
    }
    Err(format!("was refused in another way: {error}"))
}

/// The categories of the contract's section 5; none for a word that is no category.
fn is_of(kind: ErrorKind, category: &str) -> Option<bool> {
    Some(match category {
        "any" => true,
        "Crypto" => matches!(kind, ErrorKind::Configuration | ErrorKind::Decryption),
        "InvalidInput" => kind == ErrorKind::InvalidRequest,
        "Token" => matches!(kind, ErrorKind::Decode | ErrorKind::Expired | ErrorKind::Signature),
        _ => return None,
    })
}

/// A clock that stands at `now_ms`.
pub(super) fn clock(entry: &Value) -> Result<Clock, String> {
    let now = entry["now_ms"].as_u64().ok_or("has no time")?;
    Ok(Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_millis(now)).0)
}

/// The signing keys of the folder, by name.
pub(super) struct SigningKeys(Vec<(String, SigningKey)>);

impl SigningKeys {
    pub(super) fn load(run: &Run) -> Self {
        Self(named(run, "signing-keys.json", |key| {
            SigningKey::from_seed(&Secret::from(key["seed_base64url"].as_str()?)).ok()
        }))
    }

    pub(super) fn get(&self, name: &str) -> Result<&SigningKey, String> {
        find(&self.0, name)
    }

    /// The key that an entry names.
    pub(super) fn of(&self, entry: &Value) -> Result<&SigningKey, String> {
        self.get(text(entry, "key")?)
    }
}

/// The RSA keys of the folder, by name.
pub(super) struct RsaKeys(Vec<(String, DecryptionKey)>);

impl RsaKeys {
    pub(super) fn load(run: &Run) -> Self {
        Self(named(run, "encryption.json", |key| {
            DecryptionKey::from_pem(&Secret::from(key["private_pem"].as_str()?), None).ok()
        }))
    }

    /// The key that an entry names.
    pub(super) fn of(&self, entry: &Value) -> Result<&DecryptionKey, String> {
        find(&self.0, text(entry, "key")?)
    }

    pub(super) fn get(&self, name: &str) -> Result<&DecryptionKey, String> {
        find(&self.0, name)
    }
}

/// Keys of another file of the folder, which is run in its own place.
fn named<K>(run: &Run, file: &str, read: impl Fn(&Value) -> Option<K>) -> Vec<(String, K)> {
    let file: Value = fs::read(run.dir.join(file))
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let keys = file["keys"].as_array().into_iter().flatten();
    keys.filter_map(|key| Some((key["name"].as_str()?.to_owned(), read(key)?))).collect()
}

fn find<'a, K>(keys: &'a [(String, K)], name: &str) -> Result<&'a K, String> {
    let key = keys.iter().find(|(other, _)| other == name);
    key.map(|(_, key)| key).ok_or_else(|| format!("the folder has no key {name}"))
}
