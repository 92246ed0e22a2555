//! Pushes under way, and the commitments of those that the provider took.
//!
//! What is pushed is a hash; the commitment that went into it is what later proves the data. A commitment that is lost
//! cannot be had again, and one that is made anew does not fit what was pushed. So a push has three steps:
//!
//! 1. Tokens and commitments are written down as pending ([`CommitmentStore::begin`]). Nothing has left yet.
//! 2. The tokens are put to the provider, and the users' database learns the Credify id.
//! 3. The commitments become those of the user, and the pending push is gone ([`CommitmentStore::finish`]). Only now is
//!    the caller told 200.
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

use std::{borrow::Cow, fmt, sync::Arc};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::{clock::Clock, credify::token::claim::Commitments, error::Error, privacy::Pii};

/// Keeps pushes under way and commitments. Each function is atomic and durable when it returns.
pub trait CommitmentStore: Send + Sync {
    /// Writes a push down, unless one is pending already for the same Credify id and slot. True when it was written.
    ///
    /// # Errors
    ///
    /// [`Error::store`]; nothing is pushed then.
    fn begin<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<bool, Error>>;

    /// Makes the push's commitments those of its Credify id and slot, in place of earlier ones, and removes the pending
    /// push: both or neither. Nothing happens when this very push is not pending any more.
    ///
    /// # Errors
    ///
    /// [`Error::store`]; the push is then still pending.
    fn finish<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<(), Error>>;

    /// Removes the pending push, if it is this very one.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn abandon<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<(), Error>>;

    /// The push that is pending for a Credify id and slot.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn pending<'a>(
        &'a self,
        credify_id: &'a str,
        slot: &'a str,
    ) -> BoxFuture<'a, Result<Option<PendingPush>, Error>>;

    /// All that is pending.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn all_pending(&self) -> BoxFuture<'_, Result<Vec<PendingPush>, Error>>;

    /// The commitments of the last push that was finished for a Credify id and slot.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn commitments<'a>(
        &'a self,
        credify_id: &'a str,
        slot: &'a str,
    ) -> BoxFuture<'a, Result<Option<Commitments>, Error>>;
}

impl<S: CommitmentStore + ?Sized> CommitmentStore for Arc<S> {
    fn begin<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<bool, Error>> {
        (**self).begin(push)
    }

    fn finish<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<(), Error>> {
        (**self).finish(push)
    }

    fn abandon<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<(), Error>> {
        (**self).abandon(push)
    }

    fn pending<'a>(
        &'a self,
        credify_id: &'a str,
        slot: &'a str,
    ) -> BoxFuture<'a, Result<Option<PendingPush>, Error>> {
        (**self).pending(credify_id, slot)
    }

    fn all_pending(&self) -> BoxFuture<'_, Result<Vec<PendingPush>, Error>> {
        (**self).all_pending()
    }

    fn commitments<'a>(
        &'a self,
        credify_id: &'a str,
        slot: &'a str,
    ) -> BoxFuture<'a, Result<Option<Commitments>, Error>> {
        (**self).commitments(credify_id, slot)
    }
}

/// A push that was written down before it left. It serialises to JSON and back, for a store to keep.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingPush {
    id: String,
    credify_id: Pii<String>,
    about: About,
    tokens: Vec<Pii<String>>,
    commitments: Commitments,
}

/// What a push is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum About {
    /// The claims of a user.
    User { local_id: Pii<String> },
    /// The documents of an order.
    Order { order_id: String, documents: Vec<DocumentReference> },
}

/// Where a document of an order lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::exhaustive_structs, reason = "a name and a place")]
pub struct DocumentReference {
    /// Its kind in lower case: `invoice`, `down_payment`, `first_payment`, `delivery`.
    pub name: String,
    /// Its URL.
    pub url: Pii<String>,
}

/// The slot of a user's claims; the documents of an order have a slot of their own.
pub(super) const USER_SLOT: &str = "user";

impl PendingPush {
    pub(super) fn new(
        clock: &Clock,
        credify_id: &str,
        about: About,
        tokens: Vec<Pii<String>>,
        commitments: Commitments,
    ) -> Result<Self, Error> {
        let id = clock
            .random::<16>()
            .map_err(|source| Error::configuration("no push could be named").with_source(source))?;
        let credify_id = Pii::new(credify_id.to_owned());
        Ok(Self { id: hex::encode(id), credify_id, about, tokens, commitments })
    }

    /// Tells pushes apart: 32 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whose claims they are.
    pub fn credify_id(&self) -> &str {
        self.credify_id.expose()
    }

    /// Under which word the commitments are kept beside the Credify id: `user` for the user's claims, `order:<id>` for
    /// the documents of an order.
    pub fn slot(&self) -> Cow<'_, str> {
        match &self.about {
            About::User { .. } => USER_SLOT.into(),
            About::Order { order_id, .. } => order_slot(order_id).into(),
        }
    }

    /// The commitments, by scope.
    pub fn commitments(&self) -> &Commitments {
        &self.commitments
    }

    /// The tokens, in the order of the scopes.
    pub fn tokens(&self) -> &[Pii<String>] {
        &self.tokens
    }

    pub(super) fn about(&self) -> &About {
        &self.about
    }
}

pub(super) fn order_slot(order_id: &str) -> String {
    format!("order:{order_id}")
}

impl fmt::Debug for PendingPush {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingPush").field("id", &self.id).finish_non_exhaustive()
    }
}
