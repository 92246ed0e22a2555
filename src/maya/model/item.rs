//! What an application can want of a profile, and under which scope it comes.

use super::{AddressType, ContactSubtype, ContactType, Profile};
use crate::privacy::Pii;

/// A scope, granted to the client at onboarding. There is no scope selection per call.
///
/// Source: "Profile Sharing", supported scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// `address`
    Address,
    /// `contact`
    Contact,
    /// `identity_document`
    IdentityDocument,
    /// `openid`, which every client has.
    OpenId,
    /// `profile`
    Profile,
    /// `workDetails`
    WorkDetails,
}

impl Scope {
    /// The provider's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Contact => "contact",
            Self::IdentityDocument => "identity_document",
            Self::OpenId => "openid",
            Self::Profile => "profile",
            Self::WorkDetails => "workDetails",
        }
    }
}

/// One thing that an application wants to know of a customer. [`Profile::missing`] tells which ones a profile lacks,
/// so that the customer can be asked for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ProfileItem {
    /// The city of birth.
    BirthCity,
    /// The country of birth.
    BirthCountry,
    /// The birth date, as a day of the calendar.
    BirthDate,
    /// An image of a document, or the video: a link to it.
    DocumentFile,
    /// The number of a document.
    DocumentNumber,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The middle name.
    MiddleName,
    /// The mobile number, the primary one.
    MobileNumber,
    /// The nationality.
    Nationality,
    /// The nature of work.
    NatureOfWork,
    /// The permanent address: its first line.
    PermanentAddress,
    /// The present address: its first line.
    PresentAddress,
    /// The mail address, the primary one.
    PrimaryEmail,
    /// The second identifier, `profileId`.
    ProfileId,
    /// The source of income.
    SourceOfIncome,
}

impl ProfileItem {
    /// The scope under which it comes.
    pub const fn scope(self) -> Scope {
        match self {
            Self::ProfileId => Scope::OpenId,
            Self::BirthCity
            | Self::BirthCountry
            | Self::BirthDate
            | Self::FirstName
            | Self::LastName
            | Self::MiddleName
            | Self::Nationality => Scope::Profile,
            Self::MobileNumber | Self::PrimaryEmail => Scope::Contact,
            Self::PermanentAddress | Self::PresentAddress => Scope::Address,
            Self::NatureOfWork | Self::SourceOfIncome => Scope::WorkDetails,
            Self::DocumentFile | Self::DocumentNumber => Scope::IdentityDocument,
        }
    }
}

impl Profile {
    /// Which of the wanted things this profile does not carry, in the order asked for: their scope is not granted, or
    /// Maya does not know them. An empty text, and a birth date that is no date, are not carried.
    ///
    /// ```no_run
    /// # fn ask(profile: kyckit::verified::Verified<kyckit::maya::Profile>) {
    /// use kyckit::maya::ProfileItem;
    ///
    /// for item in profile.missing([ProfileItem::BirthDate, ProfileItem::PrimaryEmail]) {
    ///     println!("ask the customer for {item:?}");
    /// }
    /// # }
    /// ```
    pub fn missing(&self, wanted: impl IntoIterator<Item = ProfileItem>) -> Vec<ProfileItem> {
        wanted.into_iter().filter(|item| !self.carries(*item)).collect()
    }

    fn carries(&self, item: ProfileItem) -> bool {
        let (name, birth, work) = (self.name(), self.birth_details(), self.work_details());
        match item {
            ProfileItem::BirthCity => filled(birth.and_then(|birth| birth.city.as_ref())),
            ProfileItem::BirthCountry => filled(birth.and_then(|birth| birth.country.as_ref())),
            ProfileItem::BirthDate => birth.and_then(|birth| birth.birth_date.as_ref()?.date()).is_some(),
            ProfileItem::DocumentFile => self
                .identity_documents()
                .iter()
                .any(|document| document.front.is_some() || document.back.is_some()),
            ProfileItem::DocumentNumber => {
                self.identity_documents().iter().any(|document| filled(document.value.as_ref()))
            }
            ProfileItem::FirstName => filled(name.and_then(|name| name.first_name.as_ref())),
            ProfileItem::LastName => filled(name.and_then(|name| name.last_name.as_ref())),
            ProfileItem::MiddleName => filled(name.and_then(|name| name.middle_name.as_ref())),
            ProfileItem::MobileNumber => self.has_primary(&ContactType::Msisdn),
            ProfileItem::Nationality => filled(birth.and_then(|birth| birth.nationality.as_ref())),
            ProfileItem::NatureOfWork => filled(work.and_then(|work| work.nature_of_work.as_ref())),
            ProfileItem::PermanentAddress => self.has_address(&AddressType::Permanent),
            ProfileItem::PresentAddress => self.has_address(&AddressType::Present),
            ProfileItem::PrimaryEmail => self.has_primary(&ContactType::Email),
            ProfileItem::ProfileId => filled(self.profile_id()),
            ProfileItem::SourceOfIncome => filled(work.and_then(|work| work.source_of_income.as_ref())),
        }
    }

    fn has_primary(&self, kind: &ContactType) -> bool {
        self.contact(kind, &ContactSubtype::Primary)
            .and_then(|contact| contact.address())
            .is_some_and(|address| !address.expose().is_empty())
    }

    fn has_address(&self, kind: &AddressType) -> bool {
        self.address(kind).is_some_and(|address| filled(address.line1.as_ref()))
    }
}

fn filled(text: Option<&Pii<String>>) -> bool {
    text.is_some_and(|text| !text.expose().is_empty())
}
