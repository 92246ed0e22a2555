//! `POST /user-existence`: whether a person is a customer already.

use std::sync::Arc;

use serde_json::json;

use crate::{
    credify::{
        permission::presented,
        server::{
            bearer::bearer,
            members::{object, text},
            rejection::Rejection,
            reply::{Reply, json_reply},
            request::Request,
            token_guard::TokenGuard,
        },
        service_provider::customers::DynCustomers,
        token_demand::TokenDemand,
    },
    privacy::Pii,
};

struct UserExistenceRequest {
    phone_number: String,
}

impl UserExistenceRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let body = object(body)?;
        match text(&body, "phone_number") {
            Some(phone_number) => Ok(Self { phone_number }),
            None if ["id_number", "id_document"].iter().any(|name| text(&body, name).is_some()) => {
                Err(Rejection::Forbidden("This does not support checking with ID"))
            }
            None => Err(Rejection::INVALID_QUERY),
        }
    }
}

pub(in super::super) struct UserExistence {
    pub(in super::super) guard: Arc<TokenGuard>,
    /// None where the service provider does not answer.
    pub(in super::super) customers: Option<Arc<dyn DynCustomers>>,
}

impl UserExistence {
    pub(in super::super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let customers = self.customers.as_ref().ok_or(Rejection::NOT_FOUND)?;
        let token = bearer(request.headers).ok_or(Rejection::Unauthorized)?;
        let scope = presented::CLAIM_PROVIDER;
        self.guard.admit(scope, &token, &TokenDemand::naming_or_below(scope)).await?;
        let request = UserExistenceRequest::read(request.body)?;
        let exists = customers.has_phone(Pii::new(&request.phone_number)).await?;
        Ok(json_reply(&json!({"data": {"exists": exists}}))?)
    }
}
