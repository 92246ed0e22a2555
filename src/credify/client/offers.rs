//! Offers: those that fit a user, and what becomes of them.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{
    Client,
    envelope::{self, Content, list_of},
    filled, known,
};
use crate::{
    credify::{
        failure::Dialect,
        model::{Offer, OfferQuery, ProductType, TransactionUpdate},
        money::Money,
    },
    error::{Error, ErrorKind},
    transport::decode,
    wire::unread::{Message as _, Unread},
};

/// An offer in a member of its own, or bare.
struct EitherOffer(Offer);

impl Content for EitherOffer {
    fn strict() -> Vec<String> {
        let bare = Offer::STRICT.iter().map(|path| (*path).to_owned());
        bare.chain(Offer::STRICT.iter().map(|path| format!("offer.{path}"))).collect()
    }

    fn keep(&mut self, unread: Unread) {
        *self.0.unread_mut() = unread;
    }
}

impl<'de> Deserialize<'de> for EitherOffer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Offer;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an offer")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Offer, A::Error> {
                let (mut offer, mut bare) = (None, Map::new());
                while let Some(name) = members.next_key::<String>()? {
                    if name == "offer" {
                        offer = members.next_value::<Option<Offer>>()?;
                    } else {
                        bare.insert(name, members.next_value()?);
                    }
                }
                // The error of serde_json quotes values.
                let unusable = |_| A::Error::custom("the offer cannot be read");
                offer.map(Ok).unwrap_or_else(|| Offer::deserialize(Value::Object(bare)).map_err(unusable))
            }
        }

        deserializer.deserialize_map(Members).map(Self)
    }
}

impl Client {
    /// The offers that fit a user of a market: `POST v1/claim-providers/offers`. It reads only, and is repeated when
    /// it fails.
    ///
    /// The API key needs `claim_provider:read_filtered_offers`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::credify::{Client, model::OfferQuery};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"offers":[{"code":"offer-1"}]}}"#),
    /// # ]));
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let query = OfferQuery::new("user-4711").phone_number("0381234567").country_code("84");
    /// let offers = client.offers(&query).await?;
    /// assert_eq!(offers[0].code.as_deref(), Some("offer-1"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call; an answer without a list of offers is [`Decode`](crate::ErrorKind::Decode).
    pub async fn offers(&self, query: &OfferQuery) -> Result<Vec<Offer>, Error> {
        self.list_offers("offers", query).await
    }

    pub(super) async fn list_offers(
        &self,
        operation: &'static str,
        query: &OfferQuery,
    ) -> Result<Vec<Offer>, Error> {
        list_of!(Offers, offers: Offer);

        let segments = ["v1", "claim-providers", "offers"];
        let call = self.0.api.post(operation, segments).json(&QueryWire::of(query)).idempotent();
        envelope::data::<Offers>(call).await.map(|wire| wire.offers)
    }

    /// One offer by its code: `GET v1/oidc-clients/offers/{code}`. Repeated when it fails.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// # use kyckit::credify::Client;
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"offer":{"code":"offer-1","review_status":"APPROVED"}}}"#),
    /// # ]));
    /// # let client = Client::builder("api-key").options(options).build()?;
    /// let offer = client.offer("offer-1").await?;
    /// println!("{:?}", offer.review_status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an empty code; nothing is sent then. As for every call.
    pub async fn offer(&self, code: &str) -> Result<Offer, Error> {
        // The SDK's response has the offer in a member of its own, the OpenAPI document has it bare.
        const OPERATION: &str = "offer";
        filled(OPERATION, "offer_code", code, "Offer code should not be blank")?;
        let segments = ["v1", "oidc-clients", "offers", code];
        let call = self.0.api.get(OPERATION, segments);
        let (EitherOffer(offer), response) = envelope::data_and_response(call).await?;
        response.is_about("answer.object", code, offer.code.as_deref())?;
        Ok(offer)
    }

    /// Tells how the transaction of an offer stands: `PUT v1/oidc-clients/offers/transactions/{id}/status`. Sent once.
    /// True when the provider took it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::credify::{Client, model::{TransactionStatus, TransactionUpdate}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true}"#),
    /// # ]));
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let update = TransactionUpdate::new(TransactionStatus::Completed);
    /// assert!(client.update_transaction("transaction-1", &update).await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an empty id or a status that is not one of the provider's;
    /// nothing is sent then. As for every call.
    pub async fn update_transaction(
        &self,
        transaction_id: &str,
        update: &TransactionUpdate,
    ) -> Result<bool, Error> {
        const OPERATION: &str = "update_transaction";
        filled(OPERATION, "id", transaction_id, "ID should not be blank")?;
        known(
            OPERATION,
            update.onboarding_status.is_known(),
            "onboarding_status",
            "The status needs to be one of PENDING, COMPLETED, FAILED",
        )?;
        let segments = ["v1", "oidc-clients", "offers", "transactions", transaction_id, "status"];
        let response = self.0.api.put(OPERATION, segments).json(update).send().await?;
        let read = decode::json(&response.body).and_then(|body: Value| {
            let Value::Object(members) = body else {
                return Err(Error::new(ErrorKind::Decode, "the response is not an object").with_path("."));
            };
            let missing = || Error::new(ErrorKind::Decode, "a member is missing").with_path("success");
            members.get("success").map(|success| *success == Value::Bool(true)).ok_or_else(missing)
        });
        read.map_err(|error| Dialect::Api.unusable(&response, error))
    }
}

/// The members of [`OfferQuery`] that are given, in the provider's order.
#[derive(Serialize)]
struct QueryWire<'a> {
    local_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credify_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_types: Option<&'a [ProductType]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bnpl: Option<PurchaseWire<'a>>,
}

#[derive(Serialize)]
struct PurchaseWire<'a> {
    item_category: &'a str,
    item_count: u64,
    total_amount: &'a Money,
}

impl<'a> QueryWire<'a> {
    fn of(query: &'a OfferQuery) -> Self {
        let phone_number = query.phone_number.as_ref().map(|number| number.expose().as_str());
        let country_code = query.country_code.as_deref().filter(|code| !code.is_empty());
        Self {
            local_id: query.local_id.expose(),
            phone_number: phone_number
                .filter(|number| !number.is_empty())
                .map(|number| number.strip_prefix('0').unwrap_or(number)),
            country_code: country_code
                .map(|code| if code.starts_with('+') { code.to_owned() } else { format!("+{code}") }),
            credify_id: query.credify_id.as_ref().map(|id| id.expose().as_str()).filter(|id| !id.is_empty()),
            product_types: query.product_types.as_deref(),
            bnpl: query.purchase.as_ref().map(|purchase| PurchaseWire {
                item_category: &purchase.item_category,
                item_count: purchase.item_count,
                total_amount: &purchase.total_amount,
            }),
        }
    }
}
