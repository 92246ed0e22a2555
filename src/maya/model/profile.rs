//! The profile and its parts.

use std::{sync::OnceLock, time::SystemTime};

use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{AddressType, ContactSubtype, ContactType, KycStatus, ProfileDate, VerificationStatus};
use crate::{
    error::Error,
    maya::DocumentLink,
    privacy::Pii,
    transport::decode,
    wire::{
        OnlyObject,
        unread::{Unread, UnreadMember},
    },
};

/// What Maya knows of a customer.
///
/// It comes out of a token that was decrypted and verified, always inside of a
/// [`Verified`](crate::verified::Verified), and in no other way: there is no constructor and no `Deserialize`.
#[derive(Clone)]
pub struct Profile {
    id: Pii<String>,
    profile_id: Option<Pii<String>>,
    kyc_status: Option<KycStatus>,
    name: Option<Name>,
    birth_details: Option<BirthDetails>,
    contacts: Vec<Contact>,
    addresses: Vec<Address>,
    work_details: Option<WorkDetails>,
    identity_documents: Vec<IdentityDocument>,
    payload: Zeroizing<Vec<u8>>,
    raw: OnceLock<Pii<Value>>,
    unread: Unread,
    asked: SystemTime,
}

/// The customer's name: `name`, scope `profile`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Name {
    /// First name.
    pub first_name: Option<Pii<String>>,
    /// Middle name.
    pub middle_name: Option<Pii<String>>,
    /// Last name.
    pub last_name: Option<Pii<String>>,
    /// What Maya found when it checked the name.
    pub verification_status: Option<VerificationStatus>,
}

/// When and where the customer was born: `birthDetails`, scope `profile`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BirthDetails {
    /// Birth date.
    pub birth_date: Option<ProfileDate>,
    /// City of birth.
    pub city: Option<Pii<String>>,
    /// Nationality, such as `PH`.
    pub nationality: Option<Pii<String>>,
    /// Country of birth, such as `PH`.
    pub country: Option<Pii<String>>,
    /// What Maya found when it checked them.
    pub verification_status: Option<VerificationStatus>,
}

/// One way to reach the customer: `contact[]`, scope `contact`.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "WireContact")]
#[non_exhaustive]
pub struct Contact {
    /// What kind of contact it is.
    pub contact_type: Option<ContactType>,
    /// What it is for. The provider advises to use [`Primary`](ContactSubtype::Primary) only.
    pub subtype: Option<ContactSubtype>,
    /// The value as it came: `mailto:` may stand in front of a mail address.
    pub value: Option<Pii<String>>,
    /// What Maya found when it checked this contact.
    pub verification_status: Option<VerificationStatus>,
}

/// One address: `address[]`, scope `address`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Address {
    /// Which address it is.
    #[serde(rename = "type")]
    pub address_type: Option<AddressType>,
    /// First line.
    pub line1: Option<Pii<String>>,
    /// Second line.
    pub line2: Option<Pii<String>>,
    /// Locality; not documented, presumably the barangay.
    pub locality: Option<Pii<String>>,
    /// City.
    pub city: Option<Pii<String>>,
    /// Province.
    pub province: Option<Pii<String>>,
    /// Region.
    pub region: Option<Pii<String>>,
    /// Country, such as `PH`.
    pub country: Option<Pii<String>>,
    /// ZIP code, with its leading zeros.
    pub zip_code: Option<Pii<String>>,
    /// What Maya found when it checked this address.
    pub verification_status: Option<VerificationStatus>,
}

/// What the customer lives on: `workDetails`, scope `workDetails`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct WorkDetails {
    /// Nature of work, a word from the provider's list.
    pub nature_of_work: Option<Pii<String>>,
    /// Free text beside it, as with `OTHERS`.
    pub nature_of_work_details: Option<Pii<String>>,
    /// Source of income, a word from the provider's list, such as `EMPLOYMENT`.
    pub source_of_income: Option<Pii<String>>,
    /// Free text beside it.
    pub source_of_income_details: Option<Pii<String>>,
    /// What Maya found when it checked them.
    pub verification_status: Option<VerificationStatus>,
}

/// One identity document, or the video of the liveness check: `identityDocument[]`, scope `identity_document`.
///
/// The number and the links may be missing all three, when Maya's image has an unsupported format.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IdentityDocument {
    /// Its type, a word from the provider's list, such as `PASSPORT`.
    pub document_type: Option<Pii<String>>,
    /// Its number, presumably: the provider calls it `value`. Absent when there are images.
    pub value: Option<Pii<String>>,
    /// The front side: a link that lives for fifteen minutes.
    pub front: Option<DocumentLink>,
    /// The back side: a link that lives for fifteen minutes.
    pub back: Option<DocumentLink>,
    /// When the document expires.
    pub expiry_date: Option<ProfileDate>,
    /// What Maya found when it checked this document.
    pub verification_status: Option<VerificationStatus>,
}

/// What has to be of its type, since something rests on it. Any other member becomes absent when it is not.
///
/// - `id`: the customer of the profile
/// - `kycStatus`: whether Maya has verified the account is decided by it alone
/// - the end of a document: absent means that it is good for ever
pub(super) const STRICT: &[&str] = &["id", "kycStatus", "identityDocument?[]?.expiryDate"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireProfile {
    id: String,
    profile_id: Option<Pii<String>>,
    kyc_status: Option<KycStatus>,
    name: Option<OnlyObject<Name>>,
    birth_details: Option<OnlyObject<BirthDetails>>,
    contact: Option<Vec<Option<OnlyObject<Contact>>>>,
    address: Option<Vec<Option<OnlyObject<Address>>>>,
    work_details: Option<OnlyObject<WorkDetails>>,
    identity_document: Option<Vec<Option<OnlyObject<WireDocument>>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireContact {
    #[serde(rename = "type")]
    contact_type: Option<ContactType>,
    #[serde(rename = "subtype")]
    sample_spelling: Option<ContactSubtype>,
    #[serde(rename = "subType")]
    table_spelling: Option<ContactSubtype>,
    value: Option<Pii<String>>,
    verification_status: Option<VerificationStatus>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireDocument {
    #[serde(rename = "type")]
    document_type: Option<Pii<String>>,
    value: Option<Pii<String>>,
    front_url: Option<String>,
    back_url: Option<String>,
    expiry_date: Option<ProfileDate>,
    verification_status: Option<VerificationStatus>,
}

impl Profile {
    /// Reads a payload with a verified signature and claims that were read, so that all of it is JSON, and keeps it
    /// as it was signed. The links in it live for fifteen
    /// minutes from `asked`, the moment before the profile was asked for: when Maya signed them is not known better.
    pub(crate) fn read(payload: Zeroizing<Vec<u8>>, asked: SystemTime) -> Result<Self, Error> {
        let (OnlyObject(wire), unread) = decode::lenient::<OnlyObject<WireProfile>>(&payload, STRICT)?;
        if wire.id.is_empty() {
            return Err(Error::new(crate::ErrorKind::Decode, "the customer's id is empty").with_path("id"));
        }
        Ok(Self {
            id: Pii::new(wire.id),
            profile_id: wire.profile_id,
            kyc_status: wire.kyc_status,
            name: wire.name.map(|OnlyObject(name)| name),
            birth_details: wire.birth_details.map(|OnlyObject(details)| details),
            contacts: list(wire.contact),
            addresses: list(wire.address),
            work_details: wire.work_details.map(|OnlyObject(details)| details),
            identity_documents: list(wire.identity_document)
                .into_iter()
                .map(|document| document.linked(asked))
                .collect(),
            payload,
            raw: OnceLock::new(),
            unread,
            asked,
        })
    }

    /// Maya's id of the customer, unique and the same at every visit: the key of the application's own record. It is
    /// not a UUID.
    pub fn id(&self) -> &Pii<String> {
        &self.id
    }

    /// A second identifier, of digits.
    pub fn profile_id(&self) -> Option<&Pii<String>> {
        self.profile_id.as_ref()
    }

    /// Whether the account is verified, in the provider's word.
    pub fn kyc_status(&self) -> Option<&KycStatus> {
        self.kyc_status.as_ref()
    }

    /// Whether Maya has verified the customer's account: `kycStatus` is exactly `KYC1`. An unknown or missing status
    /// is not verified.
    pub fn is_verified_account(&self) -> bool {
        self.kyc_status.as_ref().is_some_and(KycStatus::is_verified)
    }

    /// The name, under scope `profile`.
    pub fn name(&self) -> Option<&Name> {
        self.name.as_ref()
    }

    /// Date and place of birth, under scope `profile`.
    pub fn birth_details(&self) -> Option<&BirthDetails> {
        self.birth_details.as_ref()
    }

    /// Mail addresses and mobile numbers, under scope `contact`.
    pub fn contacts(&self) -> &[Contact] {
        &self.contacts
    }

    /// The first contact of this kind for this purpose.
    pub fn contact(&self, kind: &ContactType, subtype: &ContactSubtype) -> Option<&Contact> {
        self.contacts.iter().find(|contact| {
            contact.contact_type.as_ref() == Some(kind) && contact.subtype.as_ref() == Some(subtype)
        })
    }

    /// Addresses, under scope `address`.
    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// The first address of this kind.
    pub fn address(&self, kind: &AddressType) -> Option<&Address> {
        self.addresses.iter().find(|address| address.address_type.as_ref() == Some(kind))
    }

    /// Work and income, under scope `workDetails`.
    pub fn work_details(&self) -> Option<&WorkDetails> {
        self.work_details.as_ref()
    }

    /// Identity documents and the liveness video, under scope `identity_document`.
    pub fn identity_documents(&self) -> &[IdentityDocument] {
        &self.identity_documents
    }

    /// The members that are not of the documented type, and absent therefore. The customer's id and the status of the
    /// account are never among them: a profile in which those are mistyped is refused.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }

    /// When it was asked for: what it says held then, by the client's clock.
    pub fn asked(&self) -> SystemTime {
        self.asked
    }

    /// The whole payload, with what this version of the crate does not know, and with registered claims. It is read
    /// from the signed text when it is asked for the first time.
    pub fn raw(&self) -> &Pii<Value> {
        // The payload passed the same reader when the profile was made, so there is no other case.
        self.raw.get_or_init(|| Pii::new(decode::json(&self.payload).unwrap_or_default()))
    }
}

crate::privacy::redacted_debug!(Profile { kyc_status, .. });

impl Contact {
    /// The mail address or number, without a `mailto:` in front of a mail address. Whether it is one that can be
    /// written to is not checked.
    pub fn address(&self) -> Option<Pii<&str>> {
        let value = self.value.as_ref()?.expose().as_str();
        let bare = match self.contact_type {
            Some(ContactType::Email) => without_scheme(value),
            _ => value,
        };
        Some(Pii::new(bare))
    }
}

/// One `mailto:` (RFC 6068) less, in any case; what follows is left as it is.
fn without_scheme(value: &str) -> &str {
    const SCHEME: &str = "mailto:";
    match value.get(..SCHEME.len()) {
        Some(start) if start.eq_ignore_ascii_case(SCHEME) => &value[SCHEME.len()..],
        _ => value,
    }
}

impl From<WireContact> for Contact {
    fn from(wire: WireContact) -> Self {
        Self {
            contact_type: wire.contact_type,
            // Where both are there and differ, the sample shows what the provider really sends.
            subtype: wire.sample_spelling.or(wire.table_spelling),
            value: wire.value,
            verification_status: wire.verification_status,
        }
    }
}

impl WireDocument {
    fn linked(self, asked: SystemTime) -> IdentityDocument {
        let link =
            |url: Option<String>| url.filter(|url| !url.is_empty()).map(|url| DocumentLink::new(url, asked));
        IdentityDocument {
            document_type: self.document_type,
            value: self.value,
            front: link(self.front_url),
            back: link(self.back_url),
            expiry_date: self.expiry_date,
            verification_status: self.verification_status,
        }
    }
}

fn list<T>(items: Option<Vec<Option<OnlyObject<T>>>>) -> Vec<T> {
    items.into_iter().flatten().flatten().map(|OnlyObject(item)| item).collect()
}
