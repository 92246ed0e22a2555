//! Offers: those that fit a user, what becomes of them, the campaigns they belong to, what they would cost.

use std::fmt;

use futures_util::stream::BoxStream;
use http::Method;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{
    Ask, Client,
    answer::{Content, list_of},
    filled, named,
};
use crate::{
    credify::{
        PROVIDER,
        failure::Side,
        model::{
            BnplInfo, Campaign, CampaignFilter, CampaignPage, Offer, OfferQuery, Organization, ProductType,
            Simulation, SimulationInputs, TransactionUpdate,
        },
        money::Money,
    },
    error::{Error, ErrorKind},
    transport::{
        decode,
        pages::{Page, pages},
    },
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
    /// As for every call; an answer without a list of offers is [`Decode`](ErrorKind::Decode).
    pub async fn offers(&self, query: &OfferQuery) -> Result<Vec<Offer>, Error> {
        self.list_offers("offers", query).await
    }

    async fn list_offers(&self, operation: &'static str, query: &OfferQuery) -> Result<Vec<Offer>, Error> {
        list_of!(Offers, offers: Offer);

        let body = QueryWire::of(query);
        let ask = Ask::post(operation, &["v1", "claim-providers", "offers"], &body)?.again();
        self.data::<Offers>(ask).await.map(|wire| wire.offers)
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
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for an empty id or a status that is not one of the provider's;
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
        let answer = self.api(Ask::change(OPERATION, Method::PUT, &segments, update)?).await?;
        let read = decode::json(&answer.body).and_then(|body: Value| {
            let Value::Object(members) = body else {
                return Err(Error::new(ErrorKind::Decode, "the answer is not an object").with_path("."));
            };
            let missing = || Error::new(ErrorKind::Decode, "a member is missing").with_path("success");
            members.get("success").map(|success| *success == Value::Bool(true)).ok_or_else(missing)
        });
        read.map_err(|error| Side::Api.unusable(&answer, error))
    }

    /// The campaigns of the service provider, page after page as they are asked for:
    /// `GET v1/oidc-clients/campaigns`. They end after as many as the provider says that there are, or with an empty page.
    /// An error ends the stream.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use futures_util::TryStreamExt;
    /// use kyckit::credify::{Client, model::CampaignFilter};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"campaigns":[{"id":"c"}],"total_count":1}}"#),
    /// # ]));
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let mut campaigns = client.campaigns(&CampaignFilter::new());
    /// while let Some(campaign) = campaigns.try_next().await? {
    ///     println!("{:?}", campaign.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The stream gives those of [`campaign_page`](Self::campaign_page), and [`ProviderId`](ErrorKind::Provider) with the
    /// [check](Error::check) `list.repeated` when the pages bring the same campaigns again.
    pub fn campaigns(&self, filter: &CampaignFilter) -> BoxStream<'static, Result<Campaign, Error>> {
        let (client, filter) = (self.clone(), filter.clone());
        pages(
            (PROVIDER, "campaigns"),
            |campaign: &Campaign| campaign.id.as_deref(),
            move |at| {
                let (client, filter) = (client.clone(), filter.clone());
                async move {
                    let number = u32::try_from(at.page).unwrap_or(u32::MAX);
                    let found = client.campaign_page(&filter, number).await?;
                    Ok(Page { items: found.campaigns, total: found.total_count })
                }
            },
        )
    }

    /// One page of the campaigns, counted from 1. Repeated when it fails.
    ///
    /// ```no_run
    /// use kyckit::credify::model::CampaignFilter;
    ///
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// let first = client.campaign_page(&CampaignFilter::new(), 1).await?;
    /// println!("{} of {:?}", first.campaigns.len(), first.total_count);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for a status that is not one of the provider's; nothing is sent
    /// then. As for every call; an answer without a list of campaigns is [`Decode`](ErrorKind::Decode).
    pub async fn campaign_page(&self, filter: &CampaignFilter, page: u32) -> Result<CampaignPage, Error> {
        const OPERATION: &str = "campaigns";
        known(
            OPERATION,
            filter.offers.is_known(),
            "offer_status",
            "The status needs to be one of APPROVED, REJECTED, IN_REVIEW",
        )?;
        known(
            OPERATION,
            filter.campaigns.is_known(),
            "campaign_status",
            "The status needs to be one of APPROVED, REJECTED, IN_REVIEW, ARCHIVED, DRAFT",
        )?;
        let (page, limit) = (page.to_string(), filter.page_size.to_string());
        let query = [
            ("page", page.as_str()),
            ("limit", limit.as_str()),
            ("campaign_status", filter.campaigns.as_str()),
            ("offer_status", filter.offers.as_str()),
        ];
        self.data(Ask::get(OPERATION, &["v1", "oidc-clients", "campaigns"]).query(&query)).await
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
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for an empty code; nothing is sent then. As for every call.
    pub async fn offer(&self, code: &str) -> Result<Offer, Error> {
        // The SDK's answer has the offer in a member of its own, the OpenAPI document has it bare.
        const OPERATION: &str = "offer";
        filled(OPERATION, "offer_code", code, "Offer code should not be blank")?;
        let segments = ["v1", "oidc-clients", "offers", code];
        let (answer, EitherOffer(offer)) = self.data_and_answer(Ask::get(OPERATION, &segments)).await?;
        answer.is_about("answer.object", code, offer.code.as_deref())?;
        Ok(offer)
    }

    /// Whether and how a user of a market can pay later: offers, and for a user with a Credify id also the providers
    /// that the user is a customer of. Repeated when it fails.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// # use kyckit::credify::{Client, model::OfferQuery};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"offers":[]}}"#),
    /// # ]));
    /// # let client = Client::builder("api-key").options(options).build()?;
    /// let info = client.bnpl_info(&OfferQuery::new("user-4711")).await?;
    /// assert!(!info.is_available);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn bnpl_info(&self, query: &OfferQuery) -> Result<BnplInfo, Error> {
        let offers = self.list_offers("bnpl_info", query).await?;
        let credify_id = query.credify_id.as_ref().map(|id| id.expose().as_str()).unwrap_or_default();
        let providers = match credify_id {
            "" => Vec::new(),
            id => self.completed_bnpl_providers(id).await?,
        };
        Ok(BnplInfo { is_available: !offers.is_empty() || !providers.is_empty(), offers, providers })
    }

    /// The providers at which a person has completed the way to paying later:
    /// `GET v1/integration/bnpl-consumers/completed-bnpl-providers`. Repeated when it fails.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// for provider in client.completed_bnpl_providers("ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512").await? {
    ///     println!("{:?}", provider.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call; an answer without a list of providers is [`Decode`](ErrorKind::Decode).
    pub async fn completed_bnpl_providers(&self, credify_id: &str) -> Result<Vec<Organization>, Error> {
        list_of!(Providers, providers: Organization);

        filled("completed_bnpl_providers", "credify_id", credify_id, "the Credify id is empty")?;
        let query = [("credify_id", credify_id)];
        let segments = ["v1", "integration", "bnpl-consumers", "completed-bnpl-providers"];
        let ask = Ask::get("completed_bnpl_providers", &segments).query(&query);
        self.data::<Providers>(ask).await.map(|wire| wire.providers)
    }

    /// What a product would cost at providers:
    /// `POST v2/integration/claim-providers/products/{product type}/simulation`. It changes nothing, and is repeated
    /// when it fails. Without providers, all that sell the product are asked.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::credify::{Client, model::{ProductType, SimulationInputs}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"simulations":[]}}"#),
    /// # ]));
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let inputs = SimulationInputs::new().market("market-id").disbursement_date("2022-09-12");
    /// let simulation = client.simulate(&ProductType::ConsumerBnpl, &[], &inputs).await?;
    /// println!("{}", simulation.data());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn simulate(
        &self,
        product_type: &ProductType,
        provider_ids: &[&str],
        inputs: &SimulationInputs,
    ) -> Result<Simulation, Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            provider_ids: &'a [&'a str],
            inputs: &'a SimulationInputs,
        }

        const OPERATION: &str = "simulate";
        filled(OPERATION, "product_type", product_type.as_str(), "the product type is empty")?;
        let segments =
            ["v2", "integration", "claim-providers", "products", product_type.as_str(), "simulation"];
        let answer =
            self.api(Ask::post(OPERATION, &segments, &Wire { provider_ids, inputs })?.again()).await?;
        let body = decode::json(&answer.body).and_then(|body: Value| {
            let is_object = body.is_object();
            is_object
                .then_some(body)
                .ok_or_else(|| Error::new(ErrorKind::Decode, "the answer is not an object").with_path("."))
        });
        body.map(Simulation::new).map_err(|error| Side::Api.unusable(&answer, error))
    }
}

/// Refuses a word that the provider does not list before anything is sent.
fn known(
    operation: &'static str,
    is_known: bool,
    field: &'static str,
    what: &'static str,
) -> Result<(), Error> {
    if is_known { Ok(()) } else { Err(Error::invalid(field, what)).map_err(named(operation)) }
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
