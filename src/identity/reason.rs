//! Why a decision is what it is, as stable codes.

use crate::wire::words::stable_words;

stable_words! {
    /// Why a decision is what it is. The codes are stable: texts for people are looked up by them.
    ///
    /// They are coarser than a provider's own codes, which [`Decision::codes`](super::Decision::codes) keeps.
    pub enum Reason {
        // What is still to be done.
        /// The provider is at work.
        InProgress = "in_progress",
        /// A human being decides.
        ManualReview = "manual_review",
        /// The provider says that something changed, or something that this version does not know: ask it for the
        /// status.
        StatusUnknown = "status_unknown",
        /// The person has not finished.
        OpenVerification = "unfinished",
        /// The provider wants to know more of the person.
        MoreInformationNeeded = "more_information_needed",
        /// The person's account at the provider has not been verified by it.
        AccountNotVerified = "account_not_verified",
        /// The person has proven to own an account or a key. The identity was not checked.
        IdentityNotChecked = "identity_not_checked",

        // Why there will be no decision.
        /// The person did not finish in time.
        NotFinishedInTime = "not_finished_in_time",
        /// The data were deleted on request.
        Deleted = "deleted",

        // What the person did.
        /// The person gave up.
        CancelledByPerson = "cancelled_by_person",
        /// The person refused.
        RefusedByPerson = "refused_by_person",
        /// Another request took the place of this one.
        Superseded = "superseded",
        /// The person did not consent to what has to be known.
        ConsentMissing = "consent_missing",

        // Documents.
        /// A document's originality was not verified.
        DocumentNotOriginal = "document_not_original",
        /// A document was edited.
        DocumentAltered = "document_altered",
        /// A document is past its validity.
        DocumentExpired = "document_expired",
        /// A document is of a type that was not asked for.
        DocumentTypeNotAccepted = "document_type_not_accepted",
        /// A document is of a country that is not supported or not the one that was asked for.
        DocumentCountryNotAccepted = "document_country_not_accepted",
        /// A document cannot be read: too dark, blurred, cut off, broken, incomplete.
        DocumentUnreadable = "document_unreadable",
        /// A document was captured by a means that is not allowed: uploaded, filtered, with another device.
        CaptureNotAllowed = "capture_not_allowed",
        /// The document is not the one that was used at sign-up.
        DocumentNotTheSame = "document_not_the_same",
        /// A document for tests was used.
        TestDocument = "test_document",

        // Data that do not fit.
        /// The names differ.
        NameMismatch = "name_mismatch",
        /// The birth dates differ.
        BirthDateMismatch = "birth_date_mismatch",
        /// Dates of issue or expiry differ.
        DateMismatch = "date_mismatch",
        /// The document's numbers differ.
        DocumentNumberMismatch = "document_number_mismatch",
        /// The addresses differ, or the address was not verified.
        AddressMismatch = "address_mismatch",
        /// Other details differ.
        DetailsMismatch = "details_mismatch",
        /// A response of the person was not the right one.
        AnswerIncorrect = "answer_incorrect",

        // Faces.
        /// The face was not verified.
        FaceNotVerified = "face_not_verified",
        /// The face is not the one on the document, or not the one of the sign-up.
        FaceMismatch = "face_mismatch",
        /// The face cannot be seen well: hidden, cut off, eyes closed, more than one.
        FaceNotVisible = "face_not_visible",
        /// The face is not that of a living person before the camera.
        LivenessFailed = "liveness_failed",

        // The person.
        /// The age was not verified.
        AgeNotVerified = "age_not_verified",
        /// The person is under age.
        UnderAge = "under_age",
        /// The person was found on a sanctions or watch list.
        ScreeningMatch = "screening_match",
        /// The business was found on a sanctions or watch list.
        BusinessScreeningMatch = "business_screening_match",
        /// The business was not verified.
        BusinessNotVerified = "business_not_verified",
        /// No database knows the person with these data.
        NotFoundInDatabase = "not_found_in_database",
        /// The database did not answer.
        DatabaseUnavailable = "database_unavailable",
        /// The person has another account already.
        DuplicateAccount = "duplicate_account",
        /// The risk was found to be high.
        HighRisk = "high_risk",

        // Contacts, consent, accounts.
        /// The phone number was not verified.
        PhoneNotVerified = "phone_not_verified",
        /// The mail address was not verified.
        EmailNotVerified = "email_not_verified",
        /// The note of consent was not verified.
        ConsentNotVerified = "consent_not_verified",
        /// The person is not enrolled for face authentication.
        NotEnrolled = "not_enrolled",
        /// The person is enrolled for face authentication already.
        AlreadyEnrolled = "already_enrolled",
        /// The provider has barred the person's account.
        AccountSuspended = "account_suspended",
        /// The person's account is gone.
        AccountDeactivated = "account_deactivated",
        /// A signature over the person's data was not verified.
        SignatureNotVerified = "signature_not_verified",

        // Remarks to an accepted decision.
        /// Faults were let pass, as the request allowed.
        AcceptedWithWarnings = "accepted_with_warnings",
        /// The whole was accepted although a part of it was not.
        PartNotAccepted = "part_not_accepted",

        /// The provider gives no reason, or one that this version does not know: see the provider's own codes.
        Unspecified = "unspecified",
    }
}
