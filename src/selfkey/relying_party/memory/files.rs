//! Files in memory.

use super::{
    super::{
        holder::Holder,
        store::{FileInfo, Files},
    },
    sink::Sink,
    state::share_used_up,
    store::Memory,
};
use crate::error::Error;

impl Files for Memory {
    type Sink = Sink;

    async fn begin(&self, holder: &Holder, info: FileInfo) -> Result<Sink, Error> {
        let mut state = self.state();
        self.check_capacity(state.files.len())?;
        let share = state.shares.entry(holder.key()).or_default();
        if share.0 >= self.max_per_holder {
            return Err(share_used_up());
        }
        share.0 += 1;
        drop(state);
        Ok(Sink::new(self.clone(), holder.key(), info))
    }

    async fn has(&self, holder: &Holder, id: &str) -> Result<bool, Error> {
        let has = self.state().files.get(id).is_some_and(|file| file.holder == holder.key());
        Ok(has)
    }

    async fn remove(&self, holder: &Holder, id: &str) -> Result<(), Error> {
        let mut state = self.state();
        if state.files.get(id).is_some_and(|file| file.holder == holder.key())
            && let Some(file) = state.files.remove(id)
        {
            state.give_back(&file.holder, file.content.expose().len() as u64);
        }
        Ok(())
    }
}
