//! `POST /api/offers/segment`: how many users fit each of several conditions.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::credify::{
    market::{
        conditions::Conditions, disclosure::DisclosurePolicy, presented_tokens::PresentedTokens,
        users::DynUsers,
    },
    permission::presented,
    server::{
        members::{given, object, texts},
        rejection::Rejection,
        reply::{Reply, json_reply},
        request::Request,
    },
};

struct UserSegmentRequest {
    conditions: Vec<Value>,
    required_scopes: Vec<Value>,
    /// Credify ids of users who are not counted.
    without: Vec<String>,
}

impl UserSegmentRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let body = object(body)?;
        let list = |value: Option<&Value>, default: Vec<Value>| match value {
            None => Ok(default),
            Some(Value::Array(list)) => Ok(list.clone()),
            Some(_) => Err(Rejection::INVALID_BODY),
        };
        let conditions = list(given(&body, "conditions"), vec![json!({})])?;
        // The provider's servers, old and new, and its documents spell it in both ways.
        let required =
            given(&body, "required_custom_scope").or_else(|| given(&body, "required_custom_scopes"));
        let required_scopes = list(required, Vec::new())?;
        if conditions.len() != required_scopes.len() {
            return Err(Rejection::Invalid("Conditions length and scopes length must be the same"));
        }
        let without = match given(&body, "ids") {
            None => Vec::new(),
            Some(ids) => texts(ids).ok_or(Rejection::INVALID_BODY)?,
        };
        Ok(Self { conditions, required_scopes, without })
    }
}

pub(in super::super) struct UserSegment {
    pub(in super::super) tokens: Arc<PresentedTokens>,
    pub(in super::super) users: Arc<dyn DynUsers>,
    pub(in super::super) disclosure: DisclosurePolicy,
    pub(in super::super) conditions: Conditions,
}

impl UserSegment {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        self.tokens.demand(request.headers, presented::READ_USER_COUNTS).await?;
        let request = UserSegmentRequest::read(request.body)?;
        let segments = self.conditions.segments(&request.conditions, &request.required_scopes)?;
        let counts = match segments.is_empty() {
            true => Vec::new(),
            false => self.users.count(&segments, &request.without, &self.disclosure).await?,
        };
        Ok(json_reply(&json!({"data": {"counts": counts}}))?)
    }
}
