//! The description of a call before there was [`call`](super::call): goes when its last user is ported.

use http::{HeaderMap, HeaderName, Method};
use url::Url;

use super::{AddressPolicy, ApiClient, Authorize, BufferedResponse, Limits, Payload, retry::Idempotency};
use crate::error::Error;

pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Payload,
    pub(crate) idempotency: Idempotency,
    pub(crate) limits: Limits,
    pub(crate) authorize: Option<&'a dyn Authorize>,
    pub(crate) classify: &'a (dyn Fn(&BufferedResponse) -> Result<(), Error> + Send + Sync),
    pub(crate) request_id: Option<HeaderName>,
    pub(crate) addresses: AddressPolicy,
    pub(crate) one_object: bool,
}

impl ApiClient {
    pub(crate) async fn send(&self, old: Call<'_>) -> Result<BufferedResponse, Error> {
        let mut call = self
            .call_url(old.operation, old.method, old.url)
            .payload(old.payload)
            .idempotency(old.idempotency)
            .limits(old.limits)
            .classifier(&old.classify)
            .request_id_header(old.request_id)
            .addresses(old.addresses)
            .about_one_object(old.one_object);
        call.headers = old.headers;
        call.credentials = old.authorize;
        call.send().await
    }
}
