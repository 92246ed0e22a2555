//! The body of an answer, a callback and a status: one shape for all three.
//!
//! Source: `docs/verification_endpoints/responses`.

use std::{collections::BTreeMap, time::SystemTime};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{
    Decision, Event, Extra, Info, Link, ProofLink, RiskAssessment, VerificationData, VerificationResult,
    missing,
    proofs::{Gatherer, Proofs, ServiceProofs},
};
use crate::{
    error::{Error, Sanitized},
    privacy::{Pii, Secret},
    shuftipro::decline::DeclineCode,
    transport::decode,
    verified::Verified,
    wire::{
        self,
        unread::{Unread, UnreadMember},
    },
};

/// What the provider says of a request: the HTTP answer, the callback, the status.
///
/// It cannot be built from bytes outside of the crate, and has no decision: ask
/// [`decision`](Verified::<VerificationResponse>::decision) of a [`Verified`] answer: one with a checked signature.
///
/// ```compile_fail
/// fn believe(answer: kyckit::shuftipro::model::VerificationResponse) -> bool {
///     answer.is_accepted()
/// }
/// ```
#[derive(Clone)]
pub struct VerificationResponse {
    event: Event,
    body: Body,
    verification_url: Option<Link>,
    proofs: Vec<ProofLink>,
    other_proofs: Extra,
    proofs_access_token: Option<Secret>,
    unread: Unread,
    received: SystemTime,
}

/// What has to be of its type, since something rests on it. Any other member becomes absent when it is not.
///
/// - `event`: the decision is made of it alone
/// - `reference`: which verification the decision is about
/// - `verification_result`: which checks of an accepted verification passed, so what is proven of the person
/// - `verification_url`: without it the person cannot go on
/// - the services of a risk assessment: an accepted assessment may list a declined one
/// - the end of a document: absent means that what was found is good for ever
pub(super) const STRICT: &[&str] = &[
    "event",
    "reference",
    "verification_result",
    "verification_url",
    "verification_data?.document?.expiry_date",
    "verification_data?.document_two?.expiry_date",
    "verification_data?.risk_assessment?.services[].service_name",
    "verification_data?.risk_assessment?.services[].status",
];

/// The keys of the wire. Private, so that an answer cannot be deserialised.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(deserialize_with = "wire::text")]
    reference: Option<String>,
    #[serde(deserialize_with = "wire::text")]
    event: Option<Event>,
    error: ErrorDetail,
    #[serde(deserialize_with = "wire::text")]
    verification_url: Option<Secret>,
    #[serde(deserialize_with = "wire::text")]
    email: Option<Pii<String>>,
    #[serde(deserialize_with = "wire::text")]
    country: Option<String>,
    verification_result: VerificationResult,
    #[serde(deserialize_with = "wire::object")]
    verification_data: VerificationData,
    #[serde(deserialize_with = "wire::object")]
    info: Info,
    additional_data: AdditionalData,
    #[serde(deserialize_with = "warnings")]
    warnings: Warnings,
    #[serde(deserialize_with = "wire::text")]
    declined_reason: Option<String>,
    #[serde(deserialize_with = "wire::texts")]
    declined_codes: Vec<DeclineCode>,
    #[serde(deserialize_with = "codes_by_service")]
    services_declined_codes: BTreeMap<String, Vec<DeclineCode>>,
    #[serde(deserialize_with = "wire::text")]
    customer_unique_id: Option<Pii<String>>,
    /// Obsolete since 2019, and named here only so that it is not taken for an unknown key.
    #[serde(rename = "token")]
    _token: serde::de::IgnoredAny,
    #[serde(deserialize_with = "wire::object")]
    proofs: Proofs,
    /// What `proofs` was called in 2019.
    #[serde(deserialize_with = "wire::object")]
    proof: Proofs,
    #[serde(deserialize_with = "wire::list")]
    services_proofs: Vec<ServiceProofs>,
    #[serde(flatten)]
    extra: Extra,
}

/// By service and key.
type Warnings = BTreeMap<String, BTreeMap<String, Pii<String>>>;

fn warnings<'de, D>(deserializer: D) -> Result<Warnings, D::Error>
where
    D: Deserializer<'de>,
{
    type Texts = wire::Map<wire::Text<Pii<String>>>;
    let services = wire::map::<D, Texts>(deserializer)?;
    Ok(services
        .into_iter()
        .map(|(service, texts)| {
            (service, texts.0.into_iter().map(|(key, text)| (key, text.0.unwrap_or_default())).collect())
        })
        .collect())
}

fn codes_by_service<'de, D>(deserializer: D) -> Result<BTreeMap<String, Vec<DeclineCode>>, D::Error>
where
    D: Deserializer<'de>,
{
    let services = wire::map::<D, wire::Texts<DeclineCode>>(deserializer)?;
    Ok(services.into_iter().map(|(service, codes)| (service, codes.0)).collect())
}

impl VerificationResponse {
    /// Reads a body that was received at the given time. The signature is checked before this is called.
    ///
    /// # Errors
    ///
    /// [`Decode`](crate::ErrorKind::Decode) with the path: when it is not JSON, when a member is of another kind than documented,
    /// without an `event`, and without a `reference` except where the provider refused the request or its credentials.
    pub(crate) fn read(bytes: &[u8], received: SystemTime) -> Result<Self, Error> {
        let answer = Self::read_any(bytes, received)?;
        let refused = matches!(answer.event, Event::RequestInvalid | Event::RequestUnauthorized);
        if answer.event.as_str().is_empty() {
            Err(missing("event"))
        } else if answer.reference().is_none() && !refused {
            Err(missing("reference"))
        } else {
            Ok(answer)
        }
    }

    /// Reads a body as [`read`](Self::read) does, also without an event or a reference.
    pub(crate) fn read_any(bytes: &[u8], received: SystemTime) -> Result<Self, Error> {
        let (mut body, unread) = decode::signed::<Body>(bytes, STRICT)?;
        let proofs = [std::mem::take(&mut body.proofs), std::mem::take(&mut body.proof)];
        let access_token = proofs.iter().find_map(Proofs::access_token);
        let mut gatherer = Gatherer::new(received, access_token.clone());
        proofs.iter().for_each(|proofs| gatherer.proofs(proofs));
        gatherer.service_proofs(&std::mem::take(&mut body.services_proofs));
        if let Some(assessment) = &body.verification_data.risk_assessment {
            gatherer.questionnaire("risk_assessment", &assessment.questionnaire);
        }
        if let Some(parts) = &body.verification_data.questionnaire {
            gatherer.questionnaire("questionnaire", parts);
        }
        Ok(Self {
            event: body.event.take().unwrap_or_else(|| Event::Other(String::new())),
            verification_url: body.verification_url.take().map(Link::new),
            body,
            proofs: gatherer.links,
            other_proofs: Pii::new(gatherer.others),
            proofs_access_token: access_token,
            unread,
            received,
        })
    }

    /// The state of the request. It is what the message says; what it means is asked of a verified answer.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Your reference of the request. There is none when the credentials or the request were refused.
    pub fn reference(&self) -> Option<&str> {
        self.body.reference.as_deref()
    }

    /// The e-mail address of the request.
    pub fn email(&self) -> Option<&Pii<String>> {
        self.body.email.as_ref()
    }

    /// The country of the request: usually ISO 3166-1 alpha-2, and `UK` has been seen.
    pub fn country(&self) -> Option<&str> {
        self.body.country.as_deref()
    }

    /// What the provider found fault with, in a refused request.
    pub fn error(&self) -> &ErrorDetail {
        &self.body.error
    }

    /// Where to send the person: the answer to an onsite request. Check it with [`Link::url`], and never take it
    /// apart.
    pub fn verification_url(&self) -> Option<&Link> {
        self.verification_url.as_ref()
    }

    /// What each check came to. It explains the decision and is not it.
    pub fn verification_result(&self) -> &VerificationResult {
        &self.body.verification_result
    }

    /// What was read from the proofs and verified.
    pub fn verification_data(&self) -> &VerificationData {
        &self.body.verification_data
    }

    /// The risk assessment, where the request was one.
    pub fn risk_assessment(&self) -> Option<&RiskAssessment> {
        self.body.verification_data.risk_assessment.as_ref()
    }

    /// The services that a risk assessment lists as declined, by key. An accepted assessment may have some.
    pub fn declined_services(&self) -> impl Iterator<Item = &str> {
        self.risk_assessment().into_iter().flat_map(RiskAssessment::declined_services)
    }

    /// The device and place. In an offsite request they are your backend's.
    pub fn info(&self) -> &Info {
        &self.body.info
    }

    /// What else was read from the proofs, unverified.
    pub fn additional_data(&self) -> &AdditionalData {
        &self.body.additional_data
    }

    /// What was let pass with `allow_warnings`, by service: keys such as `png_format_detected`, with their texts.
    pub fn warnings(&self) -> &BTreeMap<String, BTreeMap<String, Pii<String>>> {
        &self.body.warnings
    }

    /// Why the request was declined, as text for people. It stands for one of the codes.
    pub fn declined_reason(&self) -> Option<&str> {
        self.body.declined_reason.as_deref()
    }

    /// Why the request was declined, in wire order.
    pub fn declined_codes(&self) -> &[DeclineCode] {
        &self.body.declined_codes
    }

    /// Why each service was declined. A code may stand under several services.
    pub fn services_declined_codes(&self) -> &BTreeMap<String, Vec<DeclineCode>> {
        &self.body.services_declined_codes
    }

    /// Your stable id of the person, as it was sent.
    pub fn customer_unique_id(&self) -> Option<&Pii<String>> {
        self.body.customer_unique_id.as_ref()
    }

    /// Every link of a status answer, from `proofs`, its name of 2019, `services_proofs` and the files of
    /// questionnaires. Each opens for 15 minutes.
    pub fn proofs(&self) -> &[ProofLink] {
        &self.proofs
    }

    /// The token that opens the links.
    pub fn proofs_access_token(&self) -> Option<&Secret> {
        self.proofs_access_token.as_ref()
    }

    /// What stood among the proofs and is no link, by its name such as `document.size`.
    pub fn other_proofs(&self) -> &Extra {
        &self.other_proofs
    }

    /// The keys of the answer that this version does not know.
    pub fn extra(&self) -> &Extra {
        &self.body.extra
    }

    /// The members that are not of the documented type. They are absent, and nothing rests on them: the decision, the
    /// reference, the outcomes of the checks and the link to open are never among them.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// When the answer was received.
    pub fn received(&self) -> SystemTime {
        self.received
    }
}

/// What only a verified answer can be asked.
impl Verified<VerificationResponse> {
    /// What the provider decided, from the event alone.
    pub fn decision(&self) -> Decision {
        Decision::of(self.event())
    }

    /// Whether the provider verified the person: `verification.accepted` and nothing else.
    ///
    /// Of a risk assessment it says that the assessment as a whole was accepted: see
    /// [`declined_services`](VerificationResponse::declined_services).
    pub fn is_accepted(&self) -> bool {
        self.decision() == Decision::Accepted
    }
}

// The event, the codes and the names of what is there; never a value.
crate::privacy::redacted_debug!(VerificationResponse {
    event,
    error: |this| this.body.error,
    declined_codes: |this| this.body.declined_codes,
    proofs: |this| this.proofs.len(),
    ..
});

/// What the provider found fault with. All of it is empty in an answer that is no error.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErrorDetail {
    /// The service; `None` for a general field.
    pub service: Option<String>,
    /// The field.
    pub key: Option<String>,
    /// Texts for people. They change, and may quote what was sent: never branch on them.
    pub messages: Vec<Pii<String>>,
}

impl ErrorDetail {
    /// The field with its service, such as `document.dob`; `None` when the provider named none.
    pub fn field(&self) -> Option<String> {
        match (&self.service, &self.key) {
            (Some(service), Some(key)) => Some(format!("{service}.{key}")),
            (Some(one), None) | (None, Some(one)) => Some(one.clone()),
            (None, None) => None,
        }
    }

    fn of(value: Value) -> Self {
        let member = |value: Option<&Value>| {
            value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        match value {
            Value::Object(map) => Self {
                service: member(map.get("service")),
                key: member(map.get("key")),
                messages: map.get("message").map(messages).unwrap_or_default(),
            },
            other => Self { messages: messages(&other), ..Self::default() },
        }
    }
}

/// One text, a list of texts, or texts by field.
fn messages(value: &Value) -> Vec<Pii<String>> {
    match value {
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![Pii::from(text.as_str())],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(Pii::from).collect(),
        Value::Object(map) => map.values().flat_map(messages).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// An error is read whatever its form: a refusal must be reported also when its details are not understood.
impl<'de> Deserialize<'de> for ErrorDetail {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::of)
    }
}

crate::privacy::redacted_debug!(ErrorDetail {
    service: |this| this.service.as_deref().map(Sanitized),
    key: |this| this.key.as_deref().map(Sanitized),
    messages: |this| this.messages.len()
});

/// What else was read from the proofs, by service, proof and key: a flat map of texts a proof. More than a hundred keys
/// exist, such as `authority`, `mrz` and `place_of_birth`, and `*_native` twins. Values may differ from
/// [`VerificationData`], which holds what was verified.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdditionalData(BTreeMap<String, BTreeMap<String, BTreeMap<String, Pii<Value>>>>);

impl AdditionalData {
    /// The text under a key of a service's `proof` or `additional_proof`.
    pub fn get(&self, service: &str, proof: &str, key: &str) -> Option<Pii<&str>> {
        let value = self.0.get(service)?.get(proof)?.get(key)?;
        value.expose().as_str().filter(|text| !text.is_empty()).map(Pii::new)
    }

    /// Everything: service, proof, key and the value as it came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &str, &Pii<Value>)> {
        self.0.iter().flat_map(|(service, proofs)| {
            proofs.iter().flat_map(move |(proof, values)| {
                values.iter().map(move |(key, value)| (service.as_str(), proof.as_str(), key.as_str(), value))
            })
        })
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

impl<'de> Deserialize<'de> for AdditionalData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let services = wire::map::<D, wire::Map<wire::Map<Pii<Value>>>>(deserializer)?;
        Ok(Self(
            services
                .into_iter()
                .map(|(service, proofs)| {
                    (service, proofs.0.into_iter().map(|(proof, values)| (proof, values.0)).collect())
                })
                .collect(),
        ))
    }
}
