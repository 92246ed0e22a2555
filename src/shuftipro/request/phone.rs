//! The service `phone`.

use super::{
    check,
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{error::Error, privacy::Pii};

object! {
    /// A phone number, by a code that is sent to it. Onsite only. Five wrong codes decline the request.
    ///
    /// Source: `docs/user_identification_authentication/phone_verification_and_validation`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Phone + raw {
        /// The number: 6 to 64 digits, with a leading `+`.
        pub fn phone_number(field Pii<String>),
        /// Asks the person for the number.
        fn ask_phone_number;
        /// The code, 2 to 10 characters. The provider makes one otherwise.
        pub fn random_code(optional Pii<String>);
        /// The message, 2 to 100 characters. It must contain the [`random_code`](Self::random_code), where one is
        /// given; otherwise the provider appends its own.
        pub fn text(optional Pii<String>);
        /// The ways to send the code, such as SMS.
        pub fn supported_channel(list String);
        /// Whether the number is looked up as well.
        pub fn validate_phone(flag bool);
    }
}

impl Phone {
    /// A phone number that the person is asked for.
    pub fn new() -> Self {
        Self::default()
    }
}

impl ServiceRequest for Phone {
    const PROOFS: Proofs = Proofs::OnsiteOnly;

    fn check(&self, at: &str) -> Result<(), Error> {
        if let Some(number) = self.phone_number.value() {
            number_fits(at, number)?;
        }
        check::optional_length(at, "random_code", self.random_code.as_ref(), 2..=10)?;
        check::optional_length(at, "text", self.text.as_ref(), 2..=100)?;
        match (&self.text, &self.random_code) {
            (Some(text), Some(code)) if !text.expose().contains(code.expose().as_str()) => {
                Err(Error::invalid(check::path(at, "text"), "must contain the random code"))
            }
            _ => Ok(()),
        }
    }
}

/// Digits with a leading `+`, 6 to 64 characters; the `+` may be left out, as it is in use without.
pub(super) fn number_fits(at: &str, number: &Pii<String>) -> Result<(), Error> {
    let number = number.expose();
    check::length(at, "phone_number", number, 6..=64)?;
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::invalid(check::path(at, "phone_number"), "must be digits with a leading +"))
}
