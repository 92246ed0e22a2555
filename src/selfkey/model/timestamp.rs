//! Moments as JavaScript writes them.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A moment as the other side wrote it: ISO 8601, usually in UTC with milliseconds.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(String);

impl Timestamp {
    /// Returns the text as it came.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the moment. None: the text is none, or lies before 1970.
    pub fn time(&self) -> Option<SystemTime> {
        let moment = OffsetDateTime::parse(&self.0, &Rfc3339).ok()?;
        let nanoseconds = u64::try_from(moment.unix_timestamp_nanos()).ok()?;
        Some(SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds))
    }

    /// Seconds since 1970, to the nearest; half a second counts as the next.
    pub fn unix_seconds(&self) -> Option<u64> {
        let since = self.time()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        Some((since + Duration::from_millis(500)).as_secs())
    }
}

impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.time() {
            Some(_) => f.write_str(&self.0),
            None => f.write_str("not a time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_moment_is_kept_and_does_not_show() {
        for (text, seconds) in [
            ("2020-07-29T16:20:33.500Z", Some(1_596_039_634)),
            ("2020-07-29T18:20:33.499+02:00", Some(1_596_039_633)),
            ("1969-12-31T23:59:59Z", None),
            ("Jane Roe", None),
            ("", None),
        ] {
            let timestamp = Timestamp::from(text.to_owned());
            assert_eq!(timestamp.unix_seconds(), seconds, "{text}");
            assert_eq!(timestamp.as_str(), text);
            assert!(!format!("{timestamp:?}").contains("Jane"));
        }
    }
}
