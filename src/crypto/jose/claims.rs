//! The registered claims (RFC 7519 section 4.1) of a token with a verified signature.
//!
//! josekit's own check passes a token that lacks the claim it is asked for, knows no leeway, and panics on dates that
//! are out of range; it is not used, and neither is its payload type.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{
    clock::Clock,
    error::{Error, ErrorKind},
    wire::unique,
};

/// The last second of the year 9999. A number beyond it is no time in seconds since 1970; a time in milliseconds is one
/// that is, from 1978 on.
pub(crate) const LATEST_DATE: u64 = 253_402_300_799;

/// The names of RFC 7519 section 4.1.
const REGISTERED: &[&str] = &["aud", "exp", "iat", "iss", "jti", "nbf", "sub"];

/// The claims of a token.
#[derive(Clone)]
pub(crate) struct Claims(Map<String, Value>);

/// Policy for the registered claims. Dates that are there are always checked; what must be there, and for whom the
/// token must be, is said here.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaimRules {
    required: Vec<&'static str>,
    leeway: Duration,
    longest_life: Option<Duration>,
    past_issue: bool,
    issuer: Option<String>,
    audience: Option<String>,
}

/// Reason for refusing a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The time that it names has not come.
    Early,
    /// The time that it names has passed.
    Expired,
    /// The type is not that of RFC 7519.
    Malformed,
    /// It names another party.
    Mismatch,
    /// It is required and absent.
    Missing,
    /// It is a number that is no time in seconds: beyond the year 9999, as a time in milliseconds is.
    OutOfRange,
}

/// A claim that was refused. Its value is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The claim's name.
    pub(crate) claim: &'static str,
    pub(crate) cause: Cause,
    /// How far the local clock is ahead of the issuer's, in seconds, when the token shows it: it was issued in our
    /// future, so the number is negative.
    pub(crate) clock_skew: Option<i64>,
}

impl Refusal {
    /// A number that is no time in seconds.
    pub(crate) fn out_of_range(claim: &'static str) -> Self {
        Self { claim, cause: Cause::OutOfRange, clock_skew: None }
    }
}

impl ClaimRules {
    /// Creates a policy that requires nothing, with no leeway and any issuer and audience.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Claims that must be there.
    #[must_use]
    pub(crate) fn require(mut self, claims: impl IntoIterator<Item = &'static str>) -> Self {
        self.required.extend(claims);
        self
    }

    /// Sets the leeway between the clocks.
    #[must_use]
    pub(crate) fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Sets the maximum age of the token, by `iat`, which it requires.
    #[must_use]
    pub(crate) fn longest_life(mut self, life: Duration) -> Self {
        self.longest_life = Some(life);
        self.require(["iat"])
    }

    /// Refuses a token with an `iat` in the future.
    #[must_use]
    pub(crate) fn issued_in_the_past(mut self) -> Self {
        self.past_issue = true;
        self
    }

    /// Sets the required issuer (`iss`).
    #[must_use]
    pub(crate) fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self.require(["iss"])
    }

    /// Sets the required audience (`aud`, or one of them).
    #[must_use]
    pub(crate) fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self.require(["aud"])
    }
}

impl Claims {
    /// Reads a payload.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Decode`] unless it is a JSON object in which no member is named twice.
    pub(crate) fn read(payload: &[u8]) -> Result<Self, Error> {
        unique::object(payload).map(Self).ok_or_else(not_an_object)
    }

    /// Reads the registered claims of a payload and no others. The payload is held to the same rules as by
    /// [`read`](Self::read); other claims are read from its text.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub(crate) fn registered(payload: &[u8]) -> Result<Self, Error> {
        unique::members(payload, REGISTERED).map(Self).ok_or_else(not_an_object)
    }

    /// Checks the claims. A date equal to the current second counts as passed.
    ///
    /// # Errors
    ///
    /// A [`Refusal`], which turns into an [`Error`].
    pub(crate) fn check(&self, rules: &ClaimRules, clock: &Clock) -> Result<(), Refusal> {
        let refused = |claim, cause| Refusal { claim, cause, clock_skew: None };
        if let Some(claim) = rules.required.iter().find(|claim| !self.0.contains_key(**claim)) {
            return Err(refused(claim, Cause::Missing));
        }
        // Seconds since 1970 stay far below 2^53.
        let now = clock.unix_seconds() as f64;
        let leeway = rules.leeway.as_secs_f64();
        let [expiry, start, issued] = ["exp", "nbf", "iat"].map(|claim| self.date(claim));
        let (expiry, start, issued) = (expiry?, start?, issued?);
        let clock_skew = issued.filter(|issued| *issued > now).map(|issued| (now - issued) as i64);

        if expiry.is_some_and(|expiry| expiry <= now - leeway) {
            return Err(refused("exp", Cause::Expired));
        }
        if start.is_some_and(|start| start > now + leeway) {
            return Err(Refusal { clock_skew, ..refused("nbf", Cause::Early) });
        }
        if rules.past_issue && issued.is_some_and(|issued| issued > now + leeway) {
            return Err(Refusal { clock_skew, ..refused("iat", Cause::Early) });
        }
        if let (Some(life), Some(issued)) = (rules.longest_life, issued)
            && issued + life.as_secs_f64() <= now - leeway
        {
            return Err(refused("iat", Cause::Expired));
        }
        if let Some(issuer) = &rules.issuer {
            match self.0.get("iss") {
                Some(Value::String(found)) if found == issuer => {}
                Some(Value::String(_)) => return Err(refused("iss", Cause::Mismatch)),
                _ => return Err(refused("iss", Cause::Malformed)),
            }
        }
        if let Some(audience) = &rules.audience {
            match self.0.get("aud") {
                Some(Value::String(found)) if found == audience => {}
                Some(Value::Array(all)) if all.iter().any(|one| one == audience.as_str()) => {}
                Some(Value::String(_) | Value::Array(_)) => return Err(refused("aud", Cause::Mismatch)),
                _ => return Err(refused("aud", Cause::Malformed)),
            }
        }
        Ok(())
    }

    /// The claim's value.
    pub(crate) fn get(&self, claim: &str) -> Option<&Value> {
        self.0.get(claim)
    }

    /// Returns all claims, in signed order.
    pub(crate) fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// A `NumericDate` (RFC 7519 section 2): seconds since 1970, fractions allowed.
    fn date(&self, claim: &'static str) -> Result<Option<f64>, Refusal> {
        let refused = |cause| Err(Refusal { claim, cause, clock_skew: None });
        match self.0.get(claim) {
            None => Ok(None),
            Some(Value::Number(number)) => match number.as_f64() {
                // The bound is far below 2^53.
                Some(date) if date.abs() <= LATEST_DATE as f64 => Ok(Some(date)),
                _ => refused(Cause::OutOfRange),
            },
            Some(_) => refused(Cause::Malformed),
        }
    }
}

fn not_an_object() -> Error {
    Error::new(ErrorKind::Decode, "the token's payload is not a JSON object").with_path(".")
}

impl Cause {
    /// The word for [`Error::check`](crate::Error::check).
    pub(crate) fn check(self) -> &'static str {
        match self {
            Self::Early => "claim.early",
            Self::Expired => "claim.expired",
            Self::Malformed => "claim.malformed",
            Self::Mismatch => "claim.mismatch",
            Self::Missing => "claim.missing",
            Self::OutOfRange => "claim.out_of_range",
        }
    }
}

impl From<Refusal> for Error {
    /// The path is the claim's name, the check its cause.
    fn from(refusal: Refusal) -> Self {
        let (kind, what) = match refusal.cause {
            Cause::Early => (ErrorKind::Signature, "the token is not valid yet"),
            Cause::Expired => (ErrorKind::Expired, "the token's time has passed"),
            Cause::Malformed => (ErrorKind::Decode, "a claim of the token is of another type"),
            Cause::Mismatch => (ErrorKind::Signature, "the token is from or for another party"),
            Cause::Missing => (ErrorKind::Decode, "the token lacks a claim"),
            Cause::OutOfRange => {
                (ErrorKind::Decode, "a time claim is beyond the year 9999, as one in milliseconds would be")
            }
        };
        let error = Self::new(kind, what).with_check(refusal.cause.check()).with_path(refusal.claim);
        match refusal.clock_skew {
            Some(skew) => error.with_clock_skew(skew).with_hint("set the local clock, or allow more leeway"),
            None => error,
        }
    }
}

crate::privacy::redacted_debug!(Claims { .. });
