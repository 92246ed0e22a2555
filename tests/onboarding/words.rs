//! Each language has every word of the website, and they take what is put into them.

use std::collections::BTreeSet;

use fluent_bundle::FluentArgs;
use kyckit::{identity::VerificationMethod, provider::PersonAction};

use crate::onboarding::words::{SOURCES, Words};

fn ids(source: &str) -> BTreeSet<&str> {
    let is_message = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
    source.lines().filter(is_message).filter_map(|line| line.split(" = ").next()).collect()
}

#[test]
fn each_language_has_every_word() {
    let mut arguments = FluentArgs::new();
    arguments.set("provider", "Maya");
    arguments.set("length", 6);
    let all = ids(SOURCES[0].1);
    assert!(all.len() > 100, "the words were not found");
    let languages: Vec<_> = SOURCES.iter().map(|(language, _)| *language).collect();
    assert_eq!(languages, kyckit::flow::texts::Texts::languages().collect::<Vec<_>>());
    for (language, source) in SOURCES {
        assert_eq!(ids(source), all, "{language}");
        let mut headers = http::HeaderMap::new();
        headers.insert("accept-language", http::HeaderValue::from_static(language));
        let words = Words::of(&headers);
        assert_eq!(words.language(), *language);
        for id in &all {
            let text = words.find(id, &arguments).unwrap_or_else(|| panic!("{language}: {id}"));
            let english =
                SOURCES[0].1.lines().find(|line| line.starts_with(&format!("{id} ="))).unwrap_or_default();
            // What is put in is shown, in every language.
            for (name, shown) in [("$provider", "Maya"), ("$length", "6")] {
                assert_eq!(
                    english.contains(name),
                    text.contains(shown) && english.contains(name),
                    "{language}: {id}"
                );
            }
        }
        for word in VerificationMethod::ALL
            .iter()
            .map(|means| format!("means_{means}"))
            .chain(PersonAction::ALL.iter().map(|ask| format!("ask_{ask}")))
        {
            assert!(all.contains(word.as_str()), "{word}");
        }
    }
}
