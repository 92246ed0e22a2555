//! Maya's nested tokens and single values of a profile.

use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::{
    clock::Clock,
    error::Error,
    maya::{
        Profile, TokenAlgorithms,
        token::{LEEWAY, TokenReader},
    },
    privacy::Secret,
    verified::Verified,
};

/// Reader of tokens under both keys, with every accepted algorithm and the time of the system.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) for a key that is not accepted.
pub fn token_reader(
    jwe_private_jwk: &Secret,
    jws_secret_jwk: &Secret,
) -> Result<impl Fn(&str) -> Result<Verified<Profile>, Error> + use<>, Error> {
    let reader =
        TokenReader::new(jwe_private_jwk, jws_secret_jwk, TokenAlgorithms::All, LEEWAY, Clock::system())?;
    Ok(move |token: &str| reader.open(token, SystemTime::UNIX_EPOCH))
}

/// Reads a profile in clear.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when it is not a profile.
pub fn profile(payload: &[u8]) -> Result<Profile, Error> {
    Profile::read(Zeroizing::new(payload.to_vec()), SystemTime::UNIX_EPOCH)
}
