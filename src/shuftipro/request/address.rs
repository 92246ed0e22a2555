//! The service `address`.

use super::{
    Field, Name, VerificationInstructions,
    body::{Body, Encode, Raw},
    check, flags, lists, optional, raw, read_or_compare,
    verification::{Part, Proofs},
};
use crate::{
    date::Date,
    error::Error,
    privacy::Pii,
    shuftipro::{
        model::{AddressType, VerificationMode},
        proof::Proof,
    },
};

/// A proof of address.
///
/// Whether an account may read the address from the paper depends on when it was registered, so it is left to the
/// provider to refuse.
///
/// Source: `docs/user_identification_authentication/address_verification_and_validation`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    proof: Field<Proof>,
    supported_types: Vec<AddressType>,
    full_address: Field<Pii<String>>,
    name: Field<Name>,
    issue_date: Field<Pii<Date>>,
    document_number: Field<Pii<String>>,
    address_fuzzy_match: Option<bool>,
    allow_offline: Option<bool>,
    allow_online: Option<bool>,
    verification_mode: Option<VerificationMode>,
    show_ocr_form: Option<bool>,
    backside_proof_required: Option<bool>,
    enhanced_address_verification: Option<bool>,
    verification_instructions: Option<VerificationInstructions>,
    raw: Raw,
}

impl Address {
    /// A proof of address of which nothing but the paper itself is checked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The paper's image or PDF, for an offsite request.
    #[must_use]
    pub fn proof(mut self, proof: Proof) -> Self {
        self.proof = Field::Value(proof);
        self
    }

    /// Asks the person for the paper, as an onsite request without this call does too.
    #[must_use]
    pub fn ask_proof(mut self) -> Self {
        self.proof = Field::Empty;
        self
    }

    lists! {
        /// The kinds of paper that are taken. With a proof: the one kind that it shows.
        supported_types: AddressType;
    }

    read_or_compare! {
        /// The address, 2 to 250 characters.
        full_address, read_full_address: Pii<String>;
        /// The addressee's name.
        name, read_name: Name;
        /// The day of issue.
        issue_date, read_issue_date: Pii<Date>;
        /// The paper's number, 2 to 100 characters.
        document_number, read_document_number: Pii<String>;
    }

    optional! {
        /// Which kinds of proof are taken, for this service; wins over the request's.
        verification_mode: VerificationMode;
        /// Which copies of a paper are taken.
        verification_instructions: VerificationInstructions;
    }

    flags! {
        /// Whether differences of spelling pass. The pages disagree on the default: send it when it matters.
        address_fuzzy_match;
        /// Whether files may be uploaded, for this service.
        allow_offline;
        /// Whether the camera may be used, for this service.
        allow_online;
        /// Whether the person sees and may correct what was read.
        show_ocr_form;
        /// Whether the other side must be shown.
        backside_proof_required;
        /// Whether the address is looked up, taken apart and located. Details go through [`raw`](Self::raw).
        enhanced_address_verification;
    }

    raw!();
}

impl Encode for Address {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.field("proof", &self.proof);
            object.list("supported_types", &self.supported_types);
            object.field("full_address", &self.full_address);
            object.field("name", &self.name);
            object.field("issue_date", &self.issue_date);
            object.field("document_number", &self.document_number);
            object.optional("address_fuzzy_match", &self.address_fuzzy_match);
            object.optional("allow_offline", &self.allow_offline);
            object.optional("allow_online", &self.allow_online);
            object.optional("verification_mode", &self.verification_mode);
            object.optional("show_ocr_form", &self.show_ocr_form);
            object.optional("backside_proof_required", &self.backside_proof_required);
            object.optional("enhanced_address_verification", &self.enhanced_address_verification);
            object.optional("verification_instructions", &self.verification_instructions);
        });
    }
}

impl Part for Address {
    const PROOFS: Proofs = Proofs::Taken;

    fn has_proof(&self) -> bool {
        self.proof.value().is_some()
    }

    fn check(&self, at: &str) -> Result<(), Error> {
        check::one_type(at, &self.supported_types, &self.proof)?;
        self.name.value().map_or(Ok(()), |name| name.check(at))?;
        check::field_length(at, "full_address", &self.full_address, 2..=250)?;
        check::field_length(at, "document_number", &self.document_number, 2..=100)
    }
}
