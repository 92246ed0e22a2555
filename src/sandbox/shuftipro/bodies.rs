//! The bodies of responses and callbacks (contract sections 4, 6 and 11.2).

use serde_json::{Map, Value, json};

use super::{
    checks::Refusal,
    reasons,
    state::{Verification, event},
};

/// The body of section 4. `file_link` makes a fresh link for a questionnaire's file.
pub(super) fn verification(
    reference: &str,
    verification: &Verification,
    mut file_link: impl FnMut() -> String,
) -> Map<String, Value> {
    let mut body = two_keys(reference, &verification.event);
    match verification.event.as_str() {
        event::PENDING => {
            if verification.onsite {
                body.insert("verification_url".into(), verification.verification_url.as_str().into());
            }
            // An assessment's response has three keys only.
            if !verification.is_risk_assessment() {
                echo(&mut body, verification);
            }
        }
        event::TIMEOUT | event::CANCELLED => {
            body.insert("error".into(), "".into());
        }
        event::DELETED => {}
        _ => echo(&mut body, verification),
    }
    let Some(decided) = verification.decided.as_ref().filter(|_| verification.is_decided()) else {
        return body;
    };
    let mut data = decided.data.clone();
    fill_file_answers(&mut data, &mut file_link);
    body.insert("verification_data".into(), data.into());
    body.insert("verification_result".into(), decided.result.clone().into());
    body.insert("info".into(), info(verification));
    if !decided.additional.is_empty() {
        body.insert("additional_data".into(), decided.additional.clone().into());
    }
    if !decided.warnings.is_empty() {
        body.insert("warnings".into(), decided.warnings.clone().into());
    }
    if decided.accepted {
        body.insert("declined_reason".into(), Value::Null);
    } else {
        let codes = decided.declined_codes();
        body.insert("declined_reason".into(), codes.first().map(|code| reasons::text(code)).into());
        body.insert("declined_codes".into(), codes.into());
        body.insert("services_declined_codes".into(), decided.services_declined_codes().into());
    }
    let customer = verification.general("customer_unique_id");
    if customer.is_string() {
        body.insert("customer_unique_id".into(), customer);
    }
    body
}

/// `reference` and `event`.
pub(super) fn two_keys(reference: &str, event: &str) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("reference".into(), reference.into());
    body.insert("event".into(), event.into());
    body
}

fn echo(body: &mut Map<String, Value>, verification: &Verification) {
    body.insert("email".into(), verification.general("email"));
    body.insert("country".into(), verification.general("country"));
}

/// The error body of section 11.2.
pub(super) fn invalid(reference: &str, refusal: &Refusal) -> Value {
    json!({
        "reference": reference,
        "event": event::INVALID,
        "error": { "service": refusal.service, "key": refusal.key, "message": refusal.message },
        "email": null,
        "country": null,
    })
}

/// The body of a 401.
pub(super) fn unauthorized() -> Value {
    json!({
        "reference": "",
        "event": event::UNAUTHORIZED,
        "error": { "service": "", "key": "", "message": "Authorization keys are missing/invalid." },
        "email": null,
        "country": null,
    })
}

/// Questions of type `file` are answered by a link.
fn fill_file_answers(data: &mut Map<String, Value>, file_link: &mut impl FnMut() -> String) {
    for service in data.values_mut() {
        let parts = match service {
            Value::Object(assessment) => assessment.get_mut("questionnaire"),
            list => Some(list),
        };
        for part in parts.and_then(Value::as_array_mut).into_iter().flatten() {
            let questions = part.get_mut("questions").and_then(Value::as_array_mut);
            for question in questions.into_iter().flatten() {
                if question["type"] == "file" {
                    question["answer"] = file_link().into();
                }
            }
        }
    }
}

/// Section 4.3: onsite the end user's machine, offsite the caller's. All from ranges for documentation.
fn info(verification: &Verification) -> Value {
    let onsite = verification.onsite;
    let known = |text: &'static str| if onsite { text } else { "" };
    let flag = |value: bool| if onsite { Value::from(value) } else { Value::from("") };
    let agent = if onsite {
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
    } else {
        &verification.user_agent
    };
    let address = if onsite { "203.0.113.7" } else { "127.0.0.1" };
    json!({
        "agent": {
            "is_desktop": flag(true), "is_phone": flag(false), "useragent": agent,
            "device_name": if onsite { "WebKit" } else { "0" }, "browser_name": known(" "),
            "platform_name": known("Linux"),
        },
        "geolocation": {
            "host": address, "ip": address, "rdns": address, "asn": known("64500"), "isp": known("Example Net Ltd"),
            "country_name": known("Germany"), "country_code": known("DE"), "region_name": known("Hesse"),
            "region_code": known("HE"), "city": known("Frankfurt am Main"), "postal_code": known("60326"),
            "continent_name": known("Europe"), "continent_code": known("EU"), "latitude": known("50.1049"),
            "longitude": known("8.6295"), "metro_code": "", "timezone": known("Europe/Berlin"),
            "ip_type": known("ipv4"), "capital": known("Berlin"), "currency": known("EUR"),
        },
    })
}
