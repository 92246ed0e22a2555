//! The services `document` and `document_two`.

use super::{
    Age, Field, Name,
    body::{Body, Encode, Raw},
    check, flags, lists, optional, raw, read_or_compare,
    verification::{Part, Proofs},
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

/// An identity document.
///
/// What is not mentioned is not checked. Each field is compared with a value (`dob`) or read from the document
/// (`read_dob`).
///
/// Source: `docs/user_identification_authentication/document_verification`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    proof: Field<Proof>,
    additional_proof: Field<Proof>,
    supported_types: Vec<DocumentType>,
    name: Field<Name>,
    dob: Field<Pii<Date>>,
    age: Field<Pii<Age>>,
    document_number: Field<Pii<String>>,
    issue_date: Field<Pii<Date>>,
    expiry_date: Field<Pii<Date>>,
    gender: Field<Pii<Gender>>,
    allow_offline: Option<bool>,
    allow_online: Option<bool>,
    verification_mode: Option<VerificationMode>,
    allow_ekyc: Option<bool>,
    show_ocr_form: Option<bool>,
    fetch_enhanced_data: Option<bool>,
    backside_proof_required: Option<bool>,
    verification_instructions: Option<VerificationInstructions>,
    raw: Raw,
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

    /// The document's image, PDF or video, for an offsite request.
    #[must_use]
    pub fn proof(mut self, proof: Proof) -> Self {
        self.proof = Field::Value(proof);
        self
    }

    /// Asks the person for the document, as an onsite request without this call does too.
    #[must_use]
    pub fn ask_proof(mut self) -> Self {
        self.proof = Field::Empty;
        self
    }

    /// The document's other side, for an offsite request.
    #[must_use]
    pub fn additional_proof(mut self, proof: Proof) -> Self {
        self.additional_proof = Field::Value(proof);
        self
    }

    /// Asks the person for the document's other side.
    #[must_use]
    pub fn ask_additional_proof(mut self) -> Self {
        self.additional_proof = Field::Empty;
        self
    }

    lists! {
        /// The kinds of document that are taken. With a proof: the one kind that it shows.
        supported_types: DocumentType;
    }

    read_or_compare! {
        /// The holder's name.
        name, read_name: Name;
        /// The birth date.
        dob, read_dob: Pii<Date>;
        /// The age in years.
        age, read_age: Pii<Age>;
        /// The document's number, 2 to 100 characters.
        document_number, read_document_number: Pii<String>;
        /// The day of issue.
        issue_date, read_issue_date: Pii<Date>;
        /// The last day of validity.
        expiry_date, read_expiry_date: Pii<Date>;
        /// The holder's gender.
        gender, read_gender: Pii<Gender>;
    }

    optional! {
        /// Which kinds of proof are taken, for this service; wins over the request's.
        verification_mode: VerificationMode;
        /// Which copies of a document are taken.
        verification_instructions: VerificationInstructions;
    }

    flags! {
        /// Whether files may be uploaded, for this service.
        allow_offline;
        /// Whether the camera may be used, for this service.
        allow_online;
        /// Whether databases may be asked for what the document does not show.
        allow_ekyc;
        /// Whether the person sees and may correct what was read.
        show_ocr_form;
        /// Whether more is read into `additional_data`. The provider charges for it.
        fetch_enhanced_data;
        /// Whether the other side must be shown; not by default.
        backside_proof_required;
    }

    raw!();
}

impl Encode for Document {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.field("proof", &self.proof);
            object.field("additional_proof", &self.additional_proof);
            object.list("supported_types", &self.supported_types);
            object.field("name", &self.name);
            object.field("dob", &self.dob);
            object.field("age", &self.age);
            object.field("document_number", &self.document_number);
            object.field("issue_date", &self.issue_date);
            object.field("expiry_date", &self.expiry_date);
            object.field("gender", &self.gender);
            object.optional("allow_offline", &self.allow_offline);
            object.optional("allow_online", &self.allow_online);
            object.optional("verification_mode", &self.verification_mode);
            object.optional("allow_ekyc", &self.allow_ekyc);
            object.optional("show_ocr_form", &self.show_ocr_form);
            object.optional("fetch_enhanced_data", &self.fetch_enhanced_data);
            object.optional("backside_proof_required", &self.backside_proof_required);
            object.optional("verification_instructions", &self.verification_instructions);
        });
    }
}

impl Part for Document {
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

/// Which copies of a document are taken. What is not mentioned is the account's setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerificationInstructions {
    allow_paper_based: Option<bool>,
    allow_photocopy: Option<bool>,
    allow_colorcopy: Option<bool>,
    allow_black_and_white: Option<bool>,
    allow_laminated: Option<bool>,
    allow_screenshot: Option<bool>,
    allow_cropped: Option<bool>,
    allow_scanned: Option<bool>,
    allow_e_document: Option<bool>,
    allow_handwritten_document: Option<bool>,
}

impl VerificationInstructions {
    /// No instruction yet.
    pub fn new() -> Self {
        Self::default()
    }

    flags! {
        /// Documents on paper.
        allow_paper_based;
        /// Photocopies.
        allow_photocopy;
        /// Colour copies.
        allow_colorcopy;
        /// Black and white images.
        allow_black_and_white;
        /// Laminated documents.
        allow_laminated;
        /// Screenshots.
        allow_screenshot;
        /// Cropped images.
        allow_cropped;
        /// Scans.
        allow_scanned;
        /// Electronic documents.
        allow_e_document;
        /// Documents written by hand.
        allow_handwritten_document;
    }
}

impl Encode for VerificationInstructions {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(None, |object| {
            object.optional("allow_paper_based", &self.allow_paper_based);
            object.optional("allow_photocopy", &self.allow_photocopy);
            object.optional("allow_colorcopy", &self.allow_colorcopy);
            object.optional("allow_black_and_white", &self.allow_black_and_white);
            object.optional("allow_laminated", &self.allow_laminated);
            object.optional("allow_screenshot", &self.allow_screenshot);
            object.optional("allow_cropped", &self.allow_cropped);
            object.optional("allow_scanned", &self.allow_scanned);
            object.optional("allow_e_document", &self.allow_e_document);
            object.optional("allow_handwritten_document", &self.allow_handwritten_document);
        });
    }
}
