//! The market's databases in memory: for tests, and for trying it out.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;

use super::{
    commitment_store::CommitmentStore,
    disclosure::DisclosurePolicy,
    order_record::{DocumentReference, OrderRecord},
    orders::Orders,
    pending_push::PendingPush,
    user::User,
    users::Users,
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
    async fn by_local_id(&self, local_id: &str) -> Result<Option<User>, Error> {
        Ok(lock(&self.0).get(local_id).cloned())
    }

    async fn by_credify_id(&self, credify_id: &str) -> Result<Option<User>, Error> {
        let users = lock(&self.0);
        let mut found = users.values().filter(|user| user.credify_id.as_deref() == Some(credify_id));
        Ok(match (found.next(), found.next()) {
            (Some(user), None) => Some(user.clone()),
            _ => None,
        })
    }

    async fn connect(&self, local_id: &str, credify_id: &str) -> Result<(), Error> {
        if let Some(user) = lock(&self.0).get_mut(local_id) {
            user.credify_id = Some(credify_id.to_owned());
        }
        Ok(())
    }

    async fn count(
        &self,
        segments: &Segments,
        without: &[String],
        disclosure: &DisclosurePolicy,
    ) -> Result<Vec<u64>, Error> {
        let mut counts = vec![0; segments.len()];
        for user in lock(&self.0).values() {
            if user.credify_id.as_ref().is_some_and(|id| without.contains(id)) {
                continue;
            }
            segments.count_user(&Value::Object(disclosure.claims(user).into_members()), &mut counts);
        }
        Ok(counts)
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
    async fn begin(&self, push: &PendingPush) -> Result<bool, Error> {
        let mut kept = lock(&self.0);
        if kept.pending.contains_key(&key(push)) {
            return Ok(false);
        }
        kept.pending.insert(key(push), push.clone());
        Ok(true)
    }

    async fn finish(&self, push: &PendingPush) -> Result<(), Error> {
        let mut kept = lock(&self.0);
        if kept.take(push) {
            kept.commitments.insert(key(push), push.commitments().clone());
        }
        Ok(())
    }

    async fn abandon(&self, push: &PendingPush) -> Result<(), Error> {
        lock(&self.0).take(push);
        Ok(())
    }

    async fn pending(&self, credify_id: &str, slot: &str) -> Result<Option<PendingPush>, Error> {
        let key = (credify_id.to_owned(), slot.to_owned());
        Ok(lock(&self.0).pending.get(&key).cloned())
    }

    async fn all_pending(&self) -> Result<Vec<PendingPush>, Error> {
        Ok(lock(&self.0).pending.values().cloned().collect())
    }

    async fn commitments(&self, credify_id: &str, slot: &str) -> Result<Option<Commitments>, Error> {
        let key = (credify_id.to_owned(), slot.to_owned());
        Ok(lock(&self.0).commitments.get(&key).cloned())
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
    async fn keep(&self, order: &OrderRecord) -> Result<(), Error> {
        let mut orders = lock(&self.0);
        orders.retain(|other| other.id != order.id);
        orders.push(order.clone());
        Ok(())
    }

    async fn get(&self, order_id: &str) -> Result<Option<OrderRecord>, Error> {
        Ok(lock(&self.0).iter().find(|order| order.id == order_id).cloned())
    }

    async fn latest(&self, max: usize) -> Result<Vec<OrderRecord>, Error> {
        Ok(lock(&self.0).iter().rev().take(max).cloned().collect())
    }

    async fn keep_documents(&self, order_id: &str, documents: &[DocumentReference]) -> Result<(), Error> {
        if let Some(order) = lock(&self.0).iter_mut().find(|order| order.id == order_id) {
            order.documents = documents.to_vec();
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

crate::privacy::redacted_debug!(MemoryUsers { .. });

crate::privacy::redacted_debug!(MemoryCommitments { .. });

crate::privacy::redacted_debug!(MemoryOrders { .. });
