//! From an answer to the provider-neutral identity, assurance and decision.
//!
//! | event | decision |
//! | --- | --- |
//! | `verification.accepted` | accepted; warnings that were let pass, and services that an accepted risk assessment lists as declined, become remarks |
//! | `verification.declined` | declined, with a reason for each decline code, and the codes |
//! | `verification.cancelled` | declined: the person gave up |
//! | `request.pending` | needs action while the person has a URL to open, else pending |
//! | `request.received`, `review.pending` | pending |
//! | `request.timeout`, `request.deleted` | expired |
//! | the two that ask for a status call, and unlisted ones | pending: ask for the status |
//! | `request.invalid`, `request.unauthorized` | none: an error, since they say nothing of the person |
//!
//! A value is verified when the event is `verification.accepted` *and* the check of that very value came to `1`. A value
//! with a check that came to `0` has failed, everything else is self-asserted, whatever stands in `verification_data`: also
//! all of a declined answer, since its proofs may be anything.

use std::collections::BTreeSet;

use super::{
    Decision as Decided, Event, PROVIDER, VerificationResponse,
    decline::DeclineCode,
    model::{AddressData, DocumentData, Gender as WireGender, NameData, Outcome, ServiceResult},
};
use crate::{
    date::Date,
    error::{Error, ErrorKind},
    identity::{
        Address, Attribute, BirthDate, Contact, ContactKind, Decision, Document, Gender, Identity, Name,
        Nationality, Provenance, Reason, Report, Reputation, VerificationMethod,
    },
    privacy::Pii,
    provider::{Capabilities, Countries, Erasure, PersonAction, Results},
    verified::Verified,
};

/// What Shufti Pro can do.
pub const CAPABILITIES: Capabilities = Capabilities {
    results: Results::Callback,
    reputation: true,
    erasure: Erasure::Deleted,
    ..Capabilities::new(
        PROVIDER,
        &[
            VerificationMethod::PossessionOfContact,
            VerificationMethod::DocumentChecked,
            VerificationMethod::AddressDocumentChecked,
            VerificationMethod::Liveness,
            VerificationMethod::FaceMatch,
            VerificationMethod::DatabaseMatch,
            VerificationMethod::SanctionsScreening,
        ],
        Countries::All,
        &[PersonAction::OpenUrl, PersonAction::GiveFiles],
    )
};

/// What only a verified answer becomes.
impl Verified<VerificationResponse> {
    /// The answer in words of no provider, beside the answer itself.
    ///
    /// ```no_run
    /// # fn on_result(answer: kyckit::verified::Verified<kyckit::shuftipro::VerificationResponse>) -> kyckit::Result<()> {
    /// let report = answer.into_report()?;
    /// if report.decision().is_accepted() {
    ///     println!("proven: {:?}", report.identity().assurance());
    /// }
    /// let reference = report.source().reference();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// For `request.invalid` and `request.unauthorized`: the error that the answer is. They are no decision.
    pub fn into_report(self) -> Result<Report<Self>, Error> {
        if matches!(self.event(), Event::RequestInvalid | Event::RequestUnauthorized) {
            let fallback = || Error::new(ErrorKind::Provider, "the provider refused the request");
            return Err(self.failure(None).unwrap_or_else(fallback).during(PROVIDER, "into_report"));
        }
        let (identity, decision) = (self.identity(), decision(&self));
        Ok(Report::new(self, identity, decision))
    }

    /// What the answer tells of the person, in words of no provider.
    pub fn identity(&self) -> Identity {
        Reader { answer: self, accepted: self.is_accepted(), identity: Identity::new() }.read()
    }
}

fn decision(answer: &Verified<VerificationResponse>) -> Decision {
    let at = answer.received();
    match answer.decision() {
        Decided::Accepted => {
            let mut decision = Decision::accepted(PROVIDER, at);
            // Warnings that cannot be read are warnings.
            let is_warning = |path: &str| {
                path.strip_prefix("warnings")
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            if !answer.warnings().is_empty() || answer.unread().iter().any(|member| is_warning(member.path()))
            {
                decision.remark(Reason::AcceptedWithWarnings);
            }
            if answer.declined_services().next().is_some() {
                decision.remark(Reason::PartNotAccepted);
            }
            decision
        }
        Decided::Declined => Decision::declined(PROVIDER, at, reasons(answer))
            .with_codes(codes(answer).into_iter().map(|code| code.as_str().to_owned())),
        Decided::Cancelled => Decision::declined(PROVIDER, at, [Reason::CancelledByPerson]),
        Decided::TimedOut => Decision::expired(PROVIDER, at, Reason::NotFinishedInTime),
        Decided::Deleted => Decision::expired(PROVIDER, at, Reason::Deleted),
        Decided::Pending if *answer.event() == Event::ReviewPending => {
            Decision::pending(PROVIDER, at, Reason::ManualReview)
        }
        Decided::Pending if answer.verification_url().is_some() => {
            Decision::needs_action(PROVIDER, at, [Reason::OpenVerification])
        }
        Decided::Pending => Decision::pending(PROVIDER, at, Reason::InProgress),
        Decided::Invalid | Decided::Unauthorized | Decided::Other => {
            Decision::pending(PROVIDER, at, Reason::StatusUnknown)
        }
    }
}

/// Every code of the answer once: those of the whole first, in wire order.
fn codes(answer: &VerificationResponse) -> Vec<&DeclineCode> {
    let of_services = answer.services_declined_codes().values().flatten();
    let mut seen = BTreeSet::new();
    answer.declined_codes().iter().chain(of_services).filter(|code| seen.insert(*code)).collect()
}

fn reasons(answer: &VerificationResponse) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = codes(answer).into_iter().map(DeclineCode::reason).collect();
    // No code says that a document is past its validity; its check does.
    let expired = [
        ("document", "document_must_not_be_expired"),
        ("document_two", "document_must_not_be_expired"),
        ("address", "address_document_must_not_be_expired"),
    ];
    if expired.iter().any(|(service, check)| {
        answer.verification_result().check(service, check) == Some(&Outcome::Declined)
    }) {
        reasons.push(Reason::DocumentExpired);
    }
    if reasons.is_empty() {
        reasons.push(Reason::Unspecified);
    }
    reasons
}

impl DeclineCode {
    /// The code as a reason of no provider: [`Unspecified`](Reason::Unspecified) for one that has no text on the pages
    /// read. Many codes share a reason.
    pub fn reason(&self) -> Reason {
        let Some(number) = self.number() else { return Reason::Unspecified };
        match number {
            1 => Reason::FaceNotVerified,
            2 | 19 | 58 | 61 | 98 | 144 | 277..=281 | 283 => Reason::FaceNotVisible,
            3 | 48 | 56 | 218 | 235..=239 => Reason::DocumentAltered,
            4 | 6 | 51 | 62 | 90 | 134 => Reason::DocumentNotOriginal,
            5 | 7 | 22 | 75 => Reason::NameMismatch,
            8 => Reason::BirthDateMismatch,
            9 | 10 | 16 | 30 | 68 => Reason::DateMismatch,
            11 => Reason::DocumentNumberMismatch,
            12 => Reason::DocumentCountryNotAccepted,
            13 | 24 | 210 => Reason::DocumentTypeNotAccepted,
            14 => Reason::AgeNotVerified,
            15 | 38 => Reason::FaceMismatch,
            23 | 26 | 80 => Reason::AddressMismatch,
            32 | 33 | 106 | 108..=110 | 253..=260 | 288..=290 => Reason::ConsentNotVerified,
            34 | 160..=164 | 313..=315 => Reason::ScreeningMatch,
            35 | 84 | 85 | 298 | 304 => Reason::PhoneNotVerified,
            37 | 59 | 60 | 87 => Reason::LivenessFailed,
            39 => Reason::DocumentNotTheSame,
            40 => Reason::AnswerIncorrect,
            43 | 131 | 225 | 233 => Reason::CaptureNotAllowed,
            89 | 96 | 97 | 268 | 274 => Reason::DocumentUnreadable,
            129 | 182..=186 | 316..=318 => Reason::BusinessScreeningMatch,
            241 => Reason::CancelledByPerson,
            242 => Reason::Superseded,
            243..=248 => Reason::DatabaseUnavailable,
            266 => Reason::NotFoundInDatabase,
            282 => Reason::TestDocument,
            287 => Reason::DuplicateAccount,
            293..=295 | 309 | 310 => Reason::EmailNotVerified,
            297 | 300 | 301 => Reason::BusinessNotVerified,
            299 => Reason::UnderAge,
            303 => Reason::HighRisk,
            305 => Reason::DetailsMismatch,
            343 => Reason::NotEnrolled,
            344 => Reason::AlreadyEnrolled,
            _ => Reason::Unspecified,
        }
    }
}

struct Reader<'a> {
    answer: &'a VerificationResponse,
    /// Whether the event is `verification.accepted`.
    accepted: bool,
    identity: Identity,
}

impl Reader<'_> {
    fn read(mut self) -> Identity {
        let answer = self.answer;
        let data = answer.verification_data();
        for (service, document) in [("document", &data.document), ("document_two", &data.document_two)] {
            if let Some(document) = document {
                self.document(service, document);
            }
            if self.came_to(service, "document") == Some(&Outcome::Accepted) {
                let until = document.as_ref().and_then(DocumentData::date_of_expiry);
                self.found(VerificationMethod::DocumentChecked, until.map(Pii::into_exposed));
            }
            if self.came_to(service, "face_on_document_matched") == Some(&Outcome::Accepted) {
                self.found(VerificationMethod::FaceMatch, None);
            }
        }
        if let Some(address) = &data.address {
            self.address(address);
        }
        if self.came_to("address", "address_document") == Some(&Outcome::Accepted) {
            self.found(VerificationMethod::AddressDocumentChecked, None);
        }
        for (service, means) in [
            ("face", VerificationMethod::Liveness),
            ("phone", VerificationMethod::PossessionOfContact),
            ("background_checks", VerificationMethod::SanctionsScreening),
        ] {
            if self.service(service) == Some(&Outcome::Accepted) {
                self.found(means, None);
            }
        }
        self.ekyc();
        self.rest();
        self.identity
    }

    /// What a check came to, or a service that has one outcome.
    fn came_to(&self, service: &str, check: &str) -> Option<&Outcome> {
        self.answer.verification_result().check(service, check)
    }

    fn service(&self, service: &str) -> Option<&Outcome> {
        match self.answer.verification_result().service(service)? {
            ServiceResult::Overall(outcome) => Some(outcome),
            ServiceResult::Checks(_) => None,
        }
    }

    fn found(&mut self, means: VerificationMethod, until: Option<Date>) {
        if self.accepted {
            let finding = Provenance::new(PROVIDER, means, self.answer.received()).valid_until(until);
            self.identity.assurance_mut().add(finding);
        }
    }

    /// What a value rests on, by the check of that value. A document that is not genuine proves nothing, so the check of
    /// the document itself has to hold too.
    fn provenance(
        &self,
        means: VerificationMethod,
        whole: Option<&Outcome>,
        check: Option<&Outcome>,
    ) -> Provenance {
        let means = match (whole, check) {
            (_, Some(Outcome::Declined)) | (Some(Outcome::Declined), _) => VerificationMethod::CheckFailed,
            (Some(Outcome::Accepted), Some(Outcome::Accepted)) if self.accepted => means,
            _ => VerificationMethod::SelfAsserted,
        };
        Provenance::new(PROVIDER, means, self.answer.received())
    }

    fn document(&mut self, service: &str, data: &DocumentData) {
        let until = data.date_of_expiry().map(Pii::into_exposed);
        let rests_on = |reader: &Self, check: &str| {
            reader
                .provenance(
                    VerificationMethod::DocumentChecked,
                    reader.came_to(service, "document"),
                    reader.came_to(service, check),
                )
                .valid_until(until)
        };
        if let Some(name) = name(&data.name) {
            let provenance = rests_on(self, "name");
            self.identity.add(Attribute::new(name, provenance));
        }
        if let Some(day) = data.date_of_birth() {
            let provenance = rests_on(self, "dob");
            self.identity.add(Attribute::new(BirthDate(day), provenance));
        }
        if let Some(nationality) = &data.nationality {
            // The provider has no check of it.
            let provenance = Provenance::self_asserted(PROVIDER, self.answer.received());
            self.identity.add(Attribute::new(Nationality(nationality.clone()), provenance));
        }
        if let Some(gender) = &data.gender {
            let provenance = rests_on(self, "gender");
            self.identity.add(Attribute::new(gender_word(gender), provenance));
        }
        let document = Document {
            kind: data.selected_types.first().map(|kind| Pii::from(kind.as_str())),
            number: data.document_number.clone(),
            country: data.country.clone(),
            issued: day(data.issue_date.as_ref()),
            expires: data.date_of_expiry(),
        };
        if document != Document::default() {
            // One statement of several parts: each part that is there has to hold.
            let parts = [
                (document.kind.is_some(), "selected_type"),
                (document.number.is_some(), "document_number"),
                (document.country.is_some(), "document_country"),
                (document.issued.is_some(), "issue_date"),
                (document.expires.is_some(), "expiry_date"),
            ];
            let checks: Vec<_> = parts
                .iter()
                .filter(|(is_there, _)| *is_there)
                .map(|(_, check)| self.came_to(service, check))
                .collect();
            let provenance = self
                .provenance(
                    VerificationMethod::DocumentChecked,
                    self.came_to(service, "document"),
                    weakest(&checks),
                )
                .valid_until(until);
            self.identity.add(Attribute::new(document, provenance));
        }
        if let Some(full) = &data.full_address {
            let provenance = Provenance::self_asserted(PROVIDER, self.answer.received());
            let address = Address { formatted: Some(full.clone()), ..Address::default() };
            self.identity.add(Attribute::new(address, provenance));
        }
    }

    fn address(&mut self, data: &AddressData) {
        let rests_on = |reader: &Self, check: &str| {
            reader.provenance(
                VerificationMethod::AddressDocumentChecked,
                reader.came_to("address", "address_document"),
                reader.came_to("address", check),
            )
        };
        if let Some(name) = name(&data.name) {
            let provenance = rests_on(self, "name");
            self.identity.add(Attribute::new(name, provenance));
        }
        let parts = &data.address_decomposition;
        let lines: Vec<&str> = parts.address_lines.iter().map(|line| line.expose().as_str()).collect();
        let address = Address {
            kind: None,
            formatted: data.full_address.clone(),
            street: (!lines.is_empty()).then(|| Pii::new(lines.join("\n"))),
            locality: parts.locality.clone(),
            region: parts.administrative_area.clone(),
            postal_code: parts.postal_code.clone(),
            country: data.country.clone().or_else(|| parts.country_code.clone()),
        };
        if address != Address::default() {
            let provenance = rests_on(self, "full_address");
            self.identity.add(Attribute::new(address, provenance));
        }
    }

    fn ekyc(&mut self) {
        let outcome = self.came_to("ekyc", "ekyc").or_else(|| self.service("ekyc")).cloned();
        if outcome == Some(Outcome::Accepted) {
            self.found(VerificationMethod::DatabaseMatch, None);
        }
        let Some(data) = &self.answer.verification_data().ekyc else { return };
        let provenance =
            self.provenance(VerificationMethod::DatabaseMatch, outcome.as_ref(), outcome.as_ref());
        let details = &data.personal_details;
        let name = Name {
            given: details.first_name.clone(),
            middle: details.middle_name.clone(),
            family: details.last_name.clone(),
            full: None,
        };
        if name != Name::default() {
            self.identity.add(Attribute::new(name, provenance.clone()));
        }
        if let Some(day) = day(details.dob.as_ref()) {
            self.identity.add(Attribute::new(BirthDate(day), provenance.clone()));
        }
        if let Some(gender) = &details.gender {
            self.identity.add(Attribute::new(gender_word(gender), provenance.clone()));
        }
        if let Some(number) = &details.national_id {
            let document = Document {
                kind: Some("national_id".into()),
                number: Some(number.clone()),
                ..Document::default()
            };
            self.identity.add(Attribute::new(document, provenance));
        }
    }

    /// What the request echoes, and what nothing but the provider's judgement stands for.
    fn rest(&mut self) {
        let stated = Provenance::self_asserted(PROVIDER, self.answer.received());
        if let Some(email) = self.answer.email() {
            let contact = Contact::new(ContactKind::Email, email.clone());
            self.identity.add(Attribute::new(contact, stated));
        }
        if let Some(risk) = self.answer.risk_assessment().map(|assessment| &assessment.risk_score) {
            let reputation = Reputation {
                scale: "risk_score".to_owned(),
                score: risk.total_assessment_score.clone(),
                grade: risk.range_name.as_ref().map(|grade| Pii::from(grade.expose().as_str())),
            };
            if reputation.score.is_some() || reputation.grade.is_some() {
                let means = if self.accepted {
                    VerificationMethod::Attested
                } else {
                    VerificationMethod::SelfAsserted
                };
                let judged = Provenance::new(PROVIDER, means, self.answer.received());
                self.identity.add(Attribute::new(reputation, judged));
            }
        }
    }
}

/// The check that says least for the whole: one that failed, else one that is missing or not accepted.
fn weakest<'a>(checks: &[Option<&'a Outcome>]) -> Option<&'a Outcome> {
    let failed = checks.iter().find(|check| **check == Some(&Outcome::Declined));
    let open = checks.iter().find(|check| **check != Some(&Outcome::Accepted));
    failed.or(open).or(checks.first()).copied().flatten()
}

fn name(data: &NameData) -> Option<Name> {
    let name = Name {
        given: data.first_name.clone(),
        middle: data.middle_name.clone(),
        family: data.last_name.clone(),
        full: data.full_name.clone(),
    };
    (name != Name::default()).then_some(name)
}

fn gender_word(gender: &Pii<WireGender>) -> Gender {
    let word = gender.expose().as_str();
    let plain = match word {
        "M" | "m" => "male",
        "F" | "f" => "female",
        "O" | "o" => "other",
        other => other,
    };
    Gender(Pii::from(plain))
}

fn day(text: Option<&Pii<String>>) -> Option<Pii<Date>> {
    text?.expose().parse().ok().map(Pii::new)
}
