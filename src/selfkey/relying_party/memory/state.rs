//! What the store holds.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use serde_json::Value;

use super::{
    super::{
        holder::Holder,
        store::{FileInfo, NewUser},
    },
    application::StoredApplication,
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Pii,
    selfkey::model::id_of,
};

/// After how long a caller may come again when the store is full.
const FULL_WAIT: Duration = Duration::from_secs(60);

/// A file as [`Memory`](super::Memory) keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredFile {
    /// Its id.
    pub id: String,
    /// What the wallet said of it.
    pub info: FileInfo,
    /// The content.
    pub content: Pii<Bytes>,
    pub(super) holder: String,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) users: HashMap<String, NewUser>,
    pub(super) tokens: HashMap<String, (String, SystemTime)>,
    pub(super) files: HashMap<String, StoredFile>,
    /// Of all files, those included that are on their way in.
    pub(super) bytes: u64,
    /// Files and their bytes by holder, those on their way in included.
    pub(super) shares: HashMap<String, (usize, u64)>,
    pub(super) templates: Vec<Value>,
    /// In the order in which they were made.
    pub(super) applications: Vec<StoredApplication>,
    pub(super) kyc_users: HashMap<String, Value>,
    pub(super) drawn: u64,
}

impl State {
    /// A file of the holder is gone.
    pub(super) fn give_back(&mut self, holder: &str, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
        if let Some(share) = self.shares.get_mut(holder) {
            share.0 = share.0.saturating_sub(1);
            share.1 = share.1.saturating_sub(bytes);
            if share.0 == 0 {
                self.shares.remove(holder);
            }
        }
    }

    pub(super) fn template(&self, id: &str) -> Option<Value> {
        self.templates.iter().find(|one| one.get("id").and_then(id_of).as_deref() == Some(id)).cloned()
    }

    pub(super) fn find_any(&mut self, id: &str) -> Option<&mut StoredApplication> {
        self.applications.iter_mut().find(|kept| kept.body["id"] == id)
    }

    pub(super) fn find(&mut self, holder: &Holder, id: &str) -> Option<&mut StoredApplication> {
        let key = holder.key();
        self.find_any(id).filter(|kept| kept.holder == key)
    }
}

/// The store is full; it is not known when there is a place again.
pub(super) fn full() -> Error {
    Error::store("the store in memory is full").with_retry_after(FULL_WAIT)
}

pub(super) fn share_used_up() -> Error {
    Error::new(ErrorKind::RateLimited, "one holder has as much as one holder may have")
}
