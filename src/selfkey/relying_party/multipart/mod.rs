//! Reading `multipart/form-data` (RFC 7578) piece by piece, with a bound on everything that is held.

mod head;
mod reader;
#[cfg(test)]
mod tests;

pub(super) use head::PartHead;
#[cfg(feature = "sandbox")]
pub(crate) use reader::read_all;
pub(super) use reader::{Multipart, MultipartError, is_multipart};
