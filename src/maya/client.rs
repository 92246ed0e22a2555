//! The client: one method per remote call.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_TYPE};
use serde::Deserialize;
use url::Url;

use super::{
    Customer, CustomerTokens, DocumentLink, Download, EncryptedProfile, PROVIDER, Profile, TokenAlgorithms,
    TokenStore,
    client_token::ClientCredentials,
    failure::classify,
    token::{LEEWAY, TokenReader},
};
use crate::{
    auth::{Basic, Bearer},
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{
        self, AddressPolicy, Authorize, CredentialVersion, Limits, Options, Payload, RawRequest, RawResponse,
        decode,
        fetch::Guard,
        retry::Idempotency,
        send::{BufferedResponse, Call, Channel},
    },
    verified::Verified,
    wire::OnlyObject,
};

/// The base URL of the provider's sandbox. That of production is handed over by Maya and is public nowhere.
pub const SANDBOX_BASE_URL: &str = "https://op-sandbox.paymaya.com/";

/// How long an attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// The largest answer with a profile, whatever the options allow.
const LARGEST_PROFILE: usize = 2 * 1024 * 1024;

/// The header under which Maya takes a request's id. Its support asks for it.
const REQUEST_REFERENCE: HeaderName = HeaderName::from_static("request-reference-no");
/// The header of the customer's token.
const X_AUTHORIZATION: HeaderName = HeaderName::from_static("x-authorization");

/// A client of one Mini App. Cheap to clone; clones share connections, the client token and the keys.
///
/// # Defaults
///
/// 10 s an attempt and 30 s a call; three attempts for reading a profile, and one for a refresh unless it never left;
/// answers up to 2 MiB; no rate limit, since none is documented; the client token is kept until a minute before its
/// end; 60 s of leeway for time claims.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    base: Url,
    token_url: Url,
    scope: Option<String>,
    channel: Channel,
    token_channel: Channel,
    document_channel: Channel,
    guard: Guard,
    bearer: Bearer,
    reader: Arc<TokenReader>,
}

/// Builds a [`Client`].
#[must_use = "a client comes out of `build`"]
pub struct Builder {
    client_id: String,
    client_secret: Secret,
    token_url: Option<String>,
    scope: Option<String>,
    base_url: String,
    keys: Option<(Secret, Secret)>,
    algorithms: TokenAlgorithms,
    leeway: Duration,
    document_domains: Vec<String>,
    options: Options,
}

/// Whose profile is asked for.
#[derive(Clone)]
pub(super) enum TokenSource {
    /// That of the customer with these tokens.
    Tokens(CustomerTokens),
    /// That of the customer of this session, with whatever tokens are the newest when the request leaves.
    Session(Customer),
}

impl Client {
    /// Starts a client for a Mini App, by the client id and client secret that Maya handed over.
    ///
    /// The token endpoint has no default: it is not public, and a guessed host would be sent the secret. The keys are
    /// the two JWKs of the onboarding, as text.
    ///
    /// ```no_run
    /// use kyckit::maya::Client;
    ///
    /// let client = Client::builder("client-id", "client-secret")
    ///     .token_url(std::env::var("MAYA_TOKEN_URL")?)
    ///     .base_url(std::env::var("MAYA_BASE_URL")?)
    ///     .keys(std::fs::read_to_string("jwe.json")?, std::fs::read_to_string("jws.json")?)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Builder {
        Builder {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
            token_url: None,
            scope: None,
            base_url: SANDBOX_BASE_URL.to_owned(),
            keys: None,
            algorithms: TokenAlgorithms::default(),
            leeway: LEEWAY,
            document_domains: Vec::new(),
            options: Options::default(),
        }
    }

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
        let inner = &*self.0;
        let basic = credentials(client_id, &client_secret.into())
            .map_err(|error| error.during(PROVIDER, "replace_credentials"))?;
        inner.bearer.replace(ClientCredentials {
            channel: inner.token_channel.clone(),
            url: inner.token_url.clone(),
            basic: Arc::new(basic),
            scope: inner.scope.clone(),
        });
        Ok(())
    }

    /// A customer whose tokens this client keeps fresh: what most applications use. See [`Customer`].
    ///
    /// `keeper` is given every new pair of tokens before it is used.
    pub fn customer(&self, tokens: CustomerTokens, keeper: impl TokenStore) -> Customer {
        Customer::new(self.clone(), tokens, keeper)
    }

    /// Reads a customer's profile: `GET /profile`, then decrypts and verifies it. Repeated when it fails.
    ///
    /// The tokens are used as they are; [`Customer::profile`] refreshes them first.
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
    /// [`EncryptedProfile::open`], and as for every call.
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
        self.ask_profile(TokenSource::Tokens(tokens.clone())).await
    }

    pub(super) async fn ask_profile(&self, whose: TokenSource) -> Result<EncryptedProfile, Error> {
        #[derive(Deserialize)]
        struct Wire {
            data: String,
        }

        let authorize = BothTokens { bearer: self.0.bearer.clone(), whose };
        let mut headers = HeaderMap::new();
        // Required, although there is no body.
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let mut limits = self.0.channel.limits(ATTEMPT);
        limits.bytes = limits.bytes.min(LARGEST_PROFILE);
        // The life of the links in the profile counts from here.
        let asked = self.clock().now();
        let answer = self
            .send("profile", Method::GET, self.url(&["profile"])?, headers, Payload::Empty, Idempotency::Idempotent, limits, &authorize)
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
    /// token is spent. [`Customer`] does this by itself, once and at the right moment.
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

        let body = serde_json::to_vec(&Wire { refresh_token: tokens.refresh_token().expose() })
            .map_err(|_| Error::invalid("refreshToken", "the token cannot be written as JSON"))?;
        let mut limits = self.0.channel.limits(ATTEMPT);
        limits.bytes = limits.bytes.min(LARGEST_PROFILE);
        let url = self.url(&["tokens"])?;
        let answer = self
            .send("refresh", Method::POST, url, HeaderMap::new(), Payload::json(body), Idempotency::NotIdempotent, limits, &self.0.bearer)
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
        Download::new(&self.0.document_channel, &self.0.guard, link)
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
    /// As for every call.
    pub async fn raw(
        &self,
        request: RawRequest,
        tokens: Option<&CustomerTokens>,
    ) -> Result<RawResponse, Error> {
        let segments: Vec<_> = request.segments.iter().map(String::as_str).collect();
        let mut url = self.url(&segments).map_err(|error| error.during(PROVIDER, "raw"))?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let both = tokens.map(|tokens| BothTokens {
            bearer: self.0.bearer.clone(),
            whose: TokenSource::Tokens(tokens.clone()),
        });
        let authorize = both.as_ref().map_or(&self.0.bearer as &dyn Authorize, |both| both);
        let limits = self.0.channel.limits(ATTEMPT);
        self.send(
            "raw",
            request.method,
            url,
            HeaderMap::new(),
            request.payload,
            request.idempotency,
            limits,
            authorize,
        )
        .await
        .map(RawResponse::of)
    }

    pub(super) fn clock(&self) -> &Clock {
        self.0.channel.clock()
    }

    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        transport::join(&self.0.base, segments)
    }

    #[allow(clippy::too_many_arguments)]
    async fn send(
        &self,
        operation: &'static str,
        method: Method,
        url: Url,
        headers: HeaderMap,
        payload: Payload,
        idempotency: Idempotency,
        limits: Limits,
        authorize: &dyn Authorize,
    ) -> Result<BufferedResponse, Error> {
        self.0
            .channel
            .send(Call {
                operation,
                method,
                url,
                headers,
                payload,
                idempotency,
                limits,
                authorize: Some(authorize),
                classify: &classify,
                request_id: Some(REQUEST_REFERENCE),
                addresses: AddressPolicy::Any,
                one_object: true,
            })
            .await
    }
}

/// Puts both tokens on a request: the client's in `Authorization`, the customer's in `X-Authorization`. Each is of its
/// own type, so they cannot be swapped.
struct BothTokens {
    bearer: Bearer,
    whose: TokenSource,
}

impl Authorize for BothTokens {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        Box::pin(async move {
            let presented = self.bearer.authorize(headers).await?;
            // The customer's come last: a refresh that ended just now is the one to use.
            let token = match &self.whose {
                TokenSource::Tokens(tokens) => tokens.header()?,
                TokenSource::Session(customer) => customer.tokens().await?.header()?,
            };
            headers.insert(X_AUTHORIZATION, token);
            Ok(presented)
        })
    }

    fn refused(&self, presented: CredentialVersion) -> bool {
        self.bearer.refused(presented)
    }
}

impl Builder {
    /// Where client tokens are fetched: the whole URL, host and path. Required; Maya names it at the onboarding.
    pub fn token_url(mut self, url: impl Into<String>) -> Self {
        self.token_url = Some(url.into());
        self
    }

    /// Asks for these scopes, separated by blanks, with the client token. Default: none is named, and the client gets
    /// what was granted at the onboarding.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// Calls another base URL, with or without a trailing slash: production's, or that of this crate's sandbox. Default:
    /// [`SANDBOX_BASE_URL`].
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// The two keys of the onboarding, each as the JSON text of a JWK: the "JWE private JWK" and the "JWS secret JWK".
    /// Required. They are parsed and checked once, by [`build`](Self::build).
    pub fn keys(mut self, jwe_private_jwk: impl Into<Secret>, jws_secret_jwk: impl Into<Secret>) -> Self {
        self.keys = Some((jwe_private_jwk.into(), jws_secret_jwk.into()));
        self
    }

    /// Accepts fewer tokens. Default: [`TokenAlgorithms::All`].
    pub fn token_algorithms(mut self, algorithms: TokenAlgorithms) -> Self {
        self.algorithms = algorithms;
        self
    }

    /// How far Maya's clock may be from ours when a token names times. Default: 60 s.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Opens links to documents at hosts of this domain as well. Default: `amazonaws.com`, where Maya's links lead.
    pub fn document_domain(mut self, domain: impl Into<String>) -> Self {
        self.document_domains.push(domain.into());
        self
    }

    /// Time limits, retries, sizes, connections. See [`Client`] for the defaults.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a missing token URL, for a URL that is not https (loopback
    /// aside), for an empty secret or an impossible client id, and for a key that is missing, of another type, too
    /// short, incomplete or inconsistent: the text names the member, never its value.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        let plain = self.options.allow_plain_http;
        let base = transport::base_url(&self.base_url, plain)?;
        let token_url = self.token_url.ok_or_else(|| {
            Error::configuration("the token URL is missing").with_hint(
                "Maya names it at the onboarding; it has no default, since it is sent the client secret",
            )
        })?;
        // Checked as a base is, then taken as it stands: its path has no slash at its end.
        transport::base_url(&token_url, plain)
            .map_err(|_| Error::configuration("the token URL is no https URL of a host and a path"))?;
        let token_url =
            Url::parse(&token_url).map_err(|_| Error::configuration("the token URL is no URL"))?;
        let (jwe_private_jwk, jws_secret_jwk) = self.keys.ok_or_else(|| {
            Error::configuration("the keys are missing")
                .with_hint("give the two JWKs that Maya handed over at the onboarding")
        })?;
        let clock = self.options.clock.clone();
        let reader =
            TokenReader::new(&jwe_private_jwk, &jws_secret_jwk, self.algorithms, self.leeway, clock.clone())?;
        let basic = credentials(&self.client_id, &self.client_secret)?;
        let channel = Channel::new(PROVIDER, &self.options, None)?;
        let token_channel = channel.to_other_host();
        let bearer = Bearer::new(
            ClientCredentials {
                channel: token_channel.clone(),
                url: token_url.clone(),
                basic: Arc::new(basic),
                scope: self.scope.clone(),
            },
            clock,
        );
        let mut guard = Guard::new(&["amazonaws.com"]);
        self.document_domains.iter().for_each(|domain| guard.allow_domain(domain));
        if transport::is_loopback(&base) {
            guard.allow_origin(&base);
        }
        Ok(Inner {
            document_channel: channel.to_foreign_hosts(),
            channel,
            token_channel,
            base,
            token_url,
            scope: self.scope,
            guard,
            bearer,
            reader: Arc::new(reader),
        })
    }
}

fn credentials(client_id: &str, client_secret: &Secret) -> Result<Basic, Error> {
    if client_secret.is_blank() {
        return Err(Error::configuration("the client secret is empty or blank"));
    }
    Basic::new(client_id, client_secret)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("host", &self.0.base.host_str()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("options", &self.options).finish_non_exhaustive()
    }
}
