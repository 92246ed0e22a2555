//! SelfKey's signatures, URLs, attributes and templates.

use serde_json::Value;
use url::Url;

use crate::{
    crypto::secp256k1,
    error::Error,
    selfkey::{
        Dialect, RelyingPartyConfig, Subject,
        attribute::{self, ByType, SchemaId},
        config::Resolved,
        model::{self, Template, TemplateSummary},
        signer::WalletSignature,
    },
};

/// Checks that a signature is the subject's.
///
/// # Errors
///
/// [`Signature`](crate::ErrorKind::Signature) when it is not.
pub fn check_signature(signature: &WalletSignature, subject: &Subject, message: &str) -> Result<(), Error> {
    signature.check(subject, message)
}

/// Body of the reply to a challenge.
pub fn challenge_reply(subject: &Subject, signature: &WalletSignature) -> Value {
    subject.reply(signature)
}

/// URLs that follow from a configuration.
#[derive(Debug)]
pub struct Urls(Resolved);

impl Urls {
    /// Reads a configuration in the current dialect.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for one that is not usable.
    pub fn new(config: RelyingPartyConfig) -> Result<Self, Error> {
        Resolved::new(config, Dialect::Current, false).map(Self)
    }

    /// Origin that the client sends.
    pub fn origin(&self) -> &str {
        self.0.origin()
    }

    /// Configuration that the URLs are made from.
    pub fn config(&self) -> &RelyingPartyConfig {
        self.0.config()
    }

    /// URL of a challenge for a subject.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when there is none.
    pub fn challenge(&self, subject: &str) -> Result<Url, Error> {
        self.0.challenge(subject)
    }

    /// URL that the reply to a challenge goes to.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when there is none.
    pub fn challenge_reply(&self) -> Result<Url, Error> {
        self.0.challenge_reply()
    }

    /// URL of an endpoint by its name, with values for its parameters.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when there is none.
    pub fn named(&self, name: &str, values: &[(&str, &str)]) -> Result<Url, Error> {
        self.0.named(name, values)
    }
}

/// Sorts by the type of the schema.
pub fn by_type<T>(
    things: impl IntoIterator<Item = T>,
    schema: impl Fn(&T) -> Result<SchemaId, String>,
) -> ByType<T> {
    attribute::by_type(things, schema)
}

/// Attributes of an application as a list of JSON values; none for what is not an object.
pub fn attribute_list(map: &Value) -> Option<Value> {
    serde_json::to_value(model::attribute_list(map.as_object()?)).ok()
}

/// Reads a template in full.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when it cannot be read.
pub fn template(answer: Value) -> Result<Template, Error> {
    model::read_template(answer)
}

/// Reads a list of templates.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) when it cannot be read.
pub fn templates(answer: Value) -> Result<Vec<TemplateSummary>, Error> {
    model::read_templates(answer)
}

/// Hash of a message under the prefix of Ethereum's wallets.
pub fn personal_message_hash(message: &[u8]) -> [u8; 32] {
    secp256k1::personal_message_hash(message)
}
