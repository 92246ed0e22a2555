//! Every parser that sees foreign bytes, as one function from bytes: for fuzzing, and for running its corpora as tests.
//!
//! A function reads the bytes in every way in which they may come in, and checks what must hold whatever they are: what
//! was read is written and read again as the same, and what was not signed is not verified. None of them panics, unless
//! one of these does not hold. Nothing here is part of the crate's interface.

#![allow(clippy::missing_panics_doc, clippy::panic, reason = "a broken promise has to be seen")]

mod answers;
mod credify;
mod flow;
mod identity;
mod jose;
mod json;
mod offers;
mod providers;
mod selfkey;
pub mod vectors;

/// A function under a name, and all of them in a list.
macro_rules! targets {
    ($($name:ident = $function:path,)*) => {
        /// The name of a target, and what it does with bytes.
        pub const TARGETS: &[(&str, fn(&[u8]))] = &[$((stringify!($name), $name),)*];

        $(
            #[doc = concat!("The target `", stringify!($name), "`.")]
            pub fn $name(bytes: &[u8]) {
                $function(bytes);
            }
        )*
    };
}

targets! {
    accept_language = flow::accept_language,
    claim_set = identity::claim_set,
    credify_claim_token = credify::claim_token,
    credify_disbursement = credify::disbursement,
    credify_failure = credify::failure,
    credify_introspection = credify::introspection,
    credify_offers = credify::offers,
    credify_orders = credify::orders,
    credify_user_token = credify::user_token,
    credify_userinfo = credify::userinfo,
    credify_webhook = credify::webhook,
    credo360_challenge = providers::credo360_challenge,
    credo360_failure = providers::credo360_failure,
    credo360_user = providers::credo360_user,
    flow_state = flow::state,
    gzip_body = json::gzip_body,
    identity_json = identity::recorded,
    jose_compact = jose::compact,
    jose_nested = jose::nested,
    json = json::json,
    json_canonical = json::canonical,
    jwk = jose::jwk,
    kyc_chain_answers = selfkey::kyc_chain_answers,
    kyc_chain_webhook = selfkey::kyc_chain_webhook,
    maya_failure = providers::maya_failure,
    maya_profile = providers::maya_profile,
    maya_session = providers::maya_session,
    maya_token = providers::maya_token,
    maya_tokens = providers::maya_tokens,
    multipart = selfkey::multipart,
    offer_conditions = offers::conditions,
    pem = jose::pem,
    pkcs8 = jose::pkcs8,
    selfkey_application = selfkey::application,
    selfkey_config = selfkey::config,
    selfkey_did = selfkey::did,
    selfkey_did_document = selfkey::did_document,
    selfkey_template = selfkey::template,
    selfkey_token = selfkey::token,
    shuftipro_account = providers::shuftipro_account,
    shuftipro_answer = providers::shuftipro_answer,
    shuftipro_callback = providers::shuftipro_callback,
    shuftipro_failure = providers::shuftipro_failure,
}

/// The text that bytes are; what is no UTF-8 reaches no parser of text.
fn text(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()
}

/// A key of the vectors, or one that was made here: not to be expected to fail.
#[allow(clippy::expect_used)]
fn made<T>(result: crate::Result<T>) -> T {
    result.expect("a key or a client that is good")
}
