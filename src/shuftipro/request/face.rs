//! The service `face`.

use super::{
    Age, Field,
    body::{Body, Encode, Raw},
    flags, optional, raw,
    verification::{Part, Proofs},
};
use crate::{
    error::Error,
    shuftipro::{model::VerificationMode, proof::Proof},
};

/// A face. Together with a document it is compared with the portrait on it.
///
/// Source: `docs/user_identification_authentication/facial_biometrics`, `…/one_to_one_authentication`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Face {
    proof: Field<Proof>,
    allow_offline: Option<bool>,
    allow_online: Option<bool>,
    verification_mode: Option<VerificationMode>,
    check_duplicate_request: Option<bool>,
    age: Option<Age>,
    face_authentication: Option<FaceAuthentication>,
    raw: Raw,
}

impl Face {
    /// A face.
    pub fn new() -> Self {
        Self::default()
    }

    /// The face's image or video, for an offsite request.
    #[must_use]
    pub fn proof(mut self, proof: Proof) -> Self {
        self.proof = Field::Value(proof);
        self
    }

    /// Asks the person to show the face, as an onsite request without this call does too.
    #[must_use]
    pub fn ask_proof(mut self) -> Self {
        self.proof = Field::Empty;
        self
    }

    optional! {
        /// Which kinds of proof are taken, for this service; wins over the request's.
        verification_mode: VerificationMode;
        /// The range that the estimated age must fall into.
        age: Age;
        /// Enrols the face, or compares it with the enrolled one. Needs the request's
        /// [`customer_unique_id`](super::VerificationRequest::customer_unique_id).
        face_authentication: FaceAuthentication;
    }

    flags! {
        /// Whether files may be uploaded, for this service.
        allow_offline;
        /// Whether the camera may be used, for this service.
        allow_online;
        /// Whether the face is looked up in your earlier requests; not by default.
        check_duplicate_request;
    }

    raw!();

    pub(super) fn authenticates(&self) -> bool {
        self.face_authentication.is_some()
    }
}

impl Encode for Face {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.field("proof", &self.proof);
            object.optional("allow_offline", &self.allow_offline);
            object.optional("allow_online", &self.allow_online);
            object.optional("verification_mode", &self.verification_mode);
            object.optional("check_duplicate_request", &self.check_duplicate_request);
            object.optional("age", &self.age);
            object.optional("face_authentication", &self.face_authentication);
        });
    }
}

impl Part for Face {
    const PROOFS: Proofs = Proofs::Taken;

    fn has_proof(&self) -> bool {
        self.proof.value().is_some()
    }

    fn check(&self, at: &str) -> Result<(), Error> {
        self.age.map_or(Ok(()), |age| age.check(at))
    }
}

/// What is done with a face in one-to-one authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FaceAuthentication {
    /// `enroll`: remember it. Declined with `SPDR344` when there is one already.
    Enroll,
    /// `authenticate`: compare it. Declined with `SPDR343` when there is none.
    Authenticate,
}

impl Encode for FaceAuthentication {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        match self {
            Self::Enroll => "enroll",
            Self::Authenticate => "authenticate",
        }
        .encode(body);
    }
}
