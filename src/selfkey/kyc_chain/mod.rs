//! KYC-Chain, server to server.
//!
//! | what | where | shown at the door |
//! | --- | --- | --- |
//! | all applications and users of an instance: read, changed, commented | [`Client`] | the instance's API key |
//! | the data behind one user's token | [`user_data`] | the token itself |
//! | word that an application moved | [`webhook`] | nothing: a hint to read again |
//!
//! Of the three, the first two are read over TLS, from the host that is asked. The webhook carries no signature, so
//! nothing that it says is believed: [`webhook::StatusHint::confirm`] reads the application with the API key.

mod base;
mod builder;
mod client;
mod download;
mod filters;
mod identity;
mod pages;
mod request;
mod response;
pub mod user_data;
pub mod webhook;

pub use builder::Builder;
pub use client::Client;
pub use download::File;
pub use filters::Filters;
pub use identity::Review;
pub use request::{Attachment, NewAttribute, NewQuestion};
