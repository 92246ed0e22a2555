//! The result: what was decided, what was proven and how, and what is known now.

use kyckit::{
    flow::Done,
    identity::{Name, Outcome},
};
use maud::{Markup, html};

use super::Page;
use crate::onboarding::{backend::name_of, words::Words};

pub fn result(words: &'static Words, done: &Done) -> Page {
    let decision = done.decision();
    let outcome = decision.outcome();
    let title = words.texts.outcome(outcome);
    let is_accepted = outcome == Outcome::Accepted;
    let body = html! {
        h1.accepted[is_accepted].other[!is_accepted] { (title) }
        p.lead { (words.say_with("result_lead", "provider", name_of(done.provider.as_str()))) }
        p.code-line { (words.say("code")) " " code #outcome { (outcome) } }
        @if !decision.reasons().is_empty() {
            h2 { (words.say("result_reasons")) }
            ul.reasons {
                @for reason in decision.reasons() {
                    li {
                        (words.texts.reason(*reason)) " "
                        @if let Some(hint) = words.texts.hint(*reason) { (hint) " " }
                        code { (reason) }
                    }
                }
            }
        }
        (proven(words, done))
        (known(words, done))
        div.actions {
            @if !is_accepted { form method="post" action="/again" { button { (words.say("again")) } } }
            form method="post" action="/leave" { button.quiet[!is_accepted] { (words.say("leave")) } }
        }
        @if !is_accepted { p.aside-link { a href="/another" { (words.say("another_link")) } } }
    };
    Page::new(words, title, body)
}

fn proven(words: &Words, done: &Done) -> Markup {
    // Each kind once: of which values it was found, the identity itself says.
    let mut means: Vec<_> = done.identity().assurance().proven().map(|finding| finding.method()).collect();
    means.sort_unstable();
    means.dedup();
    html! {
        h2 { (words.say("result_proven")) }
        @if means.is_empty() { p { (words.say("result_nothing")) } }
        @else {
            ul.proven {
                @for one in means { li { (words.say(&format!("means_{one}"))) " " code { (one) } } }
            }
        }
    }
}

/// Name and date of birth of the report, each with its provenance.
fn known(words: &Words, done: &Done) -> Markup {
    let mut rows: Vec<(&str, String, &kyckit::identity::Provenance)> = Vec::new();
    for name in done.identity().names() {
        rows.push(("known_name", full(name.value()), name.provenance()));
    }
    for day in done.identity().birth_dates() {
        rows.push(("known_birth_date", day.value().0.expose().to_string(), day.provenance()));
    }
    rows.retain(|(_, value, _)| !value.is_empty());
    html! {
        @if !rows.is_empty() {
            h2 { (words.say("result_known")) }
            div.scroll role="region" aria-labelledby="known" tabindex="0" {
                table {
                    caption.visually-hidden #known { (words.say("result_known")) }
                    thead {
                        tr {
                            th scope="col" { (words.say("known_what")) }
                            th scope="col" { (words.say("known_value")) }
                            th scope="col" { (words.say("known_how")) }
                        }
                    }
                    tbody {
                        @for (what, value, rests_on) in rows {
                            tr {
                                th scope="row" { (words.say(what)) }
                                td.value.day[what == "known_birth_date"] { (value) }
                                td { (words.say(&format!("means_{}", rests_on.method()))) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn full(name: &Name) -> String {
    let parts = match &name.full {
        Some(full) => vec![full],
        None => [&name.given, &name.middle, &name.family].into_iter().flatten().collect(),
    };
    parts.into_iter().map(|part| part.expose().as_str()).collect::<Vec<_>>().join(" ")
}
