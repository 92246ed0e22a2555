//! The sandbox: five fake providers, the invented people, and the phone and the wallet that they would hold. None of it
//! is there in production: delete this file, `pages/demo.rs`, and the lines that are marked.

use std::{
    collections::VecDeque,
    error::Error as StdError,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, body::Bytes, extract::State, response::Response, routing::post};
use kyckit::{
    Error,
    clock::Clock,
    credify::encryption::ClaimsFormat,
    credo360::{self, HandleId},
    flow::{Attempt, Next, Pending, Reply},
    maya,
    provider::ProviderId,
    sandbox::{
        Person,
        credify::{Credify, MARKET_ID, ORGANISATION_ID, USER_ID},
        credo360::{Credo360, User},
        maya::Maya,
        selfkey::{SelfKey, TEMPLATE},
        shuftipro::{Outcome, ShuftiPro},
    },
    selfkey::{
        self, RelyingPartyConfig, WalletKey,
        attribute::{Attribute, AttributeType, Document, Requirement},
        kyc_chain,
        model::{NewKycUser, Status},
    },
    shuftipro,
    transport::Upload,
};
use maud::Markup;
use serde_json::json;

use super::{
    App,
    backend::{Clients, return_url},
    form::{Details, Fields},
    pages::demo as boxes,
    steps::{reply, stuck, to},
    visit::{Caller, Stage, Visit},
};

/// The customer's number at the fake Maya.
const CUSTOMER: u64 = 7;
const CREDO_ID: &str = "02598397346";
/// More than that and the oldest wallet is lost.
const MOST_WALLETS: usize = 256;

/// The fakes, and the people.
pub struct Demo {
    pub shuftipro: ShuftiPro,
    pub credo360: Credo360,
    pub maya: Maya,
    pub selfkey: SelfKey,
    pub credify: Credify,
    pub handle: HandleId,
    /// The person that Shufti Pro sees.
    pub someone: Person,
    wallets: Mutex<VecDeque<Wallet>>,
}

/// A wallet of an invented person.
#[derive(Clone)]
struct Wallet {
    key: WalletKey,
    owner: Person,
    application: Option<String>,
}

impl Demo {
    pub async fn start() -> Result<Self, Box<dyn StdError>> {
        let handle = HandleId::new(CREDO_ID)?;
        let user = User::new(handle.clone(), Person::from_seed(2));
        let maya = Maya::start().await?;
        maya.assign(CUSTOMER, Person::from_seed(3));
        Ok(Self {
            shuftipro: ShuftiPro::start().await?,
            credo360: Credo360::builder().user(user).start().await?,
            maya,
            // A button plays the reviewer of an application.
            selfkey: SelfKey::builder().progress([]).start().await?,
            credify: Credify::builder().claims_format(ClaimsFormat::Aggregated).start().await?,
            handle,
            someone: Person::from_seed(1),
            wallets: Mutex::default(),
        })
    }

    /// Clients that are pointed at the fakes. In production they come from your settings.
    pub fn clients(&self) -> Result<Clients, Error> {
        Ok(Clients {
            shuftipro: shuftipro::Client::builder(
                self.shuftipro.client_id(),
                self.shuftipro.secret_key().clone(),
            )
            .base_url(self.shuftipro.base_url().as_str())
            .build()?,
            credo360: credo360::Client::builder(self.credo360.client_id().clone())
                .base_url(self.credo360.base_url().as_str())
                .build()?,
            maya: self.maya.client_builder().build()?,
            selfkey: kyc_chain::Client::builder(self.selfkey.instance_url().as_str(), self.selfkey.api_key())
                .build()?,
            credify: self.credify.client_builder().build()?,
            credify_service: (
                ORGANISATION_ID.to_owned(),
                self.credify.decryption_key().clone(),
                MARKET_ID.to_owned(),
            ),
        })
    }

    /// Who the person at a provider is, by the sandbox's own memory.
    pub fn person(&self, provider: ProviderId) -> Option<Person> {
        match provider.as_str() {
            "credify" => self.credify.person(USER_ID),
            "credo360" => Some(Person::from_seed(2)),
            "maya" => Some(self.maya.person(CUSTOMER)),
            "selfkey" => self.wallets().back().map(|wallet| wallet.owner.clone()),
            "shuftipro" => Some(self.someone.clone()),
            _ => None,
        }
    }

    /// The papers that are shown in this attempt.
    pub fn give_papers(&self, attempt: &Attempt) {
        self.shuftipro.assign(attempt.as_str(), self.someone.clone());
    }

    /// What can be typed into the form, and whether it stands there already.
    pub fn form(&self, provider: ProviderId, fill: bool) -> (Details, Markup) {
        let did = (provider == selfkey::PROVIDER).then(|| self.new_wallet()).flatten();
        let credo_id = (provider == credo360::PROVIDER).then(|| self.handle.expose().to_owned());
        let person = self.person(provider).unwrap_or_else(|| self.someone.clone());
        let details = Details {
            name: person.full_name(),
            mail: person.email,
            credo_id: credo_id.unwrap_or_default().into(),
            did: did.unwrap_or_default().into(),
        };
        let aside = boxes::form(provider, &details, !fill);
        (if fill { details } else { Details::default() }, aside)
    }

    /// What another provider may ask for.
    pub fn identifiers(&self) -> Markup {
        boxes::identifiers(self.handle.expose(), &self.new_wallet().unwrap_or_default())
    }

    /// What the person would have in hand in this step.
    pub fn step(&self, visit: &Visit, pending: &Pending) -> Option<Markup> {
        let state = pending.state.as_str();
        let provider = pending.provider;
        match &pending.next {
            Next::OpenUrl { .. } => Some(boxes::page()),
            Next::TypePasscode { .. } => {
                let handle = HandleId::new(visit.details.credo_id.expose()).ok()?;
                Some(boxes::message(self.credo360.passcode(&handle)?.expose()))
            }
            Next::SignNonce { .. } => Some(boxes::wallet(state)),
            Next::OpenApp if provider == maya::PROVIDER => Some(boxes::phone()),
            Next::OpenApp => Some(boxes::application(state)),
            Next::Wait { .. } if [shuftipro::PROVIDER, selfkey::PROVIDER].contains(&provider) => {
                Some(boxes::reviewer())
            }
            _ => None,
        }
    }

    /// A wallet with a fresh key, by its identity.
    fn new_wallet(&self) -> Option<String> {
        let key = Clock::system().random::<32>().ok()?;
        let key = WalletKey::from_hex(hex::encode(key)).ok()?;
        let did = key.did().as_str().to_owned();
        let mut wallets = self.wallets();
        let number = wallets.back().map_or(1000, |wallet| wallet.owner.seed + 1);
        if wallets.len() >= MOST_WALLETS {
            wallets.pop_front();
        }
        wallets.push_back(Wallet { key, owner: Person::from_seed(number), application: None });
        Some(did)
    }

    fn wallets(&self) -> MutexGuard<'_, VecDeque<Wallet>> {
        self.wallets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wallet(&self, visit: &Visit) -> kyckit::Result<Wallet> {
        let did = visit.details.did.expose();
        let found = self.wallets().iter().find(|wallet| wallet.key.did().as_str() == did).cloned();
        found.ok_or_else(|| Error::invalid("did", "the sandbox has no such wallet"))
    }

    /// The wallet makes itself known and hands an application in.
    async fn hand_in(&self, visit: &Visit) -> kyckit::Result<()> {
        let Wallet { key, owner, .. } = self.wallet(visit)?;
        let config = RelyingPartyConfig::new(self.selfkey.root_endpoint().as_str());
        let client = selfkey::Client::builder(config, key.did(), key.clone()).build()?;
        let (first, last) = (owner.first_name.expose(), owner.last_name.expose());
        client.create_kyc_user(&NewKycUser::person(owner.email.expose(), first, last)).await?;
        let template = client.template(&TEMPLATE.into()).await?;
        let attributes: Vec<_> =
            template.attributes.iter().filter_map(|asked| attribute(&owner, asked)).collect();
        let created = client.create_application(TEMPLATE, &attributes).await?;
        let mut wallets = self.wallets();
        if let Some(wallet) = wallets.iter_mut().find(|wallet| wallet.key.did() == key.did()) {
            wallet.application = created.id;
        }
        Ok(())
    }

    /// Plays the provider's reviewer.
    fn decide(&self, visit: &Visit, is_accepted: bool) -> kyckit::Result<()> {
        let Stage::Next(pending, _) = &visit.stage else { return Ok(()) };
        if let Some(reference) = &pending.record {
            let declined = || Outcome::Decline(vec!["SPDR06".to_owned()]);
            let outcome = if is_accepted { Outcome::Accept } else { declined() };
            return self.shuftipro.complete(reference, outcome);
        }
        let application = self.wallet(visit)?.application;
        let status = if is_accepted { Status::Approved } else { Status::Rejected };
        if let Some(application) = application {
            self.selfkey.set_status(&application, status.code(), None);
        }
        Ok(())
    }
}

/// The buttons in the boxes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/sandbox/phone", post(phone))
        .route("/sandbox/wallet", post(wallet))
        .route("/sandbox/application", post(application))
        .route("/sandbox/review", post(review))
}

/// The customer taps the tile: Maya pushes tokens to the backend, and the web view opens the landing page.
///
/// Maya itself opens the one address that was registered with it, without anything of the visit. Where it cannot be
/// made to carry the value, begin the visit at the landing page: see the recipe for Maya.
async fn phone(State(app): State<Arc<App>>, caller: Caller) -> Response {
    let Some(visit) = &caller.visit else { return to("/") };
    let urls = app.base.join(&app.backend.maya_session_path).and_then(|session| {
        return_url(&app.base, maya::PROVIDER).map(|landing| (session, visit.landing(landing)))
    });
    let opened = match urls {
        Ok((session, landing)) => app.demo.maya.open_mini_app(CUSTOMER, &session, &landing).await,
        Err(_) => Err(Error::configuration("the address of this website is none")),
    };
    let landing = opened
        .and_then(|opened| opened.landing_url.ok_or_else(|| Error::configuration("the push was refused")));
    match landing {
        Ok(url) => to(url.expose()),
        Err(error) => stuck(&app, &caller, &error),
    }
}

/// The wallet signs what the page shows.
async fn wallet(State(app): State<Arc<App>>, caller: Caller, body: Bytes) -> Response {
    let signed = match &caller.visit {
        Some(visit) => match &visit.stage {
            Stage::Next(pending, _) => match &pending.next {
                Next::SignNonce { nonce } => app
                    .demo
                    .wallet(visit)
                    .and_then(|wallet| wallet.key.sign_message(nonce.expose()))
                    .map(|signature| signature.to_hex()),
                _ => Ok(String::new()),
            },
            _ => Ok(String::new()),
        },
        None => Ok(String::new()),
    };
    match signed {
        Ok(signature) => {
            reply(&app, caller, Fields::read(&body).get("state"), Reply::signature(signature)).await
        }
        Err(error) => stuck(&app, &caller, &error),
    }
}

async fn application(State(app): State<Arc<App>>, caller: Caller, body: Bytes) -> Response {
    if let Some(visit) = &caller.visit
        && let Err(error) = app.demo.hand_in(visit).await
    {
        return stuck(&app, &caller, &error);
    }
    reply(&app, caller, Fields::read(&body).get("state"), Reply::Poll).await
}

async fn review(State(app): State<Arc<App>>, caller: Caller, body: Bytes) -> Response {
    let is_accepted = Fields::read(&body).get("decision") == "accept";
    if let Some(visit) = &caller.visit
        && let Err(error) = app.demo.decide(visit, is_accepted)
    {
        return stuck(&app, &caller, &error);
    }
    to("/step")
}

fn attribute(owner: &Person, asked: &Requirement) -> Option<Attribute> {
    let kind = asked.schema_id.attribute_type();
    let data = match kind {
        AttributeType::FirstName => json!(owner.first_name.expose()),
        AttributeType::LastName => json!(owner.last_name.expose()),
        AttributeType::Email => json!(owner.email.expose()),
        AttributeType::CountryOfResidency => json!({ "country": owner.country.expose() }),
        AttributeType::Passport => json!({
            "image": "$document-1",
            "selfie": { "image": "$document-2" },
            "issued": owner.issue_date.expose(),
            "expires": owner.expiry_date.expose(),
        }),
        _ => return None,
    };
    let files = if kind == AttributeType::Passport { 1..3 } else { 0..0 };
    let id = asked.id.clone().unwrap_or_default();
    let attribute = Attribute::new(id, asked.schema_id.clone(), data).required(asked.required_by_wallet());
    Some(files.fold(attribute, |attribute, number| {
        let scan = Document::new(number, "image/png", Upload::bytes(PICTURE));
        attribute.document(scan.name(format!("scan-{number}.png")))
    }))
}

/// The smallest picture: one pixel.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa7\x9a\x9e\x1d\0\0\0\0IEND\xaeB`\x82";
