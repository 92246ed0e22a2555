//! Offers, the campaigns they belong to, and the organisations behind them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    text::text,
    words::{CampaignStatus, OfferStatus, OrganizationCategory, ProductType},
};
use crate::{
    credify::money::Money,
    privacy::Pii,
    wire::{
        self,
        unread::{Message, Unread, UnreadMember},
    },
};

/// An offer, as lists and the detail have it. Every member may be missing.
///
/// Source: the provider's OpenAPI types 1.0.0 and its reference servers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Offer {
    /// Its id.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its code, by which it is asked for and redeemed.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The campaign it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<Campaign>,
    /// What a person has to fulfil, level by level, as the offer evaluation takes it. A level may be `null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Vec<Value>>,
    /// What Credify's review says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_status: Option<OfferStatus>,
    /// The custom scopes a person has to share, level by level, as the offer evaluation takes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_custom_scopes: Option<Vec<Value>>,
    /// How far the person of the list fulfils it.
    #[serde(default, deserialize_with = "wire::optional_object", skip_serializing_if = "Option::is_none")]
    pub evaluation_result: Option<EvaluationResult>,
    /// Members that have no field here, such as `ppi`.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
    #[serde(skip)]
    unread: Unread,
}

impl Message for Offer {
    /// - `id` and `code`: which offer it is
    /// - the conditions, the scopes and the rank: whether a person fulfils it
    const STRICT: &'static [&'static str] =
        &["id", "code", "conditions", "required_custom_scopes", "evaluation_result?.rank"];

    fn unread_mut(&mut self) -> &mut Unread {
        &mut self.unread
    }
}

impl Offer {
    /// The members that are not of the documented type, and absent therefore.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }
}

/// The rank that a person reached, as a market's answer has it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct EvaluationResult {
    /// How many levels were passed.
    #[serde(default)]
    pub rank: u64,
    /// The scopes that were looked at to reach it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_scopes: Option<Vec<String>>,
    /// The scopes that all levels name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_scopes: Option<Vec<String>>,
}

/// A campaign of a service provider.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Campaign {
    /// Its id.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The service provider that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer: Option<Organization>,
    /// Its name.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is about.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its first day, in the provider's form.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// Its last day, in the provider's form.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// What each rank gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<Vec<Value>>,
    /// A picture.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub thumbnail_url: Option<String>,
    /// Whether it is shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<bool>,
    /// Its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<CampaignStatus>,
    /// Scopes with data that has to be verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_scopes: Option<Vec<Value>>,
    /// Whether there is more to do at the service provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extra_steps: Option<bool>,
    /// Whether people who refer others have something of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_referral: Option<bool>,
    /// Members that have no field here, such as `conversion_commission`.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

/// A service provider, as others see it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Organization {
    /// Its id: a UUID.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it does.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its site.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub app_url: Option<String>,
    /// Its logo.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
    /// The scopes it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<Value>>,
    /// Its trades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub categories: Option<Vec<Category>>,
    /// Members that have no field here.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
    #[serde(skip)]
    unread: Unread,
}

impl Message for Organization {
    /// - `id`: which organisation it is
    const STRICT: &'static [&'static str] = &["id"];

    fn unread_mut(&mut self) -> &mut Unread {
        &mut self.unread
    }
}

impl Organization {
    /// The members that are not of the documented type, and absent therefore.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }
}

/// A trade with its id.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Category {
    /// Its id.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<OrganizationCategory>,
    /// Members that have no field here.
    #[serde(flatten)]
    pub extra: BTreeMap<String, Value>,
}

/// One page of the campaigns of a service provider.
#[derive(Clone, Debug, Default, Deserialize)]
#[non_exhaustive]
pub struct CampaignPage {
    /// The campaigns.
    pub campaigns: Vec<Campaign>,
    /// Which page it is, from 1.
    #[serde(default)]
    pub page: Option<u64>,
    /// How many a page has.
    #[serde(default)]
    pub limit: Option<u64>,
    /// How many there are in all.
    #[serde(default)]
    pub total_count: Option<u64>,
    #[serde(skip)]
    unread: Unread,
}

impl Message for CampaignPage {
    /// - the ids: which campaigns they are
    /// - the numbers of the page: where the list ends
    const STRICT: &'static [&'static str] = &["campaigns[].id", "page", "limit", "total_count"];

    fn unread_mut(&mut self) -> &mut Unread {
        &mut self.unread
    }
}

impl CampaignPage {
    /// The members that are not of the documented type, and absent therefore.
    pub fn unread(&self) -> &[UnreadMember] {
        self.unread.members()
    }
}

/// What a person can pay later with.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct BnplInfo {
    /// True when there is an offer, or a provider that the person is a customer of.
    pub is_available: bool,
    /// Offers of providers that the person is no customer of yet.
    pub offers: Vec<Offer>,
    /// Providers that the person is a customer of.
    pub providers: Vec<Organization>,
}

/// What a market tells of a person to see which offers fit; members that are not given are not sent.
///
/// ```
/// use kyckit::credify::model::{OfferQuery, ProductType};
///
/// let query = OfferQuery::new("user-4711")
///     .phone_number("0381234567")
///     .country_code("84")
///     .product_types([ProductType::ConsumerBnpl]);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a query does nothing until it is asked"]
pub struct OfferQuery {
    pub(in crate::credify) local_id: Pii<String>,
    pub(in crate::credify) phone_number: Option<Pii<String>>,
    pub(in crate::credify) country_code: Option<String>,
    pub(in crate::credify) credify_id: Option<Pii<String>>,
    pub(in crate::credify) product_types: Option<Vec<ProductType>>,
    pub(in crate::credify) purchase: Option<Purchase>,
}

/// What is about to be bought, for offers to pay it later.
#[derive(Clone, Debug)]
pub struct Purchase {
    pub(in crate::credify) item_category: String,
    pub(in crate::credify) item_count: u64,
    pub(in crate::credify) total_amount: Money,
}

impl Purchase {
    /// A purchase by the category of its goods, their number, and what they cost in all.
    pub fn new(item_category: impl Into<String>, item_count: u64, total_amount: Money) -> Self {
        Self { item_category: item_category.into(), item_count, total_amount }
    }
}

impl OfferQuery {
    /// Offers for the user with this id at the market.
    pub fn new(local_id: impl Into<String>) -> Self {
        Self {
            local_id: Pii::new(local_id.into()),
            phone_number: None,
            country_code: None,
            credify_id: None,
            product_types: None,
            purchase: None,
        }
    }

    /// The user's telephone number without the country's code. One leading `0` is cut before it is sent.
    pub fn phone_number(mut self, number: impl Into<String>) -> Self {
        self.phone_number = Some(Pii::new(number.into()));
        self
    }

    /// The country's code, such as `+84`; the `+` may be left out.
    pub fn country_code(mut self, code: impl Into<String>) -> Self {
        self.country_code = Some(code.into());
        self
    }

    /// The user's Credify id.
    pub fn credify_id(mut self, id: impl Into<String>) -> Self {
        self.credify_id = Some(Pii::new(id.into()));
        self
    }

    /// Only offers of these products. An empty list is sent as such.
    pub fn product_types(mut self, types: impl IntoIterator<Item = ProductType>) -> Self {
        self.product_types = Some(types.into_iter().collect());
        self
    }

    /// Offers to pay this purchase later.
    pub fn purchase(mut self, purchase: Purchase) -> Self {
        self.purchase = Some(purchase);
        self
    }
}

/// Which campaigns to list. Default: the approved ones with approved offers.
#[derive(Clone, Debug)]
#[must_use = "a filter does nothing until it is asked with"]
pub struct CampaignFilter {
    pub(in crate::credify) offers: OfferStatus,
    pub(in crate::credify) campaigns: CampaignStatus,
    pub(in crate::credify) page_size: u32,
}

impl Default for CampaignFilter {
    fn default() -> Self {
        Self { offers: OfferStatus::Approved, campaigns: CampaignStatus::Approved, page_size: 100 }
    }
}

impl CampaignFilter {
    /// Approved campaigns with approved offers, a hundred at a time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Campaigns with offers in this state.
    pub fn offer_status(mut self, status: OfferStatus) -> Self {
        self.offers = status;
        self
    }

    /// Campaigns in this state.
    pub fn campaign_status(mut self, status: CampaignStatus) -> Self {
        self.campaigns = status;
        self
    }

    /// How many campaigns a request asks for, from 1 on. Default: 100.
    pub fn page_size(mut self, campaigns: u32) -> Self {
        self.page_size = campaigns.max(1);
        self
    }
}
