//! Moments as text.

use std::time::SystemTime;

use time::{OffsetDateTime, macros::format_description};

/// ISO 8601 in UTC with milliseconds.
pub(super) fn timestamp(moment: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let moment =
        time::Duration::try_from(since).ok().and_then(|since| OffsetDateTime::UNIX_EPOCH.checked_add(since));
    moment.and_then(|moment| moment.format(format).ok()).unwrap_or_default()
}
