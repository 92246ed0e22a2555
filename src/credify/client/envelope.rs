//! The envelope of the API's responses: `{"success": …, "data": …}`.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor},
};

use crate::{
    credify::failure::Dialect,
    error::Error,
    transport::{BufferedResponse, Call, decode},
    wire::unread::{Message, Unread},
};

/// What stands under `data`.
pub(in crate::credify) trait Content: DeserializeOwned {
    /// What has to be of its type, as in [`Message::STRICT`].
    fn strict() -> Vec<String>;

    /// Keeps what could not be read.
    fn keep(&mut self, unread: Unread);
}

impl<T: Message> Content for T {
    fn strict() -> Vec<String> {
        T::STRICT.iter().map(|path| (*path).to_owned()).collect()
    }

    fn keep(&mut self, unread: Unread) {
        *self.unread_mut() = unread;
    }
}

/// Sends a call, and gives the content of its response.
pub(super) async fn data<T: Content>(call: Call<'_>) -> Result<T, Error> {
    data_and_response(call).await.map(|(data, _)| data)
}

/// The same for a call with a response that names what it is about.
pub(super) async fn data_and_response<T: Content>(call: Call<'_>) -> Result<(T, BufferedResponse), Error> {
    let response = call.send().await?;
    match read(&response.body, |Data(data)| Some(data)) {
        Ok(Data(data)) => Ok((data, response)),
        Err(error) => Err(Dialect::Api.unusable(&response, error)),
    }
}

/// The same for a call with a response that may lack `data`.
pub(super) async fn data_or_none<T: Content>(call: Call<'_>) -> Result<Option<T>, Error> {
    let response = call.send().await?;
    read(&response.body, |MaybeData(data)| data.as_mut())
        .map(|MaybeData(data)| data)
        .map_err(|error| Dialect::Api.unusable(&response, error))
}

/// Reads a body as `Data` or [`MaybeData`] of a content, in which side members may be of another type than documented.
///
/// # Errors
///
/// [`Decode`](crate::ErrorKind::Decode) with the path.
fn read<T: Content, W: DeserializeOwned>(
    body: &[u8],
    content: impl FnOnce(&mut W) -> Option<&mut T>,
) -> Result<W, Error> {
    let strict: Vec<String> = T::strict().iter().map(|path| format!("data.{path}")).collect();
    let strict: Vec<&str> = strict.iter().map(String::as_str).collect();
    let (mut wrapped, unread) = decode::lenient::<W>(body, &strict)?;
    if let Some(content) = content(&mut wrapped) {
        content.keep(unread);
    }
    Ok(wrapped)
}

/// Declares a content that is a list of messages under a name.
macro_rules! list_of {
    ($name:ident, $list:ident: $element:ty) => {
        #[derive(serde::Deserialize)]
        struct $name {
            $list: Vec<$element>,
        }

        impl $crate::credify::client::envelope::Content for $name {
            fn strict() -> Vec<String> {
                use $crate::wire::unread::Message;
                <$element>::STRICT.iter().map(|path| format!("{}[].{path}", stringify!($list))).collect()
            }

            fn keep(&mut self, unread: $crate::wire::unread::Unread) {
                use $crate::wire::unread::Message;
                // No element is missing: what is strict in it protects it.
                for (at, element) in self.$list.iter_mut().enumerate() {
                    let place = format!("data.{}[{at}]", stringify!($list));
                    *element.unread_mut() = unread.below(&place);
                }
            }
        }
    };
}

pub(in crate::credify) use list_of;

/// The member `data` of a response, which has to be there and no `null`. The response itself has to be an object: serde
/// would take a list of its members' values as well.
pub(in crate::credify) struct Data<T>(pub(in crate::credify) T);

/// The member `data` of a response that may lack it.
struct MaybeData<T>(Option<T>);

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
    use serde_json::json;

    use super::*;
    use crate::{
        credify::{
            authority::Introspection,
            model::{Offer, Order},
        },
        wire::unread::property,
    };

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

    fn reader<T: Content>(body: &[u8]) -> Result<T, Error> {
        read(body, |Data(data)| Some(data)).map(|Data(data)| data)
    }

    #[test]
    fn any_side_member_of_an_offer_may_be_anything() {
        let offer = json!({
            "id": "o", "code": "c", "review_status": "APPROVED", "conditions": [null], "required_custom_scopes": [],
            "evaluation_result": {"rank": 1, "used_scopes": ["openid"], "requested_scopes": ["openid", "x"]},
            "campaign": {"id": "c", "name": "n", "consumer": {"id": "s", "app_url": "https://x.example"},
                "levels": ["l"], "published": true, "extra_steps": false, "use_referral": true, "status": "APPROVED"},
            "ppi": 1,
        });
        property::holds(
            &[json!({"success": true, "data": offer})],
            &Offer::STRICT.iter().map(|path| format!("data.{path}")).collect::<Vec<_>>(),
            reader::<Offer>,
            Offer::unread,
            |offer| serde_json::to_string(offer).expect("JSON"),
        );
    }

    #[test]
    fn any_side_member_of_an_order_may_be_anything() {
        let order = json!({
            "id": "o", "reference_id": "r", "total_amount": {"value": "1", "currency": "VND"}, "order_status": "PAID",
            "order_lines": [{"name": "n", "reference_id": "l", "image_url": "https://x.example", "quantity": 2.5,
                "unit_price": {"value": "1", "currency": "VND"}, "category": "c", "measurement_unit": "EA"}],
            "payment_recipient": {"name": "n", "number": "1", "branch": "b", "bank": "k", "type": "BANK_ACCOUNT"},
            "bnpl_account_number": "1", "created_at": "x",
        });
        property::holds(
            &[json!({"data": order})],
            &Order::STRICT.iter().map(|path| format!("data.{path}")).collect::<Vec<_>>(),
            reader::<Order>,
            Order::unread,
            |order| serde_json::to_string(order).expect("JSON"),
        );
    }

    #[test]
    fn any_side_member_of_an_introspection_may_be_anything() {
        let known = json!({
            "active": true, "scope": "openid", "client_id": "c", "aud": ["a"], "sub": "s", "exp": 1, "iat": 1,
            "iss": "i", "token_type": "access_token", "ext": {"a": 1},
        });
        property::holds(
            &[json!({"data": known})],
            &Introspection::STRICT.iter().map(|path| format!("data.{path}")).collect::<Vec<_>>(),
            reader::<Introspection>,
            Introspection::unread,
            |known| {
                format!(
                    "{:?}{:?}{:?}{:?}",
                    known.issued_at,
                    known.issuer,
                    known.token_type,
                    known.extra.expose()
                )
            },
        );
    }

    #[test]
    fn each_offer_of_a_list_keeps_what_could_not_be_read_of_it() {
        list_of!(Offers, offers: Offer);
        let body = br#"{"data":{"offers":[{"id":"a"},{"id":"b","campaign":{"name":{}}}]}}"#;
        let offers = reader::<Offers>(body).expect("read").offers;
        assert!(offers[0].unread().is_empty());
        assert_eq!(offers[1].unread()[0].path(), "campaign.name");
        let error =
            reader::<Offers>(br#"{"data":{"offers":[{"id":"a"},{"id":[]}]}}"#).err().expect("refused");
        assert_eq!(error.path(), Some("data.offers[1].id"));
    }
}
