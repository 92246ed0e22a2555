//! The flows of SelfKey and Credify.

use kyckit::{
    ErrorKind,
    clock::Clock,
    credify::{self, encryption::ClaimsFormat},
    flow::{self, Next, Pending, Registry, Reply, ReturnMode, Start, Step},
    identity::{Attribute as Known, Identifier, Identity, Outcome, Reason, VerificationMethod},
    provider::ProviderId,
    sandbox::{
        Fault,
        credify::{Credify, MARKET_ID, ORGANISATION_ID, USER_ID},
        selfkey::{PRIVATE_KEY, SelfKey, TEMPLATE},
    },
    selfkey::{
        self, RelyingPartyConfig, WalletKey,
        attribute::{Attribute, AttributeType, Document, Requirement},
        did::Resolver,
        kyc_chain,
        model::{NewKycUser, Status},
        relying_party::SignatureVerifier,
    },
    transport::Upload,
};
use serde_json::json;
use url::Url;

use crate::support::{Store, clock, done, failed, next, options, person, registry, store};

const RETURN: &str = "https://provider.example/callback";

struct Shared {
    sandbox: Credify,
    registry: Registry<Store>,
}

async fn shared(
    format: ClaimsFormat,
    configure: impl FnOnce(flow::credify::CredifyFlow) -> flow::credify::CredifyFlow,
) -> Shared {
    let (clock, _) = clock();
    let sandbox =
        Credify::builder().clock(clock.clone()).claims_format(format).start().await.expect("free ports");
    let client = sandbox.client_builder().options(options(&clock)).build().expect("a client");
    let key = sandbox.decryption_key().clone();
    let plain = flow::credify::CredifyFlow::new(client, ORGANISATION_ID, RETURN, key);
    let registry = registry(&clock, &store()).with(configure(plain));
    Shared { sandbox, registry }
}

impl Shared {
    /// The person goes to Credify's page, agrees and comes back with this query.
    async fn agreed(&self) -> (Pending, String) {
        let step = self.registry.start(credify::PROVIDER, &Start::new(person())).await.expect("begun");
        let pending = next(step);
        let Next::OpenUrl { url, then: ReturnMode::Return } = &pending.next else {
            panic!("{:?}", pending.next)
        };
        let back = self.sandbox.agree(url.expose()).expect("agreed").redirect_url;
        let back = Url::parse(back.expose()).expect("an address");
        (pending, back.query().expect("a query").to_owned())
    }

    async fn come_back(&self, pending: &Pending, query: &str) -> kyckit::Result<Step> {
        self.registry.resume(&person(), &pending.state, Reply::returned(query)).await
    }
}

#[tokio::test]
async fn credify_from_the_page_to_what_is_shared() {
    let world = shared(ClaimsFormat::Aggregated, |flow| flow.signed_by(MARKET_ID)).await;
    let (pending, query) = world.agreed().await;
    let done = done(world.come_back(&pending, &query).await.expect("read"));
    assert!(done.decision().is_accepted(), "{:?}", done.decision());
    assert!(done.identity().assurance().proves(VerificationMethod::Attested));
    let someone = world.sandbox.person(USER_ID).expect("a person");
    let name = &done.identity().names()[0];
    assert_eq!(name.value().given.as_ref(), Some(&someone.first_name));
    assert!(name.is_verified());
    assert!(matches!(done.report.source(), flow::Source::Credify(_)));
}

#[tokio::test]
async fn unsigned_or_unshared_claims_are_not_accepted() {
    let unsigned = shared(ClaimsFormat::FieldByField, |flow| flow.signed_by(MARKET_ID)).await;
    let nameless = shared(ClaimsFormat::Aggregated, |flow| flow).await;
    let withheld =
        shared(ClaimsFormat::Aggregated, |flow| flow.signed_by(MARKET_ID).required(["address"])).await;
    let nothing = shared(ClaimsFormat::Aggregated, |flow| flow.signed_by(MARKET_ID).required([""; 0])).await;
    for (world, outcome, reason) in [
        (unsigned, Outcome::Pending, Reason::SignatureNotVerified),
        (nameless, Outcome::Pending, Reason::SignatureNotVerified),
        (withheld, Outcome::NeedsAction, Reason::ConsentMissing),
        (nothing, Outcome::NeedsAction, Reason::IdentityNotChecked),
    ] {
        let (pending, query) = world.agreed().await;
        let done = done(world.come_back(&pending, &query).await.expect("read"));
        assert_eq!((done.decision().outcome(), done.decision().reasons()), (outcome, &[reason][..]));
    }
}

#[tokio::test]
async fn another_visits_return_is_refused_and_spends_nothing() {
    let world = shared(ClaimsFormat::Aggregated, |flow| flow.signed_by(MARKET_ID)).await;
    let (pending, query) = world.agreed().await;
    let (_, others) = world.agreed().await;
    for foreign in [others.as_str(), "code=x", "state=&code=x", ""] {
        let error = world.come_back(&pending, foreign).await.expect_err("refused");
        assert_eq!((error.kind(), error.check()), (ErrorKind::Permission, Some("reply.state")), "{foreign}");
    }
    let error = world.come_back(&pending, &format!("{query}&{others}")).await.expect_err("refused");
    assert_eq!(error.check(), Some("reply.query"));
    assert_eq!(world.sandbox.oidc_server().count("/oauth2/token"), 0, "no code was sent");
    assert!(matches!(world.come_back(&pending, &query).await, Ok(Step::Done(_))));
}

#[tokio::test]
async fn a_person_who_refuses_ends_the_flow() {
    let world = shared(ClaimsFormat::Aggregated, |flow| flow.signed_by(MARKET_ID)).await;
    let (pending, query) = world.agreed().await;
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let state = pairs.filter(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).next();
    let query = format!("error=access_denied&state={}", state.expect("a state"));
    let error = world.come_back(&pending, &query).await.expect_err("over");
    assert_eq!((error.kind(), error.check()), (ErrorKind::Permission, Some("reply.refused")));
    assert_eq!(world.come_back(&pending, &query).await.expect_err("over").check(), Some("state.used"));
}

#[tokio::test]
async fn a_code_is_not_lost_when_the_claims_cannot_be_read() {
    let world = shared(ClaimsFormat::Aggregated, |flow| flow.signed_by(MARKET_ID)).await;
    let (pending, query) = world.agreed().await;
    world.sandbox.oidc_server().inject(Fault::on("/userinfo").html(503).always());
    let (error, pending) = failed(world.come_back(&pending, &query).await.expect("it goes on"));
    assert_eq!(error.kind(), ErrorKind::Provider);
    world.sandbox.oidc_server().clear_faults();
    let step = world.registry.resume(&person(), &pending.state, Reply::Poll).await.expect("read");
    assert!(done(step).decision().is_accepted());
    assert_eq!(world.sandbox.oidc_server().count("/oauth2/token"), 1, "the code was sent once");
}

struct Wallet {
    sandbox: SelfKey,
    registry: Registry<Store>,
    key: WalletKey,
    clock: Clock,
}

async fn wallet() -> Wallet {
    let (clock, _) = clock();
    let sandbox = SelfKey::builder().clock(clock.clone()).start().await.expect("a free port");
    let reviews = kyc_chain::Client::builder(sandbox.instance_url().as_str(), sandbox.api_key())
        .options(options(&clock))
        .build()
        .expect("a client");
    let flow =
        flow::selfkey::SelfKeyFlow::new(reviews, SignatureVerifier::new(Resolver::new())).template(TEMPLATE);
    let registry = registry(&clock, &store()).with(flow);
    let key = WalletKey::from_hex(PRIVATE_KEY).expect("a key");
    Wallet { sandbox, registry, key, clock }
}

impl Wallet {
    async fn begun(&self) -> (Pending, String) {
        let mut known = Identity::new();
        let did = Identifier::new(flow::selfkey::IDENTIFIER, self.key.did().as_str());
        known.add(Known::self_asserted(did, ProviderId::new("sign-up"), self.clock.now()));
        let start = Start::new(person()).known_identity(known);
        let pending = next(self.registry.start(selfkey::PROVIDER, &start).await.expect("begun"));
        let Next::SignNonce { nonce } = &pending.next else { panic!("{:?}", pending.next) };
        let nonce = nonce.expose().clone();
        (pending, nonce)
    }

    fn sign(&self, nonce: &str) -> Reply {
        Reply::signature(self.key.sign_message(nonce).expect("signed").to_hex())
    }

    async fn resume(&self, pending: &Pending, reply: Reply) -> Step {
        self.registry.resume(&person(), &pending.state, reply).await.expect("resumed")
    }

    /// A wallet that KYC-Chain knows by this address.
    async fn known(&self) -> selfkey::Client {
        let config = RelyingPartyConfig::new(self.sandbox.root_endpoint().as_str());
        let wallet = selfkey::Client::builder(config, self.key.did(), self.key.clone())
            .options(options(&self.clock))
            .build()
            .expect("a wallet");
        let user = NewKycUser::person("jane@example.com", "Jane", "Roe");
        wallet.create_kyc_user(&user).await.expect("known");
        wallet
    }

    /// Hands an application in; its id.
    async fn hand_in(&self) -> String {
        let wallet = self.known().await;
        let template = wallet.template(&TEMPLATE.into()).await.expect("a template");
        let attributes: Vec<_> = template.attributes.iter().filter_map(attribute).collect();
        let created = wallet.create_application(TEMPLATE, &attributes).await.expect("handed in");
        created.id.expect("an id")
    }
}

fn attribute(asked: &Requirement) -> Option<Attribute> {
    const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa7\x9a\x9e\x1d\0\0\0\0IEND\xaeB`\x82";
    let (data, files) = match asked.schema_id.attribute_type() {
        AttributeType::FirstName => (json!("Jane"), 0..0),
        AttributeType::LastName => (json!("Roe"), 0..0),
        AttributeType::Email => (json!("jane@example.com"), 0..0),
        AttributeType::CountryOfResidency => (json!({ "country": "GB" }), 0..0),
        AttributeType::Passport => {
            let scans = json!({ "image": "$document-1", "selfie": { "image": "$document-2" },
                "issued": "2020-01-01", "expires": "2040-01-01" });
            (scans, 1..3)
        }
        _ => return None,
    };
    let id = asked.id.clone().unwrap_or_default();
    let attribute = Attribute::new(id, asked.schema_id.clone(), data).required(asked.required_by_wallet());
    Some(files.fold(attribute, |attribute, number| {
        attribute.document(Document::new(number, "image/png", Upload::bytes(PICTURE)).name("scan.png"))
    }))
}

#[tokio::test]
async fn selfkey_from_the_nonce_to_the_review() {
    let wallet = wallet().await;
    let (pending, nonce) = wallet.begun().await;
    // Who has the key is known now; an application is not there yet.
    let pending = next(wallet.resume(&pending, wallet.sign(&nonce)).await);
    assert!(matches!(pending.next, Next::OpenApp) && pending.decision.is_none());

    let id = wallet.hand_in().await;
    let pending = next(wallet.resume(&pending, Reply::Poll).await);
    assert!(matches!(pending.next, Next::Wait { .. }), "{:?}", pending.next);
    assert_eq!(pending.decision.as_ref().map(|decision| decision.outcome()), Some(Outcome::Pending));

    assert!(wallet.sandbox.set_status(&id, Status::AdditionalRequested.code(), None));
    let pending = next(wallet.resume(&pending, Reply::Poll).await);
    assert!(matches!(pending.next, Next::OpenApp));

    assert!(wallet.sandbox.set_status(&id, Status::Approved.code(), None));
    let done = done(wallet.resume(&pending, Reply::Poll).await);
    assert!(done.decision().is_accepted());
    let assurance = done.identity().assurance();
    assert!(
        assurance.proves(VerificationMethod::PossessionOfKey)
            && assurance.proves(VerificationMethod::Attested)
    );
    assert_eq!(done.record.map(|record| record.into_exposed()), Some(id));
    assert!(matches!(done.report.source(), flow::Source::SelfKey(_)));
}

#[tokio::test]
async fn a_declined_application_and_one_of_another_identity_are_not_accepted() {
    let wallet = wallet().await;
    let id = wallet.hand_in().await;
    for (status, outcome, reason) in [
        (Status::Rejected, Outcome::Declined, Reason::Unspecified),
        (Status::Canceled, Outcome::Declined, Reason::CancelledByPerson),
        (Status::UserDeclined, Outcome::Declined, Reason::RefusedByPerson),
    ] {
        assert!(wallet.sandbox.set_status(&id, status.code(), None));
        let (pending, nonce) = wallet.begun().await;
        let done = done(wallet.resume(&pending, wallet.sign(&nonce)).await);
        assert_eq!((done.decision().outcome(), done.decision().reasons()), (outcome, &[reason][..]));
    }

    // The other person's key is genuine, and the application is not theirs.
    assert!(wallet.sandbox.set_status(&id, Status::Approved.code(), None));
    let other = Wallet {
        key: WalletKey::from_hex("0000000000000000000000000000000000000000000000000000000000000007")
            .expect("a key"),
        ..wallet
    };
    other.known().await;
    let (pending, nonce) = other.begun().await;
    let pending = next(other.resume(&pending, other.sign(&nonce)).await);
    assert!(matches!(pending.next, Next::OpenApp) && pending.decision.is_none());
}

#[tokio::test]
async fn a_wrong_signature_costs_no_state_and_proves_nothing() {
    let wallet = wallet().await;
    let id = wallet.hand_in().await;
    assert!(wallet.sandbox.set_status(&id, Status::Approved.code(), None));
    let (pending, nonce) = wallet.begun().await;
    let (_, another) = wallet.begun().await;
    assert_ne!(nonce, another);
    let stranger = WalletKey::from_hex("0000000000000000000000000000000000000000000000000000000000000007");
    let stranger = stranger.expect("a key").sign_message(&nonce).expect("signed").to_hex();
    let before = wallet.sandbox.server().log().len();
    let mut pending = pending;
    for wrong in
        [Reply::signature(stranger), wallet.sign(&another), Reply::signature("0x"), Reply::signature("{}")]
    {
        let (error, again) = failed(wallet.resume(&pending, wrong).await);
        assert_eq!(error.kind(), ErrorKind::Signature);
        assert!(matches!(again.next, Next::SignNonce { .. }));
        pending = again;
    }
    assert_eq!(wallet.sandbox.server().log().len(), before, "no call was made");
    assert!(done(wallet.resume(&pending, wallet.sign(&nonce)).await).decision().is_accepted());
}
