//! The service `ekyc`: electronic identity verification against databases.

use serde_json::Value;

use super::{
    body::{Body, Encode, Raw},
    optional, raw,
    verification::{Part, Proofs},
};
use crate::{error::Error, privacy::Pii};

/// A person, looked up in databases. What a country's databases need differs, so most of it goes through
/// [`raw`](Self::raw); without any field the person is asked.
///
/// Source: `docs/user_identification_authentication/eidv_pro`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ekyc {
    national_id: Option<Pii<String>>,
    personal_details: Option<Pii<Value>>,
    contact_details: Option<Pii<Value>>,
    pub(super) eidv_verification_type: Option<String>,
    pub(super) verification_method: Option<String>,
    raw: Raw,
}

impl Ekyc {
    /// A person who is asked for what the country's databases need.
    pub fn new() -> Self {
        Self::default()
    }

    optional! {
        /// The national identification number.
        national_id: Pii<String>;
        /// The person, in the form that the country needs.
        personal_details: Pii<Value>;
        /// Ways to reach the person, in the form that the country needs.
        contact_details: Pii<Value>;
        /// The kind of verification, such as `Passive`. It stands at the top of the request.
        eidv_verification_type: String;
        /// How many sources must agree, such as `1x1`. It stands at the top of the request.
        verification_method: String;
    }

    raw!();
}

impl Encode for Ekyc {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.optional("national_id", &self.national_id);
            object.optional("personal_details", &self.personal_details);
            object.optional("contact_details", &self.contact_details);
        });
    }
}

impl Part for Ekyc {
    const PROOFS: Proofs = Proofs::None;

    fn check(&self, _at: &str) -> Result<(), Error> {
        Ok(())
    }
}
