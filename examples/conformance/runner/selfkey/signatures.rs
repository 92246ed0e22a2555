//! `challenge-verify.json` and `legacy-2018-signature.json`: the relying party's check of a signature, strict and with
//! the switch.

use serde_json::{Value, json};

use super::{Case, each, resolver};
use crate::runner::{Run, isolated};
use kyckit::{
    error::Error,
    selfkey::relying_party::{OBSOLETE_SIGNATURE, SignatureVerifier, Signer},
};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, &["accepted", "error", "recommended", "returns"], |case| {
        let accepted = case.expect["accepted"].as_bool().ok_or("does not say whether it is accepted")?;
        let strict = match case.expect.get("recommended").map(Value::as_str) {
            None => accepted,
            Some(Some("reject")) => false,
            Some(_) => return Err("recommends what the runner does not know".to_owned()),
        };
        let nonce = case.text("nonce")?;
        let did = case.text("did")?;
        for (malleable, expected) in [(false, strict), (true, accepted)] {
            let found = verify(case, malleable, nonce, &case.input["signature"], did)?;
            if found.is_ok() != expected {
                let mode = if malleable { "with the switch" } else { "strict" };
                return Err(format!("{mode}: accepted is {}, and not {expected}", found.is_ok()));
            }
        }
        Ok(())
    });
}

pub(super) fn legacy(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, &["accepted", "category", "information"], |case| {
        let expected = (case.expect["accepted"].as_bool(), case.expect["category"].as_str());
        if expected != (Some(false), Some("obsolete_signature")) {
            return Err("expects something else than obsolete_signature".to_owned());
        }
        let nonce = case.text("nonce")?;
        let did = format!("did:eth:0x{}", case.text("address_without_0x")?);
        let text = case.text("signature")?;
        for signature in [json!({ "value": text, "keyId": format!("{did}#keys-1") }), json!(text)] {
            for malleable in [false, true] {
                match verify(case, malleable, nonce, &signature, &did)? {
                    Err(error) if error.check() == Some(OBSOLETE_SIGNATURE) => {}
                    Err(error) => return Err(format!("is refused as {:?}", error.check())),
                    Ok(_) => return Err("is accepted".to_owned()),
                }
            }
        }
        Ok(())
    });
}

fn verify(
    case: &Case<'_>,
    malleable: bool,
    nonce: &str,
    signature: &Value,
    did: &str,
) -> Result<Result<Signer, Error>, String> {
    let mut verifier = SignatureVerifier::new(resolver(&case.input["controllers"])?);
    if malleable {
        verifier = verifier.accept_malleable_signatures();
    }
    isolated(verifier.verify(nonce, signature, did)).map_err(str::to_owned)
}
