//! Why a verification is declined: the codes, their texts, and which service and which leaf of its result they concern.
//!
//! Source: contract section 13.5. The provider's wording differs between its pages; these texts give the gist.

/// One decline code.
pub(super) struct Reason {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
    /// The services it can stand under, likeliest first; empty: any.
    pub(super) services: &'static [&'static str],
    /// The leaf of the service's result that is 0 for it.
    pub(super) leaf: &'static str,
}

const DOCUMENT: &[&str] = &["document", "document_two"];
const FACE: &[&str] = &["face"];
const ADDRESS: &[&str] = &["address"];
const CONSENT: &[&str] = &["consent"];
const PHONE: &[&str] = &["phone"];
const AML: &[&str] = &["background_checks"];
const BUSINESS: &[&str] = &["aml_for_businesses"];
const KYB: &[&str] = &["kyb"];
const EKYC: &[&str] = &["ekyc"];
const QUESTIONS: &[&str] = &["questionnaire", "kyi"];
const ANY: &[&str] = &[];

const fn reason(
    code: &'static str,
    services: &'static [&'static str],
    leaf: &'static str,
    text: &'static str,
) -> Reason {
    Reason { code, text, services, leaf }
}

/// The codes that the sandbox knows.
pub(super) const REASONS: [Reason; 76] = [
    reason("SPDR01", FACE, "", "Face could not be verified"),
    reason("SPDR02", DOCUMENT, "face_on_document_matched", "No face found on the document image"),
    reason("SPDR03", DOCUMENT, "document_proof", "Image is altered or photoshopped"),
    reason("SPDR04", DOCUMENT, "document_proof", "Copy of the document found on the web"),
    reason("SPDR05", DOCUMENT, "name", "Names on two documents do not match"),
    reason("SPDR06", DOCUMENT, "document_proof", "Document originality could not be verified"),
    reason("SPDR07", DOCUMENT, "name", "Name on the document does not match"),
    reason("SPDR08", DOCUMENT, "dob", "Date of birth on the document does not match"),
    reason("SPDR10", DOCUMENT, "issue_date", "Issue date on the document does not match"),
    reason("SPDR11", DOCUMENT, "document_number", "Document number does not match"),
    reason("SPDR12", DOCUMENT, "document_country", "Issuing country is not supported or differs"),
    reason("SPDR13", DOCUMENT, "selected_type", "Document does not match the offered types"),
    reason("SPDR14", &["document", "document_two", "face"], "age", "Age could not be verified"),
    reason(
        "SPDR15",
        DOCUMENT,
        "face_on_document_matched",
        "Face on the document does not match the camera image",
    ),
    reason("SPDR16", DOCUMENT, "expiry_date", "Expiry date on the document does not match"),
    reason("SPDR19", FACE, "", "Face could not be detected"),
    reason("SPDR22", ADDRESS, "name", "Name on the address document does not match"),
    reason("SPDR23", ADDRESS, "full_address", "Address does not match"),
    reason("SPDR24", ADDRESS, "selected_type", "Address document does not match the offered types"),
    reason(
        "SPDR26",
        ADDRESS,
        "partial_address_match_with_id_and_utility_bill",
        "Addresses on id and utility bill do not match",
    ),
    reason("SPDR30", ADDRESS, "issue_date", "Issue date on the address document does not match"),
    reason("SPDR32", CONSENT, "consent", "Text of the consent note does not match"),
    reason("SPDR33", CONSENT, "selected_type", "Consent note is not of the offered type"),
    reason("SPDR34", &["background_checks", "aml_for_businesses"], "", "AML screening failed"),
    reason("SPDR35", PHONE, "", "Phone number did not match"),
    reason("SPDR37", FACE, "", "Liveness check failed"),
    reason("SPDR38", FACE, "", "Face differs from the sign-up face"),
    reason("SPDR39", DOCUMENT, "document", "Document differs from the sign-up document"),
    reason("SPDR40", QUESTIONS, "", "Answer is incorrect"),
    reason("SPDR43", ANY, "", "Camera was not accessible"),
    reason("SPDR48", DOCUMENT, "document_proof", "Proof was edited"),
    reason("SPDR51", DOCUMENT, "document_proof", "Proof was photographed from a screen"),
    reason("SPDR56", DOCUMENT, "document_proof", "Information on the document was edited"),
    reason("SPDR58", FACE, "", "Face is covered by glasses"),
    reason("SPDR59", FACE, "", "Face was photographed from a screen"),
    reason("SPDR60", FACE, "", "Face was found on the internet"),
    reason("SPDR61", FACE, "", "More than one face was detected"),
    reason("SPDR62", DOCUMENT, "document_proof", "Proof is a screenshot"),
    reason("SPDR84", PHONE, "", "Code sent to the phone was not repeated correctly"),
    reason("SPDR85", PHONE, "", "Phone number is not reachable"),
    reason("SPDR89", DOCUMENT, "document_visibility", "Proof is cropped"),
    reason("SPDR90", DOCUMENT, "document_proof", "Proof was found on the internet"),
    reason("SPDR96", DOCUMENT, "document_visibility", "Proof was captured in low light"),
    reason("SPDR97", DOCUMENT, "document_visibility", "Proof is blurred"),
    reason("SPDR98", FACE, "", "Face is cut off"),
    reason("SPDR106", CONSENT, "selected_type", "Consent note must be handwritten"),
    reason("SPDR108", CONSENT, "consent", "Face is not shown with the consent note"),
    reason("SPDR110", CONSENT, "selected_type", "Consent note must be printed"),
    reason("SPDR144", FACE, "", "Face is covered by a hat or a mask"),
    reason("SPDR160", AML, "", "Name was found in sanction lists"),
    reason("SPDR161", AML, "", "Name was found in warning lists"),
    reason("SPDR162", AML, "", "Name was found in fitness and probity lists"),
    reason("SPDR163", AML, "", "Name was found in lists of politically exposed persons"),
    reason("SPDR164", AML, "", "Name was found in adverse media"),
    reason("SPDR182", BUSINESS, "", "Business was found in sanction lists"),
    reason("SPDR210", DOCUMENT, "document", "More than one card is shown"),
    reason("SPDR225", ANY, "", "Proof was uploaded in place of a capture"),
    reason("SPDR241", ANY, "", "Verification was cancelled by the user"),
    reason("SPDR243", EKYC, "ekyc", "Connection to the database failed"),
    reason("SPDR245", EKYC, "ekyc", "Database did not answer in time"),
    reason("SPDR266", EKYC, "ekyc", "Person was not found in the database"),
    reason("SPDR268", ANY, "", "File is corrupted"),
    reason("SPDR274", ANY, "", "Proofs are incomplete"),
    reason("SPDR277", FACE, "", "Eyes are closed"),
    reason("SPDR282", DOCUMENT, "document", "Test id was used"),
    reason("SPDR287", FACE, "", "Duplicate account detected"),
    reason("SPDR297", KYB, "", "Domain of the business could not be verified"),
    reason("SPDR298", PHONE, "", "Phone number could not be validated"),
    reason("SPDR299", DOCUMENT, "age", "Person is a minor"),
    reason("SPDR300", KYB, "", "Documents of the business could not be verified"),
    reason("SPDR301", KYB, "", "Owners of the business could not be verified"),
    reason("SPDR303", &["risk_assessment"], "", "Risk is high"),
    reason("SPDR304", PHONE, "", "One-time code is wrong"),
    reason("SPDR305", EKYC, "ekyc", "Details do not match the database"),
    reason("SPDR343", FACE, "", "No enrolment found for this customer"),
    reason("SPDR344", FACE, "", "Customer is already enrolled"),
];

/// The reason of a code; `None` for a code that the sandbox does not know.
pub(super) fn find(code: &str) -> Option<&'static Reason> {
    REASONS.iter().find(|reason| reason.code == code)
}

/// The text of a code.
pub(super) fn text(code: &str) -> &'static str {
    find(code).map_or("Verification was declined", |reason| reason.text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_the_documented_form_and_stand_once() {
        for (index, reason) in REASONS.iter().enumerate() {
            let digits = reason.code.strip_prefix("SPDR").expect("the prefix");
            assert!((2..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(!REASONS[..index].iter().any(|other| other.code == reason.code), "{}", reason.code);
        }
        assert_eq!(
            find("SPDR23").map(|reason| (reason.services[0], reason.leaf)),
            Some(("address", "full_address"))
        );
        assert!(find("SPDR9999").is_none());
    }
}
