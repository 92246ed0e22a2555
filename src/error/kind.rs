//! Kinds of errors, and who is at fault.

use std::fmt;

/// Kind of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A one-time value (session id, nonce, challenge) was used before.
    AlreadyUsed,
    /// The provider refused the credentials (401, or its own word for it).
    Authentication,
    /// The client or the call is set up wrongly. Nothing was sent.
    Configuration,
    /// The provider holds something under this name already (409, or a reference that was taken).
    Conflict,
    /// No connection was established, or the protocol proved that the request was not processed.
    Connect,
    /// The response does not have the documented form; [`Error::path`](super::Error::path) says where.
    Decode,
    /// An encrypted value could not be opened. The byte or step is never disclosed.
    Decryption,
    /// A challenge, token or link is past its time.
    Expired,
    /// The connection broke after the request, or a part of it, had left.
    Interrupted,
    /// The request is invalid: refused locally before sending, or by the provider. See
    /// [`Error::fields`](super::Error::fields).
    InvalidRequest,
    /// The provider does not know what was asked for.
    NotFound,
    /// The credentials are valid, but the account may not do this.
    Permission,
    /// The provider failed (5xx, HTML from a gateway, a response that contradicts itself).
    Provider,
    /// Too many requests; [`Error::retry_after`](super::Error::retry_after) has the wait when it is known.
    #[doc(alias = "rate limiter")]
    #[doc(alias = "429")]
    RateLimited,
    /// A signature is absent, malformed or wrong; [`Error::check`](super::Error::check) names the check.
    Signature,
    /// The application's own store or handler failed.
    Store,
    /// The deadline of the attempt or of the whole call passed.
    Timeout,
    /// A body or a file is larger than the limit.
    TooLarge,
    /// Not sent: the circuit breaker is open after repeated failures of the provider.
    #[doc(alias = "circuit breaker")]
    Unavailable,
}

impl ErrorKind {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::AlreadyUsed => "already used",
            Self::Authentication => "credentials refused",
            Self::Configuration => "wrong configuration",
            Self::Conflict => "already exists",
            Self::Connect => "no connection",
            Self::Decode => "response not understood",
            Self::Decryption => "decryption failed",
            Self::Expired => "expired",
            Self::Interrupted => "connection broke",
            Self::InvalidRequest => "invalid request",
            Self::NotFound => "not found",
            Self::Permission => "not permitted",
            Self::Provider => "provider failed",
            Self::RateLimited => "rate limited",
            Self::Signature => "signature check failed",
            Self::Store => "store or handler failed",
            Self::Timeout => "timed out",
            Self::TooLarge => "too large",
            Self::Unavailable => "held back",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// The party that must act for the call to succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// The application: its settings, its credentials, its arguments, its store.
    Caller,
    /// The network between the two.
    Network,
    /// The sender of the refused bytes: an inbound request, a token, a file.
    Peer,
    /// The provider.
    Provider,
}

/// Whether the request may have taken effect at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// The request did not leave, or the provider said that it did nothing.
    None,
    /// Unknown: the request may have been carried out.
    Unknown,
}
