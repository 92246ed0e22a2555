//! Encrypted claims: what a person agreed to share, for the service provider that asked.

use serde_json::json;

use super::{
    Call, Inner,
    access::bearer,
    pending::USER_SLOT,
    reply::{Refusal, Reply, internal, object, ok, text},
};
use crate::{
    credify::{encryption, validate::ClaimsRequest},
    error::{Error, ErrorKind},
};

impl Inner {
    pub(super) async fn encrypted_claims(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        let access_token = bearer(call.headers).ok_or(Refusal::Unauthorized)?;
        let body = object(call.body)?;
        let (Some(user_id), Some(request_token), Some(approval_token)) =
            (text(&body, "user_id"), text(&body, "request_token"), text(&body, "approval_token"))
        else {
            return Err(Refusal::INVALID_BODY);
        };
        let request = ClaimsRequest {
            access_token: &access_token,
            request_token: &request_token,
            approval_token: &approval_token,
            user_id: &user_id,
        };
        let access = self.demand_claims(&access_token).await?;
        let granted = self
            .validator
            .validate_introspected(&*self.authority, &access, request)
            .await
            .map_err(|error| self.refused_request(error))?;

        let unknown = Refusal::NotFound("There is no such user");
        let user = self.users.by_credify_id(&user_id).await.map_err(internal)?.ok_or(unknown)?;
        let commitments = self.commitments.commitments(&user_id, USER_SLOT).await.map_err(internal)?;
        let commitments = commitments.unwrap_or_default();
        // What was never pushed cannot be checked by anybody, so it is not shared.
        let scopes: Vec<&str> = granted
            .scopes()
            .iter()
            .map(String::as_str)
            .filter(|scope| commitments.get(scope).is_some())
            .collect();
        let claims = self.settings.sharing.claims(&user).only(&scopes);
        let claims = claims.with_commitments(&commitments).map_err(internal)?;
        let key = self.client.signing_key().map_err(internal)?;
        let encrypted = encryption::encrypt(&claims, self.settings.format, granted.encryption_key(), key)
            .map_err(internal)?;
        let info = self.settings.sharing.verification_info(&user).into_exposed();
        ok(&json!({"data": {"verification_info": info, "claims": encrypted}}))
    }

    /// What is wrong with the three tokens is the caller's affair; what failed while they were looked into is ours.
    fn refused_request(&self, error: Error) -> Refusal {
        let about_token = match (error.status(), error.kind()) {
            // The issuer of a token has no keys.
            (Some(_), ErrorKind::NotFound) => true,
            (Some(_), _) => false,
            (None, kind) => matches!(
                kind,
                ErrorKind::Authentication
                    | ErrorKind::Configuration
                    | ErrorKind::Decode
                    | ErrorKind::Expired
                    | ErrorKind::InvalidRequest
                    | ErrorKind::NotFound
                    | ErrorKind::Permission
                    | ErrorKind::Signature
                    | ErrorKind::TooLarge
            ),
        };
        if !about_token {
            return internal(error);
        }
        self.as_reference(match error.kind() {
            ErrorKind::Permission => Refusal::Forbidden("The user did not approve this request"),
            _ => Refusal::Unauthorized,
        })
    }
}
