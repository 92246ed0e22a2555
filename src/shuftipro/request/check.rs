//! Local checks before sending. A refusal names the field and never its value.

use std::ops::RangeInclusive;

use url::Url;

use super::Field;
use crate::{error::Error, privacy::Pii, shuftipro::model::link_scheme_is_safe};

/// The path of a member: its object's path and its key.
pub(super) fn path(at: &str, key: &str) -> String {
    if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") }
}

/// A text of a number of characters.
pub(super) fn length(at: &str, key: &str, text: &str, range: RangeInclusive<usize>) -> Result<(), Error> {
    if range.contains(&text.chars().count()) {
        return Ok(());
    }
    Err(Error::invalid(path(at, key), format!("must have {} to {} characters", range.start(), range.end())))
}

/// An optional text of a number of characters.
pub(super) fn optional_length(
    at: &str,
    key: &str,
    text: Option<&Pii<String>>,
    range: RangeInclusive<usize>,
) -> Result<(), Error> {
    text.map_or(Ok(()), |text| length(at, key, text.expose(), range))
}

/// A field's text of a number of characters, where it has one.
pub(super) fn field_length(
    at: &str,
    key: &str,
    field: &Field<Pii<String>>,
    range: RangeInclusive<usize>,
) -> Result<(), Error> {
    optional_length(at, key, field.value(), range)
}

/// Two letters of ASCII: a country or a language. The lists are the provider's to check.
pub(super) fn two_letters(at: &str, key: &str, text: Option<&String>) -> Result<(), Error> {
    match text {
        Some(text) if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            Err(Error::invalid(path(at, key), "must have two letters"))
        }
        _ => Ok(()),
    }
}

/// An address that the provider sends results to: they are personal, so it is `https`, or this machine for tests.
pub(super) fn callback_url(text: Option<&Pii<String>>) -> Result<(), Error> {
    let Some(text) = text else { return Ok(()) };
    length("", "callback_url", text.expose(), 6..=250)?;
    match Url::parse(text.expose()) {
        Ok(url) if link_scheme_is_safe(&url) => Ok(()),
        _ => Err(Error::invalid("callback_url", "must be an https address, or http on the loopback")),
    }
}

/// Where the person goes at the end: an absolute address, which may belong to an app.
pub(super) fn redirect_url(text: Option<&Pii<String>>) -> Result<(), Error> {
    let Some(text) = text else { return Ok(()) };
    length("", "redirect_url", text.expose(), 6..=250)?;
    match Url::parse(text.expose()) {
        Ok(url) if !matches!(url.scheme(), "javascript" | "data") => Ok(()),
        _ => Err(Error::invalid("redirect_url", "must be an absolute address")),
    }
}

/// With a proof, no more than the one type that it shows.
pub(super) fn one_type<T, P>(at: &str, types: &[T], proof: &Field<P>) -> Result<(), Error> {
    if proof.value().is_some() && types.len() > 1 {
        return Err(Error::invalid(
            path(at, "supported_types"),
            "with a proof, name the one type that it shows",
        ));
    }
    Ok(())
}
