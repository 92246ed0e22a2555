//! The services `background_checks` and `aml_for_businesses`: screening against AML lists.

use super::{
    Field, Name,
    body::{Body, Encode, Object, Raw},
    check, flags, lists, optional, raw, read_or_compare,
    verification::{Part, Proofs},
};
use crate::{date::Date, error::Error, privacy::Pii, shuftipro::model::AmlType};

/// Screening of a person.
///
/// To take name and birth date from the document service of the same request, send the service without fields:
/// [`with_defaults(Service::BackgroundChecks)`](super::VerificationRequest::with_defaults).
///
/// Source: `docs/user_identification_authentication/user_aml_screening`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BackgroundChecks {
    name: Field<Name>,
    dob: Field<Pii<Date>>,
    filters: Vec<AmlType>,
    match_score: Option<u32>,
    countries: Vec<String>,
    ongoing: Option<bool>,
    alias_search: Option<bool>,
    rca_search: Option<bool>,
    raw: Raw,
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

    read_or_compare! {
        /// The person's name.
        name, read_name: Name;
        /// The person's birth date.
        dob, read_dob: Pii<Date>;
    }

    lists! {
        /// The lists to screen against. Without any: sanctions, warnings, fitness and probity, and the PEP lists.
        filters: AmlType;
        /// Countries, ISO 3166-1 alpha-2, to screen in.
        countries: String;
    }

    optional! {
        /// How well a record must fit, 0 to 100; 100 by default.
        match_score: u32;
    }

    flags! {
        /// Whether to go on screening. A later change comes as the event `verification.status.changed`. Production
        /// accounts only.
        ongoing;
        /// Whether to search for aliases.
        alias_search;
        /// Whether to search for relatives and close associates.
        rca_search;
    }

    raw!();
}

impl Encode for BackgroundChecks {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.field("name", &self.name);
            object.field("dob", &self.dob);
            object.optional("ongoing", &self.ongoing);
            object.list("filters", &self.filters);
            score(object, self.match_score);
            object.list("countries", &self.countries);
            object.optional("alias_search", &self.alias_search);
            object.optional("rca_search", &self.rca_search);
        });
    }
}

impl Part for BackgroundChecks {
    const PROOFS: Proofs = Proofs::None;

    fn check(&self, at: &str) -> Result<(), Error> {
        self.name.value().map_or(Ok(()), |name| name.check(at))?;
        score_fits(at, self.match_score)
    }
}

/// Screening of a business.
///
/// Source: `docs/business_identification_risk/business_aml_screening`.
#[derive(Clone, Debug, PartialEq)]
pub struct AmlForBusinesses {
    business_name: Pii<String>,
    business_incorporation_date: Option<Date>,
    filters: Vec<AmlType>,
    match_score: Option<u32>,
    countries: Vec<String>,
    ongoing: Option<bool>,
    alias_search: Option<bool>,
    rca_search: Option<bool>,
    raw: Raw,
}

impl AmlForBusinesses {
    /// Screens the business of this name, 1 to 255 characters.
    pub fn new(business_name: impl Into<Pii<String>>) -> Self {
        Self {
            business_name: business_name.into(),
            business_incorporation_date: None,
            filters: Vec::new(),
            match_score: None,
            countries: Vec::new(),
            ongoing: None,
            alias_search: None,
            rca_search: None,
            raw: Raw::new(),
        }
    }

    optional! {
        /// When the business was incorporated.
        business_incorporation_date: Date;
        /// How well a record must fit, 0 to 100; 100 by default.
        match_score: u32;
    }

    lists! {
        /// The lists to screen against. Without any: the ones for persons, and adverse media.
        filters: AmlType;
        /// Countries, ISO 3166-1 alpha-2, to screen in.
        countries: String;
    }

    flags! {
        /// Whether to go on screening. A later change comes as the event `verification.status.changed`.
        ongoing;
        /// Whether to search for aliases.
        alias_search;
        /// Whether to search for relatives and close associates.
        rca_search;
    }

    raw!();
}

impl Encode for AmlForBusinesses {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            object.member("business_name", &self.business_name);
            object.optional("business_incorporation_date", &self.business_incorporation_date);
            object.optional("ongoing", &self.ongoing);
            object.list("filters", &self.filters);
            score(object, self.match_score);
            object.list("countries", &self.countries);
            object.optional("alias_search", &self.alias_search);
            object.optional("rca_search", &self.rca_search);
        });
    }
}

impl Part for AmlForBusinesses {
    const PROOFS: Proofs = Proofs::None;

    fn check(&self, at: &str) -> Result<(), Error> {
        check::length(at, "business_name", self.business_name.expose(), 1..=255)?;
        score_fits(at, self.match_score)
    }
}

/// The score is a text on the wire.
fn score(object: &mut Object<'_, '_>, score: Option<u32>) {
    if let Some(score) = score {
        object.text("match_score", &score.to_string());
    }
}

fn score_fits(at: &str, score: Option<u32>) -> Result<(), Error> {
    if score.is_none_or(|score| score <= 100) {
        return Ok(());
    }
    Err(Error::invalid(check::path(at, "match_score"), "must be 0 to 100"))
}
