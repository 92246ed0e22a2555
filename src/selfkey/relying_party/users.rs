//! Users: sign-up, the token that opens a session in the browser, the login itself.
//!
//! Source: the provider's integration documentation, "Login with SelfKey"; its browser script and example server.

use std::collections::{BTreeMap, BTreeSet};

use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    body::RequestBody,
    files::{UncommittedFile, malformed, rejected},
    holder::Holder,
    matching::match_with,
    multipart::{Multipart, is_multipart},
    rejection::{Outcome, Rejection, empty, json_response, ok},
    service::Service,
    store::{Login, NewUser},
    submission::{References, Submission, number, parse, part_number},
    submitted::SubmittedAttribute,
};
use crate::{privacy::Secret, selfkey::model::attribute::Requirement, wire};

/// The maximum size of a JSON part of a multipart request.
const MAX_JSON_PART_BYTES: usize = 1024 * 1024;

impl Service {
    pub(super) async fn create_user(
        &self,
        holder: &Holder,
        headers: &HeaderMap,
        body: RequestBody,
    ) -> Outcome {
        let users = self.users.as_deref().ok_or_else(Rejection::not_found)?;
        let meta = if is_multipart(headers) {
            self.create_from_parts(holder, headers, body).await?
        } else if self.is_documented() {
            return Err(malformed());
        } else {
            self.create_from_json(holder, body).await?
        };
        if !self.is_documented() {
            return Ok(empty(StatusCode::CREATED));
        }
        let token = users.token(holder, &meta).await;
        let token = token.map_err(|error| Rejection::of(error, Rejection::bad_request))?;
        let mut body = json!({ "message": "User Created Successfully" });
        if let Some(token) = token {
            body["token"] = token.expose().into();
        }
        Ok(json_response(StatusCode::CREATED, &body))
    }

    /// The attributes in JSON; their files were uploaded before.
    async fn create_from_json(&self, holder: &Holder, body: RequestBody) -> Result<Value, Rejection> {
        let users = self.users.as_deref().ok_or_else(Rejection::not_found)?;
        let mut body = self.json(holder, body, unknown_file).await?;
        let (attributes, meta) = match body {
            _ if body.is_object() => (body.take("attributes"), body.take("meta")),
            // The form of the first wallets that had one.
            _ if body.is_array() => (Some(body), None),
            _ => return Err(Rejection::bad_request("the body is no JSON object")),
        };
        let attributes = attributes.ok_or_else(no_attributes)?.into_attributes(self.is_documented())?;
        self.check_sign_up(&attributes)?;
        let meta = meta.map_or_else(|| json!({}), Submission::into_value);
        let user = NewUser { attributes, meta: meta.clone() };
        users
            .create(holder, user)
            .await
            .map_err(|error| Rejection::of(error, Rejection::invalid_attributes))?;
        Ok(meta)
    }

    /// Attributes and files in one request. The files are kept once everything else is known to be good.
    async fn create_from_parts(
        &self,
        holder: &Holder,
        headers: &HeaderMap,
        body: RequestBody,
    ) -> Result<Value, Rejection> {
        let users = self.users.as_deref().ok_or_else(Rejection::not_found)?;
        let Parts { attributes, meta, files } = self.parts(holder, headers, body).await?;
        let raw = attributes.ok_or_else(no_attributes)?;
        let named = documents(raw.value())
            .ok_or_else(|| Rejection::invalid_attributes("a document has no number"))?;

        // First with the numbers in the place of ids, to see whether all of it is good.
        let mut referred = BTreeSet::new();
        let draft = raw
            .with_parts(&mut |number| {
                let file = files.get(&number)?;
                referred.insert(number);
                Some(described(file, &number.to_string()))
            })
            .map_err(Rejection::invalid_attributes)?;
        self.check_sign_up(&draft.into_attributes(self.is_documented())?)?;
        if !named.iter().all(|number| files.contains_key(number)) {
            return Err(Rejection::invalid_attributes("a document part is missing"));
        }
        if !files.keys().all(|number| referred.contains(number) || named.contains(number)) {
            return Err(Rejection::file_invalid("a document part belongs to no attribute"));
        }

        let mut kept = BTreeMap::new();
        let outcome = async {
            for (number, file) in files {
                let (info, size) = (file.info.clone(), file.size);
                let id =
                    file.commit().await.map_err(|error| Rejection::of(error, Rejection::file_invalid))?;
                kept.insert(number, (id, info, size));
            }
            let attributes = raw
                .with_parts(&mut |number| {
                    let (id, info, size) = kept.get(&number)?;
                    let name = info.name.as_ref().map(|name| name.expose().as_str());
                    Some(file_object(id, &info.media_type, name, *size))
                })
                .map_err(Rejection::invalid_attributes)?
                .into_attributes(self.is_documented())?;
            let user = NewUser { attributes, meta: meta.clone() };
            users
                .create(holder, user)
                .await
                .map_err(|error| Rejection::of(error, Rejection::invalid_attributes))
        };
        if let Err(rejection) = outcome.await {
            self.remove_all(holder, kept.into_values().map(|(id, ..)| id)).await;
            return Err(rejection);
        }
        Ok(meta)
    }

    /// What could not be removed is the application's to find: the rejection stands either way.
    async fn remove_all(&self, holder: &Holder, ids: impl Iterator<Item = String>) {
        let Some(files) = self.files.as_deref() else { return };
        for id in ids {
            let _ = files.remove(holder, &id).await;
        }
    }

    async fn parts(
        &self,
        holder: &Holder,
        headers: &HeaderMap,
        body: RequestBody,
    ) -> Result<Parts, Rejection> {
        let mut multipart =
            Multipart::new(headers, body.into_pieces(), self.max_request_bytes).ok_or_else(malformed)?;
        let mut parts = Parts { attributes: None, meta: json!({}), files: BTreeMap::new() };
        let mut seen = BTreeSet::new();
        while let Some(head) = multipart.next_part().await.map_err(rejected)? {
            if !seen.insert(head.name.clone()) {
                return Err(Rejection::bad_request("a part is there twice"));
            }
            if let Some(number) = part_number(&head.name) {
                let files = self.files.as_deref().ok_or_else(Rejection::not_found)?;
                let file = self.receive(files, holder, &head, &mut multipart).await?;
                if parts.files.insert(number, file).is_some() {
                    return Err(Rejection::bad_request("a part is there twice"));
                }
                continue;
            }
            let is_meta = match head.name.as_str() {
                "attributes" => false,
                "meta" => true,
                // Unknown parts are passed over.
                _ => continue,
            };
            let bytes = multipart.whole(MAX_JSON_PART_BYTES).await.map_err(rejected)?;
            if is_meta {
                parts.meta = parse(&bytes)?;
            } else {
                let references = References::FilesAndParts;
                parts.attributes = Some(self.submission(holder, &bytes, references, unknown_file).await?);
            }
        }
        Ok(parts)
    }

    fn check_sign_up(&self, attributes: &[SubmittedAttribute]) -> Result<(), Rejection> {
        self.check_attributes(&self.requirements, attributes)
    }

    /// Refuses attributes that do not meet what is required.
    pub(super) fn check_attributes(
        &self,
        requirements: &[Requirement],
        attributes: &[SubmittedAttribute],
    ) -> Result<(), Rejection> {
        if attributes.is_empty() && requirements.iter().any(Requirement::required_by_relying_party) {
            return Err(no_attributes());
        }
        // Wallets of the documented dialect have no word for a requirement's id.
        let without_ids: Vec<_>;
        let requirements = if self.is_documented() {
            without_ids = requirements.iter().cloned().map(without_id).collect();
            &without_ids[..]
        } else {
            requirements
        };
        let matching = match_with(self.schemas.as_deref(), requirements, attributes);
        if matching.is_valid {
            return Ok(());
        }
        Err(Rejection::invalid_attributes("what is required is missing or not valid")
            .with_errors(matching.to_errors(requirements)))
    }

    pub(super) async fn user_token(&self, holder: &Holder, query: &str) -> Outcome {
        let users = self.users.as_deref().ok_or_else(Rejection::not_found)?;
        let meta = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "meta");
        let meta = match meta {
            None => json!({}),
            Some((_, text)) => parse(text.as_bytes())
                .map_err(|_| Rejection::new(StatusCode::BAD_REQUEST, "bad_request", "meta is not JSON"))?,
        };
        let token = users.token(holder, &meta).await;
        let token = token
            .map_err(|error| Rejection::of(error, Rejection::bad_request))?
            .ok_or_else(|| Rejection::new(StatusCode::NOT_FOUND, "user_does_not_exist", "sign up first"))?;
        Ok(ok(&json!({ "token": token.expose() })))
    }

    pub(super) async fn login(&self, body: &[u8]) -> Outcome {
        let users = self.users.as_deref().ok_or_else(Rejection::not_found)?;
        let missing = || Rejection::new(StatusCode::BAD_REQUEST, "bad_request", "a token is needed");
        let body: LoginBody = wire::json::from_slice(body).map_err(|_| missing())?;
        let token = body.token.or(body.jwt).ok_or_else(missing)?;
        let login = users.login(&token).await;
        match login.map_err(|error| Rejection::of(error, Rejection::bad_request))? {
            Login::Accepted { redirect_to } => {
                let name = if self.is_documented() { "redirectUrl" } else { "redirectTo" };
                let mut body = Map::new();
                body.insert(name.to_owned(), redirect_to.into());
                Ok(ok(&Value::Object(body)))
            }
            Login::Refused { redirect_to: Some(redirect_to) } => Err(Rejection::redirect(&redirect_to)),
            Login::Refused { redirect_to: None } => Err(Rejection::token_invalid()),
        }
    }
}

/// What a page logs in with. Anybody can send it, so nothing else of it is read.
#[derive(Deserialize)]
struct LoginBody {
    token: Option<Secret>,
    jwt: Option<Secret>,
}

/// What a multipart request came to.
struct Parts {
    attributes: Option<Submission>,
    meta: Value,
    files: BTreeMap<u64, UncommittedFile>,
}

fn without_id(mut asked: Requirement) -> Requirement {
    asked.id = None;
    asked
}

fn no_attributes() -> Rejection {
    Rejection::new(StatusCode::UNPROCESSABLE_ENTITY, "no_attributes", "attributes are needed")
}

fn unknown_file() -> Rejection {
    Rejection::invalid_attributes("a file is not known")
}

/// The numbers in the lists `documents` of all attributes; `None` when one of them is no number.
fn documents(attributes: &Value) -> Option<BTreeSet<u64>> {
    let lists =
        attributes.as_array().into_iter().flatten().filter_map(|one| one.get("documents")?.as_array());
    lists
        .flatten()
        .map(|id| match id {
            Value::Number(id) => id.as_u64(),
            Value::String(id) => number(id),
            _ => None,
        })
        .collect()
}

fn described(file: &UncommittedFile, id: &str) -> Value {
    let name = file.info.name.as_ref().map(|name| name.expose().as_str());
    file_object(id, &file.info.media_type, name, file.size)
}

/// A file as attributes have it.
fn file_object(id: &str, media_type: &str, name: Option<&str>, size: u64) -> Value {
    let mut file = json!({ "mimeType": media_type, "size": size, "content": id });
    if let Some(name) = name {
        file["name"] = name.into();
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_named_by_numbers_also_in_texts() {
        let ids = |list: Value| documents(&json!([{ "documents": list }, {}]));
        assert_eq!(ids(json!([1, "2", 1])), Some(BTreeSet::from([1, 2])));
        for none in [json!(["x"]), json!([null]), json!([-1]), json!([1.5])] {
            assert_eq!(ids(none.clone()), None, "{none}");
        }
    }
}
