//! Maya's vectors: nested tokens with the payload or the category that must come out, and readings of single values.

use serde_json::{Value, json};

use super::{Faults, Run, same};
use kyckit::__private::vectors::maya as vectors;
use kyckit::{
    error::Error,
    maya::{KycStatus, Profile, TokenRejection, VerificationStatus},
    privacy::Secret,
    verified::Verified,
};

const KEYS: &str = "keys.json";
const CASES: &str = "cases.json";
const FIELDS: &str = "fields.json";

/// The categories of contract section 11: an expectation that is none of them is a fault of the vectors.
const CATEGORIES: [&str; 7] = [
    "algorithm_not_allowed",
    "decrypt_failed",
    "expired",
    "malformed",
    "payload_invalid",
    "signature_invalid",
    "too_large",
];

/// Profile of a token, or why it was refused.
type Opened = Result<Verified<Profile>, Error>;

pub(super) fn run(run: &mut Run) {
    match keys(run) {
        Ok(reader) => cases(run, &reader),
        Err(what) => run.fault(KEYS, &what),
    }
    fields(run);
    run.close();
}

fn keys(run: &mut Run) -> Result<impl Fn(&str) -> Opened + use<>, String> {
    let keys = run.read_json(KEYS)?;
    let members = keys.as_object().ok_or("is not an object")?;
    if let Some(unknown) =
        members.keys().find(|name| !matches!(name.as_str(), "jwe_private_jwk" | "jws_secret_jwk"))
    {
        return Err(format!("{unknown} is no key that the runner knows"));
    }
    run.file(KEYS, 0);
    let key = |name: &str| Secret::new(keys[name].to_string());
    let (jwe, jws) = (key("jwe_private_jwk"), key("jws_secret_jwk"));
    vectors::token_reader(&jwe, &jws).map_err(|error| error.to_string())
}

fn cases(run: &mut Run, reader: &impl Fn(&str) -> Opened) {
    let cases = match list(run.read_json(CASES)) {
        Ok(cases) => cases,
        Err(what) => return run.fault(CASES, &what),
    };
    run.file(CASES, cases.len());
    for (index, case) in cases.iter().enumerate() {
        let name = case["name"].as_str().map_or_else(|| format!("{CASES}[{index}]"), str::to_owned);
        let faults = known(case, &["name", "token", "expect"]).and_then(|()| token(reader, case)).err();
        run.case(&name, &faults.into_iter().collect());
    }
}

fn token(reader: &impl Fn(&str) -> Opened, case: &Value) -> Result<(), String> {
    let token = case["token"].as_str().ok_or("has no token")?;
    let expect =
        case["expect"].as_object().filter(|expect| expect.len() == 1).ok_or("expects not one thing")?;
    let opened = reader(token);
    if let Some(payload) = expect.get("ok") {
        return match opened {
            Ok(profile) if same(profile.raw().expose(), payload) => Ok(()),
            Ok(_) => Err("another payload came out".to_owned()),
            Err(error) => Err(error.to_string()),
        };
    }
    let category = expect.get("err").and_then(Value::as_str).filter(|word| CATEGORIES.contains(word));
    let category = category.ok_or("expects what the runner does not know")?;
    match opened {
        Ok(_) => Err(format!("was opened, and not refused as {category}")),
        Err(error) => match TokenRejection::of(&error) {
            Some(refusal) if refusal.as_str() == category => Ok(()),
            Some(refusal) => Err(format!("was refused as {}, and not as {category}", refusal.as_str())),
            None => Err(format!("was refused without a category: {error}")),
        },
    }
}

fn fields(run: &mut Run) {
    let fields = match run.read_json(FIELDS) {
        Ok(Value::Object(fields)) => fields,
        Ok(_) => return run.fault(FIELDS, "is not an object"),
        Err(what) => return run.fault(FIELDS, &what),
    };
    let mut count = 0;
    let mut outcomes: Vec<(String, Faults)> = Vec::new();
    for (list, entries) in &fields {
        let reading: fn(&Value) -> Result<Value, String> = match list.as_str() {
            "note" => continue,
            "date" => date,
            "verificationStatus" => verification_status,
            "kycStatus" => kyc_status,
            "email" => email,
            "contactSubtype" => contact_subtype,
            _ => {
                outcomes.push((list.clone(), vec!["is no list that the runner knows".to_owned()]));
                continue;
            }
        };
        let Some(entries) = entries.as_array() else {
            outcomes.push((list.clone(), vec!["is not a list".to_owned()]));
            continue;
        };
        count += entries.len();
        for (index, entry) in entries.iter().enumerate() {
            let read = known(entry, &["raw", "meaning"]).and_then(|()| {
                let (raw, meaning) =
                    entry.get("raw").zip(entry.get("meaning")).ok_or("has no raw value or no meaning")?;
                let read = reading(raw)?;
                if same(&read, meaning) {
                    Ok(())
                } else {
                    Err(format!("reads as {read}, and not as {meaning}"))
                }
            });
            outcomes.push((format!("{FIELDS} {list}[{index}]"), read.err().into_iter().collect()));
        }
    }
    run.file(FIELDS, count);
    for (name, faults) in outcomes {
        run.case(&name, &faults);
    }
}

fn list(file: Result<Value, String>) -> Result<Vec<Value>, String> {
    match file? {
        Value::Array(list) if !list.is_empty() => Ok(list),
        _ => Err("is not a list of cases".to_owned()),
    }
}

/// A member that the runner does not know may hold an expectation that would be passed over.
fn known(entry: &Value, members: &[&str]) -> Result<(), String> {
    let entry = entry.as_object().ok_or("is not an object")?;
    match entry.keys().find(|name| !members.contains(&name.as_str())) {
        Some(unknown) => Err(format!("{unknown} is no member that the runner knows")),
        None => Ok(()),
    }
}

/// A profile with this beside its id: single values are read as part of one, as they come.
fn profile(with: Value) -> Result<Profile, String> {
    let mut payload = with;
    payload["id"] = json!("a");
    vectors::profile(payload.to_string().as_bytes()).map_err(|error| error.to_string())
}

fn date(raw: &Value) -> Result<Value, String> {
    let profile = profile(json!({"birthDetails": {"birthDate": raw}}))?;
    let Some(date) = profile.birth_details().and_then(|details| details.birth_date.as_ref()) else {
        return Ok(Value::Null);
    };
    if Some(date.raw().into_exposed()) != raw.as_str() {
        return Err("the raw text is lost".to_owned());
    }
    Ok(date.date().map_or(json!({"err": "not a date"}), |day| json!(day.into_exposed().to_string())))
}

fn verification_status(raw: &Value) -> Result<Value, String> {
    let profile = profile(json!({"name": {"verificationStatus": raw}}))?;
    Ok(match profile.name().and_then(|name| name.verification_status.as_ref()) {
        None => Value::Null,
        Some(VerificationStatus::Passed) => json!("passed"),
        Some(VerificationStatus::Failed) => json!("failed"),
        Some(VerificationStatus::Other(word)) => json!({"other": word}),
        Some(_) => return Err("is a status that the runner does not know".to_owned()),
    })
}

fn kyc_status(raw: &Value) -> Result<Value, String> {
    let profile = profile(json!({"kycStatus": raw}))?;
    let meaning = match profile.kyc_status() {
        None => Value::Null,
        Some(KycStatus::Kyc1) => json!("verified"),
        Some(KycStatus::Kyc0) => json!("unverified"),
        Some(KycStatus::Other(word)) => json!({"other": word}),
        Some(_) => return Err("is a status that the runner does not know".to_owned()),
    };
    if profile.is_verified_account() == (meaning == "verified") {
        Ok(meaning)
    } else {
        Err("the status and the verdict disagree".to_owned())
    }
}

fn email(raw: &Value) -> Result<Value, String> {
    let profile = profile(json!({"contact": [{"type": "EMAIL", "value": raw}]}))?;
    let contact = profile.contacts().first().ok_or("the contact is lost")?;
    if contact.value.as_ref().map(|value| value.expose().as_str()) != raw.as_str() {
        return Err("the raw text is lost".to_owned());
    }
    Ok(json!(contact.address().map(kyckit::privacy::Pii::into_exposed)))
}

fn contact_subtype(raw: &Value) -> Result<Value, String> {
    let profile = profile(json!({"contact": [raw]}))?;
    let contact = profile.contacts().first().ok_or("the contact is lost")?;
    Ok(json!(contact.subtype))
}
