//! What did not work, and what to do about it.

use maud::html;

use super::Page;
use crate::onboarding::{backend::name_of, outcome::Problem, visit::Visit, words::Words};

/// An attempt that did not begin, or that ended without an answer.
pub fn over(words: &'static Words, visit: &Visit, problem: &Problem) -> Page {
    let name = name_of(visit.provider.as_str());
    let body = html! {
        h1 { (words.say("problem_title")) }
        div.notice.error role="alert" {
            p { (words.say_with(problem.word, "provider", name)) }
            p.code-line { (words.say("code")) " " code { (problem.code) } }
        }
        div.actions { form method="post" action="/again" { button { (words.say("again")) } } }
        p.aside-link { a href="/another" { (words.say("another_link")) } }
        p.aside-link { a href="/" { (words.say("begin")) } }
    };
    Page::new(words, words.say("problem_title"), body).with_error(true)
}

/// A request that changed nothing.
pub fn refused(words: &'static Words, word: &str) -> Page {
    let title = words.say(&format!("refused_{word}"));
    let can_go_on = matches!(word, "altered" | "used" | "other_return" | "not_awaited" | "too_many");
    let body = html! {
        h1 { (title) }
        div.notice.error role="alert" {
            p { (words.say(&format!("refused_{word}_text"))) }
            p.code-line { (words.say("code")) " " code { (word) } }
        }
        div.actions {
            @if can_go_on { a.button href="/step" { (words.say("go_on")) } }
            @if (can_go_on && word != "too_many") || word == "expired" {
                form method="post" action="/again" { button.quiet { (words.say("again")) } }
            }
            a href="/" { (words.say("begin")) }
        }
    };
    Page::new(words, title, body).with_error(true)
}
