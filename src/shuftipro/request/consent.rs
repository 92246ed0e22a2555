//! The service `consent`.

use super::{
    Field,
    body::{Body, Encode, Raw},
    check, flags, lists, optional, raw,
    verification::{Part, Proofs},
};
use crate::{
    error::Error,
    privacy::Pii,
    shuftipro::{
        model::{ConsentType, VerificationMode},
        proof::Proof,
    },
};

/// A note that the person holds up, saying what they consent to.
///
/// Source: `docs/user_identification_authentication/consent_verification`.
#[derive(Clone, Debug, PartialEq)]
pub struct Consent {
    text: Pii<String>,
    proof: Field<Proof>,
    supported_types: Vec<ConsentType>,
    with_face: Option<bool>,
    allow_offline: Option<bool>,
    allow_online: Option<bool>,
    verification_mode: Option<VerificationMode>,
    raw: Raw,
}

impl Consent {
    /// A note with this text, 2 to 100 characters.
    pub fn new(text: impl Into<Pii<String>>) -> Self {
        Self {
            text: text.into(),
            proof: Field::Absent,
            supported_types: Vec::new(),
            with_face: None,
            allow_offline: None,
            allow_online: None,
            verification_mode: None,
            raw: Raw::new(),
        }
    }

    /// The note's image or video, for an offsite request.
    #[must_use]
    pub fn proof(mut self, proof: Proof) -> Self {
        self.proof = Field::Value(proof);
        self
    }

    /// Asks the person for the note, as an onsite request without this call does too.
    #[must_use]
    pub fn ask_proof(mut self) -> Self {
        self.proof = Field::Empty;
        self
    }

    lists! {
        /// How the note may be written. With a proof: how it is written.
        supported_types: ConsentType;
    }

    optional! {
        /// Which kinds of proof are taken, for this service; wins over the request's.
        verification_mode: VerificationMode;
    }

    flags! {
        /// Whether a handwritten note is held next to the face, which is the default.
        with_face;
        /// Whether files may be uploaded, for this service.
        allow_offline;
        /// Whether the camera may be used, for this service.
        allow_online;
    }

    raw!();
}

impl Encode for Consent {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.field("proof", &self.proof);
            object.list("supported_types", &self.supported_types);
            object.member("text", &self.text);
            object.optional("with_face", &self.with_face);
            object.optional("allow_offline", &self.allow_offline);
            object.optional("allow_online", &self.allow_online);
            object.optional("verification_mode", &self.verification_mode);
        });
    }
}

impl Part for Consent {
    const PROOFS: Proofs = Proofs::Taken;

    fn has_proof(&self) -> bool {
        self.proof.value().is_some()
    }

    fn check(&self, at: &str) -> Result<(), Error> {
        check::one_type(at, &self.supported_types, &self.proof)?;
        check::length(at, "text", self.text.expose(), 2..=100)
    }
}
