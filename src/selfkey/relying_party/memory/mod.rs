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
