//! The service `face`.

use super::{
    Age,
    body::{Body, Encode},
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{
    error::Error,
    shuftipro::{model::VerificationMode, proof::Proof},
};

object! {
    /// A face. Together with a document it is compared with the portrait on it.
    ///
    /// Source: `docs/user_identification_authentication/facial_biometrics`, `…/one_to_one_authentication`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Face + raw {
        /// The face's image or video, for an offsite request.
        pub fn proof(field Proof),
        /// Asks the person to show the face, as an onsite request without this call does too.
        fn ask_proof;
        /// Whether files may be uploaded, for this service.
        pub fn allow_offline(flag bool);
        /// Whether the camera may be used, for this service.
        pub fn allow_online(flag bool);
        /// Which kinds of proof are taken, for this service; wins over the request's.
        pub fn verification_mode(optional VerificationMode);
        /// Whether the face is looked up in your earlier requests; not by default.
        pub fn check_duplicate_request(flag bool);
        /// The range that the estimated age must fall into.
        pub fn age(optional Age);
        /// Enrols the face, or compares it with the enrolled one. Needs the request's
        /// [`customer_unique_id`](super::VerificationRequest::customer_unique_id).
        pub fn face_authentication(optional FaceAuthentication);
    }
}

impl Face {
    /// A face.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn authenticates(&self) -> bool {
        self.face_authentication.is_some()
    }
}

impl ServiceRequest for Face {
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
