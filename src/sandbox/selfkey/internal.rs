//! The internal API: a session by cookie, in which a site's server reads a user's applications.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use super::{
    instance::Instance,
    response::{Outcome, json_response, only_fields, query},
};
use crate::wire;

const COOKIE: &str = "connect.sid";

impl Instance {
    /// Answers a request of this API; `None` for one that belongs to the relying party.
    pub(super) fn internal(&self, path: &str, request: &Request<Bytes>) -> Option<Outcome> {
        if (request.method(), path) == (&Method::POST, "/auth/login") {
            return Some(self.log_in(request.body()));
        }
        if request.headers().contains_key(header::AUTHORIZATION) {
            return None;
        }
        let cookie = request.headers().get(header::COOKIE)?.to_str().ok()?;
        let session = cookie.split(';').find_map(|one| one.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
        let user = self.session(session);
        Some(
            user.ok_or((StatusCode::UNAUTHORIZED, "log in first"))
                .and_then(|user| self.read(&user, path, request)),
        )
    }

    fn log_in(&self, body: &[u8]) -> Outcome {
        let body: Value = wire::json::from_slice(body).unwrap_or_default();
        let user = body["jwt"].as_str().and_then(|token| self.user_of(token));
        let user = user.ok_or((StatusCode::UNAUTHORIZED, "the token is not valid"))?;
        let id = user["_id"].as_str().unwrap_or_default().to_owned();
        let word = self.word();
        self.state().sessions.insert(word.clone(), (id, self.expires_at()));
        let body =
            json!({ "user": { "_id": user["_id"], "email": user["email"], "companies": [], "roles": [] } });
        let mut response = json_response(StatusCode::OK, &body);
        if let Ok(cookie) = HeaderValue::try_from(format!("{COOKIE}={word}; Path=/; HttpOnly")) {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        Ok(response)
    }

    /// The DID of the user who owns the session.
    fn session(&self, word: &str) -> Option<String> {
        let now = self.settings.clock.now();
        let state = self.state();
        let (id, _) = state.sessions.get(word).filter(|(_, end)| now < *end)?;
        let users = self.store().kyc_users();
        let user = users.iter().find(|user| user["_id"] == id.as_str())?;
        Some(user["did"].as_str()?.to_ascii_lowercase())
    }

    fn read(&self, owner: &str, path: &str, request: &Request<Bytes>) -> Outcome {
        let unknown = (StatusCode::NOT_FOUND, "there is no such thing here");
        if request.method() != Method::GET {
            return Err((StatusCode::METHOD_NOT_ALLOWED, "sessions read only"));
        }
        let query = query(request.uri());
        let template = query.iter().find(|(name, _)| name == "template_id").map(|(_, id)| id.as_str());
        let mut own: Vec<_> = self
            .store()
            .all_applications()
            .into_iter()
            .rev()
            .filter(|application| application["owner"] == owner)
            .collect();
        if path == "/applications" {
            own.retain(|application| template.is_none_or(|id| application["template"] == id));
            let list: Vec<_> = own.into_iter().map(|application| only_fields(application, &query)).collect();
            return Ok(json_response(StatusCode::OK, &list.into()));
        }
        if let Some(id) = path.strip_prefix("/applications/") {
            let found = own.into_iter().find(|application| application["id"] == id).ok_or(unknown)?;
            return Ok(json_response(StatusCode::OK, &only_fields(found, &query)));
        }
        let id = path.strip_prefix("/files/").ok_or(unknown)?;
        // A file is readable for whoever's application names it.
        let named = own
            .iter()
            .any(|application| application["attributes"].to_string().contains(&format!("\"{id}\"")));
        self.file(id).filter(|_| named).ok_or(unknown)
    }

    /// The bytes of a file.
    pub(super) fn file(&self, id: &str) -> Option<Response<Bytes>> {
        let file = self.store().file(id)?;
        let mut response = Response::new(file.content.expose().clone());
        if let Ok(media_type) = HeaderValue::try_from(&file.info.media_type) {
            response.headers_mut().insert(header::CONTENT_TYPE, media_type);
        }
        Some(response)
    }
}
