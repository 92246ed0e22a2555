//! The client: one method per remote call.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, header::AUTHORIZATION};
use url::Url;

use super::{
    Download, PROVIDER, Region,
    callback::Callbacks,
    model::{AccessToken, Account, DeclineReason, Operation, ProofLink, VerificationResponse},
    request::{
        AccessTokenRequest, DeleteRequest, Reference, RiskAssessmentRequest, StatusRequest,
        VerificationRequest,
    },
    signature::{Rule, Verifier},
    verdict::{classify, is_lost, open},
};
use crate::{
    auth::Basic,
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{
        self, Authorize, CredentialVersion, Options, Payload, Progress, RateLimit, RawRequest, RawResponse,
        fetch::Guard,
        retry::Idempotency,
        send::{self, Channel},
    },
    verified::Verified,
};

/// How long a call may take that the provider answers at once.
const PROMPT: Duration = Duration::from_secs(15);
/// How long an offsite call may take: the provider answers when it has looked at the proofs.
const OFFSITE: Duration = Duration::from_secs(180);
/// The lower of the two limits that the provider documents for production accounts (`rate_limiting_and_webhook_ips`).
const RATE: u32 = 60;

/// What a call is authenticated with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authentication {
    /// `Authorization: Basic` with client id and secret key: what a backend uses.
    #[default]
    Basic,
    /// `Authorization: Bearer` with an access token that is fetched for each request anew, since one token serves one
    /// request. Risk assessments, account info, decline reasons and [raw](Client::raw) calls are made with Basic all
    /// the same: it serves everywhere, and the provider documents nothing else for them.
    AccessTokenPerRequest,
}

/// A client of one Shufti Pro account. Cheap to clone; clones share connections, limits and credentials.
///
/// # Defaults
///
/// 15 s an attempt and 45 s a call (180 s and 540 s for offsite verifications, which wait for the result), three
/// attempts for what may be repeated, 60 requests a minute, answers up to 4 MiB, the hashed signature rule.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    base: Url,
    risk_base: Url,
    channel: Channel,
    risk_channel: Channel,
    token_channel: Channel,
    proof_channel: Channel,
    guard: Guard,
    rule: Rule,
    authentication: Authentication,
    credentials: RwLock<Arc<Credentials>>,
}

/// The credentials in use; replaced as a whole.
struct Credentials {
    basic: Basic,
    verifier: Arc<Verifier>,
}

/// Builds a [`Client`].
pub struct Builder {
    client_id: String,
    secret_key: Secret,
    older: Vec<Secret>,
    base_url: String,
    risk_base_url: String,
    proof_domains: Vec<String>,
    rule: Rule,
    authentication: Authentication,
    options: Options,
}

impl Client {
    /// Starts a client for an account, by the client id and the secret key of its back office.
    ///
    /// ```
    /// use kyckit::shuftipro::{Client, Region};
    ///
    /// let client = Client::builder("client-id", "secret-key").region(Region::Europe).build()?;
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn builder(client_id: impl Into<String>, secret_key: impl Into<Secret>) -> Builder {
        Builder {
            client_id: client_id.into(),
            secret_key: secret_key.into(),
            older: Vec::new(),
            base_url: Region::default().base_url().to_owned(),
            risk_base_url: "https://ra.shuftipro.com/risk-api/".to_owned(),
            proof_domains: Vec::new(),
            rule: Rule::default(),
            authentication: Authentication::default(),
            options: Options::default(),
        }
    }

    /// Replaces the credentials for all calls and all callbacks from now on. Calls under way end with those they began
    /// with.
    ///
    /// `still_accepted` is a further secret key that signatures may be made with until the next replacement: the one
    /// that was current, as a rule, since messages signed with it may be under way. Without it, none but the new one
    /// is accepted.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for an empty or impossible client id or secret key; the old ones
    /// stay then.
    pub fn replace_credentials(
        &self,
        client_id: &str,
        secret_key: impl Into<Secret>,
        still_accepted: Option<Secret>,
    ) -> Result<(), Error> {
        let credentials =
            Credentials::new(client_id, &secret_key.into(), still_accepted.as_slice(), self.0.rule)
                .map_err(|error| error.during(PROVIDER, "replace_credentials"))?;
        *self.0.credentials.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(credentials);
        Ok(())
    }

    /// Verifies a person or a company: `POST /`.
    ///
    /// An onsite request is answered with the URL that the person has to open, an offsite one with the result. The
    /// request is sent once. When its answer is lost on the way, the provider is asked for the status of the
    /// reference, in what is left of the call's deadline: if it knows it, that status is the answer; if not, the error says that the request may have taken
    /// effect, and [`resume`](Self::resume) with the same request is safe.
    ///
    /// Provider: `docs/verification_endpoints/requests`.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) with the fields at fault, before or after sending;
    /// [`Conflict`](ErrorKind::Conflict) for a reference that was used before; the others as for every call.
    /// A declined verification is no error.
    pub async fn verify(
        &self,
        request: &VerificationRequest,
    ) -> Result<Verified<VerificationResponse>, Error> {
        self.start(request, None).await
    }

    /// [`verify`](Self::verify), told how far the upload of the proofs is.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::shuftipro::Client, request: kyckit::shuftipro::request::VerificationRequest) -> kyckit::Result<()> {
    /// use kyckit::transport::Progress;
    ///
    /// let progress = Progress::new(|sent, whole| println!("{sent} of {whole:?} bytes"));
    /// let answer = client.verify_with_progress(&request, progress).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub async fn verify_with_progress(
        &self,
        request: &VerificationRequest,
        progress: Progress,
    ) -> Result<Verified<VerificationResponse>, Error> {
        self.start(request, Some(progress)).await
    }

    async fn start(
        &self,
        request: &VerificationRequest,
        progress: Option<Progress>,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let reference = request.reference();
        let attempt = if request.is_offsite() { OFFSITE } else { PROMPT };
        let whole = self.whole(&self.0.channel, attempt);
        let sent = self
            .ask(reference, "verify", Operation::Verify, &[], {
                let body = request.body().map_err(|error| error.during(PROVIDER, "verify"))?;
                Effort {
                    payload: Payload::json(body).with_progress(progress),
                    idempotency: Idempotency::NotIdempotent,
                    attempt,
                    within: None,
                }
            })
            .await;
        self.recover_by_status(sent, reference, whole).await
    }

    /// Goes on with a verification that may have been started before, and starts it when the provider does not know it.
    /// With [`Reference::derive`], a process that starts again and several at once all have the same verification.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify); [`Conflict`](ErrorKind::Conflict) only while the provider knows nothing of it.
    pub async fn resume(
        &self,
        request: &VerificationRequest,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let known = async || match self.status(request.reference()).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        };
        match known().await? {
            Some(answer) => Ok(answer),
            // When it is taken, another start came in between.
            None => match self.verify(request).await {
                Err(taken) if taken.kind() == ErrorKind::Conflict => known().await?.ok_or(taken),
                other => other,
            },
        }
    }

    /// Assesses the risk of a person: `POST` on the risk assessment host. Sent once, as [`verify`](Self::verify).
    ///
    /// Provider: `docs/user_identification_authentication/user_risk_assessment`.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub async fn assess_risk(
        &self,
        request: &RiskAssessmentRequest,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let credentials = self.credentials();
        let whole = self.whole(&self.0.risk_channel, PROMPT);
        let sent = self
            .send(Outgoing {
                channel: &self.0.risk_channel,
                operation: "assess_risk",
                call: Some(Operation::RiskAssessment),
                method: Method::POST,
                url: self.0.risk_base.clone(),
                effort: Effort {
                    payload: Payload::json(
                        request.body().map_err(|error| error.during(PROVIDER, "assess_risk"))?,
                    ),
                    idempotency: Idempotency::NotIdempotent,
                    attempt: PROMPT,
                    within: None,
                },
                authorize: &credentials.basic,
            })
            .await;
        let opened = sent.and_then(|answer| {
            open(&credentials.verifier, &answer, Operation::RiskAssessment, request.reference())
        });
        self.recover_by_status(opened, request.reference(), whole).await
    }

    /// Asks for the state of a verification or risk assessment: `POST /status`. Repeated when it fails.
    ///
    /// It is the source of truth: authenticated in both directions, and the only answer that carries links to proofs,
    /// which live for fifteen minutes.
    ///
    /// Provider: `docs/verification_endpoints/requests`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) for a reference that the provider does not know.
    pub async fn status(&self, reference: &Reference) -> Result<Verified<VerificationResponse>, Error> {
        self.status_within(reference, None).await
    }

    async fn status_within(
        &self,
        reference: &Reference,
        within: Option<Duration>,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let effort = Effort {
            payload: Payload::json(StatusRequest::new(reference.clone()).body()?),
            idempotency: Idempotency::Idempotent,
            attempt: PROMPT,
            within,
        };
        self.ask(reference, "status", Operation::Status, &["status"], effort).await
    }

    /// Until when a call and what follows from it have to be done, by the clock's elapsed time.
    fn whole(&self, channel: &Channel, attempt: Duration) -> Duration {
        self.clock().elapsed().saturating_add(channel.limits(attempt).deadline)
    }

    /// Deletes what the provider holds of a verification: `POST /delete`. Not reversible, sent once.
    ///
    /// After an error that [may have taken effect](Error::may_have_taken_effect), ask for the status: a deleted
    /// verification says so.
    ///
    /// Provider: `docs/verification_endpoints/requests`.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) with the field `reference` for one that is unknown or was deleted
    /// before, which may mean that an earlier deletion worked though its answer was lost.
    pub async fn delete(&self, request: &DeleteRequest) -> Result<Verified<VerificationResponse>, Error> {
        let effort = Effort {
            payload: Payload::json(request.body().map_err(|error| error.during(PROVIDER, "delete"))?),
            idempotency: Idempotency::NotIdempotent,
            attempt: PROMPT,
            within: None,
        };
        self.ask(request.reference(), "delete", Operation::Delete, &["delete"], effort).await
    }

    /// Fetches an access token for a front end or a mobile kit: `POST /get/access/token`. It serves one request within
    /// ten minutes, so fetch it right before it is handed out and keep it nowhere.
    ///
    /// Provider: `docs/eidv/authorization`.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        let credentials = self.credentials();
        let answer = self.send_without_reference(
            &credentials,
            "access_token",
            Operation::AccessToken,
            Method::POST,
            &["get", "access", "token"],
        );
        let answer = answer.await?;
        credentials
            .verifier
            .open(&answer.headers, &answer.body, |body| AccessToken::read(body, answer.received))
            .map(Verified::into_inner)
            .map_err(|error| answer.fail(error))
    }

    /// Reads name, status and balance of the account: `GET /account/info/`.
    ///
    /// Provider: `docs/verification_endpoints/requests`.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn account(&self) -> Result<Verified<Account>, Error> {
        let credentials = self.credentials();
        let answer = self
            .send_without_reference(
                &credentials,
                "account",
                Operation::AccountInfo,
                Method::GET,
                &["account", "info", ""],
            )
            .await?;
        credentials
            .verifier
            .open(&answer.headers, &answer.body, Account::read)
            .map_err(|error| answer.fail(error))
    }

    /// Reads the provider's texts of decline codes: `GET /decline/reasons/`. The list is open.
    ///
    /// Provider: `docs/aml/decline_reasons`.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn decline_reasons(&self) -> Result<Verified<Vec<DeclineReason>>, Error> {
        let credentials = self.credentials();
        let segments = ["decline", "reasons", ""];
        let answer = self
            .send_without_reference(
                &credentials,
                "decline_reasons",
                Operation::DeclineReasons,
                Method::GET,
                &segments,
            )
            .await?;
        credentials
            .verifier
            .open(&answer.headers, &answer.body, DeclineReason::read)
            .map_err(|error| answer.fail(error))
    }

    /// Opens a link to a proof: an image, a PDF or a video, streamed into a writer. See [`Download`].
    pub fn download(&self, link: ProofLink) -> Download<'_> {
        Download::new(&self.0.proof_channel, &self.0.guard, link)
    }

    /// Makes a call that this client has no method for, such as a video interview: limits, retries and the signature
    /// check are those of every call, the credentials are client id and secret key.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::shuftipro::Client) -> kyckit::Result<()> {
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
    pub async fn raw(&self, request: RawRequest) -> Result<Verified<RawResponse>, Error> {
        let credentials = self.credentials();
        let segments: Vec<_> = request.segments.iter().map(String::as_str).collect();
        let mut url = self.url(&segments).map_err(|error| error.during(PROVIDER, "raw"))?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let answer = self
            .send(Outgoing {
                channel: &self.0.channel,
                operation: "raw",
                call: None,
                method: request.method,
                url,
                effort: Effort {
                    payload: request.payload,
                    idempotency: request.idempotency,
                    attempt: OFFSITE,
                    within: None,
                },
                authorize: &credentials.basic,
            })
            .await?;
        let proof =
            credentials.verifier.find(&answer.headers, &answer.body).map_err(|error| answer.fail(error))?;
        Ok(Verified::new(RawResponse::of(answer), proof))
    }

    /// The verifier of this account's callbacks, for an [`Inbox`](crate::inbox::Inbox). It follows
    /// [`replace_credentials`](Self::replace_credentials).
    pub fn callbacks(&self) -> Callbacks {
        let client = self.clone();
        Callbacks::following(
            move || Arc::clone(&client.credentials().verifier),
            self.0.channel.clock().clone(),
        )
    }

    pub(super) fn clock(&self) -> &crate::clock::Clock {
        self.0.channel.clock()
    }

    fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.0.credentials.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        transport::join(&self.0.base, segments)
    }

    fn token_per_request(&self) -> Option<TokenPerRequest> {
        (self.0.authentication == Authentication::AccessTokenPerRequest)
            .then(|| TokenPerRequest(self.clone()))
    }

    /// A call of the common API whose answer is about one reference.
    async fn ask(
        &self,
        reference: &Reference,
        operation: &'static str,
        call: Operation,
        segments: &[&str],
        effort: Effort,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let credentials = self.credentials();
        let token = self.token_per_request();
        let answer = self
            .send(Outgoing {
                channel: &self.0.channel,
                operation,
                call: Some(call),
                method: Method::POST,
                url: self.url(segments)?,
                effort,
                authorize: token.as_ref().map_or(&credentials.basic as &dyn Authorize, |token| token),
            })
            .await?;
        open(&credentials.verifier, &answer, call, reference)
    }

    /// A call with Basic and without a body.
    async fn send_without_reference(
        &self,
        credentials: &Credentials,
        operation: &'static str,
        call: Operation,
        method: Method,
        segments: &[&str],
    ) -> Result<send::BufferedResponse, Error> {
        let (channel, payload) = match call {
            Operation::AccessToken => {
                (&self.0.token_channel, Payload::json(AccessTokenRequest::new().body()?))
            }
            _ => (&self.0.channel, Payload::Empty),
        };
        self.send(Outgoing {
            channel,
            operation,
            call: Some(call),
            method,
            url: self.url(segments)?,
            effort: Effort { payload, idempotency: Idempotency::Idempotent, attempt: PROMPT, within: None },
            authorize: &credentials.basic,
        })
        .await
    }

    async fn send(&self, outgoing: Outgoing<'_>) -> Result<send::BufferedResponse, Error> {
        let Effort { payload, idempotency, attempt, within } = outgoing.effort;
        let call = outgoing.call;
        let mut limits = outgoing.channel.limits(attempt);
        limits.deadline = within.unwrap_or(limits.deadline).min(limits.deadline);
        outgoing
            .channel
            .send(send::Call {
                operation: outgoing.operation,
                method: outgoing.method,
                url: outgoing.url,
                headers: HeaderMap::new(),
                payload,
                idempotency,
                limits,
                authorize: Some(outgoing.authorize),
                classify: &|answer| classify(call, answer),
                request_id: None,
                addresses: transport::AddressPolicy::Any,
                one_object: call.is_none_or(Operation::is_about_one),
            })
            .await
    }

    /// After a lost answer: what the provider says of the reference, or the loss. Both calls share one deadline, which
    /// is over at `whole`.
    async fn recover_by_status(
        &self,
        sent: Result<Verified<VerificationResponse>, Error>,
        reference: &Reference,
        whole: Duration,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let lost = match sent {
            Err(error) if is_lost(&error) => error,
            other => return other,
        };
        let left = whole.saturating_sub(self.clock().elapsed());
        let known = if left.is_zero() { None } else { self.status_within(reference, Some(left)).await.ok() };
        match known {
            Some(known) => Ok(known),
            None => Err(lost.with_hint("the answer was lost; call resume with the same request")),
        }
    }
}

struct Outgoing<'a> {
    channel: &'a Channel,
    operation: &'static str,
    call: Option<Operation>,
    method: Method,
    url: Url,
    effort: Effort,
    authorize: &'a dyn Authorize,
}

/// What is sent, whether it may be sent twice, and how long one attempt may take.
struct Effort {
    payload: Payload,
    idempotency: Idempotency,
    attempt: Duration,
    /// How much is left of a deadline that began earlier.
    within: Option<Duration>,
}

/// Fetches an access token for each attempt, and never keeps one.
struct TokenPerRequest(Client);

impl Authorize for TokenPerRequest {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        Box::pin(async move {
            let token = self.0.access_token().await?;
            let text = Secret::new(format!("Bearer {}", token.token().expose()));
            let what = "the access token does not fit a header";
            let mut value = transport::header_value(text.expose_bytes(), what)
                .map_err(|_| Error::new(ErrorKind::Decode, what))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
            Ok(CredentialVersion::ONLY)
        })
    }
}

impl Credentials {
    fn new(client_id: &str, secret_key: &Secret, older: &[Secret], rule: Rule) -> Result<Self, Error> {
        if secret_key.is_blank() || older.iter().any(Secret::is_blank) {
            return Err(Error::configuration("a secret key is empty or blank"));
        }
        let verifier = older
            .iter()
            .fold(Verifier::new(secret_key.clone(), rule), |verifier, secret| verifier.also(secret.clone()));
        Ok(Self { basic: Basic::new(client_id, secret_key)?, verifier: Arc::new(verifier) })
    }
}

impl Builder {
    /// Calls a region other than Europe.
    #[must_use]
    pub fn region(self, region: Region) -> Self {
        self.base_url(region.base_url())
    }

    /// Calls another base URL, such as the sandbox's; with or without a trailing slash. Proofs may then come from
    /// there too.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Sends risk assessments elsewhere. Default: `https://ra.shuftipro.com/risk-api/`.
    #[must_use]
    pub fn risk_base_url(mut self, url: impl Into<String>) -> Self {
        self.risk_base_url = url.into();
        self
    }

    /// Opens links to proofs at hosts of this domain as well. Default: `shuftipro.com` and `shuftiapps.com`.
    #[must_use]
    pub fn proof_domain(mut self, domain: impl Into<String>) -> Self {
        self.proof_domains.push(domain.into());
        self
    }

    /// The rule under which this account's messages are signed. Default: [`Rule::Hashed`].
    #[must_use]
    pub fn signature_rule(mut self, rule: Rule) -> Self {
        self.rule = rule;
        self
    }

    /// Accepts signatures made with an older (or the coming) secret key as well, while a rotation lasts.
    #[must_use]
    pub fn also_accept(mut self, secret_key: impl Into<Secret>) -> Self {
        self.older.push(secret_key.into());
        self
    }

    /// What calls are authenticated with. Default: [`Authentication::Basic`].
    #[must_use]
    pub fn authentication(mut self, authentication: Authentication) -> Self {
        self.authentication = authentication;
        self
    }

    /// Time limits, retries, sizes, connections. See [`Client`] for the defaults.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a base URL that is not https (loopback aside), for an empty
    /// secret key or an impossible client id, and for certificates or proxies that cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        let plain = self.options.allow_plain_http;
        let base = transport::base_url(&self.base_url, plain)?;
        let risk_base = transport::base_url(&self.risk_base_url, plain)?;
        let credentials = Credentials::new(&self.client_id, &self.secret_key, &self.older, self.rule)?;
        let channel = Channel::new(PROVIDER, &self.options, Some(RateLimit::per_minute(RATE)))?;
        let mut guard = Guard::new(&["shuftipro.com", "shuftiapps.com"]);
        self.proof_domains.iter().for_each(|domain| guard.allow_domain(domain));
        if transport::is_loopback(&base) {
            guard.allow_origin(&base);
        }
        Ok(Inner {
            risk_channel: channel.to_other_host(),
            // A token is fetched within another call: were the breaker one, the call that is let through to see
            // whether the provider is back would keep its own token away.
            token_channel: channel.to_other_host(),
            proof_channel: channel.to_foreign_hosts(),
            channel,
            base,
            risk_base,
            guard,
            rule: self.rule,
            authentication: self.authentication,
            credentials: RwLock::new(Arc::new(credentials)),
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("host", &self.0.base.host_str()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("rule", &self.rule)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
