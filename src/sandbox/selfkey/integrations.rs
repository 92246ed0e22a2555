//! The integrations API: what a company's server reads and changes, with the header `apiKey`.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{
    instance::Instance,
    response::{Outcome, json_response, only_fields, query},
    settings::API_KEY,
};
use crate::{crypto, server::headers::has_media_type, wire};

const HEADER: &str = "apiKey";
/// Entries of one page, unless the request says otherwise.
const PAGE: usize = 100;

const UNKNOWN: (StatusCode, &str) = (StatusCode::NOT_FOUND, "there is no such thing here");

impl Instance {
    pub(super) async fn integrations(&self, path: &str, request: &Request<Bytes>) -> Outcome {
        let mut keys = request.headers().get_all(HEADER).iter();
        match (keys.next(), keys.next()) {
            (Some(key), None) if crypto::equal(key.as_bytes(), API_KEY.as_bytes()) => {}
            _ => return Err((StatusCode::UNAUTHORIZED, "Unauthorized")),
        }
        let query = query(request.uri());
        let words: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let json_body = || -> Value { wire::json::from_slice(request.body()).unwrap_or_default() };
        match (request.method(), &words[..]) {
            (&Method::GET, ["applications"]) => Ok(self.application_page(&query)),
            (&Method::GET, ["applications", id]) => found(self.store().any_application(id))
                .map(|application| ok(&only_fields(application, &query))),
            (&Method::PATCH, ["applications", id]) => self.update(id, &json_body()),
            (&Method::POST, ["applications", id, "status_changes"]) => self.change(id, &json_body()),
            (&Method::POST, ["applications", id, "attributes"]) => {
                self.add(id, "attributes", json_body(), |entry| {
                    json!({
                        "label": entry["label"], "description": entry["description"],
                        "optional": entry["optional"], "isAdditional": true, "valid": false, "value": null,
                        "schemaId": entry["schema"],
                    })
                })
            }
            (&Method::POST, ["applications", id, "questions"]) => {
                self.add(id, "questions", json_body(), |mut entry| {
                    entry["isAdditional"] = true.into();
                    entry["valid"] = false.into();
                    entry
                })
            }
            (&Method::POST, ["applications", id, list @ ("attributes" | "questions"), "invalidate"]) => {
                self.invalidate(id, list, &query)
            }
            (&Method::POST, ["applications", id, "attachments"]) => self.attach(id, request),
            (&Method::GET, ["files", id]) => self.file(id).ok_or(UNKNOWN),
            (&Method::GET, ["users"]) => Ok(self.users(&query)),
            (&Method::GET, ["users", id]) => {
                let users = self.store().kyc_users();
                let user = users.into_iter().find(|user| user["_id"] == *id);
                found(user).map(|user| ok(&only_fields(user, &query)))
            }
            _ => Err(UNKNOWN),
        }
    }

    fn application_page(&self, query: &[(String, String)]) -> Response<Bytes> {
        let mut all = self.store().all_applications();
        let statuses: Vec<_> = query
            .iter()
            .filter(|(name, _)| name.starts_with("current_statuses["))
            .filter_map(|(_, code)| code.parse::<i64>().ok())
            .collect();
        let owners: Vec<_> = value(query, "email")
            .map(|email| {
                let users = self.store().kyc_users();
                users
                    .into_iter()
                    .filter(|user| user["email"] == *email)
                    .map(|user| user["did"].clone())
                    .collect()
            })
            .unwrap_or_default();
        all.retain(|application| {
            value(query, "template_id").is_none_or(|id| application["template"] == *id)
                && (statuses.is_empty()
                    || application["currentStatus"].as_i64().is_some_and(|code| statuses.contains(&code)))
                && (value(query, "email").is_none()
                    || owners.iter().filter_map(Value::as_str).any(|did| {
                        application["owner"].as_str().is_some_and(|owner| owner.eq_ignore_ascii_case(did))
                    }))
        });
        if let Some(sort) = value(query, "sort") {
            let (name, falling) = match sort.strip_prefix('-') {
                Some(name) => (name, true),
                None => (sort.as_str(), false),
            };
            // Times in this form sort as texts.
            all.sort_by_key(|application| application[name].as_str().unwrap_or_default().to_owned());
            if falling {
                all.reverse();
            }
        }
        page(all, query)
    }

    fn users(&self, query: &[(String, String)]) -> Response<Bytes> {
        let mut all = self.store().kyc_users();
        all.retain(|user| {
            ["email", "did"].iter().all(|name| value(query, name).is_none_or(|wanted| user[*name] == *wanted))
        });
        all.sort_by_key(|user| user["_id"].as_str().unwrap_or_default().to_owned());
        page(all, query)
    }

    fn update(&self, id: &str, body: &Value) -> Outcome {
        let edited = self.store().edit(id, |application| {
            for (name, entry) in body["attributes"].as_object().into_iter().flatten() {
                application["attributes"][name.as_str()]["value"] = entry["value"].clone();
                application["attributes"][name.as_str()]["valid"] = true.into();
            }
        });
        found(edited).map(|application| ok(&application))
    }

    fn change(&self, id: &str, body: &Value) -> Outcome {
        let code = body["code"].as_i64().ok_or((StatusCode::BAD_REQUEST, "code is needed"))?;
        if !self.set_status(id, code, body["note"].as_str()) {
            return Err(UNKNOWN);
        }
        found(self.store().any_application(id)).map(|application| ok(&application))
    }

    fn add(&self, id: &str, list: &str, entry: Value, shape: impl FnOnce(Value) -> Value) -> Outcome {
        if !entry.is_object() {
            return Err((StatusCode::BAD_REQUEST, "the body is no JSON object"));
        }
        let (name, entry) = (self.word(), shape(entry));
        let edited = self.store().edit(id, |application| application[list][name] = entry);
        found(edited).map(|_| json_response(StatusCode::CREATED, &"Created".into()))
    }

    fn invalidate(&self, id: &str, list: &str, query: &[(String, String)]) -> Outcome {
        let prefix = format!("{list}[");
        let names = query.iter().filter(|(name, _)| name.starts_with(&prefix)).map(|(_, name)| name.as_str());
        let edited = self.store().edit(id, |application| {
            for name in names {
                if let Some(entry) = application[list].get_mut(name) {
                    entry["valid"] = false.into();
                }
            }
        });
        found(edited).map(|_| ok(&"OK".into()))
    }

    fn attach(&self, id: &str, request: &Request<Bytes>) -> Outcome {
        let is_multipart = has_media_type(request.headers(), "multipart/form-data");
        let has = |name: &str| {
            let wanted = format!("name=\"{name}\"");
            request.body().windows(wanted.len()).any(|window| window == wanted.as_bytes())
        };
        if !is_multipart || !has("type") || !has("file") {
            return Err((StatusCode::BAD_REQUEST, "type and file are needed"));
        }
        let link = format!("{}applications/{id}", self.base());
        let edited = self.store().edit(id, |application| {
            if !application["attachments"].is_array() {
                application["attachments"] = json!([]);
            }
            if let Some(list) = application["attachments"].as_array_mut() {
                list.push(json!({ "size": request.body().len(), "application": link }));
            }
        });
        found(edited).map(|_| json_response(StatusCode::CREATED, &"Created".into()))
    }
}

fn found(value: Option<Value>) -> Result<Value, (StatusCode, &'static str)> {
    value.ok_or(UNKNOWN)
}

fn ok(body: &Value) -> Response<Bytes> {
    json_response(StatusCode::OK, body)
}

fn value<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a String> {
    query.iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

fn page(all: Vec<Value>, query: &[(String, String)]) -> Response<Bytes> {
    let number = |name: &str| value(query, name).and_then(|text| text.parse::<usize>().ok());
    let (skip, limit) = (number("skip").unwrap_or(0), number("limit").unwrap_or(PAGE));
    let items: Vec<_> = all.into_iter().skip(skip).take(limit).map(|one| only_fields(one, query)).collect();
    ok(&json!({ "items": items }))
}
