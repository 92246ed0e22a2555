//! The client: one method per remote call.

use std::sync::Arc;

use http::{HeaderValue, header::CONTENT_TYPE};
use serde::Deserialize;
use url::Url;

use super::{
    CustomerTokens, DocumentLink, Download, EncryptedProfile, PROVIDER, Profile,
    client_token::{ClientCredentials, basic},
    credentials::{BothTokens, CustomerToken},
    token::TokenReader,
};
use crate::{
    auth::Bearer,
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{ApiClient, RawRequest, RawResponse, decode, fetch::Guard},
    verified::Verified,
    wire::OnlyObject,
};

/// The base URL of the provider's sandbox. That of production is handed over by Maya and is public nowhere.
pub const SANDBOX_BASE_URL: &str = "https://op-sandbox.paymaya.com/";

/// How much of a response with a profile is read, whatever the options allow.
const MAX_PROFILE_BYTES: usize = 2 * 1024 * 1024;

/// A client of one Mini App. Cheap to clone; clones share connections, the client token and the keys.
///
/// # Defaults
///
/// 10 s an attempt and 30 s a call; three attempts for reading a profile, and one for a refresh unless it never left;
/// answers up to 2 MiB; no rate limit, since none is documented; the client token is kept until a minute before its
/// end; 60 s of leeway for time claims.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) api: ApiClient,
    pub(super) document_api: ApiClient,
    pub(super) guard: Guard,
    pub(super) client_token: ClientCredentials,
    pub(super) bearer: Bearer,
    pub(super) reader: Arc<TokenReader>,
}

impl Client {
    /// Replaces client id and client secret for all calls from now on; the client token that the old ones gave is
    /// dropped.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for an empty or impossible id or secret; the old ones stay then.
    pub fn replace_credentials(
        &self,
        client_id: &str,
        client_secret: impl Into<Secret>,
    ) -> Result<(), Error> {
        let basic = basic(client_id, &client_secret.into())
            .map_err(|error| error.during(PROVIDER, "replace_credentials"))?;
        let source = ClientCredentials { basic: Arc::new(basic), ..self.0.client_token.clone() };
        self.0.bearer.replace(source);
        Ok(())
    }

    /// Reads a customer's profile: `GET /profile`, then decrypts and verifies it. Repeated when it fails.
    ///
    /// The tokens are used as they are; [`Customer::profile`](super::Customer::profile) refreshes them first.
    ///
    /// Source: "Get Profile via Maya Mini App".
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/maya/");
    /// # let keys: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(format!("{vectors}keys.json"))?)?;
    /// # let cases: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(format!("{vectors}cases.json"))?)?;
    /// # let (jwe_private_jwk, jws_secret_jwk) = (keys["jwe_private_jwk"].to_string(), keys["jws_secret_jwk"].to_string());
    /// # let profile = format!(r#"{{"data":{}}}"#, cases[0]["token"]);
    /// use kyckit::{maya::{Client, CustomerTokens}, transport::{MockResponse, MockTransport, Options}};
    ///
    /// // In place of the network: a client token, then a profile.
    /// let memory = MockTransport::new([
    ///     MockResponse::json(200, r#"{"access_token":"aaa.bbb.ccc","token_type":"Bearer","expires_in":3600}"#),
    ///     MockResponse::json(200, profile),
    /// ]);
    /// let client = Client::builder("client-id", "client-secret")
    ///     .token_url("https://connect.example.com/token")
    ///     .keys(jwe_private_jwk, jws_secret_jwk)
    ///     .options(Options::new().transport(memory))
    ///     .build()?;
    ///
    /// let tokens = CustomerTokens::new("j.w.e.1.x", "r.0.1", 1_893_456_000)?;
    /// let profile = client.profile(&tokens).await?;
    /// assert!(profile.is_verified_account());
    /// let first_name = profile.name().and_then(|name| name.first_name.as_ref());
    /// assert_eq!(first_name.map(|name| name.expose().as_str()), Some("Ana"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Authentication`](ErrorKind::Authentication) when Maya refuses one of the two tokens, also with a fresh client
    /// token: refresh the customer's. [`Permission`](ErrorKind::Permission) for a scope that is not granted. Those of
    /// [`EncryptedProfile::open`], and [as for every call](crate::transport#errors-of-every-call).
    pub async fn profile(&self, tokens: &CustomerTokens) -> Result<Verified<Profile>, Error> {
        self.sealed_profile(tokens).await?.open()
    }

    /// The first half of [`profile`](Self::profile): asks for it and leaves it closed, so that it can be opened on a
    /// pool for blocking work.
    ///
    /// # Errors
    ///
    /// As [`profile`](Self::profile), but for those of opening it.
    pub async fn sealed_profile(&self, tokens: &CustomerTokens) -> Result<EncryptedProfile, Error> {
        self.ask_profile(tokens).await
    }

    pub(super) async fn ask_profile(&self, customer: &dyn CustomerToken) -> Result<EncryptedProfile, Error> {
        #[derive(Deserialize)]
        struct Wire {
            data: String,
        }

        // The life of the links in the profile counts from here.
        let asked = self.clock().now();
        let both = BothTokens { bearer: &self.0.bearer, customer };
        let answer = self
            .0
            .api
            .get("profile", ["profile"])
            // Required, although there is no body.
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .max_response_bytes(MAX_PROFILE_BYTES)
            .credentials(&both)
            .send()
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::Authentication if error.operation() == Some("profile") => {
                    error.with_hint("refresh the customer's tokens; if that is refused, the customer has to reopen the Mini App")
                }
                _ => error,
            })?;
        let data = decode::json(&answer.body).and_then(|OnlyObject(Wire { data })| {
            if data.is_empty() {
                return Err(Error::new(ErrorKind::Decode, "the profile is empty").with_path("data"));
            }
            Ok(data)
        });
        let data = data.map_err(|error| answer.fail(error))?;
        Ok(EncryptedProfile::new(data, asked, Arc::clone(&self.0.reader), answer.context().clone()))
    }

    /// Refreshes a customer's tokens: `POST /tokens`. Both tokens of the answer replace the old ones: the old refresh
    /// token is spent. [`Customer`](super::Customer) does this by itself, once and at the right moment.
    ///
    /// The request is sent once. Only when it provably never left is it sent again.
    ///
    /// Source: "Refresh Maya Mini App Token".
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::maya::Client, tokens: kyckit::maya::CustomerTokens) -> kyckit::Result<()> {
    /// let newer = client.refresh(&tokens).await?;
    /// // Keep them before they are used: the old ones are spent.
    /// let record = newer.to_json();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When [`may_have_taken_effect`](Error::may_have_taken_effect) is true, Maya may have replaced the tokens and the
    /// new ones were lost on the way: do not repeat it as a matter of course. When Maya refuses the refresh token, the
    /// customer has to open the Mini App again.
    pub async fn refresh(&self, tokens: &CustomerTokens) -> Result<CustomerTokens, Error> {
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Wire<'a> {
            refresh_token: &'a str,
        }

        let answer = self
            .0
            .api
            .post("refresh", ["tokens"])
            .json(&Wire { refresh_token: tokens.refresh_token().expose() })
            .max_response_bytes(MAX_PROFILE_BYTES)
            .send()
            .await
            .map_err(|error| match error.kind() {
                ErrorKind::Authentication | ErrorKind::InvalidRequest if error.operation() == Some("refresh") => {
                    error.with_hint("the refresh token is spent or over; the customer has to reopen the Mini App")
                }
                _ if error.may_have_taken_effect() => error.with_hint(
                    "the refresh token may be spent; repeat it by name only, or have the customer reopen the Mini App",
                ),
                _ => error,
            })?;
        CustomerTokens::from_json(&answer.body).map_err(|error| answer.fail(error))
    }

    /// Opens a link of a profile: an image or a video, streamed into a writer. See [`Download`].
    pub fn download<'a>(&'a self, link: &'a DocumentLink) -> Download<'a> {
        Download::new(&self.0.document_api, &self.0.guard, link)
    }

    /// Makes a call that this client has no method for, such as a payment: the client token, limits, retries and the
    /// request's reference are those of every call; with tokens, the customer's goes along.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::maya::Client) -> kyckit::Result<()> {
    /// use kyckit::transport::RawRequest;
    ///
    /// let answer = client.raw(RawRequest::get(["something-new"]).query("limit", "10"), None).await?;
    /// let body: serde_json::Value = answer.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn raw(
        &self,
        request: RawRequest,
        tokens: Option<&CustomerTokens>,
    ) -> Result<RawResponse, Error> {
        let both = tokens.map(|tokens| BothTokens { bearer: &self.0.bearer, customer: tokens });
        let call = self.0.api.raw(request);
        let call = match &both {
            Some(both) => call.credentials(both),
            None => call,
        };
        call.send().await.map(RawResponse::of)
    }

    pub(super) fn clock(&self) -> &Clock {
        self.0.api.clock()
    }
}

crate::privacy::redacted_debug!(Client { host: |this| this.0.api.base().and_then(Url::host_str), .. });
