//! Amounts and durations of orders and offers, as the provider writes them: the value is a text.
//!
//! An amount is never a float here. It is kept as the decimal text it was given as.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _, ser::SerializeStruct};
use serde_json::Value;

use super::json::number_text;
use crate::{
    error::Error,
    wire::{self, open_enum},
};

open_enum! {
    /// A currency. Only VND is really available, says the provider.
    pub enum Currency {
        /// US dollar.
        Usd = "USD",
        /// Vietnamese dong.
        Vnd = "VND",
        /// Japanese yen.
        Jpy = "JPY",
    }
}

open_enum! {
    /// What a duration is counted in.
    pub enum DurationUnit {
        /// Not known.
        Unknown = "UNKNOWN",
        /// Days.
        Day = "DAY",
        /// Months.
        Month = "MONTH",
        /// Years.
        Year = "YEAR",
    }
}

/// A number as decimal text, such as `30000000.00`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Amount(String);

impl Amount {
    /// The text, as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Amount {
    type Err = Error;

    /// Takes a number as JSON writes it: `0`, `-1.50`, `1e+21`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let is_number = text.len() <= 100
            && text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            && text.ends_with(|last: char| last.is_ascii_digit())
            && wire::json::from_str::<serde_json::Number>(text).is_ok();
        if is_number {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid("value", "an amount is a decimal number"))
        }
    }
}

impl From<u64> for Amount {
    fn from(whole: u64) -> Self {
        Self(whole.to_string())
    }
}

impl From<u32> for Amount {
    fn from(whole: u32) -> Self {
        Self(whole.to_string())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => {
                text.parse().map_err(|_| D::Error::custom("an amount is a decimal number"))
            }
            Value::Number(number) => number_text(&number).map(Self).map_err(D::Error::custom),
            _ => Err(D::Error::custom("an amount is a text or a number")),
        }
    }
}

/// An amount of money. Zero is an amount.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct Money {
    value: Amount,
    currency: Currency,
}

impl Money {
    /// An amount in a currency.
    ///
    /// ```
    /// use kyckit::credify::money::{Currency, Money};
    ///
    /// # fn main() -> kyckit::Result<()> {
    /// let price = Money::new("30000000.00".parse()?, Currency::Vnd)?;
    /// assert_eq!(serde_json::to_string(&price).unwrap(), r#"{"currency":"VND","value":"30000000.00"}"#);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a currency that the provider does not know.
    pub fn new(value: Amount, currency: Currency) -> Result<Self, Error> {
        if currency.is_known() {
            Ok(Self { value, currency })
        } else {
            Err(Error::invalid("currency", "The currency needs to be one of USD, VND, JPY"))
        }
    }

    /// The amount.
    pub fn value(&self) -> &Amount {
        &self.value
    }

    /// The currency.
    pub fn currency(&self) -> &Currency {
        &self.currency
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut money = serializer.serialize_struct("Money", 2)?;
        money.serialize_field("currency", &self.currency)?;
        money.serialize_field("value", &self.value)?;
        money.end()
    }
}

/// A length of time, such as that of a loan.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct Duration {
    value: Amount,
    unit: DurationUnit,
}

impl Duration {
    /// So many of a unit.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a unit that the provider does not know.
    pub fn new(value: impl Into<Amount>, unit: DurationUnit) -> Result<Self, Error> {
        if unit.is_known() {
            Ok(Self { value: value.into(), unit })
        } else {
            Err(Error::invalid("unit", "The unit needs to be one of UNKNOWN, DAY, MONTH, YEAR"))
        }
    }

    /// How many.
    pub fn value(&self) -> &Amount {
        &self.value
    }

    /// Of what.
    pub fn unit(&self) -> &DurationUnit {
        &self.unit
    }
}

impl Serialize for Duration {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut duration = serializer.serialize_struct("Duration", 2)?;
        duration.serialize_field("unit", &self.unit)?;
        duration.serialize_field("value", &self.value)?;
        duration.end()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::ErrorKind;

    proptest! {
        #[test]
        fn amounts_stay_as_they_were_given(text in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,4})?") {
            let amount: Amount = text.parse().expect("an amount");
            prop_assert_eq!(amount.as_str(), &text);
        }

        #[test]
        fn reading_an_amount_never_panics(text in ".{0,12}") {
            let _ = text.parse::<Amount>();
        }
    }

    #[test]
    fn what_is_no_number_is_refused_and_zero_is_an_amount() {
        for text in
            ["", "abc", "1,000", " 1", "1 ", "NaN", "Infinity", "0x10", "+1", "1.", ".5", "--1", "1e400"]
        {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        let read = |value: Value| serde_json::from_value::<Amount>(value);
        assert_eq!(read(json!(0)).expect("an amount").as_str(), "0");
        assert!(read(json!("abc")).is_err() && read(json!(true)).is_err());
        let refused = Money::new(Amount::from(1_u32), Currency::from("vnd")).expect_err("refused");
        assert_eq!(refused.kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn durations_are_written_with_the_unit_first() {
        let days = Duration::new(30_u32, DurationUnit::Day).expect("a duration");
        assert_eq!(serde_json::to_string(&days).expect("JSON"), r#"{"unit":"DAY","value":"30"}"#);
        let weeks = Duration::new(1_u32, DurationUnit::from("WEEK"));
        assert_eq!(weeks.expect_err("refused").kind(), ErrorKind::InvalidRequest);
        let zero = Duration::new(0_u32, DurationUnit::from("YEAR")).expect("a duration");
        assert_eq!(zero.value().as_str(), "0");
    }

    #[test]
    fn answers_may_have_numbers_and_currencies_that_are_new() {
        let money: Money = serde_json::from_value(json!({"value": 1.5, "currency": "EUR"})).expect("read");
        assert_eq!((money.value().as_str(), money.currency().as_str()), ("1.5", "EUR"));
    }
}
