//! Dates as the profile writes them: `MM-dd-YYYY`.

use serde::{Deserialize, Deserializer};

use crate::{
    date::Date,
    privacy::{Pii, REDACTED},
};

/// A date of the profile, with the text that it was read from.
///
/// The form is `MM-dd-YYYY` and nothing else: `05-01-1980` is the first of May 1980. A text that is no such date does
/// not fail the profile; it is kept, and [`date`](Self::date) gives none. Day-first is never tried.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProfileDate {
    raw: String,
    date: Option<Date>,
}

impl ProfileDate {
    /// The day, or none when the text is no date.
    pub fn date(&self) -> Option<Pii<Date>> {
        self.date.map(Pii::new)
    }

    /// The text as it came.
    pub fn raw(&self) -> Pii<&str> {
        Pii::new(&self.raw)
    }
}

impl From<String> for ProfileDate {
    fn from(raw: String) -> Self {
        Self { date: month_first(&raw), raw }
    }
}

fn month_first(text: &str) -> Option<Date> {
    let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('-');
    let (month, day, year) = (parts.next()?, parts.next()?, parts.next()?);
    let formed = digits(month, 2) && digits(day, 2) && digits(year, 4) && parts.next().is_none();
    if !formed {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

crate::privacy::redacted_debug!(ProfileDate = REDACTED);

impl<'de> Deserialize<'de> for ProfileDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}
