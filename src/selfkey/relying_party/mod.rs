//! The relying party: the server that wallets log in to, sign up at, and hand applications in to.
//!
//! [`RelyingParty::handle`] takes a request and gives a response, without a framework; with the feature `axum` there is
//! a router. The application says what becomes of users, files, applications and templates by four small traits
//! ([`Users`], [`Files`], [`Applications`], [`Templates`]); [`Memory`] implements all of them for tests and for a first
//! try. A call whose trait is not set is answered with 404.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> kyckit::Result<()> {
//! use std::net::IpAddr;
//! use http::Request;
//! use kyckit::{clock::Clock, transport::Body};
//! use kyckit::selfkey::relying_party::{Memory, RelyingParty, TokenIssuer, generate_secret};
//!
//! // Kept with the application's other secrets: whoever has it can log in as anybody.
//! let secret = generate_secret(&Clock::system())?;
//! let store = Memory::new();
//! let party = RelyingParty::builder(TokenIssuer::hmac(secret)?).store(store).build();
//!
//! let did = "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347";
//! let request = Request::get(format!("/auth/challenge/{did}")).body(Body::Empty).expect("a request");
//! let response = party.handle(request, IpAddr::from([127, 0, 0, 1])).await;
//! assert_eq!(response.status(), 200);
//! # Ok(()) }
//! ```
//!
//! # What holds
//!
//! - A challenge is bound to its subject and to the address that asked for it, ends, and can be answered once, also when
//!   fifty answers come at once. The store that remembers it must be shared by all processes of the service
//!   ([`Builder::nonces`]).
//! - Signatures are checked strictly; [`Builder::accept_malleable_signatures`] says what giving that up gives up.
//! - Nothing is stored from a request that is refused: files reach the application piece by piece and are kept
//!   ([`FileSink::commit`]) once the whole request was found good.
//! - Bodies, files, parts, depths and texts are bounded.
//! - The two dialects never mix: [`Builder::dialect`] chooses one.
//!
//! # Statuses
//!
//! | code | status | when |
//! | --- | --- | --- |
//! | `token_missing` | 400 | no `Authorization` |
//! | `token_invalid` | 401 | malformed, expired, of another kind, of another address, used before |
//! | `invalid_did`, `invalid_key` | 422 | a subject that cannot be challenged |
//! | `signature_missing`, `signature_invalid` | 422 | |
//! | `no_file` | 400 | an upload without a file |
//! | `file_invalid` | 422 | too large, more than one, one that belongs to no attribute, not wanted |
//! | `no_attributes`, `invalid_attributes`, `bad_request` | 422 | with `errors` where there is more to say |
//! | `could_not_create` | 400 | the application has a conflict |
//! | `user_does_not_exist`, `not_found` | 404 | |
//! | `forbidden` | 403 | an origin that is not on the list; the application's word |
//! | `unhandled_error` | 500 | the application's own failure |
//!
//! In the documented dialect 403 and the wrong signature are 401, every 422 is 400, and an unknown template in an
//! application is 400. The error behind a refusal is in the response's extensions ([`Cause`]), for the log.
//!
//! Source: `selfkey.js`; the provider's integration documentation; for the documented dialect its older API page.

mod address;
mod answer;
mod applications;
#[cfg(feature = "axum")]
pub mod axum;
mod challenge;
mod files;
mod holder;
mod memory;
mod multipart;
mod quota;
mod requirement;
mod route;
mod signature;
mod submission;
mod templates;
mod token;
mod users;

use std::{fmt, net::IpAddr, sync::Arc};

use ::http::{HeaderMap, Request, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::{
    StreamExt,
    future::{self, Either},
    stream::{self, BoxStream},
};

pub use address::TrustedProxies;
pub use applications::{Applications, Change, CreatedApplication, KycUser, Member, NewApplication};
pub use files::{FileInfo, FileSink, Files};
pub use holder::Holder;
pub use memory::{Memory, StoredFile};
#[cfg(feature = "sandbox")]
pub(crate) use multipart::read_all as read_multipart;
pub use requirement::{Match, Matching, Schemas, SubmittedAttribute};
pub use signature::{OBSOLETE_SIGNATURE, SignatureVerifier, Signer};
pub use templates::Templates;
pub use token::{
    ACCESS_LIFE, AccessClaims, CHALLENGE_LIFE, ChallengeClaims, TokenIssuer, TokenVerifier, generate_secret,
    parse_life,
};
pub use users::{Login, NewUser, Users};

use self::{
    answer::{Outcome, Refusal},
    quota::Quotas,
    route::{Call, NoCall},
    submission::{References, Submission},
};
use super::{
    Dialect, PROVIDER,
    attribute::Requirement,
    resolver::{ResolveDid, Resolver},
};
use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    server::{BodyLimits, Caller, HeldBody},
    storage::{AnyOneTimeStore, MemoryOneTime, OneTimeStore},
    transport::Body,
};

/// The largest file that is taken, unless said otherwise: what the provider's schemas allow.
pub const LARGEST_FILE: u64 = 50_000_000;
/// The largest JSON body: attributes come with their schemas.
const LARGEST_JSON: usize = 4 * 1024 * 1024;
/// A token or a signature, and what stands around it.
const MAX_TOKEN_BODY: usize = 16 * 1024;
/// A message, a payment, a status, a name.
const MAX_TEXT_BODY: usize = 64 * 1024;
/// Pieces of an upload have a timeout each; all of them together have this many times as long.
const UPLOAD_TIMEOUTS: u32 = 60;
/// Log-ins of one subject while a challenge lives, unless said otherwise.
const MAX_LOGINS_PER_SUBJECT: u32 = 100;
/// Log-ins from one address while a challenge lives, unless said otherwise.
const MAX_LOGINS_PER_ADDRESS: u32 = 10_000;
/// The largest request with files in it.
const LARGEST_REQUEST: u64 = 300_000_000;

/// Serves wallets. Cheap to clone.
#[derive(Clone)]
pub struct RelyingParty(Arc<Service>);

/// What it is made of; each call's part is in the file of its own.
#[derive(Clone)]
struct Service {
    tokens: TokenIssuer,
    signatures: SignatureVerifier,
    nonces: AnyOneTimeStore,
    users: Option<Arc<dyn Users>>,
    files: Option<Arc<dyn Files>>,
    applications: Option<Arc<dyn Applications>>,
    templates: Option<Arc<dyn Templates>>,
    schemas: Option<Arc<Schemas>>,
    requirements: Vec<Requirement>,
    dialect: Dialect,
    proxies: TrustedProxies,
    origins: Option<Vec<String>>,
    bind_to_address: bool,
    largest_file: u64,
    largest_request: u64,
    quotas: Arc<Quotas>,
    max_logins: (u32, u32),
    clock: Clock,
}

/// A body that waits to be read, once it is known by whom and how much of it is needed.
struct Incoming {
    body: Body,
    limits: BodyLimits,
}

/// How a [`RelyingParty`] is set up.
#[derive(Clone)]
pub struct Builder(Service);

/// The error behind a refusal, in the extensions of the response. It holds nothing personal and no secret.
#[derive(Clone, Debug)]
pub struct Cause(pub Arc<Error>);

impl RelyingParty {
    /// A relying party that issues its tokens with this key. Its clock is the token issuer's.
    pub fn builder(tokens: TokenIssuer) -> Builder {
        Builder(Service {
            clock: tokens.verifier().time().clone(),
            tokens,
            signatures: SignatureVerifier::new(Resolver::new()),
            nonces: AnyOneTimeStore::new(MemoryOneTime::new()),
            users: None,
            files: None,
            applications: None,
            templates: None,
            schemas: None,
            requirements: Vec::new(),
            dialect: Dialect::Current,
            proxies: TrustedProxies::default(),
            origins: None,
            bind_to_address: true,
            largest_file: LARGEST_FILE,
            largest_request: LARGEST_REQUEST,
            quotas: Arc::new(Quotas::new(MAX_LOGINS_PER_SUBJECT, MAX_LOGINS_PER_ADDRESS)),
            max_logins: (MAX_LOGINS_PER_SUBJECT, MAX_LOGINS_PER_ADDRESS),
        })
    }

    /// Answers a request. Its path is that below the root endpoint; `peer` is the address of whoever is connected.
    ///
    /// It never fails: what went wrong is a status and a code, and the error behind it is a [`Cause`] in the response's
    /// extensions. The body is read within the [`BodyLimits`] of the request's extensions.
    pub async fn handle(&self, request: Request<Body>, peer: IpAddr) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let service = &*self.0;
        let call = match Call::of(service.dialect, &head.method, head.uri.path()) {
            Ok(call) => call,
            Err(no_call) => {
                let refusal = match no_call {
                    NoCall::Path => Refusal::not_found(),
                    NoCall::Method => {
                        Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "bad_request", "not by this method")
                    }
                };
                return refusal.into_response(service.dialect, None);
            }
        };
        let caller = service.proxies.caller(peer, &head.headers);
        let query = head.uri.query().unwrap_or_default();
        let body = Incoming { body, limits: BodyLimits::of(&head.extensions) };
        match service.dispatch(&call, &head.headers, query, body, caller).await {
            Ok(response) => response,
            Err(mut refusal) => {
                let cause = refusal.take_cause(&call);
                let mut response = refusal.into_response(service.dialect, Some(&call));
                response.extensions_mut().insert(Cause(Arc::new(cause)));
                response
            }
        }
    }

    /// Whose access token the request carries.
    ///
    /// For calls of the application's own that wallets make.
    ///
    /// # Errors
    ///
    /// [`Authentication`](ErrorKind::Authentication) when there is none, or none that is valid.
    pub fn holder(&self, headers: &HeaderMap) -> Result<Holder, Error> {
        self.0.authenticate(headers).map_err(|refusal| {
            let what = "the request carries no valid access token";
            let error = Error::new(ErrorKind::Authentication, what).with_status(refusal.status());
            error.during(PROVIDER, "authenticate")
        })
    }
}

impl Service {
    async fn dispatch(
        &self,
        call: &Call,
        headers: &HeaderMap,
        query: &str,
        body: Incoming,
        caller: IpAddr,
    ) -> Outcome {
        self.check_origin(call, headers)?;
        match call {
            Call::Challenge(subject) => return self.challenge(subject.as_deref(), caller),
            Call::Reply => return self.reply(headers, body, caller).await,
            Call::Templates => return self.list_templates().await,
            Call::Template(id) => return self.template(id).await,
            Call::Login if !self.is_documented() => {
                let body = body.read(Caller::Unknown, MAX_TOKEN_BODY).await?;
                return self.login(&body).await;
            }
            _ => {}
        }
        let holder = &self.authenticate(headers)?;
        match call {
            Call::Login => self.login(&body.read(Caller::Authenticated, MAX_TOKEN_BODY).await?).await,
            Call::UploadUserFile | Call::Upload => self.upload(holder, headers, body).await,
            Call::FileLink(id) => self.file_link(holder, id).await,
            Call::CreateUser => self.create_user(holder, headers, body).await,
            Call::Token => self.user_token(holder, query).await,
            Call::CreateApplication => self.create_application(holder, body).await,
            Call::Applications => self.list_applications(holder, query).await,
            Call::Application(id) => self.application(holder, id).await,
            Call::UpdateApplication(id) => self.update_application(holder, id, body).await,
            Call::Pay(id) => self.pay(holder, id, body.texts().await?).await,
            Call::Messages(id) => self.messages(holder, id).await,
            Call::PostMessage(id) => self.post_message(holder, id, body.texts().await?).await,
            Call::ChangeStatus(id) => self.change_status(holder, id, body.texts().await?).await,
            Call::AddRequirement(id) => {
                // It comes with its schema.
                let body = body.read(Caller::Authenticated, LARGEST_JSON).await?;
                self.add_requirement(holder, id, body).await
            }
            Call::AddMember(id) => self.add_member(holder, id, body).await,
            Call::KycUser => self.kyc_user(holder).await,
            Call::CreateKycUser => self.create_kyc_user(holder, body.texts().await?).await,
            Call::AccessToken => self.access_token(holder).await,
            Call::Challenge(_) | Call::Reply | Call::Templates | Call::Template(_) => {
                Err(Refusal::not_found())
            }
        }
    }

    fn authenticate(&self, headers: &HeaderMap) -> Result<Holder, Refusal> {
        let token = bearer(headers)?;
        let verifier = self.tokens.verifier();
        let claims =
            if self.is_documented() { verifier.documented_access(token) } else { verifier.access(token) };
        claims.map(|claims| claims.holder().clone()).map_err(|error| Refusal::token_invalid().because(error))
    }

    fn check_origin(&self, call: &Call, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(allowed) = &self.origins else { return Ok(()) };
        // The older page lists no headers for these, so its wallets may send none.
        if self.is_documented() && matches!(call, Call::Challenge(_) | Call::Templates | Call::Template(_)) {
            return Ok(());
        }
        let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
        match origin {
            Some(origin) if allowed.iter().any(|one| one == origin) => Ok(()),
            _ => Err(Refusal::forbidden()),
        }
    }

    fn is_documented(&self) -> bool {
        self.dialect == Dialect::Documented
    }

    /// JSON of a holder, in which all files that are named are the holder's own.
    async fn json(
        &self,
        holder: &Holder,
        body: Incoming,
        unknown_file: fn() -> Refusal,
    ) -> Result<Submission, Refusal> {
        let body = body.read(Caller::Authenticated, LARGEST_JSON).await?;
        self.submission(holder, &body, References::Files, unknown_file).await
    }
}

impl Incoming {
    /// The whole of it.
    async fn read(self, caller: Caller, max_bytes: usize) -> Result<HeldBody, Refusal> {
        let read = match self.body {
            Body::Empty => Ok(HeldBody::in_memory(Bytes::new())),
            Body::Bytes(bytes) if bytes.len() > max_bytes => return Err(too_large()),
            Body::Bytes(bytes) => Ok(HeldBody::in_memory(bytes)),
            Body::Stream { length, chunks } => {
                self.limits.read(caller, length.unwrap_or(0), chunks, max_bytes).await
            }
        };
        read.map_err(Refusal::unread)
    }

    /// The few texts of a holder.
    async fn texts(self) -> Result<HeldBody, Refusal> {
        self.read(Caller::Authenticated, MAX_TEXT_BODY).await
    }

    /// Piece by piece, each within the read timeout and all within a multiple of it.
    fn into_pieces(self) -> BoxStream<'static, std::io::Result<Bytes>> {
        let chunks = match self.body {
            Body::Empty => return stream::empty().boxed(),
            Body::Bytes(bytes) => return stream::iter([Ok(bytes)]).boxed(),
            Body::Stream { chunks, .. } => chunks,
        };
        let timeout = self.limits.piece_timeout();
        let end =
            Box::pin(tokio::time::timeout(timeout.saturating_mul(UPLOAD_TIMEOUTS), future::pending::<()>()));
        let pieces = stream::unfold(Some((chunks, end)), move |state| async move {
            let (mut chunks, mut end) = state?;
            let next = Box::pin(tokio::time::timeout(timeout, chunks.next()));
            let piece = match future::select(&mut end, next).await {
                Either::Right((Ok(piece), _)) => piece,
                _ => return Some((Err(std::io::ErrorKind::TimedOut.into()), None)),
            };
            Some((piece?, Some((chunks, end))))
        });
        pieces.boxed()
    }
}

fn too_large() -> Refusal {
    Refusal::unread(crate::server::Unread::TooLarge)
}

/// The token of a request: one header, one blank behind `Bearer` in any case.
fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().ok_or_else(Refusal::token_missing)?;
    if values.next().is_some() {
        return Err(Refusal::token_invalid());
    }
    // The scheme's letters have no case (RFC 9110, section 11.1).
    let token = value.to_str().ok().and_then(|value| value.split_once(' '));
    let token = token.and_then(|(scheme, token)| scheme.eq_ignore_ascii_case("bearer").then_some(token));
    token.filter(|token| !token.is_empty() && !token.contains([' ', ','])).ok_or_else(Refusal::token_invalid)
}

impl Refusal {
    /// The error for the log, with the one that was at the bottom of it as its source.
    fn take_cause(&mut self, call: &Call) -> Error {
        let kind = match self.status().as_u16() {
            401 | 403 => ErrorKind::Authentication,
            404 => ErrorKind::NotFound,
            500.. => ErrorKind::Store,
            _ => ErrorKind::InvalidRequest,
        };
        let bottom = self.cause.take();
        let (kind, check) = bottom.as_ref().map_or((kind, None), |error| (error.kind(), error.check()));
        let mut error =
            Error::new(kind, "the wallet's request was refused").during(PROVIDER, call.operation());
        if let Some(check) = check {
            error = error.with_check(check);
        }
        if let Some(code) = self.code() {
            error = error.with_code(code);
        }
        match bottom {
            Some(bottom) => error.with_source(bottom),
            None => error,
        }
    }
}

impl Builder {
    /// Who answers for DIDs. Default: `did:eth` only.
    #[must_use]
    pub fn resolver(mut self, resolver: impl ResolveDid + 'static) -> Self {
        self.0.signatures = self.0.signatures.with_resolver(resolver);
        self
    }

    /// Accepts signatures with a high s, as the provider's library does: whoever sees one can then make a second that
    /// passes. See [`SignatureVerifier::accept_malleable_signatures`].
    #[must_use]
    pub fn accept_malleable_signatures(mut self) -> Self {
        self.0.signatures = self.0.signatures.accept_malleable_signatures();
        self
    }

    /// Where used challenges are remembered. All processes of a service must share it. Default: the memory of this one.
    #[must_use]
    pub fn nonces(mut self, store: impl OneTimeStore + 'static) -> Self {
        self.0.nonces = AnyOneTimeStore::new(store);
        self
    }

    /// One store that is all four of the application's traits, such as [`Memory`].
    #[must_use]
    pub fn store(self, store: impl Users + Files + Applications + Templates + Clone + 'static) -> Self {
        self.users(store.clone()).files(store.clone()).applications(store.clone()).templates(store)
    }

    /// The application's users.
    #[must_use]
    pub fn users(mut self, users: impl Users + 'static) -> Self {
        self.0.users = Some(Arc::new(users));
        self
    }

    /// The application's files.
    #[must_use]
    pub fn files(mut self, files: impl Files + 'static) -> Self {
        self.0.files = Some(Arc::new(files));
        self
    }

    /// The application's applications.
    #[must_use]
    pub fn applications(mut self, applications: impl Applications + 'static) -> Self {
        self.0.applications = Some(Arc::new(applications));
        self
    }

    /// The application's templates.
    #[must_use]
    pub fn templates(mut self, templates: impl Templates + 'static) -> Self {
        self.0.templates = Some(Arc::new(templates));
        self
    }

    /// What values are checked by. Without schemas, only their presence is.
    #[must_use]
    pub fn schemas(mut self, schemas: Schemas) -> Self {
        self.0.schemas = Some(Arc::new(schemas));
        self
    }

    /// What a sign-up has to hold. Default: nothing.
    #[must_use]
    pub fn sign_up(mut self, requirements: impl IntoIterator<Item = Requirement>) -> Self {
        self.0.requirements = requirements.into_iter().collect();
        self
    }

    /// Which protocol is served. Default: [`Dialect::Current`].
    #[must_use]
    pub fn dialect(mut self, dialect: Dialect) -> Self {
        self.0.dialect = dialect;
        self
    }

    /// Proxies whose word on the caller's address is believed. Default: none.
    #[must_use]
    pub fn trusted_proxies(mut self, proxies: TrustedProxies) -> Self {
        self.0.proxies = proxies;
        self
    }

    /// The only values of `Origin` that are served, such as `IDW` and the website's URL. Default: any, and none. The
    /// documented dialect has calls without headers, which are served in any case.
    #[must_use]
    pub fn allowed_origins<T: Into<String>>(mut self, origins: impl IntoIterator<Item = T>) -> Self {
        self.0.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Lets a challenge be answered from another address than it was given to, for wallets whose network changes in
    /// between: a challenge and its signature that were intercepted then serve anybody, once. The documented dialect
    /// compares the address in any case.
    #[must_use]
    pub fn allow_changing_address(mut self) -> Self {
        self.0.bind_to_address = false;
        self
    }

    /// The largest file. Default: [`LARGEST_FILE`].
    #[must_use]
    pub fn largest_file(mut self, bytes: u64) -> Self {
        self.0.largest_file = bytes;
        self.0.largest_request = self.0.largest_request.max(bytes.saturating_mul(2));
        self
    }

    /// The largest sign-up with files in it. Default: 300 MB, or twice the largest file.
    #[must_use]
    pub fn largest_request(mut self, bytes: u64) -> Self {
        self.0.largest_request = bytes;
        self
    }

    /// Sets how often one holder logs in while a challenge lives (30 minutes, unless the token issuer says otherwise);
    /// above it, 429 with `Retry-After` is answered. Every log-in takes a place in the [store](Self::nonces) until then,
    /// so this keeps one key from taking all of them. Counted per process. Default: 100.
    #[must_use]
    pub fn max_logins_per_subject(mut self, logins: u32) -> Self {
        self.0.max_logins.0 = logins;
        self
    }

    /// Sets how often holders log in from one address, or one /64 network of IPv6, while a challenge lives. Behind a
    /// proxy that is not [trusted](Self::trusted_proxies) all holders have one address. Default: 10 000.
    #[must_use]
    pub fn max_logins_per_address(mut self, logins: u32) -> Self {
        self.0.max_logins.1 = logins;
        self
    }

    /// Puts it together.
    pub fn build(mut self) -> RelyingParty {
        let (per_subject, per_address) = self.0.max_logins;
        self.0.quotas = Arc::new(Quotas::new(per_subject, per_address));
        RelyingParty(Arc::new(self.0))
    }
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty").field("dialect", &self.0.dialect).finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("dialect", &self.0.dialect).finish_non_exhaustive()
    }
}
