//! `GET /oidc`: a person is sent to Credify.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::{
    clock::Clock,
    credify::{
        Client,
        authorization::{Authorization, AuthorizationRequest},
        server::{
            members::text,
            rejection::Rejection,
            reply::{Reply, redirect},
            request::Request,
        },
        service_provider::{
            key_pool::{KeyPool, NoKey},
            pending_authorization::PendingAuthorizations,
            start_limiter::StartLimiter,
        },
    },
    error::{Error, ErrorKind},
};

/// The longest value of the query, in bytes.
const MAX_VALUE_BYTES: usize = 200;

/// Who is sent, and for what.
struct BeginRequest {
    person: Person,
    offer_code: Option<String>,
    package_code: Option<String>,
    dop_code: Option<String>,
    order_id: Option<String>,
}

enum Person {
    /// With the plus sign and the country's code.
    Phone(String),
    /// The Credify id.
    Entity(String),
}

impl BeginRequest {
    fn read(query: &str) -> Result<Self, Rejection> {
        let mut given = Map::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if value.len() > MAX_VALUE_BYTES || value.contains(char::is_control) {
                return Err(Rejection::INVALID_QUERY);
            }
            given.entry(name.into_owned()).or_insert_with(|| Value::String(value.into_owned()));
        }
        let value = |name: &str| text(&given, name);
        let person = match (value("phone_number"), value("entity_id")) {
            (Some(number), _) => Person::Phone(whole_number(&number, value("country_code"))?),
            (None, Some(id)) => Person::Entity(id),
            (None, None) => return Err(Rejection::INVALID_QUERY),
        };
        Ok(Self {
            person,
            offer_code: value("offer_code"),
            package_code: value("package_code"),
            dop_code: value("dop_code"),
            order_id: value("order_id"),
        })
    }

    fn add_to(self, mut request: AuthorizationRequest) -> AuthorizationRequest {
        request = match self.person {
            Person::Phone(number) => request.phone_number(number),
            Person::Entity(id) => request.user_id(id),
        };
        if let Some(code) = self.offer_code {
            request = request.offer_code(code);
        }
        if let Some(code) = self.package_code {
            request = request.package_code(code);
        }
        if let Some(code) = self.dop_code {
            request = request.dop_code(code);
        }
        if let Some(id) = self.order_id {
            request = request.order_id(id);
        }
        request
    }
}

fn whole_number(number: &str, country_code: Option<String>) -> Result<String, Rejection> {
    // A `+` that was not escaped is a blank by now.
    let number = number.trim().trim_start_matches('+');
    let whole = match country_code {
        Some(code) => format!("+{}{}", code.trim().trim_start_matches('+'), number.trim_start_matches('0')),
        None => format!("+{number}"),
    };
    if whole.len() < 2 || !whole[1..].bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Rejection::INVALID_QUERY);
    }
    Ok(whole)
}

pub(in super::super) struct Begin {
    pub(in super::super) client: Client,
    /// What every authorization asks for.
    pub(in super::super) request: AuthorizationRequest,
    /// Makes the keys that claims are encrypted for; none where they are encrypted for the key on record.
    pub(in super::super) keys: Option<KeyPool>,
    pub(in super::super) starts: StartLimiter,
    pub(in super::super) pending: Arc<PendingAuthorizations>,
    pub(in super::super) clock: Clock,
}

impl Begin {
    pub(in super::super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let request = BeginRequest::read(request.query)?.add_to(self.request.clone());
        self.starts.take(self.clock.elapsed()).map_err(Rejection::TooMany)?;
        let begun = self.authorization(request).await?;
        self.pending.keep(&begun).await?;
        Ok(redirect(begun.url.expose())?)
    }

    async fn authorization(&self, request: AuthorizationRequest) -> Result<Authorization, Rejection> {
        let request = match &self.keys {
            None => request.encrypted_for_key_on_record(),
            Some(keys) => match keys.key().await {
                Ok(key) => request.encrypted_for(key),
                Err(NoKey::Busy) => return Err(Rejection::TooMany(Duration::from_secs(1))),
                Err(NoKey::Failed(error)) => return Err(error.into()),
            },
        };
        self.client.authorization(&request).map_err(|error: Error| match error.kind() {
            ErrorKind::InvalidRequest => Rejection::INVALID_QUERY,
            _ => error.into(),
        })
    }
}
