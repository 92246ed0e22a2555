//! A moment in whole seconds, which every form can carry.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The first and the last second of the years that RFC 3339 can write and [`Date`](crate::Date) knows.
const RANGE: (i64, i64) = (-62_135_596_800, 253_402_300_799);

/// Seconds since 1970, cut down, within the years 1 to 9999. A moment outside of them becomes the nearest one inside:
/// providers have sent larger numbers, and none of them is a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Moment(i64);

impl Moment {
    pub(crate) fn of(time: SystemTime) -> Self {
        let seconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            Err(before) => {
                let before = before.duration();
                let whole = i64::try_from(before.as_secs()).unwrap_or(i64::MAX);
                -whole - i64::from(before.subsec_nanos() > 0)
            }
        };
        Self(seconds.clamp(RANGE.0, RANGE.1))
    }

    pub(crate) fn time(self) -> SystemTime {
        let distance = Duration::from_secs(self.0.unsigned_abs());
        let time = if self.0 < 0 {
            SystemTime::UNIX_EPOCH.checked_sub(distance)
        } else {
            SystemTime::UNIX_EPOCH.checked_add(distance)
        };
        time.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// `2026-11-25T16:44:05Z`; `None` never happens within [`RANGE`].
    pub(crate) fn rfc3339(self) -> Option<String> {
        OffsetDateTime::from_unix_timestamp(self.0).ok()?.format(&Rfc3339).ok()
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.rfc3339().ok_or_else(|| ser::Error::custom("no year that RFC 3339 can write"))?;
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment = OffsetDateTime::parse(&text, &Rfc3339)
            .map_err(|_| de::Error::custom("not a time in the form of RFC 3339"))?;
        Ok(Self(moment.unix_timestamp().clamp(RANGE.0, RANGE.1)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_moment_is_written_as_rfc_3339_writes_it() {
        // RFC 3339, section 5.8, and the edges.
        let written = |seconds| Moment(seconds).rfc3339().expect("in range");
        assert_eq!(written(482_196_050), "1985-04-12T23:20:50Z");
        assert_eq!(written(RANGE.0), "0001-01-01T00:00:00Z");
        assert_eq!(written(RANGE.1), "9999-12-31T23:59:59Z");
        let read: Moment = serde_json::from_str(r#""1996-12-19T16:39:57-08:00""#).expect("a time");
        assert_eq!(read.rfc3339().as_deref(), Some("1996-12-20T00:39:57Z"));
        assert!(serde_json::from_str::<Moment>(r#""1996-12-19""#).is_err());
    }

    #[test]
    fn what_is_no_time_becomes_the_nearest_one() {
        let far = SystemTime::UNIX_EPOCH + Duration::from_secs(9_000_000_000_000);
        assert_eq!(Moment::of(far), Moment(RANGE.1));
        let before = SystemTime::UNIX_EPOCH - Duration::from_millis(1);
        assert_eq!(Moment::of(before), Moment(-1));
    }

    proptest! {
        #[test]
        fn a_moment_survives_json_and_the_clock(seconds in RANGE.0..=RANGE.1) {
            let moment = Moment(seconds);
            prop_assert_eq!(Moment::of(moment.time()), moment);
            let text = serde_json::to_string(&moment).expect("a text");
            prop_assert_eq!(serde_json::from_str::<Moment>(&text).expect("a moment"), moment);
        }
    }
}
