//! Userinfo answers in both forms, and encrypted tokens.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::common::{List, Outcome, RsaKeys, SigningKeys, Verdict, done, equal, lists, refused, text};
use crate::runner::{Run, isolated, same};
use kyckit::__private::vectors::credify as vectors;
use kyckit::{
    credify::{
        encryption::ClaimsFormat,
        keys::{DecryptionKey, VerifyingKey},
        userinfo::{ScopeKeys, UserInfoReader},
    },
    error::Error,
    privacy::Secret,
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let keys = RsaKeys::load(run);
    let signing = SigningKeys::load(run);
    let signer = file["signing_key"].as_str().and_then(|name| signing.get(name).ok());
    let Some(signer) = signer.map(|key| OneKey(key.verifying_key())) else {
        return run.fault(name, "names no signing key of the folder");
    };
    let userinfo = |entry: &Value| userinfo(&keys, &signer, entry);
    let jwe = |entry: &Value| jwe(&keys, entry);
    let broken =
        |entry: &Value| refused(keys.of(entry)?.decrypt_token(text(entry, "compact")?), &entry["expect"]);
    lists(
        run,
        name,
        file,
        &["signing_key"],
        &[
            List {
                name: "userinfo",
                members: &[
                    "label",
                    "note",
                    "key",
                    "body",
                    "private_key",
                    "peer_result",
                    "peer_error",
                    "correct_scopes",
                    "expect",
                ],
                run: &userinfo,
            },
            List {
                name: "jwe",
                members: &["key", "plaintext", "compact", "protected_header", "peer_payload_type"],
                run: &jwe,
            },
            List {
                name: "jwe_failures",
                members: &["label", "key", "compact", "peer_ok", "expect"],
                run: &broken,
            },
        ],
    );
}

/// Every scope is the same market's.
struct OneKey(VerifyingKey);

impl ScopeKeys for OneKey {
    fn signing_key<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<VerifyingKey>, Error>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }
}

fn userinfo(keys: &RsaKeys, signer: &OneKey, entry: &Value) -> Outcome {
    let key = keys.get(text(&entry["private_key"], "name")?)?;
    let form = match text(&entry["private_key"], "form")? {
        "pem" => key.to_pem(),
        "base64url" => key.to_base64url(),
        form => return Err(format!("{form} is no form of a key")),
    };
    let form = done("an export", form)?;
    let key = done("the private key", DecryptionKey::new(&Secret::new(form.expose()), None))?;
    let read = |reader: UserInfoReader<'_>| isolated(async { reader.read(entry["body"].clone()).await });
    let plain = read(UserInfoReader::new(&key))?;
    let Some(wanted) = entry["expect"].get("ok") else { return refused(plain, &entry["expect"]) };
    let plain = done("the answer", plain)?;
    equal("the answer", &same(plain.to_unverified_value().expose(), wanted), &true)?;
    equal("a verified scope without a key", &plain.scopes().any(|(_, claims)| claims.is_verified()), &false)?;

    let checked =
        done("the answer with the signer's key", read(UserInfoReader::new(&key).verify_with(signer))?)?;
    equal("the answer", &same(checked.to_unverified_value().expose(), wanted), &true)?;
    // Which scopes were signed shows in what stands inside of the encrypted tokens.
    for (scope, claims) in checked.scopes() {
        let token = entry["body"]["_claim_sources"][scope]["JWT"].as_str();
        let signed = match token {
            Some(token) => !done("a token", key.decrypt_token(token))?.expose().starts_with('{'),
            None => false,
        };
        equal("which scopes are verified", &claims.is_verified(), &signed)?;
    }
    let format = if entry["body"].get("_claim_names").is_some() {
        ClaimsFormat::Aggregated
    } else {
        ClaimsFormat::FieldByField
    };
    equal("the form", &checked.format(), &format)?;
    Ok(Verdict::Passed)
}

fn jwe(keys: &RsaKeys, entry: &Value) -> Outcome {
    let (key, plaintext, compact) = (keys.of(entry)?, text(entry, "plaintext")?, text(entry, "compact")?);
    let opened = done("the token", key.decrypt_token(compact))?;
    equal("the plaintext", opened.expose().as_str(), plaintext)?;
    equal("protected_header", &header(compact), &entry.get("protected_header").cloned())?;
    let public = done("the public half", key.encryption_key())?;
    let ours = done("encryption", public.encrypt_token(plaintext))?;
    let thumbprint = done("the thumbprint", public.thumbprint())?;
    let wanted = json!({"alg": "RSA-OAEP", "enc": "A256GCM", "kid": thumbprint});
    equal("our header", &header(&ours), &Some(wanted))?;
    equal("the round trip", done("our token", key.decrypt_token(&ours))?.expose().as_str(), plaintext)?;
    Ok(Verdict::Passed)
}

fn header(token: &str) -> Option<Value> {
    serde_json::from_slice(&vectors::decode(token.split('.').next()?)?).ok()
}
