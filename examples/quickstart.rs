//! Five people at five providers, offline: each goes through the same flow, and the result is
//! printed beside the sandbox's own data.
//!
//! ```text
//! cargo run --features sandbox --example quickstart -- --seed 7
//! ```

#[path = "common/mod.rs"]
mod common;

use std::{error::Error, process::ExitCode, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State as AppState,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::post,
};
use common::{say, words};
use kyckit::{
    credify::encryption::ClaimsFormat,
    credo360,
    flow::{
        self, Attempt, CallbackNotifier, Done, Next, PersonId, PollPolicy, Registry, Reply, Start, StateKeys,
        Step,
    },
    identity::{Attribute as Known, Contact, ContactKind, Identity, Name},
    inbox::{Action, Delivery, Inbox, response_status},
    maya::{self, CustomerTokens, webhook::Sessions},
    provider::ProviderId,
    sandbox::{
        Person,
        credify::{Credify, MARKET_ID, ORGANISATION_ID, USER_ID},
        credo360::{Credo360, User},
        maya::Maya,
        selfkey::{PRIVATE_KEY, SelfKey, TEMPLATE},
        shuftipro::{Outcome, ShuftiPro},
    },
    selfkey::{
        self, RelyingPartyConfig, WalletKey,
        attribute::{Attribute, AttributeType, Document, Requirement},
        did::Resolver,
        kyc_chain,
        model::{NewKycUser, Status},
        relying_party::SignatureVerifier,
    },
    shuftipro,
    storage::{MemoryInbox, MemoryOneTime},
    transport::Upload,
    verified::{Event, State},
};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

type Result<T = (), E = Box<dyn Error>> = std::result::Result<T, E>;

/// The customer's number at the fake Maya.
const CUSTOMER: u64 = 7;

const USAGE: &str = "usage: quickstart [--seed N]";

#[tokio::main]
async fn main() -> ExitCode {
    common::run(USAGE, run()).await
}

async fn run() -> Result {
    let seed = seed()?;
    let world = World::start(seed).await?;
    say!("Five providers, as sandboxes on loopback; the people are invented from seed {seed}.\n");

    let mut rows = Vec::new();
    for (number, provider) in world.registry.providers().enumerate() {
        say!("{}. {provider}", number + 1);
        let done = world.go(provider).await?;
        rows.push(Row::of(&done, &world));
    }
    print(&rows);

    say!("\nThe sandboxes' own logs:");
    for (provider, requests) in world.log() {
        say!("  {provider:<10} {requests}");
    }
    if let Some(row) = rows.iter().find(|row| row.name != row.held) {
        return Err(
            format!("{}: reported {}, and the sandbox has {}", row.provider, row.name, row.held).into()
        );
    }
    Ok(())
}

fn seed() -> Result<u64> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(1),
        (Some("--seed"), Some(seed)) => Ok(seed.parse()?),
        _ => Err(USAGE.into()),
    }
}

/// The fakes, the backend over them, and the people.
struct World {
    shuftipro: ShuftiPro,
    credo360: Credo360,
    maya: Maya,
    selfkey: SelfKey,
    credify: Credify,
    registry: Registry<MemoryOneTime>,
    backend: Arc<Backend>,
    base: Url,
    wallet: WalletKey,
    handle: credo360::HandleId,
    people: [Person; 5],
}

/// Your backend, which receives what the providers send.
struct Backend {
    shuftipro: shuftipro::Client,
    inbox: Inbox<MemoryInbox>,
    notifier: CallbackNotifier,
    sessions: Arc<Sessions<MemoryOneTime>>,
}

impl World {
    async fn start(seed: u64) -> Result<Self> {
        let people = [0, 1, 2, 3, 4].map(|number| Person::from_seed(seed.wrapping_add(number)));
        let handle: credo360::HandleId = "02598397346".parse()?;
        let user = User::new(handle.clone(), people[1].clone());
        let shuftipro = ShuftiPro::start().await?;
        let credo360 = Credo360::builder().user(user).start().await?;
        let maya = Maya::start().await?;
        maya.assign(CUSTOMER, people[2].clone());
        let selfkey = SelfKey::start().await?;
        let credify = Credify::builder().claims_format(ClaimsFormat::Aggregated).start().await?;

        // The backend: a client for each provider, and one address for what they send.
        let client = shuftipro::Client::builder(shuftipro.client_id(), shuftipro.secret_key().clone())
            .base_url(shuftipro.base_url().as_str())
            .build()?;
        let backend = Arc::new(Backend {
            shuftipro: client.clone(),
            inbox: Inbox::new(MemoryInbox::new()),
            notifier: CallbackNotifier::new(),
            sessions: Arc::new(Sessions::new(MemoryOneTime::new())),
        });
        let base = serve(Arc::clone(&backend)).await?;
        let owners = credo360::Client::builder(credo360.client_id().clone())
            .base_url(credo360.base_url().as_str())
            .build()?;
        let keep = |_: PersonId, _: CustomerTokens| async {
            // In place of a database, encrypted.
            Ok(())
        };
        let reviews =
            kyc_chain::Client::builder(selfkey.instance_url().as_str(), selfkey.api_key()).build()?;
        let shared = credify.client_builder().build()?;
        let redirect = base.join("credify/return")?;

        // One registry for all.
        let registry = Registry::new(StateKeys::new([7; 32]), MemoryOneTime::new())
            .with(flow::shuftipro::ShuftiProFlow::new(client).callback_url(base.join("shuftipro/callbacks")?))
            .with(flow::credo360::Credo360Flow::new(owners))
            .with(flow::maya::MayaFlow::new(
                maya.client_builder().build()?,
                Arc::clone(&backend.sessions),
                keep,
            ))
            .with(flow::selfkey::SelfKeyFlow::new(reviews, SignatureVerifier::new(Resolver::new())))
            .with(
                flow::credify::CredifyFlow::new(
                    shared,
                    ORGANISATION_ID,
                    redirect,
                    credify.decryption_key().clone(),
                )
                .signed_by(MARKET_ID),
            );
        let wallet = WalletKey::from_hex(PRIVATE_KEY)?;
        Ok(Self {
            shuftipro,
            credo360,
            maya,
            selfkey,
            credify,
            registry,
            backend,
            base,
            wallet,
            handle,
            people,
        })
    }

    /// The flow: start, take the next action, resume, until there is a decision.
    async fn go(&self, provider: ProviderId) -> Result<Done> {
        let person = PersonId::new(format!("customer of {provider}"))?;
        // A derived attempt is the same after a crash; at Shufti Pro it is the reference.
        let attempt = Attempt::derive(&"a key of your own".into(), &person, 1);
        self.shuftipro.assign(attempt.as_str(), self.people[0].clone());
        let start = self.known_identity(&person).attempt(attempt);
        let mut step = self.registry.start(provider, &start).await?;
        loop {
            let pending = match step {
                Step::Done(done) => {
                    say!("   decided: {}", done.decision().outcome());
                    return Ok(*done);
                }
                Step::Failed(error, _) => return Err(error.into()),
                Step::Next(pending) => pending,
            };
            // The state goes through the browser, or waits in a database.
            let state = pending.state.as_str().parse()?;
            say!("   next: {}", words(&pending.next));
            step = match &pending.next {
                Next::Wait { .. } => {
                    let policy = PollPolicy::until(std::time::Duration::from_secs(30));
                    self.registry.wait(&person, &state, &self.backend.notifier, policy).await?
                }
                next => match self.reply(provider, next, pending.record.as_deref()).await? {
                    Some(reply) => self.registry.resume(&person, &state, reply).await?,
                    None => {
                        let policy = PollPolicy::until(std::time::Duration::from_secs(30));
                        self.registry.wait(&person, &state, &self.backend.notifier, policy).await?
                    }
                },
            };
        }
    }

    /// What the person filled in at your form.
    fn known_identity(&self, person: &PersonId) -> Start {
        let (source, now) = (ProviderId::new("sign-up"), std::time::SystemTime::now());
        let someone = &self.people[0];
        let mut known = Identity::new();
        let mut name = Name::default();
        name.full = Some(someone.full_name());
        known.add(Known::self_asserted(name, source, now));
        let mail = Contact::new(ContactKind::Email, someone.email.clone());
        known.add(Known::self_asserted(mail, source, now));
        Start::new(person.clone())
            .known_identity(known)
            .identifier(flow::credo360::IDENTIFIER, self.handle.expose())
            .identifier(flow::selfkey::IDENTIFIER, self.wallet.did().as_str())
    }

    /// Plays the people: the reply of each. None where a callback follows.
    async fn reply(&self, provider: ProviderId, next: &Next, record: Option<&str>) -> Result<Option<Reply>> {
        Ok(match next {
            Next::OpenUrl { url, .. } if provider == kyckit::credify::PROVIDER => {
                let agreed = self.credify.agree(url.expose())?;
                let back = Url::parse(agreed.redirect_url.expose())?;
                Some(Reply::returned(back.query().unwrap_or_default()))
            }
            Next::OpenUrl { .. } => {
                let reference = record.ok_or("no reference")?;
                self.shuftipro.complete(reference, Outcome::Natural)?;
                self.shuftipro.settled().await;
                None
            }
            Next::TypePasscode { .. } => {
                let passcode = self.credo360.passcode(&self.handle).ok_or("no passcode was delivered")?;
                Some(Reply::Passcode(passcode))
            }
            Next::SignNonce { nonce } => {
                self.hand_in().await?;
                Some(Reply::signature(self.wallet.sign_message(nonce.expose())?.to_hex()))
            }
            Next::OpenApp => {
                let (session, landing) = (self.base.join("maya/session")?, self.base.join("maya/landing")?);
                let opened = self.maya.open_mini_app(CUSTOMER, &session, &landing).await?;
                let landing = Url::parse(opened.landing_url.ok_or("the push was refused")?.expose())?;
                Some(Reply::returned(landing.query().unwrap_or_default()))
            }
            other => return Err(format!("unknown action: {other:?}").into()),
        })
    }

    /// The wallet submits an application, and the reviewer approves it.
    async fn hand_in(&self) -> Result {
        let config = RelyingPartyConfig::new(self.selfkey.root_endpoint().as_str());
        let wallet = selfkey::Client::builder(config, self.wallet.did(), self.wallet.clone()).build()?;
        let person = &self.people[3];
        let (first, last) = (person.first_name.expose(), person.last_name.expose());
        wallet.create_kyc_user(&NewKycUser::person(person.email.expose(), first, last)).await?;
        let template = wallet.template(&TEMPLATE.into()).await?;
        let attributes: Vec<_> =
            template.attributes.iter().filter_map(|asked| self.attribute(asked)).collect();
        let created = wallet.create_application(TEMPLATE, &attributes).await?;
        let id = created.id.ok_or("the application has no id")?;
        self.selfkey.set_status(&id, Status::Approved.code(), None);
        Ok(())
    }

    fn attribute(&self, asked: &Requirement) -> Option<Attribute> {
        let person = &self.people[3];
        let data = match asked.schema_id.attribute_type() {
            AttributeType::FirstName => json!(person.first_name.expose()),
            AttributeType::LastName => json!(person.last_name.expose()),
            AttributeType::Email => json!(person.email.expose()),
            AttributeType::CountryOfResidency => json!({ "country": person.country.expose() }),
            AttributeType::Passport => json!({
                "image": "$document-1",
                "selfie": { "image": "$document-2" },
                "issued": person.issue_date.expose(),
                "expires": person.expiry_date.expose(),
            }),
            _ => return None,
        };
        let files = if asked.schema_id.attribute_type() == AttributeType::Passport { 1..3 } else { 0..0 };
        let id = asked.id.clone().unwrap_or_default();
        let attribute =
            Attribute::new(id, asked.schema_id.clone(), data).required(asked.required_by_wallet());
        Some(files.fold(attribute, |attribute, number| {
            let scan = Document::new(number, "image/png", Upload::bytes(picture()));
            attribute.document(scan.name(format!("scan-{number}.png")))
        }))
    }

    /// The person in the sandbox's own data.
    fn held(&self, done: &Done) -> Option<Person> {
        match done.provider.as_str() {
            "shuftipro" => Some(self.shuftipro.verification(done.record.as_ref()?.expose())?.person),
            "credo360" => Some(self.people[1].clone()),
            "maya" => Some(self.maya.person(CUSTOMER)),
            "selfkey" => Some(self.people[3].clone()),
            "credify" => self.credify.person(USER_ID),
            _ => None,
        }
    }

    fn log(&self) -> Vec<(&'static str, String)> {
        let servers = [
            ("shuftipro", self.shuftipro.server()),
            ("credo360", self.credo360.server()),
            ("maya", self.maya.server()),
            ("selfkey", self.selfkey.server()),
            ("credify", self.credify.oidc_server()),
        ];
        servers
            .map(|(provider, server)| {
                let log = server.log();
                let requests = log.iter().map(|entry| {
                    let status = entry.status.map_or(0, |status| status.as_u16());
                    format!("{} {} {status}", entry.method, entry.route)
                });
                (provider, requests.collect::<Vec<_>>().join(", "))
            })
            .into()
    }
}

/// The smallest picture: one pixel.
fn picture() -> &'static [u8] {
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa7\x9a\x9e\x1d\0\0\0\0IEND\xaeB`\x82"
}

/// What providers send is answered when it is kept, and worked later.
async fn serve(backend: Arc<Backend>) -> Result<Url> {
    async fn called(
        AppState(backend): AppState<Arc<Backend>>,
        headers: HeaderMap,
        body: Bytes,
    ) -> StatusCode {
        let callbacks = backend.shuftipro.callbacks();
        let received = backend.inbox.receive(&callbacks, &headers, &body).await;
        let status = response_status(&received);
        tokio::spawn(async move {
            let work =
                async |delivery: Delivery<shuftipro::VerificationResponse>| work(&backend, delivery).await;
            if let Ok(Some(outcome)) = backend.inbox.work(&callbacks, work).await {
                say!("   callback: {}", words(&outcome));
            }
        });
        status
    }
    async fn pushed(
        AppState(backend): AppState<Arc<Backend>>,
        headers: HeaderMap,
        body: Bytes,
    ) -> impl IntoResponse {
        maya::webhook::answer(&backend.sessions.receive(&headers, &body).await)
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let base = Url::parse(&format!("http://{}/", listener.local_addr()?))?;
    let app = Router::new()
        .route("/shuftipro/callbacks", post(called))
        .route("/maya/session", post(pushed))
        .with_state(backend);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(base)
}

/// Wakes the waiting flow, which reads the decision from the provider.
async fn work(
    backend: &Backend,
    delivery: Delivery<shuftipro::VerificationResponse>,
) -> kyckit::Result<State> {
    match delivery.action {
        Action::Apply(answer) => {
            backend.notifier.notify(shuftipro::PROVIDER, &answer);
            Ok(answer.state())
        }
        _ => {
            let reference = shuftipro::request::Reference::existing(delivery.subject)?;
            Ok(backend.shuftipro.status(&reference).await?.state())
        }
    }
}

/// A row of the table.
struct Row {
    provider: String,
    name: String,
    outcome: String,
    proven: String,
    held: String,
}

impl Row {
    /// Everything personal is opened by `expose`, so that no line does it by accident.
    fn of(done: &Done, world: &World) -> Self {
        let mut proven: Vec<String> =
            done.identity().assurance().proven().map(|finding| finding.method().to_string()).collect();
        proven.dedup();
        let name = done.identity().names().first().map(|name| {
            let name = name.value();
            let parts = match &name.full {
                Some(full) => vec![full],
                None => [&name.given, &name.middle, &name.family].into_iter().flatten().collect(),
            };
            parts.into_iter().map(|part| part.expose().as_str()).collect::<Vec<_>>().join(" ")
        });
        let held = world.held(done).map(|person| person.full_name().into_exposed());
        Self {
            provider: done.provider.to_string(),
            name: name.unwrap_or_else(|| "-".to_owned()),
            outcome: done.decision().outcome().to_string(),
            proven: proven.join(", "),
            held: held.unwrap_or_else(|| "?".to_owned()),
        }
    }

    fn cells(&self) -> [&str; 5] {
        [&self.provider, &self.name, &self.held, &self.outcome, &self.proven]
    }
}

fn print(rows: &[Row]) {
    let head = ["provider", "person", "the sandbox has", "decision", "proven by"];
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row.cells()) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: [&str; 5]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    say!("\n{}", line(head));
    say!("{}", line(widths.map(|width| "─".repeat(width)).each_ref().map(String::as_str)));
    rows.iter().for_each(|row| say!("{}", line(row.cells())));
}
