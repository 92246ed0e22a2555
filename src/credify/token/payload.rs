//! The members that several tokens have, and how they are dated.

use std::time::SystemTime;

use serde_json::{Map, Value};

use crate::{clock::Clock, credify::json::case};

/// Seconds that a token is dated back.
const BACK: i64 = 60;

/// The time of day in seconds, from the half on rounded up, as every peer computes it.
pub(crate) fn now(clock: &Clock) -> i64 {
    let since = clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let rounded = since.as_millis().saturating_add(500) / 1000;
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

/// When a token that is made now says that it was made.
pub(super) fn issued_at(clock: &Clock) -> i64 {
    now(clock).saturating_sub(BACK)
}

/// A member of a payload, in the wire's case or in the SDK's.
pub(super) fn member<'a>(payload: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    payload.get(name).or_else(|| payload.get(&case::camel(name)))
}

/// A text of a payload; none when it is empty.
pub(super) fn text(payload: &Map<String, Value>, name: &str) -> Option<String> {
    member(payload, name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The scopes of a payload: one text, split at single blanks.
pub(super) fn scopes(payload: &Map<String, Value>) -> Option<Vec<String>> {
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
