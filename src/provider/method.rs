//! How something is proven. Its public name is [`identity::VerificationMethod`](crate::identity::VerificationMethod); it
//! stands here, since capabilities list the methods and the base knows no identity.

use crate::wire::words::stable_words;

stable_words! {
    /// How something was found out. The members are kinds, not grades: none of them is more than another, and two of
    /// them are not added up to a third.
    pub enum VerificationMethod {
        /// Nobody checked it: the person said so, or somebody whose word was not verified. Proves nothing.
        SelfAsserted = "self_asserted",
        /// It was checked and did not hold. Proves nothing, and is kept so that it can be seen.
        CheckFailed = "check_failed",
        /// The person has an account at a provider.
        PossessionOfAccount = "possession_of_account",
        /// The person has a private key.
        PossessionOfKey = "possession_of_key",
        /// The person receives what is sent to a phone number or mail address.
        PossessionOfContact = "possession_of_contact",
        /// An identity document was examined.
        DocumentChecked = "document_checked",
        /// A document that shows where the person lives was examined.
        AddressDocumentChecked = "address_document_checked",
        /// The face that was captured is that of a living person before the camera.
        Liveness = "liveness",
        /// The face that was captured is the one on the document.
        FaceMatch = "face_match",
        /// An independent database knows the person with these data.
        DatabaseMatch = "database_match",
        /// The person was looked for on sanctions and watch lists and not found there. Says nothing of who the person is.
        SanctionsScreening = "sanctions_screening",
        /// The provider vouches for it and does not tell how it was checked.
        Attested = "attested",
    }
}

impl VerificationMethod {
    /// Whether anything is proven by it: everything but the two that say that nothing is.
    pub const fn proves(self) -> bool {
        !matches!(self, Self::SelfAsserted | Self::CheckFailed)
    }
}
