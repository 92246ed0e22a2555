//! A person's identity: all values that providers reported, each with its provenance.

use super::{
    assurance::Assurance,
    provenance::Attribute,
    values::{
        Address, BirthDate, BirthPlace, Contact, Document, Gender, Identifier, Name, Nationality, Reputation,
        Work,
    },
};

/// Values that providers reported of one person.
///
/// Every kind of value is a list, since providers differ and nothing is thrown away: an identity of one provider mostly
/// has one name, a merged one has one for each source. The lists are sorted and hold no value twice, so two
/// identities with the same contents are equal. [`conflicts`](Self::conflicts) finds what contradicts itself.
///
/// `Debug` shows how many values there are and what was proven, and no value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identity {
    pub(super) names: Vec<Attribute<Name>>,
    pub(super) birth_dates: Vec<Attribute<BirthDate>>,
    pub(super) birth_places: Vec<Attribute<BirthPlace>>,
    pub(super) nationalities: Vec<Attribute<Nationality>>,
    pub(super) genders: Vec<Attribute<Gender>>,
    pub(super) contacts: Vec<Attribute<Contact>>,
    pub(super) addresses: Vec<Attribute<Address>>,
    pub(super) documents: Vec<Attribute<Document>>,
    pub(super) work: Vec<Attribute<Work>>,
    pub(super) reputation: Vec<Attribute<Reputation>>,
    pub(super) identifiers: Vec<Attribute<Identifier>>,
    pub(super) assurance: Assurance,
}

impl Identity {
    /// Creates an empty identity.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a value, once.
    ///
    /// ```
    /// use kyckit::{
    ///     Date,
    ///     identity::{Attribute, BirthDate, Identity},
    ///     provider::ProviderId,
    /// };
    ///
    /// let mut identity = Identity::new();
    /// let day = BirthDate(Date::new(1990, 10, 31)?.into());
    /// let now = std::time::SystemTime::UNIX_EPOCH;
    /// identity.add(Attribute::self_asserted(day, ProviderId::new("sign-up"), now));
    /// assert_eq!(identity.birth_dates().len(), 1);
    /// assert!(!identity.birth_dates()[0].is_verified());
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn add<T: AttributeValue>(&mut self, attribute: Attribute<T>) {
        let list = T::list(self, Sealed(()));
        if let Err(at) = list.binary_search(&attribute) {
            list.insert(at, attribute);
        }
    }

    /// Names.
    pub fn names(&self) -> &[Attribute<Name>] {
        &self.names
    }

    /// Days of birth: more than one when providers, or two documents, differ.
    pub fn birth_dates(&self) -> &[Attribute<BirthDate>] {
        &self.birth_dates
    }

    /// Places of birth.
    pub fn birth_places(&self) -> &[Attribute<BirthPlace>] {
        &self.birth_places
    }

    /// Nationalities.
    pub fn nationalities(&self) -> &[Attribute<Nationality>] {
        &self.nationalities
    }

    /// Genders.
    pub fn genders(&self) -> &[Attribute<Gender>] {
        &self.genders
    }

    /// Mail addresses and phone numbers.
    pub fn contacts(&self) -> &[Attribute<Contact>] {
        &self.contacts
    }

    /// Addresses.
    pub fn addresses(&self) -> &[Attribute<Address>] {
        &self.addresses
    }

    /// Identity documents.
    pub fn documents(&self) -> &[Attribute<Document>] {
        &self.documents
    }

    /// Work and income.
    pub fn work(&self) -> &[Attribute<Work>] {
        &self.work
    }

    /// Reputations and risk scores.
    pub fn reputation(&self) -> &[Attribute<Reputation>] {
        &self.reputation
    }

    /// Names under which providers and networks know the person.
    pub fn identifiers(&self) -> &[Attribute<Identifier>] {
        &self.identifiers
    }

    /// Returns what was proven.
    pub fn assurance(&self) -> &Assurance {
        &self.assurance
    }

    pub(crate) fn assurance_mut(&mut self) -> &mut Assurance {
        &mut self.assurance
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Marks every value as [recorded](super::Origin::Recorded), as reading the JSON form does. Nothing in
    /// it counts as verified.
    #[must_use]
    pub fn into_recorded(self) -> Self {
        fn all<T: Ord>(list: Vec<Attribute<T>>) -> Vec<Attribute<T>> {
            sorted(list.into_iter().map(Attribute::into_recorded).collect())
        }
        Self {
            names: all(self.names),
            birth_dates: all(self.birth_dates),
            birth_places: all(self.birth_places),
            nationalities: all(self.nationalities),
            genders: all(self.genders),
            contacts: all(self.contacts),
            addresses: all(self.addresses),
            documents: all(self.documents),
            work: all(self.work),
            reputation: all(self.reputation),
            identifiers: all(self.identifiers),
            assurance: self.assurance.into_recorded(),
        }
    }
}

/// The form in which lists are kept: sorted, each once.
pub(super) fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list.dedup();
    list
}

crate::privacy::redacted_debug!(Identity {
    names: |this| this.names.len(),
    birth_dates: |this| this.birth_dates.len(),
    birth_places: |this| this.birth_places.len(),
    nationalities: |this| this.nationalities.len(),
    genders: |this| this.genders.len(),
    contacts: |this| this.contacts.len(),
    addresses: |this| this.addresses.len(),
    documents: |this| this.documents.len(),
    work: |this| this.work.len(),
    reputation: |this| this.reputation.len(),
    identifiers: |this| this.identifiers.len(),
    assurance
});

/// A kind of value that an [`Identity`] has a list of. Implemented by this crate's kinds alone.
pub trait AttributeValue: Ord + Sized {
    /// The list.
    #[doc(hidden)]
    fn list(identity: &mut Identity, _: Sealed) -> &mut Vec<Attribute<Self>>;
}

/// Token that only this crate can make.
#[doc(hidden)]
#[derive(Debug)]
pub struct Sealed(());

macro_rules! parts {
    ($($kind:ty: $list:ident,)+) => {
        $(impl AttributeValue for $kind {
            fn list(identity: &mut Identity, _: Sealed) -> &mut Vec<Attribute<Self>> {
                &mut identity.$list
            }
        })+
    };
}

parts! {
    Name: names,
    BirthDate: birth_dates,
    BirthPlace: birth_places,
    Nationality: nationalities,
    Gender: genders,
    Contact: contacts,
    Address: addresses,
    Document: documents,
    Work: work,
    Reputation: reputation,
    Identifier: identifiers,
}
