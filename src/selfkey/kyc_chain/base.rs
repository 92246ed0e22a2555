//! Where an instance's APIs are.

use url::Url;

use crate::{error::Error, transport};

/// The base of one of an instance's two APIs.
pub(super) fn base(instance: &str, api: &str, allow_plain: bool) -> Result<Url, Error> {
    transport::base_url(&format!("{}/{api}", instance.trim_end_matches('/')), allow_plain)
}
