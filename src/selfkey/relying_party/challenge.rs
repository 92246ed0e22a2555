//! Challenge and reply: who has the key of an identity is given an access token for it.
//!
//! A challenge is a signed token; the server holds nothing of it until it is answered. It is bound to the subject, to
//! the address that asked for it, and to a time; answered once, it is remembered as used until it would have ended.
//!
//! Source: `selfkey.js`, `src/auth`; the provider's integration documentation, "Authentication".

use std::{
    net::IpAddr,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::{
    Incoming, MAX_TOKEN_BODY, Service,
    answer::{Outcome, Refusal, ok},
    token::ChallengeClaims,
};
use crate::{
    crypto,
    error::ErrorKind,
    selfkey::{Did, resolver},
    server::Caller,
    storage::{OneTimeStore, OneTimeValue},
    wire,
};

impl Service {
    pub(super) fn challenge(&self, subject: Option<&str>, caller: IpAddr) -> Outcome {
        let token = match subject {
            None => self.tokens.documented_challenge(caller),
            Some(subject) => {
                let did = Did::parse(subject).map_err(|error| invalid_subject(subject).because(error))?;
                resolver::known(&did).map_err(|error| invalid_subject(subject).because(error))?;
                self.tokens.challenge(subject, self.bind_to_address.then_some(caller))
            }
        };
        let token = token.map_err(Refusal::unhandled)?;
        Ok(ok(&json!({ "jwt": token.expose() })))
    }

    pub(super) async fn reply(&self, headers: &HeaderMap, body: Incoming, caller: IpAddr) -> Outcome {
        let documented = self.is_documented();
        let token = super::bearer(headers)?;
        let verifier = self.tokens.verifier();
        let challenge =
            if documented { verifier.documented_challenge(token) } else { verifier.challenge(token) };
        let challenge = challenge.map_err(|error| Refusal::token_invalid().because(error))?;
        let bound = documented || self.bind_to_address;
        if bound && challenge.address().is_some_and(|address| address.to_canonical() != caller) {
            return Err(Refusal::token_invalid());
        }
        let message = challenge.message().ok_or_else(Refusal::token_invalid)?;
        // Anybody is given a challenge, so its bearer is not known yet.
        let body = body.read(Caller::Unknown, MAX_TOKEN_BODY).await?;
        let body: Value = wire::json::from_slice(&body).unwrap_or_default();
        let signature = body.get("signature").filter(|signature| !signature.is_null()).ok_or_else(missing)?;

        // Whoever fails here leaves the challenge as it was: only the key's holder can use it up.
        let access = if documented {
            let holder =
                self.signatures.holder_of(message, signature).map_err(|error| invalid().because(error))?;
            self.spend(&challenge, message, &holder.key(), caller).await?;
            self.tokens.documented_access(holder.as_str())
        } else {
            let signer = self.signatures.verify(message, signature, challenge.subject()).await;
            let signer = signer.map_err(|error| match error.kind() {
                ErrorKind::Signature | ErrorKind::InvalidRequest => invalid().because(error),
                _ => Refusal::unhandled(error),
            })?;
            let subject = signer.did().as_str();
            self.spend(&challenge, message, &subject.to_ascii_lowercase(), caller).await?;
            self.tokens.issue_access(subject)
        };
        let access = access.map_err(Refusal::unhandled)?;
        Ok(ok(&json!({ "jwt": access.expose() })))
    }

    /// Remembers the challenge as used; one caller alone gets past here. The subject and the address have a quota of
    /// what is remembered, since the store is everybody's.
    async fn spend(
        &self,
        challenge: &ChallengeClaims,
        message: &str,
        subject: &str,
        caller: IpAddr,
    ) -> Result<(), Refusal> {
        let end = challenge.expires_at().ok_or_else(Refusal::token_invalid)?;
        let ends = SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(end))
            .ok_or_else(Refusal::token_invalid)?;
        let digest = crypto::sha256_hex(&[challenge.subject().as_bytes(), b"\0", message.as_bytes()]);
        let key = format!("challenge/{}", String::from_utf8_lossy(&digest));
        let now = self.clock.now();
        self.quotas.take(now, self.tokens.challenge_window(), subject, caller)?;
        let put = self.nonces.put(now, &key, OneTimeValue::new(Bytes::new()), ends).await;
        put.map_err(|error| {
            // A challenge that is answered again by whoever saw the answer costs its subject nothing.
            self.quotas.give_back(subject, caller);
            match error.kind() {
                ErrorKind::Conflict => Refusal::token_invalid().because(error),
                _ => Refusal::unhandled(error),
            }
        })
    }
}

/// A subject that cannot be challenged: a key of the earliest wallets is told so by name.
fn invalid_subject(subject: &str) -> Refusal {
    let digits = subject.strip_prefix("0x").unwrap_or(subject);
    let is_key = digits.len() >= 128 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (code, message) = if is_key {
        ("invalid_key", "a DID is needed, not a public key")
    } else {
        ("invalid_did", "the DID is not one that is known here")
    };
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
}

fn missing() -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "signature_missing", "a signature is needed")
}

fn invalid() -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "signature_invalid", "the signature is not valid")
}
