//! From a profile to the provider-neutral identity, assurance and decision.
//!
//! | `kycStatus` | decision |
//! | --- | --- |
//! | exactly `KYC1` | accepted |
//! | `KYC0` | needs action: the customer has Maya verify the account |
//! | missing, or another word | pending: what it means is not known |
//!
//! Maya vouches and does not tell how it checked, so what is verified is [attested](VerificationMethod::Attested), and no more. A value
//! is attested when the account is `KYC1` *and* the value's own `verificationStatus` is passed; one with `FAILED` has
//! failed; everything else is self-asserted.

use super::{
    AddressType, Contact as WireContact, ContactSubtype, ContactType, KycStatus, PROVIDER, Profile,
    VerificationStatus, model,
};
use crate::{
    date::Date,
    identity::{
        Address, AddressKind, Attribute, BirthDate, BirthPlace, Contact, ContactKind, Decision, Document,
        Identifier, Identity, Name, Nationality, Provenance, Reason, Report, VerificationMethod, Work,
    },
    privacy::Pii,
    provider::{Capabilities, Countries, PersonAction},
    verified::Verified,
};

/// What Maya can do.
pub const CAPABILITIES: Capabilities = Capabilities::new(
    PROVIDER,
    &[VerificationMethod::PossessionOfAccount, VerificationMethod::Attested],
    Countries::Only(&["PH"]),
    &[PersonAction::Consent],
);

/// What only a verified profile becomes.
impl Verified<Profile> {
    /// The profile in words of no provider, beside the profile itself.
    ///
    /// ```no_run
    /// # fn welcome(profile: kyckit::verified::Verified<kyckit::maya::Profile>) {
    /// let report = profile.into_report();
    /// if report.decision().is_accepted() {
    ///     println!("proven: {:?}", report.identity().assurance());
    /// }
    /// let customer = report.source().id();
    /// # }
    /// ```
    pub fn into_report(self) -> Report<Self> {
        let at = self.asked();
        let decision = match self.kyc_status() {
            Some(status) if status.is_verified() => Decision::accepted(PROVIDER, at),
            Some(KycStatus::Kyc0) => Decision::needs_action(PROVIDER, at, [Reason::AccountNotVerified]),
            _ => Decision::pending(PROVIDER, at, Reason::StatusUnknown),
        };
        let identity = self.identity();
        Report::new(self, identity, decision)
    }

    /// What the profile tells of the customer, in words of no provider.
    pub fn identity(&self) -> Identity {
        Reader { profile: self, identity: Identity::new() }.read()
    }
}

struct Reader<'a> {
    profile: &'a Profile,
    identity: Identity,
}

impl Reader<'_> {
    fn read(mut self) -> Identity {
        let profile = self.profile;
        // The customer consented in the app, and Maya handed out the customer's tokens.
        self.found(VerificationMethod::PossessionOfAccount);
        if profile.is_verified_account() {
            self.found(VerificationMethod::Attested);
        }
        let account = Provenance::new(PROVIDER, VerificationMethod::PossessionOfAccount, profile.asked());
        let ids = [("customer_id", Some(profile.id())), ("profile_id", profile.profile_id())];
        for (kind, id) in ids {
            if let Some(id) = id {
                self.identity.add(Attribute::new(Identifier::new(kind, id.clone()), account.clone()));
            }
        }
        self.person();
        for contact in profile.contacts() {
            self.contact(contact);
        }
        for address in profile.addresses() {
            self.address(address);
        }
        self.work();
        for document in profile.identity_documents() {
            self.document(document);
        }
        self.identity
    }

    fn found(&mut self, means: VerificationMethod) {
        let finding = Provenance::new(PROVIDER, means, self.profile.asked());
        self.identity.assurance_mut().add(finding);
    }

    fn provenance(&self, status: Option<&VerificationStatus>) -> Provenance {
        let means = match status {
            Some(VerificationStatus::Failed) => VerificationMethod::CheckFailed,
            Some(status) if status.is_passed() && self.profile.is_verified_account() => {
                VerificationMethod::Attested
            }
            _ => VerificationMethod::SelfAsserted,
        };
        Provenance::new(PROVIDER, means, self.profile.asked())
    }

    fn person(&mut self) {
        if let Some(wire) = self.profile.name() {
            let name = Name {
                given: filled(wire.first_name.as_ref()),
                middle: filled(wire.middle_name.as_ref()),
                family: filled(wire.last_name.as_ref()),
                full: None,
            };
            if name != Name::default() {
                let provenance = self.provenance(wire.verification_status.as_ref());
                self.identity.add(Attribute::new(name, provenance));
            }
        }
        let Some(wire) = self.profile.birth_details() else { return };
        let provenance = self.provenance(wire.verification_status.as_ref());
        if let Some(day) = wire.birth_date.as_ref().and_then(model::ProfileDate::date) {
            self.identity.add(Attribute::new(BirthDate(day), provenance.clone()));
        }
        let place = BirthPlace {
            locality: filled(wire.city.as_ref()),
            region: None,
            country: filled(wire.country.as_ref()),
        };
        if place != BirthPlace::default() {
            self.identity.add(Attribute::new(place, provenance.clone()));
        }
        if let Some(nationality) = filled(wire.nationality.as_ref()) {
            self.identity.add(Attribute::new(Nationality(nationality), provenance));
        }
    }

    fn contact(&mut self, wire: &WireContact) {
        let kind = match wire.contact_type {
            Some(ContactType::Email) => ContactKind::Email,
            Some(ContactType::Msisdn) => ContactKind::Phone,
            Some(ContactType::Other(_)) | None => return,
        };
        let Some(address) = wire.address().filter(|address| !address.expose().is_empty()) else { return };
        let mut contact = Contact::new(kind, *address.expose());
        contact.primary = wire.subtype == Some(ContactSubtype::Primary);
        let provenance = self.provenance(wire.verification_status.as_ref());
        self.identity.add(Attribute::new(contact, provenance));
    }

    fn address(&mut self, wire: &super::Address) {
        let kind = match wire.address_type {
            Some(AddressType::Permanent) => Some(AddressKind::Permanent),
            Some(AddressType::Present) => Some(AddressKind::Present),
            Some(AddressType::Other(_)) | None => None,
        };
        let address = Address {
            kind,
            formatted: None,
            street: joined([&wire.line1, &wire.line2, &wire.locality], "\n"),
            locality: filled(wire.city.as_ref()),
            region: joined([&wire.province, &wire.region], ", "),
            postal_code: filled(wire.zip_code.as_ref()),
            country: filled(wire.country.as_ref()),
        };
        if address != (Address { kind, ..Address::default() }) {
            let provenance = self.provenance(wire.verification_status.as_ref());
            self.identity.add(Attribute::new(address, provenance));
        }
    }

    fn work(&mut self) {
        let Some(wire) = self.profile.work_details() else { return };
        let work = Work {
            occupation: filled(wire.nature_of_work.as_ref()),
            occupation_details: filled(wire.nature_of_work_details.as_ref()),
            income_source: filled(wire.source_of_income.as_ref()),
            income_source_details: filled(wire.source_of_income_details.as_ref()),
        };
        if work != Work::default() {
            let provenance = self.provenance(wire.verification_status.as_ref());
            self.identity.add(Attribute::new(work, provenance));
        }
    }

    fn document(&mut self, wire: &super::IdentityDocument) {
        let expires = wire.expiry_date.as_ref().and_then(model::ProfileDate::date);
        let document = Document {
            kind: filled(wire.document_type.as_ref()).map(|kind| kind.map(|kind| word(&kind))),
            number: filled(wire.value.as_ref()),
            expires,
            ..Document::default()
        };
        if document != Document::default() {
            let until: Option<Date> = expires.map(Pii::into_exposed);
            let provenance = self.provenance(wire.verification_status.as_ref()).valid_until(until);
            self.identity.add(Attribute::new(document, provenance));
        }
    }
}

/// The provider's list of types is not public; the one word that is known has a plain counterpart.
fn word(kind: &str) -> String {
    if kind == "PASSPORT" { "passport".to_owned() } else { kind.to_owned() }
}

fn filled(text: Option<&Pii<String>>) -> Option<Pii<String>> {
    text.filter(|text| !text.expose().is_empty()).cloned()
}

fn joined<const N: usize>(parts: [&Option<Pii<String>>; N], between: &str) -> Option<Pii<String>> {
    let parts: Vec<&str> = parts
        .into_iter()
        .flatten()
        .map(|part| part.expose().as_str())
        .filter(|part| !part.is_empty())
        .collect();
    (!parts.is_empty()).then(|| Pii::new(parts.join(between)))
}
