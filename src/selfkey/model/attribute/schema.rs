//! Kinds of attributes, and the URLs that name their schemas.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::wire::open_enum;

/// Where the provider's schemas are. Nothing is fetched from there: the URL is a name.
const REPOSITORY: &str = "http://platform.selfkey.org/schema/attribute/";

open_enum! {
    /// A kind of attribute: the file name of its schema.
    ///
    /// Source: the provider's repository of attributes. The last four are retired and found in old data.
    pub enum AttributeType {
        /// Of a person.
        FirstName = "first-name",
        /// Of a person.
        MiddleName = "middle-name",
        /// Of a person.
        LastName = "last-name",
        /// Of a company.
        CompanyName = "company-name",
        /// Of either.
        TaxIdNumber = "tax-id-number",
        /// Of a person.
        WorkPlace = "work-place",
        /// Of either.
        Email = "email",
        /// Of either.
        PhoneNumber = "phone-number",
        /// Of a person, `yyyy-mm-dd`.
        DateOfBirth = "date-of-birth",
        /// Of a company, `yyyy-mm-dd`.
        IncorporationDate = "incorporation-date",
        /// Of a company.
        LegalEntityType = "legal-entity-type",
        /// Of a company.
        LegalJurisdiction = "legal-jurisdiction",
        /// Of either.
        BtcAddress = "btc-address",
        /// Of either.
        EthAddress = "eth-address",
        /// Of either.
        DashAddress = "dash-address",
        /// Of a person; an object with a country.
        Nationality = "nationality",
        /// Of a person; an object with a country.
        CountryOfResidency = "country-of-residency",
        /// Of a company; an object with a country.
        Domicile = "domicile",
        /// Of either; an object.
        PhysicalAddress = "physical-address",
        /// Of a person; an object.
        NationalIdNumber = "national-id-number",
        /// Of a company; an object.
        CorporateStructure = "corporate-structure",
        /// Files of a person.
        Passport = "passport",
        /// Files of a person.
        NationalId = "national-id",
        /// Files of a person.
        DriversLicense = "drivers-license",
        /// Files.
        BankStatement = "bank-statement",
        /// Files.
        UtilityBill = "utility-bill",
        /// Files of a company.
        MemberRegister = "member-register",
        /// Files of a person.
        BirthCertificate = "birth-certificate",
        /// Files of a person.
        Fingerprint = "fingerprint",
        /// Files.
        TaxCertificate = "tax-certificate",
        /// Files of a company.
        CertificateOfIncorporation = "certificate-of-incorporation",
        /// Files of a company.
        RegistrationCertificate = "registration-certificate",
        /// A list of files of either.
        ExternalDocument = "external-document",
        /// A list of files of a person.
        Cv = "cv",
        /// A list of files of a person.
        ProfessionalReferenceLetter = "professional-reference-letter",
        /// Sound of a person.
        VoiceId = "voice-id",
        /// Of a company; a list.
        BusinessTypes = "business-types",
        /// Retired: the date of birth in seconds.
        Birthdate = "birthdate",
        /// Retired.
        IdSelfie = "id-selfie",
        /// Retired.
        NationalIdBack = "national-id-back",
        /// Retired.
        PhonenumberCountrycode = "phonenumber-countrycode",
    }
}

impl AttributeType {
    /// Returns the URL of its schema in the provider's repository.
    pub fn schema_id(&self) -> SchemaId {
        SchemaId(format!("{REPOSITORY}{}.json", self.as_str()))
    }
}

/// The URL that names the schema of an attribute.
///
/// Documents write `http` and `https` for the same schema, and blanks around it: both compare equal, and what the
/// provider's own host serves is written with `http`.
#[derive(Clone)]
pub struct SchemaId(String);

impl SchemaId {
    /// Creates an id as a relying party wrote it, without blanks around it.
    pub fn new(text: impl AsRef<str>) -> Self {
        let text = text.as_ref().trim();
        match text.strip_prefix("https:") {
            Some(rest) if rest.starts_with("//platform.selfkey.org/") => Self(format!("http:{rest}")),
            _ => Self(text.to_owned()),
        }
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of the file: the last segment of the path without query, fragment and `.json`.
    pub fn file_name(&self) -> &str {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        let file = path.rsplit('/').next().unwrap_or_default();
        file.strip_suffix(".json").unwrap_or(file)
    }

    /// Returns the kind of attribute, by the name of the file.
    pub fn attribute_type(&self) -> AttributeType {
        AttributeType::from(self.file_name())
    }

    fn without_scheme(&self) -> &str {
        let text = self.0.as_str();
        text.strip_prefix("https:").or_else(|| text.strip_prefix("http:")).unwrap_or(text)
    }
}

impl PartialEq for SchemaId {
    fn eq(&self, other: &Self) -> bool {
        self.without_scheme() == other.without_scheme()
    }
}

impl Eq for SchemaId {}

impl Hash for SchemaId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.without_scheme().hash(state);
    }
}

impl From<&str> for SchemaId {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for SchemaId {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<AttributeType> for SchemaId {
    fn from(kind: AttributeType) -> Self {
        kind.schema_id()
    }
}

impl fmt::Debug for SchemaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.attribute_type(), f)
    }
}

impl Serialize for SchemaId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for SchemaId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_schema_has_one_id_however_it_is_written() {
        let id = AttributeType::DriversLicense.schema_id();
        assert_eq!(id.as_str(), "http://platform.selfkey.org/schema/attribute/drivers-license.json");
        for text in [
            "https://platform.selfkey.org/schema/attribute/drivers-license.json",
            " http://platform.selfkey.org/schema/attribute/drivers-license.json ",
        ] {
            assert_eq!(SchemaId::new(text), id);
            assert_eq!(SchemaId::new(text).as_str(), id.as_str());
        }
        assert_eq!(SchemaId::new("https://x.example/a.json"), SchemaId::new("http://x.example/a.json"));
        assert_eq!(SchemaId::new("https://x.example/a.json").as_str(), "https://x.example/a.json");
        assert_ne!(SchemaId::new("https://x.example/a.json"), id);
    }

    #[test]
    fn the_kind_is_the_name_of_the_file() {
        for (text, name) in [
            ("http://x.example/a/b.json?c=/d.json#e", "b"),
            ("b", "b"),
            ("b.json", "b"),
            ("", ""),
            ("http://x.example/", ""),
        ] {
            assert_eq!(SchemaId::new(text).file_name(), name, "{text}");
        }
        let id = SchemaId::new("http://x.example/email.json");
        assert_eq!(id.attribute_type(), AttributeType::Email);
        assert_eq!(format!("{id:?}"), "Email");
    }
}
