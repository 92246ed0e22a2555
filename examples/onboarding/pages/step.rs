//! One page for each thing that the flow may wait for.

use kyckit::{
    flow::{Next, Pending, ReturnMode},
    selfkey,
};
use maud::{Markup, html};

use super::Page;
use crate::onboarding::{backend::name_of, outcome::Problem, words::Words};

pub fn step(
    words: &'static Words,
    pending: &Pending,
    problem: Option<&Problem>,
    aside: Option<Markup>,
) -> Page {
    let name = name_of(pending.provider.as_str());
    let state = pending.state.as_str();
    let (title, body) = match &pending.next {
        Next::OpenUrl { url, then } => (
            words.say_with("open_title", "provider", name),
            html! {
                p.lead { (words.say_with("open_lead", "provider", name)) }
                // A link and no form: the policy lets forms go to this website alone.
                p.actions {
                    a.button #open href=(url.expose()) rel="noreferrer" { (words.say_with("open_link", "provider", name)) }
                }
                @if *then == ReturnMode::Callback { (look(words, state, "open_check")) }
            },
        ),
        Next::TypePasscode { length, .. } => (
            words.say("passcode_title"),
            html! {
                p.lead { (words.say_with("passcode_lead", "provider", name)) }
                form method="post" action="/passcode" {
                    (hidden(state))
                    div.field.wrong[problem.is_some()] {
                        label for="passcode" { (words.say("passcode_label")) }
                        p.hint #passcode-hint { (words.say_with("passcode_hint", "length", *length)) }
                        input.code #passcode name="passcode" type="text" inputmode="numeric" required
                            autocomplete="one-time-code" size=(length) spellcheck="false"
                            aria-describedby=(if problem.is_some() { "passcode-hint problem" } else { "passcode-hint" })
                            aria-invalid=[problem.is_some().then_some("true")];
                    }
                    div.actions { button { (words.say("passcode_button")) } }
                }
            },
        ),
        Next::SignNonce { nonce } => (
            words.say("sign_title"),
            html! {
                p.lead { (words.say("sign_lead")) }
                h2 #text-to-sign { (words.say("sign_text")) }
                p.nonce { code { (nonce.expose()) } }
                form method="post" action="/signature" {
                    (hidden(state))
                    div.field {
                        label for="signature" { (words.say("signature_label")) }
                        p.hint #signature-hint { (words.say("signature_hint")) }
                        textarea #signature name="signature" rows="3" required spellcheck="false"
                            autocomplete="off" aria-describedby="signature-hint" {}
                    }
                    div.actions { button { (words.say("signature_button")) } }
                }
            },
        ),
        Next::OpenApp if pending.provider == selfkey::PROVIDER => (
            words.say("application_title"),
            html! {
                p.lead { (words.say("application_lead")) }
                (look(words, state, "application_check"))
            },
        ),
        Next::OpenApp => (
            words.say_with("app_title", "provider", name),
            html! { p.lead { (words.say_with("app_lead", "provider", name)) } },
        ),
        Next::Wait { .. } => (
            words.say("wait_title"),
            html! {
                p.lead role="status" { (words.say_with("wait_lead", "provider", name)) }
                (remarks(words, pending))
                p { a href="/wait" { (words.say("wait_check")) } }
            },
        ),
        _ => (words.say("problem_title"), html! { p.lead { (words.say("problem_other")) } }),
    };
    let body = html! {
        h1 { (title) }
        @if let Some(problem) = problem { (notice(words, pending, problem)) }
        (body)
        p.aside-link { a href="/another" { (words.say("another_link")) } }
    };
    Page::new(words, title, body).with_error(problem.is_some()).with_aside(aside)
}

/// The state of this very step goes along with the form.
fn hidden(state: &str) -> Markup {
    html! { input type="hidden" name="state" value=(state); }
}

fn look(words: &Words, state: &str, word: &str) -> Markup {
    html! {
        form.actions method="post" action="/look" {
            (hidden(state))
            button.quiet { (words.say(word)) }
        }
    }
}

/// What the provider has said so far.
fn remarks(words: &Words, pending: &Pending) -> Markup {
    let reasons = pending.decision.iter().flat_map(|decision| decision.reasons());
    html! { @for reason in reasons { p { (words.texts.reason(*reason)) } } }
}

fn notice(words: &Words, pending: &Pending, problem: &Problem) -> Markup {
    let text = match &pending.next {
        Next::TypePasscode { attempts_left, .. } if problem.word == "problem_passcode" => {
            words.texts.passcode_refused(*attempts_left)
        }
        _ => {
            let failed = problem.provider.unwrap_or(pending.provider);
            words.say_with(problem.word, "provider", name_of(failed.as_str()))
        }
    };
    html! {
        div.notice.error role="alert" {
            p #problem { (text) }
            p.code-line { (words.say("code")) " " code { (problem.code) } }
        }
    }
}
