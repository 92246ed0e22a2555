//! The names of the services and the lists that belong to them (contract sections 5 and 13).

pub(super) const DOCUMENT: &str = "document";
pub(super) const DOCUMENT_TWO: &str = "document_two";
pub(super) const FACE: &str = "face";
pub(super) const ADDRESS: &str = "address";
pub(super) const CONSENT: &str = "consent";
pub(super) const PHONE: &str = "phone";
pub(super) const BACKGROUND_CHECKS: &str = "background_checks";
pub(super) const AML_FOR_BUSINESSES: &str = "aml_for_businesses";
pub(super) const KYB: &str = "kyb";
pub(super) const QUESTIONNAIRE: &str = "questionnaire";
pub(super) const KYI: &str = "kyi";
pub(super) const EKYC: &str = "ekyc";
pub(super) const RISK_ASSESSMENT: &str = "risk_assessment";

/// The services of `POST /`, in the order in which they are worked through.
pub(super) const ALL: [&str; 12] = [
    DOCUMENT,
    DOCUMENT_TWO,
    FACE,
    ADDRESS,
    CONSENT,
    PHONE,
    BACKGROUND_CHECKS,
    AML_FOR_BUSINESSES,
    KYB,
    QUESTIONNAIRE,
    KYI,
    EKYC,
];

/// The services with proofs: offsite when one is sent, onsite otherwise.
pub(super) const WITH_PROOF: [&str; 5] = [DOCUMENT, DOCUMENT_TWO, FACE, ADDRESS, CONSENT];

/// The services that only the end user can fulfil.
pub(super) const ONSITE_ONLY: [&str; 3] = [PHONE, QUESTIONNAIRE, KYI];

/// Section 13.4.
pub(super) const AML_TYPES: &[&str] = &[
    "warning",
    "sanction",
    "pep",
    "pep-class-1",
    "pep-class-2",
    "pep-class-3",
    "pep-class-4",
    "fitness-probity",
    "adverse-media",
    "adverse-media-financial-crime",
    "adverse-media-fraud",
    "adverse-media-general",
    "adverse-media-narcotics",
    "adverse-media-sexual-crime",
    "adverse-media-terrorism",
    "adverse-media-violent-crime",
    "adverse-media-v2-property",
    "adverse-media-v2-financial-aml-cft",
    "adverse-media-v2-fraud-linked",
    "adverse-media-v2-narcotics-aml-cft",
    "adverse-media-v2-violence-aml-cft",
    "adverse-media-v2-terrorism",
    "adverse-media-v2-cybercrime",
    "adverse-media-v2-general-aml-cft",
    "adverse-media-v2-regulatory",
    "adverse-media-v2-financial-difficulty",
    "adverse-media-v2-violence-non-aml-cft",
    "adverse-media-v2-other-financial",
    "adverse-media-v2-other-serious",
    "adverse-media-v2-other-minor",
];

/// What `filters` is when none are sent (5.7).
pub(super) const DEFAULT_FILTERS: [&str; 8] = [
    "sanction",
    "warning",
    "fitness-probity",
    "pep",
    "pep-class-1",
    "pep-class-2",
    "pep-class-3",
    "pep-class-4",
];
