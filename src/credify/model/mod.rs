//! The wire types, named with the provider's own terms. Members that have no field are kept in `extra`.

mod entity;
mod offer;
mod order;
mod simulation;
mod token;
mod words;

use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::wire;

pub use entity::{
    Address, DateOfBirth, EmailAddress, EntityKeys, EntityName, EntityProfile, GovernmentId, Nationality,
    PhoneNumber,
};
pub use offer::{
    BnplInfo, Campaign, CampaignFilter, CampaignPage, Category, EvaluationResult, Offer, OfferQuery,
    Organization, Purchase,
};
pub use order::{
    NewOrder, NewOrderLine, Order, OrderCompletion, OrderLine, PaymentRecipient, Quantity, TransactionUpdate,
};
pub use simulation::{Simulation, SimulationInputs, SimulationProduct};
pub use token::UserToken;
pub use words::{
    CampaignStatus, DisputeReason, DisputeStatus, DocumentType, IdentityDocumentType, OfferStatus,
    OrderStatus, OrganizationCategory, ProductType, TransactionStatus,
};

/// A text, or a number as text. `""` stays `""`: the provider sends it where it means it.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Number(number) => Some(wire::json::number_text(&number)),
        Value::Bool(_) => return Err(mistyped("a flag")),
        Value::Array(_) => return Err(mistyped("a list")),
        Value::Object(_) => return Err(mistyped("an object")),
    })
}

fn mistyped<E: de::Error>(what: &str) -> E {
    E::invalid_type(de::Unexpected::Other(what), &"a text")
}
