//! A test helper: seed canaries, capture everything that is printed, fail on a hit.
//!
//! ```
//! use kyckit::{error::Error, privacy::{Pii, leak::Canaries}};
//!
//! let canaries = Canaries::new(["Jane Roe", "s3cr3t-key"]);
//! let mut capture = canaries.capture();
//! capture.debug("a person", &Pii::new("Jane Roe"));
//! capture.error("a failed call", &Error::configuration("no key"));
//! capture.assert_clean();
//! ```
//!
//! With the feature `tracing`, `Capture::subscriber` records what spans and events carry. A canary is also found in
//! its usual disguises: JSON escapes, percent-encoding, hex, base64, other letter case.

use std::{error::Error as StdError, fmt};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

/// Values that must appear nowhere.
///
/// Choose values of at least six characters that nothing else contains.
#[derive(Clone)]
pub struct Canaries {
    needles: Vec<Needle>,
}

#[derive(Clone)]
struct Needle {
    /// Position of the canary; the value itself is never printed.
    index: usize,
    disguise: &'static str,
    text: String,
}

impl Canaries {
    /// Takes the values; the order gives each its number in a report.
    pub fn new<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Self {
        let mut needles = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let value = value.as_ref();
            let mut add = |disguise, text: String| {
                if needles.iter().all(|needle: &Needle| needle.text != text) {
                    needles.push(Needle { index, disguise, text });
                }
            };
            add("as it is", value.to_lowercase());
            add("JSON escaped", json_escaped(value).to_lowercase());
            add("percent-encoded", percent_encoded(value).to_lowercase());
            add("hex", hex::encode(value));
            for skip in 0..3.min(value.len()) {
                add("base64", base64_core(value.as_bytes(), skip).to_lowercase());
            }
        }
        Self { needles }
    }

    /// Starts to collect what is printed.
    pub fn capture(&self) -> Capture {
        #[cfg(feature = "tracing")]
        let traced = Traced::default();
        Capture {
            canaries: self.clone(),
            texts: Vec::new(),
            #[cfg(feature = "tracing")]
            _second: tracing::Dispatch::new(traced.clone()),
            #[cfg(feature = "tracing")]
            traced,
        }
    }

    fn hits(&self, place: &str, text: &str) -> Vec<Leak> {
        let text = text.to_lowercase();
        self.needles
            .iter()
            .filter(|needle| needle.text.len() >= 4 && text.contains(&needle.text))
            .map(|needle| Leak { place: place.to_owned(), canary: needle.index, disguise: needle.disguise })
            .collect()
    }
}

crate::privacy::redacted_debug!(Canaries { .. });

/// A canary that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// Label of the text with the leak.
    pub place: String,
    /// Its number in the list given to [`Canaries::new`].
    pub canary: usize,
    /// In which form.
    pub disguise: &'static str,
}

/// Captured texts.
pub struct Capture {
    canaries: Canaries,
    texts: Vec<(String, String)>,
    #[cfg(feature = "tracing")]
    traced: Traced,
    /// While there is a single dispatcher in the process, tracing asks the dispatcher of the thread that comes to a
    /// span first whether the span is wanted, and keeps the answer for all threads: a test without a subscriber that
    /// runs beside would switch it off. With a second one all are asked.
    #[cfg(feature = "tracing")]
    _second: tracing::Dispatch,
}

impl Capture {
    /// Takes any text: a log line, a response shown to a user, a metric's label.
    pub fn text(&mut self, place: impl Into<String>, text: impl Into<String>) {
        self.texts.push((place.into(), text.into()));
    }

    /// Takes the `Debug` of a value, in both forms.
    pub fn debug<T: fmt::Debug + ?Sized>(&mut self, place: impl Into<String>, value: &T) {
        let place = place.into();
        self.text(format!("{place} {{:?}}"), format!("{value:?}"));
        self.text(format!("{place} {{:#?}}"), format!("{value:#?}"));
    }

    /// Takes the `Display` of a value.
    pub fn display<T: fmt::Display + ?Sized>(&mut self, place: impl Into<String>, value: &T) {
        self.text(place, value.to_string());
    }

    /// Takes an error: `Display`, `Debug`, and the same of everything below it.
    pub fn error(&mut self, place: impl Into<String>, error: &(dyn StdError + 'static)) {
        let place = place.into();
        let mut next = Some(error);
        for depth in 0..16 {
            let Some(error) = next else { break };
            self.text(format!("{place} error {depth} {{}}"), error.to_string());
            self.text(format!("{place} error {depth} {{:?}}"), format!("{error:?}"));
            next = error.source();
        }
    }

    /// A tracing subscriber that records names and fields of spans and events into this capture. Use it with
    /// `tracing::subscriber::with_default` or `set_default`.
    #[cfg(feature = "tracing")]
    pub fn subscriber(&self) -> impl tracing::Subscriber + Send + Sync + use<> {
        self.traced.clone()
    }

    /// Every hit so far.
    pub fn leaks(&self) -> Vec<Leak> {
        #[allow(unused_mut)]
        let mut leaks: Vec<Leak> =
            self.texts.iter().flat_map(|(place, text)| self.canaries.hits(place, text)).collect();
        #[cfg(feature = "tracing")]
        for (place, text) in self.traced.records() {
            leaks.extend(self.canaries.hits(&place, &text));
        }
        leaks
    }

    /// Returns the number of captured texts: a test that captured nothing proves nothing.
    pub fn len(&self) -> usize {
        #[cfg(feature = "tracing")]
        return self.texts.len() + self.traced.records().len();
        #[cfg(not(feature = "tracing"))]
        self.texts.len()
    }

    /// True when nothing was captured.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fails the test on a hit, and when nothing was captured.
    ///
    /// # Panics
    ///
    /// On a hit, naming the place and the canary's number, never its value.
    #[allow(clippy::panic)]
    pub fn assert_clean(&self) {
        assert!(!self.is_empty(), "nothing was captured, so nothing was proven");
        let leaks = self.leaks();
        assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
    }
}

crate::privacy::redacted_debug!(Capture { len: |this| this.len(), .. });

fn json_escaped(value: &str) -> String {
    value
        .chars()
        .flat_map(|char| {
            let mut units = [0; 2];
            match char {
                '"' | '\\' | '/' => format!("\\{char}"),
                char if char.is_ascii() && !char.is_ascii_control() => char.to_string(),
                char => char.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect(),
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect()
}

fn percent_encoded(value: &str) -> String {
    url::form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The part of a base64 text that is the same wherever the value stands at this offset modulo three.
fn base64_core(value: &[u8], skip: usize) -> String {
    let whole = value.len().saturating_sub(skip) / 3 * 3;
    STANDARD_NO_PAD.encode(&value[skip..skip + whole])
}

#[cfg(feature = "tracing")]
use traced::Traced;

#[cfg(feature = "tracing")]
mod traced {
    use std::{
        fmt::{self, Write},
        sync::{
            Arc, Mutex, PoisonError,
            atomic::{AtomicU64, Ordering},
        },
    };

    use tracing::{
        Event, Metadata, Subscriber,
        field::{Field, Visit},
        span,
    };

    /// Keeps the fields of every span and event as text.
    #[derive(Clone, Default)]
    pub(super) struct Traced {
        next: Arc<AtomicU64>,
        records: Arc<Mutex<Vec<(String, String)>>>,
    }

    impl Traced {
        pub(super) fn records(&self) -> Vec<(String, String)> {
            self.records.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }

        fn keep(&self, place: String, text: String) {
            self.records.lock().unwrap_or_else(PoisonError::into_inner).push((place, text));
        }
    }

    #[derive(Default)]
    struct Text(String);

    impl Visit for Text {
        fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
            let _ = write!(self.0, "{}={value:?} ", field.name());
        }
    }

    impl Subscriber for Traced {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
            let mut text = Text::default();
            span.record(&mut text);
            self.keep(format!("span {}", span.metadata().name()), text.0);
            span::Id::from_u64(self.next.fetch_add(1, Ordering::Relaxed) + 1)
        }

        fn record(&self, _: &span::Id, values: &span::Record<'_>) {
            let mut text = Text::default();
            values.record(&mut text);
            self.keep("span fields".to_owned(), text.0);
        }

        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut text = Text::default();
            event.record(&mut text);
            self.keep(format!("event {}", event.metadata().name()), text.0);
        }

        fn enter(&self, _: &span::Id) {}

        fn exit(&self, _: &span::Id) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disguise_of_a_canary_is_found() {
        let canaries = Canaries::new(["Zoë O'Hara/77"]);
        for text in [
            "x Zoë O'Hara/77 y".to_owned(),
            "x ZOË O'HARA/77 y".to_owned(),
            r#"{"name":"Zo\u00eb O'Hara\/77"}"#.to_owned(),
            "?q=Zo%C3%AB%20O%27Hara%2F77".to_owned(),
            hex::encode("Zoë O'Hara/77"),
            STANDARD_NO_PAD.encode("Zoë O'Hara/77"),
            STANDARD_NO_PAD.encode("..Zoë O'Hara/77..."),
            STANDARD_NO_PAD.encode("aZoë O'Hara/77"),
        ] {
            assert_eq!(canaries.hits("here", &text).iter().map(|leak| leak.canary).next(), Some(0), "{text}");
        }
        assert!(canaries.hits("here", "Zoe O'Hara").is_empty());
    }

    #[test]
    #[should_panic(expected = "nothing was captured")]
    fn an_empty_capture_proves_nothing() {
        Canaries::new(["something"]).capture().assert_clean();
    }

    #[test]
    fn a_report_names_the_place_and_never_the_value() {
        let mut capture = Canaries::new(["hunter22"]).capture();
        capture.text("log", "password hunter22");
        let leaks = capture.leaks();
        assert_eq!(leaks[0], Leak { place: "log".into(), canary: 0, disguise: "as it is" });
        assert!(!format!("{leaks:?} {capture:?}").contains("hunter22"));
    }

    #[cfg(feature = "tracing")]
    #[test]
    fn fields_of_spans_and_events_are_captured() {
        let capture = Canaries::new(["hunter22"]).capture();
        tracing::subscriber::with_default(capture.subscriber(), || {
            let span = tracing::info_span!("call", token = "hunter22");
            let _entered = span.enter();
            tracing::info!(user = "hunter22", "event");
        });
        assert_eq!(capture.leaks().len(), 2);
    }
}
