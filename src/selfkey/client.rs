//! The wallet's client: one method per remote call.

mod applications;
mod attributes;
mod files;
mod kyc;
mod session;
mod templates;
mod users;

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{
    HeaderMap, HeaderValue, Method,
    header::{ACCEPT, AUTHORIZATION, ORIGIN, USER_AGENT},
};
use serde_json::Value;
use url::Url;

pub use applications::NewMember;
use session::Session;

use super::{
    Dialect, ErrorBody, PROVIDER,
    attribute::LARGEST_FILE,
    config::{Call, RelyingPartyConfig, Resolved},
    failure::classify,
    model::KycUser,
    signer::{Subject, WalletSigner},
    token::UnverifiedToken,
};
use crate::{
    auth::{Bearer, Header},
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{
        self, Authorize, CredentialVersion, Limits, Options, Payload, RawRequest, RawResponse, decode,
        form::Form,
        retry::Idempotency,
        send::{self, BufferedResponse, Channel},
    },
};

/// How long an attempt may take; the provider documents nothing.
const ATTEMPT: Duration = Duration::from_secs(10);
/// How much longer an upload may take, for each byte: 128 KiB a second.
const UPLOAD_RATE: u64 = 128 * 1024;
/// How long before its end a wallet token counts as over.
const SKEW: Duration = Duration::from_secs(30);
/// The wallet whose protocol is spoken.
const VERSION: &str = "2.1.3";

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
/// changes something unless it never left; answers up to 4 MiB; files up to 50 000 000 bytes; `SelfKeyIDW/2.1.3`;
/// [`Dialect::Current`].
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    core: Arc<Core>,
    bearer: Bearer,
    largest_file: u64,
}

/// What a login needs, too.
struct Core {
    resolved: Resolved,
    channel: Channel,
    subject: Subject,
    signer: Arc<dyn WalletSigner>,
    user_agent: HeaderValue,
    origin: HeaderValue,
    skew: Duration,
    /// Found by the last login.
    kyc_user: Mutex<Option<KycUser>>,
}

/// One request, before it is known who presents what.
#[derive(Clone)]
struct Request {
    operation: &'static str,
    method: Method,
    url: Url,
    payload: Payload,
    idempotency: Idempotency,
    accept: Accept,
}

/// What the request says that it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Accept {
    Json,
    Anything,
}

/// Builds a [`Client`].
#[must_use = "a client comes out of `build`"]
pub struct Builder {
    config: RelyingPartyConfig,
    subject: Subject,
    signer: Arc<dyn WalletSigner>,
    dialect: Dialect,
    user_agent: Option<String>,
    skew: Duration,
    largest_file: u64,
    options: Options,
}

impl Client {
    /// Starts a client for a relying party, by whom it logs in as and who signs for that.
    ///
    /// ```
    /// use kyckit::selfkey::{Client, RelyingPartyConfig, WalletKey};
    ///
    /// let key = WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4")?;
    /// let config = RelyingPartyConfig::new("https://rp.example/api/v2");
    /// let client = Client::builder(config, key.did(), key.clone()).build()?;
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn builder(
        config: RelyingPartyConfig,
        subject: impl Into<Subject>,
        signer: impl WalletSigner + 'static,
    ) -> Builder {
        Builder {
            config,
            subject: subject.into(),
            signer: Arc::new(signer),
            dialect: Dialect::default(),
            user_agent: None,
            skew: SKEW,
            largest_file: LARGEST_FILE,
            options: Options::default(),
        }
    }

    /// Logs in: `GET /auth/challenge/{subject}`, the signature, `POST /auth/challenge`. Nothing is sent while there is
    /// a live session.
    ///
    /// Calls do this by themselves; by itself it is for showing whether a relying party takes the wallet.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> kyckit::Result<()> {
    /// use kyckit::{selfkey::{Client, RelyingPartyConfig, WalletKey}, transport::{MockResponse, MockTransport, Options}};
    ///
    /// // In place of the network: a challenge with the nonce `abc`, then a wallet token.
    /// let memory = MockTransport::new([
    ///     MockResponse::json(200, r#"{"jwt":"eyJhbGciOiJIUzUxMiJ9.eyJub25jZSI6ImFiYyJ9.c2ln"}"#),
    ///     MockResponse::json(200, r#"{"jwt":"eyJhbGciOiJIUzUxMiJ9.eyJzdWIiOiJ4In0.c2ln"}"#),
    /// ]);
    /// let key = WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4")?;
    /// let client = Client::builder(RelyingPartyConfig::new("https://rp.example"), key.did(), key.clone())
    ///     .options(Options::new().transport(memory.clone()))
    ///     .build()?;
    /// client.log_in().await?;
    /// client.log_in().await?;
    /// assert_eq!(memory.sent().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call; [`ErrorBody::InvalidSubject`] when the relying party cannot handle the identity,
    /// [`ErrorBody::SignatureRejected`] when it refuses the signature. [`Decode`](ErrorKind::Decode) for a challenge that
    /// holds nothing to sign. Those of the signer; [`Configuration`](ErrorKind::Configuration) with the
    /// [check](Error::check) `signature.subject` when it signs with the key of somebody else.
    pub async fn log_in(&self) -> Result<(), Error> {
        let whole = self.0.core.channel.limits(ATTEMPT).deadline;
        self.authorize(&mut HeaderMap::new(), whole).await.map(drop)
    }

    /// Forgets the session. Relying parties have no call for it, so the token lives on until its end.
    pub fn log_out(&self) {
        self.0.bearer.replace(Session::new(&self.0.core));
    }

    /// The user that KYC-Chain had for this subject at the last login, where the configuration names its endpoint.
    pub fn known_kyc_user(&self) -> Option<KycUser> {
        self.0.core.kyc_user()
    }

    /// Makes a call below the root that this client has no method for, with the wallet token.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::transport::RawRequest;
    ///
    /// let answer = client.raw(RawRequest::get(["something-new"]).query("limit", "10")).await?;
    /// let body: serde_json::Value = answer.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn raw(&self, request: RawRequest) -> Result<RawResponse, Error> {
        let local = |error: Error| error.during(PROVIDER, "raw");
        let base = self.0.core.resolved.base().map_err(local)?;
        let segments: Vec<_> = request.segments.iter().map(String::as_str).collect();
        let mut url = transport::join(&base, &segments).map_err(local)?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let request = Request {
            operation: "raw",
            method: request.method,
            url,
            payload: request.payload,
            idempotency: request.idempotency,
            accept: Accept::Json,
        };
        self.call(request).await.map(RawResponse::of)
    }

    fn resolved(&self) -> &Resolved {
        &self.0.core.resolved
    }

    /// The URL of a call about one thing.
    fn url_of(&self, operation: &'static str, call: Call, id: &str) -> Result<Url, Error> {
        self.resolved().url_of(call, id).map_err(|error| error.during(PROVIDER, operation))
    }

    fn dialect(&self) -> Dialect {
        self.0.core.resolved.dialect()
    }

    fn clock(&self) -> &Clock {
        self.0.core.channel.clock()
    }

    /// Sends a request that needs a wallet token. Logging in, the request, logging in again and the request once more
    /// share the deadline of the call.
    async fn call(&self, request: Request) -> Result<BufferedResponse, Error> {
        let core = &self.0.core;
        let whole = core.limits(&request).deadline;
        let begun = self.clock().elapsed();
        let left = || whole.saturating_sub(self.clock().elapsed().saturating_sub(begun));
        let mut headers = HeaderMap::new();
        let presented = self.authorize(&mut headers, left()).await?;
        let refused = match core.send(request.clone(), headers, None, Some(left())).await {
            Err(error) if ErrorBody::of(&error).is_some_and(ErrorBody::login_again) => error,
            outcome => return outcome,
        };
        self.0.bearer.refused(presented);
        if request.idempotency != Idempotency::Idempotent || !request.payload.can_replay() {
            return Err(
                refused.with_hint("the session was over, and nothing was done: the same call logs in again")
            );
        }
        let mut headers = HeaderMap::new();
        self.authorize(&mut headers, left()).await?;
        core.send(request, headers, None, Some(left())).await
    }

    /// Puts the wallet token on, logging in for it where that is due, for as long as there is time.
    async fn authorize(&self, headers: &mut HeaderMap, left: Duration) -> Result<CredentialVersion, Error> {
        match tokio::time::timeout(left, self.0.bearer.authorize(headers)).await {
            Ok(presented) => presented,
            Err(_) => Err(Error::new(ErrorKind::Timeout, "the deadline passed while the wallet logged in")
                .during(PROVIDER, "log_in")),
        }
    }

    /// Sends a request that carries no credentials.
    async fn call_openly(&self, request: Request) -> Result<BufferedResponse, Error> {
        self.0.core.send(request, HeaderMap::new(), None, None).await
    }
}

impl Core {
    async fn send(
        &self,
        request: Request,
        mut headers: HeaderMap,
        authorize: Option<&dyn Authorize>,
        left: Option<Duration>,
    ) -> Result<BufferedResponse, Error> {
        let mut limits = self.limits(&request);
        limits.deadline = left.unwrap_or(limits.deadline);
        headers.insert(USER_AGENT, self.user_agent.clone());
        headers.insert(ORIGIN, self.origin.clone());
        if request.accept == Accept::Anything {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        self.channel
            .send(send::Call {
                operation: request.operation,
                method: request.method,
                url: request.url,
                headers,
                payload: request.payload,
                idempotency: request.idempotency,
                limits,
                authorize,
                classify: &classify,
                request_id: None,
                addresses: transport::AddressPolicy::Any,
                one_object: true,
            })
            .await
    }

    fn limits(&self, request: &Request) -> Limits {
        let seconds = request.payload.length() / UPLOAD_RATE;
        self.channel.limits(ATTEMPT + Duration::from_secs(seconds))
    }

    /// A token as the only credential of one request.
    fn bearing(token: &UnverifiedToken) -> Result<Header, Error> {
        Header::new(AUTHORIZATION, Secret::new(format!("Bearer {}", token.text().expose())))
    }
}

impl Request {
    /// A request that changes nothing.
    fn get(operation: &'static str, url: Url) -> Self {
        Self {
            operation,
            method: Method::GET,
            url,
            payload: Payload::Empty,
            idempotency: Idempotency::Idempotent,
            accept: Accept::Json,
        }
    }

    /// A request that changes something.
    fn change(operation: &'static str, method: Method, url: Url, payload: Payload) -> Self {
        Self {
            operation,
            method,
            url,
            payload,
            idempotency: Idempotency::NotIdempotent,
            accept: Accept::Json,
        }
    }

    /// The same with a JSON body.
    fn post(operation: &'static str, url: Url, body: &Value) -> Self {
        Self::change(operation, Method::POST, url, Payload::json(body.to_string()))
    }
}

/// Reads an answer as JSON of any form.
fn json(answer: &BufferedResponse) -> Result<Value, Error> {
    decode::json(&answer.body).map_err(|error| answer.fail(error))
}

/// Reads what may be there: some servers answer a change with nothing, or with a word.
fn json_if_any(answer: &BufferedResponse) -> Result<Value, Error> {
    answer.has_form(Form::Any)?;
    Ok(decode::json(&answer.body).unwrap_or_default())
}

/// A member that must be there.
fn missing(path: &'static str) -> Error {
    Error::new(ErrorKind::Decode, "a member is missing or of another type").with_path(path)
}

impl Builder {
    /// Speaks another dialect. Default: [`Dialect::Current`].
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.dialect = dialect;
        self
    }

    /// Names another wallet: the whole `User-Agent`. Default: `SelfKeyIDW/2.1.3`, in the documented dialect
    /// `SelfkeyIDW/2.1.3`.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = Some(user_agent.into());
        self
    }

    /// How long before its end a wallet token counts as over. Default: 30 s.
    pub fn expiry_skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// The largest file that is sent, in bytes. Default: 50 000 000, as the provider's schemas have it.
    pub fn largest_file(mut self, bytes: u64) -> Self {
        self.largest_file = bytes;
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
    /// [`Configuration`](ErrorKind::Configuration) for a root endpoint without a host, with a query, or that is not
    /// https (loopback aside); for a user agent or an origin that does not fit a header; for certificates or proxies
    /// that cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        let resolved = Resolved::new(self.config, self.dialect, self.options.allow_plain_http)?;
        let product = match self.dialect {
            Dialect::Current => "SelfKeyIDW",
            Dialect::Documented => "SelfkeyIDW",
        };
        let user_agent = self.user_agent.unwrap_or_else(|| format!("{product}/{VERSION}"));
        let header = |text: &str| {
            transport::header_value(text.as_bytes(), "the user agent or the origin does not fit a header")
        };
        let core = Arc::new(Core {
            user_agent: header(&user_agent)?,
            origin: header(resolved.origin())?,
            channel: Channel::new(PROVIDER, &self.options, None)?,
            resolved,
            subject: self.subject,
            signer: self.signer,
            skew: self.skew,
            kyc_user: Mutex::default(),
        });
        let bearer = Bearer::new(Session::new(&core), core.channel.clock().clone());
        Ok(Inner { core, bearer, largest_file: self.largest_file })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.resolved().base().ok();
        f.debug_struct("Client")
            .field("host", &host.as_ref().and_then(Url::host_str))
            .field("dialect", &self.dialect())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("dialect", &self.dialect)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
