//! Claim tokens in all modes.

use serde_json::Value;

use super::{
    common::{List, Outcome, SigningKeys, Verdict, clock, done, equal, known, lists, text},
    jwt::same_token,
};
use crate::runner::Run;
use kyckit::__private::vectors::credify as vectors;
use kyckit::{
    clock::Clock,
    credify::{
        claims::{Claims, commitment_member},
        token::claim::{ClaimSigner, Commitment, ScopeHashMode, VerifiedClaimToken},
    },
};

const CASE: &[&str] =
    &["name", "provider_id", "entity_id", "key", "now_ms", "claims_json", "scopes", "optional"];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let keys = SigningKeys::load(run);
    let current = |entry: &Value| case(&keys, entry, false);
    let legacy = |entry: &Value| case(&keys, entry, true);
    if let Some(form) = file.get("commitments") {
        let fault = commitment_form(form).err();
        run.case(&format!("{name} commitments"), &fault.into_iter().collect());
    }
    lists(
        run,
        name,
        file,
        &["commitments"],
        &[
            List { name: "cases", members: CASE, run: &current },
            List { name: "legacy_1_0_1", members: CASE, run: &legacy },
        ],
    );
}

fn commitment_form(form: &Value) -> Result<(), String> {
    known(form, &["bytes", "encoding", "length"])?;
    let commitment = done("a commitment", Commitment::generate(&Clock::system()))?;
    let bytes = vectors::decode(commitment.expose()).ok_or("a commitment is not base64url")?;
    equal("bytes", &Some(bytes.len() as u64), &form["bytes"].as_u64())?;
    equal("length", &Some(commitment.expose().len() as u64), &form["length"].as_u64())
}

fn case(keys: &SigningKeys, entry: &Value, legacy: bool) -> Outcome {
    let claims = serde_json::from_str(text(entry, "claims_json")?).map_err(|_| "the claims are not JSON")?;
    let claims = done("the claims", Claims::from_value(claims))?;
    for row in entry["scopes"].as_array().ok_or("has no scopes")? {
        if legacy {
            known(
                row,
                &[
                    "scope_name",
                    "commitment",
                    "hashed_json",
                    "token",
                    "header_json",
                    "payload_json",
                    "signature",
                ],
            )?;
            scope(keys, entry, &claims, row, row, ScopeHashMode::Legacy101)?;
        } else {
            known(row, &["scope_name", "commitment", "commitment_key", "per_scope", "whole_object"])?;
            let member = commitment_member(text(row, "scope_name")?);
            equal("commitment_key", member.as_str(), text(row, "commitment_key")?)?;
            scope(keys, entry, &claims, row, &row["per_scope"], ScopeHashMode::PerScope)?;
            scope(keys, entry, &claims, row, &row["whole_object"], ScopeHashMode::WholeObject)?;
        }
    }
    Ok(Verdict::Passed)
}

fn scope(
    keys: &SigningKeys,
    entry: &Value,
    claims: &Claims,
    row: &Value,
    wanted: &Value,
    mode: ScopeHashMode,
) -> Result<(), String> {
    let scope = text(row, "scope_name")?;
    let in_mode = |what: &str| format!("{what} of {scope} by {mode:?}");
    let commitment = Commitment::new(text(row, "commitment")?);
    let hashed = vectors::hashed_scope(mode, claims, scope, commitment.expose())
        .ok_or("the claims have no such scope")?;
    let hashed = done("the text", hashed)?;
    equal(&in_mode("the hashed text"), hashed.as_str(), text(wanted, "hashed_json")?)?;
    let key = keys.of(entry)?;
    let signer = ClaimSigner::new(key.clone(), text(entry, "provider_id")?).with_mode(mode);
    let token = signer.sign_scope(text(entry, "entity_id")?, claims, scope, &commitment, &clock(entry)?);
    let token = done(&in_mode("the token"), token)?;
    if wanted.get("header_json").is_some() {
        same_token(token.expose(), wanted)?;
    }
    equal(&in_mode("the token"), token.expose().as_str(), text(wanted, "token")?)?;
    let read = done("the token", VerifiedClaimToken::read(token.expose(), &key.verifying_key()))?;
    let found = read.matches_with(claims, &commitment, &[mode]);
    equal(&in_mode("the verifier's answer"), &found, &Some(mode))
}
