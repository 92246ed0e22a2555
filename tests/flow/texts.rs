//! Texts for the person: every code in every language, and the language that was asked for.

use std::collections::BTreeSet;

use kyckit::{
    flow::texts::Texts,
    identity::{Outcome, Reason},
};

#[test]
fn every_code_has_a_text_in_every_language() {
    let english = Texts::of("en").expect("English");
    for language in Texts::languages() {
        let texts = Texts::of(language).expect("texts");
        assert_eq!(texts.language(), language);
        for reason in Reason::ALL {
            let text = texts.reason(*reason);
            assert!(!text.is_empty() && text != reason.as_str(), "{language}: {reason}");
            assert!(!text.contains(['{', '}', '\u{2068}']), "{language}: {reason}: {text}");
            assert_eq!(
                texts.hint(*reason).is_some(),
                english.hint(*reason).is_some(),
                "{language}: {reason}"
            );
            assert!(texts.hint(*reason).is_none_or(|hint| hint.len() > 8 && !hint.contains('{')));
            if language != "en" {
                assert_ne!(text, english.reason(*reason), "{language}: {reason}");
            }
        }
        for outcome in Outcome::ALL {
            let text = texts.outcome(*outcome);
            assert!(!text.is_empty() && text != outcome.as_str(), "{language}: {outcome}");
        }
        let refused: BTreeSet<_> =
            [None, Some(1), Some(2)].map(|left| texts.passcode_refused(left)).into_iter().collect();
        assert_eq!(refused.len(), 3, "{language}: {refused:?}");
        assert!(texts.passcode_refused(Some(2)).contains('2'), "{language}");
    }
    assert_eq!(Texts::languages().count(), 7);
    assert!(Texts::of("xx").is_none());
}

#[test]
fn no_file_has_an_unused_text() {
    let known: BTreeSet<String> = Reason::ALL
        .iter()
        .map(|reason| reason.as_str().to_owned())
        .chain(Outcome::ALL.iter().map(|outcome| format!("outcome_{outcome}")))
        .chain(["passcode_refused".to_owned(), "passcode_refused_left".to_owned()])
        .collect();
    for language in Texts::languages() {
        let path = format!("{}/src/flow/texts/{language}.ftl", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).expect("a file");
        let mut seen = BTreeSet::new();
        let starts = |line: &&str| line.starts_with(|letter: char| letter.is_ascii_lowercase());
        for line in text.lines().filter(starts) {
            let id = line.split(" =").next().unwrap_or_default();
            assert!(seen.insert(id), "{language}: {id} is there twice");
            if let Some(hint) = id.strip_prefix("hint_") {
                assert!(text.contains(&format!("{{ hint_{hint} }}")), "{language}: no text uses {id}");
            } else {
                assert!(known.contains(id), "{language}: {id}");
            }
        }
        assert!(known.iter().all(|id| seen.contains(id.as_str())), "{language}");
    }
}

#[test]
fn what_must_not_be_disclosed_is_not_disclosed() {
    for language in Texts::languages() {
        let texts = Texts::of(language).expect("texts");
        let neutral = (texts.reason(Reason::Unspecified), texts.hint(Reason::Unspecified));
        for reason in [Reason::ScreeningMatch, Reason::BusinessScreeningMatch, Reason::HighRisk] {
            assert_eq!((texts.reason(reason), texts.hint(reason)), neutral, "{language}: {reason}");
        }
    }
}

#[test]
fn the_language_is_the_one_that_was_asked_for() {
    for (header, language) in [
        ("de-AT, fr;q=0.8", "de"),
        ("fr;q=0.5, vi;q=0.9", "vi"),
        ("fr;q=0, es", "es"),
        ("pt-BR, ja-JP;q=0.7", "ja"),
        ("fil-PH", "tl"),
        ("fil", "tl"),
        ("EN-us", "en"),
        ("FIL-PH", "tl"),
        ("Fil", "tl"),
        ("fil-Latn-PH", "tl"),
        ("VI-vn", "vi"),
        ("fr;Q=0.5, vi;Q=0.9", "vi"),
        ("en;Q=0, es", "es"),
        ("de ; Q = 0.2 , fr ; q = 0.4", "fr"),
        ("fr;level=1;q=0.2, de;q=0.3", "de"),
        ("ja-JP-u-ca-japanese", "ja"),
        ("ja-u-ca-japanese, en;q=0.5", "ja"),
        ("de-DE-x-private", "de"),
        ("de-1996", "de"),
        ("es-419", "es"),
        ("fr_CA", "fr"),
        ("vi-toolongsubtag", "vi"),
        ("x-private, de;q=0.1", "de"),
        ("u-ca-japanese", "en"),
        ("zh, ru", "en"),
        ("*", "en"),
        ("", "en"),
        ("!!!, ;;q=, ,,,", "en"),
        ("de;q=wrong, es;q=0.1", "de"),
    ] {
        assert_eq!(Texts::negotiate(header).language(), language, "{header}");
    }
    assert_eq!(Texts::of("DE").map(Texts::language), Some("de"));
    assert!(Texts::of("de-AT").is_none());
    assert_eq!(Texts::negotiate(&"de,".repeat(1_000)).language(), "en", "a header without an end");
    // RFC 9110 section 12.5.4 has no order but that of the qualities.
    assert_eq!(Texts::negotiate("en;q=0.3, de;q=0.4, fr;q=0.35").language(), "de");
}
