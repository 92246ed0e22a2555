//! The choice, what the person tells, and another choice.

use kyckit::{
    credo360,
    provider::{Capabilities, Countries, ProviderId},
    selfkey,
};
use maud::{Markup, html};

use super::{Input, Page, summary};
use crate::onboarding::{
    backend::{Backend, name_of},
    form::{Details, Wrong},
    visit::Visit,
    words::Words,
};

pub fn choose(words: &'static Words, backend: &Backend, is_missing: bool) -> Page {
    let wrong: &[Wrong] = if is_missing { &[("provider", "provider_wrong")] } else { &[] };
    let body = html! {
        h1 { (words.say("choose_title")) }
        p.lead { (words.say("choose_lead")) }
        (summary(words, wrong))
        form method="get" action="/details" {
            (cards(words, &backend.capabilities(), ""))
            button { (words.say("continue")) }
        }
    };
    Page::new(words, words.say("choose_title"), body).with_error(is_missing)
}

/// One to choose, with what it can show and what it asks for, out of the table of capabilities.
fn cards(words: &Words, all: &[&Capabilities], chosen: &str) -> Markup {
    html! {
        fieldset #provider tabindex="-1" {
            legend { (words.say("provider_legend")) }
            div.cards {
                @for one in all {
                    @let name = one.provider.as_str();
                    @let (id, about) = (format!("provider-{name}"), format!("about-{name}"));
                    div.card {
                        input type="radio" #(id) name="provider" value=(name) required
                            checked[name == chosen] aria-describedby=(about);
                        label for=(id) { (name_of(name)) }
                        dl #(about) {
                            dt { (words.say("proves")) }
                            dd { (list(one.proves.iter().map(|means| words.say(&format!("means_{means}"))))) }
                            dt { (words.say("asks")) }
                            dd { (list(one.asks.iter().map(|ask| words.say(&format!("ask_{ask}"))))) }
                            @if let Some(people) = people(words, one) {
                                dt { (words.say("people")) }
                                dd { (people) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn list(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(" · ")
}

/// The countries of the people that it checks, where it says so.
fn people(words: &Words, one: &Capabilities) -> Option<String> {
    match one.countries {
        Countries::All => Some(words.say("people_all")),
        Countries::Only(codes) => Some(list(codes.iter().map(|code| words.say(&format!("country_{code}"))))),
        _ => None,
    }
}

pub fn details(
    words: &'static Words,
    provider: ProviderId,
    filled: &Details,
    wrong: &[Wrong],
    aside: Option<Markup>,
) -> Page {
    let name = name_of(provider.as_str());
    let body = html! {
        h1 { (words.say("details_title")) }
        p.lead { (words.say_with("details_lead", "provider", name)) }
        (summary(words, wrong))
        form method="post" action="/start" novalidate {
            input type="hidden" name="provider" value=(provider);
            (Input { name: "name", value: filled.name.expose(), kind: "text", autocomplete: "name", is_required: true }.render(words, wrong))
            (Input { name: "mail", value: filled.mail.expose(), kind: "email", autocomplete: "email", is_required: true }.render(words, wrong))
            @if provider == credo360::PROVIDER { (credo_id(filled, true).render(words, wrong)) }
            @if provider == selfkey::PROVIDER { (did(filled, true).render(words, wrong)) }
            div.actions {
                button { (words.say_with("details_button", "provider", name)) }
                a href="/" { (words.say("back")) }
            }
        }
    };
    Page::new(words, words.say("details_title"), body).with_error(!wrong.is_empty()).with_aside(aside)
}

fn credo_id(filled: &Details, is_required: bool) -> Input<'_> {
    Input {
        name: "credo_id",
        value: filled.credo_id.expose(),
        kind: "text",
        autocomplete: "off",
        is_required,
    }
}

fn did(filled: &Details, is_required: bool) -> Input<'_> {
    Input { name: "did", value: filled.did.expose(), kind: "text", autocomplete: "off", is_required }
}

/// Another provider: it gets nothing before the person agrees.
pub fn others(
    words: &'static Words,
    backend: &Backend,
    visit: &Visit,
    chosen: &str,
    wrong: &[Wrong],
    aside: Option<Markup>,
) -> Page {
    let mut others = backend.capabilities();
    others.retain(|one| one.provider != visit.provider);
    let is_refused = wrong.iter().any(|(field, _)| *field == "consent");
    let body = html! {
        h1 { (words.say("another_title")) }
        p.lead { (words.say("another_lead")) }
        (summary(words, wrong))
        form method="post" action="/another" novalidate {
            (cards(words, &others, chosen))
            (credo_id(&visit.details, false).render(words, wrong))
            (did(&visit.details, false).render(words, wrong))
            div.field.check.wrong[is_refused] {
                @if is_refused { p.error-text #consent-error { (words.say("consent_wrong")) } }
                input type="checkbox" #consent name="consent" value="given" required
                    aria-invalid=[is_refused.then_some("true")]
                    aria-describedby=[is_refused.then_some("consent-error")];
                label for="consent" { (words.say("consent_label")) }
            }
            div.actions {
                button { (words.say("another_button")) }
                a href="/step" { (words.say("back")) }
            }
        }
    };
    Page::new(words, words.say("another_title"), body).with_error(!wrong.is_empty()).with_aside(aside)
}
