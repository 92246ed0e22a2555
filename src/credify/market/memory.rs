//! The market's databases in memory: for tests, and for trying it out.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{
    CommitmentStore, DisclosurePolicy, DocumentReference, OrderRecord, Orders, PendingPush, User, Users,
};
use crate::{
    credify::{offer::Segments, token::claim::Commitments},
    error::Error,
};

/// [`Users`] in memory.
#[derive(Default)]
pub struct MemoryUsers(Mutex<BTreeMap<String, User>>);

impl MemoryUsers {
    /// No users.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a user, in place of one with the same own id.
    pub fn insert(&self, user: User) {
        lock(&self.0).insert(user.local_id.clone(), user);
    }
}

impl<U: Into<User>> FromIterator<U> for MemoryUsers {
    fn from_iter<I: IntoIterator<Item = U>>(users: I) -> Self {
        let users = users.into_iter().map(Into::into).map(|user: User| (user.local_id.clone(), user));
        Self(Mutex::new(users.collect()))
    }
}

impl Users for MemoryUsers {
    fn by_local_id<'a>(&'a self, local_id: &'a str) -> BoxFuture<'a, Result<Option<User>, Error>> {
        Box::pin(async move { Ok(lock(&self.0).get(local_id).cloned()) })
    }

    fn by_credify_id<'a>(&'a self, credify_id: &'a str) -> BoxFuture<'a, Result<Option<User>, Error>> {
        Box::pin(async move {
            let users = lock(&self.0);
            let mut found = users.values().filter(|user| user.credify_id.as_deref() == Some(credify_id));
            Ok(match (found.next(), found.next()) {
                (Some(user), None) => Some(user.clone()),
                _ => None,
            })
        })
    }

    fn connect<'a>(&'a self, local_id: &'a str, credify_id: &'a str) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            if let Some(user) = lock(&self.0).get_mut(local_id) {
                user.credify_id = Some(credify_id.to_owned());
            }
            Ok(())
        })
    }

    fn count<'a>(
        &'a self,
        segments: &'a Segments,
        without: &'a [String],
        sharing: &'a DisclosurePolicy,
    ) -> BoxFuture<'a, Result<Vec<u64>, Error>> {
        Box::pin(async move {
            let mut counts = vec![0; segments.len()];
            for user in lock(&self.0).values() {
                if user.credify_id.as_ref().is_some_and(|id| without.contains(id)) {
                    continue;
                }
                segments.count_user(&Value::Object(sharing.claims(user).into_members()), &mut counts);
            }
            Ok(counts)
        })
    }
}

/// [`CommitmentStore`] in memory. It does not outlive the process: a market that pushes to the real provider needs one
/// that does.
#[derive(Default)]
pub struct MemoryCommitments(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    pending: BTreeMap<Key, PendingPush>,
    commitments: HashMap<Key, Commitments>,
}

/// Credify id and slot.
type Key = (String, String);

impl MemoryCommitments {
    /// Nothing is kept.
    pub fn new() -> Self {
        Self::default()
    }
}

impl CommitmentStore for MemoryCommitments {
    fn begin<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<bool, Error>> {
        Box::pin(async move {
            let mut kept = lock(&self.0);
            if kept.pending.contains_key(&key(push)) {
                return Ok(false);
            }
            kept.pending.insert(key(push), push.clone());
            Ok(true)
        })
    }

    fn finish<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut kept = lock(&self.0);
            if kept.take(push) {
                kept.commitments.insert(key(push), push.commitments().clone());
            }
            Ok(())
        })
    }

    fn abandon<'a>(&'a self, push: &'a PendingPush) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            lock(&self.0).take(push);
            Ok(())
        })
    }

    fn pending<'a>(
        &'a self,
        credify_id: &'a str,
        slot: &'a str,
    ) -> BoxFuture<'a, Result<Option<PendingPush>, Error>> {
        let key = (credify_id.to_owned(), slot.to_owned());
        Box::pin(async move { Ok(lock(&self.0).pending.get(&key).cloned()) })
    }

    fn all_pending(&self) -> BoxFuture<'_, Result<Vec<PendingPush>, Error>> {
        Box::pin(async move { Ok(lock(&self.0).pending.values().cloned().collect()) })
    }

    fn commitments<'a>(
        &'a self,
        credify_id: &'a str,
        slot: &'a str,
    ) -> BoxFuture<'a, Result<Option<Commitments>, Error>> {
        let key = (credify_id.to_owned(), slot.to_owned());
        Box::pin(async move { Ok(lock(&self.0).commitments.get(&key).cloned()) })
    }
}

impl Kept {
    /// Removes a pending push, if it is this very one.
    fn take(&mut self, push: &PendingPush) -> bool {
        let key = key(push);
        let is_this = self.pending.get(&key).is_some_and(|pending| pending.id() == push.id());
        if is_this {
            self.pending.remove(&key);
        }
        is_this
    }
}

fn key(push: &PendingPush) -> Key {
    (push.credify_id().to_owned(), push.slot().into_owned())
}

/// [`Orders`] in memory.
#[derive(Default)]
pub struct MemoryOrders(Mutex<Vec<OrderRecord>>);

impl MemoryOrders {
    /// No orders.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Orders for MemoryOrders {
    fn keep<'a>(&'a self, order: &'a OrderRecord) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let mut orders = lock(&self.0);
            orders.retain(|other| other.id != order.id);
            orders.push(order.clone());
            Ok(())
        })
    }

    fn get<'a>(&'a self, order_id: &'a str) -> BoxFuture<'a, Result<Option<OrderRecord>, Error>> {
        Box::pin(async move { Ok(lock(&self.0).iter().find(|order| order.id == order_id).cloned()) })
    }

    fn latest(&self, most: usize) -> BoxFuture<'_, Result<Vec<OrderRecord>, Error>> {
        Box::pin(async move { Ok(lock(&self.0).iter().rev().take(most).cloned().collect()) })
    }

    fn keep_documents<'a>(
        &'a self,
        order_id: &'a str,
        documents: &'a [DocumentReference],
    ) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            if let Some(order) = lock(&self.0).iter_mut().find(|order| order.id == order_id) {
                order.documents = documents.to_vec();
            }
            Ok(())
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for MemoryUsers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryUsers").finish_non_exhaustive()
    }
}

impl fmt::Debug for MemoryCommitments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryCommitments").finish_non_exhaustive()
    }
}

impl fmt::Debug for MemoryOrders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryOrders").finish_non_exhaustive()
    }
}
