//! The faults, and what each does on the wire.

use std::fmt;

/// What a server does instead of answering a request well, the preparing requests of a call excepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    Refused,
    UnknownHost,
    ResetBeforeHeaders,
    ResetAfterHeaders,
    Stall,
    Drip,
    Truncate,
    Oversize,
    GzipBomb,
    EndlessChunks,
    Html,
    Empty,
    OtherContentType,
    InvalidJson,
    WrongType,
    Status(u16),
    SlowDown(Wait),
    RedirectHere,
    RedirectElsewhere,
    WrongSignature,
    NoSignature,
    SkewedDate,
    ThousandsOfHeaders,
    Cancel,
    StaleConnection,
    RefusedStream,
    GoAway,
}

/// What `Retry-After` says beside a 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wait {
    Seconds,
    HttpDate,
    Rfc850Date,
    AsctimeDate,
    Garbage,
}

/// The wait that a 429 asks for: longer than any deadline here.
pub const HOUR: u64 = 3600;

pub const FAULTS: &[Fault] = &[
    Fault::Refused,
    Fault::UnknownHost,
    Fault::ResetBeforeHeaders,
    Fault::ResetAfterHeaders,
    Fault::Stall,
    Fault::Drip,
    Fault::Truncate,
    Fault::Oversize,
    Fault::GzipBomb,
    Fault::EndlessChunks,
    Fault::Html,
    Fault::Empty,
    Fault::OtherContentType,
    Fault::InvalidJson,
    Fault::WrongType,
    Fault::Status(401),
    Fault::Status(403),
    Fault::Status(404),
    Fault::Status(409),
    Fault::SlowDown(Wait::Seconds),
    Fault::SlowDown(Wait::HttpDate),
    Fault::SlowDown(Wait::Rfc850Date),
    Fault::SlowDown(Wait::AsctimeDate),
    Fault::SlowDown(Wait::Garbage),
    Fault::Status(500),
    Fault::Status(501),
    Fault::Status(502),
    Fault::Status(503),
    Fault::Status(504),
    Fault::RedirectHere,
    Fault::RedirectElsewhere,
    Fault::WrongSignature,
    Fault::NoSignature,
    Fault::SkewedDate,
    Fault::ThousandsOfHeaders,
    Fault::Cancel,
    Fault::StaleConnection,
    Fault::RefusedStream,
    Fault::GoAway,
];

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "connection refused",
            Self::UnknownHost => "unknown host",
            Self::ResetBeforeHeaders => "reset before the headers",
            Self::ResetAfterHeaders => "reset after the headers",
            Self::Stall => "stall",
            Self::Drip => "drip",
            Self::Truncate => "truncated",
            Self::Oversize => "oversize",
            Self::GzipBomb => "gzip bomb",
            Self::EndlessChunks => "endless chunks",
            Self::Html => "HTML with 200",
            Self::Empty => "empty with 200",
            Self::OtherContentType => "other content type",
            Self::InvalidJson => "invalid JSON",
            Self::WrongType => "JSON of another type",
            Self::Status(status) => return write!(f, "{status}"),
            Self::SlowDown(Wait::Seconds) => "429, seconds",
            Self::SlowDown(Wait::HttpDate) => "429, HTTP date",
            Self::SlowDown(Wait::Rfc850Date) => "429, RFC 850 date",
            Self::SlowDown(Wait::AsctimeDate) => "429, asctime date",
            Self::SlowDown(Wait::Garbage) => "429, garbage",
            Self::RedirectHere => "redirect, same host",
            Self::RedirectElsewhere => "redirect, other host",
            Self::WrongSignature => "wrong signature",
            Self::NoSignature => "no signature",
            Self::SkewedDate => "skewed Date",
            Self::ThousandsOfHeaders => "thousands of headers",
            Self::Cancel => "cancelled in flight",
            Self::StaleConnection => "stale pooled connection",
            Self::RefusedStream => "HTTP/2 REFUSED_STREAM",
            Self::GoAway => "HTTP/2 GOAWAY",
        })
    }
}
