//! Users: sign-up, the token that opens a session in the browser, the login itself.
//!
//! Source: the provider's integration documentation, "Login with SelfKey"; its browser script and example server.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Holder, Incoming, Service, SubmittedAttribute,
    answer::{Outcome, Refusal, empty, json_answer, ok},
    files::{Pending, malformed, refused},
    multipart::{Multipart, is_multipart},
    requirement::match_with,
    submission::{References, Submission, number, parse, part_number},
};
use crate::{error::Error, privacy::Secret, selfkey::attribute::Requirement, wire};

/// The longest JSON part of a multipart request.
const LARGEST_JSON_PART: usize = 1024 * 1024;

/// The application's users.
pub trait Users: Send + Sync {
    /// Creates the user of this holder, or updates the one there is.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest), with the fields at fault, is 422 `invalid_attributes`;
    /// [`Conflict`](crate::ErrorKind::Conflict) is 400 `could_not_create`; [`Permission`](crate::ErrorKind::Permission)
    /// is 403. Everything else is 500.
    fn create<'a>(&'a self, holder: &'a Holder, user: NewUser) -> BoxFuture<'a, Result<(), Error>>;

    /// A token with which the holder's browser logs in once; `None` when there is no such user. `meta` is what the
    /// wallet passed on from the website's configuration.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    fn token<'a>(
        &'a self,
        holder: &'a Holder,
        meta: &'a Value,
    ) -> BoxFuture<'a, Result<Option<Secret>, Error>>;

    /// Takes a token back from the browser. It must work once.
    ///
    /// # Errors
    ///
    /// When it could not be found out.
    fn login<'a>(&'a self, token: &'a Secret) -> BoxFuture<'a, Result<Login, Error>>;
}

/// What a wallet signs up with. Attributes were matched with what is asked for, files are kept already.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewUser {
    /// Attributes, also those that nobody asked for; files in them are named by their ids.
    pub attributes: Vec<SubmittedAttribute>,
    /// What the wallet passed on from the website's configuration.
    pub meta: Value,
}

/// What comes of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Login {
    /// The token is good: the page goes there, to a URL or a path.
    Accepted {
        /// Where to.
        redirect_to: String,
    },
    /// The token is not, or not any more.
    Refused {
        /// Where the page goes instead, if anywhere.
        redirect_to: Option<String>,
    },
}

impl Service {
    pub(super) async fn create_user(&self, holder: &Holder, headers: &HeaderMap, body: Incoming) -> Outcome {
        let users = self.users.as_deref().ok_or_else(Refusal::not_found)?;
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
        let token = token.map_err(|error| Refusal::of(error, Refusal::bad_request))?;
        let mut answer = json!({ "message": "User Created Successfully" });
        if let Some(token) = token {
            answer["token"] = token.expose().into();
        }
        Ok(json_answer(StatusCode::CREATED, &answer))
    }

    /// The attributes in JSON; their files were uploaded before.
    async fn create_from_json(&self, holder: &Holder, body: Incoming) -> Result<Value, Refusal> {
        let users = self.users.as_deref().ok_or_else(Refusal::not_found)?;
        let mut body = self.json(holder, body, unknown_file).await?;
        let (attributes, meta) = match body {
            _ if body.is_object() => (body.take("attributes"), body.take("meta")),
            // The form of the first wallets that had one.
            _ if body.is_array() => (Some(body), None),
            _ => return Err(Refusal::bad_request("the body is no JSON object")),
        };
        let attributes = attributes.ok_or_else(no_attributes)?.into_attributes(self.is_documented())?;
        self.check_sign_up(&attributes)?;
        let meta = meta.map_or_else(|| json!({}), Submission::into_value);
        let user = NewUser { attributes, meta: meta.clone() };
        users.create(holder, user).await.map_err(|error| Refusal::of(error, Refusal::invalid_attributes))?;
        Ok(meta)
    }

    /// Attributes and files in one request. The files are kept once everything else is known to be good.
    async fn create_from_parts(
        &self,
        holder: &Holder,
        headers: &HeaderMap,
        body: Incoming,
    ) -> Result<Value, Refusal> {
        let users = self.users.as_deref().ok_or_else(Refusal::not_found)?;
        let Parts { attributes, meta, files } = self.parts(holder, headers, body).await?;
        let raw = attributes.ok_or_else(no_attributes)?;
        let named =
            documents(raw.value()).ok_or_else(|| Refusal::invalid_attributes("a document has no number"))?;

        // First with the numbers in the place of ids, to see whether all of it is good.
        let mut referred = BTreeSet::new();
        let draft = raw
            .with_parts(&mut |number| {
                let file = files.get(&number)?;
                referred.insert(number);
                Some(described(file, &number.to_string()))
            })
            .map_err(Refusal::invalid_attributes)?;
        self.check_sign_up(&draft.into_attributes(self.is_documented())?)?;
        if !named.iter().all(|number| files.contains_key(number)) {
            return Err(Refusal::invalid_attributes("a document part is missing"));
        }
        if !files.keys().all(|number| referred.contains(number) || named.contains(number)) {
            return Err(Refusal::file_invalid("a document part belongs to no attribute"));
        }

        let mut kept = BTreeMap::new();
        let outcome = async {
            for (number, file) in files {
                let (info, size) = (file.info.clone(), file.size);
                let id = file.commit().await.map_err(|error| Refusal::of(error, Refusal::file_invalid))?;
                kept.insert(number, (id, info, size));
            }
            let attributes = raw
                .with_parts(&mut |number| {
                    let (id, info, size) = kept.get(&number)?;
                    let name = info.name.as_ref().map(|name| name.expose().as_str());
                    Some(file_object(id, &info.media_type, name, *size))
                })
                .map_err(Refusal::invalid_attributes)?
                .into_attributes(self.is_documented())?;
            let user = NewUser { attributes, meta: meta.clone() };
            users.create(holder, user).await.map_err(|error| Refusal::of(error, Refusal::invalid_attributes))
        };
        if let Err(refusal) = outcome.await {
            self.remove_all(holder, kept.into_values().map(|(id, ..)| id)).await;
            return Err(refusal);
        }
        Ok(meta)
    }

    /// What could not be removed is the application's to find: the refusal stands either way.
    async fn remove_all(&self, holder: &Holder, ids: impl Iterator<Item = String>) {
        let Some(files) = self.files.as_deref() else { return };
        for id in ids {
            let _ = files.remove(holder, &id).await;
        }
    }

    async fn parts(&self, holder: &Holder, headers: &HeaderMap, body: Incoming) -> Result<Parts, Refusal> {
        let mut multipart =
            Multipart::new(headers, body.into_pieces(), self.largest_request).ok_or_else(malformed)?;
        let mut parts = Parts { attributes: None, meta: json!({}), files: BTreeMap::new() };
        let mut seen = BTreeSet::new();
        while let Some(head) = multipart.next_part().await.map_err(refused)? {
            if !seen.insert(head.name.clone()) {
                return Err(Refusal::bad_request("a part is there twice"));
            }
            if let Some(number) = part_number(&head.name) {
                let files = self.files.as_deref().ok_or_else(Refusal::not_found)?;
                let file = self.take_in(files, holder, &head, &mut multipart).await?;
                if parts.files.insert(number, file).is_some() {
                    return Err(Refusal::bad_request("a part is there twice"));
                }
                continue;
            }
            let is_meta = match head.name.as_str() {
                "attributes" => false,
                "meta" => true,
                // What nobody knows is passed over.
                _ => continue,
            };
            let bytes = multipart.whole(LARGEST_JSON_PART).await.map_err(refused)?;
            if is_meta {
                parts.meta = parse(&bytes)?;
            } else {
                let references = References::FilesAndParts;
                parts.attributes = Some(self.submission(holder, &bytes, references, unknown_file).await?);
            }
        }
        Ok(parts)
    }

    fn check_sign_up(&self, attributes: &[SubmittedAttribute]) -> Result<(), Refusal> {
        self.check_attributes(&self.requirements, attributes)
    }

    /// Refuses attributes that do not meet what is required.
    pub(super) fn check_attributes(
        &self,
        requirements: &[Requirement],
        attributes: &[SubmittedAttribute],
    ) -> Result<(), Refusal> {
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
        Err(Refusal::invalid_attributes("what is required is missing or not valid")
            .with_errors(matching.to_errors(requirements)))
    }

    pub(super) async fn user_token(&self, holder: &Holder, query: &str) -> Outcome {
        let users = self.users.as_deref().ok_or_else(Refusal::not_found)?;
        let meta = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "meta");
        let meta = match meta {
            None => json!({}),
            Some((_, text)) => parse(text.as_bytes())
                .map_err(|_| Refusal::new(StatusCode::BAD_REQUEST, "bad_request", "meta is not JSON"))?,
        };
        let token = users.token(holder, &meta).await;
        let token = token
            .map_err(|error| Refusal::of(error, Refusal::bad_request))?
            .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "user_does_not_exist", "sign up first"))?;
        Ok(ok(&json!({ "token": token.expose() })))
    }

    pub(super) async fn login(&self, body: &[u8]) -> Outcome {
        let users = self.users.as_deref().ok_or_else(Refusal::not_found)?;
        let missing = || Refusal::new(StatusCode::BAD_REQUEST, "bad_request", "a token is needed");
        let body: LoginBody = wire::json::from_slice(body).map_err(|_| missing())?;
        let token = body.token.or(body.jwt).ok_or_else(missing)?;
        let login = users.login(&token).await;
        match login.map_err(|error| Refusal::of(error, Refusal::bad_request))? {
            Login::Accepted { redirect_to } => {
                let name = if self.is_documented() { "redirectUrl" } else { "redirectTo" };
                let mut answer = Map::new();
                answer.insert(name.to_owned(), redirect_to.into());
                Ok(ok(&Value::Object(answer)))
            }
            Login::Refused { redirect_to: Some(redirect_to) } => Err(Refusal::redirect(&redirect_to)),
            Login::Refused { redirect_to: None } => Err(Refusal::token_invalid()),
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
    files: BTreeMap<u64, Pending>,
}

fn without_id(mut asked: Requirement) -> Requirement {
    asked.id = None;
    asked
}

fn no_attributes() -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "no_attributes", "attributes are needed")
}

fn unknown_file() -> Refusal {
    Refusal::invalid_attributes("a file is not known")
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

fn described(file: &Pending, id: &str) -> Value {
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
