//! A person is verified from end to end, offline: the backend asks, the person shows the papers, the signed callback
//! comes in, the status is fetched, and what was found out is printed beside what the sandbox itself has.
//!
//! ```text
//! cargo run --features sandbox --example quickstart -- --seed 7
//! ```

use std::{error::Error, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State as AppState,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use kyckit::{
    Result,
    callback::{Event, Inbox, Instruction, MemoryInbox, State, Task, Verified, answer_status},
    sandbox::{
        Person,
        shuftipro::{Outcome, ShuftiPro},
    },
    shuftipro::{
        Answer, Callbacks, Client,
        request::{Document, Face, Name, Reference, VerificationRequest},
    },
};
use tokio::net::TcpListener;

type Shared = Arc<(Inbox<MemoryInbox>, Callbacks)>;

#[tokio::main]
async fn main() -> std::result::Result<(), Box<dyn Error>> {
    let seed = seed()?;

    // The provider, and the person who will sit in front of its page.
    let provider = ShuftiPro::start().await?;
    let reference = Reference::new(format!("quickstart-{seed}"))?;
    let person = Person::from_seed(seed);
    provider.assign(reference.as_str(), person.clone());
    println!("Shufti Pro, as a sandbox at {}\n", provider.base_url());

    // Your backend: a client, and a route for callbacks.
    let client = Client::builder(provider.client_id(), provider.secret_key().clone())
        .base_url(provider.base_url().as_str())
        .build()?;
    let shared: Shared = Arc::new((Inbox::new(MemoryInbox::new()), client.callbacks()));
    let callback_url = serve(Arc::clone(&shared)).await?;

    // 1. Ask. The name is compared with the document, the birth date is read from it.
    let request = VerificationRequest::onsite(reference.clone())
        .callback_url(callback_url)
        .email(person.email.clone())
        .document(Document::new().name(Name::full(person.full_name())).read_dob().read_document_number())
        .face(Face::new());
    let pending = client.verify(&request).await?;
    println!("1. asked                 {}", pending.event());
    let host = pending.verification_url().and_then(|url| url.host()).unwrap_or_default();
    println!("2. the person goes to    {host}, and shows the papers");
    provider.complete(reference.as_str(), Outcome::Natural)?;
    provider.settled().await;

    // 3. The callback was verified and kept; now it is worked, once.
    let (inbox, callbacks) = &*shared;
    let work = inbox.work(callbacks, async |task: Task<Answer>| handle(&client, task).await).await?;
    println!("3. the signed callback   {work:?}");

    // 4. What is known now, from the provider's own mouth.
    let status = client.status(&reference).await?;
    println!("4. status                {} = {:?}\n", status.event(), status.decision());
    print(&status);

    println!("\nThe sandbox's own log:");
    for entry in provider.server().log() {
        let status = entry.status.map_or(0, |status| status.as_u16());
        println!("  #{} {} {:<12} {status}", entry.id, entry.method, entry.route);
    }
    let held = provider.verification(reference.as_str()).ok_or("the sandbox lost it")?;
    println!("  {} is {} for {}", reference, held.event, held.person.full_name().expose());
    Ok(())
}

fn seed() -> std::result::Result<u64, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => Ok(1),
        (Some("--seed"), Some(seed)) => Ok(seed.parse()?),
        _ => Err("usage: quickstart [--seed N]".into()),
    }
}

/// A callback is answered when it is kept, and worked later.
async fn serve(shared: Shared) -> std::io::Result<String> {
    async fn receive(AppState(shared): AppState<Shared>, headers: HeaderMap, body: Bytes) -> StatusCode {
        let (inbox, callbacks) = &*shared;
        answer_status(&inbox.receive(callbacks, &headers, &body).await)
    }
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/callbacks/shuftipro", listener.local_addr()?);
    let app = Router::new().route("/callbacks/shuftipro", post(receive)).with_state(shared);
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok(url)
}

/// Where the callback alone does not settle the matter, the provider is asked.
async fn handle(client: &Client, task: Task<Answer>) -> Result<State> {
    match task.instruction {
        Instruction::Apply(answer) => Ok(answer.state()),
        _ => Ok(client.status(&Reference::existing(task.subject)?).await?.state()),
    }
}

fn print(answer: &Verified<Answer>) {
    let document = answer.verification_data().document.clone().unwrap_or_default();
    let shown = |value: Option<&str>| value.unwrap_or("-").to_owned();
    let name = document.name.full_name.as_ref().map(|name| name.expose().as_str());
    println!("  name             {}", shown(name));
    println!("  born             {}", shown(document.dob.as_ref().map(|dob| dob.expose().as_str())));
    println!(
        "  document         {}",
        shown(document.document_number.as_ref().map(|number| number.expose().as_str()))
    );
    for (service, result) in answer.verification_result().iter() {
        println!("  {service:<16} {:?}", result.summary());
    }
    for link in answer.proofs() {
        println!("  proof            {}, for fifteen minutes", link.name());
    }
}
