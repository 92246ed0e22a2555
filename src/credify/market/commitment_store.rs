//! Pushes under way, and the commitments of those that the provider took.
//!
//! What is pushed is a hash; the commitment that went into it is what later proves the data. A commitment that is lost
//! cannot be had again, and one that is made anew does not fit what was pushed. So a push has three steps:
//!
//! 1. Tokens and commitments are written down as pending ([`CommitmentStore::begin`]). Nothing has left yet.
//! 2. The tokens are put to the provider, and the users' database learns the Credify id.
//! 3. The commitments become those of the user, and the pending push is gone ([`CommitmentStore::finish`]). Only now is
//!    200 answered.
//!
//! Where a process dies between the first and the last step, the pending push is still there. [`Market::recover`], when
//! the process starts, or the next push of the same user puts *the same* tokens again (the provider replaces what it
//! has, so twice is once) and then does what was left. The commitments are never made anew.
//!
//! A push that the provider refused for good is forgotten ([`CommitmentStore::abandon`]); the earlier commitments stay.
//! Where it is not known whether the provider took it, it stays pending.
//!
//! Pushes of one user wait for each other within a process. Across processes, have one of them serve a user's pushes
//! at a time: a put that is late on its way may otherwise come to the provider after a newer one.
//!
//! In SQL:
//!
//! ```sql
//! create table pending_push (credify_id text, slot text, id text not null, push text not null,
//!                            primary key (credify_id, slot));
//! create table commitment   (credify_id text, slot text, commitments text not null,
//!                            primary key (credify_id, slot));
//! -- begin: the push is JSON by serde; 1 row: begun, 0 rows: another one is pending
//! insert into pending_push (credify_id, slot, id, push) values ($1, $2, $3, $4) on conflict do nothing;
//! -- finish: one transaction, without an effect unless this very push is pending
//! delete from pending_push where credify_id = $1 and slot = $2 and id = $3;
//! insert into commitment (credify_id, slot, commitments) values ($1, $2, $5)
//!     on conflict (credify_id, slot) do update set commitments = excluded.commitments;
//! ```
//!
//! [`Market::recover`]: super::Market::recover

use std::sync::Arc;

use super::pending_push::PendingPush;
use crate::{
    credify::{boxed::boxed_twin, token::claim::Commitments},
    error::Error,
};

/// Keeps pushes under way and commitments. Each function is atomic and durable when it returns.
pub trait CommitmentStore: Send + Sync {
    /// Writes a push down, unless one is pending already for the same Credify id and slot. True when it was written.
    ///
    /// # Errors
    ///
    /// [`Error::store`]; nothing is pushed then.
    fn begin(&self, push: &PendingPush) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Makes the push's commitments those of its Credify id and slot, in place of earlier ones, and removes the pending
    /// push: both or neither. Nothing happens when this very push is not pending any more.
    ///
    /// # Errors
    ///
    /// [`Error::store`]; the push is then still pending.
    fn finish(&self, push: &PendingPush) -> impl Future<Output = Result<(), Error>> + Send;

    /// Removes the pending push, if it is this very one.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn abandon(&self, push: &PendingPush) -> impl Future<Output = Result<(), Error>> + Send;

    /// The push that is pending for a Credify id and slot.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn pending(
        &self,
        credify_id: &str,
        slot: &str,
    ) -> impl Future<Output = Result<Option<PendingPush>, Error>> + Send;

    /// All that is pending.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn all_pending(&self) -> impl Future<Output = Result<Vec<PendingPush>, Error>> + Send;

    /// The commitments of the last push that was finished for a Credify id and slot.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn commitments(
        &self,
        credify_id: &str,
        slot: &str,
    ) -> impl Future<Output = Result<Option<Commitments>, Error>> + Send;
}

impl<S: CommitmentStore> CommitmentStore for Arc<S> {
    async fn begin(&self, push: &PendingPush) -> Result<bool, Error> {
        (**self).begin(push).await
    }

    async fn finish(&self, push: &PendingPush) -> Result<(), Error> {
        (**self).finish(push).await
    }

    async fn abandon(&self, push: &PendingPush) -> Result<(), Error> {
        (**self).abandon(push).await
    }

    async fn pending(&self, credify_id: &str, slot: &str) -> Result<Option<PendingPush>, Error> {
        (**self).pending(credify_id, slot).await
    }

    async fn all_pending(&self) -> Result<Vec<PendingPush>, Error> {
        (**self).all_pending().await
    }

    async fn commitments(&self, credify_id: &str, slot: &str) -> Result<Option<Commitments>, Error> {
        (**self).commitments(credify_id, slot).await
    }
}

boxed_twin! {
    pub(super) trait DynCommitmentStore: CommitmentStore {
        fn begin<'a>(&self, push: &'a PendingPush) -> Result<bool, Error>;
        fn finish<'a>(&self, push: &'a PendingPush) -> Result<(), Error>;
        fn abandon<'a>(&self, push: &'a PendingPush) -> Result<(), Error>;
        fn pending<'a>(&self, credify_id: &'a str, slot: &'a str) -> Result<Option<PendingPush>, Error>;
        fn all_pending<'a>(&self) -> Result<Vec<PendingPush>, Error>;
        fn commitments<'a>(&self, credify_id: &'a str, slot: &'a str) -> Result<Option<Commitments>, Error>;
    }
}
