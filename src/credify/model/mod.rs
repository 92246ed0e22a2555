//! The wire types, named with the provider's own terms. Members that have no field are kept in `extra`.

mod entity;
mod offer;
mod order;
mod simulation;
mod text;
mod token;
mod words;

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
