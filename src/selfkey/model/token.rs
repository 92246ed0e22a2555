//! Reading the relying party's tokens as a wallet does: without a key, so nothing of what they say is proven.

use std::time::{Duration, SystemTime};

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;

use crate::{
    crypto::jose::claims::{LATEST_DATE, Refusal},
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
    wire,
};

/// The maximum size of a token.
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// Base64 of a token as the provider's own reader takes it: without padding, bits left over are passed over.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// A JSON Web Token with an **unchecked** signature: a wallet has no key for it.
///
/// It is read for two things only, whatever its algorithm, kind and subject are: what to sign, and when to log in
/// again. The text is kept as it was received and sent back unchanged, since its signature covers every byte.
///
/// Source: the wallet's `relying-party.js`, class of tokens.
#[derive(Clone)]
pub struct UnverifiedToken {
    text: Secret,
    header: Value,
    payload: Pii<Value>,
}

impl UnverifiedToken {
    /// Reads a token in compact form.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) for what is no token: three parts of base64url, the first two JSON objects. The
    /// same with the check `claim.out_of_range` for an `exp` that is no time in seconds: beyond the year 9999, as a
    /// time in milliseconds is.
    pub fn read(text: impl Into<Secret>) -> Result<Self, Error> {
        let text = text.into();
        let (header, payload) = parts(text.expose()).ok_or_else(|| {
            Error::new(ErrorKind::Decode, "this is not a token in compact form").with_path("jwt")
        })?;
        if seconds(&payload).is_some_and(|end| end > LATEST_DATE as f64) {
            return Err(Refusal::out_of_range("exp").into());
        }
        Ok(Self { text, header, payload: Pii::new(payload) })
    }

    /// Returns the text as it was received.
    pub fn text(&self) -> &Secret {
        &self.text
    }

    /// Returns the header.
    pub fn header(&self) -> &Value {
        &self.header
    }

    /// Returns the payload: what the relying party says, unproven.
    pub fn payload(&self) -> &Pii<Value> {
        &self.payload
    }

    /// Returns what a wallet signs: the claim `challenge` if there is one, else `nonce`. It is the text as it stands:
    /// neither base64 nor hex digits are decoded. None: this is no challenge.
    pub fn message_to_sign(&self) -> Option<&str> {
        ["challenge", "nonce"]
            .into_iter()
            .filter_map(|claim| self.payload.expose()[claim].as_str())
            .find(|text| !text.is_empty())
    }

    /// Returns the claim `sub`.
    pub fn subject(&self) -> Option<Pii<&str>> {
        self.payload.expose()["sub"].as_str().map(Pii::new)
    }

    /// Returns the claim `exp`. None: it does not say, and serves until it is refused.
    pub fn expires(&self) -> Option<SystemTime> {
        // Its upper bound was checked when the token was read.
        let seconds = seconds(self.payload.expose())?.clamp(0.0, LATEST_DATE as f64);
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs_f64(seconds))
    }

    /// Returns whether it is past its end, or nearer to it than `skew`. Without a skew the very second of `exp` still
    /// counts as live, as for the provider's wallet; relying parties refuse the token in that second.
    pub fn is_expired(&self, now: SystemTime, skew: Duration) -> bool {
        self.expires().is_some_and(|end| {
            let seconds = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
            let latest = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) + skew;
            if skew.is_zero() { latest > end } else { latest >= end }
        })
    }
}

/// The claim `exp`, also as text.
fn seconds(payload: &Value) -> Option<f64> {
    let seconds = match &payload["exp"] {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    seconds.filter(|seconds| seconds.is_finite())
}

fn parts(text: &str) -> Option<(Value, Value)> {
    if text.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let mut parts = text.split('.');
    let (header, payload, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let alphabet =
        |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if parts.next().is_some() || !alphabet(signature) {
        return None;
    }
    let object = |part: &str| {
        let bytes = BASE64.decode(part).ok()?;
        wire::json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
    };
    Some((object(header)?, object(payload)?))
}

crate::privacy::redacted_debug!(UnverifiedToken { expires: |it| it.expires(), .. });

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;

    use super::*;

    fn token(payload: &str) -> UnverifiedToken {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        UnverifiedToken::read(format!("{}.{}.c2ln", part(r#"{"alg":"HS512"}"#), part(payload)))
            .expect("a token")
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn the_end_counts_from_the_skew_on() {
        let token = token(r#"{"exp":1000}"#);
        for (now, skew, expired) in
            [(1000, 0, false), (1001, 0, true), (969, 30, false), (970, 30, true), (1000, 30, true)]
        {
            assert_eq!(token.is_expired(at(now), Duration::from_secs(skew)), expired, "{now} {skew}");
        }
    }

    #[test]
    fn an_end_that_is_no_number_is_no_end_and_an_absurd_one_does_not_panic() {
        for payload in [r#"{"exp":null}"#, r#"{"exp":{}}"#, r#"{"exp":"soon"}"#, "{}"] {
            assert_eq!(token(payload).expires(), None, "{payload}");
        }
        assert_eq!(token(r#"{"exp":"1000"}"#).expires(), Some(at(1000)));
        assert_eq!(token(r#"{"exp":-5}"#).expires(), Some(at(0)));
    }

    #[test]
    fn an_end_in_milliseconds_is_refused_and_never_a_far_future() {
        for exp in ["1800000000000", r#""1800000000000""#, "253402300800", "1e300"] {
            let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
            let payload = format!(r#"{{"exp":{exp}}}"#);
            let text = format!("{}.{}.c2ln", part(r#"{"alg":"HS512"}"#), part(&payload));
            let error = UnverifiedToken::read(text).expect_err(exp);
            assert_eq!(
                (error.kind(), error.check()),
                (ErrorKind::Decode, Some("claim.out_of_range")),
                "{exp}"
            );
            assert_eq!(error.path(), Some("exp"));
        }
        assert_eq!(token(r#"{"exp":253402300799}"#).expires(), Some(at(253_402_300_799)));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "a.b", "a.b.c", "e30.e30", "e30.e30.a.b", "e30.W10.a", "e30.e30.a b", "e30=.e30.a"] {
            assert_eq!(UnverifiedToken::read(text).expect_err(text).kind(), ErrorKind::Decode, "{text}");
        }
        assert!(UnverifiedToken::read("e30.e30.").is_ok());
        assert!(UnverifiedToken::read(format!("e30.{}.a", "A".repeat(MAX_TOKEN_BYTES))).is_err());
    }

    #[test]
    fn nothing_of_it_shows() {
        let token = token(r#"{"sub":"did:eth:0x1","nonce":"abc","exp":1}"#);
        let shown = format!("{token:?}");
        assert!(!shown.contains("did:") && !shown.contains("abc"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-_A-Za-z0-9.=]{0,80}") {
            if let Ok(token) = UnverifiedToken::read(text.clone()) {
                prop_assert_eq!(token.text().expose(), text);
            }
        }
    }
}
