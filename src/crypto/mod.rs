//! Digests, keys, signatures and tokens behind small functions that cannot be misused. Knows no provider.
//!
//! | module | what | stands on | feature |
//! | --- | --- | --- | --- |
//! | `digest` | SHA-256, HMAC, the constant-time compare | sha2, hmac, subtle | always |
//! | `aead`, `sealed` | AES-256-GCM; values that a store holds for the bearer of a secret | OpenSSL | `jose` |
//! | `ed25519`, `p256`, `rsa` | signatures; RSA-OAEP | OpenSSL | `jose` |
//! | `jose` | signed and encrypted tokens (RFC 7515 to 7519) | josekit behind guards | `jose` |
//! | `secp256k1` | Ethereum wallets' signatures | k256, sha3 | `secp256k1` |
//! | `der`, `pem`, `pkcs8` | key files | | `jose` |
//!
//! Keys are parsed and checked when they are made, never per call; they are cheap to clone, and `Debug` shows none.

#![allow(
    dead_code,
    unused_imports,
    reason = "each provider uses a part, and some parts are there before their providers"
)]

mod digest;

#[cfg(feature = "jose")]
pub(crate) mod aead;
#[cfg(feature = "jose")]
mod der;
#[cfg(feature = "jose")]
pub(crate) mod ed25519;
#[cfg(feature = "jose")]
pub(crate) mod jose;
#[cfg(feature = "jose")]
mod p256;
#[cfg(feature = "jose")]
pub(crate) mod pem;
#[cfg(feature = "jose")]
pub(crate) mod pkcs8;
#[cfg(feature = "jose")]
pub(crate) mod rsa;
#[cfg(feature = "jose")]
pub(crate) mod sealed;
#[cfg(feature = "secp256k1")]
pub(crate) mod secp256k1;

#[cfg(all(feature = "jose", feature = "sandbox", feature = "secp256k1"))]
pub(crate) use digest::hmac_sha512;
pub(crate) use digest::{Sha256Prefix, equal, hmac_sha256, sha256, sha256_hex};
