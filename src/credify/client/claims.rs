//! What a market puts to the provider of a user's claims: hashes, never the data.

use serde::Serialize;

use super::{Client, filled, named};
use crate::{
    credify::{
        claims::Claims,
        token::{claim::Commitments, disbursement::check_scopes},
    },
    error::Error,
    privacy::Pii,
    transport::form::Form,
};

/// Claim tokens that are ready to be pushed, and the commitments that they were made with.
///
/// Keep the commitments before the push: then a push without a response can be made again with the same tokens, and
/// what was pushed can be shared later.
#[derive(Clone)]
pub struct ClaimPush {
    entity_id: Pii<String>,
    tokens: Vec<Pii<String>>,
    commitments: Commitments,
}

impl ClaimPush {
    /// A push that was made before, and kept.
    pub(in crate::credify) fn kept(
        entity_id: &str,
        tokens: Vec<Pii<String>>,
        commitments: Commitments,
    ) -> Self {
        Self { entity_id: Pii::new(entity_id.to_owned()), tokens, commitments }
    }

    /// The commitments, by scope. A new push of the same user replaces all of them.
    pub const fn commitments(&self) -> &Commitments {
        &self.commitments
    }

    /// The commitments, by scope.
    pub fn into_commitments(self) -> Commitments {
        self.commitments
    }

    /// The tokens, in the order of the scopes.
    pub fn tokens(&self) -> &[Pii<String>] {
        &self.tokens
    }
}

crate::privacy::redacted_debug!(ClaimPush { tokens: |this| this.tokens.len(), .. });

impl Client {
    /// Signs the claim tokens of a user: nothing is sent. Needs the signing key.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) without a signing key.
    pub fn claim_push(
        &self,
        provider_id: &str,
        entity_id: &str,
        claims: &Claims,
    ) -> Result<ClaimPush, Error> {
        const OPERATION: &str = "claim_push";
        filled(OPERATION, "entity_id", entity_id, "the user's Credify id is empty")?;
        let signed = || {
            let signer = self.claim_signer(provider_id)?;
            let commitments = Commitments::generate(claims, self.clock())?;
            let tokens = signer.sign(entity_id, claims, &commitments, self.clock())?;
            Ok(ClaimPush { entity_id: Pii::new(entity_id.to_owned()), tokens, commitments })
        };
        signed().map_err(named(OPERATION))
    }

    /// Pushes claim tokens: `PUT v1/claim-providers/entities/{id}/claims`. Repeated when it fails, with the same
    /// tokens; it may be called again with the same push.
    ///
    /// The API key needs `claim_provider:write_claim_token`.
    ///
    /// ```no_run
    /// use kyckit::credify::claims::Claims;
    ///
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// let claims = Claims::new().phone("+84381234567");
    /// let push = client.claim_push("market-id", "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512", &claims)?;
    /// // Keep `push.commitments()` now; then the push may be made as often as it takes.
    /// client.push(&push).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn push(&self, push: &ClaimPush) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            claim_tokens: &'a [Pii<String>],
        }

        let entity_id = push.entity_id.expose();
        filled("push", "entity_id", entity_id, "the entity's id is empty")?;
        let segments = ["v1", "claim-providers", "entities", entity_id, "claims"];
        let body = Wire { claim_tokens: &push.tokens };
        let response = self.0.api.put("push", segments).json(&body).idempotent().send().await?;
        response.has_form(Form::Json)
    }

    /// [`claim_push`](Self::claim_push) and [`push`](Self::push) in one: signs and pushes a user's claims, and gives the
    /// commitments to be kept. Claims without scopes are pushed too, which takes all of the user's away.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::{clock::Clock, credify::{Client, claims::Claims, keys::SigningKey}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{}}"#),
    /// # ]));
    /// let key = SigningKey::generate(&Clock::system())?;
    /// let client = Client::builder("api-key").signing_key(key).options(options).build()?;
    /// let claims = Claims::new().phone("+84381234567").email("jane.roe@example.com");
    /// let commitments = client
    ///     .push_claims("40f9a736-0d97-409b-a0f7-d23ebca20bde", "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512", &claims)
    ///     .await?;
    /// assert_eq!(commitments.len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of both. The commitments are lost with an error, so the next call makes others.
    pub async fn push_claims(
        &self,
        provider_id: &str,
        entity_id: &str,
        claims: &Claims,
    ) -> Result<Commitments, Error> {
        let push = self.claim_push(provider_id, entity_id, claims)?;
        self.push(&push).await?;
        Ok(push.into_commitments())
    }

    /// Pushes the documents of an order as claims: every scope is named `bnpl_order:<order id>:<document>`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// # use kyckit::{clock::Clock, credify::{Client, claims::Claims, keys::SigningKey}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{}}"#),
    /// # ]));
    /// # let key = SigningKey::generate(&Clock::system())?;
    /// # let client = Client::builder("api-key").signing_key(key).options(options).build()?;
    /// let scope = "bnpl_order:4711:invoice";
    /// let document = serde_json::json!({ scope: { "content_type": "pdf", "content": "JVBERi0=" } });
    /// let claims = Claims::new().scope(scope, document)?;
    /// client.push_disbursement_documents("market-id", "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512", &claims).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a scope that is named otherwise; those of
    /// [`push_claims`](Self::push_claims).
    pub async fn push_disbursement_documents(
        &self,
        provider_id: &str,
        entity_id: &str,
        claims: &Claims,
    ) -> Result<Commitments, Error> {
        check_scopes(claims).map_err(named("push_disbursement_documents"))?;
        self.push_claims(provider_id, entity_id, claims).await
    }
}
