//! A request on its way to its endpoint.

use http::{HeaderMap, Method};

/// A request that an endpoint answers.
#[derive(Clone, Copy)]
pub(in crate::credify) struct Request<'a> {
    pub(in crate::credify) method: &'a Method,
    /// The path, with the prefix.
    pub(in crate::credify) path: &'a str,
    /// The query without the question mark; empty where there is none.
    pub(in crate::credify) query: &'a str,
    pub(in crate::credify) headers: &'a HeaderMap,
    pub(in crate::credify) body: &'a [u8],
    /// The id in the path; empty where there is none.
    pub(in crate::credify) id: &'a str,
}

/// Splits the target of a request line into path and query.
pub(in crate::credify) fn path_and_query(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}
