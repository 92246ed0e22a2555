//! `POST /oidc`: the person came back, and what was shared is read.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    credify::{
        Client,
        authority::SharedAuthority,
        keys::DecryptionKey,
        server::{
            members::{object, text},
            rejection::Rejection,
            reply::{Reply, json_reply},
            request::Request,
        },
        service_provider::pending_authorization::PendingAuthorizations,
        userinfo::{ProviderKeys, UserInfoReader},
    },
    error::ErrorKind,
    privacy::{Pii, Secret},
};

struct CompleteRequest {
    access_token: Secret,
    state: String,
}

impl CompleteRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let body = object(body)?;
        match (text(&body, "access_token"), text(&body, "state")) {
            (Some(access_token), Some(state)) => Ok(Self { access_token: Secret::new(access_token), state }),
            _ => Err(Rejection::INVALID_BODY),
        }
    }
}

pub(in super::super) struct Complete {
    pub(in super::super) client: Client,
    pub(in super::super) authority: SharedAuthority,
    pub(in super::super) pending: Arc<PendingAuthorizations>,
    /// The private half of the key that the provider has on record.
    pub(in super::super) key_on_record: Option<DecryptionKey>,
    /// The market that shares the standard scopes.
    pub(in super::super) market_id: Option<String>,
}

impl Complete {
    pub(in super::super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let request = CompleteRequest::read(request.body)?;
        let begun = self.pending.redeem(&request.state).await?;
        let key = begun.and_then(|begun| begun.key.or_else(|| self.key_on_record.clone()));
        let key = key.ok_or(Rejection::Invalid("Request not found."))?;
        let info = self.userinfo(&request.access_token, &key).await?;
        Ok(json_reply(info.expose())?)
    }

    async fn userinfo(&self, access_token: &Secret, key: &DecryptionKey) -> Result<Pii<Value>, Rejection> {
        let mut keys = ProviderKeys::new(&self.authority);
        if let Some(market) = &self.market_id {
            keys = keys.standard_scopes_of(market);
        }
        let reader = UserInfoReader::new(key).verify_with(&keys);
        match self.client.userinfo(access_token, &reader).await {
            Ok(info) => Ok(info.to_unverified_value()),
            Err(error) if error.kind() == ErrorKind::Authentication => Err(Rejection::Unauthorized),
            Err(error) => Err(error.into()),
        }
    }
}
