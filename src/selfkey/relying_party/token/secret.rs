//! Secrets for HS512.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    clock::{Clock, RandomError},
    error::Error,
    privacy::Secret,
};

/// Fewer bytes make no secret for HS512 (RFC 7518 section 3.2).
const MIN_SECRET_BYTES: usize = 64;

/// Generates a secret for [`TokenIssuer::hmac`](super::TokenIssuer::hmac): 64 random bytes in base64.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) when there is no randomness.
pub fn generate_secret(clock: &Clock) -> Result<Secret, Error> {
    clock.random::<64>().map(|bytes| Secret::new(STANDARD.encode(bytes))).map_err(no_randomness)
}

/// Refuses a secret that holds too few bytes.
pub(super) fn check_secret(secret: &Secret) -> Result<(), Error> {
    if lenient_base64_length(secret.expose()) < MIN_SECRET_BYTES {
        return Err(Error::configuration("the secret for HS512 holds fewer than 64 bytes")
            .with_hint("make one of 64 random bytes in base64, 88 characters"));
    }
    Ok(())
}

pub(super) fn no_randomness(error: RandomError) -> Error {
    Error::configuration("no random bytes are to be had").with_source(error)
}

/// How many bytes the library's runtime reads from a text as base64: either alphabet, anything else passed over, up to
/// the first padding.
fn lenient_base64_length(text: &str) -> usize {
    let digits = text
        .bytes()
        .take_while(|byte| *byte != b'=')
        .filter(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte))
        .count();
    digits * 3 / 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_measured_as_the_library_measures_it() {
        // Buffer.from(text, "base64").length in Node.
        for (text, length) in
            [("", 0), ("YQ==", 1), ("YWI=", 2), ("YW Jj\n", 3), ("YWJj=YWJj", 3), ("-_-_", 3)]
        {
            assert_eq!(lenient_base64_length(text), length, "{text}");
        }
    }
}
