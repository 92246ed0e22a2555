//! A day of the calendar, as identity data has it: no time, no zone.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::Error;

/// A day of the Gregorian calendar from year 1 to 9999, written `yyyy-mm-dd`.
///
/// A birth date is personal: keep it as [`Pii<Date>`](crate::privacy::Pii). `Date` alone prints itself.
///
/// ```
/// use kyckit::Date;
///
/// let day: Date = "1990-10-31".parse()?;
/// assert_eq!(day, Date::new(1990, 10, 31)?);
/// assert_eq!(day.to_string(), "1990-10-31");
/// assert!("1990-02-30".parse::<Date>().is_err());
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day by its numbers; months and days count from 1.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the calendar has no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Error> {
        let exists = (1..=9999).contains(&year)
            && time::Month::try_from(month)
                .is_ok_and(|month| time::Date::from_calendar_date(i32::from(year), month, day).is_ok());
        if exists { Ok(Self { year, month, day }) } else { Err(no_such_day()) }
    }

    /// The year, 1 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1 to 31.
    pub const fn day(self) -> u8 {
        self.day
    }
}

fn no_such_day() -> Error {
    Error::invalid("date", "not a day of the calendar in the form yyyy-mm-dd")
}

impl FromStr for Date {
    type Err = Error;

    /// Reads `yyyy-mm-dd` and nothing else: no blanks, no other separator, no time.
    fn from_str(text: &str) -> Result<Self, Error> {
        let number = |from: usize, to: usize| {
            let digits = text.as_bytes().get(from..to)?;
            digits.iter().try_fold(0_u16, |number, digit| {
                digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0'))
            })
        };
        let small = |from, to| number(from, to).and_then(|number| u8::try_from(number).ok());
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(no_such_day());
        }
        match (number(0, 4), small(5, 7), small(8, 10)) {
            (Some(year), Some(month), Some(day)) => Self::new(year, month, day),
            _ => Err(no_such_day()),
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| de::Error::custom("not a date in the form yyyy-mm-dd"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_in_the_one_form_are_read() {
        for good in ["0001-01-01", "2000-02-29", "2024-02-29", "9999-12-31"] {
            assert_eq!(good.parse::<Date>().expect("a day").to_string(), good);
        }
        for bad in [
            "",
            "1990-02-30",
            "1900-02-29",
            "0000-01-01",
            "1990-13-01",
            "1990-00-10",
            "1990-10-00",
            "90-10-10",
            "1990-1-1",
            "1990/10/10",
            "1990-10-10 ",
            " 1990-10-10",
            "1990-10-1O",
            "+990-10-10",
            "1990-10-10T00",
            "१९९०-१०-१०",
            "١٩-١٠-١",
        ] {
            assert!(bad.parse::<Date>().is_err(), "{bad}");
        }
    }

    #[test]
    fn days_compare_by_time_and_serialise_as_text() {
        let early = Date::new(1999, 12, 31).expect("a day");
        let late = Date::new(2000, 1, 1).expect("a day");
        assert!(early < late);
        assert_eq!(serde_json::to_string(&late).expect("text"), r#""2000-01-01""#);
        assert_eq!(serde_json::from_str::<Date>(r#""1999-12-31""#).expect("a day"), early);
        assert!(serde_json::from_str::<Date>(r#""31.12.1999""#).is_err());
    }
}
