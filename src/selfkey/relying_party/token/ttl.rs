//! Lifetimes as text.

use std::time::Duration;

use crate::error::Error;

/// Reads a lifetime as the provider's library takes it: `90s`, `30m`, `1h`, `7d`; digits alone are milliseconds.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) for another text.
pub fn parse_ttl(text: &str) -> Result<Duration, Error> {
    let refused = || Error::configuration("a lifetime is a number and a unit, such as 30m");
    if text.len() > 32 {
        return Err(refused());
    }
    let split = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().map_err(|_| refused())?;
    let milliseconds = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e3,
        "m" | "min" | "mins" | "minute" | "minutes" => 60e3,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600e3,
        "d" | "day" | "days" => 86_400e3,
        "w" | "week" | "weeks" => 604_800e3,
        "y" | "yr" | "yrs" | "year" | "years" => 31_557_600e3,
        _ => return Err(refused()),
    };
    Duration::try_from_secs_f64(number * milliseconds / 1e3).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_read_as_the_library_reads_them() {
        // vercel/ms: its own test file.
        for (text, milliseconds) in [
            ("100", 100),
            ("1m", 60_000),
            ("1h", 3_600_000),
            ("2d", 172_800_000),
            ("1.5h", 5_400_000),
            ("1 s", 1_000),
        ] {
            assert_eq!(parse_ttl(text).expect(text), Duration::from_millis(milliseconds), "{text}");
        }
        for text in ["", "h", "-1h", "1 fortnight", "1h1", "NaN", "1e99y", "9".repeat(40).as_str()] {
            assert!(parse_ttl(text).is_err(), "{text}");
        }
    }
}
