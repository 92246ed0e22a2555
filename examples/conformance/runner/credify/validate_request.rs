//! The check of the three tokens, strict and compatible, against an authority that answers what the vectors say.

use std::sync::Mutex;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::common::{List, Outcome, Verdict, clock, done, equal, lists, refused, text};
use crate::runner::{Run, isolated};
use kyckit::__private::vectors::credify::granted_key;
use kyckit::{
    credify::{
        authority::{Authority, Introspection, PublicKeys},
        validate::{ClaimsRequest, GrantedRequest, RequestValidator},
    },
    error::{Error, ErrorKind},
    privacy::Secret,
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let case = |entry: &Value| case(file, entry);
    lists(
        run,
        name,
        file,
        &["user_id", "default_introspection_response", "default_public_keys", "not_found_response"],
        &[List {
            name: "cases",
            members: &[
                "label",
                "note",
                "now_ms",
                "access_token",
                "request_token",
                "approval_token",
                "request_payload",
                "approval_payload",
                "introspection_response",
                "public_keys",
                "peer",
                "requests",
                "strict_ok",
                "expect",
            ],
            run: &case,
        }],
    );
}

/// Answers from a case and remembers what it was asked.
struct Recorded<'a> {
    introspection: &'a Value,
    keys: &'a Value,
    asked: Mutex<Vec<Value>>,
}

impl Recorded<'_> {
    fn note(&self, request: Value) {
        if let Ok(mut asked) = self.asked.lock() {
            asked.push(request);
        }
    }
}

impl Authority for Recorded<'_> {
    fn introspect<'a>(
        &'a self,
        token: &'a Secret,
        scope: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Introspection, Error>> {
        self.note(json!({
            "method": "POST", "path": "/v1/oauth2/introspect",
            "body": {"token": token.expose(), "scope": scope},
        }));
        Box::pin(async {
            Ok(match self.introspection.get("data") {
                Some(data) => serde_json::from_value(data.clone())
                    .map_err(|_| Error::new(ErrorKind::Decode, "the introspection"))?,
                None => Introspection::default(),
            })
        })
    }

    fn public_keys<'a>(&'a self, entity_id: &'a str) -> BoxFuture<'a, Result<PublicKeys, Error>> {
        self.note(json!({"method": "GET", "path": format!("/v1/entity/public-key?entity_id={entity_id}")}));
        Box::pin(async move {
            let keys =
                self.keys.get(entity_id).ok_or_else(|| Error::new(ErrorKind::NotFound, "the entity"))?;
            serde_json::from_value(keys.clone()).map_err(|_| Error::new(ErrorKind::Decode, "the keys"))
        })
    }
}

fn case(file: &Value, entry: &Value) -> Outcome {
    let given = |name: &str, default: &str| entry.get(name).unwrap_or(&file[default]).clone();
    let introspection = given("introspection_response", "default_introspection_response");
    let keys = given("public_keys", "default_public_keys");
    let access_token = Secret::from(text(entry, "access_token")?);
    let call = ClaimsRequest {
        access_token: &access_token,
        request_token: text(entry, "request_token")?,
        approval_token: text(entry, "approval_token")?,
        user_id: text(file, "user_id")?,
    };
    let validate = |validator: RequestValidator| {
        let authority = Recorded { introspection: &introspection, keys: &keys, asked: Mutex::default() };
        let result = isolated(async { validator.validate(&authority, call).await })?;
        Ok::<_, String>((result, authority.asked.into_inner().unwrap_or_default()))
    };
    let validator = RequestValidator::new(clock(entry)?);

    let (strict, asked) = validate(validator.clone())?;
    equal("strict_ok", &Some(strict.is_ok()), &entry["strict_ok"].as_bool())?;
    match entry["expect"].get("ok") {
        Some(wanted) => {
            same_grant(&done("the strict check", strict)?, wanted)?;
            let wanted = entry["requests"].as_array().ok_or("has no requests")?;
            let same = asked.len() == wanted.len() && wanted.iter().all(|request| asked.contains(request));
            equal("what was asked", &same, &true)?;
        }
        None => {
            refused(strict, &entry["expect"])?;
        }
    }

    let (compatible, _) = validate(validator.compatible())?;
    match entry["peer"]["ok"].as_bool().ok_or("has no recording")? {
        true => same_grant(&done("the compatible check", compatible)?, &entry["peer"])?,
        false => {
            refused(compatible, &json!({"error": "any"}))?;
        }
    }
    Ok(Verdict::Passed)
}

fn same_grant(grant: &GrantedRequest, wanted: &Value) -> Result<(), String> {
    equal("public_key", granted_key(grant), text(wanted, "public_key")?)?;
    equal("scopes", &json!(grant.scopes()), &wanted["scopes"])
}
