//! The API's wrapping: `{"success": …, "data": …}`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};

/// The member `data` of an answer, which has to be there and no `null`. The answer itself has to be an object: serde
/// would take a list of its members' values as well.
pub(in crate::credify) struct Data<T>(pub(in crate::credify) T);

/// The member `data` of an answer that may lack it.
pub(super) struct MaybeData<T>(pub(super) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Data<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let MaybeData(data) = MaybeData::deserialize(deserializer)?;
        data.map(Self).ok_or_else(|| D::Error::missing_field("data"))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for MaybeData<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Option<T>, A::Error> {
                let mut data = None;
                while let Some(name) = members.next_key::<String>()? {
                    if name == "data" {
                        data = members.next_value()?;
                    } else {
                        members.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(data)
            }
        }

        deserializer.deserialize_map(Members(PhantomData)).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::decode;

    #[derive(Debug, Deserialize)]
    struct Inner {
        offers: Vec<u8>,
    }

    #[test]
    fn data_has_to_be_there_and_is_named_when_it_is_not() {
        let path = |body: &str| match decode::json::<Data<Inner>>(body.as_bytes()) {
            Ok(Data(inner)) => format!("{}", inner.offers.len()),
            Err(error) => error.path().unwrap_or_default().to_owned(),
        };
        assert_eq!(path(r#"{"success":true,"data":{"offers":[1,2]},"more":{}}"#), "2");
        assert_eq!(path(r#"{"success":true}"#), "data");
        assert_eq!(path(r#"{"data":null}"#), "data");
        assert_eq!(path(r#"{"data":{}}"#), "data.offers");
        assert_eq!(path(r#"[{"offers":[]}]"#), ".");
        assert_eq!(path(""), ".");
    }

    #[test]
    fn data_that_may_be_missing_is_nothing_then() {
        for body in ["{}", r#"{"data":null}"#] {
            assert!(decode::json::<MaybeData<Inner>>(body.as_bytes()).expect(body).0.is_none());
        }
        assert!(decode::json::<MaybeData<Inner>>(br#"{"data":[]}"#).is_err());
    }
}
