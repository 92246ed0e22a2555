//! The risk assessment call.

use bytes::Bytes;

use super::{
    Reference,
    body::{Body, Encode, Raw},
    check, optional, phone, raw,
};
use crate::{error::Error, privacy::Pii, shuftipro::model::VerificationMode};

/// `POST` on the risk assessment base: a host of its own, with Basic authentication only.
///
/// Its status is asked with the common [status call](super::StatusRequest).
///
/// Source: `docs/user_identification_authentication/user_risk_assessment`.
#[derive(Clone, Debug, PartialEq)]
pub struct RiskAssessmentRequest {
    reference: Reference,
    email: Pii<String>,
    assessment: Assessment,
    callback_url: Option<Pii<String>>,
    country: Option<String>,
    language: Option<String>,
    verification_mode: Option<VerificationMode>,
    raw: Raw,
}

#[derive(Clone, Debug, PartialEq)]
struct Assessment {
    risk_reference: String,
    phone_number: Pii<String>,
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
        Self {
            reference,
            email: email.into(),
            assessment: Assessment {
                risk_reference: risk_reference.into(),
                phone_number: phone_number.into(),
            },
            callback_url: None,
            country: None,
            language: None,
            verification_mode: None,
            raw: Raw::new(),
        }
    }

    optional! {
        /// Where the result is sent, 6 to 250 characters. Its domain must be registered in the back office.
        callback_url: Pii<String>;
        /// The country that proofs must be from: two letters, ISO 3166-1 alpha-2 or `XK`.
        country: String;
        /// The language of the pages: two letters, `EN` by default.
        language: String;
        /// Which kinds of proof are taken.
        verification_mode: VerificationMode;
    }

    raw!();

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
        if self.assessment.risk_reference.is_empty() {
            return Err(Error::invalid("risk_assessment.risk_reference", "must not be empty"));
        }
        phone::number_fits("risk_assessment", &self.assessment.phone_number)?;
        Ok(Body::of(self))
    }
}

impl Encode for RiskAssessmentRequest {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.member("reference", &self.reference);
            object.member("email", &self.email);
            object.optional("country", &self.country);
            object.optional("language", &self.language);
            object.optional("callback_url", &self.callback_url);
            object.optional("verification_mode", &self.verification_mode);
            object.member("risk_assessment", &self.assessment);
        });
    }
}

impl Encode for Assessment {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(None, |object| {
            object.member("risk_reference", &self.risk_reference);
            object.member("phone_number", &self.phone_number);
        });
    }
}
