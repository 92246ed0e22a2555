//! The verification call: any mix of services in one request.

use bytes::Bytes;

use super::{
    Address, AmlForBusinesses, BackgroundChecks, Consent, Document, Ekyc, Face, Field, Kyb, Kyi, Phone,
    Questionnaire, Reference,
    body::{Body, Encode, Raw},
    check, flags, optional, raw,
};
use crate::{
    error::Error,
    privacy::Pii,
    shuftipro::model::{Service, VerificationMode},
};

/// What a request has to know of a service to check it.
pub(super) trait Part {
    /// Whether the service takes a proof.
    const PROOFS: Proofs;

    /// Whether a proof is given.
    fn has_proof(&self) -> bool {
        false
    }

    /// Checks the fields; `at` is the service's key.
    fn check(&self, at: &str) -> Result<(), Error>;
}

/// Whether a service takes a proof.
#[derive(Clone, Copy)]
pub(super) enum Proofs {
    /// It takes one: from the person onsite, from the request offsite.
    Taken,
    /// It takes none.
    None,
    /// It needs the person, so there is no offsite form.
    OnsiteOnly,
}

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
pub struct VerificationRequest {
    flow: Flow,
    reference: Reference,
    journey_id: Option<String>,
    country: Option<String>,
    language: Option<String>,
    email: Option<Pii<String>>,
    callback_url: Option<Pii<String>>,
    redirect_url: Option<Pii<String>>,
    customer_unique_id: Option<Pii<String>>,
    verification_mode: Option<VerificationMode>,
    ttl: Option<u32>,
    allow_offline: Option<bool>,
    allow_online: Option<bool>,
    show_consent: Option<bool>,
    show_privacy_policy: Option<bool>,
    show_results: Option<bool>,
    show_feedback_form: Option<bool>,
    manual_review: Option<bool>,
    decline_on_single_step: Option<bool>,
    allow_retry: Option<bool>,
    enhanced_originality_checks: Option<bool>,
    allow_na_ocr_inputs: Option<bool>,
    allow_warnings: Option<bool>,
    fetch_enhanced_data: Option<bool>,
    document: Field<Document>,
    document_two: Field<Document>,
    face: Field<Face>,
    address: Field<Address>,
    consent: Field<Consent>,
    phone: Field<Phone>,
    background_checks: Field<BackgroundChecks>,
    aml_for_businesses: Field<AmlForBusinesses>,
    kyb: Field<Kyb>,
    questionnaire: Field<Questionnaire>,
    kyi: Field<Kyi>,
    ekyc: Field<Ekyc>,
    raw: Raw,
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
        Self::new(Flow::Onsite, reference)
    }

    /// The request carries every proof, and the answer is the result. Also for services without proofs, such as a
    /// screening.
    pub fn offsite(reference: Reference) -> Self {
        Self::new(Flow::Offsite, reference)
    }

    /// The person is sent through a journey that was built in the back office, which has the services.
    pub fn journey(reference: Reference, journey_id: impl Into<String>) -> Self {
        Self { journey_id: Some(journey_id.into()), ..Self::new(Flow::Journey, reference) }
    }

    fn new(flow: Flow, reference: Reference) -> Self {
        Self {
            flow,
            reference,
            journey_id: None,
            country: None,
            language: None,
            email: None,
            callback_url: None,
            redirect_url: None,
            customer_unique_id: None,
            verification_mode: None,
            ttl: None,
            allow_offline: None,
            allow_online: None,
            show_consent: None,
            show_privacy_policy: None,
            show_results: None,
            show_feedback_form: None,
            manual_review: None,
            decline_on_single_step: None,
            allow_retry: None,
            enhanced_originality_checks: None,
            allow_na_ocr_inputs: None,
            allow_warnings: None,
            fetch_enhanced_data: None,
            document: Field::Absent,
            document_two: Field::Absent,
            face: Field::Absent,
            address: Field::Absent,
            consent: Field::Absent,
            phone: Field::Absent,
            background_checks: Field::Absent,
            aml_for_businesses: Field::Absent,
            kyb: Field::Absent,
            questionnaire: Field::Absent,
            kyi: Field::Absent,
            ekyc: Field::Absent,
            raw: Raw::new(),
        }
    }

    optional! {
        /// The country that proofs must be from: two letters, ISO 3166-1 alpha-2 or `XK`. Without it, any.
        country: String;
        /// The language of the pages: two letters, `EN` by default.
        language: String;
        /// The person's e-mail address, 6 to 128 characters.
        email: Pii<String>;
        /// Where the result is sent, 6 to 250 characters, `https` (or `http` on the loopback). Its domain must be
        /// registered in the back office.
        callback_url: Pii<String>;
        /// Where the person goes at the end, 6 to 250 characters. Arriving there proves nothing.
        redirect_url: Pii<String>;
        /// Your stable id of the person, for one-to-one face authentication. It is echoed.
        customer_unique_id: Pii<String>;
        /// Which kinds of proof are taken; a service's own setting wins.
        verification_mode: VerificationMode;
    }

    /// How many minutes the person has; 60 by default. After them comes the event `request.timeout`.
    #[must_use]
    pub fn ttl_minutes(mut self, minutes: u32) -> Self {
        self.ttl = Some(minutes);
        self
    }

    flags! {
        /// Whether files may be uploaded; yes by default. Wins when both this and `allow_online` are off.
        allow_offline;
        /// Whether the camera may be used; yes by default.
        allow_online;
        /// Whether a consent page comes first; yes by default.
        show_consent;
        /// Whether the privacy policy is shown; yes by default.
        show_privacy_policy;
        /// Whether the person sees the result; yes by default. An offsite request without it is answered at once, and the
        /// result comes by callback.
        show_results;
        /// Whether the person is asked for feedback; yes by default.
        show_feedback_form;
        /// Whether a person of yours decides in the back office; the event is `review.pending` until then.
        manual_review;
        /// Whether the first service that fails ends the request.
        decline_on_single_step;
        /// Whether the person may send a refused proof again at once.
        allow_retry;
        /// Whether the provider's staff looks at the proof's originality, which takes longer.
        enhanced_originality_checks;
        /// Whether the person may mark a field as not available.
        allow_na_ocr_inputs;
        /// Whether some faults become warnings and do not decline.
        allow_warnings;
        /// Whether more is read into `additional_data`. The provider charges for it.
        fetch_enhanced_data;
    }

    /// An identity document.
    #[must_use]
    pub fn document(mut self, service: Document) -> Self {
        self.document = Field::Value(service);
        self
    }

    /// A second, different identity document.
    #[must_use]
    pub fn document_two(mut self, service: Document) -> Self {
        self.document_two = Field::Value(service);
        self
    }

    /// A face.
    #[must_use]
    pub fn face(mut self, service: Face) -> Self {
        self.face = Field::Value(service);
        self
    }

    /// A proof of address.
    #[must_use]
    pub fn address(mut self, service: Address) -> Self {
        self.address = Field::Value(service);
        self
    }

    /// A note of consent.
    #[must_use]
    pub fn consent(mut self, service: Consent) -> Self {
        self.consent = Field::Value(service);
        self
    }

    /// A phone number.
    #[must_use]
    pub fn phone(mut self, service: Phone) -> Self {
        self.phone = Field::Value(service);
        self
    }

    /// Screening of a person.
    #[must_use]
    pub fn background_checks(mut self, service: BackgroundChecks) -> Self {
        self.background_checks = Field::Value(service);
        self
    }

    /// Screening of a business.
    #[must_use]
    pub fn aml_for_businesses(mut self, service: AmlForBusinesses) -> Self {
        self.aml_for_businesses = Field::Value(service);
        self
    }

    /// A company's record.
    #[must_use]
    pub fn kyb(mut self, service: Kyb) -> Self {
        self.kyb = Field::Value(service);
        self
    }

    /// Questions for the person.
    #[must_use]
    pub fn questionnaire(mut self, service: Questionnaire) -> Self {
        self.questionnaire = Field::Value(service);
        self
    }

    /// Questions for an investor.
    #[must_use]
    pub fn kyi(mut self, service: Kyi) -> Self {
        self.kyi = Field::Value(service);
        self
    }

    /// A person, looked up in databases.
    #[must_use]
    pub fn ekyc(mut self, service: Ekyc) -> Self {
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
            Service::Ekyc => self.ekyc = Field::Empty,
            Service::RiskAssessment | Service::Other(_) => {
                self.raw.insert(service.as_str().to_owned(), Pii::new("".into()));
            }
        }
        self
    }

    raw!();

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
    fn service<T: Part>(&self, at: &'static str, field: &Field<T>) -> Result<Option<&'static str>, Error> {
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

impl Encode for VerificationRequest {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.member("reference", &self.reference);
            object.optional("journey_id", &self.journey_id);
            object.optional("country", &self.country);
            object.optional("language", &self.language);
            object.optional("email", &self.email);
            object.optional("callback_url", &self.callback_url);
            object.optional("redirect_url", &self.redirect_url);
            object.optional("customer_unique_id", &self.customer_unique_id);
            object.optional("verification_mode", &self.verification_mode);
            object.optional("ttl", &self.ttl);
            object.optional("allow_offline", &self.allow_offline);
            object.optional("allow_online", &self.allow_online);
            object.optional("show_consent", &self.show_consent);
            object.optional("show_privacy_policy", &self.show_privacy_policy);
            object.optional("show_results", &self.show_results);
            object.optional("show_feedback_form", &self.show_feedback_form);
            object.optional("manual_review", &self.manual_review);
            object.optional("decline_on_single_step", &self.decline_on_single_step);
            object.optional("allow_retry", &self.allow_retry);
            object.optional("enhanced_originality_checks", &self.enhanced_originality_checks);
            object.optional("allow_na_ocr_inputs", &self.allow_na_ocr_inputs);
            object.optional("allow_warnings", &self.allow_warnings);
            object.optional("fetch_enhanced_data", &self.fetch_enhanced_data);
            if let Some(ekyc) = self.ekyc.value() {
                object.optional("eidv_verification_type", &ekyc.eidv_verification_type);
                object.optional("verification_method", &ekyc.verification_method);
            }
            object.field("document", &self.document);
            object.field("document_two", &self.document_two);
            object.field("face", &self.face);
            object.field("address", &self.address);
            object.field("consent", &self.consent);
            object.field("phone", &self.phone);
            object.field("background_checks", &self.background_checks);
            object.field("aml_for_businesses", &self.aml_for_businesses);
            object.field("kyb", &self.kyb);
            object.field("questionnaire", &self.questionnaire);
            object.field("kyi", &self.kyi);
            object.field("ekyc", &self.ekyc);
        });
    }
}
