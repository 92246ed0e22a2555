//! The small calls: status, delete, access token, proof download.

use bytes::Bytes;

use super::{
    Reference,
    body::{Body, Encode},
    check,
};
use crate::{error::Error, privacy::Secret};

/// `POST /status`: the state of a request, its result and links to its proofs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRequest {
    reference: Reference,
}

impl StatusRequest {
    /// Asks about a request.
    pub fn new(reference: Reference) -> Self {
        Self { reference }
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// None today; every request's body may be refused.
    pub fn body(&self) -> Result<Bytes, Error> {
        Ok(Body::of(self))
    }
}

impl Encode for StatusRequest {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(None, |object| object.member("reference", &self.reference));
    }
}

/// `POST /delete`: removes a request and what it holds. It cannot be undone, and the reference stays used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteRequest {
    reference: Reference,
    comment: String,
}

impl DeleteRequest {
    /// Deletes a request, for a reason of 5 to 200 characters. The reason stays with the provider: it must tell nothing
    /// about a person.
    pub fn new(reference: Reference, comment: impl Into<String>) -> Self {
        Self { reference, comment: comment.into() }
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

impl Encode for DeleteRequest {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(None, |object| {
            object.member("reference", &self.reference);
            object.member("comment", &self.comment);
        });
    }
}

/// `POST /get/access/token`: a token that stands in for the credentials in one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessTokenRequest;

impl AccessTokenRequest {
    /// Asks for a token.
    pub fn new() -> Self {
        Self
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// None today; every request's body may be refused.
    pub fn body(&self) -> Result<Bytes, Error> {
        Ok(Bytes::from_static(b"{}"))
    }
}

/// `POST` on a link of a status answer: the file itself.
#[derive(Clone, Debug)]
pub struct ProofDownload {
    access_token: Secret,
}

impl ProofDownload {
    /// Opens a link with the token that came beside it.
    pub fn new(access_token: impl Into<Secret>) -> Self {
        Self { access_token: access_token.into() }
    }

    /// The JSON body.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the token is empty.
    pub fn body(&self) -> Result<Bytes, Error> {
        if self.access_token.expose().is_empty() {
            return Err(Error::invalid("access_token", "must not be empty"));
        }
        Ok(Body::of(self))
    }
}

impl Encode for ProofDownload {
    fn encode<'a>(&'a self, body: &mut Body<'a>) {
        body.object(None, |object| object.member("access_token", &self.access_token));
    }
}
