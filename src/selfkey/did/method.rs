//! The methods that are resolved, and what can be said of a DID without looking it up.

use super::{controllers::Chain, identifier::Did};
use crate::error::Error;

/// A method of the provider's.
pub(in crate::selfkey) enum Method {
    Eth,
    SelfKey(Chain),
}

/// The method of a DID with an id and a chain that fit it.
pub(in crate::selfkey) fn method_of(did: &Did) -> Result<Method, Error> {
    let hex_digits = |count: usize| {
        did.id().strip_prefix("0x").is_some_and(|digits| {
            digits.len() == count && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
    };
    match did.method() {
        "eth" if hex_digits(40) => Ok(Method::Eth),
        "selfkey" if hex_digits(64) => match did.parameter("selfkey:chain") {
            None | Some("mainnet") => Ok(Method::SelfKey(Chain::Mainnet)),
            Some("ropsten") => Ok(Method::SelfKey(Chain::Ropsten)),
            Some(_) => Err(unresolvable("there is no such chain", "did.chain")),
        },
        "eth" | "selfkey" => Err(unresolvable("the DID's id is not one of its method", "did.id")),
        _ => Err(unknown_method()),
    }
}

pub(super) fn unknown_method() -> Error {
    unresolvable("DIDs of this method are not resolved", "did.method")
}

fn unresolvable(what: &'static str, check: &'static str) -> Error {
    Error::invalid("did", what).with_check(check)
}
