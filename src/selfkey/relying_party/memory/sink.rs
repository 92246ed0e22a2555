//! Files on their way into the store in memory.

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;

use super::{
    super::{FileInfo, FileSink},
    Memory, StoredFile, share_used_up,
};
use crate::{error::Error, privacy::Pii};

/// A file on its way into the store in memory. What it holds counts from the first piece on.
pub(super) struct Sink {
    memory: Memory,
    holder: String,
    info: FileInfo,
    content: BytesMut,
    is_committed: bool,
}

impl Sink {
    /// For a holder of whom the file was counted already.
    pub(super) fn new(memory: Memory, holder: String, info: FileInfo) -> Self {
        Self { memory, holder, info, content: BytesMut::new(), is_committed: false }
    }

    /// Counts the piece as soon as it is there: files that are never committed take memory too.
    fn take(&mut self, piece: &[u8]) -> Result<(), Error> {
        let length = piece.len() as u64;
        let mut state = self.memory.state();
        if state.bytes.saturating_add(length) > self.memory.capacity_bytes {
            return Err(super::full());
        }
        let share = state.shares.entry(self.holder.clone()).or_default();
        if share.1.saturating_add(length) > self.memory.max_bytes_per_holder {
            return Err(share_used_up());
        }
        share.1 += length;
        state.bytes += length;
        drop(state);
        self.content.extend_from_slice(piece);
        Ok(())
    }
}

impl FileSink for Sink {
    fn write(&mut self, piece: Bytes) -> BoxFuture<'_, Result<(), Error>> {
        let taken = self.take(&piece);
        Box::pin(async move { taken })
    }

    fn commit(mut self: Box<Self>) -> BoxFuture<'static, Result<String, Error>> {
        Box::pin(async move {
            let id = self.memory.id();
            let memory = self.memory.clone();
            let mut state = memory.state();
            memory.room(state.files.len())?;
            let file = StoredFile {
                id: id.clone(),
                info: self.info.clone(),
                content: Pii::new(std::mem::take(&mut self.content).freeze()),
                holder: self.holder.clone(),
            };
            state.files.insert(id.clone(), file);
            self.is_committed = true;
            Ok(id)
        })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        if !self.is_committed {
            self.memory.state().give_back(&self.holder, self.content.len() as u64);
        }
    }
}
