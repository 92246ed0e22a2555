//! What a provider's room tells the inbox about its messages: who verifies them, whom they are about, what they say.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use http::HeaderMap;

use super::Verified;
use crate::{error::Error, provider::ProviderId};

/// Verifies the messages that one provider sends to one account, and parses what it found authentic.
///
/// The trait is open, and safe to be so: a [`Verified`] has no public constructor, so an implementation outside this
/// crate can only hand on what one of the crate's verifiers made. That is what it is for: choose the verifier by
/// tenant, read secrets that change while the process runs, refuse source addresses first.
///
/// ```
/// use std::{sync::{Arc, RwLock}, time::SystemTime};
/// use kyckit::{verified::{Verified, Verifier}, error::Error, provider::ProviderId};
///
/// /// A verifier that can be exchanged while the process runs, when a secret is rotated.
/// struct Current<V>(RwLock<Arc<V>>);
///
/// impl<V: Verifier> Current<V> {
///     fn now(&self) -> Arc<V> {
///         self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
///     }
/// }
///
/// impl<V: Verifier> Verifier for Current<V> {
///     type Event = V::Event;
///
///     fn provider(&self) -> ProviderId {
///         self.now().provider()
///     }
///
///     fn signed_headers(&self) -> &'static [&'static str] {
///         self.now().signed_headers()
///     }
///
///     fn verify_at(
///         &self,
///         headers: &http::HeaderMap,
///         body: &[u8],
///         at: SystemTime,
///     ) -> Result<Verified<V::Event>, Error> {
///         self.now().verify_at(headers, body, at)
///     }
///
///     fn verify(&self, headers: &http::HeaderMap, body: &[u8]) -> Result<Verified<V::Event>, Error> {
///         self.now().verify(headers, body)
///     }
/// }
/// ```
pub trait Verifier: Send + Sync {
    /// What a message is parsed into.
    type Event: Event;

    /// The provider whose messages these are.
    fn provider(&self) -> ProviderId;

    /// The headers that verification reads, in lower case: the signature and what it covers besides the body.
    ///
    /// The inbox keeps these and no others beside the body, to verify again when it hands the event out.
    fn signed_headers(&self) -> &'static [&'static str];

    /// Verifies the raw body, then parses it.
    ///
    /// It has no effect of its own: the same message gives the same answer, since the inbox asks more than once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Signature`](crate::ErrorKind::Signature) when authenticity is in doubt, with
    /// [diagnosis](Error::diagnosis); [`ErrorKind::Expired`](crate::ErrorKind::Expired) for a signed time outside
    /// the provider's window; [`ErrorKind::Decode`](crate::ErrorKind::Decode) for an authentic body that does not
    /// have the documented form.
    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Verified<Self::Event>, Error>;

    /// [`verify`](Self::verify) as of the time at which the message was received, for a message that waited.
    ///
    /// The default is right for every verifier that does not look at the clock. One that has a window for a signed
    /// time measures it from `at` here.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    fn verify_at(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        at: SystemTime,
    ) -> Result<Verified<Self::Event>, Error> {
        let _ = at;
        self.verify(headers, body)
    }
}

impl<V: Verifier + ?Sized> Verifier for Arc<V> {
    type Event = V::Event;

    fn provider(&self) -> ProviderId {
        (**self).provider()
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        (**self).signed_headers()
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Verified<Self::Event>, Error> {
        (**self).verify(headers, body)
    }

    fn verify_at(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        at: SystemTime,
    ) -> Result<Verified<Self::Event>, Error> {
        (**self).verify_at(headers, body, at)
    }
}

/// What the inbox has to know of a message, whichever provider sent it.
pub trait Event: Send {
    /// Whom or what the message is about, in the provider's own word: a reference, a transaction id.
    ///
    /// Unique within the provider's account; 1 to 512 bytes without control characters, or the inbox refuses the
    /// message.
    fn subject(&self) -> Cow<'_, str>;

    /// What the message says about its subject.
    fn state(&self) -> State;

    /// When the provider wrote the message, only if the signature covers it. The default is that it does not.
    ///
    /// Whoever replays a message can change a time that is not signed, so such a time orders nothing. Finer parts
    /// than a microsecond are not looked at.
    fn signed_time(&self) -> Option<SystemTime> {
        None
    }
}

/// What is said about a subject, by a message or by the provider's own answer.
///
/// The text is the provider's own word, such as `verification.accepted`; equal words mean equal states.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// The provider came to an end with the subject. It may change its mind later.
    Terminal(Cow<'static, str>),
    /// The provider is still at it.
    NonTerminal(Cow<'static, str>),
    /// Something changed, the message does not say what: only the provider knows.
    Notice,
}

impl State {
    /// A terminal state.
    pub fn terminal(word: impl Into<Cow<'static, str>>) -> Self {
        Self::Terminal(word.into())
    }

    /// A state that is not the last.
    pub fn non_terminal(word: impl Into<Cow<'static, str>>) -> Self {
        Self::NonTerminal(word.into())
    }
}
