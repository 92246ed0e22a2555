//! JSON Web Keys (RFC 7517) as they are read, before they become a key for one purpose.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    crypto::rsa::{self, Components},
    error::Error,
    wire::unique,
};

/// No key is longer: an RSA key of 8192 bits has about 7,000 characters.
const MAX_LEN: usize = 16 * 1024;

/// Treatment of the labels `alg`, `use` and `key_ops` of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labels {
    /// Where they are there they must fit what the key is read for.
    Checked,
    /// They are passed over: for keys that a provider hands over with labels that only served some import function. The
    /// key is bound to what the caller says.
    Ignored,
}

/// Purpose of a key, in the words of RFC 7517 sections 4.2 to 4.4.
pub(super) struct Purpose {
    pub(super) key_type: &'static str,
    pub(super) key_use: &'static str,
    pub(super) operation: &'static str,
    pub(super) algorithms: &'static [&'static str],
}

/// The members of a key. Its texts are wiped when it is dropped.
pub(super) struct Jwk(Map<String, Value>);

impl Jwk {
    pub(super) fn read(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_LEN {
            return Err(Error::configuration("the JWK is longer than 16 KiB"));
        }
        unique::object(text.trim_start_matches('\u{feff}').trim().as_bytes())
            .map(Self)
            .ok_or_else(|| Error::configuration("the JWK is not a JSON object, or names a member twice"))
    }

    pub(super) fn from_members(members: Map<String, Value>) -> Self {
        Self(members)
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.text("kid")
    }

    /// Whether it holds a secret: such a key has no place in a published set.
    pub(super) fn is_secret(&self) -> bool {
        ["d", "k", "p", "q"].iter().any(|name| self.0.contains_key(*name))
    }

    /// Refuses the key unless it is of the type and, where labels count, labelled for the purpose.
    pub(super) fn expect(&self, purpose: &Purpose, labels: Labels) -> Result<(), Error> {
        if self.text("kty") != Some(purpose.key_type) {
            return Err(Error::configuration(format!("kty of the JWK is not {}", purpose.key_type)));
        }
        if labels == Labels::Ignored {
            return Ok(());
        }
        let fits = |name, accepted: &[&str]| match self.0.get(name) {
            None => true,
            Some(Value::String(text)) => accepted.contains(&text.as_str()),
            Some(_) => false,
        };
        if !fits("use", &[purpose.key_use]) {
            return Err(Error::configuration(format!("use of the JWK is not {}", purpose.key_use)));
        }
        if !fits("alg", purpose.algorithms) {
            return Err(Error::configuration(format!(
                "alg of the JWK is not {}",
                purpose.algorithms.join(" or ")
            )));
        }
        let allowed = match self.0.get("key_ops") {
            None => true,
            Some(Value::Array(operations)) => operations.iter().any(|one| one == purpose.operation),
            Some(_) => false,
        };
        if allowed {
            Ok(())
        } else {
            Err(Error::configuration(format!("key_ops of the JWK does not hold {}", purpose.operation)))
        }
    }

    pub(super) fn expect_curve(&self, curve: &'static str) -> Result<(), Error> {
        if self.text("crv") == Some(curve) {
            Ok(())
        } else {
            Err(Error::configuration(format!("crv of the JWK is not {curve}")))
        }
    }

    /// The bytes of a member. Padding is passed over: it is found in files that people edited.
    pub(super) fn bytes(&self, name: &'static str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let value = self
            .0
            .get(name)
            .ok_or_else(|| Error::configuration(format!("the JWK lacks the member {name}")))?;
        value
            .as_str()
            .and_then(|text| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok())
            .map(Zeroizing::new)
            .filter(|bytes| !bytes.is_empty())
            .ok_or_else(|| Error::configuration(format!("the member {name} of the JWK is not base64url")))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn rsa_public_key(&self) -> Result<rsa::PublicKey, Error> {
        rsa::PublicKey::from_components(&self.bytes("n")?, &self.bytes("e")?)
    }

    pub(super) fn rsa_private_key(&self) -> Result<rsa::PrivateKey, Error> {
        if self.has("oth") {
            return Err(Error::configuration(
                "RSA keys with more than two factors (member oth) are not accepted",
            ));
        }
        rsa::PrivateKey::from_components(&Components {
            n: &self.bytes("n")?,
            e: &self.bytes("e")?,
            d: &self.bytes("d")?,
            p: &self.bytes("p")?,
            q: &self.bytes("q")?,
            dp: &self.bytes("dp")?,
            dq: &self.bytes("dq")?,
            qi: &self.bytes("qi")?,
        })
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

impl Drop for Jwk {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}
