//! The boxes of the sandbox, in English alone: what the person would have in hand. Goes in production.

use kyckit::provider::ProviderId;
use maud::{Markup, html};

use crate::onboarding::form::Details;

fn boxed(body: &Markup) -> Markup {
    html! {
        aside.sandbox lang="en" aria-labelledby="sandbox" {
            h2 #sandbox { "Sandbox" }
            (body)
        }
    }
}

fn button(action: &str, text: &str) -> Markup {
    html! { form method="post" action=(action) { button.sandbox-button { (text) } } }
}

fn with_state(action: &str, state: &str, text: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            input type="hidden" name="state" value=(state);
            button.sandbox-button { (text) }
        }
    }
}

pub fn form(provider: ProviderId, details: &Details, can_fill: bool) -> Markup {
    boxed(&html! {
        p { "The person at this provider is invented. These details fit:" }
        dl {
            dt { "Name" } dd { (details.name.expose()) }
            dt { "E-mail" } dd { (details.mail.expose()) }
            @if !details.credo_id.expose().is_empty() { dt { "Credo ID" } dd { code { (details.credo_id.expose()) } } }
            @if !details.did.expose().is_empty() { dt { "DID" } dd { code { (details.did.expose()) } } }
        }
        @if can_fill {
            p { a.fill href={ "/details?provider=" (provider) "&sandbox=fill" } { "Fill the form in" } }
        }
    })
}

pub fn identifiers(credo_id: &str, did: &str) -> Markup {
    boxed(&html! {
        p { "Where a provider asks for them:" }
        dl {
            dt { "Credo ID" } dd { code { (credo_id) } }
            dt { "DID" } dd { code { (did) } }
        }
    })
}

pub fn page() -> Markup {
    boxed(&html! { p { "The provider’s page is a fake on this machine. You choose there what happens." } })
}

pub fn message(passcode: &str) -> Markup {
    boxed(&html! { p { "The person’s telephone shows: " strong.delivered #delivered { (passcode) } } })
}

pub fn wallet(state: &str) -> Markup {
    boxed(&html! {
        p { "The person’s wallet has the key." }
        (with_state("/sandbox/wallet", state, "Sign with the wallet"))
    })
}

pub fn application(state: &str) -> Markup {
    boxed(&html! {
        p { "The person’s wallet has the papers." }
        (with_state("/sandbox/application", state, "Hand the application in"))
    })
}

pub fn phone() -> Markup {
    boxed(&html! {
        p { "The person’s telephone has the Maya app, with your tile in it." }
        (button("/sandbox/phone", "Tap the tile"))
    })
}

pub fn reviewer() -> Markup {
    boxed(&html! {
        p { "A member of the provider’s staff looks at the papers." }
        form.row method="post" action="/sandbox/review" {
            button.sandbox-button name="decision" value="accept" { "Accept" }
            button.sandbox-button name="decision" value="decline" { "Decline" }
        }
    })
}
