//! Users, files, applications and templates in memory: for tests, for examples, for a first try.

mod application;
mod applications;
mod files;
mod sink;
mod state;
mod store;
mod templates;
mod timestamp;
mod users;

pub use state::StoredFile;
pub use store::Memory;

/// How long a caller waits when the store is full: when a place is free is not known.
const FULL_WAIT: std::time::Duration = std::time::Duration::from_secs(60);

fn full() -> crate::Error {
    crate::Error::store("the store in memory is full").with_retry_after(FULL_WAIT)
}
