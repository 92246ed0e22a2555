//! Why a request was declined: the provider's codes.
//!
//! A code is `SPDR` and two or three digits. The list grows and its wording differs from page to page: branch on codes
//! that you know, show [`gist`](DeclineCode::gist) or the provider's own text for the rest, and keep what you do not
//! know. The texts of today come from the call `GET /decline/reasons/`.
//!
//! Source: `docs/user_identification_authentication/*/declined_reasons`, `docs/aml/decline_reasons`,
//! `docs/video_kyc/decline_reasons`, `eidv.shuftipro.com/declined-reasons`.

use std::fmt;

use crate::error::Sanitized;

/// A decline code, such as `SPDR06`. Any text is kept.
///
/// ```
/// use kyckit::shuftipro::decline::DeclineCode;
///
/// let code = DeclineCode::from("SPDR06");
/// assert_eq!(code.number(), Some(6));
/// assert_eq!(code.gist(), Some("originality of the document not verified"));
/// assert_eq!(DeclineCode::from("SPDR999").gist(), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeclineCode(String);

impl DeclineCode {
    /// The code on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The digits behind `SPDR`; `None` for a code of another form.
    pub fn number(&self) -> Option<u16> {
        let digits = self.0.strip_prefix("SPDR")?;
        let fits = (2..=3).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if fits { digits.parse().ok() } else { None }
    }

    /// What the code means, in a few words of English; `None` when no page read says it.
    pub fn gist(&self) -> Option<&'static str> {
        let number = self.number()?;
        GISTS.iter().find(|(from, to, _)| (*from..=*to).contains(&number)).map(|(_, _, gist)| *gist)
    }
}

impl From<&str> for DeclineCode {
    fn from(code: &str) -> Self {
        Self(code.to_owned())
    }
}

impl From<String> for DeclineCode {
    fn from(code: String) -> Self {
        Self(code)
    }
}

impl fmt::Display for DeclineCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Sanitized(&self.0), f)
    }
}

impl fmt::Debug for DeclineCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// From number, to number, gist. No number stands in two rows.
const GISTS: &[(u16, u16, &str)] = &[
    (1, 1, "face not verified"),
    (2, 2, "no face found on the document image"),
    (3, 3, "image altered"),
    (4, 4, "copy found on the web"),
    (5, 5, "names on two documents differ"),
    (6, 6, "originality of the document not verified"),
    (7, 7, "name does not match the document"),
    (8, 8, "date of birth does not match"),
    (9, 9, "date does not match"),
    (10, 10, "issue date does not match"),
    (11, 11, "number does not match"),
    (12, 12, "issuing country not supported or differs"),
    (13, 13, "document is not of an offered type"),
    (14, 14, "age not verified"),
    (15, 15, "face on document and camera differ"),
    (16, 16, "expiry date does not match"),
    (19, 19, "face not detected"),
    (22, 22, "name on address document differs"),
    (23, 23, "address does not match"),
    (24, 24, "address document not of an offered type"),
    (26, 26, "addresses on id and utility bill differ"),
    (30, 30, "issue date on address document differs"),
    (32, 32, "consent note's text wrong"),
    (33, 33, "consent type differs"),
    (34, 34, "AML screening failed"),
    (35, 35, "phone number mismatch"),
    (37, 37, "liveness failed"),
    (38, 38, "face differs from the sign-up face"),
    (39, 39, "document differs from the sign-up document"),
    (40, 40, "answer incorrect"),
    (43, 43, "camera not accessible"),
    (48, 48, "proof edited"),
    (51, 51, "proof photographed from a screen"),
    (56, 56, "information edited"),
    (58, 58, "glasses"),
    (59, 59, "face from another screen"),
    (60, 60, "face from the internet"),
    (61, 61, "more than one face"),
    (62, 62, "screenshot"),
    (68, 68, "issue date mismatch"),
    (75, 75, "name on document differs from the given name"),
    (80, 80, "address mismatch"),
    (84, 84, "wrong phone code"),
    (85, 85, "number not reachable"),
    (87, 87, "face from an electronic document"),
    (89, 89, "cropped"),
    (90, 90, "found on the internet"),
    (96, 96, "low light"),
    (97, 97, "blurred"),
    (98, 98, "face cut off"),
    (106, 106, "consent must be handwritten"),
    (108, 108, "no face with the consent"),
    (109, 109, "consent image from the internet"),
    (110, 110, "consent must be printed"),
    (129, 129, "business on an AML list"),
    (131, 131, "taken from another device"),
    (134, 134, "from the internet"),
    (144, 144, "hat or mask"),
    (160, 164, "on an AML list: sanction, warning, fitness and probity, PEP or adverse media"),
    (182, 186, "business on an AML list"),
    (210, 210, "two cards"),
    (218, 218, "filter used"),
    (225, 225, "uploaded instead of captured"),
    (233, 233, "plain background"),
    (235, 239, "face, font, background, text or machine-readable zone edited"),
    (241, 241, "cancelled by the user"),
    (242, 242, "superseded"),
    (243, 248, "electronic identity verification: connection, bank id, timeout or unavailable"),
    (253, 260, "consent form or consent face"),
    (266, 266, "person not found in database"),
    (268, 268, "file corrupted"),
    (274, 274, "proofs incomplete"),
    (277, 277, "eyes closed"),
    (278, 281, "face quality"),
    (282, 282, "test id used"),
    (283, 283, "face quality"),
    (287, 287, "duplicate account"),
    (288, 290, "consent form or consent face"),
    (293, 295, "e-mail not verified"),
    (297, 297, "business: domain"),
    (298, 298, "phone not validated"),
    (299, 299, "minor"),
    (300, 300, "business: documents"),
    (301, 301, "business: owners"),
    (303, 303, "high risk"),
    (304, 304, "one-time code wrong"),
    (305, 305, "details mismatch"),
    (309, 310, "e-mail not verified"),
    (313, 315, "on a SIP, SIE or insolvency list"),
    (316, 318, "business on an AML list"),
    (343, 343, "face authentication: no enrolment"),
    (344, 344, "face authentication: already enrolled"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_a_number_only_in_the_documented_form() {
        assert_eq!(DeclineCode::from("SPDR01").number(), Some(1));
        assert_eq!(DeclineCode::from("SPDR287").number(), Some(287));
        for other in ["SPDR1", "SPDR", "SPDR1234", "SPFR01", "1001", "spdr01", "SPDR-1", "SPDR+1", "SPDR1१"]
        {
            assert_eq!(DeclineCode::from(other).number(), None, "{other}");
            assert_eq!(DeclineCode::from(other).as_str(), other);
        }
    }

    #[test]
    fn the_rows_are_in_order_and_none_overlaps() {
        for pair in GISTS.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:?}");
        }
    }

    #[test]
    fn codes_without_a_text_on_the_pages_read_have_no_gist() {
        for code in ["SPDR17", "SPDR18", "SPDR21", "SPDR25", "SPDR27", "SPDR28", "SPDR166", "SPDR276"] {
            assert_eq!(DeclineCode::from(code).gist(), None, "{code}");
        }
        assert_eq!(DeclineCode::from("SPDR34").gist(), Some("AML screening failed"));
        assert_eq!(DeclineCode::from("SPDR282").gist(), Some("test id used"));
    }
}
