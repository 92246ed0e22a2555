//! HTTP transport: one send path for the calls of every provider, with retries, rate limit, circuit breaker and limits.
//! It knows none of them.
//!
//! What happens to a call, in this order:
//!
//! 1. the circuit breaker is asked: while an operation of a provider is down, calls of it fail at once instead of adding
//!    to its load. It opens when at least twenty attempts were made within ten seconds and at least half of them failed,
//!    and lets three calls through after the [cooldown](Options::breaker_cooldown). Failures at one object (a poisoned
//!    id) never open it;
//! 2. the client's [rate limit](RateLimit) gives it a turn;
//! 3. credentials are put on, and fetched first where that is due;
//! 4. it is sent through the [`Transport`], within the timeout of an attempt and the deadline of the whole call;
//! 5. at most a set number of bytes of the response is read, counted after decompression;
//! 6. the provider's classifier decides whether the response is a failure;
//! 7. renewable credentials that were refused are renewed once;
//! 8. what failed and may be repeated is repeated after a wait ([`Retry`]: exponential backoff with jitter);
//! 9. the body is verified where the provider signs, then decoded, with the path of whatever does not fit.
//!
//! Redirects are not followed, cookies are not kept, and no error holds a URL, a body or a credential. URLs that come
//! from outside (links to proofs and documents) go through a guard first: listed hosts, https, public addresses, no
//! credentials, a size limit.
//!
//! # Errors of every call
//!
//! | kind | when | sent again by itself |
//! | --- | --- | --- |
//! | [`Connect`](crate::ErrorKind::Connect) | the request provably never left | yes |
//! | [`Interrupted`](crate::ErrorKind::Interrupted), [`Timeout`](crate::ErrorKind::Timeout) | the response did not arrive | when the call is idempotent |
//! | [`RateLimited`](crate::ErrorKind::RateLimited) | by the provider (429), or by the client's own limit | when idempotent and the wait fits the deadline |
//! | [`Provider`](crate::ErrorKind::Provider) | the provider failed (5xx), or answered about something else | a 5xx, when idempotent |
//! | [`Unavailable`](crate::ErrorKind::Unavailable) | the circuit breaker is open; nothing was sent | no |
//! | [`Authentication`](crate::ErrorKind::Authentication), [`Permission`](crate::ErrorKind::Permission) | the credentials were refused, or do not suffice | once, with renewed credentials |
//! | [`InvalidRequest`](crate::ErrorKind::InvalidRequest), [`NotFound`](crate::ErrorKind::NotFound), [`Conflict`](crate::ErrorKind::Conflict) | the provider refused the request; its own check refuses the first kind before anything is sent | no |
//! | [`TooLarge`](crate::ErrorKind::TooLarge), [`Decode`](crate::ErrorKind::Decode) | the response is too large or does not have the documented form | no |
//! | [`Configuration`](crate::ErrorKind::Configuration) | the client cannot send it | no |
//!
//! [`Error::may_have_taken_effect`](crate::Error::may_have_taken_effect) says whether a call that failed may have been
//! carried out.

mod address;
mod authorize;
mod breaker;
mod call;
mod classify;
mod client;
pub(crate) mod decode;
mod encoding;
mod excerpt;
pub(crate) mod fetch;
pub(crate) mod form;
mod http;
mod message;
mod mock;
pub(crate) mod multipart;
mod observe;
mod options;
pub(crate) mod pages;
mod rate_limit;
mod raw;
mod response;
pub(crate) mod retry;
pub(crate) mod send;
mod upload;

pub use http::HttpSettings;
pub use message::{AddressPolicy, Body, ByteStream, Progress, Request, Response, Transport};
pub use mock::{MockResponse, MockTransport, RecordedRequest};
pub use options::Options;
pub use pages::PageStream;
pub use rate_limit::RateLimit;
pub use raw::{RawRequest, RawResponse};
pub use retry::Retry;
pub use upload::Upload;

pub(crate) use address::{base_url, filled, header_value, is_loopback, join, one_segment};
pub(crate) use authorize::{Authorize, CredentialVersion};
#[allow(unused_imports, reason = "named by some of the providers")]
pub(crate) use call::Call;
pub(crate) use classify::ClassifyResponse;
pub(crate) use client::ApiClient;
pub(crate) use excerpt::excerpt;
pub(crate) use message::{DynTransport, Limits, Payload};
#[allow(unused_imports, reason = "named by some of the providers")]
pub(crate) use response::Context as ResponseContext;
pub(crate) use response::{BufferedResponse, StreamingResponse};
pub(crate) use send::request_id;
