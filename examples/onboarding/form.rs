//! The person's form: read, validated, and passed to the flow as self-asserted.

use kyckit::{
    credo360, flow,
    identity::{Attribute, Contact, ContactKind, Identifier, Identity, Name},
    privacy::Pii,
    provider::ProviderId,
    selfkey::{self, Did},
};
use url::form_urlencoded;

use super::visit::Visit;

const LONGEST_NAME: usize = 120;
const LONGEST_MAIL: usize = 254;

/// The fields of a form, or of a query.
pub struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn read(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first value of a field, without blanks around it; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }
}

/// The person's own statements.
#[derive(Clone, Default)]
pub struct Details {
    pub name: Pii<String>,
    pub mail: Pii<String>,
    pub credo_id: Pii<String>,
    pub did: Pii<String>,
}

/// A field with something wrong in it: its name, and the word for what is wrong.
pub type Wrong = (&'static str, &'static str);

impl Details {
    pub fn of(fields: &Fields) -> Self {
        Self { name: fields.get("name").into(), mail: fields.get("mail").into(), ..Self::default() }
            .with(fields)
    }

    /// The same with what another provider needs.
    pub fn with(mut self, fields: &Fields) -> Self {
        for (field, value) in [("credo_id", &mut self.credo_id), ("did", &mut self.did)] {
            if !fields.get(field).is_empty() {
                *value = fields.get(field).into();
            }
        }
        self
    }

    /// What has to be mended before this provider is asked.
    pub fn wrong(&self, provider: ProviderId) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let name = self.name.expose();
        if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            wrong.push(("name", "name_wrong"));
        }
        let mail = self.mail.expose();
        let is_mail = mail.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !mail.contains(char::is_whitespace)
        });
        if !is_mail || mail.len() > LONGEST_MAIL {
            wrong.push(("mail", "mail_wrong"));
        }
        if provider == credo360::PROVIDER && credo360::HandleId::new(self.credo_id.expose()).is_err() {
            wrong.push(("credo_id", "credo_id_wrong"));
        }
        if provider == selfkey::PROVIDER && Did::parse(self.did.expose().as_str()).is_err() {
            wrong.push(("did", "did_wrong"));
        }
        wrong
    }
}

impl Visit {
    /// The statements that this provider needs, and no more.
    pub fn known(&self, now: std::time::SystemTime) -> Identity {
        let source = ProviderId::new("sign-up");
        let mut known = Identity::new();
        let mut name = Name::default();
        name.full = Some(self.details.name.clone());
        known.add(Attribute::self_asserted(name, source, now));
        let mail = Contact::new(ContactKind::Email, self.details.mail.clone());
        known.add(Attribute::self_asserted(mail, source, now));
        let own = [
            (credo360::PROVIDER, flow::credo360::IDENTIFIER, &self.details.credo_id),
            (selfkey::PROVIDER, flow::selfkey::IDENTIFIER, &self.details.did),
        ];
        for (_, kind, value) in own.into_iter().filter(|(provider, _, _)| *provider == self.provider) {
            known.add(Attribute::self_asserted(Identifier::new(kind, value.clone()), source, now));
        }
        known
    }
}
