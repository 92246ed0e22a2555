//! Tokens that others present, and the keys of entities.

use super::{Client, envelope, filled};
use crate::{
    credify::{
        authority::{Authority, Introspection, PublicKeys},
        token_demand::TokenDemand,
    },
    error::Error,
    privacy::Secret,
};
use serde::Serialize;

#[derive(Serialize)]
struct Wire<'a> {
    token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
}

impl Client {
    /// Whether a token that a caller presented is good now and has this scope: `POST v1/oauth2/introspect`. Repeated
    /// when it fails.
    ///
    /// Anything but a plain `true` is false, and so is a token that the provider says has other scopes, or is past its
    /// end. The API key needs `organization` or `organization:introspect_token`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::{credify::{Client, permission}, transport::{MockResponse, MockTransport, Options}};
    ///
    /// // In place of the network: the access token, then the answer.
    /// let memory = MockTransport::new([
    ///     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    ///     MockResponse::json(200, r#"{"success":true,"data":{"active":true}}"#),
    /// ]);
    /// let client = Client::builder("api-key").options(Options::new().transport(memory)).build()?;
    /// let presented = "the bearer token of the request".into();
    /// assert!(client.is_active(&presented, permission::presented::READ_USER_COUNTS).await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call. A token that is not good is no error.
    pub async fn is_active(&self, token: &Secret, scope: &str) -> Result<bool, Error> {
        let demand = TokenDemand::asking_for(scope);
        let known = self.introspected("is_active", token, demand.asked_scope()).await?;
        Ok(demand.check(&known, self.clock()).is_ok())
    }

    /// What the API knows of a token that a caller presented: `POST v1/oauth2/introspect` without a scope. Repeated
    /// when it fails. An answer without content is that of a token that is not good.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// # use kyckit::{credify::Client, transport::{MockResponse, MockTransport, Options}};
    /// # let memory = MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"active":true,"scope":"a b","aud":["https://m.example/"]}}"#),
    /// # ]);
    /// # let client = Client::builder("api-key").options(Options::new().transport(memory)).build()?;
    /// let token = client.introspection(&"the bearer token of the request".into()).await?;
    /// assert!(token.grants("b") && token.audience == ["https://m.example/"]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn introspection(&self, token: &Secret) -> Result<Introspection, Error> {
        self.introspected("introspection", token, None).await
    }

    async fn introspected(
        &self,
        operation: &'static str,
        token: &Secret,
        scope: Option<&str>,
    ) -> Result<Introspection, Error> {
        let body = Wire { token: token.expose(), scope };
        let call = self.0.api.post(operation, ["v1", "oauth2", "introspect"]).json(&body).idempotent();
        Ok(envelope::data_or_none(call).await?.unwrap_or_default())
    }

    /// The public keys of an entity: `GET v1/entity/public-key`. Repeated when it fails. An entity without keys gives
    /// none.
    ///
    /// The API key needs `organization:read_pub_key`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// # use kyckit::{credify::Client, transport::{MockResponse, MockTransport, Options}};
    /// # let memory = MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"signing":"-----BEGIN PUBLIC KEY-----","encryption":""}}"#),
    /// # ]);
    /// # let client = Client::builder("api-key").options(Options::new().transport(memory)).build()?;
    /// let keys = client.public_keys("8e0b198b-f112-4612-96bb-9d2c8b8ca0c3").await?;
    /// assert!(keys.signing.is_some() && keys.encryption.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn public_keys(&self, entity_id: &str) -> Result<PublicKeys, Error> {
        const OPERATION: &str = "public_keys";
        filled(OPERATION, "entity_id", entity_id, "the entity's id is empty")?;
        let call = self.0.api.get(OPERATION, ["v1", "entity", "public-key"]).query("entity_id", entity_id);
        Ok(envelope::data_or_none(call).await?.unwrap_or_default())
    }
}

impl Authority for Client {
    async fn introspect(&self, token: &Secret, scope: Option<&str>) -> Result<Introspection, Error> {
        self.introspected("introspection", token, scope).await
    }

    async fn public_keys(&self, entity_id: &str) -> Result<PublicKeys, Error> {
        Self::public_keys(self, entity_id).await
    }
}
