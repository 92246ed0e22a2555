//! Every remote call of every provider, once: what it sends, whether it may be repeated, how it is run with valid
//! arguments, and what a provider answers when all is well.
//!
//! [`CALLS`] is compared with the source by `tests/matrix/gate.rs`, so that a new call cannot be left out.

#![allow(dead_code, unused_imports)]

mod clients;
mod good;
mod table;

pub use clients::{Clients, SHUFTIPRO_SECRET, Target};
pub use good::{Reply, good, maya_profile, sign};
pub use table::{CALLS, SENDS_NOTHING_OF_ITS_OWN};

use futures_util::future::BoxFuture;
use kyckit::Error;

/// Runs a call with valid arguments.
pub type Run = for<'a> fn(&'a Clients) -> BoxFuture<'a, Result<(), Error>>;

/// One request that a public method sends. A method that sends several has an entry for each.
pub struct Call {
    /// The method, by its full name.
    pub name: &'static str,
    /// Which of several requests of the method this is.
    pub step: &'static str,
    /// Method and path of the request.
    pub request: &'static str,
    /// Whether the request may be sent again although the first may have arrived, by the method's documentation.
    pub idempotency: Idempotency,
    /// What a 401 leads to.
    pub credentials: Credentials,
    /// What the method makes of the body of a success.
    pub reads: Reads,
    /// Statuses that mean something else here than everywhere.
    pub statuses: Statuses,
    /// How the response proves where it is from.
    pub signature: Signature,
    /// Where a lost response is made up for by asking for the state.
    pub recovery: Recovery,
    /// Runs the method.
    pub run: Run,
}

/// Whether a request may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// It changes nothing, or doing it twice is the same as doing it once.
    Idempotent,
    /// It is repeated only when it provably was not processed.
    NotIdempotent,
}

/// What a request is authenticated with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// What was configured, what the caller gave, or nothing.
    Fixed,
    /// A token from a cache: a refused one is renewed, and the request is sent once more.
    Renewed,
    /// A session: a refused one is opened anew, and the request is sent once more if it may be repeated.
    Session,
}

/// What a success has to look like for a method, by the documentation of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// A JSON object or list of a documented form.
    Json,
    /// JSON of any form.
    AnyJson,
    /// A word such as `OK`, or JSON of any form.
    Word,
    /// A word, JSON of any form, or nothing at all.
    Anything,
    /// The bytes as they come, whatever they are.
    Bytes,
    /// A file that is read whole.
    WholeFile,
    /// A file that is written while it is read.
    File,
}

/// Statuses with a meaning of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// None.
    Usual,
    /// 404 says that there is none, which is an answer.
    NoneIs404,
    /// Every refusal but 429 says that the user's token is not good.
    TokenRefused,
    /// 401, 403 and 404 say that the link is past its time.
    DeadLink,
    /// 404 leads to the request that starts what is not known yet.
    StartsAt404,
}

/// How a response proves where it is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signature {
    /// By TLS alone.
    None,
    /// By the header `Signature` over the body.
    Header,
    /// By a signed token within the body.
    Token,
}

/// What is done about a lost response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// Nothing.
    None,
    /// The provider is asked for the state of what was started, which is the result.
    AsksForState,
}

impl Call {
    /// Whether it may be repeated.
    pub fn is_idempotent(&self) -> bool {
        self.idempotency == Idempotency::Idempotent
    }

    /// Name and step.
    pub fn title(&self) -> String {
        if self.step.is_empty() { self.name.to_owned() } else { format!("{} ({})", self.name, self.step) }
    }
}
