//! `POST /api/claims/request`: what a person agreed to share, encrypted for the service provider that asked.

use std::sync::Arc;

use serde_json::json;

use crate::{
    credify::{
        Client,
        authority::{Introspection, SharedAuthority},
        encryption::{self, ClaimsFormat},
        market::{
            commitment_store::DynCommitmentStore, disclosure::DisclosurePolicy, pending_push::USER_SLOT,
            presented_tokens::PresentedTokens, reference::ReferenceStatuses, users::DynUsers,
        },
        permission::presented,
        server::{
            bearer::bearer,
            members::{object, text},
            rejection::Rejection,
            reply::{Reply, json_reply},
            request::Request,
            token_guard::Denied,
        },
        validate::{ClaimsRequest, RequestValidator},
    },
    error::{Error, ErrorKind},
    privacy::Secret,
};

struct EncryptedClaimsRequest {
    user_id: String,
    request_token: String,
    approval_token: String,
}

impl EncryptedClaimsRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let body = object(body)?;
        match (text(&body, "user_id"), text(&body, "request_token"), text(&body, "approval_token")) {
            (Some(user_id), Some(request_token), Some(approval_token)) => {
                Ok(Self { user_id, request_token, approval_token })
            }
            _ => Err(Rejection::INVALID_BODY),
        }
    }
}

pub(in super::super) struct EncryptedClaims {
    pub(in super::super) tokens: Arc<PresentedTokens>,
    pub(in super::super) validator: RequestValidator,
    pub(in super::super) authority: SharedAuthority,
    pub(in super::super) users: Arc<dyn DynUsers>,
    pub(in super::super) commitments: Arc<dyn DynCommitmentStore>,
    pub(in super::super) disclosure: DisclosurePolicy,
    pub(in super::super) format: ClaimsFormat,
    /// Its signing key signs the claims.
    pub(in super::super) client: Client,
    pub(in super::super) statuses: ReferenceStatuses,
}

impl EncryptedClaims {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        let access_token = bearer(request.headers).ok_or(Rejection::Unauthorized)?;
        let request = EncryptedClaimsRequest::read(request.body)?;
        let tokens = ClaimsRequest {
            access_token: &access_token,
            request_token: &request.request_token,
            approval_token: &request.approval_token,
            user_id: &request.user_id,
        };
        let access = self.admit(&access_token).await?;
        let granted = self
            .validator
            .validate_introspected(&self.authority, &access, tokens)
            .await
            .map_err(|error| self.refused(error))?;

        let unknown = Rejection::NotFound("There is no such user");
        let user = self.users.by_credify_id(&request.user_id).await?.ok_or(unknown)?;
        let commitments = self.commitments.commitments(&request.user_id, USER_SLOT).await?;
        let commitments = commitments.unwrap_or_default();
        // Claims that were never pushed can be checked by no one, so they are not shared.
        let scopes: Vec<&str> = granted
            .scopes()
            .iter()
            .map(String::as_str)
            .filter(|scope| commitments.get(scope).is_some())
            .collect();
        let claims = self.disclosure.claims(&user).only(&scopes).with_commitments(&commitments)?;
        let key = self.client.signing_key()?;
        let encrypted = encryption::encrypt(&claims, self.format, granted.encryption_key(), key)?;
        let info = self.disclosure.verification_info(&user).into_exposed();
        Ok(json_reply(&json!({"data": {"verification_info": info, "claims": encrypted}}))?)
    }

    /// Demands the token of the call, before its other two tokens are looked at.
    async fn admit(&self, token: &Secret) -> Result<Introspection, Rejection> {
        let demand = self.validator.token_demand();
        match self.tokens.admit(presented::READ_ENCRYPTED_CLAIMS, token, demand).await {
            Ok(known) => Ok(known),
            Err(Denied::Refused(_)) => Err(self.statuses.of(Rejection::Unauthorized)),
            Err(denied) => Err(denied.into()),
        }
    }

    /// What is wrong with the three tokens concerns the caller; what failed while they were checked does not.
    fn refused(&self, error: Error) -> Rejection {
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
            return error.into();
        }
        self.statuses.of(match error.kind() {
            ErrorKind::Permission => Rejection::Forbidden("The user did not approve this request"),
            _ => Rejection::Unauthorized,
        })
    }
}
