//! Users, files, applications and templates in memory: for tests, for examples, for a first try.

mod sink;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, macros::format_description};

use self::sink::Sink;
use super::{
    Applications, Change, CreatedApplication, FileInfo, FileSink, Files, Holder, KycUser, Login, Member,
    NewApplication, NewUser, SubmittedAttribute, Templates, TokenIssuer, Users,
    templates::{id_text, requirements},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
    selfkey::attribute::Requirement,
};

/// How long a user token serves.
const TOKEN_LIFE: Duration = Duration::from_secs(300);
/// Where a browser goes after its login.
const LANDING: &str = "/";
/// The status of an application that was handed in.
const UPLOADED: i64 = 4;
/// User tokens of one holder that work at once; a new one takes the place of the oldest.
const MAX_TOKENS_PER_HOLDER: usize = 16;
/// Messages, payments, changes of status and later requirements of one application, each.
const MAX_ENTRIES_PER_APPLICATION: usize = 1_000;
/// After how long a caller may come again when the store is full.
const FULL_WAIT: Duration = Duration::from_secs(60);
/// How long a token for the checking service's own pages serves.
const PAGES_TOKEN_LIFE: Duration = Duration::from_secs(300);
/// The status in which the applicant has to act.
const ADDITIONAL_REQUESTED: i64 = 9;

/// All four of the application's traits in memory. Clones share it. Bounded: what does not fit is refused, and no holder
/// can take more than its [share](Self::max_per_holder).
#[derive(Clone)]
pub struct Memory {
    state: Arc<Mutex<State>>,
    clock: Clock,
    landing: String,
    capacity: usize,
    capacity_bytes: u64,
    max_per_holder: usize,
    max_bytes_per_holder: u64,
    issuer: Option<TokenIssuer>,
}

/// A file as [`Memory`] keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// Its id.
    pub id: String,
    /// What the wallet said of it.
    pub info: FileInfo,
    /// The content.
    pub content: Pii<Bytes>,
    holder: String,
}

#[derive(Default)]
struct State {
    users: HashMap<String, NewUser>,
    tokens: HashMap<String, (String, SystemTime)>,
    files: HashMap<String, StoredFile>,
    /// Of all files, those included that are on their way in.
    bytes: u64,
    /// Files and their bytes by holder, those on their way in included.
    shares: HashMap<String, (usize, u64)>,
    templates: Vec<Value>,
    /// In the order in which they were made.
    applications: Vec<Kept>,
    kyc_users: HashMap<String, Value>,
    drawn: u64,
}

struct Kept {
    holder: String,
    body: Value,
    messages: Vec<Value>,
    /// Whether it belongs to a member of another application.
    is_member: bool,
}

impl Memory {
    /// An empty one for 100 000 entries and 1 GB of files.
    pub fn new() -> Self {
        Self {
            state: Arc::default(),
            clock: Clock::default(),
            landing: LANDING.to_owned(),
            capacity: 100_000,
            capacity_bytes: 1_000_000_000,
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

    /// The source of time and of ids.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Where a browser goes after its login. Default: `/`.
    #[must_use]
    pub fn landing(mut self, url: impl Into<String>) -> Self {
        self.landing = url.into();
        self
    }

    /// At most so many entries of a kind, and so many bytes of files.
    #[must_use]
    pub fn limits(mut self, entries: usize, bytes: u64) -> Self {
        self.capacity = entries;
        self.capacity_bytes = bytes;
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

    /// What a holder signed up with, by [`Holder::key`].
    pub fn user(&self, key: &str) -> Option<NewUser> {
        self.state().users.get(key).cloned()
    }

    /// How many users there are.
    pub fn user_count(&self) -> usize {
        self.state().users.len()
    }

    /// A file by its id.
    pub fn file(&self, id: &str) -> Option<StoredFile> {
        self.state().files.get(id).cloned()
    }

    /// How many files there are.
    pub fn file_count(&self) -> usize {
        self.state().files.len()
    }

    /// All applications, oldest first.
    pub fn all_applications(&self) -> Vec<Value> {
        self.state().applications.iter().map(|kept| kept.body.clone()).collect()
    }

    /// One application, whoever's it is.
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

    /// Who the holders are to the checking service.
    pub fn kyc_users(&self) -> Vec<Value> {
        self.state().kyc_users.values().cloned().collect()
    }

    /// Changes an application, whoever's it is, and gives it back.
    #[cfg(feature = "sandbox")]
    pub(crate) fn edit(&self, id: &str, edit: impl FnOnce(&mut Value)) -> Option<Value> {
        let now = timestamp(self.clock.now());
        let mut state = self.state();
        let kept = state.find_any(id)?;
        edit(&mut kept.body);
        kept.body["updatedAt"] = now.into();
        Some(kept.body.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// 24 hex digits that never come twice, also when a frozen clock draws the same bytes again.
    fn id(&self) -> String {
        let mut state = self.state();
        state.drawn += 1;
        let drawn = state.drawn.to_be_bytes();
        let random = self.clock.random::<8>().unwrap_or_default();
        hex::encode([&random[..], &drawn[4..]].concat())
    }

    fn room(&self, entries: usize) -> Result<(), Error> {
        if entries < self.capacity { Ok(()) } else { Err(full()) }
    }

    fn new_application(
        &self,
        holder: &Holder,
        new: NewApplication,
        is_member: bool,
    ) -> Result<String, Error> {
        let (id, now) = (self.id(), timestamp(self.clock.now()));
        let mut state = self.state();
        self.room(state.applications.len())?;
        let key = holder.key();
        if state.applications.iter().filter(|kept| kept.holder == key).count() >= self.max_per_holder {
            return Err(share_used_up());
        }
        let template = state.template(&new.template_id);
        let mut attributes = Map::new();
        for asked in template.and_then(|template| requirements(&template).ok()).into_iter().flatten() {
            let name = asked.id.clone().unwrap_or_else(|| asked.schema_id.as_str().to_owned());
            attributes.insert(name, entry(&asked, None));
        }
        answer(&mut attributes, new.attributes);
        let mut body = json!({
            "id": id, "template": new.template_id, "currentStatus": UPLOADED,
            "statusName": status_name(UPLOADED), "attributes": attributes, "questions": {}, "payments": [],
            "statusLog": [], "owner": holder.key(), "createdAt": now, "updatedAt": now,
        });
        if !new.files.is_empty() {
            body["files"] = new.files.into();
        }
        let mut kept = Kept { holder: holder.key(), body, messages: Vec::new(), is_member };
        kept.set_status(UPLOADED, None, &now);
        state.applications.push(kept);
        Ok(id)
    }
}

impl State {
    /// A file of the holder is gone.
    fn give_back(&mut self, holder: &str, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
        if let Some(share) = self.shares.get_mut(holder) {
            share.0 = share.0.saturating_sub(1);
            share.1 = share.1.saturating_sub(bytes);
            if share.0 == 0 {
                self.shares.remove(holder);
            }
        }
    }

    fn template(&self, id: &str) -> Option<Value> {
        self.templates.iter().find(|one| one.get("id").and_then(id_text).as_deref() == Some(id)).cloned()
    }

    fn find_any(&mut self, id: &str) -> Option<&mut Kept> {
        self.applications.iter_mut().find(|kept| kept.body["id"] == id)
    }

    fn find(&mut self, holder: &Holder, id: &str) -> Option<&mut Kept> {
        let key = holder.key();
        self.find_any(id).filter(|kept| kept.holder == key)
    }
}

impl Kept {
    /// How many entries there are of the kind that the change adds to.
    fn entries(&self, change: &Change) -> usize {
        let length = |name: &str| match &self.body[name] {
            Value::Array(list) => list.len(),
            Value::Object(map) => map.len(),
            _ => 0,
        };
        match change {
            Change::Answers { .. } => length("questions").max(length("attributes")),
            Change::Payment { .. } => length("payments"),
            Change::Status { .. } => length("statusLog"),
            Change::Message(_) => self.messages.len(),
            Change::Requirement { .. } => length("attributes"),
        }
    }

    fn set_status(&mut self, code: i64, note: Option<Value>, now: &str) {
        self.body["currentStatus"] = code.into();
        self.body["statusName"] = status_name(code).into();
        self.body["updatedAt"] = now.into();
        let length = self.body["statusLog"].as_array().map_or(0, Vec::len);
        let mut entry = json!({ "_id": format!("{}-{length}", self.body["id"].as_str().unwrap_or_default()), "timestamp": now, "code": code });
        if let Some(note) = note {
            entry["note"] = note;
        }
        if let Some(log) = self.body["statusLog"].as_array_mut() {
            log.insert(0, entry);
        }
    }

    fn apply(&mut self, change: Change, id: String, now: &str) {
        match change {
            Change::Answers { attributes, questions } => {
                if let Some(map) = self.body["attributes"].as_object_mut() {
                    answer(map, attributes);
                }
                if let (Some(map), Some(answers)) =
                    (self.body["questions"].as_object_mut(), questions.expose().as_object())
                {
                    map.extend(answers.clone());
                }
                self.body["updatedAt"] = now.into();
            }
            Change::Payment { transaction_hash } => {
                if let Some(payments) = self.body["payments"].as_array_mut() {
                    payments.push(json!({ "transactionHash": transaction_hash, "createdAt": now }));
                }
            }
            Change::Status { code, note } => {
                self.set_status(code, note.map(|note| note.expose().as_str().into()), now);
            }
            Change::Message(message) => self.messages.push(json!({
                "id": id, "user": {}, "roles": [], "createdAt": now, "message": message.expose(),
            })),
            Change::Requirement { schema_id, title } => {
                self.body["attributes"][id] = json!({
                    "label": title, "description": null, "optional": false, "isAdditional": true,
                    "valid": false, "value": null, "schemaId": schema_id,
                });
            }
        }
    }
}

impl Users for Memory {
    fn create<'a>(&'a self, holder: &'a Holder, user: NewUser) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut state = self.state();
            if !state.users.contains_key(&holder.key()) {
                self.room(state.users.len())?;
            }
            state.users.insert(holder.key(), user);
            Ok(())
        })
    }

    fn token<'a>(&'a self, holder: &'a Holder, _: &'a Value) -> BoxFuture<'a, Result<Option<Secret>, Error>> {
        Box::pin(async move {
            let random = self.clock.random::<32>().map_err(Error::store)?;
            let token = format!("{}{}", hex::encode(random), self.id());
            let now = self.clock.now();
            let mut state = self.state();
            if !state.users.contains_key(&holder.key()) {
                return Ok(None);
            }
            state.tokens.retain(|_, (_, end)| now < *end);
            let own = state.tokens.iter().filter(|(_, (key, _))| *key == holder.key());
            if own.clone().count() >= MAX_TOKENS_PER_HOLDER
                && let Some(oldest) = own
                    .min_by_key(|(token, (_, end))| (*end, drawn_as(token).to_owned()))
                    .map(|(token, _)| token.clone())
            {
                state.tokens.remove(&oldest);
            }
            self.room(state.tokens.len())?;
            state.tokens.insert(token.clone(), (holder.key(), now + TOKEN_LIFE));
            Ok(Some(Secret::new(token)))
        })
    }

    fn login<'a>(&'a self, token: &'a Secret) -> BoxFuture<'a, Result<Login, Error>> {
        Box::pin(async move {
            let taken = self.state().tokens.remove(token.expose());
            Ok(match taken {
                Some((_, end)) if self.clock.now() < end => {
                    Login::Accepted { redirect_to: self.landing.clone() }
                }
                _ => Login::Refused { redirect_to: None },
            })
        })
    }
}

impl Files for Memory {
    fn begin<'a>(
        &'a self,
        holder: &'a Holder,
        info: FileInfo,
    ) -> BoxFuture<'a, Result<Box<dyn FileSink>, Error>> {
        Box::pin(async move {
            let mut state = self.state();
            self.room(state.files.len())?;
            let share = state.shares.entry(holder.key()).or_default();
            if share.0 >= self.max_per_holder {
                return Err(share_used_up());
            }
            share.0 += 1;
            drop(state);
            Ok(Box::new(Sink::new(self.clone(), holder.key(), info)) as Box<dyn FileSink>)
        })
    }

    fn has<'a>(&'a self, holder: &'a Holder, id: &'a str) -> BoxFuture<'a, Result<bool, Error>> {
        let has = self.state().files.get(id).is_some_and(|file| file.holder == holder.key());
        Box::pin(async move { Ok(has) })
    }

    fn remove<'a>(&'a self, holder: &'a Holder, id: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut state = self.state();
            if state.files.get(id).is_some_and(|file| file.holder == holder.key())
                && let Some(file) = state.files.remove(id)
            {
                state.give_back(&file.holder, file.content.expose().len() as u64);
            }
            Ok(())
        })
    }
}

impl Applications for Memory {
    fn create<'a>(
        &'a self,
        holder: &'a Holder,
        application: NewApplication,
    ) -> BoxFuture<'a, Result<CreatedApplication, Error>> {
        Box::pin(async move { self.new_application(holder, application, false).map(CreatedApplication::new) })
    }

    fn list<'a>(&'a self, holder: &'a Holder) -> BoxFuture<'a, Result<Vec<Value>, Error>> {
        Box::pin(async move {
            let (state, key) = (self.state(), holder.key());
            let own = state.applications.iter().rev().filter(|kept| kept.holder == key && !kept.is_member);
            Ok(own.map(|kept| kept.body.clone()).collect())
        })
    }

    fn get<'a>(&'a self, holder: &'a Holder, id: &'a str) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        Box::pin(async move { Ok(self.state().find(holder, id).map(|kept| kept.body.clone())) })
    }

    fn change<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a str,
        change: Change,
    ) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        Box::pin(async move {
            if let Change::Status { code, .. } = &change
                && *code != 8
            {
                return Err(Error::new(ErrorKind::Permission, "an applicant can cancel, and nothing else"));
            }
            let (new_id, now) = (self.id(), timestamp(self.clock.now()));
            let mut state = self.state();
            let Some(kept) = state.find(holder, id) else { return Ok(None) };
            if kept.entries(&change) >= MAX_ENTRIES_PER_APPLICATION {
                return Err(share_used_up());
            }
            kept.apply(change, new_id, &now);
            Ok(Some(kept.body.clone()))
        })
    }

    fn messages<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<Value>>, Error>> {
        Box::pin(async move { Ok(self.state().find(holder, id).map(|kept| kept.messages.clone())) })
    }

    fn add_member<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a str,
        member: Member,
    ) -> BoxFuture<'a, Result<Option<String>, Error>> {
        Box::pin(async move {
            if self.state().find(holder, id).is_none() {
                return Ok(None);
            }
            let new = self.new_application(holder, member.application, true)?;
            let mut state = self.state();
            if let Some(kept) = state.find(holder, &new) {
                kept.body["baseApplicationId"] = id.into();
                kept.body["memberRoles"] = member.roles.into();
                kept.body["shares"] = member.shares.into();
            }
            Ok(Some(new))
        })
    }

    fn kyc_user<'a>(&'a self, holder: &'a Holder) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        Box::pin(async move { Ok(self.state().kyc_users.get(&holder.key()).cloned()) })
    }

    fn access_token<'a>(&'a self, holder: &'a Holder) -> BoxFuture<'a, Result<Option<Secret>, Error>> {
        let kind = json!({ "tokenType": "PAGES" });
        let token = self.issuer.as_ref().map(|tokens| tokens.issue(&holder.key(), PAGES_TOKEN_LIFE, &kind));
        Box::pin(async move { token.transpose() })
    }

    fn create_kyc_user<'a>(
        &'a self,
        holder: &'a Holder,
        user: KycUser,
    ) -> BoxFuture<'a, Result<Value, Error>> {
        Box::pin(async move {
            let id = self.id();
            let mut state = self.state();
            self.room(state.kyc_users.len())?;
            let known = json!({
                "_id": id, "id": id, "email": user.email.expose(), "name": user.name.expose(),
                "entityType": user.entity_type, "did": holder.as_str(),
            });
            Ok(state.kyc_users.entry(holder.key()).or_insert(known).clone())
        })
    }
}

impl Templates for Memory {
    fn list(&self) -> BoxFuture<'_, Result<Vec<Value>, Error>> {
        let templates = self.state().templates.clone();
        Box::pin(async move { Ok(templates) })
    }

    fn get<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        let template = self.state().template(id);
        Box::pin(async move { Ok(template) })
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

/// A requirement of an application with what was answered.
fn entry(asked: &Requirement, value: Option<Value>) -> Value {
    json!({
        "label": asked.title, "description": null, "optional": !asked.required_by_relying_party(), "isAdditional": false,
        "valid": value.is_some(), "value": value, "schemaId": asked.schema_id,
    })
}

/// Puts attributes where they were asked for: by their ids, else by their schemas; what nobody asked for stands behind.
fn answer(map: &mut Map<String, Value>, attributes: Vec<SubmittedAttribute>) {
    for attribute in attributes {
        let by_id = attribute.id.filter(|id| map.contains_key(id));
        let place = by_id.or_else(|| {
            let open =
                |entry: &Value| entry["schemaId"] == attribute.schema_id.as_str() && entry["value"].is_null();
            map.iter().find(|(_, entry)| open(entry)).map(|(name, _)| name.clone())
        });
        let place = place.unwrap_or_else(|| attribute.schema_id.as_str().to_owned());
        let value = attribute.data.into_exposed();
        match map.get_mut(&place) {
            Some(entry) => {
                entry["value"] = value;
                entry["valid"] = true.into();
            }
            None => {
                let asked = Requirement::new(attribute.schema_id).id(place.clone()).required(false);
                map.insert(place, entry(&asked, Some(value)));
            }
        }
    }
}

/// The part of a token by which the order shows in which tokens were drawn: see [`Memory::id`].
fn drawn_as(token: &str) -> &str {
    token.get(token.len().saturating_sub(8)..).unwrap_or_default()
}

/// No time at which there is a place again is known.
fn full() -> Error {
    Error::store("the store in memory is full").with_retry_after(FULL_WAIT)
}

fn share_used_up() -> Error {
    Error::new(ErrorKind::RateLimited, "one holder has as much as one holder may have")
}

/// The text that is shown for a status.
fn status_name(code: i64) -> &'static str {
    match code {
        0 => "Missing",
        2 => "Approved",
        3 => "Rejected",
        4 => "Submitted",
        5 => "Invited",
        7 => "Declined",
        8 => "Cancelled",
        10 => "Corporate Details",
        12 => "Partially Approved",
        13 => "Send Tokens",
        14 => "Manager Assigned",
        16 => "Reopened",
        _ => "In Progress",
    }
}

/// ISO 8601 in UTC with milliseconds.
pub(crate) fn timestamp(moment: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let moment =
        time::Duration::try_from(since).ok().and_then(|since| OffsetDateTime::UNIX_EPOCH.checked_add(since));
    moment.and_then(|moment| moment.format(format).ok()).unwrap_or_default()
}
