//! Decentralised identifiers, as far as SelfKey knows them: their syntax.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{error::Error, privacy::REDACTED};

/// The maximum length of an identifier. Those of the two methods in use have at most a hundred characters.
const MAX_BYTES: usize = 1024;
/// The fragment of the one key that every SelfKey identity has.
const KEY: &str = "#keys-1";

/// A decentralised identifier: `did:` method `:` id, then any number of `;name:name=value`.
///
/// Words are letters, digits and underscores. The text is kept as it came, since it is compared byte for byte: with
/// the key id, and as the subject of tokens. It leads to a person's wallet, so `Debug` shows the method alone.
///
/// ```
/// use kyckit::selfkey::did::Did;
///
/// let did: Did =
///     "did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347".parse()?;
/// assert_eq!(
///     (did.method(), did.id()),
///     ("eth", "0x5f2e5edc747a92821d16ab36a77ac729f5e66347")
/// );
/// assert!(did.key_id().ends_with("#keys-1"));
/// assert!("did:web:example.com".parse::<Did>().is_err());
/// # Ok::<(), kyckit::Error>(())
/// ```
///
/// Source: the provider's library, `src/did`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Did {
    text: String,
    /// Where the method ends.
    method: usize,
    /// Where the id ends.
    id: usize,
}

impl Did {
    /// Reads an identifier.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with the field `did` for anything else, also for one with
    /// a path, a query or a fragment.
    pub fn parse(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        let (method, id) = Self::ends(&text).ok_or_else(|| Error::invalid("did", "this is not a DID"))?;
        Ok(Self { text, method, id })
    }

    fn ends(text: &str) -> Option<(usize, usize)> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut parts = text.split(';');
        let (method, id) = parts.next()?.strip_prefix("did:")?.split_once(':')?;
        let words = [method, id].into_iter().all(is_word);
        let parameters = parts.all(|part| {
            part.split_once('=').is_some_and(|(name, value)| {
                is_word(value)
                    && name.split_once(':').is_some_and(|(first, second)| is_word(first) && is_word(second))
            })
        });
        let method = "did:".len() + method.len();
        (words && parameters).then_some((method, method + 1 + id.len()))
    }

    /// Reads a SelfKey identity as an application stored it: the whole identifier, or its id alone.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and for an identifier of another method.
    pub fn selfkey(stored: &str) -> Result<Self, Error> {
        let id = stored.strip_prefix("did:selfkey:").unwrap_or(stored);
        Self::parse(format!("did:selfkey:{id}"))
    }

    /// The identifier of whoever holds the key of an Ethereum address: `did:eth:` and the address.
    pub(crate) fn eth(address: &str) -> Self {
        let text = format!("did:eth:{address}");
        let (method, id) = ("did:eth".len(), text.len());
        Self { text, method, id }
    }

    /// Returns the whole text, as it came.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the method, such as `eth` or `selfkey`.
    pub fn method(&self) -> &str {
        &self.text["did:".len()..self.method]
    }

    /// Returns what the method knows the identity by.
    pub fn id(&self) -> &str {
        &self.text[self.method + 1..self.id]
    }

    /// Returns the parameters, in order: name with its colon, such as `selfkey:chain`, and value.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.text[self.id..].split(';').filter_map(|part| part.split_once('='))
    }

    /// Returns the value of a parameter; the last one of a name counts.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters().filter(|(found, _)| *found == name).last().map(|(_, value)| value)
    }

    /// Returns whether the provider's software knows the method: `eth` and `selfkey`, in lower case.
    pub fn is_supported(&self) -> bool {
        matches!(self.method(), "eth" | "selfkey")
    }

    /// Returns the id of the key that signs for this identity: the whole identifier with its parameters, and `#keys-1`.
    pub fn key_id(&self) -> String {
        format!("{}{KEY}", self.text)
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl FromStr for Did {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Serialize for Did {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Did {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(String::deserialize(deserializer)?).map_err(|_| de::Error::custom("not a DID"))
    }
}

impl fmt::Debug for Did {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = if self.is_supported() { self.method() } else { REDACTED };
        write!(f, "did:{method}:{REDACTED}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_read_is_kept_to_the_byte(text in "did:[a-z]{1,8}:[0-9a-zA-Z_]{1,70}(;[a-z]{1,8}:[a-z]{1,8}=[0-9a-z_]{1,8}){0,3}") {
            let did = Did::parse(text.clone()).expect("a DID");
            prop_assert_eq!(did.as_str(), &text);
            let parameters: String = did.parameters().map(|(name, value)| format!(";{name}={value}")).collect();
            prop_assert_eq!(format!("did:{}:{}{parameters}", did.method(), did.id()), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = Did::parse(text.clone());
            let _ = Did::parse(format!("did:{text}"));
        }
    }

    #[test]
    fn parameters_are_named_in_two_words_and_the_last_one_counts() {
        let did = Did::parse("did:selfkey:0x11;selfkey:chain=ropsten;a:b=c;a:b=d").expect("a DID");
        assert_eq!(did.parameter("selfkey:chain"), Some("ropsten"));
        assert_eq!(did.parameter("a:b"), Some("d"));
        assert_eq!(did.parameter("chain"), None);
        assert_eq!(did.key_id(), "did:selfkey:0x11;selfkey:chain=ropsten;a:b=c;a:b=d#keys-1");
        for bad in [
            "did:a:b;",
            "did:a:b;c=d",
            "did:a:b;c:d",
            "did:a:b;c:d=",
            "did:a:b;:d=e",
            "did:a:b;c:d=e=f",
            "did:a:b c",
        ] {
            assert!(Did::parse(bad).is_err(), "{bad}");
        }
        assert!(Did::parse(format!("did:a:{}", "b".repeat(2000))).is_err());
    }

    #[test]
    fn a_stored_identity_is_the_same_with_and_without_its_prefix() {
        let whole = Did::selfkey("did:selfkey:0x11").expect("a DID");
        assert_eq!(Did::selfkey("0x11").expect("a DID"), whole);
        assert_eq!(whole.as_str(), "did:selfkey:0x11");
        for bad in ["", "did:selfkey:", "did:eth:0x11", "0x11#keys-1"] {
            assert!(Did::selfkey(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_identity_does_not_show_itself() {
        let did = Did::parse("did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347").expect("a DID");
        assert_eq!(format!("{did:?}"), "did:eth:[redacted]");
        assert_eq!(format!("{:?}", Did::parse("did:jane:roe").expect("a DID")), "did:[redacted]:[redacted]");
    }
}
