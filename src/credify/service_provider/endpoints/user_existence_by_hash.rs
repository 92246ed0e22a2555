//! `GET /user-existence`: the older form, by the SHA-256 of the telephone number.

use std::sync::Arc;

use serde_json::json;
use url::form_urlencoded;

use crate::{
    credify::{
        permission::presented,
        server::{
            bearer::bearer,
            rejection::Rejection,
            reply::{Reply, json_reply},
            request::Request,
            token_guard::{Denied, TokenGuard},
        },
        service_provider::customers::DynCustomers,
        token_demand::TokenDemand,
    },
    privacy::{Pii, Secret},
};

/// The longest hash, in bytes.
const MAX_HASH_BYTES: usize = 200;

struct UserExistenceByHashRequest {
    hash: String,
}

impl UserExistenceByHashRequest {
    fn read(query: &str) -> Result<Self, Rejection> {
        let mut query = form_urlencoded::parse(query.as_bytes());
        let hash = query.find(|(name, _)| name == "phone_number").map(|(_, hash)| hash.into_owned());
        let hash = hash.filter(|hash| !hash.is_empty() && hash.len() <= MAX_HASH_BYTES);
        hash.map(|hash| Self { hash }).ok_or(Rejection::INVALID_QUERY)
    }
}

pub(in super::super) struct UserExistenceByHash {
    pub(in super::super) guard: Arc<TokenGuard>,
    /// None where the service provider does not answer.
    pub(in super::super) customers: Option<Arc<dyn DynCustomers>>,
}

impl UserExistenceByHash {
    pub(in super::super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let customers = self.customers.as_ref().ok_or(Rejection::NOT_FOUND)?;
        let token = bearer(request.headers).ok_or(Rejection::Forbidden("Forbidden"))?;
        self.admit(&token).await?;
        let request = UserExistenceByHashRequest::read(request.query)?;
        let exists = customers.has_phone_hash(Pii::new(&request.hash)).await?;
        Ok(json_reply(&json!({"data": {"exists": exists}}))?)
    }

    async fn admit(&self, token: &Secret) -> Result<(), Rejection> {
        let scope = presented::READ_USER_EXISTENCE;
        match self.guard.admit(scope, token, &TokenDemand::asking_for(scope)).await {
            Ok(_) => Ok(()),
            Err(Denied::Refused(_)) => Err(Rejection::Forbidden("Forbidden")),
            Err(denied) => Err(denied.into()),
        }
    }
}
