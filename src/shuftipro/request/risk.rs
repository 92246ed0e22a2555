//! The risk assessment call.

use bytes::Bytes;

use super::{Reference, body::Body, check, object::object, phone};
use crate::{error::Error, privacy::Pii, shuftipro::model::VerificationMode};

object! {
    /// `POST` on the risk assessment base: a host of its own, with Basic authentication only.
    ///
    /// Its status is asked with the common [status call](crate::shuftipro::Client::status).
    ///
    /// Source: `docs/user_identification_authentication/user_risk_assessment`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RiskAssessmentRequest + raw {
        fn reference(required Reference);
        fn email(required Pii<String>);
        /// The country that proofs must be from: two letters, ISO 3166-1 alpha-2 or `XK`.
        pub fn country(optional String);
        /// The language of the pages: two letters, `EN` by default.
        pub fn language(optional String);
        /// Where the result is sent, 6 to 250 characters. Its domain must be registered in the back office.
        pub fn callback_url(optional Pii<String>);
        /// Which kinds of proof are taken.
        pub fn verification_mode(optional VerificationMode);
        fn risk_assessment(required Assessment);
    }
}

object! {
    #[derive(Clone, Debug, PartialEq)]
    struct Assessment {
        fn risk_reference(required String);
        fn phone_number(required Pii<String>);
    }
}

impl RiskAssessmentRequest {
    /// Assesses the person with this e-mail address (6 to 128 characters) and phone number (6 to 64 digits with a
    /// leading `+`), by the assessment's id in the back office, such as `37rNhl`.
    pub fn new(
        reference: Reference,
        risk_reference: impl Into<String>,
        email: impl Into<Pii<String>>,
        phone_number: impl Into<Pii<String>>,
    ) -> Self {
        let assessment = Assessment::blank(risk_reference.into(), phone_number.into());
        Self::blank(reference, email.into(), assessment)
    }

    /// The reference.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with the field at fault.
    pub fn body(&self) -> Result<Bytes, Error> {
        check::length("", "email", self.email.expose(), 6..=128)?;
        check::callback_url(self.callback_url.as_ref())?;
        check::two_letters("", "country", self.country.as_ref())?;
        check::two_letters("", "language", self.language.as_ref())?;
        if self.risk_assessment.risk_reference.is_empty() {
            return Err(Error::invalid("risk_assessment.risk_reference", "must not be empty"));
        }
        phone::number_fits("risk_assessment", &self.risk_assessment.phone_number)?;
        Ok(Body::of(self))
    }
}
