//! How something is proven. Its public name is [`identity::VerificationMethod`](crate::identity::VerificationMethod); it
//! stands here, since capabilities list the methods and the base knows no identity.

use crate::wire::words::stable_words;

stable_words! {
    /// How something was verified. The members are kinds, not grades: they are not ranked, and two of them do not add
    /// up to a third.
    pub enum VerificationMethod {
        /// Not checked: stated by the person, or by a source that was not verified. Proves nothing.
        SelfAsserted = "self_asserted",
        /// Checked, and the check failed. Proves nothing; kept so that it is visible.
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
        /// The person was looked for on sanctions and watch lists and not found there. Says nothing of who the person
        /// is.
        SanctionsScreening = "sanctions_screening",
        /// The provider vouches for it and does not state how it was checked.
        Attested = "attested",
    }
}

impl VerificationMethod {
    /// Whether the method proves anything: all but two do.
    pub const fn proves(self) -> bool {
        !matches!(self, Self::SelfAsserted | Self::CheckFailed)
    }
}
