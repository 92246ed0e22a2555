//! The whole way, over real sockets: a wallet against the router, in both dialects, and against the sandbox.

use std::net::SocketAddr;

use ::axum::Router;
use kyckit::{
    ErrorKind,
    sandbox::selfkey::{API_KEY, SelfKey, TEMPLATE},
    selfkey::{
        Client, Dialect, ErrorBody, RelyingPartyConfig,
        attribute::{Attribute, AttributeType, Document, MAX_FILE_BYTES, Requirement},
        kyc_chain::{
            self, Filters,
            user_data::{Reader, UserFile},
            webhook::StatusHint,
        },
        model::{NewKycUser, Status},
        relying_party::{Memory, RelyingParty, TokenIssuer, axum::router, generate_secret},
    },
    transport::{HttpSettings, Options, Upload},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::party::{DID, schemas, wallet};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\r\n--boundary\r\n";

struct Site {
    root: String,
    store: Memory,
}

/// A website with a relying party below a path.
async fn site(dialect: Dialect) -> Site {
    let store = Memory::new().landing("https://site.example/in");
    let passport = kyckit::selfkey::attribute::SchemaId::from(AttributeType::Passport);
    store.add_template(
        "T1",
        "Individual",
        [
            Requirement::new(AttributeType::FirstName).id("r1").required(true),
            Requirement::new(passport).id("r2").required(false),
        ],
    );
    let secret = generate_secret(&kyckit::clock::Clock::system()).expect("a secret");
    let party = RelyingParty::builder(TokenIssuer::hmac(secret).expect("an issuer"))
        .store(store.clone())
        .schemas(schemas())
        .sign_up([Requirement::new(AttributeType::FirstName).id("r1")])
        .dialect(dialect)
        .build();
    let app: Router = Router::new().nest("/api/v2", router(party));
    let root = serve(app).await + "/api/v2";
    Site { root, store }
}

async fn serve(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
    });
    format!("http://{address}")
}

fn options() -> Options {
    Options::new().http(HttpSettings::new().no_proxy())
}

fn client(root: &str, dialect: Dialect) -> Client {
    let key = wallet();
    Client::builder(RelyingPartyConfig::new(root), key.did(), key.clone())
        .dialect(dialect)
        .options(options())
        .build()
        .expect("a client")
}

fn attributes() -> [Attribute; 2] {
    [
        Attribute::new("r1", AttributeType::FirstName, "Ada"),
        Attribute::new("r2", AttributeType::Passport, json!({ "image": "$document-7" }))
            .document(Document::new(7, "image/png", Upload::bytes(PNG)).name("passport.png")),
    ]
}

#[tokio::test]
async fn todays_dialect_from_login_to_status() {
    let Site { root, store } = site(Dialect::Current).await;
    let client = client(&root, Dialect::Current);
    assert_eq!(client.user_token().await.expect_err("no user yet").kind(), ErrorKind::NotFound);

    client.create_user(&attributes()).await.expect("signed up");
    let user = store.user(DID).expect("a user");
    assert_eq!(user.attributes[0].data.expose(), "Ada");
    let file = user.attributes[1].data.expose()["image"]["content"].as_str().expect("an id").to_owned();
    assert_eq!(store.file(&file).expect("a file").content.expose().as_ref(), PNG);
    let token = client.user_token().await.expect("a token");
    assert_eq!(client.log_in_user(&token).await.expect("logged in").to.expose(), "https://site.example/in");
    let error = client.log_in_user(&token).await.expect_err("a token works once");
    assert_eq!(error.kind(), ErrorKind::Authentication);

    let templates = client.templates().await.expect("templates");
    let template = client.template(&templates[0].id).await.expect("a template");
    assert_eq!(template.attributes.len(), 2);
    let created = client.create_application(templates[0].id.clone(), &attributes()).await.expect("handed in");
    let id = created.id.expect("an id");
    let application = client.application(&id).await.expect("an application");
    assert_eq!(application.status, Some(Status::Uploaded));
    assert_eq!(application.attributes.len(), 2);

    client.record_payment(&id, "0xabc").await.expect("paid");
    client.post_message(&id, "Hello").await.expect("written");
    assert_eq!(client.messages(&id).await.expect("messages").len(), 1);
    store.request_attribute(&id, &Requirement::new(AttributeType::Passport).id("more"));
    assert_eq!(client.application(&id).await.expect("one").status, Some(Status::AdditionalRequested));
    let more = Attribute::new("more", AttributeType::Passport, json!({ "image": "$document-1" }))
        .document(Document::new(1, "image/png", Upload::bytes(PNG)));
    client.upload_additional_files(&id, &[more]).await.expect("filled in");
    assert_eq!(store.any_application(&id).expect("one")["attributes"]["more"]["valid"], true);
    client.cancel_application(&id, Some("enough")).await.expect("cancelled");
    let all = client.applications().await.expect("a list");
    assert_eq!((all.len(), all[0].status), (1, Some(Status::Canceled)));
    assert_eq!(store.file_count(), 3);
}

#[tokio::test]
async fn the_older_pages_dialect_from_login_to_application() {
    let Site { root, store } = site(Dialect::Documented).await;
    let client = client(&root, Dialect::Documented);
    let created = client.create_user(&attributes()).await.expect("signed up");
    let key = wallet().public_key().to_hex();
    let user = store.user(&key).expect("a user");
    assert_eq!(user.attributes[0].data.expose(), "Ada");
    let file = user.attributes[1].data.expose()["image"]["content"].as_str().expect("an id").to_owned();
    assert_eq!(store.file(&file).expect("a file").content.expose().as_ref(), PNG);
    assert!(created.token.is_some());

    let token = client.user_token().await.expect("a token");
    assert_eq!(client.log_in_user(&token).await.expect("logged in").to.expose(), "https://site.example/in");

    let templates = client.templates().await.expect("templates");
    let template = client.template(&templates[0].id).await.expect("a template");
    assert_eq!(template.id.as_ref().map(|id| id.as_str()), Some("T1"));
    let name = [Attribute::new("r1", AttributeType::FirstName, "Ada")];
    let handed_in = client.create_application(templates[0].id.clone(), &name).await.expect("handed in");
    assert_eq!(handed_in.id, None);
    assert_eq!(store.all_applications().len(), 1);

    let file =
        client.upload_file(&Document::new(1, "image/png", Upload::bytes(PNG)), None).await.expect("uploaded");
    assert!(store.file(&file.id).is_some());
}

#[tokio::test]
async fn what_the_server_refuses_is_typed_at_the_client() {
    let Site { root, store } = site(Dialect::Current).await;
    let client = client(&root, Dialect::Current);
    let wrong = [Attribute::new("r1", AttributeType::FirstName, 7)];
    let error = client.create_user(&wrong).await.expect_err("refused");
    assert_eq!(
        (error.kind(), ErrorBody::of(&error)),
        (ErrorKind::InvalidRequest, Some(ErrorBody::Validation))
    );
    assert_eq!(error.code(), Some("invalid_attributes"));
    let error = client.create_application("T9", &attributes()[..1]).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::NotFound);

    let stranger = kyckit::selfkey::Did::parse("did:example:1").expect("a DID");
    let unknown =
        Client::builder(RelyingPartyConfig::new(root.as_str()), &stranger, wallet()).options(options());
    let error = unknown.build().expect("a client").log_in().await.expect_err("refused");
    assert_eq!(ErrorBody::of(&error), Some(ErrorBody::InvalidSubject));
    assert_eq!((store.user_count(), store.all_applications().len()), (0, 0));
}

#[tokio::test]
async fn a_file_over_the_limit_is_refused_while_it_comes() {
    let Site { root, store } = site(Dialect::Current).await;
    let key = wallet();
    let client = Client::builder(RelyingPartyConfig::new(root.as_str()), key.did(), key.clone())
        .max_file_bytes(MAX_FILE_BYTES + 10)
        .options(options())
        .build()
        .expect("a client");
    let length = MAX_FILE_BYTES + 1;
    let file = Upload::reopen(length, move || async move {
        use tokio::io::AsyncReadExt as _;
        Ok(tokio::io::repeat(7).take(length))
    });
    let refused = client.upload_file(&Document::new(1, "image/png", file), None).await;
    let error = refused.expect_err("refused");
    // The server may close while the client still writes.
    assert!(matches!(error.kind(), ErrorKind::InvalidRequest | ErrorKind::Interrupted), "{error}");
    assert_eq!(store.file_count(), 0);
}

#[tokio::test]
async fn a_router_that_is_not_sent_hints_addresses_serves_nobody() {
    let secret = generate_secret(&kyckit::clock::Clock::system()).expect("a secret");
    let party = RelyingParty::builder(TokenIssuer::hmac(secret).expect("an issuer")).build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let app: Router = router(party);
    tokio::spawn(async move { axum::serve(listener, app).await });
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let answer = http.get(format!("http://{address}/auth/challenge/{DID}")).send().await.expect("an answer");
    assert_eq!(answer.status(), 500);
}

fn passport() -> [Attribute; 5] {
    [
        Attribute::new("first-name", AttributeType::FirstName, "Ada"),
        Attribute::new("last-name", AttributeType::LastName, "Lovelace"),
        Attribute::new("email", AttributeType::Email, "ada@example.com"),
        Attribute::new("country-of-residency", AttributeType::CountryOfResidency, json!({ "country": "GB" })),
        Attribute::new(
            "passport",
            AttributeType::Passport,
            json!({ "image": "$document-1", "issued": "2020-01-01", "expires": "2030-01-01" }),
        )
        .document(Document::new(1, "image/png", Upload::bytes(PNG)).name("passport.png")),
    ]
}

#[tokio::test]
async fn the_sandbox_from_login_to_approval_and_on_to_the_company_behind_it() {
    let (sent_hints, mut hints) = mpsc::unbounded_channel();
    let hook = Router::new().route(
        "/hook",
        axum::routing::post(move |body: bytes::Bytes| async move {
            let _ = sent_hints.send(StatusHint::read(&body).expect("a hint"));
            r#"{"status":"ok"}"#
        }),
    );
    let webhook = (serve(hook).await + "/hook").parse().expect("a URL");
    let sandbox = SelfKey::builder().webhook(webhook).start().await.expect("a sandbox");
    let client = client(sandbox.root_endpoint().as_str(), Dialect::Current);

    client.create_kyc_user(&NewKycUser::person("ada@example.com", "Ada", "Lovelace")).await.expect("known");
    client.create_user(&passport()).await.expect("signed up");
    let created = client.create_application(TEMPLATE, &passport()).await.expect("handed in");
    let id = created.id.expect("an id");
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(client.application(&id).await.expect("one").status.expect("a status").code());
    }
    assert_eq!(statuses, [4, 15, 2, 2]);
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let hint = hints.recv().await.expect("a hint");
        seen.push((hint.application_id.clone(), hint.status.expect("a status").code()));
    }
    seen.sort_by_key(|(_, code)| std::cmp::Reverse(*code));
    assert_eq!(seen, [(id.clone(), 15), (id.clone(), 2)]);

    let company = kyc_chain::Client::builder(sandbox.instance_url().as_str(), API_KEY)
        .options(options())
        .build()
        .expect("a client");
    let listed = company
        .applications(&Filters::new().template(TEMPLATE), &["id", "currentStatus"])
        .await
        .expect("a list");
    assert_eq!((listed.len(), listed[0].status), (1, Some(Status::Approved)));
    let moved = company.change_status(&id, Status::Reopened, Some("look again")).await.expect("moved");
    assert_eq!(moved.status, Some(Status::Reopened));
    assert_eq!(company.users(&Filters::new().email("ada@example.com"), &[]).await.expect("users").len(), 1);
    let wrong = kyc_chain::Client::builder(sandbox.instance_url().as_str(), "nope")
        .options(options())
        .build()
        .expect("a client");
    assert_eq!(wrong.application(&id, &[]).await.expect_err("refused").kind(), ErrorKind::Authentication);

    let token = client.access_token().await.expect("a token");
    let reader =
        Reader::builder(sandbox.instance_url().as_str()).options(options()).build().expect("a reader");
    let stored = |file: UserFile| async move { Ok(json!(format!("stored:{}", file.bytes.len()))) };
    let data = reader.user_data(&token, TEMPLATE, &stored).await.expect("data");
    let image = &data.attributes.get("passport")[0].data.as_ref().expect("a value").expose()["image"];
    assert_eq!(image["content"], format!("stored:{}", PNG.len()));
}

#[tokio::test]
async fn the_sandbox_speaks_the_older_pages_dialect_beside_it() {
    let sandbox = SelfKey::start().await.expect("a sandbox");
    let client = client(sandbox.documented_root_endpoint().as_str(), Dialect::Documented);
    let name = [
        Attribute::new("a", AttributeType::FirstName, "Ada"),
        Attribute::new("b", AttributeType::Email, "ada@example.com"),
    ];
    client.create_user(&name).await.expect("signed up");
    let templates = client.templates().await.expect("templates");
    let numbered = templates.iter().find(|one| one.id.as_str() == "1").expect("the one with a number");
    client.create_application(numbered.id.clone(), &name).await.expect("handed in");
    let kept = sandbox.store().all_applications();
    assert_eq!((kept.len(), &kept[0]["template"]), (1, &Value::from("1")));
}

#[tokio::test]
async fn sandbox_challenges_and_tokens_end() {
    use std::time::{Duration, SystemTime};
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let (clock, frozen) = kyckit::clock::Clock::frozen(start);
    let sandbox =
        SelfKey::builder().clock(clock).access_ttl(Duration::from_secs(60)).start().await.expect("a sandbox");
    let key = wallet();
    // The client's own clock stands still: it believes its token live.
    let client =
        Client::builder(RelyingPartyConfig::new(sandbox.root_endpoint().as_str()), key.did(), key.clone())
            .options(options().clock(kyckit::clock::Clock::frozen(start).0))
            .build()
            .expect("a client");
    assert!(client.applications().await.expect("a list").is_empty());
    frozen.advance(Duration::from_secs(61));
    // What only reads logs in again by itself.
    assert!(client.applications().await.expect("a list").is_empty());
    assert_eq!(sandbox.server().count("/api/v2/auth/challenge"), 2);
}

#[tokio::test]
async fn what_the_company_changes_in_the_sandbox_is_there() {
    let sandbox = SelfKey::builder().progress([]).start().await.expect("a sandbox");
    let client = client(sandbox.root_endpoint().as_str(), Dialect::Current);
    let created = client.create_application(TEMPLATE, &passport()).await.expect("handed in");
    let id = created.id.expect("an id");
    let company = kyc_chain::Client::builder(sandbox.instance_url().as_str(), API_KEY)
        .options(options())
        .build()
        .expect("a client");

    let attribute = kyc_chain::NewAttribute::new(AttributeType::UtilityBill, "Utility bill");
    company.add_attribute(&id, &attribute).await.expect("added");
    let question = kyc_chain::NewQuestion::new("input", "How many", "How many children?");
    company.add_question(&id, &question).await.expect("added");
    company.invalidate_attributes(&id, &["first-name"]).await.expect("invalidated");
    let note = kyc_chain::Attachment::new("text/plain", Upload::bytes("x"));
    company.add_attachment(&id, "note", &note).await.expect("attached");
    let kept = sandbox.store().any_application(&id).expect("one");
    assert_eq!(kept["attributes"]["first-name"]["valid"], false);
    assert_eq!(kept["attributes"].as_object().map(serde_json::Map::len), Some(7));
    assert_eq!(kept["questions"].as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(kept["attachments"].as_array().map(Vec::len), Some(1));
    let image =
        kept["attributes"]["passport"]["value"]["image"]["content"].as_str().expect("an id").to_owned();
    assert_eq!(company.file(&image).await.expect("a file").bytes.as_ref(), PNG);

    // Without a move of its own, it stays where it is until it is moved.
    assert_eq!(client.application(&id).await.expect("one").status, Some(Status::Uploaded));
    assert_eq!(client.application(&id).await.expect("one").status, Some(Status::Uploaded));
    let helper = format!("{}sandbox/applications/{id}/status", sandbox.instance_url());
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let moved =
        http.post(helper).body(r#"{"code":9,"note":"one more page"}"#).send().await.expect("an answer");
    assert_eq!(moved.status(), 200);
    let application = client.application(&id).await.expect("one");
    assert_eq!(application.status, Some(Status::AdditionalRequested));
    for unknown in
        [company.application("unknown", &[]).await.map(drop), company.file("unknown").await.map(drop)]
    {
        assert_eq!(unknown.expect_err("unknown").kind(), ErrorKind::NotFound);
    }
}
