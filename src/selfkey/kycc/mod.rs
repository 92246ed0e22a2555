//! KYC-Chain, server to server.
//!
//! | what | where | shown at the door |
//! | --- | --- | --- |
//! | all applications and users of an instance: read, changed, commented | [`integrations`] | the instance's API key |
//! | the data behind one user's token | [`user_data`] | the token itself |
//! | word that an application moved | [`webhook`] | nothing: a hint to read again |
//!
//! Of the three, the first two are asked over TLS and answer for themselves. The webhook carries no signature, so
//! nothing that it says is believed: [`webhook::StatusHint::confirm`] reads the application with the API key.

pub mod integrations;
pub mod user_data;
pub mod webhook;

use crate::{error::Error, transport};

/// The base of one of an instance's two APIs.
fn base(instance: &str, api: &str, allow_plain: bool) -> Result<url::Url, Error> {
    transport::base_url(&format!("{}/{api}", instance.trim_end_matches('/')), allow_plain)
}
