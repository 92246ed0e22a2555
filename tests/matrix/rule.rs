//! What has to happen, by idempotency. [`expected`] is the rule; it is printed into `docs/fault-matrix.md`.

use kyckit::ErrorKind;

use crate::{
    calls::{Call, Credentials, Idempotency, Reads, Recovery, Signature, Statuses},
    fault::{Fault, Wait},
};

/// How many attempts the clients of the matrix make at the most.
pub const ATTEMPTS: u32 = 2;

/// The outcome of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The call cannot meet the fault, and why.
    NotApplicable(&'static str),
    /// A result. The server saw the request so many times.
    Success { seen: u32 },
    /// An error.
    Failure {
        kind: ErrorKind,
        /// How many requests the server saw.
        seen: u32,
        /// What [`kyckit::Error::attempts`] says.
        attempts: u32,
        /// What [`kyckit::Error::may_have_taken_effect`] says.
        may_have_taken_effect: bool,
        /// Whether [`kyckit::Error::retry_after`] names the hour that the server asked for.
        names_the_wait: bool,
    },
}

// rule: begin
/// The outcome that a call has to have under a fault.
pub fn expected(call: &Call, fault: Fault) -> Expected {
    use Expected::{NotApplicable, Success};

    let idempotent = call.idempotency == Idempotency::Idempotent;
    // The request was sent, and no response says what became of it. An idempotent request is sent again until the
    // attempts are used up, and cannot have changed anything. Any other is sent once, and may have taken effect, unless
    // the method then asks the provider for the state, which is the result.
    let lost = |kind| match (idempotent, call.recovery) {
        (true, _) => failure(kind, ATTEMPTS, false),
        (false, Recovery::AsksForState) => Success { seen: 1 },
        (false, Recovery::None) => failure(kind, 1, true),
    };
    // A response came and cannot be used. Another one would be no better, so it is not asked for again; what is not
    // idempotent may have taken effect.
    let unusable = |kind| failure(kind, 1, !idempotent);
    // The provider refused the request and did nothing.
    let refused = |kind| failure(kind, 1, false);

    match fault {
        // The request never left: it is sent again whatever it is, and nothing can have taken effect.
        Fault::Refused | Fault::UnknownHost => Expected::Failure {
            kind: ErrorKind::Connect,
            seen: 0,
            attempts: ATTEMPTS,
            may_have_taken_effect: false,
            names_the_wait: false,
        },
        // Thousands of headers are more than HTTP libraries read: the response is garbled.
        Fault::ResetBeforeHeaders | Fault::ThousandsOfHeaders => lost(ErrorKind::Interrupted),
        // A file is written while it is read, and what was written cannot be taken back: no second attempt.
        Fault::ResetAfterHeaders | Fault::Truncate if call.reads == Reads::File => {
            unusable(ErrorKind::Interrupted)
        }
        Fault::ResetAfterHeaders | Fault::Truncate => lost(ErrorKind::Interrupted),
        Fault::Drip if call.reads == Reads::File => unusable(ErrorKind::Timeout),
        Fault::Stall | Fault::Drip => lost(ErrorKind::Timeout),
        Fault::Oversize | Fault::GzipBomb | Fault::EndlessChunks => unusable(ErrorKind::TooLarge),
        // What is signed and is not, or not so, is not read.
        Fault::Html | Fault::Empty if call.signature == Signature::Header => unusable(ErrorKind::Signature),
        // A page is never a success. In place of a file it says that the link is past its time.
        Fault::Html => match call.reads {
            Reads::Json | Reads::AnyJson | Reads::Word | Reads::Anything | Reads::WholeFile => {
                unusable(ErrorKind::Decode)
            }
            Reads::Bytes => Success { seen: 1 },
            Reads::File => unusable(ErrorKind::Expired),
        },
        // Nothing is a success only where it is documented as one.
        Fault::Empty => match call.reads {
            Reads::Json | Reads::AnyJson | Reads::Word | Reads::WholeFile | Reads::File => {
                unusable(ErrorKind::Decode)
            }
            Reads::Anything | Reads::Bytes => Success { seen: 1 },
        },
        // JSON is known by its form. What says that it is a text is no file.
        Fault::OtherContentType if call.reads == Reads::File => unusable(ErrorKind::Expired),
        Fault::OtherContentType => Success { seen: 1 },
        Fault::InvalidJson => match call.reads {
            Reads::Json | Reads::AnyJson | Reads::Word | Reads::Anything => unusable(ErrorKind::Decode),
            Reads::Bytes | Reads::WholeFile => Success { seen: 1 },
            Reads::File => unusable(ErrorKind::Expired),
        },
        Fault::WrongType => match call.reads {
            Reads::Json => unusable(ErrorKind::Decode),
            Reads::AnyJson | Reads::Word | Reads::Anything | Reads::Bytes | Reads::WholeFile => {
                Success { seen: 1 }
            }
            Reads::File => unusable(ErrorKind::Expired),
        },
        Fault::Status(401 | 403 | 404) if call.statuses == Statuses::DeadLink => refused(ErrorKind::Expired),
        Fault::Status(401 | 403 | 404 | 409) if call.statuses == Statuses::TokenRefused => {
            refused(ErrorKind::Authentication)
        }
        Fault::Status(404) if matches!(call.statuses, Statuses::NoneIs404 | Statuses::StartsAt404) => {
            Success { seen: 1 }
        }
        // A refusal of credentials says that nothing was done, so the request is sent once more with fresh ones, if
        // there are any. A session is opened anew for what may be repeated.
        Fault::Status(401) => match call.credentials {
            Credentials::Renewed => failure(ErrorKind::Authentication, 2, false),
            Credentials::Session if idempotent => failure(ErrorKind::Authentication, 2, false),
            Credentials::Session | Credentials::Fixed => refused(ErrorKind::Authentication),
        },
        Fault::Status(403) => refused(ErrorKind::Permission),
        Fault::Status(404) => refused(ErrorKind::NotFound),
        Fault::Status(409) => refused(ErrorKind::Conflict),
        // The wait is longer than the deadline: the error comes at once and names it.
        Fault::SlowDown(Wait::Seconds | Wait::HttpDate | Wait::Rfc850Date | Wait::AsctimeDate) => {
            Expected::Failure {
                kind: ErrorKind::RateLimited,
                seen: 1,
                attempts: 1,
                may_have_taken_effect: false,
                names_the_wait: true,
            }
        }
        // No wait is named: an idempotent request is sent again after the client's own wait.
        Fault::SlowDown(Wait::Garbage) => {
            failure(ErrorKind::RateLimited, if idempotent { ATTEMPTS } else { 1 }, false)
        }
        // The server does not know what it is asked for: another attempt changes nothing.
        Fault::Status(501) if idempotent => failure(ErrorKind::Provider, 1, false),
        // The server failed, maybe after the work was done.
        Fault::Status(_) => lost(ErrorKind::Provider),
        // A redirect is not followed, and not asked for again. A form that was taken often ends in one, so what is not
        // idempotent may have taken effect.
        Fault::RedirectHere | Fault::RedirectElsewhere => match (idempotent, call.recovery) {
            (false, Recovery::AsksForState) => Success { seen: 1 },
            _ => unusable(ErrorKind::Provider),
        },
        Fault::WrongSignature => match call.signature {
            Signature::Header | Signature::Token => unusable(ErrorKind::Signature),
            Signature::None => NotApplicable("the response is not signed"),
        },
        Fault::NoSignature => match call.signature {
            Signature::Header => unusable(ErrorKind::Signature),
            Signature::Token => NotApplicable("the signed token has no form without a signature"),
            Signature::None => NotApplicable("the response is not signed"),
        },
        // The provider's clock is a hint for errors, and decides nothing.
        Fault::SkewedDate => Success { seen: 1 },
        // Dropping the call ends it: nothing is sent afterwards, and the client serves the next call.
        Fault::Cancel if is_carried_on(call) => {
            NotApplicable("a refresh runs to its end although its callers are gone")
        }
        // One fetch of a token serves all calls that wait for it, so the next call carries on the fetch that this one
        // began. It waits for the same request. A wallet's log-in is begun anew.
        Fault::Cancel if is_shared(call) && !idempotent => lost(ErrorKind::Timeout),
        Fault::Cancel => Success { seen: 1 },
        // A connection from the pool that breaks after the request was written tells nothing of the request's fate: as
        // with any other connection, it is repeated only if it is idempotent.
        Fault::StaleConnection => match (idempotent, call.recovery) {
            (true, _) => Success { seen: 2 },
            (false, Recovery::AsksForState) => Success { seen: 1 },
            (false, Recovery::None) => failure(ErrorKind::Interrupted, 1, true),
        },
        // The protocol says that the request was not processed: it is sent again whatever it is.
        Fault::RefusedStream | Fault::GoAway => Success { seen: 2 },
    }
}

/// The request was sent so many times, and this came of it.
fn failure(kind: ErrorKind, seen: u32, may_have_taken_effect: bool) -> Expected {
    Expected::Failure { kind, seen, attempts: seen, may_have_taken_effect, names_the_wait: false }
}

/// A refresh token serves once, so that a refresh is carried to its end.
fn is_carried_on(call: &Call) -> bool {
    call.name.starts_with("maya::customer::Customer::") && call.request == "POST /maya/tokens"
}

/// A token that several calls may wait for.
fn is_shared(call: &Call) -> bool {
    call.step == "client token" || call.name == "credify::client::Client::access_token"
}
// rule: end
