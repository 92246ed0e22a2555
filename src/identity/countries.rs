//! Countries by their codes and names.
//!
//! The codes of ISO 3166-1 come from `celes`. The names stand in `countries.txt`, which says where they are from.

use std::{collections::HashMap, sync::LazyLock};

use unicode_normalization::UnicodeNormalization;

use super::compare::is_ignored;

const NAMES: &str = include_str!("countries.txt");

/// Codes in use that ISO 3166-1 has not assigned, and abbreviations: the exceptional reservation for the United
/// Kingdom, what the European Union writes for Greece, what passports write for Germany and Kosovo (ICAO Doc 9303, part
/// 3).
const OTHER_CODES: &[(&str, &str)] = &[
    ("UK", "GB"),
    ("EL", "GR"),
    ("D", "DE"),
    ("RKS", "XK"),
    ("UAE", "AE"),
    ("PRC", "CN"),
    ("DRC", "CD"),
    ("ROK", "KR"),
];

/// The maximum length of a text, in bytes.
const MAX_LENGTH: usize = 200;

struct Tables {
    /// Codes of two and three letters, and of three digits.
    codes: HashMap<&'static str, &'static str>,
    names: HashMap<String, &'static str>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut codes: HashMap<_, _> = OTHER_CODES.iter().copied().collect();
    for country in celes::Country::get_countries() {
        for code in [country.alpha2, country.alpha3, country.code] {
            codes.insert(code, country.alpha2);
        }
    }
    let rows = NAMES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
    let names = rows.flat_map(|(code, names)| names.split('|').map(move |name| (key(name), code))).collect();
    Tables { codes, names }
});

/// The code of two letters of the country that is meant. `None` for what is not understood.
pub(super) fn alpha2(text: &str) -> Option<&'static str> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let text: String = text.nfkc().filter(|char| !is_ignored(*char)).collect();
    let text = text.trim();
    let is_code = |most: usize, is_of: fn(&u8) -> bool| {
        (1..=most).contains(&text.len()) && text.as_bytes().iter().all(is_of)
    };
    if is_code(3, u8::is_ascii_alphabetic) {
        return TABLES.codes.get(text.to_ascii_uppercase().as_str()).copied();
    }
    if is_code(3, u8::is_ascii_digit) {
        // A number has lost its leading zeros.
        return TABLES.codes.get(format!("{text:0>3}").as_str()).copied();
    }
    let named = |text: &str| TABLES.names.get(&key(text)).copied();
    named(text).or_else(|| named(&turned(text)?))
}

/// `Korea, Republic of` and `Korea (Republic of)` in the other order.
fn turned(text: &str) -> Option<String> {
    let (name, before) = match text.split_once('(') {
        Some((name, rest)) => (name, rest.trim_end().strip_suffix(')')?),
        None => text.split_once(',')?,
    };
    Some(format!("{} {}", before.trim(), name.trim()))
}

/// A name without what differs between spellings: case, marks, punctuation, `the`, `St.`.
fn key(name: &str) -> String {
    let is_mark = |char: &char| ('\u{300}'..='\u{36f}').contains(char);
    let plain: String = name.nfkd().filter(|char| !is_mark(char) && !is_ignored(*char)).nfc().collect();
    let mut text = String::with_capacity(plain.len());
    for char in plain.chars().flat_map(char::to_lowercase) {
        match char {
            // The capital with a dot leaves its dot behind.
            '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '.' | '\u{307}' => {}
            '&' => text.push_str(" and "),
            'đ' => text.push('d'),
            'ı' => text.push('i'),
            char if char.is_alphanumeric() => text.push(char),
            _ => text.push(' '),
        }
    }
    let words = text.split_whitespace().map(|word| if word == "st" { "saint" } else { word });
    let words: Vec<&str> = words.collect();
    match words.as_slice() {
        ["the", rest @ ..] if !rest.is_empty() => rest.join(" "),
        words => words.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_has_its_codes_and_its_names() {
        let countries = celes::Country::get_countries();
        assert!(countries.len() >= 249);
        for country in countries {
            for code in [country.alpha2, country.alpha3, country.code, &country.alpha2.to_lowercase()] {
                assert_eq!(alpha2(code), Some(country.alpha2), "{code}");
            }
        }
        let mut seen: HashMap<String, &str> = HashMap::new();
        let mut rows = 0;
        for line in NAMES.lines().filter(|line| !line.starts_with('#')) {
            let (code, names) = line.split_once('\t').expect("a code and names");
            assert_eq!(alpha2(code), Some(code));
            rows += 1;
            for name in names.split('|') {
                assert_eq!(alpha2(name), Some(code), "{name}");
                assert_eq!(seen.insert(key(name), code), None, "{name} stands for two");
            }
        }
        assert_eq!(rows, countries.len());
    }

    #[test]
    fn spellings_of_one_country_are_one() {
        for (code, spellings) in [
            (
                "VN",
                &[
                    "Viet Nam",
                    "Vietnam",
                    "VIETNAM",
                    "Việt Nam",
                    "VNM",
                    "704",
                    "Socialist Republic of Viet Nam",
                ][..],
            ),
            (
                "PH",
                &[
                    "Philippines",
                    "PHL",
                    "608",
                    "Republic of the Philippines",
                    "The Philippines",
                    "Pilipinas",
                    "Philippines (the)",
                ],
            ),
            (
                "GB",
                &[
                    "UK",
                    "GB",
                    "gbr",
                    "826",
                    "U.K.",
                    "United Kingdom",
                    "Great Britain",
                    "United Kingdom of Great Britain and Northern Ireland",
                ],
            ),
            ("GR", &["EL", "GR", "GRC", "Greece", "Hellenic Republic"]),
            (
                "CI",
                &[
                    "Côte d'Ivoire",
                    "Cote d’Ivoire",
                    "COTE D'IVOIRE",
                    "Co\u{302}te d'Ivoire",
                    "Ivory Coast",
                    "CIV",
                    "384",
                ],
            ),
            ("KR", &["Korea, Republic of", "Korea (Republic of)", "Republic of Korea", "South Korea", "ROK"]),
            (
                "KP",
                &[
                    "Korea (Democratic People's Republic of)",
                    "North Korea",
                    "Korea, Democratic People's Republic of",
                ],
            ),
            (
                "CD",
                &[
                    "Congo (DRC)",
                    "Congo, Democratic Republic of the",
                    "Congo, The Democratic Republic of the",
                    "DRC",
                ],
            ),
            ("CG", &["Congo", "Republic of the Congo"]),
            ("US", &["USA", "U.S.A.", "u.s.", "United States", "United States of America", "840"]),
            ("TR", &["Türkiye", "Turkey", "TUR"]),
            ("LC", &["St. Lucia", "Saint Lucia", "St Lucia"]),
            ("BA", &["Bosnia & Herzegovina", "Bosnia and Herzegovina"]),
            ("AF", &["4", "04", "004", "Afghanistan"]),
            ("AT", &["Áo", "Österreich", "Osterreich"]),
            ("JP", &["日本", "Japan", "ＪＰ", "J\u{feff}P"]),
            ("BO", &["Bolivia (Plurinational State of)", "Bolivia, Plurinational State of", "Bolivia"]),
            ("DE", &["D", "DEU", "Đức", "Germany"]),
        ] {
            for spelling in spellings {
                assert_eq!(alpha2(spelling), Some(code), "{spelling}");
            }
        }
        for unknown in [
            "",
            " ",
            "ZZ",
            "EU",
            "XXX",
            "999",
            "Atlantis",
            "SU",
            "Korea",
            "()",
            "(",
            ",",
            "the",
            "1234",
            &"x".repeat(201),
        ] {
            assert_eq!(alpha2(unknown), None, "{unknown}");
        }
    }
}
