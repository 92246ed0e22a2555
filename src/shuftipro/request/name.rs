//! A person's name and age, as they are compared.

use super::{
    body::{Body, Encode},
    check,
    object::object,
};
use crate::{error::Error, privacy::Pii};

object! {
    /// A name to compare with. Letters of every script are the provider's to judge.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Name {
        /// The given name, 1 to 32 characters.
        pub fn first_name(optional Pii<String>);
        /// The middle name, 1 to 32 characters.
        pub fn middle_name(optional Pii<String>);
        /// The family name, 1 to 32 characters.
        pub fn last_name(optional Pii<String>);
        /// The name in one piece. It wins over the other three.
        pub fn full_name(optional Pii<String>);
        fn fuzzy_match(hidden bool);
    }
}

impl Name {
    /// A name in one piece.
    pub fn full(name: impl Into<Pii<String>>) -> Self {
        Self::default().full_name(name)
    }

    /// A given name alone.
    pub fn first(name: impl Into<Pii<String>>) -> Self {
        Self::default().first_name(name)
    }

    /// Given and family name.
    pub fn first_last(first: impl Into<Pii<String>>, last: impl Into<Pii<String>>) -> Self {
        Self::first(first).last_name(last)
    }

    /// Lets differences of spelling pass.
    #[must_use]
    pub fn fuzzy_match(mut self) -> Self {
        // The provider knows "1" only.
        self.fuzzy_match = Some(true);
        self
    }

    pub(super) fn check(&self, at: &str) -> Result<(), Error> {
        let at = check::path(at, "name");
        check::optional_length(&at, "first_name", self.first_name.as_ref(), 1..=32)?;
        check::optional_length(&at, "middle_name", self.middle_name.as_ref(), 1..=32)?;
        check::optional_length(&at, "last_name", self.last_name.as_ref(), 1..=32)?;
        match (&self.first_name, &self.full_name) {
            (_, Some(full)) if full.expose().is_empty() => {
                Err(Error::invalid(check::path(&at, "full_name"), "must not be empty"))
            }
            (None, None) => {
                Err(Error::invalid(check::path(&at, "first_name"), "is needed, or the name in one piece"))
            }
            _ => Ok(()),
        }
    }
}

/// An age in years to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    min: u32,
    max: u32,
    range: bool,
}

impl Age {
    /// This age.
    pub const fn exactly(years: u32) -> Self {
        Self { min: years, max: years, range: false }
    }

    /// An age from `min` to `max`, both included.
    pub const fn between(min: u32, max: u32) -> Self {
        Self { min, max, range: true }
    }

    pub(super) fn check(self, at: &str) -> Result<(), Error> {
        if self.min <= self.max {
            return Ok(());
        }
        Err(Error::invalid(check::path(at, "age"), "ends before it begins"))
    }
}

impl Encode for Age {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        if self.range {
            body.object(None, |object| {
                object.member("min", &self.min);
                object.member("max", &self.max);
            });
        } else {
            self.min.encode(body);
        }
    }
}
