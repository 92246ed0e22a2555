//! The service `address`.

use super::{
    Name, VerificationInstructions, check,
    object::object,
    service::{Proofs, ServiceRequest},
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

object! {
    /// A proof of address.
    ///
    /// Whether an account may read the address from the paper depends on when it was registered, so it is left to the
    /// provider to refuse.
    ///
    /// Source: `docs/user_identification_authentication/address_verification_and_validation`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Address + raw {
        /// The paper's image or PDF, for an offsite request.
        pub fn proof(field Proof),
        /// Asks the person for the paper, as an onsite request without this call does too.
        fn ask_proof;
        /// The kinds of paper that are taken. With a proof: the one kind that it shows.
        pub fn supported_types(list AddressType);
        /// The address, 2 to 250 characters. The proof is compared with it.
        pub fn full_address(field Pii<String>),
        /// Reads it from the proof; it is returned and checked.
        fn read_full_address;
        /// The addressee's name. The proof is compared with it.
        pub fn name(field Name),
        /// Reads it from the proof; it is returned and checked.
        fn read_name;
        /// The day of issue. The proof is compared with it.
        pub fn issue_date(field Pii<Date>),
        /// Reads it from the proof; it is returned and checked.
        fn read_issue_date;
        /// The paper's number, 2 to 100 characters. The proof is compared with it.
        pub fn document_number(field Pii<String>),
        /// Reads it from the proof; it is returned and checked.
        fn read_document_number;
        /// Whether differences of spelling pass. The pages disagree on the default: send it when it matters.
        pub fn address_fuzzy_match(flag bool);
        /// Whether files may be uploaded, for this service.
        pub fn allow_offline(flag bool);
        /// Whether the camera may be used, for this service.
        pub fn allow_online(flag bool);
        /// Which kinds of proof are taken, for this service; wins over the request's.
        pub fn verification_mode(optional VerificationMode);
        /// Whether the person sees and may correct what was read.
        pub fn show_ocr_form(flag bool);
        /// Whether the other side must be shown.
        pub fn backside_proof_required(flag bool);
        /// Whether the address is looked up, taken apart and located. Details go through [`raw`](Self::raw).
        pub fn enhanced_address_verification(flag bool);
        /// Which copies of a paper are taken.
        pub fn verification_instructions(optional VerificationInstructions);
    }
}

impl Address {
    /// A proof of address of which nothing but the paper itself is checked yet.
    pub fn new() -> Self {
        Self::default()
    }
}

impl ServiceRequest for Address {
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
