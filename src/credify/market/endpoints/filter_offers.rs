//! `POST /api/offers/filter`: which offers fit a user.

use std::sync::Arc;

use http::HeaderMap;
use serde_json::{Value, json};
use url::Url;

use crate::credify::{
    market::{
        conditions::Conditions, disclosure::DisclosurePolicy, presented_tokens::PresentedTokens,
        reference::ReferenceStatuses, user::User, users::DynUsers,
    },
    permission::presented,
    server::{
        bearer::bearer,
        members::{given, object, text},
        rejection::Rejection,
        reply::{Reply, json_reply},
        request::Request,
        token_guard::Denied,
    },
    token_demand::TokenDemand,
};

/// Where the endpoint is found; a token for it names one of them.
const PATHS: [&str; 2] = ["/api/offers/filter", "/offers-filtering"];

struct FilterOffersRequest {
    credify_id: Option<String>,
    local_id: Option<String>,
    offers: Vec<Value>,
}

impl FilterOffersRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let mut body = object(body)?;
        let (credify_id, local_id) = (text(&body, "credify_id"), text(&body, "local_id"));
        if credify_id.is_none() && local_id.is_none() {
            return Err(Rejection::Invalid("No ID found"));
        }
        let offers = match body.remove("offers") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(offers)) => offers,
            Some(_) => return Err(Rejection::INVALID_BODY),
        };
        Ok(Self { credify_id, local_id, offers })
    }
}

pub(in super::super) struct FilterOffers {
    pub(in super::super) tokens: Arc<PresentedTokens>,
    pub(in super::super) users: Arc<dyn DynUsers>,
    pub(in super::super) disclosure: DisclosurePolicy,
    pub(in super::super) conditions: Conditions,
    /// Scheme, host and prefix of the paths, where the market knows its own address.
    pub(in super::super) base: Option<String>,
    pub(in super::super) statuses: ReferenceStatuses,
}

impl FilterOffers {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        self.admit(request.headers).await?;
        let request = FilterOffersRequest::read(request.body)?;
        let user = match request.offers.is_empty() {
            true => None,
            false => self.user(&request).await?,
        };
        let fitting = match user {
            Some(user) => self.fitting(request.offers, &user)?,
            None => Vec::new(),
        };
        Ok(json_reply(&json!({"data": {"offers": fitting}}))?)
    }

    /// Demands a token that is active, has the scope, and is meant for this endpoint by name.
    async fn admit(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        let unauthorized = || self.statuses.of(Rejection::Unauthorized);
        let token = bearer(headers).ok_or_else(unauthorized)?;
        let is_meant = |audience: &[String]| audience.iter().any(|address| self.is_own_address(address));
        let scope = presented::READ_FILTERED_OFFERS;
        match self.tokens.admit_for(scope, &token, TokenDemand::naming(scope), &is_meant).await {
            Ok(_) => Ok(()),
            Err(Denied::Refused(known)) if known.audience.is_empty() => Err(unauthorized()),
            Err(denied) => Err(denied.into()),
        }
    }

    /// Whether an address that a token names is that of this endpoint: exactly, where the market knows its own address,
    /// otherwise by the end of the path.
    fn is_own_address(&self, address: &str) -> bool {
        match &self.base {
            Some(base) => PATHS.iter().any(|path| address.strip_prefix(base.as_str()) == Some(path)),
            None => Url::parse(address).is_ok_and(|url| PATHS.iter().any(|path| url.path().ends_with(path))),
        }
    }

    /// The user by the Credify id, otherwise by the market's own.
    async fn user(&self, request: &FilterOffersRequest) -> Result<Option<User>, Rejection> {
        if let Some(id) = &request.credify_id
            && let Some(user) = self.users.by_credify_id(id).await?
        {
            return Ok(Some(user));
        }
        match &request.local_id {
            Some(id) => Ok(self.users.by_local_id(id).await?),
            None => Ok(None),
        }
    }

    /// The offers that fit, each with its evaluation.
    fn fitting(&self, offers: Vec<Value>, user: &User) -> Result<Vec<Value>, Rejection> {
        let claims = Value::Object(self.disclosure.claims(user).into_members());
        let none = json!([]);
        let mut fitting = Vec::new();
        for offer in offers {
            let Value::Object(mut offer) = offer else { return Err(Rejection::INVALID_BODY) };
            let conditions = offer.get("conditions").unwrap_or(&Value::Null);
            let required = given(&offer, "required_custom_scopes").unwrap_or(&none);
            let evaluation = self.conditions.evaluate(conditions, required, &claims)?;
            if evaluation.rank() > 0 {
                let result = serde_json::to_value(&evaluation).unwrap_or_default();
                offer.insert("evaluation_result".to_owned(), result);
                fitting.push(Value::Object(offer));
            }
        }
        Ok(fitting)
    }
}
