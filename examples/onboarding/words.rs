//! The website's words, beside those that the crate has for reasons and outcomes.

use std::sync::LazyLock;

use axum::http::{HeaderMap, header};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use kyckit::flow::texts::Texts;
use unic_langid::LanguageIdentifier;

/// The same languages as the crate's own texts.
pub const SOURCES: &[(&str, &str)] = &[
    ("en", include_str!("texts/en.ftl")),
    ("de", include_str!("texts/de.ftl")),
    ("es", include_str!("texts/es.ftl")),
    ("fr", include_str!("texts/fr.ftl")),
    ("ja", include_str!("texts/ja.ftl")),
    ("tl", include_str!("texts/tl.ftl")),
    ("vi", include_str!("texts/vi.ftl")),
];

static WORDS: LazyLock<Vec<Words>> =
    LazyLock::new(|| SOURCES.iter().map(|(language, source)| Words::read(language, source)).collect());

/// The words of one language.
pub struct Words {
    /// The crate's texts in the same language.
    pub texts: &'static Texts,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Those that fit the request's `Accept-Language` best.
    pub fn of(headers: &HeaderMap) -> &'static Self {
        // A list may come in several lines (RFC 9110 section 5.3).
        let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
        let texts = Texts::negotiate(&lines.collect::<Vec<_>>().join(","));
        let same = WORDS.iter().find(|words| words.language() == texts.language());
        same.unwrap_or_else(|| &WORDS[0])
    }

    /// For the `lang` of a page.
    pub fn language(&self) -> &'static str {
        self.texts.language()
    }

    /// The word of this name; the name itself when there is none, which a test excludes.
    pub fn say(&self, id: &str) -> String {
        self.find(id, &FluentArgs::new()).unwrap_or_else(|| id.to_owned())
    }

    /// The same with what stands in it.
    pub fn say_with<'a, T: Into<FluentValue<'a>>>(&self, id: &str, name: &'a str, value: T) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set(name, value);
        self.find(id, &arguments).unwrap_or_else(|| id.to_owned())
    }

    /// The word of this name, or none.
    pub fn find(&self, id: &str, arguments: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(arguments), &mut errors);
        errors.is_empty().then(|| text.into_owned())
    }

    fn read(language: &'static str, source: &str) -> Self {
        // A file of this website; a test reads each to its end. What could not be read is left out.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let locales = language.parse::<LanguageIdentifier>().into_iter().collect();
        let mut bundle = FluentBundle::new_concurrent(locales);
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        let texts = Texts::of(language).unwrap_or_else(|| Texts::negotiate(""));
        Self { texts, bundle }
    }
}
