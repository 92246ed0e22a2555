//! What the fake goes by.

use std::time::Duration;

use url::Url;

use crate::{clock::Clock, selfkey::did::Controllers};

/// The key of the integrations API. It guards nothing.
pub const API_KEY: &str = "sandbox-selfkey-api-key";

/// A wallet's private key for the examples. It is published with the crate and guards nothing.
pub const PRIVATE_KEY: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";

/// The template that is there by default: names, an e-mail address, the country of residency, a passport.
pub const TEMPLATE: &str = "5d1fb6f2a1d0a54ba1fe7a11";

/// What the fake goes by.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) clock: Clock,
    pub(super) challenge_ttl: Duration,
    pub(super) access_ttl: Duration,
    pub(super) max_file_bytes: u64,
    pub(super) controllers: Controllers,
    pub(super) progress: Vec<i64>,
    pub(super) webhook: Option<Url>,
}
