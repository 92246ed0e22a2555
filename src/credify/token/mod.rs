//! The tokens that entities sign for each other: compact JWTs by Ed25519.
//!
//! | token | who signs | for what |
//! | --- | --- | --- |
//! | [`login_token`] | an organisation | its client secret at the token endpoint |
//! | [`claim`] | a market | that it holds claims of a user: the hash of a scope |
//! | [`RequestToken`] | a service provider | which scopes it asks for, and the key to encrypt them for |
//! | [`ApprovalToken`] | a user | which scopes a service provider may have |
//! | [`IdentityToken`] | a user | the hash of an identity document |
//! | [`disbursement`] | a market | documents of an order |
//!
//! Tokens are dated a minute back, so that a peer whose clock is a little behind takes them.
//!
//! Sources: RFC 7519, RFC 8037, and `@credify/crypto` 1.4.8 with `@credify/nodejs` 1.22.6, whose tokens the tests
//! compare with to the byte.

mod approval;
pub mod claim;
pub mod disbursement;
mod identity;
pub(crate) mod jwt;
mod login;
mod request;

pub(crate) use approval::ApprovalPayload;
pub use approval::ApprovalToken;
pub use identity::IdentityToken;
pub use login::login_token;
pub(crate) use request::RequestPayload;
pub use request::RequestToken;

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::json::case;
use crate::clock::Clock;

/// Seconds that a token is dated back.
const BACK: i64 = 60;

/// The time of day in seconds, from the half on rounded up, as every peer computes it.
pub(crate) fn now(clock: &Clock) -> i64 {
    let since = clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let rounded = since.as_millis().saturating_add(500) / 1000;
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

/// When a token that is made now says that it was made.
fn issued_at(clock: &Clock) -> i64 {
    now(clock).saturating_sub(BACK)
}

/// A member of a payload, in the wire's case or in the SDK's.
fn member<'a>(payload: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    payload.get(name).or_else(|| payload.get(&case::camel(name)))
}

/// A text of a payload; none when it is empty.
fn text(payload: &Map<String, Value>, name: &str) -> Option<String> {
    member(payload, name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The scopes of a payload: one text, split at single blanks.
fn scopes(payload: &Map<String, Value>) -> Option<Vec<String>> {
    Some(member(payload, "scopes")?.as_str()?.split(' ').map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn seconds_are_rounded_up_from_the_half_on() {
        for (milliseconds, seconds) in [(0, 0), (499, 0), (500, 1), (1_664_236_800_500, 1_664_236_801)] {
            let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds));
            assert_eq!(now(&clock), seconds);
        }
        let (early, _) = Clock::frozen(SystemTime::UNIX_EPOCH - Duration::from_secs(5));
        assert_eq!(issued_at(&early), -60);
    }
}
