//! Push claims: a person logged in with Credify, and the market tells what it holds of them.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::json;
use tokio::sync::MutexGuard;

use super::{
    Call, Inner, Market,
    pending::{About, PendingPush},
    reply::{Refusal, Reply, internal, object, ok, text},
};
use crate::{
    credify::{ClaimPush, claims::Claims, token::claim::Commitments},
    error::{Error, ErrorKind},
};

/// What [`Market::recover`] found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Recovered {
    /// Pushes that are done now.
    pub completed: usize,
    /// Pushes that the provider refused for good, and that are forgotten.
    pub abandoned: usize,
    /// Pushes that are still under way, each with the error. Call it again later.
    pub failed: Vec<Error>,
}

impl Market {
    /// Completes pushes that an earlier process left under way, or whose outcome was not known: the same tokens are put
    /// again, and what was left is done. Call it when the process starts, and now and then.
    ///
    /// # Errors
    ///
    /// Those of [`CommitmentStore::all_pending`](super::CommitmentStore::all_pending). What becomes of single pushes
    /// is told in the result.
    pub async fn recover(&self) -> Result<Recovered, Error> {
        let mut recovered = Recovered::default();
        for push in self.0.commitments.all_pending().await? {
            let _turn = self.0.turn(push.credify_id()).await;
            // Somebody may have completed it meanwhile, and pushed anew: putting these again would undo that.
            let pending = self.0.commitments.pending(push.credify_id(), &push.slot()).await;
            match pending {
                Ok(Some(pending)) if pending.id() == push.id() => {}
                Ok(_) => continue,
                Err(error) => {
                    recovered.failed.push(error);
                    continue;
                }
            }
            match self.0.complete(&push).await {
                Ok(()) => recovered.completed += 1,
                Err(Incomplete::Refused(_)) => recovered.abandoned += 1,
                Err(Incomplete::Unknown(error)) => recovered.failed.push(error),
            }
        }
        Ok(recovered)
    }
}

/// Why a push did not come to its end.
pub(super) enum Incomplete {
    /// The provider refused it; it is forgotten.
    Refused(Error),
    /// It is still pending.
    Unknown(Error),
}

impl From<Incomplete> for Refusal {
    fn from(incomplete: Incomplete) -> Self {
        match incomplete {
            Incomplete::Refused(error) | Incomplete::Unknown(error) => internal(error),
        }
    }
}

impl Inner {
    pub(super) async fn push_claims(&self, call: &Call<'_>) -> Result<Reply, Refusal> {
        if self.settings.without_claims {
            return ok(&json!({"credifyId": ""}));
        }
        let body = object(call.body)?;
        let (Some(local_id), Some(credify_id)) = (text(&body, "id"), text(&body, "credify_id")) else {
            return Err(Refusal::INVALID_BODY);
        };
        let unknown = || self.as_reference(Refusal::NotFound("There is no such user"));
        if !is_sane(&local_id) || !is_sane(&credify_id) {
            return Err(Refusal::INVALID_BODY);
        }
        self.users.by_local_id(&local_id).await.map_err(internal)?.ok_or_else(unknown)?;
        if !self.settings.push_delay.is_zero() {
            self.clock.sleep(self.settings.push_delay).await;
        }
        // Read behind the wait, and while no other push of the user runs: the newest push has the newest claims.
        let _turn = self.turn(&credify_id).await;
        let user = self.users.by_local_id(&local_id).await.map_err(internal)?.ok_or_else(unknown)?;
        let claims = self.settings.sharing.claims(&user);
        self.push(&credify_id, &claims, About::User { local_id: local_id.into() }).await?;
        ok(&json!({"credifyId": credify_id}))
    }

    /// Writes a push down, makes it, and marks it as made. The caller holds the user's [`turn`](Self::turn).
    pub(super) async fn push(&self, credify_id: &str, claims: &Claims, about: About) -> Result<(), Refusal> {
        let push = self.signed(credify_id, claims, about).map_err(internal)?;
        // An earlier push that is under way comes first, or it might later be put over this one.
        while !self.commitments.begin(&push).await.map_err(internal)? {
            match self.commitments.pending(credify_id, &push.slot()).await.map_err(internal)? {
                Some(earlier) => match self.complete(&earlier).await {
                    Ok(()) | Err(Incomplete::Refused(_)) => {}
                    Err(unknown) => return Err(unknown.into()),
                },
                None => continue,
            }
        }
        self.complete(&push).await?;
        Ok(())
    }

    fn signed(&self, credify_id: &str, claims: &Claims, about: About) -> Result<PendingPush, Error> {
        let commitments = Commitments::generate(claims, &self.clock)?;
        let signer = self.client.claim_signer(&self.settings.market_id)?;
        let tokens = signer.sign(credify_id, claims, &commitments, &self.clock)?;
        PendingPush::new(&self.clock, credify_id, about, tokens, commitments)
    }

    /// Does what is left of a push that was written down. Doing it again is the same as doing it once.
    pub(super) async fn complete(&self, push: &PendingPush) -> Result<(), Incomplete> {
        let put = ClaimPush::kept(push.credify_id(), push.tokens().to_vec(), push.commitments().clone());
        match self.client.push(&put).await {
            Ok(()) => {}
            Err(error) if is_final(&error) => {
                self.commitments.abandon(push).await.map_err(Incomplete::Unknown)?;
                return Err(Incomplete::Refused(error));
            }
            Err(error) => return Err(Incomplete::Unknown(error)),
        }
        let kept = match push.about() {
            About::User { local_id } => self.users.connect(local_id.expose(), push.credify_id()).await,
            About::Order { order_id, documents } => self.orders.keep_documents(order_id, documents).await,
        };
        kept.map_err(Incomplete::Unknown)?;
        self.commitments.finish(push).await.map_err(Incomplete::Unknown)
    }

    /// Waits until no other push of this user is under way in this process.
    pub(super) async fn turn(&self, credify_id: &str) -> MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        credify_id.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % LOCKS).unwrap_or_default();
        self.locks[index].lock().await
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a few hundred")]
const LOCKS: u64 = super::LOCKS as u64;

/// Whether the provider has said no, and will again: nothing was taken.
fn is_final(error: &Error) -> bool {
    error.status().is_some_and(|status| status.is_client_error())
        && matches!(error.kind(), ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::Conflict)
}

/// What can be an id in a database and in a URL.
pub(super) fn is_sane(id: &str) -> bool {
    id.len() <= 200 && !id.contains(char::is_control)
}
