//! `did.json`: what is a DID, which are supported, and their documents.

use serde_json::{Map, Value};

use super::{each, resolver};
use crate::runner::{Run, isolated};
use kyckit::selfkey::{Did, resolver::ResolveDid};

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, &["document", "parse", "resolve_error", "supported"], |case| {
        let expected = &case.expect["parse"];
        let must_parse = expected["ok"].as_bool().ok_or("does not say whether it parses")?;
        let did = match (Did::parse(case.text("did")?), must_parse) {
            (Ok(did), true) => did,
            (Err(_), false) => return Ok(()),
            (found, _) => return Err(format!("parses is {}, and not {must_parse}", found.is_ok())),
        };
        let params: Map<String, Value> =
            did.parameters().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let found =
            serde_json::json!({ "ok": true, "method": did.method(), "id": did.id(), "params": params });
        case.holds("parse", &found)?;
        case.holds("supported", &did.is_supported().into())?;

        let resolver = resolver(&case.input["controllers"])?;
        let resolved = isolated(resolver.resolve(&did)).map_err(str::to_owned)?;
        let must_fail = !case.expect["resolve_error"].is_null();
        if resolved.is_err() != must_fail {
            return Err(format!("resolving fails is {}, and not {must_fail}", resolved.is_err()));
        }
        let document = resolved.ok().flatten().map_or(Value::Null, |document| document.to_value());
        case.holds("document", &document)
    });
}
