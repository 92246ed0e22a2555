//! Comparison of names, dates, countries and genders: with the differences, and without guessing.
//!
//! Names are compared by Unicode's own rules (UAX #15 normalisation, case folding by full case mapping; what is
//! invisible is ignored), and by what the machine readable zone of passports makes of Latin letters (ICAO Doc 9303,
//! part 3, section 6): `D` for `Đ`, `UE` for `Ü`. What no such rule says is not guessed: no transliteration between
//! scripts, no `o` for `ø`, no nicknames, no typing errors.
//!
//! Countries are compared by ISO 3166-1, whatever code or name they are given by, and genders by one short vocabulary.
//! A value that is not understood is [`NotComparable`](Comparison::NotComparable), unless both are the same text.
//!
//! ```
//! use kyckit::identity::{
//!     Name,
//!     compare::{self, Comparison, NameDifference},
//! };
//!
//! let name = |full: &str| {
//!     let mut name = Name::default();
//!     name.full = Some(full.into());
//!     name
//! };
//! assert_eq!(
//!     compare::names(&name("Zoë O'Hara"), &name("Zoë O'Hara")),
//!     Comparison::Same
//! );
//! assert_eq!(
//!     compare::names(&name("Zoë O'Hara"), &name("O'HARA ZOE")),
//!     Comparison::Similar(vec![
//!         NameDifference::Case,
//!         NameDifference::Diacritics,
//!         NameDifference::Order
//!     ]),
//! );
//! assert_eq!(
//!     compare::names(&name("Zoë O'Hara"), &name("Zoë Roe")),
//!     Comparison::Different
//! );
//! assert_eq!(
//!     compare::names(&name("Zoë O'Hara"), &name("Зоя Охара")),
//!     Comparison::NotComparable
//! );
//! ```

mod name;
#[cfg(test)]
mod tests;
mod text;

#[cfg(test)]
use name::MAX_CHARS;
pub use name::{NameDifference, names};
pub(super) use text::is_ignored;

use text::{folded, visible};

use super::countries;
use crate::{date::Date, privacy::Pii};

/// Result of a comparison. It is symmetric.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison<D> {
    /// They are the same.
    Same,
    /// They may mean the same; the differences let the caller decide. Never empty.
    Similar(Vec<D>),
    /// They are not the same.
    Different,
    /// Undecided: one is missing or not understood, or the scripts differ.
    NotComparable,
}

impl<D> Comparison<D> {
    /// Whether they are the same, exactly.
    pub fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

/// Difference between two dates that may mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DateDifference {
    /// The day of the one is the month of the other.
    DayAndMonth,
}

/// Difference between two countries that may mean the same; none is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CountryDifference {}

/// Difference between two genders that may mean the same; none is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum GenderDifference {}

/// Compares two days.
pub fn dates(left: Date, right: Date) -> Comparison<DateDifference> {
    if left == right {
        Comparison::Same
    } else if (left.year(), left.month(), left.day()) == (right.year(), right.day(), right.month()) {
        Comparison::Similar(vec![DateDifference::DayAndMonth])
    } else {
        Comparison::Different
    }
}

/// Compares two countries, each by whatever is understood: the codes of ISO 3166-1 of two and three letters and of
/// three digits, codes in use beside them (`UK`, `EL`), and names, in English with their official forms and in the
/// languages of this crate's texts.
///
/// ```
/// use kyckit::identity::compare::{Comparison, countries};
///
/// assert_eq!(
///     countries(&"PHL".into(), &"Republic of the Philippines".into()),
///     Comparison::Same
/// );
/// assert_eq!(countries(&"PH".into(), &"Viet Nam".into()), Comparison::Different);
/// assert_eq!(
///     countries(&"PH".into(), &"Atlantis".into()),
///     Comparison::NotComparable
/// );
/// ```
pub fn countries(left: &Pii<String>, right: &Pii<String>) -> Comparison<CountryDifference> {
    understood(left, right, countries::alpha2)
}

/// Compares two genders: `male`, `female` and `other`, their first letters, their words in the languages of this
/// crate's texts, and the digits of ISO 5218. `X` is what passports write for *unspecified*, so it says nothing, and
/// neither do words such as `unknown`.
///
/// ```
/// use kyckit::identity::compare::{Comparison, genders};
///
/// assert_eq!(genders(&"F".into(), &"female".into()), Comparison::Same);
/// assert_eq!(genders(&"F".into(), &"male".into()), Comparison::Different);
/// assert_eq!(genders(&"F".into(), &"X".into()), Comparison::NotComparable);
/// ```
pub fn genders(left: &Pii<String>, right: &Pii<String>) -> Comparison<GenderDifference> {
    understood(left, right, gender)
}

/// Compares what two texts mean. Those that are not understood are the same when the text is.
fn understood<D>(
    left: &Pii<String>,
    right: &Pii<String>,
    meaning: impl Fn(&str) -> Option<&'static str>,
) -> Comparison<D> {
    let (left, right) = (left.expose(), right.expose());
    match (meaning(left), meaning(right)) {
        (Some(left), Some(right)) if left == right => Comparison::Same,
        (Some(_), Some(_)) => Comparison::Different,
        _ => {
            let plain = |text: &str| folded(visible(text).trim());
            let (left, right) = (plain(left), plain(right));
            if left == right && !left.is_empty() { Comparison::Same } else { Comparison::NotComparable }
        }
    }
}

/// The words for genders that are understood.
const GENDERS: &[(&str, &[&str])] = &[
    (
        "male",
        &[
            "male",
            "m",
            "man",
            "1",
            "männlich",
            "mann",
            "masculin",
            "homme",
            "masculino",
            "hombre",
            "lalaki",
            "nam",
            "男",
            "男性",
        ],
    ),
    (
        "female",
        &[
            "female", "f", "woman", "2", "weiblich", "w", "frau", "féminin", "femme", "femenino", "mujer",
            "babae", "nữ", "女", "女性",
        ],
    ),
    ("other", &["other", "o", "diverse", "divers", "non-binary", "nonbinary", "non binary"]),
];

fn gender(text: &str) -> Option<&'static str> {
    let text = folded(visible(text).trim());
    let known = GENDERS.iter().find(|(_, words)| words.iter().any(|word| folded(word) == text));
    known.map(|(gender, _)| *gender)
}
