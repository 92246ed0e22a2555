//! The pages. Everything that comes from outside is escaped by the templates.

mod choose;
pub mod demo;
mod result;
mod step;
mod trouble;

use axum::{
    http::header,
    response::{Html, IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

pub use self::{
    choose::{choose, details, others},
    result::result,
    step::step,
    trouble::{over, refused},
};
use super::{form::Wrong, words::Words};

/// A page, ready to be sent.
pub struct Page {
    words: &'static Words,
    title: String,
    has_error: bool,
    body: Markup,
    /// What belongs to the sandbox.
    aside: Option<Markup>,
}

impl Page {
    fn new(words: &'static Words, title: String, body: Markup) -> Self {
        Self { words, title, has_error: false, body, aside: None }
    }

    fn with_aside(self, aside: Option<Markup>) -> Self {
        Self { aside, ..self }
    }

    /// The title says so, since it is what a screen reader reads first.
    fn with_error(self, has_error: bool) -> Self {
        Self { has_error, ..self }
    }

    fn render(self) -> Markup {
        let Self { words, title, has_error, body, aside } = self;
        html! {
            (DOCTYPE)
            html lang=(words.language()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title {
                        @if has_error { (words.say("error_prefix")) " " }
                        (title) " – " (words.say("site"))
                    }
                    link rel="stylesheet" href="/style.css";
                    link rel="icon" href="/icon.svg" type="image/svg+xml";
                }
                body {
                    a.skip href="#main" { (words.say("skip")) }
                    header { a.brand href="/" { (words.say("site")) } }
                    main #main tabindex="-1" { (body) }
                    // The sandbox: goes in production.
                    @if let Some(aside) = aside { (aside) }
                    footer { p { (words.say("footer")) } }
                }
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        Html(self.render().into_string()).into_response()
    }
}

pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../style.css"))
}

pub async fn icon() -> impl IntoResponse {
    let icon = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1d5c4d"/><path d="M9 16.5l5 5 9-11" fill="none" stroke="#fff" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round"/></svg>"##;
    ([(header::CONTENT_TYPE, "image/svg+xml")], icon)
}

/// What is wrong in a form, with a link to each field.
fn summary(words: &Words, wrong: &[Wrong]) -> Markup {
    html! {
        @if !wrong.is_empty() {
            div.notice.error role="alert" {
                h2 { (words.say("error_title")) }
                ul { @for (field, word) in wrong { li { a href={ "#" (field) } { (words.say(word)) } } } }
            }
        }
    }
}

/// A field with its label, its hint, and what is wrong with it.
struct Input<'a> {
    name: &'static str,
    value: &'a str,
    kind: &'static str,
    autocomplete: &'static str,
    is_required: bool,
}

impl Input<'_> {
    fn render(&self, words: &Words, wrong: &[Wrong]) -> Markup {
        let Self { name, value, kind, autocomplete, is_required } = *self;
        let problem = wrong.iter().find(|(field, _)| *field == name).map(|(_, word)| words.say(word));
        let (hint, error) = (format!("{name}-hint"), format!("{name}-error"));
        let described = if problem.is_some() { format!("{hint} {error}") } else { hint.clone() };
        html! {
            div.field.wrong[problem.is_some()] {
                label for=(name) { (words.say(&format!("{name}_label"))) }
                p.hint #(hint) { (words.say(&format!("{name}_hint"))) }
                @if let Some(problem) = &problem { p.error-text #(error) { (problem) } }
                input #(name) name=(name) value=(value) type=(kind) autocomplete=(autocomplete)
                    aria-describedby=(described) aria-invalid=[problem.is_some().then_some("true")]
                    required[is_required] spellcheck="false";
            }
        }
    }
}
