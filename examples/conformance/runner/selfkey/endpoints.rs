//! URLs and feature switches that follow from a configuration.

use serde_json::{Value, json};

use super::{Case, Run, each};
use kyckit::__private::vectors::selfkey::Urls;
use kyckit::{
    error::{Error, ErrorKind},
    selfkey::RelyingPartyConfig,
};

const KNOWN: &[&str] = &["urls", "origin", "user_file_endpoint", "kyc_user_endpoint", "recommended"];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, KNOWN, check);
}

fn check(case: &Case<'_>) -> Result<(), String> {
    let requests = case.input["requests"].as_array().ok_or("has no requests")?;
    let config = RelyingPartyConfig::from_json(case.input["config"].to_string().as_bytes());
    let made = config.and_then(|config| {
        let resolved = Urls::new(config)?;
        let urls = requests.iter().map(|request| url(&resolved, request)).collect::<Result<Vec<_>, _>>()?;
        Ok((resolved, urls))
    });
    let refused = case.expect["recommended"]["refuse"] == json!(true);
    let (resolved, urls) = match made {
        Ok(_) if refused => return Err("was taken, and not refused".to_owned()),
        Err(error) if refused && error.kind() == ErrorKind::Configuration => return Ok(()),
        Ok(made) => made,
        Err(error) => return Err(error.to_string()),
    };
    case.holds("urls", &json!(urls))?;
    case.holds("origin", &json!(resolved.origin()))?;
    case.holds("user_file_endpoint", &json!(resolved.config().offers_user_files()))?;
    case.holds("kyc_user_endpoint", &json!(resolved.config().offers_kyc_users()))
}

fn url(resolved: &Urls, request: &Value) -> Result<String, Error> {
    let unknown = || Error::invalid("requests", "is no request that the runner knows");
    let url = if let Some(subject) = request["challenge"].as_str() {
        resolved.challenge(subject)
    } else if request["challenge_reply"] == json!(true) {
        resolved.challenge_reply()
    } else {
        let name = request["endpoint"].as_str().ok_or_else(unknown)?;
        let values: Vec<_> = request["params"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| value.as_str().map(|value| (name.as_str(), value)).ok_or_else(unknown))
            .collect::<Result<_, _>>()?;
        resolved.named(name, &values)
    };
    url.map(String::from)
}
