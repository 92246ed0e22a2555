//! How a request leaves and an answer comes back.

pub(crate) mod decode;
