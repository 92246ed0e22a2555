//! The profile's nested token: a JWS inside a JWE, opened step by step.
//!
//! Source: "Profile Sharing" (its three samples), RFC 7515, 7516, 7518, 7519, 1951. The provider pins nothing; the set
//! below is what all three samples open, widened by what a careful issuer might move to, and closed:
//!
//! | header | accepted |
//! | --- | --- |
//! | outer `alg` | `RSA-OAEP`, `RSA-OAEP-256` |
//! | outer `enc` | `A256GCM`, `A128GCM`, `A128CBC-HS256` |
//! | outer `zip` | absent or `DEF` |
//! | inner `alg` | `HS256` |
//! | `crit` | absent in both |

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::Profile;
use crate::{
    clock::Clock,
    crypto::{
        jose::{
            algorithm::{ContentEncryption, KeyEncryption, SignatureAlgorithm},
            check,
            claims::{ClaimRules, Claims},
            decrypt::{Decrypter, DecryptionPolicy},
            keys::{DecryptionKey, Labels, VerificationKey},
            nested::NestedReader,
        },
        sha256,
    },
    error::Error,
    privacy::Secret,
    transport::ResponseContext,
    verified::{Proof, Verified},
};

/// How many characters a token may have, and how many bytes the text in it.
const MAX_TOKEN_BYTES: usize = 1024 * 1024;
/// How far the clocks may differ unless the builder says otherwise.
pub(crate) const LEEWAY: Duration = Duration::from_secs(60);

const ACCEPTED: DecryptionPolicy = DecryptionPolicy {
    key_encryption: &[KeyEncryption::RsaOaep, KeyEncryption::RsaOaep256],
    content_encryption: &[
        ContentEncryption::A256Gcm,
        ContentEncryption::A128Gcm,
        ContentEncryption::A128CbcHs256,
    ],
    deflate: true,
    longest_token: MAX_TOKEN_BYTES,
    longest_content: MAX_TOKEN_BYTES,
};

/// What the provider's PHP sample accepts, and with it all three.
const AS_DOCUMENTED: DecryptionPolicy = DecryptionPolicy {
    key_encryption: &[KeyEncryption::RsaOaep],
    content_encryption: &[ContentEncryption::A256Gcm],
    ..ACCEPTED
};

/// Which tokens are accepted. It can be narrowed and never widened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenAlgorithms {
    /// The whole set of the module's table.
    #[default]
    All,
    /// `RSA-OAEP` with `A256GCM`, deflated or not: what all of the provider's samples open.
    AsDocumented,
}

/// Why a nested token was refused. For logs and alarms of the backend; the customer's side learns nothing of it.
///
/// ```
/// use kyckit::{Error, maya::TokenRejection};
///
/// fn count(error: &Error) {
///     if let Some(refusal) = TokenRejection::of(error) {
///         println!("refused: {}", refusal.as_str());
///     }
/// }
/// # count(&Error::configuration("x"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenRejection {
    /// `algorithm_not_allowed`: a header asks for what is not accepted. No key was used for it.
    AlgorithmNotAllowed,
    /// `decrypt_failed`: it could not be opened with this key. Which step failed is never said.
    DecryptFailed,
    /// `expired`: it is verified, and its `exp` has passed.
    Expired,
    /// `malformed`: it is no signed token inside of an encrypted one in compact form.
    Malformed,
    /// `payload_invalid`: it is verified, and no acceptable profile.
    PayloadInvalid,
    /// `signature_invalid`: the inner signature does not fit.
    SignatureInvalid,
    /// `too_large`: the token, or what it inflates to, is over 1 MiB.
    TooLarge,
}

impl TokenRejection {
    /// The category of an error that came from opening a token; none for any other error.
    pub fn of(error: &Error) -> Option<Self> {
        Some(match error.check()? {
            check::ALGORITHM => Self::AlgorithmNotAllowed,
            check::DECRYPTION => Self::DecryptFailed,
            check::MALFORMED => Self::Malformed,
            check::MISMATCH => Self::SignatureInvalid,
            check::TOO_LARGE => Self::TooLarge,
            "claim.expired" => Self::Expired,
            PAYLOAD | "claim.early" | "claim.malformed" | "claim.out_of_range" => Self::PayloadInvalid,
            _ => return None,
        })
    }

    /// The category's name, stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AlgorithmNotAllowed => "algorithm_not_allowed",
            Self::DecryptFailed => "decrypt_failed",
            Self::Expired => "expired",
            Self::Malformed => "malformed",
            Self::PayloadInvalid => "payload_invalid",
            Self::SignatureInvalid => "signature_invalid",
            Self::TooLarge => "too_large",
        }
    }
}

/// The word of [`Error::check`] for a verified payload that is no profile.
const PAYLOAD: &str = "token.payload";

/// The two keys and the rules, made ready once.
pub(crate) struct TokenReader {
    nested: NestedReader,
    claims: ClaimRules,
    clock: Clock,
}

impl TokenReader {
    /// Parses and checks the keys as Maya hands them over. Their labels (`alg`, `use`, `kid`, `key_ops`) are passed
    /// over: the provider says "import with RS512", and nothing is ever signed with RS512.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration), naming the key and the member at fault.
    pub(crate) fn new(
        jwe_private_jwk: &Secret,
        jws_secret_jwk: &Secret,
        algorithms: TokenAlgorithms,
        leeway: Duration,
        clock: Clock,
    ) -> Result<Self, Error> {
        let decryption_key = DecryptionKey::from_jwk(jwe_private_jwk.expose(), Labels::Ignored)
            .map_err(|error| error.with_check("key.jwe_private_jwk"))?;
        let verification_key =
            VerificationKey::from_jwk(jws_secret_jwk.expose(), SignatureAlgorithm::Hs256, Labels::Ignored)
                .and_then(|key| {
                    let blank = || Error::configuration("the secret (member k of a JWK) is empty or blank");
                    if key.is_blank() { Err(blank()) } else { Ok(key) }
                })
                .map_err(|error| error.with_check("key.jws_secret_jwk"))?;
        let policy = match algorithms {
            TokenAlgorithms::All => ACCEPTED,
            TokenAlgorithms::AsDocumented => AS_DOCUMENTED,
        };
        Ok(Self {
            nested: NestedReader::new(
                Decrypter::new(decryption_key, policy),
                verification_key,
                MAX_TOKEN_BYTES,
            ),
            claims: ClaimRules::new().leeway(leeway),
            clock,
        })
    }

    /// Opens a token that was asked for at `asked`. The numbers are the steps of the procedure.
    ///
    /// # Errors
    ///
    /// One of the [categories](TokenRejection).
    pub(crate) fn open(&self, token: &str, asked: SystemTime) -> Result<Verified<Profile>, Error> {
        // 1 the length, 2 five parts, 3 base64url, 4 the header, 5 its algorithms, 6 nothing else of it, 7 the content
        // key, 8 the lengths, 9 the tag: every failure of 7 to 9 is the same error; 10 inflate under the limit;
        // 11 three parts inside, 12 their algorithm, 13 the signature.
        let signed = self.nested.open(token.as_bytes())?;
        let payload = signed.into_payload();
        // 14 The payload is a JSON object …
        let claims = Claims::registered(&payload).map_err(|error| error.with_check(PAYLOAD))?;
        // 15 … with time claims that hold, where there are any. 16 No other claim is documented, so none is required.
        claims.check(&self.claims, &self.clock)?;
        // 14 … and it reads as a profile.
        let proof = Proof::new(0, SignatureAlgorithm::Hs256.name(), sha256(&[&payload]));
        let profile = Profile::read(payload, asked).map_err(|error| error.with_check(PAYLOAD))?;
        Ok(Verified::new(profile, proof))
    }
}

crate::privacy::redacted_debug!(TokenReader { .. });

/// A profile as it came from Maya: encrypted, signed, and not yet believed.
///
/// Opening it costs a private RSA operation, a third of a millisecond for 2048 bits. That is long for a thread that
/// drives an async executor: a busy service opens it on a pool for blocking work.
///
/// ```no_run
/// # async fn read(
/// #     client: kyckit::maya::Client,
/// #     tokens: kyckit::maya::CustomerTokens,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// let sealed = client.sealed_profile(&tokens).await?;
/// let profile = tokio::task::spawn_blocking(move || sealed.open()).await??;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct EncryptedProfile {
    token: Secret,
    asked: SystemTime,
    reader: Arc<TokenReader>,
    context: ResponseContext,
}

impl EncryptedProfile {
    pub(super) fn new(
        token: String,
        asked: SystemTime,
        reader: Arc<TokenReader>,
        context: ResponseContext,
    ) -> Self {
        Self { token: Secret::new(token), asked, reader, context }
    }

    /// Decrypts it, verifies the signature inside, and reads the profile. It may be opened more than once.
    ///
    /// # Errors
    ///
    /// [`Decryption`](crate::ErrorKind::Decryption), [`Signature`](crate::ErrorKind::Signature),
    /// [`TooLarge`](crate::ErrorKind::TooLarge), [`Decode`](crate::ErrorKind::Decode),
    /// [`Expired`](crate::ErrorKind::Expired); [`TokenRejection::of`] names the category. Every failure to decrypt is the
    /// same error.
    pub fn open(&self) -> Result<Verified<Profile>, Error> {
        self.reader.open(self.token.expose(), self.asked).map_err(|error| self.context.complete(error))
    }
}

crate::privacy::redacted_debug!(EncryptedProfile { .. });

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
