//! Password-protected keys of both kinds.

use serde_json::Value;

use super::common::{List, Outcome, Verdict, done, equal, lists, refused, text};
use crate::runner::Run;
use kyckit::{
    clock::Clock,
    credify::keys::{DecryptionKey, SigningKey},
    privacy::Secret,
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    lists(
        run,
        name,
        file,
        &[],
        &[
            List {
                name: "cases",
                members: &["type", "password", "encrypted_pem", "private_pem", "password_bytes"],
                run: &opened,
            },
            List {
                name: "negative",
                members: &["label", "encrypted_pem", "password", "ok", "expect"],
                run: &kept_shut,
            },
        ],
    );
}

/// Opens a key: its DER, and the key under the password again.
type Opener<'a> = dyn Fn(&Secret, Option<&Secret>) -> Result<(String, Secret), String> + 'a;

fn opened(entry: &Value) -> Outcome {
    let secret = |name| text(entry, name).map(Secret::from);
    let (protected, plain, password) =
        (secret("encrypted_pem")?, secret("private_pem")?, secret("password")?);
    let clock = Clock::system();
    // The DER of a key, whichever kind it is.
    let der: &Opener<'_> = match text(entry, "type")? {
        "ed25519" => &|text, given| {
            let key = done("the key", SigningKey::from_pem(text, given))?;
            let der = done("an export", key.to_base64url())?.expose().to_owned();
            Ok((der, done("a protected export", key.to_encrypted_pem(&password, &clock))?))
        },
        kind if kind.starts_with("rsa") => &|text, given| {
            let key = done("the key", DecryptionKey::from_pem(text, given))?;
            let der = done("an export", key.to_base64url())?.expose().to_owned();
            Ok((der, done("a protected export", key.to_encrypted_pem(&password, &clock))?))
        },
        kind => return Err(format!("{kind} is no kind of key")),
    };
    let (wanted, _) = der(&plain, None)?;
    let (ours, again) = der(&protected, Some(&password))?;
    equal("the key", &ours, &wanted)?;
    let (twice, _) = der(&again, Some(&password))?;
    equal("the key, protected again and opened,", &twice, &wanted)?;
    Ok(Verdict::Passed)
}

fn kept_shut(entry: &Value) -> Outcome {
    let password = entry["password"].as_str().map(Secret::from);
    let protected = Secret::from(text(entry, "encrypted_pem")?);
    refused(SigningKey::from_pem(&protected, password.as_ref()), &entry["expect"])
}
