//! Who is there: a random session id in a cookie, and what is kept under it. In place of your sign-in and your
//! database.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use kyckit::{
    clock::Clock,
    flow::{Done, Pending, PersonId},
    provider::ProviderId,
};
use url::{Url, form_urlencoded};

use super::{App, form::Details, outcome::Problem, words::Words};

/// How long a visit is kept.
pub const LIFE: Duration = Duration::from_secs(60 * 60);
/// How many visits are kept at once. Beyond it an unfinished one of the address with the most of them is dropped.
const MAX_VISITS: usize = 10_000;
/// How many attempts one address may begin within an hour, in visits of whatever browsers.
const MAX_STARTS: u32 = 300;
const WINDOW: Duration = Duration::from_secs(60 * 60);
/// How many addresses are counted at once.
const MAX_ADDRESSES: usize = 100_000;

/// What is kept of a visit.
#[derive(Clone)]
pub struct Visit {
    pub person: PersonId,
    pub details: Details,
    pub provider: ProviderId,
    /// Raised with every new attempt.
    pub number: u32,
    pub stage: Stage,
    pub since: SystemTime,
    /// What an app that leads back without a state of its own has to bring along: see [`Visit::is_landing`].
    pub landing: String,
    /// Whence it was begun.
    pub from: Origin,
}

/// An address, as far as one household or one server has it: of IPv6 the first 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Origin(IpAddr);

impl Origin {
    /// Behind a proxy, all come from its address. Then take the address out of the header that the proxy sets, never
    /// out of one that a browser can send.
    fn of(parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address =
            peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical());
        Self(match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        })
    }
}

/// Why no visit began.
pub enum NotBegun {
    /// This address has begun too many; it may again after a while.
    TooMany(Duration),
    Broken(kyckit::Error),
}

/// Where the person stands.
#[derive(Clone)]
pub enum Stage {
    /// An action is needed; with the last failure.
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
    /// How many attempts each address has begun, and since when they are counted.
    starts: Mutex<HashMap<Origin, (SystemTime, u32)>>,
    is_https: bool,
}

impl Visits {
    pub fn new(is_https: bool) -> Self {
        Self { rows: Mutex::default(), starts: Mutex::default(), is_https }
    }

    /// Counts an attempt of an address. Each takes a place in the stores, so no address gets all of them.
    ///
    /// # Errors
    ///
    /// How long to wait until there may be another one.
    pub fn admit(&self, from: Origin, now: SystemTime) -> Result<(), Duration> {
        let mut starts = self.starts.lock().unwrap_or_else(PoisonError::into_inner);
        let left = |since: SystemTime| (since + WINDOW).duration_since(now).unwrap_or_default();
        if starts.len() >= MAX_ADDRESSES {
            starts.retain(|_, (since, _)| !left(*since).is_zero());
        }
        if starts.len() >= MAX_ADDRESSES && !starts.contains_key(&from) {
            return Err(WINDOW);
        }
        let (since, count) = starts.entry(from).or_insert((now, 0));
        if left(*since).is_zero() {
            (*since, *count) = (now, 0);
        }
        if *count >= MAX_STARTS {
            return Err(left(*since));
        }
        *count += 1;
        Ok(())
    }

    /// A new visit under a new id: what a browser had before is worth nothing from now on.
    pub fn begin(
        &self,
        clock: &Clock,
        caller: &Caller,
        make: impl FnOnce(PersonId, SystemTime) -> Visit,
    ) -> Result<(VisitId, Visit), NotBegun> {
        let random = || {
            let bytes = clock.random::<32>();
            bytes.map(hex::encode).map_err(|_| kyckit::Error::configuration("there is no randomness"))
        };
        let new = || kyckit::Result::Ok((VisitId(random()?), PersonId::new(random()?)?, random()?));
        let now = clock.now();
        self.admit(caller.from, now).map_err(NotBegun::TooMany)?;
        // The person is known to the flow by another name than to the browser.
        let (id, person, landing) = new().map_err(NotBegun::Broken)?;
        let visit = Visit { landing, from: caller.from, ..make(person, now) };
        let mut rows = self.rows();
        if let Some(before) = &caller.id {
            rows.remove(before);
        }
        rows.retain(|_, row| now < row.since + LIFE);
        if rows.len() >= MAX_VISITS
            && let Some(surplus) = surplus(&rows)
        {
            rows.remove(&surplus);
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

/// Which visit makes place: of the address that has the most unfinished ones, the oldest of them. So an address that
/// begins thousands forgets their own. When all are finished, the oldest.
fn surplus(rows: &HashMap<VisitId, Visit>) -> Option<VisitId> {
    let is_open = |row: &Visit| !matches!(row.stage, Stage::Done(_));
    let mut open: HashMap<Origin, usize> = HashMap::new();
    for row in rows.values().filter(|row| is_open(row)) {
        *open.entry(row.from).or_default() += 1;
    }
    let most = open.values().max().copied().unwrap_or_default();
    let is_surplus = |row: &Visit| most == 0 || is_open(row) && open.get(&row.from) == Some(&most);
    let surplus = rows.iter().filter(|(_, row)| is_surplus(row)).min_by_key(|(_, row)| row.since);
    surplus.map(|(id, _)| id.clone())
}

impl Visit {
    pub fn new(person: PersonId, details: Details, provider: ProviderId, since: SystemTime) -> Self {
        Self {
            person,
            details,
            provider,
            number: 1,
            stage: Stage::Over(Problem::ended()),
            since,
            landing: String::new(),
            from: Origin(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
        }
    }

    /// The address to which an app leads back that has no `state`, such as Maya: it names the visit by a value that no
    /// other browser knows.
    pub fn landing(&self, mut url: Url) -> Url {
        url.query_pairs_mut().append_pair(LANDING, &self.landing);
        url
    }

    /// Whether the query of a landing page names this very visit. Without it, a person with a session of their own at
    /// the provider could send its address to a person in the middle of a visit, and the visit would end with theirs.
    pub fn is_landing(&self, query: &str) -> bool {
        let mut named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == LANDING);
        let is_this = named.next().is_some_and(|(_, value)| is_equal(&value, &self.landing));
        is_this && !self.landing.is_empty() && named.next().is_none()
    }
}

/// The parameter of a landing page that names the visit.
const LANDING: &str = "visit";

/// Takes the same time wherever they differ.
fn is_equal(left: &str, right: &str) -> bool {
    let differences = left.bytes().zip(right.bytes()).fold(0, |all, (left, right)| all | (left ^ right));
    left.len() == right.len() && differences == 0
}

/// Who asks: their language, and their visit if there is one.
pub struct Caller {
    pub words: &'static Words,
    pub from: Origin,
    pub id: Option<VisitId>,
    pub visit: Option<Visit>,
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let id = app.visits.id(&parts.headers);
        let visit = id.as_ref().and_then(|id| app.visits.find(id, app.backend.clock.now()));
        Ok(Self { words: Words::of(&parts.headers), from: Origin::of(parts), id, visit })
    }
}

impl Caller {
    /// Both, or nothing.
    pub fn at_home(self) -> Option<(&'static Words, VisitId, Visit)> {
        Some((self.words, self.id?, self.visit?))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn row(from: u8, since: u64, stage: Stage) -> (VisitId, Visit) {
        let person = PersonId::new(format!("{from}-{since}")).expect("a name");
        let since = SystemTime::UNIX_EPOCH + Duration::from_secs(since);
        let visit = Visit::new(person, Details::default(), kyckit::maya::PROVIDER, since);
        let from = Origin(IpAddr::V4(Ipv4Addr::new(192, 0, 2, from)));
        (VisitId(visit.person.expose().to_owned()), Visit { from, stage, ..visit })
    }

    fn open() -> Stage {
        Stage::Over(Problem::ended())
    }

    #[test]
    fn whoever_has_the_most_makes_place() {
        // The oldest of all is of another address, and stays.
        let rows: HashMap<_, _> =
            [row(1, 1, open()), row(2, 5, open()), row(2, 3, open()), row(2, 4, open())].into();
        assert!(surplus(&rows).is_some_and(|id| id.0 == "2-3"));
        assert!(surplus(&HashMap::new()).is_none());
    }

    #[test]
    fn one_address_has_an_hours_attempts_and_then_the_next_hours() {
        let visits = Visits::new(false);
        let (from, other) = (Origin(Ipv4Addr::LOCALHOST.into()), Origin(Ipv6Addr::LOCALHOST.into()));
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        for _ in 0..MAX_STARTS {
            assert!(visits.admit(from, at(100)).is_ok());
        }
        assert_eq!(visits.admit(from, at(160)), Err(Duration::from_secs(3540)));
        assert!(visits.admit(other, at(160)).is_ok());
        assert!(visits.admit(from, at(3700)).is_ok());
    }
}
