//! The service `consent`.

use super::{
    check,
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{
    error::Error,
    privacy::Pii,
    shuftipro::{
        model::{ConsentType, VerificationMode},
        proof::Proof,
    },
};

object! {
    /// A note that the person holds up, saying what they consent to.
    ///
    /// Source: `docs/user_identification_authentication/consent_verification`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Consent + raw {
        /// The note's image or video, for an offsite request.
        pub fn proof(field Proof),
        /// Asks the person for the note, as an onsite request without this call does too.
        fn ask_proof;
        /// How the note may be written. With a proof: how it is written.
        pub fn supported_types(list ConsentType);
        fn text(required Pii<String>);
        /// Whether a handwritten note is held next to the face, which is the default.
        pub fn with_face(flag bool);
        /// Whether files may be uploaded, for this service.
        pub fn allow_offline(flag bool);
        /// Whether the camera may be used, for this service.
        pub fn allow_online(flag bool);
        /// Which kinds of proof are taken, for this service; wins over the request's.
        pub fn verification_mode(optional VerificationMode);
    }
}

impl Consent {
    /// A note with this text, 2 to 100 characters.
    pub fn new(text: impl Into<Pii<String>>) -> Self {
        Self::blank(text.into())
    }
}

impl ServiceRequest for Consent {
    const PROOFS: Proofs = Proofs::Taken;

    fn has_proof(&self) -> bool {
        self.proof.value().is_some()
    }

    fn check(&self, at: &str) -> Result<(), Error> {
        check::one_type(at, &self.supported_types, &self.proof)?;
        check::length(at, "text", self.text.expose(), 2..=100)
    }
}
