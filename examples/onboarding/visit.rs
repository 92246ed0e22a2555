//! Who is there: a random session id in a cookie, and what is kept under it. In place of your sign-in and your database.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use kyckit::{
    clock::Clock,
    error::Provider,
    flow::{Done, Pending, PersonId},
};

use super::{App, form::Details, moves::Problem, words::Words};

const LIFE: Duration = Duration::from_secs(60 * 60);
/// More than that and the oldest is forgotten.
const MOST: usize = 10_000;

/// What is kept of a visit.
#[derive(Clone)]
pub struct Visit {
    pub person: PersonId,
    pub details: Details,
    pub provider: Provider,
    /// Raised with every new attempt.
    pub number: u32,
    pub stage: Stage,
    pub since: SystemTime,
}

/// Where the person stands.
#[derive(Clone)]
pub enum Stage {
    /// Somebody has to do something; with what went wrong last.
    Next(Box<Pending>, Option<Problem>),
    /// The attempt did not begin, or ended without an answer.
    Over(Problem),
    /// The provider has answered.
    Done(Arc<Done>),
}

/// The secret name of a visit. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct VisitId(String);

impl fmt::Debug for VisitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VisitId")
    }
}

/// All visits.
pub struct Visits {
    rows: Mutex<HashMap<VisitId, Visit>>,
    is_https: bool,
}

impl Visits {
    pub fn new(is_https: bool) -> Self {
        Self { rows: Mutex::default(), is_https }
    }

    /// A new visit under a new id: what a browser had before is worth nothing from now on.
    pub fn begin(
        &self,
        clock: &Clock,
        before: Option<&VisitId>,
        make: impl FnOnce(PersonId, SystemTime) -> Visit,
    ) -> kyckit::Result<(VisitId, Visit)> {
        let random = || {
            let bytes = clock.random::<32>();
            bytes.map(hex::encode).map_err(|_| kyckit::Error::configuration("there is no randomness"))
        };
        let (id, now) = (VisitId(random()?), clock.now());
        // The person is known to the flow by another name than to the browser.
        let visit = make(PersonId::new(random()?)?, now);
        let mut rows = self.rows();
        if let Some(before) = before {
            rows.remove(before);
        }
        rows.retain(|_, row| now < row.since + LIFE);
        if rows.len() >= MOST
            && let Some(oldest) = rows.iter().min_by_key(|(_, row)| row.since).map(|(id, _)| id.clone())
        {
            rows.remove(&oldest);
        }
        rows.insert(id.clone(), visit.clone());
        Ok((id, visit))
    }

    /// Changes what is kept, unless the visit has ended meanwhile.
    pub fn change(&self, id: &VisitId, change: impl FnOnce(&mut Visit)) {
        if let Some(visit) = self.rows().get_mut(id) {
            change(visit);
        }
    }

    pub fn end(&self, id: &VisitId) {
        self.rows().remove(id);
    }

    fn find(&self, id: &VisitId, now: SystemTime) -> Option<Visit> {
        self.rows().get(id).filter(|visit| now < visit.since + LIFE).cloned()
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<VisitId, Visit>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cookie's name. With the prefix, a browser takes the cookie from this host over TLS alone.
    fn name(&self) -> &'static str {
        if self.is_https { "__Host-visit" } else { "visit" }
    }

    /// Read by no script, sent along by no form of another website, kept until the browser is closed.
    pub fn cookie(&self, id: &VisitId) -> HeaderValue {
        self.set(&format!("={}; Path=/; HttpOnly; SameSite=Lax", id.0))
    }

    /// Takes the cookie away.
    pub fn no_cookie(&self) -> HeaderValue {
        self.set("=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")
    }

    fn set(&self, value: &str) -> HeaderValue {
        let secure = if self.is_https { "; Secure" } else { "" };
        let text = format!("{}{value}{secure}", self.name());
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
    }

    fn id(&self, headers: &HeaderMap) -> Option<VisitId> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let mut pairs =
            cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.split_once('='));
        let (_, value) = pairs.find(|(name, _)| name.trim() == self.name())?;
        let is_id = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| VisitId(value.to_owned()))
    }
}

impl Visit {
    pub fn new(person: PersonId, details: Details, provider: Provider, since: SystemTime) -> Self {
        Self { person, details, provider, number: 1, stage: Stage::Over(Problem::ended()), since }
    }
}

/// Who asks: their language, and their visit if there is one.
pub struct Caller {
    pub words: &'static Words,
    pub id: Option<VisitId>,
    pub visit: Option<Visit>,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let id = app.visits.id(&parts.headers);
        let visit = id.as_ref().and_then(|id| app.visits.find(id, app.backend.clock.now()));
        Ok(Self { words: Words::of(&parts.headers), id, visit })
    }
}

impl Caller {
    /// Both, or nothing.
    pub fn at_home(self) -> Option<(&'static Words, VisitId, Visit)> {
        Some((self.words, self.id?, self.visit?))
    }
}
