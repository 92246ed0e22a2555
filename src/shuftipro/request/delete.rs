//! The deletion call.

use bytes::Bytes;

use super::{Reference, body::Body, check, object::object};
use crate::error::Error;

object! {
    /// `POST /delete`: removes a request and what it holds. It cannot be undone, and the reference stays used.
    #[derive(Clone, Debug, PartialEq)]
    pub struct DeleteRequest {
        fn reference(required Reference);
        fn comment(required String);
    }
}

impl DeleteRequest {
    /// Deletes a request, for a reason of 5 to 200 characters. The reason stays with the provider: it must tell nothing
    /// about a person.
    pub fn new(reference: Reference, comment: impl Into<String>) -> Self {
        Self::blank(reference, comment.into())
    }

    /// The reference.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the comment is too short or too long.
    pub fn body(&self) -> Result<Bytes, Error> {
        check::length("", "comment", &self.comment, 5..=200)?;
        Ok(Body::of(self))
    }
}
