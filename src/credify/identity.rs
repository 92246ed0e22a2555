//! From what a person shares to the provider-neutral identity, assurance and decision.
//!
//! A market signs each scope on its own. A scope whose signature was checked is that market's word, so what is in it is
//! [attested](VerificationMethod::Attested); every other scope is the connection's word and counts as self-asserted. The signature says
//! that the market made the claims, and not of whom: that they are this person's rests on the person's access token, with
//! which the answer was asked for.
//!
//! | of the scopes that you require | decision |
//! | --- | --- |
//! | every one was shared, and its signature was checked | accepted |
//! | one was not shared | needs action: the person has not consented |
//! | one was shared, and its signature was not checked | pending: read it again with the market's key |
//! | none is required | needs action: nothing was asked, so nothing was checked |

use std::time::SystemTime;

use serde_json::Value;

use super::{
    PROVIDER,
    userinfo::{ScopeClaims, UserInfo},
};
use crate::{
    date::Date,
    identity::{
        Address, Attribute, BirthDate, Contact, ContactKind, Decision, Gender, Identifier, Identity, Name,
        Provenance, Reason, Report, VerificationMethod,
    },
    privacy::Pii,
    provider::{Capabilities, Countries, PersonAction},
};

/// What Credify can do.
pub const CAPABILITIES: Capabilities = Capabilities::new(
    PROVIDER,
    &[VerificationMethod::Attested],
    Countries::Unstated,
    &[PersonAction::OpenUrl, PersonAction::Consent],
);

impl UserInfo {
    /// What was shared in words of no provider, beside the answer itself. `required` are the scopes without which you
    /// cannot decide; `read_at` is when the answer was received.
    ///
    /// ```no_run
    /// # fn run(info: kyckit::credify::userinfo::UserInfo, now: std::time::SystemTime) {
    /// let report = info.into_report(&["profile", "phone"], now);
    /// if report.decision().is_accepted() {
    ///     println!("proven: {:?}", report.identity().assurance());
    /// }
    /// # }
    /// ```
    pub fn into_report(self, required: &[&str], read_at: SystemTime) -> Report<Self> {
        let decision = decision(&self, required, read_at);
        let identity = self.identity(read_at);
        Report::new(self, identity, decision)
    }

    /// What was shared, in words of no provider. `read_at` is when the answer was received.
    pub fn identity(&self, read_at: SystemTime) -> Identity {
        let mut identity = Identity::new();
        let stated = Provenance::self_asserted(PROVIDER, read_at);
        // Nobody signs the answer around the scopes.
        if let Some(subject) = self.subject() {
            identity.add(Attribute::new(Identifier::new("credify_id", *subject.expose()), stated.clone()));
        }
        for (scope, claims) in self.scopes() {
            let provenance = match claims {
                ScopeClaims::Verified(_) => Provenance::new(PROVIDER, VerificationMethod::Attested, read_at),
                ScopeClaims::Unverified(_) => stated.clone(),
            };
            if claims.is_verified() {
                identity.assurance_mut().add(provenance.clone());
            }
            read(scope, claims.expose(), &provenance, &mut identity);
        }
        identity
    }
}

fn decision(info: &UserInfo, required: &[&str], at: SystemTime) -> Decision {
    let scopes: Vec<Option<&ScopeClaims>> = required.iter().map(|scope| info.scope(scope)).collect();
    if scopes.is_empty() {
        Decision::needs_action(PROVIDER, at, [Reason::IdentityNotChecked])
    } else if scopes.iter().any(Option::is_none) {
        Decision::needs_action(PROVIDER, at, [Reason::ConsentMissing])
    } else if scopes.iter().flatten().all(|claims| matches!(claims, ScopeClaims::Verified(_))) {
        Decision::accepted(PROVIDER, at)
    } else {
        Decision::pending(PROVIDER, at, Reason::SignatureNotVerified)
    }
}

/// The standard scopes. Custom ones have names and meanings of their own: read them from the answer.
fn read(scope: &str, claims: &Value, provenance: &Provenance, identity: &mut Identity) {
    match scope {
        "profile" => profile(claims, provenance, identity),
        "phone" => contact(ContactKind::Phone, claims.get("phone_number"), provenance, identity),
        "email" => contact(ContactKind::Email, claims.get("email"), provenance, identity),
        "address" => {
            if let Some(address) = claims.get("address").and_then(address) {
                identity.add(Attribute::new(address, provenance.clone()));
            }
        }
        _ => {}
    }
}

fn profile(claims: &Value, provenance: &Provenance, identity: &mut Identity) {
    let name = Name {
        given: text(claims.get("given_name")),
        middle: text(claims.get("middle_name")),
        family: text(claims.get("family_name")),
        full: text(claims.get("name")),
    };
    if name != Name::default() {
        identity.add(Attribute::new(name, provenance.clone()));
    }
    let day = claims.get("birthdate").and_then(Value::as_str).and_then(|day| day.parse::<Date>().ok());
    if let Some(day) = day {
        identity.add(Attribute::new(BirthDate(Pii::new(day)), provenance.clone()));
    }
    if let Some(gender) = text(claims.get("gender")) {
        identity.add(Attribute::new(Gender(gender), provenance.clone()));
    }
}

fn contact(kind: ContactKind, value: Option<&Value>, provenance: &Provenance, identity: &mut Identity) {
    if let Some(value) = text(value) {
        identity.add(Attribute::new(Contact::new(kind, value), provenance.clone()));
    }
}

/// An object as OpenID Connect has it, or a text.
fn address(value: &Value) -> Option<Address> {
    let address = Address {
        kind: None,
        formatted: text(Some(value)).or_else(|| text(value.get("formatted"))),
        street: text(value.get("street_address")),
        locality: text(value.get("locality")),
        region: text(value.get("region")),
        postal_code: text(value.get("postal_code")),
        country: text(value.get("country")),
    };
    (address != Address::default()).then_some(address)
}

fn text(value: Option<&Value>) -> Option<Pii<String>> {
    value?.as_str().filter(|text| !text.is_empty()).map(Pii::from)
}
