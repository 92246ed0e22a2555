//! The body of a request in one copy.
//!
//! The small members are written as JSON text; a proof leaves only its place and its prefix. Then the exact length is
//! known, and text and base64 go straight into one buffer of that length: the base64 of a file is written once, is never
//! a `String`, and is never scanned for characters to escape.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

use super::{Field, Reference};
use crate::{
    date::Date,
    privacy::Pii,
    shuftipro::{
        model::{
            AddressType, AmlType, ConsentType, DocumentType, Gender, QuestionnaireType, SearchType,
            VerificationMode,
        },
        proof::Proof,
    },
};

/// Keys that the caller set himself.
pub(super) type Raw = BTreeMap<String, Pii<Value>>;

/// A body under construction.
pub(super) struct Body<'a> {
    text: Vec<u8>,
    /// Where in the text the base64 of which file belongs.
    proofs: Vec<(usize, &'a Proof)>,
}

/// A JSON object under construction.
pub(super) struct Object<'b, 'a> {
    body: &'b mut Body<'a>,
    raw: Option<&'a Raw>,
    empty: bool,
}

/// What can stand in a body.
pub(super) trait Encode {
    fn encode<'a>(&'a self, body: &mut Body<'a>);
}

impl<'a> Body<'a> {
    /// The bytes of what is encoded.
    pub(super) fn of(root: &'a (impl Encode + ?Sized)) -> Bytes {
        let mut body = Body { text: Vec::new(), proofs: Vec::new() };
        root.encode(&mut body);
        Bytes::from(body.assemble())
    }

    fn assemble(self) -> Vec<u8> {
        let files: usize = self.proofs.iter().map(|(_, proof)| proof.base64_len()).sum();
        // Zeroed by the system, not by us: large buffers come as fresh pages.
        let mut bytes = vec![0; self.text.len() + files];
        let mut filled = 0;
        let mut taken = 0;
        for (place, proof) in self.proofs {
            let text = &self.text[taken..place];
            bytes[filled..filled + text.len()].copy_from_slice(text);
            filled += text.len();
            filled += proof.encode_into(&mut bytes[filled..]);
            taken = place;
        }
        bytes[filled..].copy_from_slice(&self.text[taken..]);
        bytes
    }

    /// Writes an object.
    pub(super) fn object(&mut self, raw: Option<&'a Raw>, write: impl FnOnce(&mut Object<'_, 'a>)) {
        self.text.push(b'{');
        let mut object = Object { body: self, raw, empty: true };
        write(&mut object);
        for (key, value) in raw.into_iter().flatten() {
            object.key(key);
            object.body.json(value.expose());
        }
        self.text.push(b'}');
    }

    fn json(&mut self, value: &(impl serde::Serialize + ?Sized)) {
        #[allow(clippy::expect_used)]
        serde_json::to_writer(&mut self.text, value).expect("texts and JSON values can be written to a Vec");
    }

    fn list<T: Encode>(&mut self, values: &'a [T]) {
        self.text.push(b'[');
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.text.push(b',');
            }
            value.encode(self);
        }
        self.text.push(b']');
    }
}

impl<'a> Object<'_, 'a> {
    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.empty) {
            self.body.text.push(b',');
        }
        self.body.json(key);
        self.body.text.push(b':');
    }

    /// A member that is always there.
    pub(super) fn member(&mut self, key: &str, value: &'a (impl Encode + ?Sized)) {
        if self.raw.is_none_or(|raw| !raw.contains_key(key)) {
            self.key(key);
            value.encode(self.body);
        }
    }

    /// A number that is a text on the wire, or absent.
    pub(super) fn number_text(&mut self, key: &str, number: Option<u32>) {
        if let Some(number) = number
            && self.raw.is_none_or(|raw| !raw.contains_key(key))
        {
            self.key(key);
            self.body.json(&number.to_string());
        }
    }

    /// A member that may be absent.
    pub(super) fn optional(&mut self, key: &str, value: &'a Option<impl Encode>) {
        if let Some(value) = value {
            self.member(key, value);
        }
    }

    /// A member with three states.
    pub(super) fn field(&mut self, key: &str, field: &'a Field<impl Encode>) {
        match field {
            Field::Absent => {}
            Field::Empty => self.member(key, ""),
            Field::Value(value) => self.member(key, value),
        }
    }

    /// A list that is absent when it is empty.
    pub(super) fn list(&mut self, key: &str, values: &'a Vec<impl Encode>) {
        if !values.is_empty() {
            self.member(key, values);
        }
    }
}

impl Encode for str {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.json(self);
    }
}

impl Encode for String {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        self.as_str().encode(body);
    }
}

/// The provider's flags are the texts `"0"` and `"1"`.
impl Encode for bool {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.json(if *self { "1" } else { "0" });
    }
}

impl Encode for u32 {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.json(self);
    }
}

impl Encode for Value {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.json(self);
    }
}

impl Encode for Date {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.json(self);
    }
}

impl<T: Encode> Encode for Pii<T> {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        self.expose().encode(body);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.list(self);
    }
}

impl Encode for Proof {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.text.push(b'"');
        body.text.extend_from_slice(self.prefix().as_bytes());
        body.proofs.push((body.text.len(), self));
        body.text.push(b'"');
    }
}

macro_rules! words {
    ($($type:ty),+ $(,)?) => {$(
        impl Encode for $type {
            fn encode<'a>(&'a self, body: &mut Body<'a>) {
                self.as_str().encode(body);
            }
        }
    )+};
}

words!(
    AddressType,
    AmlType,
    ConsentType,
    DocumentType,
    Gender,
    QuestionnaireType,
    Reference,
    SearchType,
    VerificationMode,
);

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;

    struct Two(Proof, Proof);

    impl Encode for Two {
        fn encode<'a>(&'a self, body: &mut Body<'a>) {
            body.object(None, |object| {
                object.member("a", &self.0);
                object.member("text", "\"\\\n\u{1}é");
                object.member("b", &self.1);
                object.member("c", &self.0);
            });
        }
    }

    fn png(len: usize) -> Proof {
        let mut bytes = b"\x89PNG\r\n\x1A\n".to_vec();
        bytes.resize(len, 0xA5);
        Proof::png(bytes).expect("a PNG header")
    }

    #[test]
    fn proofs_land_where_they_belong_in_one_buffer_of_the_exact_size() {
        for len in 8..14 {
            let two = Two(png(len), png(len + 1));
            let mut body = Body { text: Vec::new(), proofs: Vec::new() };
            two.encode(&mut body);
            let bytes = body.assemble();
            assert_eq!(bytes.len(), bytes.capacity(), "a larger buffer would be copied when it is shrunk");
            let url = |len| format!("data:image/png;base64,{}", STANDARD.encode(png(len).bytes()));
            let expected = serde_json::json!({
                "a": url(len), "text": "\"\\\n\u{1}é", "b": url(len + 1), "c": url(len),
            });
            assert_eq!(serde_json::from_slice::<Value>(&bytes).expect("JSON"), expected);
        }
    }

    #[test]
    fn a_raw_key_replaces_the_typed_one() {
        struct Any(Raw);
        impl Encode for Any {
            fn encode<'a>(&'a self, body: &mut Body<'a>) {
                body.object(Some(&self.0), |object| {
                    object.member("a", "typed");
                    object.member("b", "typed");
                });
            }
        }
        let raw = Any(Raw::from([
            ("a".to_owned(), Pii::new(Value::from(1))),
            ("n\"ew".to_owned(), Pii::new(Value::Null)),
        ]));
        assert_eq!(Body::of(&raw), r#"{"b":"typed","a":1,"n\"ew":null}"#);
        assert_eq!(Body::of(&Any(Raw::new())), r#"{"a":"typed","b":"typed"}"#);
    }
}
