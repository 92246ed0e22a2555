//! Texts for the person who is verified: why there is no decision yet, why it is not an accepted one, and what to do.
//!
//! English, German, Spanish, French, Vietnamese, Japanese and Tagalog, by [Fluent](https://projectfluent.org). The
//! texts are looked up by the codes of [`Reason`], which stay what they are; the texts may become better ones.
//!
//! A hit on a sanctions list and a high risk are not disclosed to the person, since several laws forbid it. The text
//! says that there is no result, as it does when no reason is known.
//!
//! ```
//! use kyckit::{flow::texts::Texts, identity::Reason};
//!
//! // What the browser sends as `Accept-Language`.
//! let texts = Texts::negotiate("de-AT, fr;q=0.8, en;q=0.5");
//! assert_eq!(texts.language(), "de");
//! assert_eq!(texts.reason(Reason::DocumentExpired), "Das Dokument ist abgelaufen.");
//! assert_eq!(
//!     texts.hint(Reason::DocumentExpired).as_deref(),
//!     Some("Bitte verwenden Sie ein anderes gültiges Dokument."),
//! );
//! ```

use std::{borrow::Cow, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use fluent_langneg::{NegotiationStrategy, negotiate_languages};
use unic_langid::LanguageIdentifier;

use crate::identity::{Outcome, Reason};

/// The languages and their texts; the first one is the fallback.
const SOURCES: &[(&str, &str)] = &[
    ("en", include_str!("en.ftl")),
    ("de", include_str!("de.ftl")),
    ("es", include_str!("es.ftl")),
    ("fr", include_str!("fr.ftl")),
    ("ja", include_str!("ja.ftl")),
    ("tl", include_str!("tl.ftl")),
    ("vi", include_str!("vi.ftl")),
];
/// Limits on an `Accept-Language` header: bytes, and languages.
const MAX_HEADER_LEN: usize = 1024;
const MAX_RANGES: usize = 32;

static TEXTS: LazyLock<Vec<Texts>> =
    LazyLock::new(|| SOURCES.iter().map(|(language, source)| Texts::read(language, source)).collect());

/// The texts of one language.
pub struct Texts {
    language: &'static str,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// Returns the supported languages, as BCP 47 tags.
    pub fn languages() -> impl Iterator<Item = &'static str> {
        SOURCES.iter().map(|(language, _)| *language)
    }

    /// Returns the texts of this language (case-insensitive); `None` when it is not supported.
    pub fn of(language: &str) -> Option<&'static Self> {
        TEXTS.iter().find(|texts| texts.language.eq_ignore_ascii_case(language))
    }

    /// Returns the best texts for an `Accept-Language` header (RFC 9110 section 12.5.4); English when no language
    /// matches.
    pub fn negotiate(accept_language: &str) -> &'static Self {
        let wanted = wanted(accept_language);
        let offered: Vec<LanguageIdentifier> =
            Self::languages().filter_map(|language| language.parse().ok()).collect();
        let best = negotiate_languages(&wanted, &offered, None, NegotiationStrategy::Filtering);
        let best = best.first().and_then(|language| Self::of(language.language.as_str()));
        best.unwrap_or_else(|| &TEXTS[0])
    }

    /// Returns the language as a BCP 47 tag, for the `lang` of a page.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// Returns the text of a reason.
    pub fn reason(&self, reason: Reason) -> String {
        self.text(reason.as_str(), None, None).unwrap_or_else(|| reason.as_str().to_owned())
    }

    /// Returns what the person can do; `None` when there is nothing.
    pub fn hint(&self, reason: Reason) -> Option<String> {
        self.text(reason.as_str(), Some("hint"), None)
    }

    /// Returns the text of an outcome.
    pub fn outcome(&self, outcome: Outcome) -> String {
        let id = format!("outcome_{outcome}");
        self.text(&id, None, None).unwrap_or_else(|| outcome.as_str().to_owned())
    }

    /// Returns the text for a refused passcode, with the number of attempts left where it is known.
    pub fn passcode_refused(&self, attempts_left: Option<u32>) -> String {
        let text = match attempts_left {
            Some(left) => {
                let mut arguments = FluentArgs::new();
                arguments.set("left", left);
                self.text("passcode_refused_left", None, Some(&arguments))
            }
            None => self.text("passcode_refused", None, None),
        };
        text.unwrap_or_default()
    }

    fn read(language: &'static str, source: &str) -> Self {
        // A file of this crate's own; a test reads each to its end. What could not be read is left out.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
        let locales = language.parse::<LanguageIdentifier>().into_iter().collect();
        let mut bundle = FluentBundle::new_concurrent(locales);
        bundle.set_use_isolating(false);
        bundle.add_resource_overriding(resource);
        Self { language, bundle }
    }

    fn text(&self, id: &str, attribute: Option<&str>, arguments: Option<&FluentArgs<'_>>) -> Option<String> {
        let message = self.bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors);
        errors.is_empty().then(|| Cow::into_owned(text))
    }
}

crate::privacy::redacted_debug!(Texts { language, .. });

/// Returns the languages of a header, best first, without invalid and refused ones (`q=0`).
fn wanted(header: &str) -> Vec<LanguageIdentifier> {
    if header.len() > MAX_HEADER_LEN {
        return Vec::new();
    }
    let mut wanted: Vec<(u32, LanguageIdentifier)> = header
        .split(',')
        .take(MAX_RANGES)
        .filter_map(|range| {
            let mut parts = range.split(';');
            let language = language(parts.next()?.trim())?;
            // Names of parameters have no case (RFC 9110 section 5.6.6).
            let quality = parts.find_map(|part| {
                let (name, value) = part.split_once('=')?;
                name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().ok())?
            });
            let quality = (quality.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0).round();
            // Between 0 and 1000, and no fraction.
            let quality = quality as u32;
            (quality > 0).then_some((quality, language))
        })
        .collect();
    wanted.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    wanted.into_iter().map(|(_, language)| language).collect()
}

/// A language range, whatever its case. Extensions and private parts (`-u-ca-japanese`, `-x-…`) say nothing about
/// texts, and a part that is not understood makes the rest no less of a language: it is cut off from the end (RFC 4647
/// section 3.4).
fn language(range: &str) -> Option<LanguageIdentifier> {
    let mut parts: Vec<&str> = range.split(['-', '_']).take_while(|part| part.len() != 1).collect();
    while !parts.is_empty() {
        if let Ok(mut found) = parts.join("-").parse::<LanguageIdentifier>() {
            // ISO 639 has two words for it: Filipino is the standardised Tagalog.
            if found.language.as_str() == "fil" {
                found.language = "tl".parse().ok()?;
            }
            return Some(found);
        }
        parts.pop();
    }
    None
}
