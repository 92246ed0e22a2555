//! Authorization URLs, to the byte: clock, state, nonce and ephemeral key are those of the file.

use serde_json::Value;

use super::common::{
    List, Outcome, RsaKeys, SigningKeys, Verdict, clock, done, equal, known, lists, refused, text,
};
use crate::runner::Run;
use kyckit::__private::vectors::credify::authorization;
use kyckit::{
    credify::{Client, authorization::AuthorizationRequest, keys::SigningKey},
    privacy::Secret,
    transport::{MockTransport, Options},
};

const OPTIONS: &[&str] = &[
    "useEphemeralKey",
    "state",
    "responseType",
    "responseMode",
    "userId",
    "phoneNumber",
    "offerCode",
    "packageCode",
    "dopCode",
    "orderId",
];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let (signing, rsa) = (SigningKeys::load(run), RsaKeys::load(run));
    let Some(key) = file["signing_key"].as_str().and_then(|name| signing.get(name).ok()) else {
        return run.fault(name, "names no signing key of the folder");
    };
    let case = |entry: &Value| case(key, &rsa, entry);
    let members = &[
        "label",
        "note",
        "mode",
        "client_id",
        "redirect_uri",
        "scopes",
        "options",
        "now_ms",
        "state",
        "nonce",
        "random_values_used",
        "url",
        "private_key_base64url",
        "query_decoded",
        "request_token_payload_json",
        "ephemeral_key",
        "error",
        "expect",
    ];
    lists(run, name, file, &["signing_key"], &[List { name: "cases", members, run: &case }]);
}

fn case(key: &SigningKey, rsa: &RsaKeys, entry: &Value) -> Outcome {
    let options = Options::new().transport(MockTransport::default()).clock(clock(entry)?);
    let client = Client::builder("api-key")
        .environment(done("the mode", text(entry, "mode")?.parse())?)
        .signing_key(key.clone())
        .options(options)
        .build();
    let client = done("the client", client)?;
    let word = |name: &str| Secret::from(entry[name].as_str().unwrap_or_default());
    let begun = authorization(&client, &request(rsa, entry)?, word("state"), word("nonce"));
    if entry.get("url").is_none() {
        return refused(begun, &entry["expect"]);
    }
    let begun = done("the authorization", begun)?;
    equal("the URL", begun.url.expose().as_str(), text(entry, "url")?)?;
    let returned = match &begun.decryption_key {
        Some(key) => done("the private key", key.to_base64url())?,
        None => Secret::from(""),
    };
    equal("the private key", returned.expose(), text(entry, "private_key_base64url")?)?;
    equal("the state", begun.state.expose(), text(entry, "state")?)?;
    equal("the nonce", begun.nonce.expose(), entry["nonce"].as_str().unwrap_or_default())?;
    Ok(Verdict::Passed)
}

fn request(rsa: &RsaKeys, entry: &Value) -> Result<AuthorizationRequest, String> {
    let options = &entry["options"];
    if !options.is_null() {
        known(options, OPTIONS)?;
    }
    let scopes = entry["scopes"].as_array().ok_or("has no scopes")?.iter().filter_map(Value::as_str);
    let mut request =
        AuthorizationRequest::new(text(entry, "client_id")?, text(entry, "redirect_uri")?, scopes);
    let option = |name: &str| options[name].as_str().unwrap_or_default();
    request = request
        .response_type(option("responseType"))
        .response_mode(option("responseMode"))
        .user_id(option("userId"))
        .phone_number(option("phoneNumber"))
        .offer_code(option("offerCode"))
        .package_code(option("packageCode"))
        .dop_code(option("dopCode"))
        .order_id(option("orderId"));
    Ok(match entry["ephemeral_key"].as_str() {
        Some(key) => request.encrypted_for(rsa.get(key)?.clone()),
        None => request.encrypted_for_key_on_record(),
    })
}
