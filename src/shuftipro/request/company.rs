//! The service `kyb`: a company's record.

use super::{
    check,
    object::object,
    service::{Proofs, ServiceRequest},
};
use crate::{
    error::Error,
    privacy::Pii,
    shuftipro::{model::SearchType, proof::Proof},
};

object! {
    /// A company's record, looked up by number or name, or verified by its papers.
    ///
    /// Source: `docs/business_identification_risk/know_your_business`.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Kyb + raw {
        fn advanced_search(hidden bool);
        /// The number in the company register.
        pub fn company_registration_number(optional Pii<String>);
        /// The register's jurisdiction, such as `ae_az` or `us_de`.
        pub fn company_jurisdiction_code(optional String);
        /// The company's name; 3 characters and more in an enhanced search.
        pub fn company_name(optional Pii<String>);
        /// One country's name in lower case, such as `united_kingdom`, in an enhanced search.
        pub fn country_names(list String);
        /// How the name is searched for, in an enhanced search.
        pub fn search_type(optional SearchType);
        /// What is searched by, in an enhanced search.
        pub fn search_by(optional String);
        fn proofs(hidden_list Paper);
        fn mode(local Mode);
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Standard,
    Enhanced,
    Documents,
}

object! {
    #[derive(Clone, Debug, PartialEq)]
    struct Paper {
        fn label(required String);
        fn file(required Proof);
    }
}

impl Kyb {
    /// Standard search: by registration number and jurisdiction code, or by name alone.
    pub fn standard() -> Self {
        Self::blank(Mode::Standard)
    }

    /// Enhanced search: by registration number or name.
    pub fn enhanced() -> Self {
        Self { advanced_search: Some(true), ..Self::blank(Mode::Enhanced) }
    }

    /// Verification of papers. The request must name the company's country.
    pub fn documents() -> Self {
        Self::blank(Mode::Documents)
    }

    /// Adds a paper with your label for it.
    #[must_use]
    pub fn paper(mut self, label: impl Into<String>, file: Proof) -> Self {
        self.proofs.push(Paper::blank(label.into(), file));
        self
    }

    pub(super) fn needs_country(&self) -> bool {
        self.mode == Mode::Documents
    }
}

impl ServiceRequest for Kyb {
    const PROOFS: Proofs = Proofs::None;

    fn check(&self, at: &str) -> Result<(), Error> {
        let number = self.company_registration_number.is_some();
        let name = self.company_name.is_some();
        let registered = number && self.company_jurisdiction_code.is_some();
        let fault = |key, what| Err(Error::invalid(check::path(at, key), what));
        match self.mode {
            Mode::Standard if !name && !registered => fault(
                "company_registration_number",
                "a number with its jurisdiction code is needed, or the company's name",
            ),
            Mode::Enhanced if !name && !number => {
                fault("company_name", "the company's name or its registration number is needed")
            }
            Mode::Enhanced if self.country_names.len() > 1 => fault("country_names", "must hold one name"),
            Mode::Enhanced
                if self.company_name.as_ref().is_some_and(|name| name.expose().chars().count() < 3) =>
            {
                fault("company_name", "must have 3 characters or more")
            }
            Mode::Documents if self.proofs.is_empty() => fault("proofs", "at least one paper is needed"),
            Mode::Standard | Mode::Enhanced if !self.proofs.is_empty() => {
                fault("proofs", "papers belong to Kyb::documents")
            }
            _ => Ok(()),
        }
    }
}
