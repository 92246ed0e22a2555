//! How a request leaves and an answer comes back: one send path for every provider. Knows none of them.
//!
//! What happens to a call, in this order:
//!
//! 1. a breaker is asked: while an operation of a provider is down, calls of it fail at once instead of adding to its
//!    load. It opens when at least twenty attempts were made within ten seconds and at least half of them failed, and
//!    lets three calls through after the [cool-down](Options::breaker_cooldown). Failures at one object (a poisoned id)
//!    never open it;
//! 2. the client's rate limit gives it a turn;
//! 3. credentials are put on ([`Authorize`]);
//! 4. it is sent through the [`Transport`], within the time for an attempt and the deadline for the whole call;
//! 5. at most a set number of bytes of the answer is read, counted after decompression;
//! 6. the provider's dialect decides whether the answer is an error;
//! 7. renewable credentials that were refused are renewed once;
//! 8. what failed and may be repeated is repeated ([`Retry`]);
//! 9. the body is verified where the provider signs, then decoded, with the path of whatever does not fit.
//!
//! Redirects are not followed, cookies are not kept, and no error holds a URL, a body or a credential. URLs that come
//! from outside (links to proofs and documents) go through a guard first: listed hosts, https, public addresses, no
//! credentials, a size limit.

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
mod legacy;
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

pub use authorize::{Authorize, CredentialVersion};
pub use http::HttpSettings;
pub use message::{AddressPolicy, Body, Progress, Request, Response, Transport};
pub use mock::{MockResponse, MockTransport, RecordedRequest};
pub use options::Options;
pub use rate_limit::RateLimit;
pub use raw::{RawRequest, RawResponse};
pub use retry::Retry;
pub use upload::Upload;

pub(crate) use address::{base_url, filled, header_value, is_loopback, join, one_segment};
#[allow(unused_imports, reason = "named by some of the providers")]
pub(crate) use call::Call;
pub(crate) use classify::ClassifyResponse;
pub(crate) use client::ApiClient;
pub(crate) use excerpt::excerpt;
pub(crate) use message::{Limits, Payload};
#[allow(unused_imports, reason = "named by some of the providers")]
pub(crate) use response::Context as ResponseContext;
pub(crate) use response::{BufferedResponse, StreamingResponse};
pub(crate) use send::request_id;
