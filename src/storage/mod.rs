//! What a backend keeps: store traits for its database, and bounded stores in memory.
//!
//! | trait | keeps | in memory | any store, as one type |
//! | --- | --- | --- | --- |
//! | [`InboxStore`] | waiting events and applied states | [`MemoryInbox`] | [`AnyInboxStore`] |
//! | [`OneTimeStore`] | nonces, sessions, used states | [`MemoryOneTime`] | [`AnyOneTimeStore`] |
//!
//! The traits have `async` methods, and an implementation writes them as `async fn`.
//! [`testkit`](crate::testkit) proves a store against what its trait promises.

mod inbox;
mod memory;
mod one_time;

pub use inbox::{AnyInboxStore, AppliedState, InboxStore, LeaseStatus, LeasedEvent, NewEvent, Receipt};
pub use memory::{MemoryInbox, MemoryOneTime};
pub use one_time::{AnyOneTimeStore, OneTimeStore, OneTimeValue};
