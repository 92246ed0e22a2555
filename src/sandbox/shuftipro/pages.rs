//! The verification page: what the end user sees at a verification URL. Plain HTML, no script.

use std::fmt::Write as _;

use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::Value;

use super::{
    Outcome,
    checks::is_empty,
    fake::Fake,
    reasons,
    state::{Verification, event},
};
use crate::sandbox::{
    page::{self, escape, html},
    payload::Payload,
};

impl Fake {
    /// The page, or what its buttons do.
    pub(super) fn page(&self, method: &Method, token: &str, body: &[u8]) -> Response<Payload> {
        let found = {
            let store = self.store();
            let key = store.pages.get(token).cloned();
            key.and_then(|key| store.verifications.get(&key).cloned().map(|held| (key, held)))
        };
        let Some((key, held)) = found else {
            return html(
                StatusCode::NOT_FOUND,
                &frame("Unknown link", "<p>There is no such verification.</p>"),
            );
        };
        if *method == Method::GET {
            return show(&held);
        }
        if *method != Method::POST {
            let mut response = html(StatusCode::METHOD_NOT_ALLOWED, &frame("Not allowed", ""));
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
            return response;
        }
        let Some(outcome) = chosen(body) else {
            return html(
                StatusCode::BAD_REQUEST,
                &frame("Unknown choice", "<p>Go back and choose again.</p>"),
            );
        };
        if self.complete(&key, &outcome).is_err() {
            return html(StatusCode::CONFLICT, &frame("Over", "<p>This verification is over.</p>"));
        }
        let target = held.redirect_url.as_ref().unwrap_or(&held.verification_url);
        let mut response = html(StatusCode::SEE_OTHER, &frame("Done", "<p>Thank you.</p>"));
        if let Ok(target) = HeaderValue::try_from(target.as_str()) {
            response.headers_mut().insert(header::LOCATION, target);
        }
        response
    }
}

/// What was clicked.
fn chosen(body: &[u8]) -> Option<Outcome> {
    let mut action = None;
    let mut codes = Vec::new();
    for (key, value) in url::form_urlencoded::parse(body) {
        match &*key {
            "action" => action = Some(value.into_owned()),
            "reason" if !value.is_empty() => codes.push(value.into_owned()),
            _ => {}
        }
    }
    Some(match action?.as_str() {
        "natural" => Outcome::Natural,
        "accept" => Outcome::Accept,
        "decline" => Outcome::Decline(codes),
        "cancel" => Outcome::Cancel,
        "review" => Outcome::Review,
        _ => return None,
    })
}

fn show(held: &Verification) -> Response<Payload> {
    if held.event == event::PENDING {
        return html(StatusCode::OK, &frame("Verify your identity", &form(held)));
    }
    let shown = held.general.get("show_results").and_then(Value::as_str) != Some("0");
    let (title, text) = match held.event.as_str() {
        event::ACCEPTED if shown => ("Accepted", "Your verification was accepted."),
        event::DECLINED if shown => ("Declined", "Your verification was declined."),
        event::CANCELLED => ("Cancelled", "You cancelled the verification."),
        event::TIMEOUT => ("Too late", "The time for this verification is up."),
        _ => ("Thank you", "Your verification is being looked at."),
    };
    let status = if held.event == event::TIMEOUT { StatusCode::GONE } else { StatusCode::OK };
    let back = held.redirect_url.as_ref().map_or_else(String::new, |url| {
        format!("<p><a href=\"{}\">Back to the website that sent you</a></p>", escape(url.as_str()))
    });
    html(status, &frame(title, &format!("<p>{text}</p>{back}")))
}

fn form(held: &Verification) -> String {
    let mut page = String::from(
        "<p class=\"sandbox\">This is the sandbox. No person is verified here, and no data is asked for.</p>\
         <h2>What is asked for</h2><ul>",
    );
    for (service, asked) in &held.services {
        let _ = write!(page, "<li>{}", escape(&service.replace('_', " ")));
        let fields: Vec<String> = asked
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| {
                let how = if is_empty(value) { "is read" } else { "is compared" };
                format!("{} {how}", escape(&key.replace('_', " ")))
            })
            .collect();
        if !fields.is_empty() {
            let _ = write!(page, ": {}", fields.join(", "));
        }
        page.push_str("</li>");
    }
    page.push_str(
        "</ul><h2>What happens</h2><form method=\"post\">\
         <p><button name=\"action\" value=\"accept\">Accept</button>\
         <button name=\"action\" value=\"natural\">Show the papers and let them decide</button>\
         <button name=\"action\" value=\"review\">Hand in for review</button>\
         <button name=\"action\" value=\"cancel\">Cancel</button></p>\
         <fieldset><legend>Decline</legend>\
         <p><label for=\"reason\">Reason</label><br><select id=\"reason\" name=\"reason\">",
    );
    for reason in fitting(held) {
        let _ = write!(page, "<option value=\"{0}\">{0}: {1}</option>", reason.code, escape(reason.text));
    }
    page.push_str(
        "</select></p><p><button name=\"action\" value=\"decline\">Decline</button></p></fieldset></form>",
    );
    page
}

/// The reasons that concern what was asked for.
fn fitting(held: &Verification) -> impl Iterator<Item = &'static reasons::Reason> {
    reasons::REASONS.iter().filter(|reason| {
        reason.services.is_empty()
            || reason.services.iter().any(|service| held.services.contains_key(*service))
    })
}

fn frame(title: &str, body: &str) -> String {
    page::frame("Shufti Pro", title, body)
}
