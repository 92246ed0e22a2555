//! Writing an identity as `verified_claims`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{CheckDetail, ClaimSet, Entries, Evidence, Members, Verification, VerifiedClaims};
use crate::{
    error::Error,
    identity::{
        compare::{self, Comparison},
        moment::Moment,
        person::Identity,
        provenance::{Attribute, Origin, Provenance, ProviderName, VerificationMethod},
        values::{Address, AddressKind, BirthDate, Contact, ContactKind, Document, Name},
    },
    privacy::Pii,
};

/// Settings for writing an identity's claims.
///
/// ```
/// use kyckit::identity::{Identity, verified_claims::Export};
///
/// let export = Export::new("de_aml")?
///     .verification_process("f24c6f-6d3f-4ec5-973e-b0d8506f3bc7");
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
    /// Creates settings for a trust framework: the rules that *you* followed. No provider states them.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is empty.
    pub fn new(trust_framework: impl Into<String>) -> Result<Self, Error> {
        let trust_framework = trust_framework.into();
        if trust_framework.trim().is_empty() {
            return Err(Error::invalid("trust_framework", "the trust framework must not be empty"));
        }
        Ok(Self { trust_framework, process: None, recorded: false })
    }

    /// Sets your own id of the verification process.
    #[must_use]
    pub fn verification_process(mut self, id: impl Into<String>) -> Self {
        self.process = Some(Pii::new(id.into()));
        self
    }

    /// Also writes what is only [recorded](Origin::Recorded) to have been verified. With it *you* vouch for the store
    /// of the record: that only you could write to it.
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
    /// Returns what was verified, as `verified_claims`: one entry for each provider. See [the
    /// module](crate::identity::verified_claims).
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

/// Claims that one provider verified.
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
