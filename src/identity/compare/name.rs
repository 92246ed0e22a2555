//! Comparison of names.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use super::{
    Comparison,
    text::{folded, visible},
};
use crate::identity::values::Name;

/// Difference between two names that may be of one person.
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
    /// A part that only one has, such as a middle name.
    MissingPart,
    /// An initial in place of a part.
    Initial,
    /// Latin letters as passports print them in their machine readable zone: `UE` for `Ü`, `AE` for `Æ`.
    Transliteration,
}

/// The maximum length of a name, in characters of all its parts.
pub(super) const MAX_CHARS: usize = 1000;

/// Compares two names: by parts where they have parts, else the full name.
pub fn names(left: &Name, right: &Name) -> Comparison<NameDifference> {
    let (left, right) = (text(left), text(right));
    let too_long = |text: &str| text.chars().count() > MAX_CHARS;
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

/// Returns the differences to ignore for two names to be alike.
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

/// Differences to ignore.
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
    // Equal ones first, so that an initial does not take the place of another's equal. When an initial's equal is
    // needed elsewhere (`J. James Roe` and `John J. Roe`), only whole parts are equal.
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
    // Initials alone do not identify a person.
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
    /// Another one, by its block.
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
