//! The services `document` and `document_two`.

use super::{
    Age, Name, check,
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{
    date::Date,
    error::Error,
    privacy::Pii,
    shuftipro::{
        model::{DocumentType, Gender, VerificationMode},
        proof::Proof,
    },
};

object! {
    /// An identity document.
    ///
    /// What is not mentioned is not checked. Each field is compared with a value (`dob`) or read from the document
    /// (`read_dob`).
    ///
    /// Source: `docs/user_identification_authentication/document_verification`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Document + raw {
        /// The document's image, PDF or video, for an offsite request.
        pub fn proof(field Proof),
        /// Asks the person for the document, as an onsite request without this call does too.
        fn ask_proof;
        /// The document's other side, for an offsite request.
        pub fn additional_proof(field Proof),
        /// Asks the person for the document's other side.
        fn ask_additional_proof;
        /// The kinds of document that are taken. With a proof: the one kind that it shows.
        pub fn supported_types(list DocumentType);
        /// The holder's name. The proof is compared with it.
        pub fn name(field Name),
        /// Reads it from the proof; it is returned and checked.
        fn read_name;
        /// The birth date. The proof is compared with it.
        pub fn dob(field Pii<Date>),
        /// Reads it from the proof; it is returned and checked.
        fn read_dob;
        /// The age in years. The proof is compared with it.
        pub fn age(field Pii<Age>),
        /// Reads it from the proof; it is returned and checked.
        fn read_age;
        /// The document's number, 2 to 100 characters. The proof is compared with it.
        pub fn document_number(field Pii<String>),
        /// Reads it from the proof; it is returned and checked.
        fn read_document_number;
        /// The day of issue. The proof is compared with it.
        pub fn issue_date(field Pii<Date>),
        /// Reads it from the proof; it is returned and checked.
        fn read_issue_date;
        /// The last day of validity. The proof is compared with it.
        pub fn expiry_date(field Pii<Date>),
        /// Reads it from the proof; it is returned and checked.
        fn read_expiry_date;
        /// The holder's gender. The proof is compared with it.
        pub fn gender(field Pii<Gender>),
        /// Reads it from the proof; it is returned and checked.
        fn read_gender;
        /// Whether files may be uploaded, for this service.
        pub fn allow_offline(flag bool);
        /// Whether the camera may be used, for this service.
        pub fn allow_online(flag bool);
        /// Which kinds of proof are taken, for this service; wins over the request's.
        pub fn verification_mode(optional VerificationMode);
        /// Whether databases may be asked for what the document does not show.
        pub fn allow_ekyc(flag bool);
        /// Whether the person sees and may correct what was read.
        pub fn show_ocr_form(flag bool);
        /// Whether more is read into `additional_data`. The provider charges for it.
        pub fn fetch_enhanced_data(flag bool);
        /// Whether the other side must be shown; not by default.
        pub fn backside_proof_required(flag bool);
        /// Which copies of a document are taken.
        pub fn verification_instructions(optional VerificationInstructions);
    }
}

impl Document {
    /// A document of which nothing but the document itself is checked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A document from which name, birth date, number, day of issue and last day of validity are read.
    pub fn ocr() -> Self {
        Self::new().read_name().read_dob().read_document_number().read_issue_date().read_expiry_date()
    }
}

impl ServiceRequest for Document {
    const PROOFS: Proofs = Proofs::Taken;

    fn has_proof(&self) -> bool {
        self.proof.value().is_some()
    }

    fn check(&self, at: &str) -> Result<(), Error> {
        check::one_type(at, &self.supported_types, &self.proof)?;
        if self.additional_proof.value().is_some() && self.proof.value().is_none() {
            return Err(Error::invalid(check::path(at, "proof"), "is needed with an additional proof"));
        }
        self.name.value().map_or(Ok(()), |name| name.check(at))?;
        self.age.value().map_or(Ok(()), |age| age.expose().check(at))?;
        check::field_length(at, "document_number", &self.document_number, 2..=100)
    }
}

object! {
    /// Which copies of a document are taken. What is not mentioned is the account's setting.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct VerificationInstructions {
        /// Documents on paper.
        pub fn allow_paper_based(flag bool);
        /// Photocopies.
        pub fn allow_photocopy(flag bool);
        /// Colour copies.
        pub fn allow_colorcopy(flag bool);
        /// Black and white images.
        pub fn allow_black_and_white(flag bool);
        /// Laminated documents.
        pub fn allow_laminated(flag bool);
        /// Screenshots.
        pub fn allow_screenshot(flag bool);
        /// Cropped images.
        pub fn allow_cropped(flag bool);
        /// Scans.
        pub fn allow_scanned(flag bool);
        /// Electronic documents.
        pub fn allow_e_document(flag bool);
        /// Documents written by hand.
        pub fn allow_handwritten_document(flag bool);
    }
}

impl VerificationInstructions {
    /// No instruction yet.
    pub fn new() -> Self {
        Self::default()
    }
}
