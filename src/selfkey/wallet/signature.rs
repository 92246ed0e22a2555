//! A wallet's signature.

use std::fmt;

use crate::{
    crypto::secp256k1::RecoverableSignature,
    error::{Error, ErrorKind},
    privacy::REDACTED,
};

/// A recoverable signature: r, s and v. It is always written with the low one of the two values of s, and with v as
/// 27 or 28.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WalletSignature(pub(super) RecoverableSignature);

impl WalletSignature {
    /// Takes the 65 bytes r, s and v of a device or a remote wallet. v may be 27 or 28, or 0 or 1. A high s is turned
    /// into the low one, which is a signature by the same key of the same message.
    ///
    /// # Errors
    ///
    /// [`Signature`](ErrorKind::Signature) with the check `signature.malformed` for another length or v, and for an r
    /// or s outside the group.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        RecoverableSignature::from_bytes(bytes).map(|signature| Self(signature.with_low_s()))
    }

    /// Reads the same in hex digits, with or without `0x` in front.
    ///
    /// # Errors
    ///
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_hex(text: &str) -> Result<Self, Error> {
        let bytes = hex::decode(text.strip_prefix("0x").unwrap_or(text)).map_err(|_| {
            Error::new(ErrorKind::Signature, "a signature is written in hex digits")
                .with_check("signature.malformed")
        })?;
        Self::from_bytes(&bytes)
    }

    /// Returns the 65 bytes r, s and v, with v as 27 or 28.
    pub fn to_bytes(&self) -> [u8; 65] {
        self.0.to_bytes()
    }

    /// `0x` and 130 lower-case hex digits: r, s, v.
    pub fn to_hex(&self) -> String {
        format!("0x{}", hex::encode(self.to_bytes()))
    }
}

impl fmt::Debug for WalletSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WalletSignature").field(&format_args!("{REDACTED}")).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the contract's vectors, made by the wallet itself: the message `test`.
    const SIGNATURE: &str = "0xd423ea9f25e3090b6de29c928eddfcae4f9d6f50edff25bbde716b5b0046b8bb40e367e2505c4f55b26b0cdeee0d8d1cb7ac6f5b0c5ec99c5b6608378b9811d01b";
    /// The other signature that fits: n - s, computed apart, and the other parity.
    const HIGH: &str = "0xd423ea9f25e3090b6de29c928eddfcae4f9d6f50edff25bbde716b5b0046b8bbbf1c981dafa3b0aa4d94f32111f272e203026d8ba2e9d69f646c5655449e2f711c";

    #[test]
    fn what_devices_write_becomes_what_is_sent() {
        let with = |text: &str| WalletSignature::from_hex(text).expect("a signature").to_hex();
        assert_eq!(with(SIGNATURE), SIGNATURE);
        assert_eq!(with(SIGNATURE.trim_start_matches("0x")), SIGNATURE);
        assert_eq!(with(&format!("{}00", &SIGNATURE[..130])), SIGNATURE);
        assert_eq!(with(HIGH), SIGNATURE);
        assert_eq!(with(&format!("{}01", &HIGH[..130])), SIGNATURE);
        for bad in [
            "",
            "0x",
            "0x00",
            &SIGNATURE[..130],
            &format!("{SIGNATURE}00"),
            &format!("{}1d", &SIGNATURE[..130]),
            "0xzz",
        ] {
            let error = WalletSignature::from_hex(bad).expect_err(bad);
            assert_eq!((error.kind(), error.check()), (ErrorKind::Signature, Some("signature.malformed")));
        }
    }
}
