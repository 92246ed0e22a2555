//! Stores in memory, bounded: for tests, and for a service of one process that may forget at a restart.

mod inbox;
mod one_time;

pub use inbox::MemoryInbox;
pub use one_time::MemoryOneTime;
