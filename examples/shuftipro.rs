//! Shufti Pro, call by call: against the sandbox, or against the real service when `SHUFTIPRO_CLIENT_ID` and
//! `SHUFTIPRO_SECRET_KEY` are set (`SHUFTIPRO_BASE_URL` for another region).
//!
//! ```text
//! cargo run --features sandbox --example shuftipro
//! ```

use std::{env, error::Error, time::Duration};

use kyckit::{
    ErrorKind,
    clock::Clock,
    sandbox::shuftipro::{Outcome, ShuftiPro},
    shuftipro::{
        Client, Region, VerificationResponse,
        model::DocumentType,
        proof::Proof,
        request::{
            BackgroundChecks, DeleteRequest, Document, Face, Name, Reference, RiskAssessmentRequest,
            VerificationRequest,
        },
    },
    verified::Verified,
};

/// A picture of one pixel: the sandbox takes it for a passport.
const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0a, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0,
    1, 0, 0, 5, 0, 1, 0x0d, 0x0a, 0x2d, 0xb4, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    match (env::var("SHUFTIPRO_CLIENT_ID"), env::var("SHUFTIPRO_SECRET_KEY")) {
        (Ok(id), Ok(secret)) => real(id, secret).await,
        _ => offline().await,
    }
}

/// The real service: one onsite verification, followed until it is decided.
async fn real(id: String, secret: String) -> Result<(), Box<dyn Error>> {
    let base = env::var("SHUFTIPRO_BASE_URL").unwrap_or_else(|_| Region::default().base_url().to_owned());
    let client = Client::builder(id, secret).base_url(base).build()?;
    let account = client.account().await?;
    println!("account {:?}, balance {:?}", account.status, account.balance);

    let reference = Reference::random(&Clock::system())?;
    let request = VerificationRequest::onsite(reference.clone())
        .document(Document::ocr().supported_types([DocumentType::Passport, DocumentType::IdCard]))
        .face(Face::new());
    let pending = client.verify(&request).await?;
    println!("{reference}: open {}", pending.verification_url().map_or("-", |url| url.expose()));
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let status = client.status(&reference).await?;
        if status.event().is_terminal() {
            report("decided", &status);
            return Ok(());
        }
    }
    println!("not decided after ten minutes; ask again later, or wait for the callback");
    Ok(())
}

async fn offline() -> Result<(), Box<dyn Error>> {
    let provider = ShuftiPro::start().await?;
    let client = Client::builder(provider.client_id(), provider.secret_key().clone())
        .base_url(provider.base_url().as_str())
        .risk_base_url(provider.risk_assessment_url().as_str())
        .build()?;

    let account = client.account().await?;
    println!("account              {:?}", account.status);
    println!("decline reasons      {}", client.decline_reasons().await?.len());
    println!("access token         good for one request until {:?}", client.access_token().await?.expires());

    // Onsite: the person opens a page.
    let onsite = Reference::new("example-onsite")?;
    let request = VerificationRequest::onsite(onsite.clone()).document(Document::ocr()).face(Face::new());
    report("onsite", &client.verify(&request).await?);
    provider.complete(onsite.as_str(), Outcome::Accept)?;
    report("after the page", &client.status(&onsite).await?);

    // The reference is unique for ever: a restarted process goes on instead of starting a second one.
    report("resumed", &client.resume(&request).await?);
    match client.verify(&request).await {
        Err(error) if error.kind() == ErrorKind::Conflict => {
            println!("started twice        refused: {error}")
        }
        other => return Err(format!("a reference was taken twice: {other:?}").into()),
    }

    // Offsite: the pictures are in the request, the answer is the result.
    let offsite = Reference::new("example-offsite")?;
    let person = provider.person(offsite.as_str());
    let request = VerificationRequest::offsite(offsite.clone())
        .document(
            Document::new()
                .proof(Proof::png(PIXEL)?)
                .supported_types([DocumentType::Passport])
                .name(Name::full(person.full_name())),
        )
        .face(Face::new().proof(Proof::png(PIXEL)?))
        .background_checks(BackgroundChecks::new(
            Name::full(person.full_name()),
            person.dob.expose().parse()?,
        ));
    report("offsite", &client.verify(&request).await?);

    // Proofs: links of fifteen minutes, streamed into any writer.
    let status = client.status(&offsite).await?;
    for link in status.proofs() {
        let mut file = Vec::new();
        let name = link.name();
        let downloaded = client.download(link.clone()).into(&mut file).await?;
        println!("proof                {name}: {} bytes of {:?}", downloaded.bytes, downloaded.media_type);
    }

    // A risk assessment, on its own host.
    let risk = Reference::new("example-risk")?;
    let request = RiskAssessmentRequest::new(risk.clone(), "37rNhl", "jane@example.com", "+447700900123");
    report("risk assessment", &client.assess_risk(&request).await?);

    let deleted = client.delete(&DeleteRequest::new(offsite, "the person asked for it")).await?;
    report("deleted", &deleted);
    Ok(())
}

fn report(step: &str, answer: &Verified<VerificationResponse>) {
    let codes: Vec<_> = answer.declined_codes().iter().map(|code| code.as_str().to_owned()).collect();
    println!(
        "{step:<20} {} = {:?} {codes:?} (signed, rule {})",
        answer.event(),
        answer.decision(),
        Verified::proof(answer).rule
    );
}
