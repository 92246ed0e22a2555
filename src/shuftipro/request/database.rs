//! The service `ekyc`: electronic identity verification against databases.

use serde_json::Value;

use super::{
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{error::Error, privacy::Pii};

object! {
    /// A person, looked up in databases. What a country's databases need differs, so most of it goes through
    /// [`raw`](Self::raw); without any field the person is asked.
    ///
    /// Source: `docs/user_identification_authentication/eidv_pro`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Ekyc + raw {
        /// The national identification number.
        pub fn national_id(optional Pii<String>);
        /// The person, in the form that the country needs.
        pub fn personal_details(optional Pii<Value>);
        /// Ways to reach the person, in the form that the country needs.
        pub fn contact_details(optional Pii<Value>);
        /// The kind of verification, such as `Passive`. It stands at the top of the request.
        pub fn eidv_verification_type(elsewhere String);
        /// How many sources must agree, such as `1x1`. It stands at the top of the request.
        pub fn verification_method(elsewhere String);
    }
}

impl Ekyc {
    /// A person who is asked for what the country's databases need.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes out what stands at the top of the request: kind and method.
    pub(super) fn take_top_level(&mut self) -> (Option<String>, Option<String>) {
        (self.eidv_verification_type.take(), self.verification_method.take())
    }
}

impl ServiceRequest for Ekyc {
    const PROOFS: Proofs = Proofs::None;

    fn check(&self, _at: &str) -> Result<(), Error> {
        Ok(())
    }
}
