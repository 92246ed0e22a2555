//! The three offer calls: which offers fit a user, which rank a user has, how many users fit a condition.

use serde_json::{Map, Value, json};

use super::{
    Call, Inner, User,
    reply::{Refusal, Reply, internal, object, ok, text, texts},
};
use crate::{
    credify::{
        claims::Claims,
        offer::{self, Evaluation, Segments},
        permission::presented,
    },
    error::{Error, ErrorKind},
};

impl Inner {
    pub(super) async fn filter_offers(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        self.demand_filtering(call.headers).await?;
        let mut body = object(call.body)?;
        let (credify_id, local_id) = (text(&body, "credify_id"), text(&body, "local_id"));
        if credify_id.is_none() && local_id.is_none() {
            return Err(Refusal::Invalid("No ID found"));
        }
        let offers = match body.remove("offers") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(offers)) => offers,
            Some(_) => return Err(Refusal::INVALID_BODY),
        };
        let user = match offers.is_empty() {
            true => None,
            false => self.user_of(credify_id.as_deref(), local_id.as_deref()).await?,
        };
        let Some(user) = user else { return ok(&json!({"data": {"offers": []}})) };
        let claims = Value::Object(self.settings.sharing.claims(&user).into_members());
        let mut fitting = Vec::new();
        for offer in offers {
            let Value::Object(mut offer) = offer else { return Err(Refusal::INVALID_BODY) };
            let none = json!([]);
            let required = given(&offer, "required_custom_scopes").unwrap_or(&none);
            let evaluation =
                self.evaluated(offer.get("conditions").unwrap_or(&Value::Null), required, &claims)?;
            if evaluation.rank() > 0 {
                let result = serde_json::to_value(&evaluation).unwrap_or_default();
                offer.insert("evaluation_result".to_owned(), result);
                fitting.push(Value::Object(offer));
            }
        }
        ok(&json!({"data": {"offers": fitting}}))
    }

    pub(super) async fn evaluate_offer(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        self.demand(call.headers, presented::READ_EVALUATED_OFFER).await?;
        let body = object(call.body)?;
        let (Some(credify_id), Some(scopes)) = (text(&body, "credify_id"), given(&body, "scopes")) else {
            return Err(Refusal::INVALID_BODY);
        };
        let scopes = texts(scopes).ok_or(Refusal::INVALID_BODY)?;
        let any = json!([{}]);
        let conditions = given(&body, "conditions").unwrap_or(&any);
        let none = json!([]);
        let required = given(&body, "required_custom_scopes").unwrap_or(&none);
        let claims = match self.users.by_credify_id(&credify_id).await.map_err(internal)? {
            Some(user) => Value::Object(self.shared(&user, &scopes).into_members()),
            None => Value::Null,
        };
        ok(&json!({"data": self.evaluated(conditions, required, &claims)?}))
    }

    pub(super) async fn user_segment(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        self.demand(call.headers, presented::READ_USER_COUNTS).await?;
        let body = object(call.body)?;
        let list = |value: Option<&Value>, default: Vec<Value>| match value {
            None => Ok(default),
            Some(Value::Array(list)) => Ok(list.clone()),
            Some(_) => Err(Refusal::INVALID_BODY),
        };
        let conditions = list(given(&body, "conditions"), vec![json!({})])?;
        // The provider's servers, old and new, and its documents spell it in both ways.
        let required =
            given(&body, "required_custom_scope").or_else(|| given(&body, "required_custom_scopes"));
        let required = list(required, Vec::new())?;
        if conditions.len() != required.len() {
            return Err(Refusal::Invalid("Conditions length and scopes length must be the same"));
        }
        let without = match given(&body, "ids") {
            None => Vec::new(),
            Some(ids) => texts(ids).ok_or(Refusal::INVALID_BODY)?,
        };
        let segments = Segments::compile_with(&conditions, &required, &self.settings.rules)
            .map_err(|error| self.invalid_conditions(error))?;
        let counts = match segments.is_empty() {
            true => Vec::new(),
            false => {
                let counted = self.users.count(&segments, &without, &self.settings.sharing);
                counted.await.map_err(internal)?
            }
        };
        ok(&json!({"data": {"counts": counts}}))
    }

    /// The user by the Credify id, otherwise by the market's own.
    async fn user_of(
        &self,
        credify_id: Option<&str>,
        local_id: Option<&str>,
    ) -> Result<Option<User>, Refusal> {
        if let Some(id) = credify_id
            && let Some(user) = self.users.by_credify_id(id).await.map_err(internal)?
        {
            return Ok(Some(user));
        }
        match local_id {
            Some(id) => self.users.by_local_id(id).await.map_err(internal),
            None => Ok(None),
        }
    }

    /// The claims of the scopes that a user shares.
    fn shared(&self, user: &User, scopes: &[String]) -> Claims {
        let claims = self.settings.sharing.claims(user);
        if scopes.is_empty() && self.settings.empty_scopes_mean_all { claims } else { claims.only(scopes) }
    }

    fn evaluated(
        &self,
        conditions: &Value,
        required: &Value,
        claims: &Value,
    ) -> Result<Evaluation<'static>, Refusal> {
        let rules = &self.settings.rules;
        offer::evaluate_with(conditions, required, claims, rules)
            .map_err(|error| self.invalid_conditions(error))
    }

    fn invalid_conditions(&self, error: Error) -> Refusal {
        match error.kind() {
            ErrorKind::InvalidRequest => self.as_reference(Refusal::Invalid("Invalid conditions")),
            _ => internal(error),
        }
    }
}

/// A member that is there and not null.
fn given<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).filter(|value| !value.is_null())
}
