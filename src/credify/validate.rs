//! The three tokens of a call for encrypted claims, and whether they belong together.
//!
//! The provider calls a market with an access token, a service provider's request token and a user's approval token.
//! Before a single claim is read it has to be sure that the caller may ask, that this service provider asked, that
//! this user agreed, and that all three are of now.
//!
//! | check | compatible | refusal |
//! | --- | --- | --- |
//! | the access token is active | yes | `Authentication`, `access_token.inactive` |
//! | it has the scope of this call, where the provider names its scopes | yes | `Authentication`, `access_token.scope` |
//! | it is not past the end that the provider names | yes | `Authentication`, `access_token.expired`, `access_token.time` |
//! | both tokens are well-formed | yes | `Signature`, `token.malformed` |
//! | both are signed by `alg` `EdDSA` | | `Signature`, `token.algorithm` |
//! | `iat` of both is a number | | `Decode`, `claim.missing` |
//! | it is a time in seconds: not beyond the year 9999 | yes | `Decode`, `claim.out_of_range` |
//! | both are at most an hour old and not of the future | yes | `Expired`, `claim.expired`; `Signature`, `claim.early` |
//! | the issuers have keys, and the signatures fit | yes | `Signature`, `key.missing`, `signature.mismatch` |
//! | the approval is for the service provider that asks | | `Permission`, `approval.client` |
//! | the approval is of the user of the call | | `Permission`, `approval.user` |
//! | `openid` is asked for | | `Permission`, `request.openid` |
//! | every scope that is asked for is granted | yes | `Permission`, `approval.scopes` |
//! | the service provider is the client of the access token | on demand | `Permission`, `request.client` |
//!
//! Source: `validateRequest` of `@credify/nodejs` 1.22.6; its checks are those of the compatible mode.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{
    PROVIDER,
    authority::{Authority, Introspection},
    keys::{EncryptionKey, VerifyingKey},
    permission::presented,
    token::{
        self, ApprovalPayload, RequestPayload,
        jwt::{self, Strictness, Unverified},
    },
    token_demand::TokenDemand,
};
use crate::{
    clock::Clock,
    crypto,
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
};

/// Seconds for which a request and an approval are good.
const LIFETIME: i64 = 3600;

/// Scopes that begin like this are asked for and never granted by themselves.
const PSEUDO_SCOPES: [&str; 3] = ["offer:", "dop:", "bnpl_order:"];

/// What came with a call for encrypted claims.
#[derive(Clone, Copy)]
#[allow(clippy::exhaustive_structs, reason = "the members of the call")]
pub struct ClaimsRequest<'a> {
    /// The bearer token of the call.
    pub access_token: &'a Secret,
    /// `request_token` of the body.
    pub request_token: &'a str,
    /// `approval_token` of the body.
    pub approval_token: &'a str,
    /// `user_id` of the body: the user's Credify id.
    pub user_id: &'a str,
}

/// Decides on calls for encrypted claims. Strict unless set otherwise.
#[derive(Clone, Debug)]
pub struct RequestValidator {
    clock: Clock,
    strictness: Strictness,
    skew: i64,
    own_client: bool,
    requested_only: bool,
}

impl RequestValidator {
    /// A strict validator without an allowance for clocks.
    pub fn new(clock: Clock) -> Self {
        Self { clock, strictness: Strictness::Strict, skew: 0, own_client: false, requested_only: false }
    }

    /// Does the checks of the provider's SDK and no others: for markets that must go on accepting what it accepts.
    #[must_use]
    pub fn compatible(mut self) -> Self {
        self.strictness = Strictness::AsPeer;
        self
    }

    /// How far the clocks of the three parties may differ.
    #[must_use]
    pub fn clock_skew(mut self, skew: Duration) -> Self {
        self.skew = i64::try_from(skew.as_secs()).unwrap_or(i64::MAX);
        self
    }

    /// Demands that the request was made by the client of the access token. Off, since the provider itself may call.
    #[must_use]
    pub fn only_own_client(mut self) -> Self {
        self.own_client = true;
        self
    }

    /// Hands out the scopes that were asked for and granted, and not those that were granted beyond.
    #[must_use]
    pub fn only_requested_scopes(mut self) -> Self {
        self.requested_only = true;
        self
    }

    /// Checks the three tokens.
    ///
    /// ```no_run
    /// use kyckit::{
    ///     clock::Clock,
    ///     credify::{authority::Authority, validate::{ClaimsRequest, RequestValidator}},
    /// };
    ///
    /// # async fn run(authority: impl Authority, request: ClaimsRequest<'_>) -> kyckit::Result<()> {
    /// let granted = RequestValidator::new(Clock::system()).validate(&authority, request).await?;
    /// println!("{} scopes, for {}", granted.scopes().len(), granted.client_id());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See the table of the [module](self); and what asking the authority ends in.
    pub async fn validate(
        &self,
        authority: &impl Authority,
        call: ClaimsRequest<'_>,
    ) -> Result<GrantedRequest, Error> {
        self.check(authority, call).await.map_err(|error| error.during(PROVIDER, "validate_request"))
    }

    async fn check(
        &self,
        authority: &impl Authority,
        call: ClaimsRequest<'_>,
    ) -> Result<GrantedRequest, Error> {
        let demand = self.token_demand();
        let access = authority.introspect(call.access_token, demand.asked_scope()).await?;
        demand.check(&access, &self.clock)?;
        self.check_request(authority, &access, call).await
    }

    /// What the access token of the call must be good for.
    pub(super) fn token_demand(&self) -> TokenDemand<'static> {
        let skew = Duration::from_secs(self.skew.unsigned_abs());
        TokenDemand::asking_for(presented::READ_ENCRYPTED_CLAIMS).skew(skew)
    }

    /// [`validate`](Self::validate) for a call of which the access token was found good.
    pub(super) async fn validate_introspected(
        &self,
        authority: &impl Authority,
        access: &Introspection,
        call: ClaimsRequest<'_>,
    ) -> Result<GrantedRequest, Error> {
        let checked = self.check_request(authority, access, call).await;
        checked.map_err(|error| error.during(PROVIDER, "validate_request"))
    }

    async fn check_request(
        &self,
        authority: &impl Authority,
        access: &Introspection,
        call: ClaimsRequest<'_>,
    ) -> Result<GrantedRequest, Error> {
        let request_token = self.parse(call.request_token)?;
        let request = RequestPayload::read(request_token.payload());
        let client_id = request.issuer.ok_or_else(|| missing("iss"))?;
        let keys = authority.public_keys(&client_id).await?;
        verify(request_token, keys.signing.as_deref(), "Signature of request token is not valid.")?;
        let encryption_key = request.encryption_key.or(keys.encryption).ok_or_else(|| {
            Error::new(ErrorKind::Signature, "Encryption key is not found.").with_check("key.missing")
        })?;
        let required = request.scopes.ok_or_else(|| missing("scopes"))?;

        let approval_token = self.parse(call.approval_token)?;
        let approval = ApprovalPayload::read(approval_token.payload());
        let user_id = approval.issuer.ok_or_else(|| missing("iss"))?;
        if self.strictness == Strictness::Strict {
            if approval.client_id.as_deref() != Some(client_id.as_str()) {
                return Err(unbound("approval.client", "the approval is for another service provider"));
            }
            if !crypto::equal(user_id.as_bytes(), call.user_id.as_bytes()) {
                return Err(unbound("approval.user", "the approval is of another user"));
            }
            if !required.iter().any(|scope| scope == "openid") {
                return Err(unbound("request.openid", "openid is required."));
            }
        }
        if self.own_client && access.client_id.as_deref() != Some(client_id.as_str()) {
            return Err(unbound("request.client", "the request is of another client than the access token"));
        }
        let keys = authority.public_keys(&user_id).await?;
        verify(approval_token, keys.signing.as_deref(), "Signature of approval token is not valid.")?;

        let mut granted = approval.scopes.ok_or_else(|| missing("scopes"))?;
        let is_granted = |scope: &String| {
            PSEUDO_SCOPES.iter().any(|pseudo| scope.starts_with(pseudo)) || granted.contains(scope)
        };
        if !required.iter().all(is_granted) {
            return Err(unbound("approval.scopes", "Granted scopes are not valid."));
        }
        if self.requested_only {
            granted.retain(|scope| required.contains(scope));
        }
        Ok(GrantedRequest {
            key: EncryptionKey::new(&encryption_key)?,
            key_text: encryption_key,
            scopes: granted,
            client_id,
            user_id,
            offer_code: approval.offer_code,
        })
    }

    fn parse(&self, token: &str) -> Result<Unverified, Error> {
        let token = Unverified::parse(token, self.strictness, jwt::LONGEST)?;
        self.check_age(token.payload())?;
        Ok(token)
    }

    fn check_age(&self, payload: &Map<String, Value>) -> Result<(), Error> {
        let now = token::now(&self.clock);
        let issued_at = match (jwt::issued_at(payload)?, self.strictness) {
            (Some(issued_at), _) => issued_at,
            (None, Strictness::Strict) => return Err(missing("iat")),
            // The SDK compares what is no number with numbers, and no comparison of that refuses.
            (None, Strictness::AsPeer) => return Ok(()),
        };
        if issued_at.saturating_add(LIFETIME).saturating_add(self.skew) <= now {
            return Err(Error::new(ErrorKind::Expired, "This request is expired.")
                .with_check("claim.expired")
                .with_path("iat"));
        }
        if issued_at > now.saturating_add(self.skew) {
            return Err(Error::new(ErrorKind::Signature, "This request timestamp is invalid.")
                .with_check("claim.early")
                .with_path("iat")
                .with_hint("set the local clock, or allow more clock skew"));
        }
        Ok(())
    }
}

fn verify(token: Unverified, key: Option<&str>, what: &'static str) -> Result<(), Error> {
    let key = key.ok_or_else(|| {
        Error::new(ErrorKind::Signature, "Public key is not found.").with_check("key.missing")
    })?;
    if token.is_signed_by(&VerifyingKey::from_pem(key)?) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Signature, what).with_check(crypto::jose::check::MISMATCH))
}

fn missing(name: &'static str) -> Error {
    Error::new(ErrorKind::Decode, "the token lacks a claim").with_check("claim.missing").with_path(name)
}

fn unbound(check: &'static str, what: &'static str) -> Error {
    Error::new(ErrorKind::Permission, what).with_check(check)
}

/// A call that was found in order: the user, the scopes to encrypt, and the service provider to encrypt them for. Only
/// the validator makes one.
#[derive(Clone)]
pub struct GrantedRequest {
    key: EncryptionKey,
    key_text: String,
    scopes: Vec<String>,
    client_id: String,
    user_id: String,
    offer_code: Option<String>,
}

impl GrantedRequest {
    /// The key to encrypt the claims for.
    pub fn encryption_key(&self) -> &EncryptionKey {
        &self.key
    }

    /// The scopes that the user granted, in the approval's order: `openid`, and scopes without claims,
    /// among them.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The service provider that asks.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The user who agreed.
    pub fn user_id(&self) -> Pii<&str> {
        Pii::new(&self.user_id)
    }

    /// The offer that the user takes.
    pub fn offer_code(&self) -> Option<&str> {
        self.offer_code.as_deref()
    }

    /// The encryption key as it came.
    pub(crate) fn key_text(&self) -> &str {
        &self.key_text
    }
}

crate::privacy::redacted_debug!(GrantedRequest { scopes: |this| this.scopes.len(), .. });

crate::privacy::redacted_debug!(ClaimsRequest<'_> { .. });
