//! `POST /api/claims/push`: a person logged in with Credify, and the market pushes the claims that it has of them.

use std::{sync::Arc, time::Duration};

use serde_json::json;

use crate::{
    clock::Clock,
    credify::{
        market::{
            claim_pushes::ClaimPushes, disclosure::DisclosurePolicy, pending_push::Subject,
            reference::ReferenceStatuses, user::User, users::DynUsers,
        },
        server::{
            members::{is_id, object, text},
            rejection::Rejection,
            reply::{Reply, json_reply},
            request::Request,
        },
    },
};

struct PushClaimsRequest {
    local_id: String,
    credify_id: String,
}

impl PushClaimsRequest {
    fn read(body: &[u8]) -> Result<Self, Rejection> {
        let body = object(body)?;
        match (text(&body, "id"), text(&body, "credify_id")) {
            (Some(local_id), Some(credify_id)) if is_id(&local_id) && is_id(&credify_id) => {
                Ok(Self { local_id, credify_id })
            }
            _ => Err(Rejection::INVALID_BODY),
        }
    }
}

pub(in super::super) struct PushClaims {
    pub(in super::super) users: Arc<dyn DynUsers>,
    pub(in super::super) pushes: Arc<ClaimPushes>,
    pub(in super::super) disclosure: DisclosurePolicy,
    pub(in super::super) clock: Clock,
    pub(in super::super) delay: Duration,
    pub(in super::super) without_claims: bool,
    pub(in super::super) statuses: ReferenceStatuses,
}

impl PushClaims {
    pub(super) async fn answer(&self, request: &Request<'_>) -> Result<Reply, Rejection> {
        if self.without_claims {
            return Ok(json_reply(&json!({"credifyId": ""}))?);
        }
        let PushClaimsRequest { local_id, credify_id } = PushClaimsRequest::read(request.body)?;
        self.user(&local_id).await?;
        if !self.delay.is_zero() {
            self.clock.sleep(self.delay).await;
        }
        // Read after the wait, and while no other push of the user runs: the newest push has the newest claims.
        let turn = self.pushes.turn(&credify_id).await;
        let claims = self.disclosure.claims(&self.user(&local_id).await?);
        turn.push(&claims, Subject::User { local_id: local_id.into() }).await?;
        Ok(json_reply(&json!({"credifyId": credify_id}))?)
    }

    async fn user(&self, local_id: &str) -> Result<User, Rejection> {
        let user = self.users.by_local_id(local_id).await?;
        user.ok_or_else(|| self.statuses.of(Rejection::NotFound("There is no such user")))
    }
}
