//! The crate's side of `tests/interop/selfkey`: does what each line of standard input asks for, a JSON object a line, and
//! answers each with one.
//!
//! | `op` | members | answer |
//! | --- | --- | --- |
//! | `challenge`, `access` | `algorithm`, `key`, `did` | `token` |
//! | `validate` | `algorithm`, `key`, `token`, `as` (`challenge` or `access`) | `payload` |
//! | `sign` | `key`, `message` | `value`, `keyId`, `did` |
//! | `verify` | `nonce`, `signature`, `did`, `controllers`? | `address` |
//! | `bench` | the same as a list `cases`, and `milliseconds` | `rate`, verifications a second |
//!
//! What fails is answered with `error`, the check's name.

use std::{
    io::{BufRead, Write},
    time::{Duration, Instant},
};

use kyckit::{
    Error, ErrorKind,
    selfkey::{
        WalletKey,
        did::{Chain, Controllers, Resolver},
        relying_party::{SignatureVerifier, TokenIssuer, TokenVerifier},
    },
};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let answer = runtime.block_on(answer(&asked)).unwrap_or_else(
            |error| json!({ "error": error.check().unwrap_or("refused"), "text": error.to_string() }),
        );
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

async fn answer(asked: &Value) -> Result<Value, Error> {
    let text = |name: &'static str| {
        asked[name].as_str().ok_or_else(|| Error::new(ErrorKind::InvalidRequest, "a member is missing"))
    };
    match text("op")? {
        op @ ("challenge" | "access") => {
            let issuer = match text("algorithm")? {
                "rsa" => TokenIssuer::rsa(text("key")?)?,
                _ => TokenIssuer::hmac(text("key")?)?,
            };
            let did = text("did")?;
            let token =
                if op == "challenge" { issuer.issue_challenge(did)? } else { issuer.issue_access(did)? };
            Ok(json!({ "token": token.expose() }))
        }
        "validate" => {
            let verifier = match text("algorithm")? {
                "rsa" => TokenVerifier::rsa(text("key")?)?,
                _ => TokenVerifier::hmac(text("key")?)?,
            };
            let payload = match text("as")? {
                "challenge" => verifier.challenge(text("token")?)?.to_value(),
                _ => verifier.access(text("token")?)?.to_value(),
            };
            Ok(json!({ "payload": payload }))
        }
        "sign" => {
            let key = WalletKey::from_hex(text("key")?)?;
            let value = key.sign_message(text("message")?)?.to_hex();
            Ok(json!({ "value": value, "keyId": key.did().key_id(), "did": key.did().as_str() }))
        }
        "verify" => {
            let mut controllers = Controllers::new();
            for (id, address) in asked["controllers"].as_object().into_iter().flatten() {
                controllers = controllers.with(Chain::Mainnet, id, address.as_str().unwrap_or_default());
            }
            let verifier = SignatureVerifier::new(Resolver::new().controllers(controllers));
            let signer = verifier.verify(text("nonce")?, &asked["signature"], text("did")?).await?;
            Ok(json!({ "address": signer.address() }))
        }
        "bench" => bench(asked).await,
        _ => Err(Error::new(ErrorKind::InvalidRequest, "there is no such operation")),
    }
}

async fn bench(asked: &Value) -> Result<Value, Error> {
    let verifier = SignatureVerifier::new(Resolver::new());
    let cases = asked["cases"].as_array().cloned().unwrap_or_default();
    let budget = Duration::from_millis(asked["milliseconds"].as_u64().unwrap_or(1000));
    let (begun, mut done) = (Instant::now(), 0_u32);
    while begun.elapsed() < budget {
        for case in &cases {
            let (nonce, did) =
                (case["nonce"].as_str().unwrap_or_default(), case["did"].as_str().unwrap_or_default());
            verifier.verify(nonce, &case["signature"], did).await?;
            done += 1;
        }
    }
    Ok(json!({ "rate": f64::from(done) / begun.elapsed().as_secs_f64() }))
}
