//! OpenID Connect for Identity Assurance: an identity as `verified_claims`, and documents of others read without loss.
//!
//! # Writing
//!
//! [`Identity::verified_claims`] makes one entry for each provider, since evidence of two providers does not add up. An
//! entry holds what that provider [verified](super::Provenance::is_verified), and nothing else.
//!
//! | here | there |
//! | --- | --- |
//! | names | `given_name`, `middle_name`, `family_name`, `name` |
//! | day and place of birth | `birthdate`, `place_of_birth` |
//! | nationalities, gender | `nationalities`, `gender` |
//! | address: the present one, else the permanent one | `address` |
//! | mail address, phone number: the primary one | `email` and `email_verified`, `phone_number` and `phone_number_verified` |
//! | a checked document | `document` evidence with `check_method` `vri`; with a matched face also `bvr` |
//! | a checked proof of address | `document` evidence with `check_method` `vri` |
//! | a database match | `electronic_record` evidence with `check_method` `data` |
//! | a screening | `electronic_record` evidence, and an `assurance_details` entry `counter_fraud` that refers to it |
//! | a provider's word | `vouch` evidence with a `digital_attestation` |
//! | possession, liveness alone, work, reputation, identifiers, self-asserted values | nothing: there is no claim for them, or they verify no claim |
//!
//! The form has room for one value of a claim. Where a provider verified two that differ, the claim is left out, and so is
//! a value that does not have the form that the schema asks for.
//!
//! # Reading
//!
//! [`ClaimSet::from_json`] reads any document with `verified_claims` and keeps all of it. It checks no signature: what it
//! reads are somebody's words, and it makes no [`Identity`] of them.
//!
//! Source: OpenID Connect for Identity Assurance 1.0 and OpenID Identity Assurance Schema Definition 1.0.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::{Value, json};

use super::{
    compare::{self, Comparison},
    moment::Moment,
    person::Identity,
    provenance::{Attribute, Origin, Provenance, ProviderName, VerificationMethod},
    values::{Address, AddressKind, BirthDate, Contact, ContactKind, Document, Name},
};
use crate::{
    error::{Error, ErrorKind, Sanitized},
    privacy::Pii,
    wire,
};

/// The longest document that is read, in bytes. Attachments stand in it.
const LONGEST: usize = 16 * 1024 * 1024;

/// Members by name, as they came.
pub type Members = Pii<BTreeMap<String, Value>>;

/// A document with `verified_claims`: an ID token's payload, a userinfo answer, or the claim alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClaimSet {
    /// The entries, in their form: one, or a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_claims: Option<Entries>,
    /// Everything else: `sub`, `email`, `_claim_names`, `_claim_sources` and so on.
    #[serde(flatten)]
    pub others: Members,
}

/// One entry, or a list of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Entries {
    /// A list.
    List(Vec<VerifiedClaims>),
    /// One entry, without a list around it.
    One(Box<VerifiedClaims>),
}

// What serde derives for an untagged enum reads numbers in one of the forms alone in which serde_json may hold them.
impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error of serde_json quotes values.
        let unusable = |_| D::Error::custom("these are no verified claims");
        match Value::deserialize(deserializer)? {
            list @ Value::Array(_) => Vec::deserialize(list).map(Self::List).map_err(unusable),
            one => Box::deserialize(one).map(Self::One).map_err(unusable),
        }
    }
}

/// Claims about a person, and how they were verified.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VerifiedClaims {
    /// How they were verified.
    pub verification: Verification,
    /// The claims, by their names.
    pub claims: Members,
}

/// How claims were verified. `Debug` shows the framework and the evidence.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// The rules that were followed.
    pub trust_framework: String,
    /// The level of assurance, in the framework's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance_level: Option<String>,
    /// What the level rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance_process: Option<Pii<Value>>,
    /// When: ISO 8601, as it came. Examples of the standard leave the seconds out, so it is no RFC 3339 time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Pii<String>>,
    /// The id of the process at whoever verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_process: Option<Pii<String>>,
    /// What was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Vec<Evidence>>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub others: Members,
}

/// One thing that was looked at. `Debug` shows its kind and the checks.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Evidence {
    /// `document`, `electronic_record`, `electronic_signature`, `vouch`.
    #[serde(rename = "type")]
    pub kind: String,
    /// How it was checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_details: Option<Vec<CheckDetail>>,
    /// Which document it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_details: Option<Pii<Value>>,
    /// Everything else: `record`, `attestation`, `derived_claims`, `attachments`, a signature's members.
    #[serde(flatten)]
    pub others: Members,
}

/// How a piece of evidence was checked. `Debug` shows the method.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CheckDetail {
    /// The method, such as `vpip`.
    pub check_method: String,
    /// Who checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The id of the check, to which `assurance_details` refer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check_id: Option<String>,
    /// When, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Pii<String>>,
    /// Members that this version does not know.
    #[serde(flatten)]
    pub others: Members,
}

crate::privacy::redacted_debug!(Verification {
    trust_framework: |this| format_args!("{}", Sanitized(&this.trust_framework)),
    evidence,
    ..
});

crate::privacy::redacted_debug!(Evidence {
    kind: |this| format_args!("{}", Sanitized(&this.kind)),
    check_details,
    ..
});

crate::privacy::redacted_debug!(CheckDetail {
    check_method: |this| format_args!("{}", Sanitized(&this.check_method)),
    ..
});

impl ClaimSet {
    /// Reads a document. No signature is checked.
    ///
    /// # Errors
    ///
    /// [`Decode`](ErrorKind::Decode) with the [path](Error::path) when it is not JSON or a member is missing or of another
    /// kind than the standard says; [`TooLarge`](ErrorKind::TooLarge) above 16 MiB.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        if json.len() > LONGEST {
            return Err(Error::new(ErrorKind::TooLarge, "a document of claims has at most 16 MiB"));
        }
        let fault = |path: String| {
            Error::new(ErrorKind::Decode, "it is no document with `verified_claims`").with_path(path)
        };
        let text = wire::json::check(json).map_err(|_| fault(".".to_owned()))?;
        let mut reader = text.deserializer();
        let read = serde_path_to_error::deserialize(&mut reader).map_err(
            |error: serde_path_to_error::Error<serde_json::Error>| fault(error.path().to_string()),
        )?;
        reader.end().map_err(|_| fault(".".to_owned()))?;
        Ok(read)
    }

    /// The document as JSON: the one that was read, member for member.
    pub fn to_json(&self) -> Pii<Value> {
        #[allow(clippy::expect_used)]
        let value = serde_json::to_value(self).expect("its keys are texts");
        Pii::new(value)
    }

    /// The entries, whichever form they have.
    pub fn entries(&self) -> &[VerifiedClaims] {
        match &self.verified_claims {
            Some(Entries::List(list)) => list,
            Some(Entries::One(one)) => std::slice::from_ref(one),
            None => &[],
        }
    }
}

/// What an identity's claims are written with.
///
/// ```
/// use kyckit::identity::{Identity, verified_claims::Export};
///
/// let export = Export::new("de_aml")?.verification_process("f24c6f-6d3f-4ec5-973e-b0d8506f3bc7");
/// let claims = Identity::new().verified_claims(&export);
/// assert!(claims.entries().is_empty());
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone)]
pub struct Export {
    trust_framework: String,
    process: Option<Pii<String>>,
    recorded: bool,
}

impl Export {
    /// Under a trust framework: the rules that *you* followed. No provider tells them.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) when it is empty.
    pub fn new(trust_framework: impl Into<String>) -> Result<Self, Error> {
        let trust_framework = trust_framework.into();
        if trust_framework.trim().is_empty() {
            return Err(Error::invalid("trust_framework", "a trust framework has a name"));
        }
        Ok(Self { trust_framework, process: None, recorded: false })
    }

    /// Names the process at your side.
    #[must_use]
    pub fn verification_process(mut self, id: impl Into<String>) -> Self {
        self.process = Some(Pii::new(id.into()));
        self
    }

    /// Also writes what is only [recorded](Origin::Recorded) to have been verified. With it *you* stand for the store
    /// that the record comes from: that nobody but you could write to it.
    #[must_use]
    pub fn vouching_for_records(mut self) -> Self {
        self.recorded = true;
        self
    }

    fn counts(&self, provenance: &Provenance) -> bool {
        provenance.method().proves() && (self.recorded || provenance.origin() == Origin::Observed)
    }
}

crate::privacy::redacted_debug!(Export { recorded, .. });

impl Identity {
    /// What was verified, as `verified_claims`: one entry for each provider. See [the module](self).
    pub fn verified_claims(&self, export: &Export) -> ClaimSet {
        let providers: std::collections::BTreeSet<&ProviderName> = self
            .assurance
            .findings()
            .iter()
            .filter(|finding| export.counts(finding))
            .map(Provenance::provider)
            .collect();
        let entries: Vec<_> = providers
            .into_iter()
            .filter_map(|provider| Entry { identity: self, export, provider }.made())
            .collect();
        let verified_claims = (!entries.is_empty()).then_some(Entries::List(entries));
        ClaimSet { verified_claims, ..ClaimSet::default() }
    }
}

/// What one provider verified.
struct Entry<'a> {
    identity: &'a Identity,
    export: &'a Export,
    provider: &'a ProviderName,
}

impl<'a> Entry<'a> {
    fn made(&self) -> Option<VerifiedClaims> {
        let claims = self.claims();
        if claims.is_empty() {
            return None;
        }
        let screening = format!("{}.sanctions_screening", self.provider.as_str());
        let screened = self.finding(VerificationMethod::SanctionsScreening).is_some();
        let evidence = self.evidence(&screening);
        let latest = self.findings().map(|finding| finding.moments().1).max();
        let verification = Verification {
            trust_framework: self.export.trust_framework.clone(),
            assurance_process: screened.then(|| {
                let detail = json!({
                    "assurance_type": "counter_fraud",
                    "evidence_ref": [{"check_id": screening}],
                });
                Pii::new(json!({"assurance_details": [detail]}))
            }),
            time: latest.and_then(Moment::rfc3339).map(Pii::new),
            verification_process: self.export.process.clone(),
            evidence: (!evidence.is_empty()).then_some(evidence),
            ..Verification::default()
        };
        Some(VerifiedClaims { verification, claims: Pii::new(claims) })
    }

    fn counts(&self, provenance: &Provenance) -> bool {
        provenance.provider() == self.provider && self.export.counts(provenance)
    }

    fn findings(&self) -> impl Iterator<Item = &'a Provenance> {
        self.identity.assurance.findings().iter().filter(|finding| self.counts(finding))
    }

    fn finding(&self, method: VerificationMethod) -> Option<&'a Provenance> {
        self.findings().find(|finding| finding.method() == method)
    }

    fn verified<T>(&self, list: &'a [Attribute<T>]) -> Vec<&'a Attribute<T>> {
        list.iter().filter(|attribute| self.counts(attribute.provenance())).collect()
    }

    fn claims(&self) -> BTreeMap<String, Value> {
        let mut claims = BTreeMap::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                claims.insert(name.to_owned(), value);
            }
        };
        if let Some(name) = self.name() {
            put("given_name", text(name.given.as_ref()));
            put("middle_name", text(name.middle.as_ref()));
            put("family_name", text(name.family.as_ref()));
            put("name", text(name.full.as_ref()));
        }
        let day = agreed(self.verified(&self.identity.birth_dates));
        put("birthdate", day.map(|BirthDate(day)| json!(day)));
        if let Some(place) = agreed(self.verified(&self.identity.birth_places)) {
            let members = [
                ("locality", text(place.locality.as_ref())),
                ("region", text(place.region.as_ref())),
                ("country", text(place.country.as_ref()).filter(is_country)),
            ];
            put("place_of_birth", object(members));
        }
        let mut nationalities: Vec<Value> = self
            .verified(&self.identity.nationalities)
            .iter()
            .filter_map(|nationality| text(Some(&nationality.value().0)))
            .filter(is_country)
            .collect();
        nationalities.dedup();
        put("nationalities", (!nationalities.is_empty()).then_some(Value::Array(nationalities)));
        put("gender", agreed(self.verified(&self.identity.genders)).and_then(|gender| text(Some(&gender.0))));
        put("address", self.address().and_then(address_claim));
        for (kind, name, fits) in [
            (ContactKind::Email, "email", is_email as fn(&Value) -> bool),
            (ContactKind::Phone, "phone_number", is_phone),
        ] {
            let contact = self.contact(kind).and_then(|contact| text(Some(&contact.value))).filter(fits);
            put(&format!("{name}_verified"), contact.as_ref().map(|_| Value::Bool(true)));
            put(name, contact);
        }
        claims
    }

    /// The one on the document, where the others are spelled otherwise; none, where one is another name.
    fn name(&self) -> Option<&'a Name> {
        let names = self.verified(&self.identity.names);
        let contradicted = names.iter().enumerate().any(|(at, left)| {
            names[at + 1..]
                .iter()
                .any(|right| compare::names(left.value(), right.value()) == Comparison::Different)
        });
        if contradicted {
            return None;
        }
        let on_document =
            names.iter().find(|name| name.provenance().method() == VerificationMethod::DocumentChecked);
        on_document.or(names.first()).map(|name| name.value())
    }

    fn address(&self) -> Option<&'a Address> {
        let addresses = self.verified(&self.identity.addresses);
        let of = |kind: Option<AddressKind>| -> Vec<_> {
            addresses.iter().copied().filter(|address| address.value().kind == kind).collect()
        };
        [Some(AddressKind::Present), Some(AddressKind::Permanent), None]
            .into_iter()
            .map(of)
            .find(|addresses| !addresses.is_empty())
            .and_then(agreed)
    }

    fn contact(&self, kind: ContactKind) -> Option<&'a Contact> {
        let of_kind: Vec<_> = self
            .verified(&self.identity.contacts)
            .into_iter()
            .filter(|contact| contact.value().kind == kind)
            .collect();
        let primary: Vec<_> = of_kind.iter().copied().filter(|contact| contact.value().primary).collect();
        if primary.is_empty() { agreed(of_kind) } else { agreed(primary) }
    }

    fn evidence(&self, screening: &str) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        if let Some(checked) = self.finding(VerificationMethod::DocumentChecked) {
            let mut checks = vec![self.check("vri", checked, None)];
            if let Some(matched) = self.finding(VerificationMethod::FaceMatch) {
                checks.push(self.check("bvr", matched, None));
            }
            let mut documents: Vec<Option<Value>> = self
                .verified(&self.identity.documents)
                .into_iter()
                .filter(|document| document.provenance().method() == VerificationMethod::DocumentChecked)
                .map(|document| document_details(document.value()))
                .collect();
            if documents.is_empty() {
                documents.push(None);
            }
            evidence.extend(documents.into_iter().map(|details| Evidence {
                document_details: details.map(Pii::new),
                ..piece("document", checks.clone())
            }));
        }
        if let Some(checked) = self.finding(VerificationMethod::AddressDocumentChecked) {
            evidence.push(piece("document", vec![self.check("vri", checked, None)]));
        }
        if let Some(matched) = self.finding(VerificationMethod::DatabaseMatch) {
            evidence.push(piece("electronic_record", vec![self.check("data", matched, None)]));
        }
        if let Some(screened) = self.finding(VerificationMethod::SanctionsScreening) {
            let check = self.check("data", screened, Some(screening));
            evidence.push(piece("electronic_record", vec![check]));
        }
        if self.finding(VerificationMethod::Attested).is_some() {
            let attestation = json!({
                "type": "digital_attestation",
                "voucher": {"organization": self.provider.as_str()},
            });
            let others = BTreeMap::from([("attestation".to_owned(), attestation)]);
            evidence.push(Evidence {
                kind: "vouch".to_owned(),
                check_details: None,
                document_details: None,
                others: Pii::new(others),
            });
        }
        evidence
    }

    fn check(&self, method: &str, finding: &Provenance, id: Option<&str>) -> CheckDetail {
        CheckDetail {
            check_method: method.to_owned(),
            organization: Some(self.provider.as_str().to_owned()),
            check_id: id.map(str::to_owned),
            time: finding.moments().0.and_then(Moment::rfc3339).map(Pii::new),
            ..CheckDetail::default()
        }
    }
}

fn piece(kind: &str, checks: Vec<CheckDetail>) -> Evidence {
    Evidence {
        kind: kind.to_owned(),
        check_details: Some(checks),
        document_details: None,
        others: Members::default(),
    }
}

/// The one value, where all are the same.
fn agreed<T: PartialEq>(list: Vec<&Attribute<T>>) -> Option<&T> {
    let first = list.first()?.value();
    list.iter().all(|attribute| attribute.value() == first).then_some(first)
}

fn text(value: Option<&Pii<String>>) -> Option<Value> {
    value.map(|text| text.expose().trim()).filter(|text| !text.is_empty()).map(|text| json!(text))
}

/// The members that are there; none when none is.
fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Option<Value> {
    let members: serde_json::Map<String, Value> =
        members.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value))).collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

fn address_claim(address: &Address) -> Option<Value> {
    let country = text(address.country.as_ref());
    object([
        ("formatted", text(address.formatted.as_ref())),
        ("street_address", text(address.street.as_ref())),
        ("locality", text(address.locality.as_ref())),
        ("region", text(address.region.as_ref())),
        ("postal_code", text(address.postal_code.as_ref())),
        ("country_code", country.clone().filter(is_country)),
        ("country", country),
    ])
}

/// A document without a type cannot be described.
fn document_details(document: &Document) -> Option<Value> {
    let kind = document.kind.as_ref()?.expose().as_str();
    // The predefined values of the standard.
    let kind = match kind {
        "id_card" => "idcard",
        "driving_license" => "driving_permit",
        other => other,
    };
    let country = text(document.country.as_ref());
    let issuer = object([("country_code", country.clone().filter(is_country)), ("country", country)]);
    object([
        ("type", Some(json!(kind))),
        ("document_number", text(document.number.as_ref())),
        ("date_of_issuance", document.issued.map(|day| json!(day))),
        ("date_of_expiry", document.expires.map(|day| json!(day))),
        ("issuer", issuer),
    ])
}

/// `ISO_country_code_type` of the schema.
fn is_country(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
    })
}

/// `email_type` of the schema.
fn is_email(value: &Value) -> bool {
    let Some((local, domain)) = value.as_str().and_then(|text| text.split_once('@')) else { return false };
    let Some((label, rest)) = domain.split_once('.') else { return false };
    !local.is_empty()
        && !label.is_empty()
        && !rest.is_empty()
        && !rest.ends_with('.')
        && !domain.contains('@')
}

/// `phone_number_type` of the schema, without an extension.
fn is_phone(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        let digits = text.strip_prefix('+').unwrap_or(text);
        (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
