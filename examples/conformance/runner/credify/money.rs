//! Amounts and durations as a caller of the provider's SDK hands them in.

use kyckit::{
    Error,
    credify::money::{Amount, Currency, Duration, DurationUnit, Money},
};
use serde_json::Value;

/// Reads an amount of money: nothing when it is absent or has no currency or no value.
pub(super) fn money(given: Option<&Value>) -> Result<Option<Money>, Error> {
    let Some((currency, value)) = word_and_value(given, "currency") else { return Ok(None) };
    // The SDK looks at the currency first.
    let currency = Money::new(Amount::from(0_u32), Currency::from(currency))?.currency().clone();
    value.map(|value| Money::new(amount(value)?, currency)).transpose()
}

/// Reads a duration: nothing when it is absent or has no unit or no value.
pub(super) fn duration(given: Option<&Value>) -> Result<Option<Duration>, Error> {
    let Some((unit, value)) = word_and_value(given, "unit") else { return Ok(None) };
    let unit = Duration::new(0_u32, DurationUnit::from(unit))?.unit().clone();
    value.map(|value| Duration::new(amount(value)?, unit)).transpose()
}

/// The word beside a value, and the value unless it is missing or empty; none without a word.
fn word_and_value<'a>(object: Option<&'a Value>, word: &str) -> Option<(&'a str, Option<&'a Value>)> {
    let object = object?;
    let word = object.get(word)?.as_str().filter(|word| !word.is_empty())?;
    let value = object.get("value").filter(|value| !value.is_null() && *value != "");
    Some((word, value))
}

fn amount(value: &Value) -> Result<Amount, Error> {
    serde_json::from_value(value.clone())
        .map_err(|_| Error::invalid("value", "an amount is a decimal number"))
}

#[cfg(test)]
mod tests {
    use kyckit::ErrorKind;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_absent_is_nothing_and_what_is_wrong_is_refused() {
        let zero = money(Some(&json!({"value": 0, "currency": "VND"}))).expect("taken").expect("there");
        assert_eq!(json!(zero), json!({"currency": "VND", "value": "0"}));
        let refused = |value: Value| money(Some(&value)).expect_err("refused").kind();
        assert_eq!(refused(json!({"value": "abc", "currency": "VND"})), ErrorKind::InvalidRequest);
        assert_eq!(refused(json!({"value": 1, "currency": "vnd"})), ErrorKind::InvalidRequest);
        assert_eq!(refused(json!({"value": true, "currency": "VND"})), ErrorKind::InvalidRequest);
        for absent in [json!(null), json!({"value": 1}), json!({"currency": "VND"}), json!({"currency": ""})]
        {
            assert_eq!(money(Some(&absent)).expect("taken"), None, "{absent}");
        }
        assert_eq!(money(None).expect("taken"), None);
        assert!(duration(Some(&json!({"value": 1, "unit": "WEEK"}))).is_err());
        let years = duration(Some(&json!({"value": 0, "unit": "YEAR"}))).expect("taken").expect("there");
        assert_eq!(json!(years), json!({"value": "0", "unit": "YEAR"}));
    }
}
