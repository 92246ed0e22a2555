//! A whole flow under observation: whatever is printed, nothing personal and no secret is in it.

use std::{sync::Arc, time::Duration};

use axum::Router;
use base64::{Engine, engine::general_purpose::STANDARD};
use kyckit::verified::Verified;
use kyckit::{
    Date, Error,
    inbox::{Action, Delivery, Inbox, server::webhook},
    privacy::{
        Secret,
        leak::{Canaries, Capture},
    },
    sandbox::{
        Fault, Person,
        shuftipro::{Account, Callback, CallbackPolicy, Outcome, ShuftiPro},
    },
    shuftipro::{
        Authentication, Client, OpenVerification, VerificationResponse,
        proof::Proof,
        request::{
            BackgroundChecks, DeleteRequest, Document, Face, Name, Reference, RiskAssessmentRequest,
            VerificationRequest,
        },
        signature::{Rule, Verifier},
    },
    storage::MemoryInbox,
    transport::{HttpSettings, MockResponse, MockTransport, Options, RawRequest},
    verified::{Event as _, State},
};

use crate::support::{OtherServer, clock, hashed, hurry, in_memory, serve, signed};

const CLIENT: &str = "cl1ent-id-canary";
const KEY: &str = "$2y$10$secret/key.canary";
const OLD_KEY: &str = "retired-secret-canary";
const PROXY: &str = "http://pr0xy-user:pr0xy-password@127.0.0.1:1";
/// Stands in the files that are sent, after the magic of a PNG.
const IN_FILE: &str = "pixels-of-a-face-canary";

/// A person whose every value can be told from all other text.
fn person() -> Person {
    let mut person = Person::from_seed(11);
    person.first_name = "Quirindela".into();
    person.last_name = "Zábřežská-Ómalley".into();
    person.dob = "1971-11-23".into();
    person.street = "17 Wobblestone Crescent".into();
    person.city = "Kettlewick KW9 7QZ".into();
    person.email = "quirindela.z@mailcanary.example".into();
    person.phone = "+447700900741".into();
    person.document_number = "DOCNUM8842917".into();
    person.issue_date = "2013-06-17".into();
    person.expiry_date = "2033-06-16".into();
    person.national_id = "660142857193".into();
    person
}

fn known() -> Vec<String> {
    let person = person();
    let mut known: Vec<String> = [
        &person.first_name,
        &person.last_name,
        &person.dob,
        &person.street,
        &person.city,
        &person.email,
        &person.phone,
        &person.document_number,
        &person.issue_date,
        &person.expiry_date,
        &person.national_id,
    ]
    .map(|value| value.expose().clone())
    .to_vec();
    known.extend([CLIENT, KEY, OLD_KEY, "pr0xy-password", IN_FILE].map(str::to_owned));
    // Ids of the customer's own, texts of the provider, and what an application puts into URLs.
    known.extend(
        ["customer-uid-canary", "callback-path-canary", "redirect-query-canary", "t0ken-canary-of-a-link"]
            .map(str::to_owned),
    );
    known
}

/// Captures a failure.
fn failed<T>(capture: &mut Capture, place: &str, result: Result<T, Error>) -> Error {
    let Err(error) = result else { panic!("{place} was to fail") };
    capture.error(place, &error);
    capture.debug(format!("{place} fields"), error.fields());
    error
}

fn request(reference: &Reference, person: &Person) -> VerificationRequest {
    let date = |text: &str| text.parse::<Date>().expect("a date");
    VerificationRequest::onsite(reference.clone())
        .email(person.email.clone())
        .customer_unique_id("customer-uid-canary")
        .redirect_url("https://backend.example.com/done?who=redirect-query-canary")
        .document(
            Document::new()
                .name(Name::first_last(person.first_name.clone(), person.last_name.clone()))
                .dob(date(person.dob.expose()))
                .document_number(person.document_number.clone())
                .issue_date(date(person.issue_date.expose()))
                .expiry_date(date(person.expiry_date.expose())),
        )
        .face(Face::new())
        .background_checks(BackgroundChecks::new(
            Name::first_last(person.first_name.clone(), person.last_name.clone()),
            date(person.dob.expose()),
        ))
}

/// Runs everything once; gives back the secrets that came up on the way.
#[allow(clippy::too_many_lines)]
async fn flow(capture: &mut Capture) -> Vec<String> {
    let mut secrets = Vec::new();
    let person = person();
    // A clock of its own draws the same tokens each time.
    let mut policy = CallbackPolicy::default();
    (policy.tries, policy.interval) = (2, Duration::from_millis(1));
    let builder = ShuftiPro::builder().account(Account::new(CLIENT, KEY)).callbacks(policy).clock(clock().0);
    let sandbox = builder.start().await.expect("a free port");
    let (ours, frozen) = clock();
    let options =
        || Options::new().clock(ours.clone()).keep_body_excerpt().http(HttpSettings::new().no_proxy());
    let point = |secret: &str, options: Options| {
        Client::builder(CLIENT, secret)
            .also_accept(OLD_KEY)
            .base_url(sandbox.base_url().as_str())
            .risk_base_url(sandbox.risk_assessment_url().as_str())
            .options(options)
    };
    let proxied = options().http(HttpSettings::new().proxy(PROXY));
    capture.debug("options", &proxied);
    capture.debug("builder", &point(KEY, proxied));
    let client = point(KEY, options()).build().expect("a client");
    capture.debug("client", &client);

    // Callbacks come here.
    let inbox = Arc::new(Inbox::new(MemoryInbox::new()).clock(ours.clone()));
    let callbacks = Arc::new(client.callbacks());
    capture.debug("callbacks", &callbacks);
    capture.debug("inbox", &inbox);
    let route = webhook(Arc::clone(&inbox), Arc::clone(&callbacks));
    let app = serve(Router::new().route_service("/{*path}", route)).await;
    let order = Reference::new("order-1").expect("a reference");
    sandbox.assign("order-1", person.clone());

    // Verify, onsite.
    let request_1 = request(&order, &person).callback_url(format!("{app}callback-path-canary"));
    capture.debug("request", &request_1);
    let pending = client.verify(&request_1).await.expect("pending");
    capture.debug("pending", &pending);
    capture.debug("pending, unverified", &Verified::into_inner(pending.clone()));
    let url = pending.verification_url().expect("onsite");
    capture.debug("verification URL", url);
    secrets.push(url.expose().rsplit('/').next().expect("a token").to_owned());

    // The person comes through; callbacks are worked.
    sandbox.complete("order-1", Outcome::Accept).expect("open");
    sandbox.deliver("order-1", Callback::current().wrongly_signed()).expect("it has a callback_url");
    sandbox.deliver("order-1", Callback::of_event("request.data.changed")).expect("it has a callback_url");
    sandbox.settled().await;
    let mut tasks = Vec::new();
    while let Some(outcome) = inbox
        .work(&*callbacks, |delivery: Delivery<VerificationResponse>| {
            tasks.push((format!("{delivery:?}"), format!("{delivery:#?}")));
            let client = client.clone();
            async move {
                match delivery.action {
                    Action::Apply(answer) => Ok(answer.state()),
                    _ => client
                        .status(&Reference::existing(delivery.subject)?)
                        .await
                        .map(|answer| answer.state()),
                }
            }
        })
        .await
        .expect("the store works")
    {
        capture.debug("worked", &outcome);
    }
    assert_eq!(tasks.len(), 3);
    for (short, long) in tasks {
        capture.text("task", short);
        capture.text("task", long);
    }
    let poisoned = inbox.work(&*callbacks, |_| async { Ok::<State, Error>(State::Notice) }).await;
    capture.debug("nothing left", &poisoned);

    // Status, with all that it holds.
    let status = client.status(&order).await.expect("accepted");
    assert_eq!(
        status.verification_data().document.as_ref().and_then(|document| document.dob.as_ref()),
        Some(&person.dob),
        "the canaries are in there"
    );
    capture.debug("status", &status);
    capture.debug("decision", &status.decision());
    capture.debug("data", status.verification_data());
    capture.debug("result", status.verification_result());
    capture.debug("info", status.info());
    capture.debug("additional data", status.additional_data());
    capture.debug("warnings", status.warnings());
    capture.debug("extra", status.extra());
    capture.debug("proofs", status.proofs());
    capture.debug("token of proofs", &status.proofs_access_token());
    for link in status.proofs() {
        secrets.push(link.link().expose().rsplit('/').next().expect("an id").to_owned());
    }
    secrets.push(status.proofs_access_token().expect("a token").expose().to_owned());

    // Downloads: one that works, some that do not.
    let link = status.proofs()[0].clone();
    let mut file = Vec::new();
    let download = client.download(link.clone());
    capture.debug("download", &download);
    capture.debug("downloaded", &download.into(&mut file).await.expect("a file"));
    let too_large = client.download(link.clone()).max_bytes(3).into(&mut file).await;
    failed(capture, "too large a file", too_large);
    sandbox.inject(Fault::on("/api/pea/*").truncate());
    failed(capture, "half a file", client.download(link.clone()).into(&mut file).await);
    sandbox
        .inject(Fault::on("/api/pea/*").redirect(307, format!("{app}?access_token=t0ken-canary-of-a-link")));
    failed(capture, "a file elsewhere", client.download(link.clone()).into(&mut file).await);
    frozen.advance(Duration::from_secs(901));
    failed(capture, "an expired link", client.download(link).into(&mut file).await);
    for url in [
        "https:\\/\\/evil.example\\/Quirindela?access_token=t0ken-canary-of-a-link",
        "http:\\/\\/ns.shuftipro.com\\/Quirindela?access_token=t0ken-canary-of-a-link",
        "https:\\/\\/t0ken-canary-of-a-link.invalid\\/x",
    ] {
        let body = format!(
            r#"{{"reference":"order-1","event":"verification.accepted","proofs":{{"face":{{"proof":"{url}"}}}}}}"#
        );
        let (other, _, _) = in_memory([signed(200, &body)]);
        let answer = other.status(&order).await.expect("accepted");
        capture.debug("a foreign link", answer.proofs());
        let refused = client.download(answer.proofs()[0].clone()).into(&mut file).await;
        failed(capture, "a foreign link", refused);
    }

    // Offsite, with files.
    let mut pixels = b"\x89PNG\r\n\x1A\n".to_vec();
    pixels.extend_from_slice(IN_FILE.as_bytes());
    let proof = Proof::png(pixels.clone()).expect("a PNG");
    capture.debug("proof", &proof);
    let offsite = VerificationRequest::offsite(Reference::new("order-2").expect("a reference"))
        .face(Face::new().proof(proof));
    capture.debug("offsite request", &offsite);
    capture.debug("offsite answer", &client.verify(&offsite).await.expect("a result"));
    failed(capture, "no file", Proof::jpeg(IN_FILE.as_bytes()));
    failed(capture, "no base64", Proof::from_base64(&format!("{IN_FILE}!")));
    let url = format!("data:text/{IN_FILE};base64,{}", STANDARD.encode(&pixels));
    failed(capture, "no image", Proof::from_data_url(&url));

    // The other calls.
    let risk = RiskAssessmentRequest::new(
        Reference::new("order-3").expect("a reference"),
        "37rNhl",
        person.email.clone(),
        person.phone.clone(),
    );
    capture.debug("risk request", &risk);
    capture.debug("risk answer", &client.assess_risk(&risk).await.expect("pending"));
    sandbox.complete("order-3", Outcome::Accept).expect("open");
    let assessed = client.status(risk.reference()).await.expect("decided");
    capture.debug("risk status", &assessed);
    capture.debug("assessment", &assessed.risk_assessment());
    capture.debug("links of the assessment", assessed.proofs());
    capture.debug("account", &client.account().await.expect("an account"));
    capture.debug("decline reasons", &client.decline_reasons().await.expect("reasons"));
    let token = client.access_token().await.expect("a token");
    capture.debug("access token", &token);
    secrets.push(token.token().expose().to_owned());
    let raw = RawRequest::post(["status"])
        .query("who", "redirect-query-canary")
        .json(&serde_json::json!({ "reference": "order-1", "email": person.email }))
        .expect("JSON");
    capture.debug("raw request", &raw);
    capture.debug("raw answer", &client.raw(raw).await.expect("an answer"));
    let bearer = point(KEY, options()).authentication(Authentication::AccessTokenPerRequest);
    let bearer = bearer.build().expect("a client");
    capture.debug("status with a token", &bearer.status(&order).await.expect("accepted"));
    let sent = sandbox.server().recorded().pop().expect("sent");
    let value = sent.headers["authorization"].to_str().expect("text");
    secrets.push(value.strip_prefix("Bearer ").expect("a token").to_owned());
    let unfinished = OpenVerification::new(order.clone(), std::time::SystemTime::UNIX_EPOCH);
    capture.debug("unfinished", &unfinished);
    let swept: Vec<_> =
        futures_util::StreamExt::collect(client.reconcile([unfinished], Duration::ZERO)).await;
    capture.debug("swept", &swept);

    // Everything fails that can.
    failed(capture, "a taken reference", client.verify(&request_1).await);
    let unknown = client.status(&Reference::new("order-never").expect("a reference")).await;
    failed(capture, "an unknown reference", unknown);
    let wrong = point(OLD_KEY, options()).build().expect("a client");
    failed(capture, "a wrong secret", wrong.status(&order).await);
    for fault in [
        Fault::on("/status").wrong_signature(),
        Fault::on("/status").invalid_json(),
        Fault::on("/status").truncate().times(3),
        Fault::on("/status").reset().times(3),
        Fault::on("/status").html(524).times(3),
        Fault::on("/status").gzip_bomb(64 << 20),
    ] {
        sandbox.inject(fault.clone());
        failed(capture, &format!("{fault:?}"), client.status(&order).await);
    }
    let fresh = request(&Reference::new("order-4").expect("a reference"), &person);
    sandbox.inject(Fault::on("/").reset());
    failed(capture, "a lost answer", client.verify(&fresh).await);
    let elsewhere = format!("{app}?access_token=t0ken-canary-of-a-link");
    sandbox.inject(Fault::on("/").redirect(302, elsewhere));
    failed(capture, "a redirect", client.verify(&fresh).await);
    let other = OtherServer::start().await;
    let lost = point(KEY, options()).base_url(format!("{}callback-path-canary", other.url)).build();
    failed(capture, "somebody else's server", lost.expect("a client").status(&order).await);
    for base in [
        "http://backend.example.com/callback-path-canary",
        "https://pr0xy-password@backend.example.com/",
        "callback-path-canary",
        "https://backend.example.com/?redirect-query-canary",
    ] {
        failed(capture, "a wrong base", point(KEY, options()).base_url(base).build());
    }
    failed(capture, "a wrong key", point(&format!("{KEY}\n"), options()).build());
    failed(capture, "a wrong proxy", {
        let proxy = HttpSettings::new().proxy("://pr0xy-password");
        point(KEY, options().http(proxy)).build()
    });
    failed(capture, "a wrong replacement", client.replace_credentials("cl1ent-id-canary:", KEY, None));
    failed(capture, "a wrong reference", Reference::new(person.email.expose().as_str()));
    let blank = VerificationRequest::onsite(order.clone())
        .document(Document::new().name(Name::first(person.last_name.expose().repeat(3))))
        .email(format!("{}{}", person.email.expose(), "x".repeat(200)));
    failed(capture, "a wrong request", client.verify(&blank).await);

    // The provider quotes what was sent, and answers what nobody expects.
    for body in [
        r#"{"reference":"order-1","event":"request.invalid","error":{"service":"document","key":"Quirindela Z","message":"The dob 1971-11-23 is wrong"}}"#,
        r#"{"reference":"order-1","event":"Quirindela was declined"}"#,
        r#"{"reference":"order-1","event":"verification.accepted","verification_data":{"document":{"dob":{"Quirindela":"1971-11-23"}}}}"#,
        r#"{"reference":"order-1","event":"verification.accepted","verification_data":{"Quirindela":7},"Quirindela":{"dob":"1971-11-23"}}"#,
        r#"{"reference":"order-1","event":"verification.declined","declined_reason":"Quirindela is on a list","declined_codes":["DOCNUM8842917 x"]}"#,
        r#"{"reference":"quirindela.z@mailcanary.example","event":"verification.accepted"}"#,
        r#"{"message":"quirindela.z@mailcanary.example"}"#,
        "Quirindela",
    ] {
        for code in [200, 400, 500] {
            let memory =
                MockTransport::new(vec![signed(code, body).header("x-request-id", "Quirindela Z"); 3]);
            let options = Options::new().transport(memory.clone()).clock(clock().0).keep_body_excerpt();
            let odd = Client::builder(crate::support::CLIENT_ID, crate::support::SECRET).options(options);
            let odd = odd.build().expect("a client");
            match odd.status(&order).await {
                Ok(answer) => {
                    capture.debug("an odd answer", &answer);
                    capture.debug("an odd answer, unverified", &Verified::into_inner(answer.clone()));
                    capture.debug("its event", answer.event());
                    capture.debug("its codes", answer.declined_codes());
                    capture.debug("its data", answer.verification_data());
                    capture.debug("its extra", answer.extra());
                }
                Err(error) => capture.error("an odd answer", &error),
            }
            capture.debug("memory", &memory);
            capture.debug("memory, sent", &memory.sent());
        }
        let mut headers = http::HeaderMap::new();
        headers.insert("signature", hashed(body.as_bytes(), KEY).parse().expect("a value"));
        match kyckit::verified::Verifier::verify(&*callbacks, &headers, body.as_bytes()) {
            Ok(callback) => capture.debug("an odd callback", &callback),
            Err(error) => capture.error("an odd callback", &error),
        }
        if let Err(error) = inbox.receive(&*callbacks, &headers, body.as_bytes()).await {
            capture.error("an odd callback, received", &error);
        }
    }
    capture.debug("canned", &MockResponse::json(200, "Quirindela"));
    let verifier = Verifier::new(KEY, Rule::Either).also(OLD_KEY);
    capture.debug("verifier", &verifier);
    capture.debug("secret", &Secret::from(KEY));
    let error = verifier.check(&http::HeaderMap::new(), b"Quirindela").expect_err("unsigned");
    capture.error("unsigned", &error);

    // Deletion, and an answer that was lost.
    let delete = DeleteRequest::new(order.clone(), "asked by the customer");
    capture.debug("delete request", &delete);
    sandbox.inject(Fault::on("/delete").after_effect().reset());
    failed(capture, "a lost deletion", client.delete(&delete).await);
    capture.debug("deleted", &client.status(&order).await.expect("deleted"));
    failed(capture, "deleted before", client.delete(&delete).await);

    // A timeout.
    let world = crate::support::World { sandbox, client, clock: ours, frozen };
    world.sandbox.inject(Fault::on("/status").times(3).stall());
    let silent = hurry(&world, Duration::from_secs(15), world.client.status(&order)).await;
    failed(capture, "silence", silent);

    // The sandbox's own records.
    world.sandbox.settled().await;
    let log = world.sandbox.server().log();
    assert!(log.iter().all(|entry| !entry.panicked));
    capture.debug("log", &log);
    capture.debug("recorded", &world.sandbox.server().recorded());
    capture.debug("deliveries", &world.sandbox.deliveries());
    capture.debug("held", &world.sandbox.verification("order-4"));
    capture.debug("held", &world.sandbox.verification("order-3"));
    capture.debug("sandbox", &world.sandbox);
    secrets
}

#[tokio::test]
async fn nothing_personal_and_no_secret_is_printed() {
    // The first run finds out which secrets come up, and that spans are seen.
    let spans =
        ["operation=\"verify\"", "operation=\"download\"", "operation=\"access_token\"", "status=429"];
    let mut probe = Canaries::new(spans).capture();
    let secrets = {
        let _guard = tracing::subscriber::set_default(probe.subscriber());
        flow(&mut probe).await
    };
    let mut seen: Vec<usize> = probe.leaks().iter().map(|leak| leak.canary).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen, [0, 1, 2], "the calls' spans were seen, and no status that never came");
    assert!(secrets.len() >= 7 && secrets.iter().all(|secret| secret.len() == 40), "{}", secrets.len());

    let mut canaries = known();
    canaries.extend(secrets.iter().cloned());
    let mut capture = Canaries::new(&canaries).capture();
    let again = {
        let _guard = tracing::subscriber::set_default(capture.subscriber());
        flow(&mut capture).await
    };
    assert!(again == secrets, "the second run has the same secrets, so the canaries were the right ones");
    assert!(capture.len() > 300, "{}", capture.len());
    capture.assert_clean();

    // Each of them would have been found.
    for (number, canary) in canaries.iter().enumerate() {
        let planted = Canaries::new(&canaries).capture();
        tracing::subscriber::with_default(planted.subscriber(), || {
            tracing::info!(body = %format!("{{\"x\":\"{canary}\"}}"), "a careless line");
        });
        assert!(planted.leaks().iter().any(|leak| leak.canary == number), "canary {number}");
    }
}
