//! Facts: what the typed reading says, in the words of the vectors.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Message;
use kyckit::{
    error::ErrorKind,
    privacy::Pii,
    shuftipro::model::{
        AccessToken, Account, Decision, DeclineReason, Hit, NameData, Origin, Outcome, QuestionnairePart,
        VerificationResponse,
    },
};

/// A fact of an answer, a callback or a status; `None` for one that is not coded.
pub(super) fn verification(message: &Message, fact: &str) -> Option<Value> {
    let answer: &VerificationResponse = &message.answer;
    let parts: Vec<&str> = fact.split('.').collect();
    Some(match parts.as_slice() {
        ["event"] => words(answer.event().as_str()),
        ["event_known"] => json!(answer.event().is_known()),
        ["decision"] => json!(decision(message.answer.decision())?),
        ["terminal"] => json!(answer.event().is_terminal()),
        ["needs_status_call"] => json!(answer.event().needs_status_call()),
        ["reference"] => json!(answer.reference()),
        ["email"] => json!(answer.email()),
        ["country"] => json!(answer.country()),
        ["error_kind"] => match message.failure {
            None => Value::Null,
            Some(kind) => json!(error_kind(kind)?),
        },
        ["error_service"] => json!(answer.error().service),
        ["error_key"] => json!(answer.error().key),
        ["error_messages"] => json!(answer.error().messages),
        ["verification_url_present"] => json!(answer.verification_url().is_some()),
        ["verification_url_host"] => json!(answer.verification_url().and_then(|link| link.host())),
        ["services"] => answer
            .verification_result()
            .iter()
            .map(|(service, result)| (service.to_owned(), json!(outcome(&result.summary()))))
            .collect(),
        ["result", service] => {
            use kyckit::shuftipro::model::ServiceResult::Overall;
            match answer.verification_result().service(service) {
                Some(Overall(result)) => json!(outcome(result)),
                _ => Value::Null,
            }
        }
        ["result", service, leaf] => {
            json!(answer.verification_result().check(service, leaf).map(outcome))
        }
        ["declined_reason"] => json!(answer.declined_reason()),
        ["declined_codes"] => sorted(answer.declined_codes().iter().map(|code| code.as_str())),
        ["services_declined_codes"] => answer
            .services_declined_codes()
            .iter()
            .map(|(service, codes)| (service.clone(), sorted(codes.iter().map(|code| code.as_str()))))
            .collect(),
        ["warnings"] => answer
            .warnings()
            .iter()
            .map(|(service, texts)| (service.clone(), sorted(texts.keys().map(String::as_str))))
            .collect(),
        ["additional", service, proof, key] => {
            json!(answer.additional_data().get(service, proof, key).map(Pii::into_exposed))
        }
        ["additional_count"] => json!(answer.additional_data().len()),
        ["extra_unknown_kept"] => sorted(answer.extra().expose().keys().map(String::as_str)),
        ["agent", ..] | ["geolocation", ..] => return info(answer, &parts),
        ["proofs"] | ["proofs_count"] | ["proofs_access_token_present"] | ["proofs_methods"] => {
            return proofs(answer, fact);
        }
        ["aml", member @ ..] => return aml(answer, member),
        ["risk", member] => return risk(answer, member),
        _ => return data(answer, &parts),
    })
}

fn decision(decision: Decision) -> Option<&'static str> {
    Some(match decision {
        Decision::Accepted => "accepted",
        Decision::Declined => "declined",
        Decision::Pending => "pending",
        Decision::Cancelled => "cancelled",
        Decision::Invalid => "invalid",
        Decision::Unauthorized => "unauthorized",
        Decision::Deleted => "deleted",
        Decision::TimedOut => "timeout",
        Decision::Other => "other",
        _ => return None,
    })
}

fn error_kind(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::Authentication => "authentication",
        ErrorKind::Conflict => "duplicate_reference",
        ErrorKind::InvalidRequest => "invalid_request",
        ErrorKind::NotFound => "not_found",
        ErrorKind::Permission => "permission",
        ErrorKind::Provider => "server",
        ErrorKind::RateLimited => "rate_limit",
        _ => return None,
    })
}

fn outcome(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Accepted => "accepted",
        Outcome::Declined => "declined",
        Outcome::NotProcessed => "not_processed",
        Outcome::Other(_) => "other",
        _ => "unknown",
    }
}

fn info(answer: &VerificationResponse, parts: &[&str]) -> Option<Value> {
    let agent = &answer.info().agent;
    let place = &answer.info().geolocation;
    Some(match parts {
        ["agent", "is_desktop"] => json!(agent.is_desktop),
        ["agent", "is_phone"] => json!(agent.is_phone),
        ["agent", "platform"] => json!(agent.platform_name),
        ["agent", "device"] => json!(agent.device_name),
        ["geolocation", "country_code"] => json!(place.country_code),
        ["geolocation", "ip"] => json!(place.ip),
        ["geolocation", "asn"] => json!(place.asn),
        ["geolocation", "city"] => json!(place.city),
        ["geolocation", "latitude"] => json!(place.latitude),
        _ => return None,
    })
}

/// Facts about the links of a status; the files of questionnaires are counted with the questionnaires.
fn proofs(answer: &VerificationResponse, fact: &str) -> Option<Value> {
    let links = || answer.proofs().iter().filter(|link| link.origin() != Origin::Questionnaire);
    Some(match fact {
        "proofs" => {
            let mut names: Vec<String> = links().map(|link| link.name()).collect();
            names.sort_unstable();
            json!(names)
        }
        "proofs_count" => json!(links().count()),
        "proofs_access_token_present" => json!(answer.proofs_access_token().is_some()),
        "proofs_methods" => unique(links().map(|link| link.method().as_str())),
        _ => return None,
    })
}

fn data(answer: &VerificationResponse, parts: &[&str]) -> Option<Value> {
    let data = answer.verification_data();
    let document = data.document.clone().unwrap_or_default();
    let address = data.address.clone().unwrap_or_default();
    let consent = data.consent.clone().unwrap_or_default();
    let ekyc = data.ekyc.clone().unwrap_or_default().personal_details;
    Some(match parts {
        ["data_services"] => sorted(data.services().into_iter()),
        ["document", "name", member] => return name(&document.name, member),
        ["document", "dob"] => json!(document.dob),
        ["document", "issue_date"] => json!(document.issue_date),
        ["document", "expiry_date"] => json!(document.expiry_date),
        ["document", "country"] => json!(document.country),
        ["document", "gender"] => json!(document.gender),
        ["document", "number"] => json!(document.document_number),
        ["document", "age"] => json!(document.age),
        ["document", "face_match_confidence"] => json!(document.face_match_confidence),
        ["document", "selected_types"] => json!(document.selected_types),
        ["document", "supported_types"] => json!(document.supported_types),
        ["address", "name", member] => return name(&address.name, member),
        ["address", "full"] => json!(address.full_address),
        ["address", "country"] => json!(address.country),
        ["address", "issue_date"] => json!(address.issue_date),
        ["address", "selected_types"] => json!(address.selected_types),
        ["address", "supported_types"] => json!(address.supported_types),
        ["consent", "text"] => json!(consent.text),
        ["consent", "selected_types"] => json!(consent.selected_types),
        ["face", "duplicate_account_detected"] => {
            json!(data.face.as_ref().and_then(|face| face.duplicate_account_detected))
        }
        ["ekyc", "name", "first"] => json!(ekyc.first_name),
        ["ekyc", "name", "middle"] => json!(ekyc.middle_name),
        ["ekyc", "name", "last"] => json!(ekyc.last_name),
        ["ekyc", "national_id"] => json!(ekyc.national_id),
        ["ekyc", "gender"] => json!(ekyc.gender),
        ["ekyc", "dob"] => json!(ekyc.dob),
        ["questionnaire_answers"] => json!(questions(answer).flat_map(|part| &part.questions).count()),
        ["questionnaire_types"] => {
            json!(questions(answer).flat_map(|part| &part.questions).map(|one| &one.kind).collect::<Vec<_>>())
        }
        _ => return None,
    })
}

fn name(name: &NameData, member: &str) -> Option<Value> {
    Some(match member {
        "first" => json!(name.first_name),
        "middle" => json!(name.middle_name),
        "last" => json!(name.last_name),
        "full" => json!(name.full_name),
        _ => return None,
    })
}

fn questions(answer: &VerificationResponse) -> impl Iterator<Item = &QuestionnairePart> {
    let data = answer.verification_data();
    let assessed = data.risk_assessment.iter().flat_map(|assessment| &assessment.questionnaire);
    assessed.chain(data.questionnaire.iter().flatten())
}

fn aml(answer: &VerificationResponse, parts: &[&str]) -> Option<Value> {
    let checks = answer.verification_data().background_checks.clone().unwrap_or_default();
    let found = checks.aml_data.as_ref();
    let hits = || found.into_iter().flat_map(|found| &found.hits);
    let counts = |count: fn(&Hit) -> usize| json!(hits().map(count).collect::<Vec<_>>());
    Some(match parts {
        ["name", member] => return name(&checks.name, member),
        ["dob"] => json!(checks.dob),
        ["present"] => json!(found.is_some()),
        ["hits"] => json!(found.map(|found| found.hits.len())),
        ["filters"] => json!(found.map_or_else(Vec::new, |found| found.filters.clone())),
        ["names"] => json!(hits().map(|hit| &hit.name).collect::<Vec<_>>()),
        ["entity_types"] => json!(hits().map(|hit| &hit.entity_type).collect::<Vec<_>>()),
        ["scores"] => json!(hits().map(|hit| hit.score).collect::<Vec<_>>()),
        ["types"] => unique(hits().flat_map(|hit| &hit.types).map(|one| one.as_str())),
        ["match_types"] => unique(hits().flat_map(|hit| &hit.match_types).map(|one| one.as_str())),
        ["sources"] => unique(hits().flat_map(|hit| &hit.sources).map(String::as_str)),
        ["alternative_names"] => counts(|hit| hit.alternative_names.len()),
        ["assets"] => counts(|hit| hit.assets.len()),
        ["associates"] => counts(|hit| hit.associates.len()),
        ["media"] => counts(|hit| hit.media.len()),
        ["fields"] => counts(|hit| hit.fields.len()),
        ["source_notes"] => counts(|hit| hit.source_notes.len()),
        ["media_dates"] => json!(hits().flat_map(|hit| &hit.media).map(|one| &one.date).collect::<Vec<_>>()),
        _ => return None,
    })
}

fn risk(answer: &VerificationResponse, member: &str) -> Option<Value> {
    let assessment = answer.risk_assessment().cloned().unwrap_or_default();
    let score = &assessment.risk_score;
    Some(match member {
        "title" => json!(assessment.title),
        "range_name" => json!(score.range_name),
        "total_score" => json!(score.total_assessment_score),
        "fraud_prevention_score" => json!(score.fraud_prevention_score),
        "questionnaire_score" => json!(score.questionnaire_score),
        "point_scores" => {
            json!(assessment.fraud_prevention.iter().map(|point| &point.point_score).collect::<Vec<_>>())
        }
        "services" => assessment
            .services
            .iter()
            .map(|service| (service.service_name.clone().unwrap_or_default(), json!(service.status)))
            .collect(),
        _ => return None,
    })
}

/// A fact of the account call.
pub(super) fn account(account: &Account, fact: &str) -> Option<Value> {
    Some(match fact {
        "account.name" => json!(account.name),
        "account.status" => json!(account.status),
        "account.balance.amount" => json!(account.balance.amount),
        "account.balance.currency" => json!(account.balance.currency),
        "account.plan_services" => sorted(account.subscription_plan_details.keys().map(String::as_str)),
        _ => return None,
    })
}

/// A fact of the access token call.
pub(super) fn access_token(token: &AccessToken, fact: &str) -> Option<Value> {
    (fact == "access_token").then(|| json!(token.token().expose()))
}

/// A fact of the decline reasons call.
pub(super) fn decline_reasons(reasons: &[DeclineReason], fact: &str) -> Option<Value> {
    (fact == "decline_reasons").then(|| {
        let texts: BTreeMap<_, _> =
            reasons.iter().map(|reason| (reason.code.as_str(), reason.description.as_deref())).collect();
        json!(texts)
    })
}

/// A text, and null for an empty one.
fn words(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { json!(text) }
}

fn sorted<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let mut texts: Vec<_> = texts.collect();
    texts.sort_unstable();
    json!(texts)
}

fn unique<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    json!(texts.collect::<BTreeSet<_>>())
}
