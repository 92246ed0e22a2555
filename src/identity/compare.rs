//! Whether two names, days, countries or genders are the same: with what differs, and without guessing.
//!
//! Names are compared by Unicode's own rules (UAX #15 normalisation, case folding by full case mapping; what is invisible is
//! ignored), and by what the machine readable zone of passports makes of Latin letters (ICAO Doc 9303, part 3, section 6):
//! `D` for `Đ`, `UE` for `Ü`. What no such rule says is not guessed: no transliteration between scripts, no `o` for `ø`, no
//! nicknames, no typing errors.
//!
//! Countries are compared by ISO 3166-1, whatever code or name they are given by, and genders by one short vocabulary. A
//! value that is not understood is [`NotComparable`](Comparison::NotComparable), unless both are the same text.
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

use super::{countries, values::Name};
use crate::{date::Date, privacy::Pii};

/// What comparing two values came to. It is the same from both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison<D> {
    /// They are the same.
    Same,
    /// They may mean the same; what differs is told, so that the caller can decide. Never empty.
    Similar(Vec<D>),
    /// They are not the same.
    Different,
    /// Nothing can be said: one is missing or is not understood, or they are written in different scripts.
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
    /// Latin letters as passports print them in their machine readable zone: `UE` for `Ü`, `AE` for `Æ`.
    Transliteration,
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

/// What differs between two genders that may mean the same: nothing that is known today.
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

/// Compares two countries, each by whatever is understood: the codes of ISO 3166-1 of two and three letters and of three
/// digits, codes in use beside them (`UK`, `EL`), and names, in English with their official forms and in the languages of
/// this crate's texts.
///
/// ```
/// use kyckit::identity::compare::{Comparison, countries};
///
/// assert_eq!(countries(&"PHL".into(), &"Republic of the Philippines".into()), Comparison::Same);
/// assert_eq!(countries(&"PH".into(), &"Viet Nam".into()), Comparison::Different);
/// assert_eq!(countries(&"PH".into(), &"Atlantis".into()), Comparison::NotComparable);
/// ```
pub fn countries(left: &Pii<String>, right: &Pii<String>) -> Comparison<CountryDifference> {
    understood(left, right, countries::alpha2)
}

/// Compares two genders: `male`, `female` and `other`, their first letters, their words in the languages of this crate's
/// texts, and the digits of ISO 5218. `X` is what passports write for *unspecified*, so it says nothing, and neither do
/// words such as `unknown`.
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
    if let Some(differences) = similar(&left, &right) {
        return Comparison::Similar(differences);
    }
    // As passports print them.
    let printed = (printed(&left), printed(&right));
    if let Some(differences) = similar(&printed.0, &printed.1) {
        return Comparison::Similar(with_transliteration(differences));
    }
    if let Some(differences) = partly(&all.0, &all.1) {
        return Comparison::Similar(differences);
    }
    let differences = partly(&parts(&printed.0, Relaxed::ALL), &parts(&printed.1, Relaxed::ALL));
    differences
        .map_or(Comparison::Different, |differences| Comparison::Similar(with_transliteration(differences)))
}

/// What has to be looked past for two names to be alike.
fn similar(left: &str, right: &str) -> Option<Vec<NameDifference>> {
    if !alike(left, right, Relaxed::ALL) {
        return None;
    }
    let needed = Relaxed::EACH.into_iter().filter(|(_, without)| !alike(left, right, *without));
    let differences: Vec<_> = needed.map(|(difference, _)| difference).collect();
    // No single relaxation is needed when one of two would do: then it is how the parts are set.
    Some(if differences.is_empty() { vec![NameDifference::Punctuation] } else { differences })
}

fn with_transliteration(mut differences: Vec<NameDifference>) -> Vec<NameDifference> {
    // What was put in place of having found nothing else.
    if differences == [NameDifference::Punctuation] {
        differences.clear();
    }
    differences.push(NameDifference::Transliteration);
    differences
}

fn text(name: &Name) -> String {
    let parts: Vec<&str> = [&name.given, &name.middle, &name.family]
        .into_iter()
        .flatten()
        .map(|part| part.expose().trim())
        .filter(|part| !part.is_empty())
        .collect();
    match &name.full {
        Some(full) if parts.is_empty() => visible(full.expose()).trim().to_owned(),
        _ => visible(&parts.join(" ")).trim().to_owned(),
    }
}

/// A text without what is not seen.
fn visible(text: &str) -> String {
    text.chars().filter(|char| !is_ignored(*char)).collect()
}

/// What is not seen, and comes along when text is copied: characters that Unicode ignores by default (the property
/// Default_Ignorable_Code_Point), the marks that set the direction of writing among them, and the stroke that only makes
/// Arabic words longer.
pub(super) fn is_ignored(char: char) -> bool {
    matches!(
        char,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{640}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Latin letters as the machine readable zone of passports has them (ICAO Doc 9303, part 3, section 6), where that is
/// another letter than the one without its marks.
fn printed(text: &str) -> String {
    let mut printed = String::with_capacity(text.len());
    for char in text.nfc() {
        let letters = match char {
            'Ä' | 'Æ' => "AE",
            'ä' | 'æ' => "ae",
            'Å' => "AA",
            'å' => "aa",
            'Ö' | 'Ø' | 'Œ' => "OE",
            'ö' | 'ø' | 'œ' => "oe",
            'Ü' => "UE",
            'ü' => "ue",
            'Þ' => "TH",
            'þ' => "th",
            char => {
                printed.push(char);
                continue;
            }
        };
        printed.push_str(letters);
    }
    printed
}

/// The letter below a stroke, which Unicode does not take apart and passports leave out.
fn without_stroke(char: char) -> char {
    match char {
        'Đ' | 'Ð' | 'Ɖ' => 'D',
        'đ' | 'ð' | 'ɖ' => 'd',
        'Ħ' => 'H',
        'ħ' => 'h',
        'Ł' => 'L',
        'ł' => 'l',
        'Ŧ' => 'T',
        'ŧ' => 't',
        char => char,
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
        text = text.nfd().filter(|char| !is_diacritic(*char)).nfc().map(without_stroke).collect();
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
    // Equal ones first, so that an initial does not take the place of another's equal. When an initial's equal is needed
    // elsewhere (`J. James Roe` and `John J. Roe`), only whole parts are equal.
    paired(short, long, |_| true).or_else(|| paired(short, long, |part| !is_letter(part)))
}

fn paired(
    short: &[String],
    long: &[String],
    may_equal: impl Fn(&str) -> bool,
) -> Option<Vec<NameDifference>> {
    let mut free: Vec<&String> = long.iter().collect();
    let mut rest = Vec::new();
    for part in short {
        match free.iter().position(|other| *other == part && may_equal(part)) {
            Some(at) => _ = free.swap_remove(at),
            None => rest.push(part),
        }
    }
    // Somebody with nothing but initials in common is nobody in particular.
    if rest.len() == short.len() {
        return None;
    }
    // Whole parts choose first: a letter can stand for any of them, and for itself.
    rest.sort_by_key(|part| is_letter(part));
    let mut differences = BTreeSet::new();
    for part in rest {
        let initial = free.iter().position(|other| is_initial(part, other) || is_initial(other, part));
        if let Some(at) = initial {
            free.swap_remove(at);
            differences.insert(NameDifference::Initial);
        } else {
            let equal = free.iter().position(|other| *other == part)?;
            free.swap_remove(equal);
        }
    }
    if !free.is_empty() {
        differences.insert(NameDifference::MissingPart);
    }
    Some(differences.into_iter().collect())
}

fn is_letter(part: &str) -> bool {
    part.chars().nth(1).is_none()
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
    matches!(char, '\'' | '\u{2019}' | '\u{2018}' | '\u{2bc}' | '\u{2bb}' | '`' | '\u{b4}' | '.')
}

/// Written between parts.
fn is_separator(char: char) -> bool {
    matches!(char, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | ',' | ';' | '\u{b7}' | '\u{30fb}' | '_' | '/')
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
            ("Đặng Thị Đào", "DANG THI DAO", vec![Case, Diacritics]),
            ("Đỗ Đức", "Do Duc", vec![Diacritics]),
            ("Đorđe Hadžić", "Dorde Hadzic", vec![Diacritics]),
            ("Łukasz Żak", "Lukasz Zak", vec![Diacritics]),
            ("Guðrún Jónsdóttir", "Gudrun Jonsdottir", vec![Diacritics]),
            ("Müller Hans", "Mueller Hans", vec![Transliteration]),
            ("Hans Müller", "MUELLER HANS", vec![Case, Order, Transliteration]),
            ("Søren Kjær", "SOEREN KJAER", vec![Case, Transliteration]),
            ("Hans Müller", "Hans Peter Mueller", vec![MissingPart, Transliteration]),
            ("J. James Roe", "John J. Roe", vec![Initial]),
            ("J. Roe", "John J. Roe", vec![MissingPart]),
            ("John J. Roe", "J. J. Roe", vec![Initial]),
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
            ("Müller Hans", "Moeller Hans"),
            ("J. James Roe", "Mary J. Roe"),
            ("J. Jane Roe", "J. Mary Roe"),
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
    fn what_is_not_seen_is_ignored() {
        for (left, right) in [
            ("Ja\u{feff}ne Roe", "Jane Roe"),
            ("\u{feff}Jane Roe", "Jane Roe"),
            ("Jane\u{2060} Roe", "Jane Roe"),
            ("\u{202b}Jane Roe\u{202c}", "Jane Roe"),
            ("\u{2067}Jane\u{2069} \u{200f}Roe\u{200e}", "Jane Roe"),
            ("\u{61c}Jane Roe", "Jane Roe"),
            ("Ja\u{ad}ne Roe", "Jane Roe"),
            ("Jane\u{200b} Roe", "Jane Roe"),
            ("Jane\u{fe0f} Roe", "Jane Roe"),
            ("محـــمد", "محمد"),
            ("مـحـمـد علي", "محمد علي"),
        ] {
            assert_eq!(compared(left, right), Comparison::Same, "{left:?} / {right:?}");
        }
        assert_eq!(compared("\u{feff}", "Jane Roe"), Comparison::NotComparable);
        assert_eq!(compared("\u{200b}\u{2060}", "\u{200b}"), Comparison::NotComparable);
    }

    #[test]
    fn genders_have_one_vocabulary() {
        let gender = |left: &str, right: &str| {
            let result = genders(&left.into(), &right.into());
            assert_eq!(result, genders(&right.into(), &left.into()), "{left} / {right}");
            result
        };
        for (left, right) in [
            ("F", "female"),
            ("f", "Female"),
            ("FEMALE", "w"),
            ("M", "male"),
            ("m", "MALE"),
            ("2", "F"),
            ("1", "male"),
            ("other", "Non-Binary"),
            ("X", "x"),
            ("unknown", "Unknown"),
            (" F ", "female"),
            ("fe\u{200b}male", "F"),
        ] {
            assert_eq!(gender(left, right), Comparison::Same, "{left} / {right}");
        }
        for (left, right) in [("F", "M"), ("female", "male"), ("other", "F"), ("Mujer", "M")] {
            assert_eq!(gender(left, right), Comparison::Different, "{left} / {right}");
        }
        for (left, right) in [
            ("F", "X"),
            ("male", ""),
            ("", ""),
            ("female", "unknown"),
            ("male", "not specified"),
            ("M", "0"),
            ("F", "9"),
            ("F", "N/A"),
            ("X", "unknown"),
            ("other", "X"),
            ("male", "ذكر"),
            ("M", "null"),
        ] {
            assert_eq!(gender(left, right), Comparison::NotComparable, "{left} / {right}");
        }
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
        assert_eq!(country("PH", "PHL"), Comparison::Same);
        assert_eq!(country("PH", "Philippines"), Comparison::Same);
        assert_eq!(country("608", "Republic of the Philippines"), Comparison::Same);
        assert_eq!(country("Viet Nam", "Vietnam"), Comparison::Same);
        assert_eq!(country("UK", "GB"), Comparison::Same);
        assert_eq!(country("EL", "GR"), Comparison::Same);
        assert_eq!(country("Côte d'Ivoire", "Ivory Coast"), Comparison::Same);
        assert_eq!(country("COTE D’IVOIRE", "Côte d'Ivoire"), Comparison::Same);
        assert_eq!(country("Viet Nam", "PHL"), Comparison::Different);
        assert_eq!(country("Atlantis", "atlantis"), Comparison::Same);
        assert_eq!(country("Atlantis", "Mu"), Comparison::NotComparable);
        for unknown in ["", "ZZ", "Atlantis", "unknown", "EU", "N/A", "000"] {
            assert_eq!(country("PH", unknown), Comparison::NotComparable, "{unknown}");
            assert_eq!(country(unknown, "PH"), Comparison::NotComparable, "{unknown}");
        }
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
        fn names_of_parts_and_initials_are_compared_alike_from_both_sides(
            left in prop::collection::vec(prop::sample::select(vec!["j", "r", "jane", "john", "roe", "ray", "Ö", "oe"]), 1..6),
            right in prop::collection::vec(prop::sample::select(vec!["j", "r", "jane", "john", "roe", "ray", "Ö", "oe"]), 1..6),
        ) {
            let (left, right) = (full(&left.join(" ")), full(&right.join(" ")));
            prop_assert_eq!(names(&left, &right), names(&right, &left));
            prop_assert_eq!(names(&left, &left), Comparison::Same);
        }

        #[test]
        fn what_is_not_understood_never_contradicts(left in ".{0,20}", right in ".{0,20}") {
            let (one, other): (Pii<String>, Pii<String>) = (left.as_str().into(), right.as_str().into());
            for (result, turned, itself, is_understood) in [
                (
                    format!("{:?}", countries(&one, &other)),
                    format!("{:?}", countries(&other, &one)),
                    format!("{:?}", countries(&one, &one)),
                    countries::alpha2(&left).is_some() && countries::alpha2(&right).is_some(),
                ),
                (
                    format!("{:?}", genders(&one, &other)),
                    format!("{:?}", genders(&other, &one)),
                    format!("{:?}", genders(&one, &one)),
                    gender(&left).is_some() && gender(&right).is_some(),
                ),
            ] {
                prop_assert_eq!(&result, &turned);
                prop_assert!(itself == "Same" || itself == "NotComparable" && visible(&left).trim().is_empty(), "{}", itself);
                prop_assert!(is_understood || result != "Different");
            }
        }

        #[test]
        fn what_is_not_seen_changes_nothing(parts in prop::collection::vec("[a-zđłéñ]{1,8}", 1..4), at in any::<prop::sample::Index>(), char in prop::sample::select(vec!['\u{feff}', '\u{2060}', '\u{202e}', '\u{200f}', '\u{640}', '\u{ad}'])) {
            let name = parts.join(" ");
            let mut chars: Vec<char> = name.chars().collect();
            chars.insert(at.index(chars.len() + 1), char);
            let marked: String = chars.into_iter().collect();
            prop_assert_eq!(names(&full(&name), &full(&marked)), Comparison::Same);
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
