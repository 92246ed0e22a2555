//! Tests of the comparisons.

use proptest::prelude::*;

use super::{NameDifference::*, *};
use crate::identity::values::Name;

fn full(text: &str) -> Name {
    Name { full: Some(text.into()), ..Name::default() }
}

fn compared(left: &str, right: &str) -> Comparison<NameDifference> {
    let result = names(&full(left), &full(right));
    assert_eq!(result, names(&full(right), &full(left)), "{left} / {right}: not the same from both sides");
    result
}

#[test]
fn differences_are_complete_and_exact() {
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
    assert_eq!(compared(&"a".repeat(MAX_CHARS + 1), &"a".repeat(MAX_CHARS + 1)), Comparison::NotComparable);
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
