//! The endpoints: a file each, with its request, how that is read, and its handler over the parts that it needs.

pub(super) mod begin;
pub(super) mod complete;
pub(super) mod user_existence;
pub(super) mod user_existence_by_hash;
