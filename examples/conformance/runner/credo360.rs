//! Credo360's vectors: `cases.json` holds answers to read and challenges to respond to.
//!
//! Everything goes through the client, over a transport in memory: what a fact says is what an application gets.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::{Faults, Run, isolated, same};
use kyckit::__private::vectors::decode_json;
use kyckit::{
    clock::Clock,
    credo360::{
        Challenge, Client, HandleId, Kind, Method, Nonce, Ownership, Passcode, Response, User, Validation,
        model::{Location, Picture, Profile},
    },
    error::{Error, ErrorKind},
    privacy::Pii,
    transport::{MockResponse, MockTransport, Options},
};

const CASES: &str = "cases.json";
/// Parts of `cases.json` once more, for readers.
const COPIES: [&str; 2] = ["profile-variant.json", "user.json"];
/// The Credo ID of cases that name none.
const ANYBODY: &str = "02598397346";

pub(super) fn run(run: &mut Run) {
    for copy in COPIES {
        if run.unlisted.remove(copy) {
            run.file(copy, 0);
        }
    }
    let file = match run.read_json(CASES) {
        Ok(Value::Object(file)) => file,
        Ok(_) => return run.fault(CASES, "is not an object"),
        Err(what) => return run.fault(CASES, &what),
    };
    for name in unknown(&file, &["note", "count", "cases"]) {
        run.fault(CASES, &format!("holds an unknown list {name}"));
    }
    let Some(Value::Array(cases)) = file.get("cases") else {
        return run.fault(CASES, "holds no list cases");
    };
    run.file(CASES, cases.len());
    let results = isolated(async {
        let mut results = Vec::new();
        for case in cases {
            results.push(one(case).await.unwrap_or_else(|what| vec![what]));
        }
        results
    });
    match results {
        Ok(results) => {
            for (index, (case, faults)) in cases.iter().zip(results).enumerate() {
                let name = case.get("name").and_then(Value::as_str);
                run.case(&name.map_or_else(|| format!("{CASES}[{index}]"), str::to_owned), &faults);
            }
        }
        Err(what) => run.fault(CASES, what),
    }
    run.total("count", file.get("count"), cases.len());
    run.close();
}

fn unknown<'a>(object: &'a Map<String, Value>, known: &'a [&str]) -> impl Iterator<Item = &'a String> {
    object.keys().filter(|name| !known.contains(&name.as_str()))
}

/// What a case expects.
struct Expected<'a> {
    outcome: Result<&'a Map<String, Value>, &'a str>,
    path: Option<&'a Value>,
    sent: Option<bool>,
    sent_body: Option<&'a Value>,
    sent_path: Option<&'a Value>,
}

impl<'a> Expected<'a> {
    fn of(case: &'a Value) -> Result<Self, String> {
        let Some(Value::Object(expect)) = case.get("expect") else {
            return Err("expects nothing".to_owned());
        };
        if let Some(name) = unknown(expect, &["ok", "err", "path", "sent", "sent_body", "sent_path"]).next() {
            return Err(format!("{name} is not a known expectation"));
        }
        let outcome = match (expect.get("ok"), expect.get("err")) {
            (Some(Value::Object(facts)), None) if !facts.is_empty() => Ok(facts),
            (None, Some(Value::String(kind))) => Err(kind.as_str()),
            (Some(_), None) => return Err("expects a success without facts".to_owned()),
            _ => return Err("expects neither a success nor an error".to_owned()),
        };
        let path = expect.get("path");
        if path.is_some() && outcome != Err("decode") {
            return Err("expects a path without an error of decoding".to_owned());
        }
        Ok(Self {
            outcome,
            path,
            sent: expect.get("sent").and_then(Value::as_bool),
            sent_body: expect.get("sent_body"),
            sent_path: expect.get("sent_path"),
        })
    }

    /// Compares what came out; `fact` gives `None` for one that is not coded.
    fn compare<T>(&self, found: Result<T, Error>, fact: impl Fn(&T, &str) -> Option<Value>) -> Faults {
        match (self.outcome, found) {
            (Ok(facts), Ok(found)) => facts
                .iter()
                .filter_map(|(name, expected)| match fact(&found, name) {
                    None => Some(format!("{name} is not a known fact")),
                    Some(found) if same(&found, expected) => None,
                    Some(found) => Some(format!("{name} is {found}, expected {expected}")),
                })
                .collect(),
            (Ok(_), Err(error)) => vec![format!("failed: {error}")],
            (Err(kind), Ok(_)) => vec![format!("succeeded, expected {kind}")],
            (Err(kind), Err(error)) => self.compare_error(kind, &error).into_iter().collect(),
        }
    }

    fn compare_error(&self, kind: &str, error: &Error) -> Option<String> {
        let fits = match kind {
            "decode" => error.kind() == ErrorKind::Decode,
            "expired" => error.kind() == ErrorKind::Expired,
            // By our own check, which is before anything is sent.
            "invalid_request" => error.kind() == ErrorKind::InvalidRequest && error.attempts() == 0,
            "mismatch" => error.check() == Some("answer.handle"),
            _ => return Some(format!("{kind} is not a known error")),
        };
        if !fits {
            return Some(format!("failed otherwise than by {kind}: {error}"));
        }
        let path = error.path().map_or(Value::Null, Value::from);
        self.path
            .filter(|expected| **expected != path)
            .map(|expected| format!("is at {path}, expected {expected}"))
    }
}

async fn one(case: &Value) -> Result<Faults, String> {
    let expected = Expected::of(case)?;
    match case.get("kind").and_then(Value::as_str) {
        Some("user") => {
            let body = member(case, "body")?.to_string();
            Ok(expected.compare(decode_json::<User>(body.as_bytes()), user))
        }
        Some("challenge") => {
            let setup = Setup::new(ANYBODY, SystemTime::UNIX_EPOCH, member(case, "body")?, None)?;
            let created = setup.challenge().await;
            let path = match &created {
                Ok(challenge) => setup.path(challenge).await,
                Err(_) => None,
            };
            Ok(expected.compare(created, |created, fact| match fact {
                "patch_path" => Some(path.clone().into()),
                fact => challenge(created, fact),
            }))
        }
        Some("respond") => respond(case, &expected).await,
        _ => Err("has an unknown kind".to_owned()),
    }
}

async fn respond(case: &Value, expected: &Expected<'_>) -> Result<Faults, String> {
    let handle = match case.get("handle") {
        None => ANYBODY,
        Some(handle) => handle.as_str().ok_or("has a handle that is no text")?,
    };
    let now = match case.get("now") {
        None => 0,
        Some(now) => now.as_u64().ok_or("has a time that is no number")?,
    };
    let now =
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(now)).ok_or("has a time out of range")?;
    let text = member(case, "response")?.as_str().ok_or("has a response that is no text")?;
    let sent = expected.sent.ok_or("does not say whether something is sent")?;

    let setup = Setup::new(handle, now, member(case, "challenge")?, case.get("answer"))?;
    let mut challenge = setup.challenge().await.map_err(|error| format!("has no good challenge: {error}"))?;
    let response = response_to(&challenge, text);
    let outcome = setup.client.validate(&mut challenge, &response).await;

    let mut faults = expected.compare(outcome, |owned: &Ownership, fact| {
        (fact == "handle").then(|| owned.handle().expose().into())
    });
    let patches = setup.memory.sent().split_off(1);
    if patches.len() != usize::from(sent) {
        faults.push(format!("sent {} times", patches.len()));
    }
    let patch = patches.first();
    if let Some(expected) = expected.sent_body {
        let body = patch.and_then(|patch| serde_json::from_slice::<Value>(&patch.body).ok());
        if !body.is_some_and(|body| same(&body, expected)) {
            faults.push("sent another body".to_owned());
        }
    }
    if let Some(expected) = expected.sent_path {
        let path = patch.map(|patch| Value::from(patch.url.path()));
        if path.as_ref() != Some(expected) {
            faults.push(format!("sent to {path:?}, expected {expected}"));
        }
    }
    Ok(faults)
}

fn member<'a>(case: &'a Value, name: &str) -> Result<&'a Value, String> {
    case.get(name).ok_or_else(|| format!("has no {name}"))
}

/// A client before a provider that answers with a challenge, and then with what is given.
struct Setup {
    client: Client,
    memory: MockTransport,
    handle: HandleId,
}

impl Setup {
    fn new(handle: &str, now: SystemTime, challenge: &Value, answer: Option<&Value>) -> Result<Self, String> {
        let answers = [Some(challenge), answer].into_iter().flatten();
        let memory = MockTransport::new(answers.map(|answer| MockResponse::json(200, answer.to_string())));
        let options = Options::new().transport(memory.clone()).clock(Clock::frozen(now).0);
        let client =
            Client::builder("conformance").options(options).build().map_err(|error| error.to_string())?;
        let handle = HandleId::new(handle).map_err(|error| error.to_string())?;
        Ok(Self { client, memory, handle })
    }

    async fn challenge(&self) -> Result<Challenge, Error> {
        self.client.challenge(&self.handle, &Method::Passcode).await
    }

    /// Where the response to a challenge is sent, whatever comes of it.
    async fn path(&self, challenge: &Challenge) -> Option<String> {
        let stored = serde_json::to_value(challenge).ok()?;
        let mut copy: Challenge = serde_json::from_value(stored).ok()?;
        let digits = match challenge.validation() {
            Validation::Passcode(passcode) => passcode.length as usize,
            _ => 1,
        };
        let _ = self.client.validate(&mut copy, &response_to(challenge, &"0".repeat(digits))).await;
        self.memory.sent().get(1).map(|patch| patch.url.path().to_owned())
    }
}

fn response_to(challenge: &Challenge, text: &str) -> Response {
    match challenge.validation() {
        Validation::Passcode(_) => Response::passcode(text),
        Validation::Signature(_) => Response::signature(text),
        _ => Response::other(text),
    }
}

fn user(user: &User, fact: &str) -> Option<Value> {
    let profile = user.profile.as_ref();
    let location = |get: fn(&Location) -> Option<&String>| {
        json!(profile.and_then(|profile| profile.location.as_ref()).and_then(get))
    };
    let of_profile = |get: fn(&Profile) -> Option<Value>| json!(profile.and_then(get));
    let source = |picture: &Picture| picture.source.as_ref().map(Pii::expose).cloned();
    Some(match fact {
        "id" => json!(user.handle.id.expose()),
        "status" => json!(user.handle.status.as_str()),
        "first_name" => of_profile(|profile| Some(json!(profile.name.first.expose()))),
        "last_name" => of_profile(|profile| Some(json!(profile.name.last.as_ref()?.expose()))),
        "country" => location(|location| Some(location.country.expose())),
        "region" => location(|location| location.region.as_ref().map(Pii::expose)),
        "city" => location(|location| location.city.as_ref().map(Pii::expose)),
        "age" => of_profile(|profile| Some(json!(profile.age.as_ref()?.years.expose()))),
        "gender" => of_profile(|profile| Some(json!(profile.gender.as_ref()?.expose().as_str()))),
        "picture_source" => json!(profile.and_then(|profile| profile.picture.as_ref()).and_then(source)),
        "score" => json!(user.reputation.score.expose()),
        "quality" => json!(user.reputation.quality.expose().as_str()),
        "behavior_score" => {
            json!(user.reputation.segments.behavior.as_ref().map(|segment| segment.score.expose()))
        }
        "member_since" => json!(user.member_since.as_ref().map(|moment| seconds(*moment.expose()))),
        "verifications" => {
            let mut kinds: Vec<_> = user.verifications.iter().map(|one| one.kind.as_str()).collect();
            kinds.sort_unstable();
            json!(kinds)
        }
        "email_verified_on" => {
            json!(user.verification(&Kind::Email).map(|one| seconds(*one.verified_on.expose())))
        }
        _ => return None,
    })
}

fn challenge(challenge: &Challenge, fact: &str) -> Option<Value> {
    let passcode = |get: fn(&Passcode) -> Value| match challenge.validation() {
        Validation::Passcode(passcode) => get(passcode),
        _ => Value::Null,
    };
    let nonce = |get: fn(&Nonce) -> Value| match challenge.validation() {
        Validation::Signature(nonce) => get(nonce),
        _ => Value::Null,
    };
    Some(match fact {
        "method" => json!(challenge.method().as_str()),
        "length" => passcode(|passcode| json!(passcode.length)),
        "attempts" => passcode(|passcode| json!(passcode.attempts)),
        "delivery" => passcode(|passcode| json!(passcode.delivery.as_str())),
        "expires_at" => json!(challenge.expires_at().map(seconds)),
        "nonce_bytes" => nonce(|nonce| json!(nonce.bytes().map(<[u8]>::len))),
        _ => return None,
    })
}

/// Whole seconds since 1970, cut down.
fn seconds(moment: SystemTime) -> Value {
    match moment.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => json!(since.as_secs()),
        Err(before) => json!(-before.duration().as_secs_f64().ceil()),
    }
}
