//! The service `kyb`: a company's record.

use super::{
    body::{Body, Encode, Raw},
    check, lists, optional, raw,
    verification::{Part, Proofs},
};
use crate::{
    error::Error,
    privacy::Pii,
    shuftipro::{model::SearchType, proof::Proof},
};

/// A company's record, looked up by number or name, or verified by its papers.
///
/// Source: `docs/business_identification_risk/know_your_business`.
#[derive(Clone, Debug, PartialEq)]
pub struct Kyb {
    mode: Mode,
    company_registration_number: Option<Pii<String>>,
    company_jurisdiction_code: Option<String>,
    company_name: Option<Pii<String>>,
    country_names: Vec<String>,
    search_type: Option<SearchType>,
    search_by: Option<String>,
    proofs: Vec<Paper>,
    raw: Raw,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Standard,
    Enhanced,
    Documents,
}

#[derive(Clone, Debug, PartialEq)]
struct Paper {
    label: String,
    file: Proof,
}

impl Kyb {
    fn new(mode: Mode) -> Self {
        Self {
            mode,
            company_registration_number: None,
            company_jurisdiction_code: None,
            company_name: None,
            country_names: Vec::new(),
            search_type: None,
            search_by: None,
            proofs: Vec::new(),
            raw: Raw::new(),
        }
    }

    /// Standard search: by registration number and jurisdiction code, or by name alone.
    pub fn standard() -> Self {
        Self::new(Mode::Standard)
    }

    /// Enhanced search: by registration number or name.
    pub fn enhanced() -> Self {
        Self::new(Mode::Enhanced)
    }

    /// Verification of papers. The request must name the company's country.
    pub fn documents() -> Self {
        Self::new(Mode::Documents)
    }

    optional! {
        /// The number in the company register.
        company_registration_number: Pii<String>;
        /// The register's jurisdiction, such as `ae_az` or `us_de`.
        company_jurisdiction_code: String;
        /// The company's name; 3 characters and more in an enhanced search.
        company_name: Pii<String>;
        /// How the name is searched for, in an enhanced search.
        search_type: SearchType;
        /// What is searched by, in an enhanced search.
        search_by: String;
    }

    lists! {
        /// One country's name in lower case, such as `united_kingdom`, in an enhanced search.
        country_names: String;
    }

    /// Adds a paper with your label for it.
    #[must_use]
    pub fn paper(mut self, label: impl Into<String>, file: Proof) -> Self {
        self.proofs.push(Paper { label: label.into(), file });
        self
    }

    raw!();

    pub(super) fn needs_country(&self) -> bool {
        self.mode == Mode::Documents
    }
}

impl Encode for Kyb {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(Some(&self.raw), |object| {
            if self.mode == Mode::Enhanced {
                object.member("advanced_search", "1");
            }
            object.optional("company_registration_number", &self.company_registration_number);
            object.optional("company_jurisdiction_code", &self.company_jurisdiction_code);
            object.optional("company_name", &self.company_name);
            object.list("country_names", &self.country_names);
            object.optional("search_type", &self.search_type);
            object.optional("search_by", &self.search_by);
            object.list("proofs", &self.proofs);
        });
    }
}

impl Encode for Paper {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(None, |object| {
            object.member("label", &self.label);
            object.member("file", &self.file);
        });
    }
}

impl Part for Kyb {
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
