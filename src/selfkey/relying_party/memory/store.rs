//! The store, its limits, and what an application or a test sees of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::{
    super::{store::NewUser, token::TokenIssuer},
    application::ADDITIONAL_REQUESTED,
    state::{State, StoredFile, full},
    timestamp::timestamp,
};
use crate::{clock::Clock, error::Error, selfkey::model::attribute::Requirement};

/// Where a browser goes after its login.
const LANDING: &str = "/";

/// All four of the application's traits in memory. Clones share it. Bounded: what does not fit is refused, and no
/// holder can take more than its [share](Self::max_per_holder).
#[derive(Clone)]
pub struct Memory {
    pub(super) state: Arc<Mutex<State>>,
    pub(super) clock: Clock,
    pub(super) landing: String,
    pub(super) max_entries: usize,
    pub(super) max_bytes: u64,
    pub(super) max_per_holder: usize,
    pub(super) max_bytes_per_holder: u64,
    pub(super) issuer: Option<TokenIssuer>,
}

impl Memory {
    /// Creates an empty store for 100 000 entries and 1 GB of files.
    pub fn new() -> Self {
        Self {
            state: Arc::default(),
            clock: Clock::default(),
            landing: LANDING.to_owned(),
            max_entries: 100_000,
            max_bytes: 1_000_000_000,
            max_per_holder: 1_000,
            max_bytes_per_holder: 300_000_000,
            issuer: None,
        }
    }

    /// Issues the tokens of `GET /auth/token`, which open the checking service's own pages. They are of a kind of their
    /// own, so that none of them is taken for an access token. Default: there are none, and the call is answered with
    /// 404.
    #[must_use]
    pub fn issuer(mut self, tokens: TokenIssuer) -> Self {
        self.issuer = Some(tokens);
        self
    }

    /// Sets how many files and applications one holder has at most, and how many bytes of files; 429 is answered above
    /// it. Default: 1000, and 300 MB.
    #[must_use]
    pub fn max_per_holder(mut self, entries: usize, bytes: u64) -> Self {
        self.max_per_holder = entries;
        self.max_bytes_per_holder = bytes;
        self
    }

    /// Sets the source of time and of ids.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Sets where a browser goes after its login. Default: `/`.
    #[must_use]
    pub fn landing(mut self, url: impl Into<String>) -> Self {
        self.landing = url.into();
        self
    }

    /// Sets how many entries of a kind there are at most, and how many bytes of files. Default: 100 000, and 1 GB.
    #[must_use]
    pub fn max_total(mut self, entries: usize, bytes: u64) -> Self {
        self.max_entries = entries;
        self.max_bytes = bytes;
        self
    }

    /// Adds a template.
    pub fn add_template(&self, id: &str, name: &str, requirements: impl IntoIterator<Item = Requirement>) {
        let attributes: Vec<_> = requirements.into_iter().collect();
        self.add_template_value(
            json!({ "id": id, "name": name, "type": "individual", "attributes": attributes }),
        );
    }

    /// Adds a template as it stands.
    pub fn add_template_value(&self, template: Value) {
        self.state().templates.push(template);
    }

    /// Returns what a holder signed up with, by [`Holder::key`](super::super::Holder::key).
    pub fn user(&self, key: &str) -> Option<NewUser> {
        self.state().users.get(key).cloned()
    }

    /// Returns how many users there are.
    pub fn user_count(&self) -> usize {
        self.state().users.len()
    }

    /// Returns a file by its id.
    pub fn file(&self, id: &str) -> Option<StoredFile> {
        self.state().files.get(id).cloned()
    }

    /// Returns how many files there are.
    pub fn file_count(&self) -> usize {
        self.state().files.len()
    }

    /// Returns all applications, oldest first.
    pub fn all_applications(&self) -> Vec<Value> {
        self.state().applications.iter().map(|kept| kept.body.clone()).collect()
    }

    /// Returns one application, of any holder.
    pub fn any_application(&self, id: &str) -> Option<Value> {
        self.state().find_any(id).map(|kept| kept.body.clone())
    }

    /// Moves an application on, as those who check do. False when there is none.
    pub fn set_status(&self, id: &str, code: i64, note: Option<&str>) -> bool {
        let now = timestamp(self.clock.now());
        let mut state = self.state();
        let kept = state.find_any(id);
        kept.map(|kept| kept.set_status(code, note.map(Value::from), &now)).is_some()
    }

    /// Asks for one attribute more, and moves the application to 9 (additional requested). False when there is none.
    pub fn request_attribute(&self, id: &str, requirement: &Requirement) -> bool {
        let now = timestamp(self.clock.now());
        let requirement_id = requirement.id.clone().unwrap_or_else(|| self.id());
        let mut state = self.state();
        let Some(kept) = state.find_any(id) else { return false };
        kept.body["attributes"][requirement_id] = json!({
            "label": requirement.title, "description": null,
            "optional": !requirement.required_by_relying_party(),
            "isAdditional": true, "valid": false, "value": null, "schemaId": requirement.schema_id,
        });
        kept.set_status(ADDITIONAL_REQUESTED, None, &now);
        true
    }

    /// Writes to an applicant. False when there is no such application.
    pub fn write_message(&self, id: &str, from: &str, message: &str) -> bool {
        let (message_id, now) = (self.id(), timestamp(self.clock.now()));
        let mut state = self.state();
        let Some(kept) = state.find_any(id) else { return false };
        kept.messages.push(json!({
            "id": message_id, "user": { "name": from }, "roles": ["certifier"], "createdAt": now,
            "message": message,
        }));
        true
    }

    /// Returns who the holders are to the checking service.
    pub fn kyc_users(&self) -> Vec<Value> {
        self.state().kyc_users.values().cloned().collect()
    }

    /// Changes an application, of any holder, and gives it back.
    #[cfg(feature = "sandbox")]
    pub(crate) fn edit(&self, id: &str, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        let now = timestamp(self.clock.now());
        let mut state = self.state();
        let kept = state.find_any(id)?;
        edit(&mut kept.body);
        kept.body["updatedAt"] = now.into();
        Some(kept.body.clone())
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// 24 hex digits that never come twice, also when a frozen clock draws the same bytes again.
    pub(super) fn id(&self) -> String {
        let mut state = self.state();
        state.drawn += 1;
        let drawn = state.drawn.to_be_bytes();
        let random = self.clock.random::<8>().unwrap_or_default();
        hex::encode([&random[..], &drawn[4..]].concat())
    }

    pub(super) fn check_capacity(&self, entries: usize) -> Result<(), Error> {
        if entries < self.max_entries { Ok(()) } else { Err(full()) }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

crate::privacy::redacted_debug!(Memory);
