//! The verification call: any mix of services in one request.

use bytes::Bytes;

use super::{
    Address, AmlForBusinesses, BackgroundChecks, Consent, Document, Ekyc, Face, Field, Kyb, Kyi, Phone,
    Questionnaire, Reference,
    body::Body,
    check,
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{
    error::Error,
    privacy::Pii,
    shuftipro::model::{Service, VerificationMode},
};

object! {
    /// `POST /`: verify a person, or a business, by any mix of services.
    ///
    /// - [`onsite`](Self::onsite): the answer has an address to send the person to; the result comes by callback.
    /// - [`offsite`](Self::offsite): every proof is in the request; the answer is the result.
    /// - [`journey`](Self::journey): the services are set up in the back office.
    ///
    /// It must not be sent twice blindly: after a lost answer, ask the status of the [`Reference`].
    ///
    /// Source: `docs/general_parameters`, `docs/verification_endpoints/requests`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct VerificationRequest + raw {
        fn reference(required Reference);
        fn journey_id(hidden String);
        /// The country that proofs must be from: two letters, ISO 3166-1 alpha-2 or `XK`. Without it, any.
        pub fn country(optional String);
        /// The language of the pages: two letters, `EN` by default.
        pub fn language(optional String);
        /// The person's e-mail address, 6 to 128 characters.
        pub fn email(optional Pii<String>);
        /// Where the result is sent, 6 to 250 characters, `https` (or `http` on the loopback). Its domain must be
        /// registered in the back office.
        pub fn callback_url(optional Pii<String>);
        /// Where the person goes at the end, 6 to 250 characters. Arriving there proves nothing.
        pub fn redirect_url(optional Pii<String>);
        /// Your stable id of the person, for one-to-one face authentication. It is echoed.
        pub fn customer_unique_id(optional Pii<String>);
        /// Which kinds of proof are taken; a service's own setting wins.
        pub fn verification_mode(optional VerificationMode);
        fn ttl(hidden u32);
        /// Whether files may be uploaded; yes by default. Wins when both this and `allow_online` are off.
        pub fn allow_offline(flag bool);
        /// Whether the camera may be used; yes by default.
        pub fn allow_online(flag bool);
        /// Whether a consent page comes first; yes by default.
        pub fn show_consent(flag bool);
        /// Whether the privacy policy is shown; yes by default.
        pub fn show_privacy_policy(flag bool);
        /// Whether the person sees the result; yes by default. An offsite request without it is answered at once, and the
        /// result comes by callback.
        pub fn show_results(flag bool);
        /// Whether the person is asked for feedback; yes by default.
        pub fn show_feedback_form(flag bool);
        /// Whether a person of yours decides in the back office; the event is `review.pending` until then.
        pub fn manual_review(flag bool);
        /// Whether the first service that fails ends the request.
        pub fn decline_on_single_step(flag bool);
        /// Whether the person may send a refused proof again at once.
        pub fn allow_retry(flag bool);
        /// Whether the provider's staff looks at the proof's originality, which takes longer.
        pub fn enhanced_originality_checks(flag bool);
        /// Whether the person may mark a field as not available.
        pub fn allow_na_ocr_inputs(flag bool);
        /// Whether some faults become warnings and do not decline.
        pub fn allow_warnings(flag bool);
        /// Whether more is read into `additional_data`. The provider charges for it.
        pub fn fetch_enhanced_data(flag bool);
        fn eidv_verification_type(hidden String);
        fn verification_method(hidden String);
        /// An identity document.
        pub fn document(service Document);
        /// A second, different identity document.
        pub fn document_two(service Document);
        /// A face.
        pub fn face(service Face);
        /// A proof of address.
        pub fn address(service Address);
        /// A note of consent.
        pub fn consent(service Consent);
        /// A phone number.
        pub fn phone(service Phone);
        /// Screening of a person.
        pub fn background_checks(service BackgroundChecks);
        /// Screening of a business.
        pub fn aml_for_businesses(service AmlForBusinesses);
        /// A company's record.
        pub fn kyb(service Kyb);
        /// Questions for the person.
        pub fn questionnaire(service Questionnaire);
        /// Questions for an investor.
        pub fn kyi(service Kyi);
        fn ekyc(hidden_field Ekyc);
        fn flow(local Flow);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flow {
    Onsite,
    Offsite,
    Journey,
}

impl VerificationRequest {
    /// The person is sent to a page and shows the proofs there. No service carries one.
    pub fn onsite(reference: Reference) -> Self {
        Self::blank(reference, Flow::Onsite)
    }

    /// The request carries every proof, and the answer is the result. Also for services without proofs, such as a
    /// screening.
    pub fn offsite(reference: Reference) -> Self {
        Self::blank(reference, Flow::Offsite)
    }

    /// The person is sent through a journey that was built in the back office, which has the services.
    pub fn journey(reference: Reference, journey_id: impl Into<String>) -> Self {
        Self { journey_id: Some(journey_id.into()), ..Self::blank(reference, Flow::Journey) }
    }

    /// How many minutes the person has; 60 by default. After them comes the event `request.timeout`.
    #[must_use]
    pub fn ttl_minutes(mut self, minutes: u32) -> Self {
        self.ttl = Some(minutes);
        self
    }

    /// A person, looked up in databases.
    #[must_use]
    pub fn ekyc(mut self, mut service: Ekyc) -> Self {
        (self.eidv_verification_type, self.verification_method) = service.take_top_level();
        self.ekyc = Field::Value(service);
        self
    }

    /// A service without any field, `""` on the wire: the person is asked for all it needs, or it takes it from the other
    /// services, as `background_checks` takes name and birth date from `document`.
    #[must_use]
    pub fn with_defaults(mut self, service: Service) -> Self {
        match service {
            Service::Document => self.document = Field::Empty,
            Service::DocumentTwo => self.document_two = Field::Empty,
            Service::Face => self.face = Field::Empty,
            Service::Address => self.address = Field::Empty,
            Service::Consent => self.consent = Field::Empty,
            Service::Phone => self.phone = Field::Empty,
            Service::BackgroundChecks => self.background_checks = Field::Empty,
            Service::AmlForBusinesses => self.aml_for_businesses = Field::Empty,
            Service::Kyb => self.kyb = Field::Empty,
            Service::Questionnaire => self.questionnaire = Field::Empty,
            Service::Kyi => self.kyi = Field::Empty,
            Service::Ekyc => {
                (self.eidv_verification_type, self.verification_method) = (None, None);
                self.ekyc = Field::Empty;
            }
            Service::RiskAssessment | Service::Other(_) => {
                self.raw.insert(service.as_str().to_owned(), Pii::new("".into()));
            }
        }
        self
    }

    /// The reference.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Whether the request carries the proofs, so that its answer is the result.
    pub fn is_offsite(&self) -> bool {
        self.flow == Flow::Offsite
    }

    /// The JSON body, in one copy whatever the size of the proofs.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with the field at fault.
    pub fn body(&self) -> Result<Bytes, Error> {
        self.check()?;
        Ok(Body::of(self))
    }

    fn check(&self) -> Result<(), Error> {
        check::two_letters("", "country", self.country.as_ref())?;
        check::two_letters("", "language", self.language.as_ref())?;
        check::optional_length("", "email", self.email.as_ref(), 6..=128)?;
        check::callback_url(self.callback_url.as_ref())?;
        check::redirect_url(self.redirect_url.as_ref())?;
        if self.ttl == Some(0) {
            return Err(Error::invalid("ttl", "must be a minute or more"));
        }
        let services = [
            self.service("document", &self.document)?,
            self.service("document_two", &self.document_two)?,
            self.service("face", &self.face)?,
            self.service("address", &self.address)?,
            self.service("consent", &self.consent)?,
            self.service("phone", &self.phone)?,
            self.service("background_checks", &self.background_checks)?,
            self.service("aml_for_businesses", &self.aml_for_businesses)?,
            self.service("kyb", &self.kyb)?,
            self.service("questionnaire", &self.questionnaire)?,
            self.service("kyi", &self.kyi)?,
            self.service("ekyc", &self.ekyc)?,
        ];
        self.check_together(services.into_iter().flatten().next())
    }

    /// Checks one service, and hands out its key when it is there.
    fn service<T: ServiceRequest>(
        &self,
        at: &'static str,
        field: &Field<T>,
    ) -> Result<Option<&'static str>, Error> {
        if field.is_absent() {
            return Ok(None);
        }
        let has_proof = field.value().is_some_and(T::has_proof);
        match (self.flow, T::PROOFS) {
            (Flow::Onsite, Proofs::Taken) if has_proof => {
                return Err(Error::invalid(
                    check::path(at, "proof"),
                    "an onsite request carries no proofs: the person shows them",
                ));
            }
            (Flow::Offsite, Proofs::Taken) if !has_proof => {
                return Err(Error::invalid(
                    check::path(at, "proof"),
                    "an offsite request carries every proof",
                ));
            }
            (Flow::Offsite, Proofs::OnsiteOnly) => {
                return Err(Error::invalid(at, "needs the person, so the request must be onsite"));
            }
            _ => {}
        }
        field.value().map_or(Ok(()), |service| service.check(at))?;
        Ok(Some(at))
    }

    /// What services need of the request, and the request of services.
    fn check_together(&self, service: Option<&'static str>) -> Result<(), Error> {
        match (self.flow, service) {
            (Flow::Journey, Some(service)) => {
                return Err(Error::invalid(service, "a journey has its services in the back office"));
            }
            (Flow::Onsite | Flow::Offsite, None) if self.raw.is_empty() => {
                return Err(Error::invalid("services", "at least one service is needed, or a journey"));
            }
            _ => {}
        }
        if self.journey_id.as_ref().is_some_and(String::is_empty) {
            return Err(Error::invalid("journey_id", "must not be empty"));
        }
        if !self.kyi.is_absent() && self.email.is_none() {
            return Err(Error::invalid("email", "is needed with kyi"));
        }
        if self.kyb.value().is_some_and(Kyb::needs_country) && self.country.is_none() {
            return Err(Error::invalid("country", "is needed with papers of a company"));
        }
        if self.face.value().is_some_and(Face::authenticates) && self.customer_unique_id.is_none() {
            return Err(Error::invalid("customer_unique_id", "is needed with face authentication"));
        }
        Ok(())
    }
}
