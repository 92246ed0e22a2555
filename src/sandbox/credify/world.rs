//! What the fake holds: organisations, people with wallets, offers, orders, grants.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use url::Url;

use super::{MARKET_API_KEY, MARKET_ID, ORGANISATION_API_KEY, ORGANISATION_ID, Settings, USER_ID};
use crate::{
    credify::{
        Environment,
        claims::{Claims, Profile},
        keys::{DecryptionKey, SigningKey},
        token::{claim::Commitments, jwt},
    },
    error::Error,
    privacy::Secret,
    sandbox::Person,
    wire,
};

/// The vectors' keys: everything that the fake signs is as checkable as they are.
const SIGNING_KEYS: &str = include_str!("../../../tests/vectors/credify/signing-keys.json");
const RSA_KEYS: &str = include_str!("../../../tests/vectors/credify/encryption.json");

pub(super) struct World {
    pub(super) settings: Settings,
    pub(super) oidc_base: Url,
    pub(super) market: SigningKey,
    pub(super) organisation: SigningKey,
    pub(super) decryption: DecryptionKey,
    store: Mutex<Store>,
}

pub(super) struct Store {
    /// API keys by their organisations.
    pub(super) api_keys: HashMap<String, String>,
    /// Access tokens of API keys, with the organisation and the end.
    pub(super) access: HashMap<String, (String, SystemTime)>,
    pub(super) entities: HashMap<String, Entity>,
    pub(super) users: HashMap<String, User>,
    /// The claim tokens of the latest push.
    pub(super) claim_tokens: HashMap<String, Vec<String>>,
    pub(super) offers: BTreeMap<String, Value>,
    pub(super) campaigns: Vec<Value>,
    /// Transactions of offers and their state.
    pub(super) transactions: HashMap<String, Value>,
    pub(super) orders: BTreeMap<String, Order>,
    /// Who has completed the way to paying later, and where.
    pub(super) completed: HashMap<String, Vec<String>>,
    /// Codes that were not exchanged yet.
    pub(super) codes: HashMap<String, Grant>,
    /// Tokens of people: what they grant, and until when.
    pub(super) user_tokens: HashMap<String, (Grant, SystemTime)>,
    /// Tokens that Credify presents to markets.
    pub(super) presented: HashMap<String, Presented>,
    pub(super) ecosystem: SigningKey,
}

/// What others may know of an entity.
#[derive(Clone, Default)]
pub(super) struct Entity {
    pub(super) signing: Option<String>,
    pub(super) encryption: Option<String>,
}

/// A person with a wallet.
pub(super) struct User {
    pub(super) person: Person,
    pub(super) wallet: SigningKey,
    /// In place of what is made from the person.
    pub(super) claims: Option<Claims>,
    pub(super) commitments: Option<Commitments>,
}

/// An order and who pays it.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) body: Value,
    pub(super) owner: Option<String>,
}

/// What a person agreed to.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) user_id: String,
    pub(super) scopes: Vec<String>,
    /// The key to encrypt for, as it stood in the request; none: the one on record.
    pub(super) encryption_key: Option<String>,
    pub(super) transaction_id: String,
}

/// A token that Credify presents.
pub(super) struct Presented {
    pub(super) client_id: String,
    pub(super) scope: String,
    pub(super) audience: Vec<String>,
    pub(super) ends: SystemTime,
}

impl World {
    pub(super) fn new(settings: Settings, oidc_base: Url) -> Result<Self, Error> {
        let (market, organisation) = (signing_key("market")?, signing_key("consumer")?);
        let (ecosystem, wallet) = (signing_key("ecosystem")?, signing_key("user")?);
        let decryption = rsa_key()?;
        let entity =
            |key: &SigningKey| Entity { signing: Some(key.verifying_key().to_pem()), encryption: None };
        let with_encryption =
            Entity { encryption: Some(decryption.encryption_key()?.to_pem()?), ..entity(&organisation) };
        let ecosystem_id = Environment::Local.ecosystem_id().unwrap_or_default().to_owned();
        let user =
            User { person: Person::from_seed(7), wallet: wallet.clone(), claims: None, commitments: None };
        let (offer, campaign) = offer_and_campaign();
        let store = Store {
            api_keys: HashMap::from([
                (MARKET_API_KEY.to_owned(), MARKET_ID.to_owned()),
                (ORGANISATION_API_KEY.to_owned(), ORGANISATION_ID.to_owned()),
            ]),
            access: HashMap::new(),
            entities: HashMap::from([
                (MARKET_ID.to_owned(), entity(&market)),
                (ORGANISATION_ID.to_owned(), with_encryption),
                (USER_ID.to_owned(), entity(&wallet)),
                (ecosystem_id, entity(&ecosystem)),
            ]),
            users: HashMap::from([(USER_ID.to_owned(), user)]),
            claim_tokens: HashMap::new(),
            offers: BTreeMap::from([("offer-1".to_owned(), offer)]),
            campaigns: vec![campaign],
            transactions: HashMap::new(),
            orders: BTreeMap::new(),
            completed: HashMap::new(),
            codes: HashMap::new(),
            user_tokens: HashMap::new(),
            presented: HashMap::new(),
            ecosystem,
        };
        Ok(Self { settings, oidc_base, market, organisation, decryption, store: Mutex::new(store) })
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> SystemTime {
        self.settings.clock.now()
    }

    /// A word that cannot be guessed.
    pub(super) fn word(&self) -> String {
        #[allow(clippy::expect_used)]
        let bytes = self.settings.clock.random::<24>().expect("the system's source of randomness answers");
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A random UUID.
    pub(super) fn id(&self) -> String {
        #[allow(clippy::expect_used)]
        crate::transport::request_id(&self.settings.clock).expect("the system's source of randomness answers")
    }

    /// An access token in the form that the provider's SDK reads the end of.
    pub(super) fn access_token(&self, organisation: &str) -> Result<String, Error> {
        let ends = self.now() + self.settings.token_life;
        let payload = json!({ "exp": seconds(ends), "iat": seconds(self.now()), "jti": self.word() });
        let mut store = self.store();
        let token = jwt::sign(&store.ecosystem, &payload)?.into_exposed();
        store.access.insert(token.clone(), (organisation.to_owned(), ends));
        Ok(token)
    }

    /// A token that Credify presents to a market.
    pub(super) fn present(&self, client_id: &str, scope: &str, audience: &[&str]) -> String {
        let token = self.word();
        let presented = Presented {
            client_id: client_id.to_owned(),
            scope: scope.to_owned(),
            audience: audience.iter().map(|audience| (*audience).to_owned()).collect(),
            ends: self.now() + Duration::from_secs(3600),
        };
        self.store().presented.insert(token.clone(), presented);
        token
    }
}

impl User {
    /// The user's claims, with a commitment in each scope.
    pub(super) fn claims(&mut self, clock: &crate::clock::Clock) -> Result<Claims, Error> {
        let claims = self.claims.clone().unwrap_or_else(|| claims_of(&self.person));
        let complete =
            self.commitments.clone().filter(|known| claims.scopes().all(|scope| known.get(scope).is_some()));
        let commitments = match complete {
            Some(commitments) => commitments,
            None => Commitments::generate(&claims, clock)?,
        };
        self.commitments = Some(commitments.clone());
        claims.with_commitments(&commitments)
    }
}

fn claims_of(person: &Person) -> Claims {
    let gender = if person.gender.expose() == "F" { "female" } else { "male" };
    Claims::new()
        .phone(person.phone.expose())
        .email(person.email.expose())
        .address(person.full_address().expose())
        .profile(Profile {
            family_name: Some(person.last_name.expose()),
            given_name: Some(person.first_name.expose()),
            birthdate: Some(person.dob.expose()),
            gender: Some(gender),
        })
}

fn offer_and_campaign() -> (Value, Value) {
    let consumer = json!({
        "id": ORGANISATION_ID, "name": "Demo Insurance", "description": "", "app_url": "https://provider.example/",
        "logo_url": "https://provider.example/logo.png", "scopes": ["openid", "phone"],
        "categories": [{ "id": "1", "name": "INSURANCE" }],
    });
    let campaign = json!({
        "id": "campaign-1", "name": "Home insurance", "description": "", "start_date": null, "end_date": null,
        "published": true, "status": "APPROVED", "consumer": consumer, "levels": ["10 %"], "verified_scopes": [],
        "extra_steps": false, "use_referral": false,
    });
    let offer = json!({
        "id": "1", "code": "offer-1", "campaign": campaign, "conditions": [null], "review_status": "APPROVED",
        "required_custom_scopes": [], "evaluation_result": { "rank": 1, "used_scopes": [], "requested_scopes": [] },
    });
    (offer, campaign)
}

pub(super) fn seconds(at: SystemTime) -> u64 {
    at.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn signing_key(name: &str) -> Result<SigningKey, Error> {
    let seed = member(SIGNING_KEYS, name, "seed_base64url")?;
    SigningKey::from_seed(&seed)
}

fn rsa_key() -> Result<DecryptionKey, Error> {
    DecryptionKey::from_pem(&member(RSA_KEYS, "rsa-3072", "private_pem")?, None)
}

fn member(file: &str, name: &str, member: &str) -> Result<Secret, Error> {
    let file: Value =
        wire::json::from_str(file).map_err(|_| Error::configuration("the sandbox's keys are not JSON"))?;
    let key = file["keys"].as_array().into_iter().flatten().find(|key| key["name"] == name);
    let text = key.and_then(|key| key[member].as_str());
    text.map(Secret::from).ok_or_else(|| Error::configuration("the sandbox lacks a key"))
}
