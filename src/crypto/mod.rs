//! Digests and compares behind small functions that cannot be misused. Knows no provider.

mod digest;

pub(crate) use digest::{Sha256Prefix, equal, hmac_sha256, sha256, sha256_hex};
