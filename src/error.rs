//! The error type of the whole crate.
//!
//! Branch on [`Error::kind`] or on the predicates, never on the text. `Display` is a single line: what was being done,
//! what happened, what to do. Neither it nor `Debug` nor a [source](std::error::Error::source) holds a body, a query,
//! a credential or personal data.

mod kind;
mod sanitized;

pub use kind::{Effect, ErrorKind, Fault};
pub(crate) use sanitized::Sanitized;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use http::StatusCode;

use crate::{privacy::Pii, provider::ProviderId};

/// Result of every fallible call of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A field that the provider, or this crate before sending, refused.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Where: a path such as `document.dob`, in the provider's own words.
    pub field: String,
    /// The text. It may quote what was sent, so `Debug` hides it.
    pub message: Pii<String>,
}

impl FieldError {
    /// A fault at a field.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: Pii::new(message.into()) }
    }
}

crate::privacy::redacted_debug!(FieldError { field: |this| Sanitized(&this.field), .. });

/// The error of every call: opaque, with predicates and accessors.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    provider: Option<ProviderId>,
    operation: Option<&'static str>,
    what: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
    status: Option<StatusCode>,
    path: Option<String>,
    check: Option<&'static str>,
    diagnosis: Vec<&'static str>,
    code: Option<String>,
    message: Option<Pii<String>>,
    fields: Vec<FieldError>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: u32,
    effect: Effect,
    clock_skew: Option<i64>,
    excerpt: Option<Pii<String>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of the given kind; `what` is a short text of our own, free of data.
    ///
    /// For implementations of this crate's traits (transport, stores, authorisation): the text is shown by `Display`,
    /// so it must hold no personal data and no secret.
    pub fn new(kind: ErrorKind, what: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            provider: None,
            operation: None,
            what: what.into(),
            hint: None,
            status: None,
            path: None,
            check: None,
            diagnosis: Vec::new(),
            code: None,
            message: None,
            fields: Vec::new(),
            request_id: None,
            retry_after: None,
            attempts: 0,
            effect: Effect::None,
            clock_skew: None,
            excerpt: None,
            source: None,
        }))
    }

    /// A wrong setting or argument. Nothing was sent.
    pub fn configuration(what: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Configuration, what)
    }

    /// A request that was refused before it was sent, with the field at fault.
    pub fn invalid(field: impl Into<String>, what: impl Into<Cow<'static, str>>) -> Self {
        let what = what.into();
        let mut error = Self::new(ErrorKind::InvalidRequest, what.clone());
        error.0.fields.push(FieldError::new(field, what));
        error
    }

    /// The application's own store or handler failed. `Display` names the first 200 characters of the source's text, and
    /// [`source`](std::error::Error::source) has it whole. No server of this crate sends any of it to its caller; keep
    /// personal data out of it where logs must hold none.
    ///
    /// ```
    /// let error = kyckit::Error::store("the table is locked");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "store or handler failed: the application's store or handler failed: the table is locked"
    /// );
    /// ```
    pub fn store(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorKind::Store, "the application's store or handler failed").with_source(source)
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The provider that was called or that is said to have sent the bytes.
    pub fn provider(&self) -> Option<ProviderId> {
        self.0.provider
    }

    /// The operation, named as the client's method is.
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status, where there was a response.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The provider's own code for the failure.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The provider's own text. It may quote what was sent, so treat it as personal data: `Display` leaves it out.
    pub fn provider_message(&self) -> Option<&str> {
        self.0.message.as_ref().map(|text| text.expose().as_str())
    }

    /// The fields at fault, in the provider's own words.
    pub fn fields(&self) -> &[FieldError] {
        &self.0.fields
    }

    /// Returns where a response could not be read: a JSON path such as `verification_data.document.name`.
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Returns the failed check, as a stable word such as `signature.mismatch`.
    pub fn check(&self) -> Option<&'static str> {
        self.0.check
    }

    /// Returns, for a failed signature, what would have made it fit, most likely first, as stable words such as
    /// `secret.blanks`. Empty when nothing known explains it.
    pub fn diagnosis(&self) -> &[&'static str] {
        &self.0.diagnosis
    }

    /// The id under which the provider or this client knows the request. Quote it to the provider's support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the wait before another attempt, where it is known.
    #[doc(alias = "Retry-After")]
    #[doc(alias = "backoff")]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the number of attempts. Zero: the request never left this process.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the difference between the local clock and the provider's, in seconds; positive when the local one is
    /// ahead. Known only when a check that depends on time failed and the provider said its time.
    pub fn clock_skew(&self) -> Option<i64> {
        self.0.clock_skew
    }

    /// At most 2 KiB of the provider's body with token-like text removed; only when the client's builder enables it
    /// keep it, since it may hold personal data.
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.excerpt.as_ref().map(|text| text.expose().as_str())
    }

    /// True when the same call may succeed later without any change to it.
    ///
    /// It says nothing about whether repeating is *safe*: ask [`may_have_taken_effect`](Self::may_have_taken_effect)
    /// first. This client has retried by itself where that was safe.
    ///
    /// # Troubleshooting
    ///
    /// Wait for [`retry_after`](Self::retry_after), or a second and more each time, then try again.
    #[doc(alias = "retry")]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connect
            | ErrorKind::Interrupted
            | ErrorKind::RateLimited
            | ErrorKind::Store
            | ErrorKind::Timeout
            | ErrorKind::Unavailable => true,
            // What is not implemented is not the next time either.
            ErrorKind::Provider => self
                .0
                .status
                .is_none_or(|status| status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED),
            _ => false,
        }
    }

    /// True when the provider may have carried the request out although the call failed.
    ///
    /// # Troubleshooting
    ///
    /// Read the state back (a status call by reference) before repeating such a call.
    #[doc(alias = "idempotent")]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.effect == Effect::Unknown
    }

    /// True when a deadline passed.
    ///
    /// # Troubleshooting
    ///
    /// Raise the deadline on the client's builder, or look for a slow network. Some calls wait for a person's or a
    /// provider's work and need minutes.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// True when bytes from outside failed a check of authenticity: a signature or an encryption.
    pub fn is_verification_failure(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Signature | ErrorKind::Decryption)
    }

    /// Returns who has to act.
    pub fn fault(&self) -> Fault {
        match self.0.kind {
            ErrorKind::Authentication
            | ErrorKind::Configuration
            | ErrorKind::Conflict
            | ErrorKind::InvalidRequest
            | ErrorKind::NotFound
            | ErrorKind::Permission
            | ErrorKind::RateLimited
            | ErrorKind::Store => Fault::Caller,
            ErrorKind::Connect | ErrorKind::Interrupted | ErrorKind::Timeout => Fault::Network,
            ErrorKind::AlreadyUsed
            | ErrorKind::Decryption
            | ErrorKind::Expired
            | ErrorKind::Signature
            | ErrorKind::TooLarge => Fault::Peer,
            ErrorKind::Decode | ErrorKind::Provider | ErrorKind::Unavailable => Fault::Provider,
        }
    }
}

/// Context that this crate, or an implementation of its traits, adds to an error.
impl Error {
    /// Names the provider and the operation, unless they are named already.
    #[must_use]
    pub fn during(mut self, provider: ProviderId, operation: &'static str) -> Self {
        self.0.provider.get_or_insert(provider);
        self.0.operation.get_or_insert(operation);
        self
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the cause. Its text must be free of bodies, queries, credentials and personal data.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says what the provider can have done with the request.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.0.effect = effect;
        self
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    /// Adds the wait before another try.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds the provider's code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// Adds the provider's text.
    #[must_use]
    pub fn with_provider_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = Some(Pii::new(message.into()));
        self
    }

    /// Adds a field at fault.
    #[must_use]
    pub fn with_field(mut self, field: FieldError) -> Self {
        self.0.fields.push(field);
        self
    }

    /// Adds the place in a JSON document.
    #[must_use]
    pub fn with_path(mut self, path: impl Into<String>) -> Self {
        self.0.path = Some(path.into());
        self
    }

    /// Names the check that failed.
    #[must_use]
    pub fn with_check(mut self, check: &'static str) -> Self {
        self.0.check = Some(check);
        self
    }

    /// Adds what would explain a failed signature.
    #[must_use]
    pub fn with_diagnosis(mut self, words: impl IntoIterator<Item = &'static str>) -> Self {
        self.0.diagnosis.extend(words);
        self
    }

    /// Adds the request id.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = Some(id.into());
        self
    }

    /// Adds how many times the request was sent.
    #[must_use]
    pub fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Adds the distance of the clocks in seconds, positive when ours is ahead.
    #[must_use]
    pub fn with_clock_skew(mut self, seconds: i64) -> Self {
        self.0.clock_skew = Some(seconds);
        self
    }

    /// The same failure by what it means to the caller: what is known of the call goes along, and the error itself
    /// becomes the source.
    pub(crate) fn described_as(self, mut meaning: Self) -> Self {
        let (from, to) = (&*self.0, &mut *meaning.0);
        to.attempts = from.attempts;
        to.effect = from.effect;
        to.status = to.status.or(from.status);
        to.request_id = to.request_id.take().or_else(|| from.request_id.clone());
        to.retry_after = to.retry_after.or(from.retry_after);
        to.excerpt = to.excerpt.take().or_else(|| from.excerpt.clone());
        meaning.with_source(self)
    }

    /// The same failure for each of those who waited for one thing, in its own words: the last one gets the error
    /// itself, the others one that says the same and has it as the source.
    pub(crate) fn duplicate(shared: Arc<Self>) -> Self {
        let shared = match Arc::try_unwrap(shared) {
            Ok(error) => return error,
            Err(shared) => shared,
        };
        let inner = &*shared.0;
        let mut error =
            Self::new(inner.kind, inner.what.clone()).with_effect(inner.effect).with_attempts(inner.attempts);
        error.0.provider = inner.provider;
        error.0.operation = inner.operation;
        error.0.hint = inner.hint.clone();
        error.0.status = inner.status;
        error.0.check = inner.check;
        error.0.path = inner.path.clone();
        error.0.code = inner.code.clone();
        error.0.message = inner.message.clone();
        error.0.fields = inner.fields.clone();
        error.0.request_id = inner.request_id.clone();
        error.0.retry_after = inner.retry_after;
        error.0.diagnosis = inner.diagnosis.clone();
        error.0.clock_skew = inner.clock_skew;
        error.0.excerpt = inner.excerpt.clone();
        error.with_source(shared)
    }

    pub(crate) fn with_excerpt(mut self, excerpt: String) -> Self {
        self.0.excerpt = Some(Pii::new(excerpt));
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        match (inner.provider, inner.operation) {
            (Some(provider), Some(operation)) => write!(f, "{provider} {operation}: ")?,
            (Some(provider), None) => write!(f, "{provider}: ")?,
            (None, Some(operation)) => write!(f, "{operation}: ")?,
            (None, None) => {}
        }
        write!(f, "{}", inner.kind)?;
        if !inner.what.is_empty() {
            write!(f, ": {}", inner.what)?;
        }
        if let (ErrorKind::Store, Some(source)) = (inner.kind, &inner.source) {
            // One that several callers waited for has the error itself for its source.
            let source = match source.downcast_ref::<Arc<Self>>() {
                Some(shared) => shared.0.source.as_deref(),
                None => Some(&**source),
            };
            let line = source.map(ToString::to_string).unwrap_or_default();
            let line = line.trim().chars().map(|char| if char.is_control() { ' ' } else { char }).take(200);
            let line = line.collect::<String>();
            if !line.is_empty() {
                write!(f, ": {line}")?;
            }
        }
        let mut notes = DisplayDetails { f, any: false };
        if let Some(status) = inner.status {
            notes.add(format_args!("HTTP {}", status.as_u16()))?;
        }
        if let Some(code) = &inner.code {
            notes.add(format_args!("code {}", Sanitized(code)))?;
        }
        if let Some(check) = inner.check {
            notes.add(format_args!("check {check}"))?;
        }
        if let Some(path) = &inner.path {
            notes.add(format_args!("at {}", Sanitized(path)))?;
        }
        for field in inner.fields.iter().take(4) {
            notes.add(format_args!("field {}", Sanitized(&field.field)))?;
        }
        for word in &inner.diagnosis {
            notes.add(format_args!("likely {word}"))?;
        }
        if let Some(skew) = inner.clock_skew {
            let side = if skew < 0 { "behind" } else { "ahead of" };
            notes.add(format_args!("the local clock is {} s {side} the provider's", skew.unsigned_abs()))?;
        }
        if inner.attempts > 1 {
            notes.add(format_args!("after {} attempts", inner.attempts))?;
        }
        if let Some(id) = &inner.request_id {
            notes.add(format_args!("request {}", Sanitized(id)))?;
        }
        if let Some(wait) = inner.retry_after {
            notes.add(format_args!("retry in {} s", wait.as_secs_f32().ceil()))?;
        }
        notes.close()?;
        if inner.effect == Effect::Unknown {
            f.write_str("; it may have taken effect")?;
        }
        if let Some(hint) = &inner.hint {
            write!(f, "; {hint}")?;
        }
        Ok(())
    }
}

crate::privacy::redacted_debug!(Error {
    kind: |this| this.0.kind,
    text: |this| format_args!("{this}"),
    source: |this| this.0.source,
    ..
});

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

struct DisplayDetails<'a, 'b> {
    f: &'a mut fmt::Formatter<'b>,
    any: bool,
}

impl DisplayDetails<'_, '_> {
    fn add(&mut self, note: fmt::Arguments<'_>) -> fmt::Result {
        self.f.write_str(if self.any { ", " } else { " (" })?;
        self.any = true;
        self.f.write_fmt(note)
    }

    fn close(self) -> fmt::Result {
        if self.any { self.f.write_str(")") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_says_what_was_done_what_happened_and_what_to_do() {
        let error = Error::new(ErrorKind::RateLimited, "too many requests")
            .during(ProviderId::new("shuftipro"), "status")
            .with_status(StatusCode::TOO_MANY_REQUESTS)
            .with_retry_after(Duration::from_millis(1_200))
            .with_attempts(3)
            .with_hint("slow down");
        assert_eq!(
            error.to_string(),
            "shuftipro status: rate limited: too many requests (HTTP 429, after 3 attempts, retry in 2 s); slow down"
        );
        assert!(error.is_retryable());
        assert!(!error.may_have_taken_effect());
    }

    #[test]
    fn words_from_outside_are_shown_only_while_they_look_like_words() {
        let error = Error::new(ErrorKind::InvalidRequest, "refused")
            .with_code("Jane Roe <jane@example.com>")
            .with_provider_message("dob 1978-03-13 is wrong")
            .with_field(FieldError::new("document.dob", "1978-03-13"));
        for text in [error.to_string(), format!("{error:?}"), format!("{:?}", error.fields())] {
            assert!(!text.contains("Jane") && !text.contains("1978"), "{text}");
        }
        assert!(error.to_string().contains("field document.dob"));
        assert_eq!(error.provider_message(), Some("dob 1978-03-13 is wrong"));
    }

    #[test]
    fn what_a_store_said_is_named_in_the_line_and_stays_in_the_chain() {
        let error = Error::store("Key (email)=(jane@example.com)\nexists");
        assert!(StdError::source(&error).is_some_and(|source| source.to_string().contains('\n')));
        assert_eq!(
            error.to_string(),
            "store or handler failed: the application's store or handler failed: Key (email)=(jane@example.com) exists"
        );
        assert!(Error::store("é".repeat(10_000)).to_string().chars().count() < 300);
        let shared = Arc::new(error);
        assert_eq!(Error::duplicate(Arc::clone(&shared)).to_string(), shared.to_string());
        let other = Error::new(ErrorKind::Provider, "down").with_source("jane");
        assert!(!other.to_string().contains("jane"), "{other}");
    }

    #[test]
    fn who_waited_for_another_s_failure_is_given_its_reason() {
        let first = Arc::new(
            Error::new(ErrorKind::Expired, "the challenge is over")
                .during(ProviderId::new("selfkey"), "reply")
                .with_check("claim.expired")
                .with_clock_skew(7)
                .with_hint("log in again"),
        );
        let again = Error::duplicate(Arc::clone(&first));
        assert_eq!(again.to_string(), first.to_string());
    }

    #[test]
    fn the_first_context_stays() {
        let error = Error::configuration("x")
            .during(ProviderId::new("inner"), "token")
            .during(ProviderId::new("outer"), "call");
        assert_eq!(error.operation(), Some("token"));
        assert_eq!(error.provider(), Some(ProviderId::new("inner")));
    }
}
