//! Whether two names, days or countries are the same: with what differs, and without guessing.
//!
//! Names are compared by Unicode's own rules (UAX #15 normalisation, case folding by full case mapping). What no rule of
//! Unicode says is not guessed: no transliteration between scripts, no `ü` for `ue`, no `ø` for `o`, no nicknames, no
//! typing errors.
//!
//! ```
//! use kyckit::identity::{Name, compare::{self, Comparison, NameDifference}};
//!
//! let name = |full: &str| {
//!     let mut name = Name::default();
//!     name.full = Some(full.into());
//!     name
//! };
//! assert_eq!(compare::names(&name("Zoë O'Hara"), &name("Zoë O'Hara")), Comparison::Same);
//! assert_eq!(
//!     compare::names(&name("Zoë O'Hara"), &name("O'HARA ZOE")),
//!     Comparison::Similar(vec![NameDifference::Case, NameDifference::Diacritics, NameDifference::Order]),
//! );
//! assert_eq!(compare::names(&name("Zoë O'Hara"), &name("Zoë Roe")), Comparison::Different);
//! assert_eq!(compare::names(&name("Zoë O'Hara"), &name("Зоя Охара")), Comparison::NotComparable);
//! ```

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::values::Name;
use crate::{date::Date, privacy::Pii};

/// What comparing two values came to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison<D> {
    /// They are the same.
    Same,
    /// They may mean the same; what differs is told, so that the caller can decide. Never empty.
    Similar(Vec<D>),
    /// They are not the same.
    Different,
    /// Nothing can be said: one is missing, or they are written in different scripts or codes.
    NotComparable,
}

impl<D> Comparison<D> {
    /// Whether they are the same, exactly.
    pub fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

/// What differs between two names that may be of one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum NameDifference {
    /// Upper and lower case.
    Case,
    /// Marks on letters.
    Diacritics,
    /// Hyphens, apostrophes, dots, commas, blanks.
    Punctuation,
    /// The order of the parts.
    Order,
    /// One has parts more than the other, such as a middle name.
    MissingPart,
    /// One has a letter where the other has the part that begins with it.
    Initial,
}

/// What differs between two days that may mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DateDifference {
    /// The day of the one is the month of the other.
    DayAndMonth,
}

/// What differs between two countries that may mean the same: nothing that is known today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CountryDifference {}

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

/// Compares two countries. Codes of two and of three letters, and names, are not translated into each other.
pub fn countries(left: &Pii<String>, right: &Pii<String>) -> Comparison<CountryDifference> {
    let (left, right) = (left.expose().trim(), right.expose().trim());
    if left.is_empty() || right.is_empty() {
        Comparison::NotComparable
    } else if folded(left) == folded(right) {
        Comparison::Same
    } else if form(left) != form(right) {
        Comparison::NotComparable
    } else {
        Comparison::Different
    }
}

/// A code of two letters, of three, or a name.
fn form(country: &str) -> usize {
    if country.chars().all(|char| char.is_ascii_alphabetic()) { country.len().min(4) } else { 4 }
}

/// The longest name that is compared, in characters of all its parts.
const LONGEST: usize = 1000;

/// Compares two names: the parts where they are told apart, else the name in one piece.
pub fn names(left: &Name, right: &Name) -> Comparison<NameDifference> {
    let (left, right) = (text(left), text(right));
    let too_long = |text: &str| text.chars().count() > LONGEST;
    if left.is_empty() || right.is_empty() || too_long(&left) || too_long(&right) {
        return Comparison::NotComparable;
    }
    let exact = |text: &str| parts(text, Relaxed::NOTHING);
    if exact(&left) == exact(&right) {
        return Comparison::Same;
    }
    if scripts(&left).is_disjoint(&scripts(&right)) {
        return Comparison::NotComparable;
    }
    let all = (parts(&left, Relaxed::ALL), parts(&right, Relaxed::ALL));
    if all.0.is_empty() || all.1.is_empty() {
        return Comparison::NotComparable;
    }
    if alike(&left, &right, Relaxed::ALL) {
        let needed = Relaxed::EACH.into_iter().filter(|(_, without)| !alike(&left, &right, *without));
        let differences: Vec<_> = needed.map(|(difference, _)| difference).collect();
        // No single relaxation is needed when one of two would do: then it is how the parts are set.
        let differences =
            if differences.is_empty() { vec![NameDifference::Punctuation] } else { differences };
        return Comparison::Similar(differences);
    }
    partly(&all.0, &all.1).map_or(Comparison::Different, Comparison::Similar)
}

fn text(name: &Name) -> String {
    let parts: Vec<&str> = [&name.given, &name.middle, &name.family]
        .into_iter()
        .flatten()
        .map(|part| part.expose().trim())
        .filter(|part| !part.is_empty())
        .collect();
    match &name.full {
        Some(full) if parts.is_empty() => full.expose().trim().to_owned(),
        _ => parts.join(" "),
    }
}

/// What is looked past.
#[derive(Clone, Copy)]
struct Relaxed {
    case: bool,
    diacritics: bool,
    punctuation: bool,
    order: bool,
}

impl Relaxed {
    const NOTHING: Self = Self { case: false, diacritics: false, punctuation: false, order: false };
    const ALL: Self = Self { case: true, diacritics: true, punctuation: true, order: true };
    /// All but one each.
    const EACH: [(NameDifference, Self); 4] = [
        (NameDifference::Case, Self { case: false, ..Self::ALL }),
        (NameDifference::Diacritics, Self { diacritics: false, ..Self::ALL }),
        (NameDifference::Punctuation, Self { punctuation: false, ..Self::ALL }),
        (NameDifference::Order, Self { order: false, ..Self::ALL }),
    ];
}

/// The parts of a name, in a form that differs only by what is not looked past.
fn parts(text: &str, relaxed: Relaxed) -> Vec<String> {
    let mut text: String = text.nfkc().collect();
    if relaxed.punctuation {
        text = text
            .chars()
            .filter(|char| !is_dropped(*char))
            .map(|char| if is_separator(char) { ' ' } else { char })
            .collect();
    }
    if relaxed.case {
        text = folded(&text);
    }
    if relaxed.diacritics {
        text = text.nfd().filter(|char| !is_diacritic(*char)).nfc().collect();
    }
    let mut parts: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if relaxed.order {
        parts.sort();
    }
    parts
}

fn alike(left: &str, right: &str, relaxed: Relaxed) -> bool {
    let (one, other) = (parts(left, relaxed), parts(right, relaxed));
    // `Anne-Marie` and `Annemarie`: the parts differ, the letters do not.
    let unordered = Relaxed { order: false, ..relaxed };
    one == other
        || (relaxed.punctuation && parts(left, unordered).concat() == parts(right, unordered).concat())
}

/// Every part of the shorter has its own in the longer, equal or as an initial.
fn partly(left: &[String], right: &[String]) -> Option<Vec<NameDifference>> {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    let mut free: Vec<&String> = long.iter().collect();
    // Equal ones first, so that an initial does not take the place of another's equal.
    let mut rest = Vec::new();
    for part in short {
        match free.iter().position(|other| *other == part) {
            Some(at) => _ = free.swap_remove(at),
            None => rest.push(part),
        }
    }
    // Somebody with nothing but initials in common is nobody in particular.
    if rest.len() == short.len() {
        return None;
    }
    let mut differences = BTreeSet::new();
    for part in rest {
        let at = free.iter().position(|other| is_initial(part, other) || is_initial(other, part))?;
        free.swap_remove(at);
        differences.insert(NameDifference::Initial);
    }
    if !free.is_empty() {
        differences.insert(NameDifference::MissingPart);
    }
    Some(differences.into_iter().collect())
}

fn is_initial(short: &str, long: &str) -> bool {
    let mut letters = short.chars();
    let first = letters.next();
    first.is_some()
        && letters.next().is_none()
        && long.chars().next() == first
        && long.chars().nth(1).is_some()
}

/// Full case folding without a table of its own: through upper case, so that `ß` meets `SS` and the two small sigmas
/// meet each other.
fn folded(text: &str) -> String {
    text.to_uppercase().to_lowercase().nfkc().collect()
}

/// Marks that are diacritics in the scripts they belong to. Signs that are letters of their own, such as the vowels of
/// Indic scripts and the voicing marks of kana, are not among them.
fn is_diacritic(char: char) -> bool {
    matches!(
        char,
        '\u{300}'..='\u{36f}'
            | '\u{591}'..='\u{5c7}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
    )
}

/// Written inside of a part, and often not.
fn is_dropped(char: char) -> bool {
    matches!(
        char,
        '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '\u{2bb}' | '`' | '\u{b4}' | '.' | '\u{200b}'
            ..='\u{200f}'
    )
}

/// Written between parts.
fn is_separator(char: char) -> bool {
    matches!(
        char,
        '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | ',' | ';' | '\u{b7}' | '\u{30fb}' | '_' | '/'
    )
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    Hebrew,
    Arabic,
    Kana,
    Hangul,
    Han,
    /// Another one, told apart by its block.
    Other(u32),
}

/// The scripts that a text has letters of.
fn scripts(text: &str) -> BTreeSet<Script> {
    text.nfkc().filter(|char| char.is_alphabetic()).map(script).collect()
}

fn script(char: char) -> Script {
    match u32::from(char) {
        0..=0x2af | 0x1e00..=0x1eff | 0x2c60..=0x2c7f | 0xa720..=0xa7ff | 0xab30..=0xab6f => Script::Latin,
        0x370..=0x3ff | 0x1f00..=0x1fff => Script::Greek,
        0x400..=0x52f | 0x1c80..=0x1c8f | 0x2de0..=0x2dff | 0xa640..=0xa69f => Script::Cyrillic,
        0x590..=0x5ff | 0xfb1d..=0xfb4f => Script::Hebrew,
        0x600..=0x6ff | 0x750..=0x77f | 0x870..=0x8ff | 0xfb50..=0xfdff | 0xfe70..=0xfeff => Script::Arabic,
        0x3041..=0x30ff | 0x31f0..=0x31ff => Script::Kana,
        0x1100..=0x11ff | 0x3130..=0x318f | 0xa960..=0xa97f | 0xac00..=0xd7ff => Script::Hangul,
        0x2e80..=0x2fdf | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x2_0000..=0x3_ffff => Script::Han,
        other => Script::Other(other >> 7),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{NameDifference::*, *};

    fn full(text: &str) -> Name {
        Name { full: Some(text.into()), ..Name::default() }
    }

    fn compared(left: &str, right: &str) -> Comparison<NameDifference> {
        let result = names(&full(left), &full(right));
        assert_eq!(
            result,
            names(&full(right), &full(left)),
            "{left} / {right}: not the same from both sides"
        );
        result
    }

    #[test]
    fn what_differs_is_told_and_nothing_else() {
        for (left, right, differences) in [
            ("Jane Roe", "JANE roe", vec![Case]),
            ("Jane Roe", "Roe Jane", vec![Order]),
            ("José Núñez", "Jose Nunez", vec![Diacritics]),
            ("Nguyễn Thị Ánh", "NGUYEN THI ANH", vec![Case, Diacritics]),
            ("Anne-Marie Roe", "Anne Marie Roe", vec![Punctuation]),
            ("Anne-Marie Roe", "Annemarie Roe", vec![Case, Punctuation]),
            ("Sinéad O’Connor", "O'CONNOR, SINEAD", vec![Case, Diacritics, Punctuation, Order]),
            ("Jane Mary Roe", "Jane Roe", vec![MissingPart]),
            ("Jane M. Roe", "Jane Mary Roe", vec![Initial]),
            ("J. Roe", "Jane Mary Roe", vec![MissingPart, Initial]),
            ("Weiß Hans", "WEISS HANS", vec![Case]),
            ("Νίκος", "ΝΙΚΟΣ", vec![Case, Diacritics]),
            ("İbrahim Işık", "IBRAHIM ISIK", vec![Case, Diacritics]),
        ] {
            assert_eq!(compared(left, right), Comparison::Similar(differences), "{left} / {right}");
        }
    }

    #[test]
    fn the_same_text_in_another_normal_form_is_the_same() {
        for (left, right) in [
            ("Zo\u{eb} Roe", "Zoe\u{308} Roe"),
            ("  Jane   Roe ", "Jane Roe"),
            ("Ｊａｎｅ Roe", "Jane Roe"),
            ("김민준", "\u{1100}\u{1175}\u{11b7}\u{1106}\u{1175}\u{11ab}\u{110c}\u{116e}\u{11ab}"),
        ] {
            assert_eq!(compared(left, right), Comparison::Same, "{left} / {right}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for (left, right) in [
            ("Jane Roe", "June Roe"),
            ("Jane Roe", "Jane Row"),
            ("Müller Hans", "Mueller Hans"),
            ("Søren Kjær", "Soren Kjaer"),
            ("Bob Roe", "Robert Roe"),
            ("J. R.", "Jane Roe"),
            // The voicing mark makes another letter, and so does the vowel sign.
            ("か", "が"),
            ("कि", "की"),
        ] {
            assert_eq!(compared(left, right), Comparison::Different, "{left} / {right}");
        }
        for (left, right) in [
            ("Jane Roe", "Джейн Роу"),
            ("Jane Roe", "جين رو"),
            ("Kim Minjun", "김민준"),
            ("Tanaka", "田中"),
            ("Jane Roe", ""),
            ("Jane Roe", "..."),
        ] {
            assert_eq!(compared(left, right), Comparison::NotComparable, "{left} / {right}");
        }
        assert_eq!(compared(&"a".repeat(LONGEST + 1), &"a".repeat(LONGEST + 1)), Comparison::NotComparable);
    }

    #[test]
    fn parts_win_over_the_name_in_one_piece() {
        let parted = Name {
            given: Some("Jane".into()),
            family: Some("Roe".into()),
            full: Some("Jane Q. Public".into()),
            ..Name::default()
        };
        assert_eq!(names(&parted, &full("Jane Roe")), Comparison::Same);
    }

    #[test]
    fn days_and_countries() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        assert_eq!(dates(day("1980-05-01"), day("1980-05-01")), Comparison::Same);
        assert_eq!(
            dates(day("1980-05-01"), day("1980-01-05")),
            Comparison::Similar(vec![DateDifference::DayAndMonth])
        );
        assert_eq!(dates(day("1980-05-13"), day("1980-05-31")), Comparison::Different);
        assert_eq!(dates(day("1980-05-01"), day("1981-01-05")), Comparison::Different);

        let country = |left: &str, right: &str| countries(&left.into(), &right.into());
        assert_eq!(country("PH", "ph"), Comparison::Same);
        assert_eq!(country("PH", "US"), Comparison::Different);
        assert_eq!(country("PH", "PHL"), Comparison::NotComparable);
        assert_eq!(country("PH", "Philippines"), Comparison::NotComparable);
        assert_eq!(country("", "PH"), Comparison::NotComparable);
    }

    proptest! {
        #[test]
        fn every_name_is_the_same_as_itself_and_the_sides_do_not_matter(left in ".{0,40}", right in ".{0,40}") {
            let itself = names(&full(&left), &full(&left));
            prop_assert!(matches!(itself, Comparison::Same | Comparison::NotComparable));
            let result = names(&full(&left), &full(&right));
            prop_assert_eq!(&result, &names(&full(&right), &full(&left)));
            if let Comparison::Similar(differences) = result {
                prop_assert!(!differences.is_empty());
            }
        }

        #[test]
        fn the_order_of_parts_makes_a_name_similar_at_most(mut parts in prop::collection::vec("[a-z]{2,8}", 2..5)) {
            let before = parts.join(" ");
            parts.reverse();
            let result = names(&full(&before), &full(&parts.join(" ")));
            prop_assert!(!matches!(result, Comparison::Different | Comparison::NotComparable));
        }
    }
}
