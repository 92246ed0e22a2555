//! `POST /api/offers/evaluate`: which rank a user has with an offer.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::credify::{
    claims::Claims,
    market::{
        conditions::Conditions, disclosure::DisclosurePolicy, presented_tokens::PresentedTokens, user::User,
        users::DynUsers,
    },
    permission::presented,
    server::{
        members::{given, object, text, texts},
        rejection::Rejection,
        reply::{Reply, json_reply},
        request::Request,
    },
};

struct EvaluateOfferRequest {
    credify_id: String,
    scopes: Vec<String>,
    conditions: Value,
    required_scopes: Value,
}

impl EvaluateOfferRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let mut body = object(body)?;
        let (Some(credify_id), Some(scopes)) = (text(&body, "credify_id"), given(&body, "scopes")) else {
            return Err(Rejection::INVALID_BODY);
        };
        let scopes = texts(scopes).ok_or(Rejection::INVALID_BODY)?;
        let mut taken = |name| body.remove(name).filter(|value| !value.is_null());
        let conditions = taken("conditions").unwrap_or_else(|| json!([{}]));
        let required_scopes = taken("required_custom_scopes").unwrap_or_else(|| json!([]));
        Ok(Self { credify_id, scopes, conditions, required_scopes })
    }
}

pub(in super::super) struct EvaluateOffer {
    pub(in super::super) tokens: Arc<PresentedTokens>,
    pub(in super::super) users: Arc<dyn DynUsers>,
    pub(in super::super) disclosure: DisclosurePolicy,
    pub(in super::super) conditions: Conditions,
    pub(in super::super) empty_scopes_mean_all: bool,
}

impl EvaluateOffer {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        self.tokens.demand(request.headers, presented::READ_EVALUATED_OFFER).await?;
        let request = EvaluateOfferRequest::read(request.body)?;
        let claims = match self.users.by_credify_id(&request.credify_id).await? {
            Some(user) => Value::Object(self.shared(&user, &request.scopes).into_members()),
            None => Value::Null,
        };
        let evaluation = self.conditions.evaluate(&request.conditions, &request.required_scopes, &claims)?;
        Ok(json_reply(&json!({"data": evaluation}))?)
    }

    /// The claims of the scopes that a user shares.
    fn shared(&self, user: &User, scopes: &[String]) -> Claims {
        let claims = self.disclosure.claims(user);
        if scopes.is_empty() && self.empty_scopes_mean_all { claims } else { claims.only(scopes) }
    }
}
