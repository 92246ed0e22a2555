//! Shufti Pro, call by call: against the sandbox, or against the real service when `SHUFTIPRO_CLIENT_ID` and
//! `SHUFTIPRO_SECRET_KEY` are set (`SHUFTIPRO_BASE_URL` for another region).
//!
//! ```text
//! cargo run --features sandbox --example shuftipro
//! ```

#[path = "common/mod.rs"]
mod common;

use std::{env, error::Error, process::ExitCode, time::Duration};

use common::{rfc3339, say, words};
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
async fn main() -> ExitCode {
    let usage = "usage: shuftipro   (SHUFTIPRO_CLIENT_ID, SHUFTIPRO_SECRET_KEY: the real service)";
    common::run(usage, calls()).await
}

async fn calls() -> Result<(), Box<dyn Error>> {
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
    say!(
        "account {}, balance {} {}",
        account.status.as_ref().map_or("-", |status| status.as_str()),
        account.balance.amount.as_deref().unwrap_or("-"),
        account.balance.currency.as_deref().unwrap_or_default(),
    );

    let reference = Reference::random(&Clock::system())?;
    let request = VerificationRequest::onsite(reference.clone())
        .document(Document::ocr().supported_types([DocumentType::Passport, DocumentType::IdCard]))
        .face(Face::new());
    let pending = client.verify(&request).await?;
    say!("{reference}: open {}", pending.verification_url().map_or("-", |url| url.expose()));
    for _ in 0..60 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        let status = client.status(&reference).await?;
        if status.event().is_terminal() {
            report("decided", &status);
            return Ok(());
        }
    }
    say!("not decided after ten minutes; ask again later, or wait for the callback");
    Ok(())
}

async fn offline() -> Result<(), Box<dyn Error>> {
    let provider = ShuftiPro::start().await?;
    let client = Client::builder(provider.client_id(), provider.secret_key().clone())
        .base_url(provider.base_url().as_str())
        .risk_base_url(provider.risk_assessment_url().as_str())
        .build()?;

    let account = client.account().await?;
    say!("account              {}", account.status.as_ref().map_or("-", |status| status.as_str()));
    say!("decline reasons      {}", client.decline_reasons().await?.len());
    let token = client.access_token().await?;
    say!("access token         valid for one request until {}", rfc3339(token.expires()));

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
            say!("started twice        refused: {error}")
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
        let media_type = downloaded.media_type.as_deref().unwrap_or("an unknown type");
        say!("proof                {name}: {} bytes of {media_type}", downloaded.bytes);
    }

    // A risk assessment, on its own host.
    let risk = Reference::new("example-risk")?;
    let request = RiskAssessmentRequest::new(risk.clone(), "37rNhl", "jane@example.com", "+447700900123");
    report("risk assessment", &client.assess_risk(&request).await?);

    let deleted = client.delete(&DeleteRequest::new(offsite, "the person asked for it")).await?;
    report("deleted", &deleted);
    Ok(())
}

fn report(step: &str, response: &Verified<VerificationResponse>) {
    let codes: Vec<_> = response.declined_codes().iter().map(|code| code.as_str()).collect();
    let codes = if codes.is_empty() { String::new() } else { format!(" ({})", codes.join(", ")) };
    say!(
        "{step:<20} {}: {}{codes}, signed by the rule {}",
        response.event(),
        words(&response.decision()),
        Verified::proof(response).rule
    );
}
