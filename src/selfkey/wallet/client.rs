//! The client of a relying party. Its calls are in files of their own, by what they are about.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, Method};
use url::Url;

use super::{
    core::Core,
    endpoints::{EndpointName, Endpoints},
    session::Session,
};
use crate::{
    auth::Bearer,
    error::{Error, ErrorKind},
    selfkey::{Dialect, PROVIDER, model::KycUser},
    transport::{ApiClient, Authorize, Call, RawRequest, RawResponse},
};

/// How long an attempt may take; the provider documents nothing.
pub(super) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// A client that acts for one wallet towards one relying party. Cheap to clone; clones share connections and the
/// session.
///
/// # The session
///
/// Whatever needs a wallet token logs in first when there is none, or when it is within 30 s of its end. All callers
/// wait for one login. When the relying party refuses a token all the same, what only reads logs in again and is sent
/// once more; what changes something fails, and the next call logs in. Tokens live in memory only, and are sent back
/// as they were received.
///
/// # Defaults
///
/// 10 s an attempt and 30 s a call, more for uploads by their size; three attempts for what only reads, one for what
/// changes something unless it never left; responses up to 4 MiB; files up to 50 000 000 bytes; `SelfKeyIDW/2.1.3`;
/// [`Dialect::Current`].
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) core: Arc<Core>,
    /// With the session as credentials.
    pub(super) api: ApiClient,
    pub(super) bearer: Arc<Bearer>,
    pub(super) max_file_bytes: u64,
}

impl Client {
    /// Logs in: `GET /auth/challenge/{subject}`, the signature, `POST /auth/challenge`. Nothing is sent while there is
    /// a live session.
    ///
    /// Calls do this by themselves; by itself it is for showing whether a relying party takes the wallet.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> kyckit::Result<()> {
    /// use kyckit::{
    ///     selfkey::{Client, RelyingPartyConfig, WalletKey},
    ///     transport::{MockResponse, MockTransport, Options},
    /// };
    ///
    /// // In place of the network: a challenge with the nonce `abc`, then a wallet
    /// // token.
    /// let memory = MockTransport::new([
    ///     MockResponse::json(
    ///         200,
    ///         r#"{"jwt":"eyJhbGciOiJIUzUxMiJ9.eyJub25jZSI6ImFiYyJ9.c2ln"}"#,
    ///     ),
    ///     MockResponse::json(
    ///         200,
    ///         r#"{"jwt":"eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJ4In0.c2ln"}"#,
    ///     ),
    /// ]);
    /// let key = WalletKey::from_hex(
    ///     "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4",
    /// )?;
    /// let client = Client::builder(
    ///     RelyingPartyConfig::new("https://rp.example"),
    ///     key.did(),
    ///     key.clone(),
    /// )
    /// .options(Options::new().transport(memory.clone()))
    /// .build()?;
    /// client.log_in().await?;
    /// client.log_in().await?;
    /// assert_eq!(memory.sent().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call);
    /// [`ErrorBody::InvalidSubject`](crate::selfkey::ErrorBody::InvalidSubject) when the relying party cannot handle
    /// the identity, [`ErrorBody::SignatureRejected`](crate::selfkey::ErrorBody::SignatureRejected) when it refuses the
    /// signature. [`Decode`](ErrorKind::Decode) for a challenge that holds nothing to sign. Those of the signer;
    /// [`Configuration`](ErrorKind::Configuration) with the [check](Error::check) `signature.subject` when it signs
    /// with the key of another identity.
    pub async fn log_in(&self) -> Result<(), Error> {
        let deadline = self.0.core.api.limits(ATTEMPT_TIMEOUT).deadline;
        let mut headers = HeaderMap::new();
        match tokio::time::timeout(deadline, self.0.bearer.authorize(&mut headers)).await {
            Ok(presented) => presented.map(drop),
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the deadline passed while the wallet logged in")
                .during(PROVIDER, "log_in")),
        }
    }

    /// Forgets the session. Relying parties have no call for it, so the token lives on until its end.
    pub fn log_out(&self) {
        self.0.bearer.replace(Session::new(&self.0.core));
    }

    /// Returns the user that KYC-Chain had for this subject at the last login, where the configuration names its
    /// endpoint.
    pub fn known_kyc_user(&self) -> Option<KycUser> {
        self.0.core.kyc_user()
    }

    /// Makes a call below the root that this client has no method for, with the wallet token.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::transport::RawRequest;
    ///
    /// let response =
    ///     client.raw(RawRequest::get(["something-new"]).query("limit", "10")).await?;
    /// let body: serde_json::Value = response.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn raw(&self, request: RawRequest) -> Result<RawResponse, Error> {
        self.0.api.raw(request).send().await.map(RawResponse::of)
    }

    pub(super) fn endpoints(&self) -> &Endpoints {
        &self.0.core.endpoints
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.endpoints().dialect()
    }

    /// Begins a call with the wallet token.
    pub(super) fn call(
        &self,
        operation: &'static str,
        method: Method,
        name: EndpointName,
    ) -> Result<Call<'_>, Error> {
        let url = self.endpoints().url(name).map_err(|error| error.during(PROVIDER, operation))?;
        Ok(self.call_url(operation, method, url))
    }

    /// Begins a call about one thing, with the wallet token.
    pub(super) fn call_about(
        &self,
        operation: &'static str,
        method: Method,
        name: EndpointName,
        id: &str,
    ) -> Result<Call<'_>, Error> {
        Ok(self.call_url(operation, method, self.url_about(operation, name, id)?))
    }

    pub(super) fn url_about(
        &self,
        operation: &'static str,
        name: EndpointName,
        id: &str,
    ) -> Result<Url, Error> {
        self.endpoints().url_of(name, id).map_err(|error| error.during(PROVIDER, operation))
    }

    pub(super) fn call_url(&self, operation: &'static str, method: Method, url: Url) -> Call<'_> {
        self.0.api.call_url(operation, method, url)
    }
}

crate::privacy::redacted_debug!(Client {
    host: |it| it.0.api.base().and_then(Url::host_str),
    dialect: |it| it.dialect(),
    ..
});
