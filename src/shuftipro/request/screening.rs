//! The services `background_checks` and `aml_for_businesses`: screening against AML lists.

use super::{
    Name, check,
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{date::Date, error::Error, privacy::Pii, shuftipro::model::AmlType};

object! {
    /// Screening of a person.
    ///
    /// To take name and birth date from the document service of the same request, send the service without fields:
    /// [`with_defaults(Service::BackgroundChecks)`](super::VerificationRequest::with_defaults).
    ///
    /// Source: `docs/user_identification_authentication/user_aml_screening`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct BackgroundChecks + raw {
        /// The person's name. The proof is compared with it.
        pub fn name(field Name),
        /// Reads it from the proof; it is returned and checked.
        fn read_name;
        /// The person's birth date. The proof is compared with it.
        pub fn dob(field Pii<Date>),
        /// Reads it from the proof; it is returned and checked.
        fn read_dob;
        /// Whether to go on screening. A later change comes as the event `verification.status.changed`. Production
        /// accounts only.
        pub fn ongoing(flag bool);
        /// The lists to screen against. Without any: sanctions, warnings, fitness and probity, and the PEP lists.
        pub fn filters(list AmlType);
        /// How well a record must fit, 0 to 100; 100 by default.
        pub fn match_score(number_text u32);
        /// Countries, ISO 3166-1 alpha-2, to screen in.
        pub fn countries(list String);
        /// Whether to search for aliases.
        pub fn alias_search(flag bool);
        /// Whether to search for relatives and close associates.
        pub fn rca_search(flag bool);
    }
}

impl BackgroundChecks {
    /// Screens this person.
    pub fn new(name: Name, dob: Date) -> Self {
        Self::default().name(name).dob(dob)
    }

    /// Screens whoever bears this name.
    pub fn of(name: Name) -> Self {
        Self::default().name(name)
    }
}

impl ServiceRequest for BackgroundChecks {
    const PROOFS: Proofs = Proofs::None;

    fn check(&self, at: &str) -> Result<(), Error> {
        self.name.value().map_or(Ok(()), |name| name.check(at))?;
        score_fits(at, self.match_score)
    }
}

object! {
    /// Screening of a business.
    ///
    /// Source: `docs/business_identification_risk/business_aml_screening`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct AmlForBusinesses + raw {
        fn business_name(required Pii<String>);
        /// When the business was incorporated.
        pub fn business_incorporation_date(optional Date);
        /// Whether to go on screening. A later change comes as the event `verification.status.changed`.
        pub fn ongoing(flag bool);
        /// The lists to screen against. Without any: the ones for persons, and adverse media.
        pub fn filters(list AmlType);
        /// How well a record must fit, 0 to 100; 100 by default.
        pub fn match_score(number_text u32);
        /// Countries, ISO 3166-1 alpha-2, to screen in.
        pub fn countries(list String);
        /// Whether to search for aliases.
        pub fn alias_search(flag bool);
        /// Whether to search for relatives and close associates.
        pub fn rca_search(flag bool);
    }
}

impl AmlForBusinesses {
    /// Screens the business of this name, 1 to 255 characters.
    pub fn new(business_name: impl Into<Pii<String>>) -> Self {
        Self::blank(business_name.into())
    }
}

impl ServiceRequest for AmlForBusinesses {
    const PROOFS: Proofs = Proofs::None;

    fn check(&self, at: &str) -> Result<(), Error> {
        check::length(at, "business_name", self.business_name.expose(), 1..=255)?;
        score_fits(at, self.match_score)
    }
}

fn score_fits(at: &str, score: Option<u32>) -> Result<(), Error> {
    if score.is_none_or(|score| score <= 100) {
        return Ok(());
    }
    Err(Error::invalid(check::path(at, "match_score"), "must be 0 to 100"))
}
