//! Internal functions that the conformance runner (`examples/conformance/`) checks against vectors, where the public
//! interface does not lead to the same result.

pub mod credify;
pub mod crypto;
pub mod maya;
pub mod selfkey;
pub mod shuftipro;

use serde::de::DeserializeOwned;

use crate::{error::Error, transport::decode};

/// Reads the body of a response as a client does.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) with the path of the member that does not fit.
pub fn decode_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    decode::json(body)
}
