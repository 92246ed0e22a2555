//! State of the fake provider.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use serde_json::{Map, Value};
use url::Url;

use super::{
    account::{AccountId, Accounts},
    decision::Decided,
    services,
    upload::{self, Upload},
};
use crate::sandbox::Person;

/// Lifetime of a proof link (contract section 9).
const LINK_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// Dead links are not looked for while there are fewer than this.
const LEAST_PURGE: usize = 1024;

/// The events of contract section 13.1 that a verification is in.
pub(super) mod event {
    pub(in super::super) const PENDING: &str = "request.pending";
    pub(in super::super) const RECEIVED: &str = "request.received";
    pub(in super::super) const INVALID: &str = "request.invalid";
    pub(in super::super) const UNAUTHORIZED: &str = "request.unauthorized";
    pub(in super::super) const TIMEOUT: &str = "request.timeout";
    pub(in super::super) const DELETED: &str = "request.deleted";
    pub(in super::super) const DATA_CHANGED: &str = "request.data.changed";
    pub(in super::super) const ACCEPTED: &str = "verification.accepted";
    pub(in super::super) const DECLINED: &str = "verification.declined";
    pub(in super::super) const CANCELLED: &str = "verification.cancelled";
    pub(in super::super) const STATUS_CHANGED: &str = "verification.status.changed";
    pub(in super::super) const REVIEW: &str = "review.pending";
}

/// Account and reference: a reference is unique in its account, for ever.
pub(super) type Key = (AccountId, String);

/// A request and its result.
#[derive(Clone)]
pub(super) struct Verification {
    pub(super) event: String,
    /// The general fields as they were sent.
    pub(super) general: Map<String, Value>,
    /// The services, without their proofs.
    pub(super) services: Map<String, Value>,
    pub(super) uploads: Vec<Upload>,
    pub(super) person: Person,
    /// The person was chosen by the test, so that the country is his own.
    pub(super) assigned: bool,
    pub(super) onsite: bool,
    /// The last part of the verification URL.
    pub(super) token: String,
    pub(super) verification_url: Url,
    pub(super) expires: SystemTime,
    pub(super) callback_url: Option<Url>,
    pub(super) redirect_url: Option<Url>,
    /// `User-Agent` of the caller, which an offsite result describes.
    pub(super) user_agent: String,
    pub(super) decided: Option<Decided>,
}

impl Verification {
    /// It still waits for the user, for the result or for a reviewer.
    pub(super) fn is_open(&self) -> bool {
        [event::PENDING, event::RECEIVED, event::REVIEW].contains(&self.event.as_str())
    }

    pub(super) fn is_decided(&self) -> bool {
        [event::ACCEPTED, event::DECLINED].contains(&self.event.as_str())
    }

    pub(super) fn is_risk_assessment(&self) -> bool {
        self.services.contains_key(services::RISK_ASSESSMENT)
    }

    pub(super) fn general(&self, key: &str) -> Value {
        self.general.get(key).cloned().unwrap_or_default()
    }

    /// The proofs that a decided request holds: service, kind, file.
    pub(super) fn files(&self) -> Vec<(String, &'static str, File)> {
        if !self.onsite {
            let of = |upload: &Upload| {
                let file = File { media_type: upload.media_type, bytes: upload.bytes.clone() };
                (upload.service.clone(), upload.kind, file)
            };
            return self.uploads.iter().map(of).collect();
        }
        let image = |service: &str, kind: &'static str| {
            let file = File { media_type: "image/png", bytes: upload::png(&format!("{service} {kind}")) };
            (service.to_owned(), kind, file)
        };
        if self.is_risk_assessment() {
            // A service may come twice.
            return ["face", "document", "face"].map(|service| image(service, "proof")).to_vec();
        }
        let mut files = Vec::new();
        for service in services::WITH_PROOF {
            let Some(asked) = self.services.get(service) else { continue };
            files.push(image(service, "proof"));
            let back = asked.get("backside_proof_required").and_then(Value::as_str) == Some("1")
                || asked.get("additional_proof").is_some();
            if back {
                files.push(image(service, "additional_proof"));
            }
        }
        files
    }
}

/// A file behind a link.
#[derive(Clone)]
pub(super) struct File {
    pub(super) media_type: &'static str,
    pub(super) bytes: Bytes,
}

struct Link {
    token: String,
    end: SystemTime,
    of: Key,
    file: File,
}

/// Everything, behind one lock.
pub(super) struct Store {
    pub(super) accounts: Accounts,
    pub(super) verifications: HashMap<Key, Verification>,
    /// Token of the verification URL to its verification.
    pub(super) pages: HashMap<String, Key>,
    /// People whom a test chose for a reference.
    pub(super) people: HashMap<String, Person>,
    links: HashMap<String, Link>,
    /// How many links there may be before the dead ones are looked for.
    links_before_purge: usize,
    /// When verification URLs end.
    ends: BTreeMap<SystemTime, Vec<Key>>,
    /// By account and person: the reference under which the face was first accepted.
    faces: HashMap<(AccountId, u64), String>,
    enrolled: HashSet<(AccountId, String)>,
}

impl Store {
    pub(super) fn new(accounts: Accounts) -> Self {
        Self {
            accounts,
            verifications: HashMap::new(),
            pages: HashMap::new(),
            people: HashMap::new(),
            links: HashMap::new(),
            links_before_purge: LEAST_PURGE,
            ends: BTreeMap::new(),
            faces: HashMap::new(),
            enrolled: HashSet::new(),
        }
    }

    pub(super) fn insert(&mut self, key: Key, verification: Verification) {
        if verification.onsite {
            self.ends.entry(verification.expires).or_default().push(key.clone());
            self.pages.insert(verification.token.clone(), key.clone());
        }
        self.verifications.insert(key, verification);
    }

    /// The first account's verification of this reference, then the other accounts'.
    pub(super) fn find(&self, reference: &str) -> Option<Key> {
        let keys = self.accounts.ids().map(|account| (account, reference.to_owned()));
        keys.into_iter().find(|key| self.verifications.contains_key(key))
    }

    /// Takes out the expired verifications without a visit of the user.
    pub(super) fn take_due(&mut self, now: SystemTime) -> Vec<Key> {
        let mut due = Vec::new();
        while let Some(entry) = self.ends.first_entry().filter(|entry| *entry.key() <= now) {
            due.extend(entry.remove());
        }
        due.retain(|key| self.verifications.get(key).is_some_and(|one| one.event == event::PENDING));
        due
    }

    /// When the next verification URL ends.
    pub(super) fn next_end(&self) -> Option<SystemTime> {
        self.ends.first_key_value().map(|(end, _)| *end)
    }

    /// Makes a file reachable under an id and a token.
    pub(super) fn link(&mut self, id: String, token: String, of: &Key, file: File, now: SystemTime) {
        if self.links.len() >= self.links_before_purge {
            self.links.retain(|_, link| now < link.end);
            self.links_before_purge = LEAST_PURGE.max(self.links.len() * 2);
        }
        self.links.insert(id, Link { token, end: now + LINK_LIFETIME, of: of.clone(), file });
    }

    /// The file behind a link; `None` when link or token is dead.
    pub(super) fn open(&self, id: &str, token: &str, now: SystemTime) -> Option<(AccountId, File)> {
        let link = self.links.get(id)?;
        let fits = crate::crypto::equal(link.token.as_bytes(), token.as_bytes()) && now < link.end;
        fits.then(|| (link.of.0, link.file.clone()))
    }

    /// Forgets what is personal about a verification; the reference stays used.
    pub(super) fn delete(&mut self, key: &Key) {
        self.links.retain(|_, link| link.of != *key);
        self.faces.retain(|_, reference| *reference != key.1);
        if let Some(verification) = self.verifications.get_mut(key) {
            self.pages.remove(&verification.token);
            verification.event = event::DELETED.to_owned();
            verification.general.clear();
            verification.services.clear();
            verification.uploads.clear();
            verification.decided = None;
        }
    }

    /// True when the face was accepted under another reference of the account.
    pub(super) fn knows_face(&self, key: &Key, person: &Person) -> bool {
        self.faces.get(&(key.0, person.seed)).is_some_and(|reference| *reference != key.1)
    }

    pub(super) fn is_enrolled(&self, account: AccountId, customer: &str) -> bool {
        self.enrolled.contains(&(account, customer.to_owned()))
    }

    /// Remembers the face of an accepted request.
    pub(super) fn remember_face(&mut self, key: &Key) {
        let Some(verification) = self.verifications.get(key) else { return };
        let Some(face) = verification.services.get(services::FACE) else { return };
        let seed = verification.person.seed;
        let enrols = face.get("face_authentication").and_then(Value::as_str) == Some("enroll");
        let customer = verification.general("customer_unique_id");
        self.faces.entry((key.0, seed)).or_insert_with(|| key.1.clone());
        if let (true, Value::String(customer)) = (enrols, customer) {
            self.enrolled.insert((key.0, customer));
        }
    }
}
