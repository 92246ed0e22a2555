//! Pushes of claims: written down, made, and marked as made.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use tokio::sync::{Mutex, MutexGuard};

use super::{
    commitment_store::DynCommitmentStore,
    orders::DynOrders,
    pending_push::{PendingPush, Subject},
    users::DynUsers,
};
use crate::{
    credify::{ClaimPush, Client, claims::Claims, server::rejection::Rejection, token::claim::Commitments},
    error::{Error, ErrorKind},
};

/// Pushes of users with ids that fall together wait for each other.
const LOCKS: usize = 256;

/// What [`Market::recover`](super::Market::recover) found.
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

/// Why a push did not come to its end.
enum Incomplete {
    /// The provider refused it; it is forgotten.
    Refused(Error),
    /// It is still pending.
    Unknown(Error),
}

impl From<Incomplete> for Rejection {
    fn from(incomplete: Incomplete) -> Self {
        match incomplete {
            Incomplete::Refused(error) | Incomplete::Unknown(error) => error.into(),
        }
    }
}

/// Makes pushes, each of which is under way in the store until it is done.
pub(super) struct ClaimPushes {
    client: Client,
    market_id: String,
    users: Arc<dyn DynUsers>,
    commitments: Arc<dyn DynCommitmentStore>,
    orders: Arc<dyn DynOrders>,
    locks: Box<[Mutex<()>]>,
}

/// The right to push claims of one user. No other push of the user is under way in this process.
pub(super) struct Turn<'a> {
    pushes: &'a ClaimPushes,
    credify_id: &'a str,
    _lock: MutexGuard<'a, ()>,
}

impl ClaimPushes {
    pub(super) fn new(
        client: Client,
        market_id: String,
        users: Arc<dyn DynUsers>,
        commitments: Arc<dyn DynCommitmentStore>,
        orders: Arc<dyn DynOrders>,
    ) -> Self {
        let locks = (0..LOCKS).map(|_| Mutex::new(())).collect();
        Self { client, market_id, users, commitments, orders, locks }
    }

    /// Waits until no other push of this user is under way in this process.
    pub(super) async fn turn<'a>(&'a self, credify_id: &'a str) -> Turn<'a> {
        let mut hasher = DefaultHasher::new();
        credify_id.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % LOCKS as u64).unwrap_or_default();
        Turn { pushes: self, credify_id, _lock: self.locks[index].lock().await }
    }

    /// Completes what an earlier process left under way.
    pub(super) async fn recover(&self) -> Result<Recovered, Error> {
        let mut recovered = Recovered::default();
        for push in self.commitments.all_pending().await? {
            let _turn = self.turn(push.credify_id()).await;
            // Another caller may have completed it meanwhile, and pushed anew: putting these again would undo that.
            let pending = self.commitments.pending(push.credify_id(), &push.slot()).await;
            match pending {
                Ok(Some(pending)) if pending.id() == push.id() => {}
                Ok(_) => continue,
                Err(error) => {
                    recovered.failed.push(error);
                    continue;
                }
            }
            match self.complete(&push).await {
                Ok(()) => recovered.completed += 1,
                Err(Incomplete::Refused(_)) => recovered.abandoned += 1,
                Err(Incomplete::Unknown(error)) => recovered.failed.push(error),
            }
        }
        Ok(recovered)
    }

    fn signed(&self, credify_id: &str, claims: &Claims, subject: Subject) -> Result<PendingPush, Error> {
        let clock = self.client.clock();
        let commitments = Commitments::generate(claims, clock)?;
        let signer = self.client.claim_signer(&self.market_id)?;
        let tokens = signer.sign(credify_id, claims, &commitments, clock)?;
        PendingPush::new(clock, credify_id, subject, tokens, commitments)
    }

    /// Does what is left of a push that was written down. Doing it again is the same as doing it once.
    async fn complete(&self, push: &PendingPush) -> Result<(), Incomplete> {
        let put = ClaimPush::kept(push.credify_id(), push.tokens().to_vec(), push.commitments().clone());
        match self.client.push(&put).await {
            Ok(()) => {}
            Err(error) if is_final(&error) => {
                self.commitments.abandon(push).await.map_err(Incomplete::Unknown)?;
                return Err(Incomplete::Refused(error));
            }
            Err(error) => return Err(Incomplete::Unknown(error)),
        }
        let kept = match push.subject() {
            Subject::User { local_id } => self.users.connect(local_id.expose(), push.credify_id()).await,
            Subject::Order { order_id, documents } => self.orders.keep_documents(order_id, documents).await,
        };
        kept.map_err(Incomplete::Unknown)?;
        self.commitments.finish(push).await.map_err(Incomplete::Unknown)
    }
}

impl Turn<'_> {
    /// Writes a push down, makes it, and marks it as made.
    pub(super) async fn push(&self, claims: &Claims, subject: Subject) -> Result<(), Rejection> {
        let (pushes, commitments) = (self.pushes, &self.pushes.commitments);
        let push = pushes.signed(self.credify_id, claims, subject)?;
        // An earlier push that is under way comes first, or it might later be put over this one.
        while !commitments.begin(&push).await? {
            match commitments.pending(self.credify_id, &push.slot()).await? {
                Some(earlier) => match pushes.complete(&earlier).await {
                    Ok(()) | Err(Incomplete::Refused(_)) => {}
                    Err(unknown) => return Err(unknown.into()),
                },
                None => continue,
            }
        }
        pushes.complete(&push).await?;
        Ok(())
    }
}

/// Whether the provider has refused the push, and will again: nothing was taken.
fn is_final(error: &Error) -> bool {
    error.status().is_some_and(|status| status.is_client_error())
        && matches!(error.kind(), ErrorKind::InvalidRequest | ErrorKind::NotFound | ErrorKind::Conflict)
}
