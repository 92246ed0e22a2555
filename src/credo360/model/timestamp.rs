//! Timestamps in either of two units.
//!
//! The provider's page calls its timestamps Unix seconds, and most of its samples are milliseconds. A value from
//! 100 000 000 000 on is milliseconds (in seconds it would be the year 5138), a lower one seconds.

use std::time::{Duration, SystemTime};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, Unexpected},
};
use serde_json::Value;

use crate::privacy::Pii;

/// The first value that is milliseconds.
const MILLISECONDS: i64 = 100_000_000_000;

/// A moment, which must be there.
pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pii<SystemTime>, D::Error> {
    personal(deserializer)?.ok_or_else(|| D::Error::invalid_type(Unexpected::Unit, &EXPECTED))
}

/// [`optional`], marked as personal.
pub(super) fn personal<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Pii<SystemTime>>, D::Error> {
    optional(deserializer).map(|moment| moment.map(Pii::new))
}

/// A moment, or `None` for `null` and `""`. Digits in a text are read as the number that they are.
pub(in crate::credo360) fn optional<'de, D>(deserializer: D) -> Result<Option<SystemTime>, D::Error>
where
    D: Deserializer<'de>,
{
    let moment = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text.parse().ok().and_then(moment),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => moment(whole),
            None => number.as_f64().and_then(whole).and_then(moment),
        },
        _ => None,
    };
    moment.map(Some).ok_or_else(|| D::Error::invalid_value(Unexpected::Other("value"), &EXPECTED))
}

const EXPECTED: &str = "a Unix timestamp in seconds or milliseconds";

fn moment(value: i64) -> Option<SystemTime> {
    let distance = value.unsigned_abs();
    let distance =
        if value < MILLISECONDS { Duration::from_secs(distance) } else { Duration::from_millis(distance) };
    if value < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    }
}

/// Cuts a fraction off; `None` for what is too large to be a time.
fn whole(number: f64) -> Option<i64> {
    const MAX_SECONDS: f64 = 9e15;
    #[allow(clippy::cast_possible_truncation)]
    (number.abs() <= MAX_SECONDS).then_some(number.floor() as i64)
}

/// Whole seconds since 1970, cut down; a moment before 1970 is zero.
pub(in crate::credo360) fn unix_seconds(moment: SystemTime) -> u64 {
    moment.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Moment(#[serde(deserialize_with = "optional")] Option<SystemTime>);

    fn read(json: &str) -> Option<Option<SystemTime>> {
        serde_json::from_str::<Moment>(json).ok().map(|moment| moment.0)
    }

    fn at(milliseconds: u64) -> Option<Option<SystemTime>> {
        Some(Some(SystemTime::UNIX_EPOCH + Duration::from_millis(milliseconds)))
    }

    #[test]
    fn seconds_and_milliseconds_are_told_apart_by_their_size() {
        // The two samples of the provider's page, and the edge between the units.
        assert_eq!(read("1528249689"), at(1_528_249_689_000));
        assert_eq!(read("1482750938147"), at(1_482_750_938_147));
        assert_eq!(read("99999999999"), at(99_999_999_999_000));
        assert_eq!(read("100000000000"), at(100_000_000_000));
        assert_eq!(unix_seconds(read("1482750938147").flatten().expect("read")), 1_482_750_938);
    }

    #[test]
    fn other_spellings_of_a_number_are_read_and_everything_else_is_refused() {
        assert_eq!(read(r#""1528249689""#), at(1_528_249_689_000));
        assert_eq!(read("1528249689.75"), at(1_528_249_689_000));
        assert_eq!(read("1.528249689e9"), at(1_528_249_689_000));
        assert_eq!(read("null"), Some(None));
        assert_eq!(read(r#""""#), Some(None));
        assert_eq!(read("0"), at(0));
        let before = SystemTime::UNIX_EPOCH - Duration::from_secs(86_400);
        assert_eq!(read("-86400"), Some(Some(before)));
        assert_eq!(unix_seconds(before), 0);
        for bad in ["true", "[]", "{}", r#""today""#, r#""2018-06-06""#, "1e300", "18446744073709551615"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_number_panics(value in any::<i64>(), float in any::<f64>()) {
            let _ = moment(value);
            let _ = whole(float).map(moment);
        }
    }
}
