//! Lenient reading of JSON: numbers as text, `[]` in place of an object, `""` in place of nothing, and unlisted words.
//! Knows no provider.
//!
//! The functions are for `#[serde(deserialize_with)]`, the types for what stands inside of maps and lists. All of them
//! read `null`, `""` and an absent key as nothing, and none of them quotes a value in its error.

#[allow(clippy::disallowed_methods, reason = "this is the one reader that the others are sent to")]
pub(crate) mod json;
mod open_enum;
pub(crate) mod unique;
pub(crate) mod unread;
pub(crate) mod words;

#[allow(unused_imports, reason = "a build without a provider has no wire words")]
pub(crate) use open_enum::open_enum;

use std::{borrow::Cow, cell::Cell, collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{
        self, Error as _, IgnoredAny, IntoDeserializer as _, MapAccess, SeqAccess, Unexpected, Visitor,
        value::BorrowedStrDeserializer,
    },
};
use serde_json::Value;

use crate::privacy::Pii;

/// A text or a number as text; `None` for `null`, `""` and `[]`.
pub(crate) fn text<'de, D: Deserializer<'de>, T: From<String>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => (!text.is_empty()).then(|| T::from(text)),
        Value::Number(number) => Some(T::from(json::number_text(&number))),
        Value::Array(list) if list.is_empty() => None,
        other => return Err(mistyped(&other, &"a text")),
    })
}

/// [`text`], marked as personal.
pub(crate) fn personal<'de, D, T>(deserializer: D) -> Result<Option<Pii<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: From<String>,
{
    text(deserializer).map(|text| text.map(Pii::new))
}

/// A list of texts without its empty members; a single text is a list of one. As [`list`], an object with positions for
/// names is a list too.
pub(crate) fn texts<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Texts::deserialize(deserializer).map(|texts| texts.0)
}

/// A number, also as text.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    const WHAT: &str = "a number";
    let number = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text.parse().ok(),
        other => return Err(mistyped(&other, &WHAT)),
    };
    number
        .filter(|number| number.is_finite())
        .map(Some)
        .ok_or_else(|| D::Error::invalid_value(Unexpected::Other("text"), &WHAT))
}

/// A whole number that is not negative, also as text and also as `33.0`.
pub(crate) fn whole<'de, D: Deserializer<'de>, T: From<u32>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let Some(number) = number(deserializer)? else { return Ok(None) };
    if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        return Ok(Some(T::from(number as u32)));
    }
    Err(D::Error::invalid_value(Unexpected::Float(0.5), &"a whole number that is not negative"))
}

/// A bool, also as `0`, `1`, `"0"` and `"1"`.
pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        Value::String(text) if text.is_empty() => Ok(None),
        Value::String(text) if text == "0" => Ok(Some(false)),
        Value::String(text) if text == "1" => Ok(Some(true)),
        Value::Number(number) if number.as_f64() == Some(0.0) => Ok(Some(false)),
        Value::Number(number) if number.as_f64() == Some(1.0) => Ok(Some(true)),
        other => Err(mistyped(&other, &"a flag")),
    }
}

/// A JSON bool; `None` for `null` and `""`.
pub(crate) fn only_bool<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag)),
        Value::String(text) if text.is_empty() => Ok(None),
        other => Err(mistyped(&other, &"a bool")),
    }
}

/// An object, or the default for `[]`, `""` and `null`.
pub(crate) fn object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    deserializer.deserialize_any(Object(PhantomData)).map(Option::unwrap_or_default)
}

/// An object and nothing else: serde would take a list of the values of a struct's fields as well.
pub(crate) fn only_object<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Members<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
            T::deserialize(de::value::MapAccessDeserializer::new(members))
        }
    }

    deserializer.deserialize_map(Members(PhantomData))
}

/// [`only_object`] inside of a map, a list or an option.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(transparent, bound = "T: Deserialize<'de>")]
pub(crate) struct OnlyObject<T>(#[serde(deserialize_with = "only_object")] pub T);

/// An object and nothing else, or `None` for `null`.
pub(crate) fn optional_object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<OnlyObject<T>>::deserialize(deserializer).map(|object| object.map(|OnlyObject(object)| object))
}

/// An object with a meaning in its presence alone: `Some(default)` for `[]`, `""` and `null`.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    object(deserializer).map(Some)
}

/// An object with at least one key, and `None` for `{}`, `[]`, `""` and `null`.
pub(crate) fn filled<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(Filled(PhantomData))
}

/// A map; empty for `[]`, `""` and `null`. A key that comes twice is refused.
pub(crate) fn map<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    object::<D, Unique<T>>(deserializer).map(|unique| unique.0)
}

/// A list; empty for `""` and `null`. An object with positions for names is a list too.
pub(crate) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(List(PhantomData))
}

/// [`text`] inside of a map or list.
#[derive(Deserialize)]
#[serde(transparent, bound = "T: From<String>")]
pub(crate) struct Text<T: From<String>>(#[serde(deserialize_with = "text")] pub Option<T>);

/// [`map`] inside of a map or list.
#[derive(Deserialize)]
#[serde(transparent, bound = "T: Deserialize<'de>")]
pub(crate) struct Map<T>(#[serde(deserialize_with = "map")] pub BTreeMap<String, T>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

/// [`list`] inside of a map or list.
#[derive(Deserialize)]
#[serde(transparent, bound = "T: Deserialize<'de>")]
pub(crate) struct Items<T>(#[serde(deserialize_with = "list")] pub Vec<T>);

/// [`texts`] inside of a map or list.
pub(crate) struct Texts<T>(pub Vec<T>);

// Whether a number alone arrives as a number or as a map of serde_json's own depends on features that any crate in the
// graph can turn on.
impl<'de, T: From<String>> Deserialize<'de> for Texts<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen<T>(PhantomData<T>);

        impl<'de, T: From<String>> Visitor<'de> for Seen<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of texts")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
                Ok(Vec::new())
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
                Ok(if text.is_empty() { Vec::new() } else { vec![T::from(text.to_owned())] })
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Vec<T>, E> {
                self.number(number.into())
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Vec<T>, E> {
                self.number(number.into())
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Vec<T>, E> {
                self.number(number.into())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
                let mut texts = Vec::new();
                while let Some(Text(text)) = list.next_element()? {
                    texts.extend(text);
                }
                Ok(texts)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
                let mut texts = Vec::new();
                while let Some(name) = list.next_key::<String>()? {
                    if name == json::NUMBER {
                        let number: String = list.next_value()?;
                        let number = number.parse().map_err(|_| A::Error::custom("this is no number"))?;
                        return self.number(Value::Number(number));
                    }
                    position::<A::Error>(&name)?;
                    let Text(text) = list.next_value()?;
                    texts.extend(text);
                }
                Ok(texts)
            }
        }

        impl<T: From<String>> Seen<T> {
            fn number<E: de::Error>(self, value: Value) -> Result<Vec<T>, E> {
                match value {
                    Value::Number(number) => Ok(vec![T::from(json::number_text(&number))]),
                    other => Err(mistyped(&other, &"a list of texts")),
                }
            }
        }

        deserializer.deserialize_any(Seen(PhantomData)).map(Self)
    }
}

/// Says what stood there by its kind alone.
fn mistyped<E: de::Error>(value: &Value, expected: &dyn de::Expected) -> E {
    E::invalid_type(
        match value {
            Value::Null => Unexpected::Unit,
            Value::Bool(flag) => Unexpected::Bool(*flag),
            Value::Number(_) => Unexpected::Other("number"),
            Value::String(_) => Unexpected::Other("text"),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        },
        expected,
    )
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(None)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<T>, E> {
        if text.is_empty() { Ok(None) } else { Err(E::invalid_type(Unexpected::Other("text"), &self)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<T>, A::Error> {
        match list.next_element::<IgnoredAny>()? {
            None => Ok(None),
            Some(_) => Err(A::Error::invalid_type(Unexpected::Seq, &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        let map = Members { map, is_first: true };
        T::deserialize(de::value::MapAccessDeserializer::new(map)).map(Some)
    }
}

/// Members of an object, and of nothing else: with its feature `arbitrary_precision`, serde_json shows a number as a
/// map with one private key.
struct Members<A> {
    map: A,
    is_first: bool,
}

/// How serde_json names the only member of a number. No text from outside has such a member.
const NUMBER: &str = "$serde_json::private::Number";

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<A> {
    type Error = A::Error;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        if !std::mem::take(&mut self.is_first) {
            return self.map.next_key_seed(seed);
        }
        let Some(Name(name)) = self.map.next_key()? else { return Ok(None) };
        if name == NUMBER {
            return Err(A::Error::invalid_type(Unexpected::Other("number"), &"an object"));
        }
        match name {
            Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
            Cow::Owned(name) => seed.deserialize(name.into_deserializer()),
        }
        .map(Some)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// A member's name, borrowed unless something in it is escaped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Filled<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Filled<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
        Object(PhantomData).visit_unit()
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<T>, E> {
        Object(PhantomData).visit_str(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Option<T>, A::Error> {
        Object(PhantomData).visit_seq(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        let keys = Cell::new(0);
        let value = Object(PhantomData).visit_map(Counted { map, keys: &keys })?;
        Ok(value.filter(|_| keys.get() > 0))
    }
}

/// Counts the keys that pass.
struct Counted<'a, A> {
    map: A,
    keys: &'a Cell<usize>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Counted<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        let key = self.map.next_key_seed(seed)?;
        self.keys.set(self.keys.get() + usize::from(key.is_some()));
        Ok(key)
    }

    fn next_value_seed<V: de::DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

struct Unique<T>(BTreeMap<String, T>);

impl<T> Default for Unique<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Unique<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Seen<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Seen<T> {
            type Value = BTreeMap<String, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut map = BTreeMap::new();
                while let Some((key, value)) = entries.next_entry()? {
                    if map.insert(key, value).is_some() {
                        return Err(A::Error::custom("a key comes twice"));
                    }
                }
                Ok(map)
            }
        }

        deserializer.deserialize_map(Seen(PhantomData)).map(Self)
    }
}

struct List<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
        if text.is_empty() { Ok(Vec::new()) } else { Err(E::invalid_type(Unexpected::Other("text"), &self)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element()? {
            list.push(element);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(name) = elements.next_key::<String>()? {
            position::<A::Error>(&name)?;
            list.push(elements.next_value()?);
        }
        Ok(list)
    }
}

/// The position of an element as the name of a member: PHP writes a list with gaps, and an empty list that it was asked
/// to write as an object, as `{"0":…,"2":…}` and `{}`.
fn position<E: de::Error>(name: &str) -> Result<(), E> {
    if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(E::invalid_type(Unexpected::Map, &"a list"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::decode;

    open_enum! {
        /// For the test.
        pub enum Colour {
            Red = "red",
            DarkBlue = "dark-blue",
        }
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Inner {
        #[serde(deserialize_with = "text")]
        name: Option<String>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Outer {
        #[serde(deserialize_with = "text")]
        colour: Option<Colour>,
        #[serde(deserialize_with = "texts")]
        colours: Vec<Colour>,
        #[serde(deserialize_with = "number")]
        score: Option<f64>,
        #[serde(deserialize_with = "whole")]
        age: Option<u32>,
        #[serde(deserialize_with = "flag")]
        flag: Option<bool>,
        #[serde(deserialize_with = "only_bool")]
        desktop: Option<bool>,
        #[serde(deserialize_with = "object")]
        inner: Inner,
        #[serde(deserialize_with = "present")]
        there: Option<Inner>,
        #[serde(deserialize_with = "filled")]
        filled: Option<Inner>,
        #[serde(deserialize_with = "map")]
        map: BTreeMap<String, Inner>,
        #[serde(deserialize_with = "list")]
        list: Vec<Inner>,
    }

    fn read(body: &str) -> Outer {
        decode::json(body.as_bytes()).expect(body)
    }

    fn refused_at(body: &str) -> String {
        let error = decode::json::<Outer>(body.as_bytes()).expect_err(body);
        error.path().unwrap_or_default().to_owned()
    }

    #[test]
    fn every_spelling_of_nothing_is_nothing() {
        for nothing in ["null", "\"\"", "[]"] {
            let body = format!(
                r#"{{"colour":{nothing},"colours":{nothing},"inner":{nothing},"filled":{nothing},"map":{nothing},"list":{nothing}}}"#
            );
            assert_eq!(read(&body), Outer::default(), "{nothing}");
        }
        assert_eq!(read(r#"{"score":null,"age":"","flag":"","desktop":""}"#), Outer::default());
        assert_eq!(read(r#"{"filled":{}}"#).filled, None);
        assert_eq!(read(r#"{"filled":{"new":1}}"#).filled, Some(Inner::default()));
        for there in ["null", "\"\"", "[]", "{}"] {
            assert_eq!(read(&format!(r#"{{"there":{there}}}"#)).there, Some(Inner::default()));
        }
    }

    #[test]
    fn numbers_come_as_text_and_texts_as_numbers() {
        let outer = read(
            r#"{"colour":7,"colours":["red","",null,7],"score":"51.6","age":"33","flag":"1","inner":{"name":1.5}}"#,
        );
        assert_eq!(outer.colour, Some(Colour::Other("7".into())));
        assert_eq!(outer.colours, [Colour::Red, Colour::Other("7".into())]);
        assert_eq!((outer.score, outer.age, outer.flag), (Some(51.6), Some(33), Some(true)));
        assert_eq!(outer.inner.name.as_deref(), Some("1.5"));
        assert_eq!(read(r#"{"age":33.0}"#).age, Some(33));
        assert_eq!(read(r#"{"flag":0}"#).flag, Some(false));
        assert_eq!(read(r#"{"colours":"dark-blue"}"#).colours, [Colour::DarkBlue]);
        assert_eq!(read(r#"{"desktop":true}"#).desktop, Some(true));
    }

    #[test]
    fn a_list_with_gaps_comes_as_an_object() {
        let outer = read(r#"{"colours":{"0":"red","2":"dark-blue"},"list":{"1":{"name":"a"},"3":{}}}"#);
        assert_eq!(outer.colours, [Colour::Red, Colour::DarkBlue]);
        assert_eq!(outer.list, [Inner { name: Some("a".into()) }, Inner::default()]);
        assert_eq!(read(r#"{"colours":{},"list":{}}"#), Outer::default());
    }

    #[test]
    fn what_does_not_fit_is_an_error_with_its_path() {
        assert_eq!(refused_at(r#"{"colour":{}}"#), "colour");
        assert_eq!(refused_at(r#"{"colours":["red",{}]}"#), "colours[1]");
        assert_eq!(refused_at(r#"{"score":"Jane"}"#), "score");
        assert_eq!(refused_at(r#"{"score":"NaN"}"#), "score");
        assert_eq!(refused_at(r#"{"age":-1}"#), "age");
        assert_eq!(refused_at(r#"{"age":1.5}"#), "age");
        assert_eq!(refused_at(r#"{"flag":2}"#), "flag");
        assert_eq!(refused_at(r#"{"desktop":"1"}"#), "desktop");
        assert_eq!(refused_at(r#"{"inner":"Jane"}"#), "inner");
        assert_eq!(refused_at(r#"{"inner":[1]}"#), "inner");
        assert_eq!(refused_at(r#"{"filled":{"name":[1]}}"#), "filled.name");
        assert_eq!(refused_at(r#"{"map":{"a":{"name":{}}}}"#), "map.a.name");
        assert_eq!(refused_at(r#"{"list":[{},{"name":{}}]}"#), "list[1].name");
        assert_eq!(refused_at(r#"{"list":{"name":{}}}"#), "list");
        assert_eq!(refused_at(r#"{"colours":{"first":"red"}}"#), "colours");
        assert!(decode::json::<Outer>(br#"{"map":{"a":{},"a":{}}}"#).is_err());
    }

    #[test]
    fn an_unlisted_word_is_kept_and_shown_only_while_it_looks_like_a_word() {
        let word = Colour::from("Jane Roe");
        assert_eq!(word.as_str(), "Jane Roe");
        assert!(!word.is_known());
        assert_eq!(format!("{word} {word:?}"), "[redacted] Other([redacted])");
        assert_eq!(format!("{} {:?}", Colour::from("teal"), Colour::from("teal")), "teal Other(teal)");
        assert_eq!(format!("{} {:?}", Colour::DarkBlue, Colour::DarkBlue), "dark-blue DarkBlue");
        assert_eq!(serde_json::to_string(&word).expect("text"), r#""Jane Roe""#);
    }
}
