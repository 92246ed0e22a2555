//! From SelfKey's answers to the provider-neutral identity, assurance and decision.
//!
//! Two things are proven, and neither is the other:
//!
//! - a [`Holder`] has a private key: that is all that a wallet's signature says;
//! - a [`Review`] is an application as KYC-Chain shows it to a client with an API key: its status is the decision.
//!
//! | status | decision |
//! | --- | --- |
//! | `APPROVED` | accepted |
//! | `REJECTED` | declined, without a reason that is told |
//! | `USER_DECLINED`, `CANCELED` | declined: the applicant did not want to |
//! | `ADDITIONAL_REQUESTED` | needs action: more is asked of the applicant |
//! | `USER_PROCESSING_REQUIREMENT` | needs action: the applicant is filling in |
//! | every other listed one, `PARTIALLY_APPROVED` too | pending |
//! | missing, or not listed | pending: what it means is not known |
//!
//! What the applicant handed in is [attested](VerificationMethod::Attested) once the application is approved, since KYC-Chain does not
//! tell how it was checked; an attribute that it calls invalid has failed; everything else is the applicant's word.

use std::time::SystemTime;

use serde_json::Value;

use super::{
    PROVIDER,
    attribute::ByType,
    kycc::integrations::Client,
    model::{Application, ApplicationAttribute, Status},
    relying_party::{Holder, Signer},
};
use crate::{
    date::Date,
    error::Error,
    identity::{
        Address, Attribute, BirthDate, Contact, ContactKind, Decision, Document, Identifier, Identity, Name,
        Nationality, Provenance, Reason, Report, VerificationMethod,
    },
    privacy::Pii,
    provider::{Capabilities, Countries, PersonAction, Results},
};

/// What SelfKey can do. KYC-Chain announces changes of a status without proving that it is KYC-Chain, so they are hints to
/// ask.
pub const CAPABILITIES: Capabilities = Capabilities {
    results: Results::Hint,
    wallet: true,
    ..Capabilities::new(
        PROVIDER,
        &[VerificationMethod::PossessionOfKey, VerificationMethod::Attested],
        Countries::Unstated,
        &[PersonAction::Sign, PersonAction::GiveFiles, PersonAction::GiveAnswers],
    )
};

impl Signer {
    /// Who signed, in words of no provider: possession of a key, and no more. `at` is when the signature was checked.
    pub fn identity(&self, at: SystemTime) -> Identity {
        key_holder("did", self.did().as_str(), at)
    }
}

impl Holder {
    /// Whose wallet it is, in words of no provider, beside the holder: possession of a key, and no more. `at` is when the
    /// token was validated.
    ///
    /// Never accepted: who the holder is, a wallet's signature does not say. A [`Review`] does.
    pub fn into_report(self, at: SystemTime) -> Report<Self> {
        let kind = if self.is_did() { "did" } else { "public_key" };
        let identity = key_holder(kind, self.as_str(), at);
        let decision = Decision::needs_action(PROVIDER, at, [Reason::IdentityNotChecked]);
        Report::new(self, identity, decision)
    }
}

fn key_holder(kind: &str, text: &str, at: SystemTime) -> Identity {
    let proven = Provenance::new(PROVIDER, VerificationMethod::PossessionOfKey, at).checked_at(at);
    let mut identity = Identity::new();
    identity.add(Attribute::new(Identifier::new(kind, text), proven.clone()));
    identity.assurance_mut().add(proven);
    identity
}

/// An application as KYC-Chain itself shows it.
///
/// Only [`Client::review`] makes one: there is no public constructor and no
/// `Deserialize`. An [`Application`] alone may come from any relying party, and a status in a webhook from anybody.
///
/// ```compile_fail,E0451
/// # fn forge(application: kyckit::selfkey::model::Application) {
/// let forged = kyckit::selfkey::Review { application, read_at: std::time::SystemTime::UNIX_EPOCH };
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Review {
    application: Application,
    read_at: SystemTime,
}

impl Review {
    /// Call it after the ids were compared.
    fn new(application: Application, read_at: SystemTime) -> Self {
        Self { application, read_at }
    }

    /// The application.
    pub fn application(&self) -> &Application {
        &self.application
    }

    /// When it was read, by the client's clock: a manager can reopen any application.
    pub fn read_at(&self) -> SystemTime {
        self.read_at
    }

    /// The application in words of no provider, beside the application itself.
    pub fn into_report(self) -> Report<Self> {
        let (identity, decision) = (self.identity(), self.decision());
        Report::new(self, identity, decision)
    }

    fn decision(&self) -> Decision {
        let at = self.read_at;
        let Some(status) = self.application.status else {
            return Decision::pending(PROVIDER, at, Reason::StatusUnknown);
        };
        let decision = match status {
            Status::Approved => Decision::accepted(PROVIDER, at),
            Status::Rejected => Decision::declined(PROVIDER, at, [Reason::Unspecified]),
            Status::UserDeclined => Decision::declined(PROVIDER, at, [Reason::RefusedByPerson]),
            Status::Canceled => Decision::declined(PROVIDER, at, [Reason::CancelledByPerson]),
            Status::AdditionalRequested => {
                Decision::needs_action(PROVIDER, at, [Reason::MoreInformationNeeded])
            }
            Status::UserProcessingRequirement => {
                Decision::needs_action(PROVIDER, at, [Reason::OpenVerification])
            }
            Status::ManagerAssigned | Status::DataCheck | Status::Uploaded | Status::PartiallyApproved => {
                Decision::pending(PROVIDER, at, Reason::ManualReview)
            }
            Status::Other(_) => Decision::pending(PROVIDER, at, Reason::StatusUnknown),
            Status::Missing
            | Status::InProgress
            | Status::Invited
            | Status::UserProcessing
            | Status::CorporateDetails
            | Status::SendTokens
            | Status::Reopened => Decision::pending(PROVIDER, at, Reason::InProgress),
        };
        decision.with_codes([status.code().to_string()])
    }

    /// What the applicant handed in, in words of no provider.
    pub fn identity(&self) -> Identity {
        let is_approved = self.application.status == Some(Status::Approved);
        let mut reader = Reader {
            attributes: self.application.attributes_by_type(),
            is_approved,
            read_at: self.read_at,
            identity: Identity::new(),
        };
        if is_approved {
            let attested = Provenance::new(PROVIDER, VerificationMethod::Attested, self.read_at);
            reader.identity.assurance_mut().add(attested);
        }
        reader.read();
        reader.identity
    }
}

impl Client {
    /// Reads an application for its decision: [`application`](Self::application) with all fields, as a value that only
    /// this call makes.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// let report = client.review("5f1e2c").await?.into_report();
    /// if report.decision().is_accepted() {
    ///     println!("proven: {:?}", report.identity().assurance());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call; [`ProviderId`](crate::ErrorKind::Provider) with the [check](Error::check) `answer.application` when the
    /// answer is about another application.
    pub async fn review(&self, id: &str) -> Result<Review, Error> {
        let application = self.read_application("review", id, &[]).await?;
        Ok(Review::new(application, self.clock().now()))
    }
}

struct Reader {
    attributes: ByType<ApplicationAttribute>,
    is_approved: bool,
    read_at: SystemTime,
    identity: Identity,
}

impl Reader {
    fn read(&mut self) {
        self.name();
        for (date, provenance) in self.each("dateOfBirth", |value| day(Some(value))) {
            self.identity.add(Attribute::new(BirthDate(date), provenance));
        }
        for (country, provenance) in self.each("nationality", |value| text(value.get("country"))) {
            self.identity.add(Attribute::new(Nationality(country), provenance));
        }
        for (key, kind) in [("email", ContactKind::Email), ("phoneNumber", ContactKind::Phone)] {
            for (value, provenance) in self.each(key, |value| text(Some(value))) {
                self.identity.add(Attribute::new(Contact::new(kind, value), provenance));
            }
        }
        for key in ["physicalAddress", "countryOfResidency"] {
            for (address, provenance) in self.each(key, address) {
                self.identity.add(Attribute::new(address, provenance));
            }
        }
        for (key, kind) in [
            ("passport", "passport"),
            ("nationalId", "id_card"),
            ("driversLicense", "driving_license"),
            ("nationalIdNumber", "national_id"),
        ] {
            for (document, provenance) in self.each(key, |value| Some(document(kind, value))) {
                let until: Option<Date> = document.expires.map(Pii::into_exposed);
                self.identity.add(Attribute::new(document, provenance.valid_until(until)));
            }
        }
    }

    /// The parts stand in attributes of their own; the whole rests on the one that says least.
    fn name(&mut self) {
        let keys = ["firstName", "middleName", "lastName"];
        let [given, middle, family] =
            keys.map(|key| self.each(key, |value| text(Some(value))).into_iter().next());
        let weakest = [&given, &middle, &family]
            .into_iter()
            .flatten()
            .map(|(_, provenance)| provenance)
            .min_by_key(|provenance| match provenance.method() {
                VerificationMethod::CheckFailed => 0,
                VerificationMethod::SelfAsserted => 1,
                _ => 2,
            })
            .cloned();
        let Some(provenance) = weakest else { return };
        let [given, middle, family] = [given, middle, family].map(|part| part.map(|(value, _)| value));
        let name = Name { given, middle, family, full: None };
        self.identity.add(Attribute::new(name, provenance));
    }

    /// What stands under a type, where it can be read, with what it rests on.
    fn each<T>(&self, key: &str, read: impl Fn(&Value) -> Option<T>) -> Vec<(T, Provenance)> {
        self.attributes
            .get(key)
            .iter()
            .filter_map(|attribute| {
                let data = attribute.data.as_ref()?.expose();
                let means = match attribute.valid {
                    Some(false) => VerificationMethod::CheckFailed,
                    _ if self.is_approved => VerificationMethod::Attested,
                    _ => VerificationMethod::SelfAsserted,
                };
                // Older wallets wrap the value once more.
                let value = data.get("value").unwrap_or(data);
                Some((read(value)?, Provenance::new(PROVIDER, means, self.read_at)))
            })
            .collect()
    }
}

fn address(value: &Value) -> Option<Address> {
    let lines: Vec<&str> = ["address_line_1", "address_line_2"]
        .into_iter()
        .filter_map(|line| value.get(line)?.as_str())
        .filter(|line| !line.is_empty())
        .collect();
    let address = Address {
        kind: None,
        formatted: None,
        street: (!lines.is_empty()).then(|| Pii::new(lines.join("\n"))),
        locality: text(value.get("city")),
        region: text(value.get("province")),
        postal_code: text(value.get("postalcode")),
        country: text(value.get("country")),
    };
    (address != Address::default()).then_some(address)
}

fn document(kind: &str, value: &Value) -> Document {
    Document {
        kind: Some(Pii::from(kind)),
        number: text(value.get("id_number")),
        country: text(value.get("issuing_country")),
        issued: day(value.get("issued")),
        expires: day(value.get("expires")),
    }
}

fn text(value: Option<&Value>) -> Option<Pii<String>> {
    value?.as_str().filter(|text| !text.is_empty()).map(Pii::from)
}

fn day(value: Option<&Value>) -> Option<Pii<Date>> {
    value?.as_str()?.parse().ok().map(Pii::new)
}
