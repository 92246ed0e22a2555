//! A wallet logs in to a relying party, hands in an application with its files, and asks where it stands.
//!
//! ```text
//! cargo run --features sandbox --example selfkey
//! cargo run --features sandbox --example selfkey -- --documented
//! ```
//!
//! Offline, against the sandbox, unless `SELFKEY_BASE_URL` is set: the root endpoint of a relying party. Then
//! `SELFKEY_PRIVATE_KEY` is the wallet's key, as 64 hex digits. With `--documented` the older dialect is spoken, as the
//! published endpoint list prints it.

use std::{env, error::Error, process::ExitCode};

use kyckit::{
    privacy::Secret,
    sandbox::selfkey::{PRIVATE_KEY, SelfKey},
    selfkey::{
        Client, Dialect, ErrorBody, RelyingPartyConfig, WalletKey,
        attribute::{Attribute, AttributeType, Document, Requirement},
        model::Template,
    },
    transport::{Progress, Upload},
};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let dialect = match env::args().nth(1).as_deref() {
        None => Dialect::Current,
        Some("--documented") => Dialect::Documented,
        Some(_) => return Err("usage: selfkey [--documented]".into()),
    };
    let (config, key, _sandbox) = settings(dialect).await?;
    let key = WalletKey::from_hex(key)?;
    let client = Client::builder(config, key.did(), key.clone()).dialect(dialect).build()?;

    client.log_in().await?;
    println!("Login:       as {}", key.did().as_str());

    let templates = client.templates().await?;
    let summary = templates.first().ok_or("the relying party has no template")?;
    let template = client.template(&summary.id).await?;
    println!("Template:    {}", template.name.as_deref().unwrap_or(summary.id.as_str()));
    let attributes = attributes(&template)?;

    // Files of an application are uploaded along with it; this one shows the progress of one by itself.
    let scan = Document::new(1, "image/png", Upload::bytes(picture())).name("scan.png");
    let progress =
        Progress::new(|sent, whole| println!("Upload:      {sent} of {} bytes", whole.unwrap_or(sent)));
    client.upload_file(&scan, Some(progress)).await?;

    let created = client.create_application(&summary.id, &attributes).await?;
    let id = match created.id {
        Some(id) => Some(id),
        // Not every relying party says it; the newest comes first. The older endpoint list has no call for it at all.
        None => match client.applications().await {
            Ok(list) => list.into_iter().next().map(|newest| newest.id),
            Err(error) if ErrorBody::of(&error).is_some() => None,
            Err(error) => return Err(error.into()),
        },
    };
    let Some(id) = id else {
        println!("Application: taken");
        return sign_up(&client, &attributes).await;
    };
    println!("Application: {id}");

    let application = client.application(&id).await?;
    match application.status {
        Some(status) => println!(
            "Status:      {} ({}){}",
            status.name().unwrap_or("unknown to this version"),
            status.view().as_str(),
            if status.is_final() { ", final" } else { "" },
        ),
        None => println!("Status:      unknown"),
    }
    for attribute in &application.attributes {
        let kind = attribute.schema_id.as_ref().map(|schema| schema.attribute_type());
        let kind = kind.as_ref().map_or("?", |kind| kind.as_str());
        println!("Attribute:   {kind}, valid: {}", attribute.valid.unwrap_or_default());
    }
    sign_up(&client, &attributes).await
}

/// The other way in: a website that signs its users up with what their wallets know.
async fn sign_up(client: &Client, attributes: &[Attribute]) -> Result<(), Box<dyn Error>> {
    client.create_user(attributes).await?;
    let token = client.user_token().await?;
    let redirect = client.log_in_user(&token).await?;
    println!("Website:     sends its user to {}", redirect.to.expose());
    Ok(())
}

/// A relying party as the environment names it, else a sandbox that lives as long as this program.
async fn settings(dialect: Dialect) -> Result<(RelyingPartyConfig, Secret, Option<SelfKey>), Box<dyn Error>> {
    if let Ok(root) = env::var("SELFKEY_BASE_URL") {
        let key = env::var("SELFKEY_PRIVATE_KEY")
            .map_err(|_| "SELFKEY_BASE_URL is set and SELFKEY_PRIVATE_KEY is not")?;
        return Ok((RelyingPartyConfig::new(root), key.into(), None));
    }
    let sandbox = SelfKey::start().await?;
    let root = match dialect {
        Dialect::Documented => sandbox.documented_root_endpoint(),
        _ => sandbox.root_endpoint(),
    };
    println!("Sandbox:     {root}");
    Ok((RelyingPartyConfig::new(root), PRIVATE_KEY.into(), Some(sandbox)))
}

/// What this wallet knows of its owner, for all that the template asks for.
fn attributes(template: &Template) -> Result<Vec<Attribute>, Box<dyn Error>> {
    let mut attributes = Vec::new();
    for (at, asked) in template.attributes.iter().enumerate() {
        match attribute(asked, 10 * (at as u64 + 1)) {
            Some(attribute) => attributes.push(attribute),
            None if asked.required_by_wallet() => {
                return Err(format!("this wallet has no {}", asked.schema_id.file_name()).into());
            }
            None => {}
        }
    }
    Ok(attributes)
}

/// One attribute; the numbers of its documents start at `number`.
fn attribute(asked: &Requirement, number: u64) -> Option<Attribute> {
    let file = |offset: u64| format!("$document-{}", number + offset);
    let (data, files): (Value, u64) = match asked.schema_id.attribute_type() {
        AttributeType::FirstName => (json!("Ada"), 0),
        AttributeType::LastName => (json!("Lovelace"), 0),
        AttributeType::Email => (json!("ada@example.com"), 0),
        AttributeType::PhoneNumber => (json!("+44 20 7946 0958"), 0),
        AttributeType::DateOfBirth => (json!("1815-12-10"), 0),
        AttributeType::Nationality | AttributeType::CountryOfResidency => (json!({ "country": "GB" }), 0),
        AttributeType::PhysicalAddress => (json!({ "address_line_1": "12 St James's Square" }), 0),
        AttributeType::Passport => {
            let value = json!({
                "image": file(0), "issued": "2020-01-01", "expires": "2030-01-01",
                "selfie": { "image": file(1) },
            });
            (value, 2)
        }
        AttributeType::NationalId => {
            let value = json!({
                "front": file(0), "issued": "2020-01-01", "selfie": { "image": file(1) },
            });
            (value, 2)
        }
        AttributeType::UtilityBill | AttributeType::BankStatement => {
            (json!({ "images": [file(0)], "issued": "2026-01-01" }), 1)
        }
        _ => return None,
    };
    let id = asked.id.clone().unwrap_or_default();
    let attribute = Attribute::new(id, asked.schema_id.clone(), data).required(asked.required_by_wallet());
    Some((0..files).fold(attribute, |attribute, offset| {
        let id = number + offset;
        let name = format!("{}-{offset}.png", asked.schema_id.file_name());
        attribute.document(Document::new(id, "image/png", Upload::bytes(picture())).name(name))
    }))
}

/// The smallest picture: one pixel.
fn picture() -> &'static [u8] {
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\x05\xfe\x02\xfe\xa7\x9a\x9e\x1d\0\0\0\0IEND\xaeB`\x82"
}
