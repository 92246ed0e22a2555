//! Files: taken in piece by piece, kept only once the whole request was found good.
//!
//! Source: the provider's integration documentation, "KYC" and "Login with SelfKey"; its direct demo.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::HeaderMap;
use serde_json::json;
use url::Url;

use super::{
    Holder, Incoming, Service,
    answer::{Outcome, Refusal, ok},
    multipart::{Fault, Head, Multipart, is_multipart},
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Pii,
};

/// The media type of a part that does not say.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Where the application keeps files.
pub trait Files: Send + Sync {
    /// Makes room for a file of this holder. Nothing is kept of it until [`FileSink::commit`]; a sink that is dropped
    /// without is to leave nothing behind.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) or [`TooLarge`](ErrorKind::TooLarge) for a file that is not
    /// wanted: 422 `file_invalid`. Everything else is 500.
    fn begin<'a>(
        &'a self,
        holder: &'a Holder,
        file: FileInfo,
    ) -> BoxFuture<'a, Result<Box<dyn FileSink>, Error>>;

    /// Whether the holder has such a file.
    ///
    /// # Errors
    ///
    /// When it could not be found out.
    fn has<'a>(&'a self, holder: &'a Holder, id: &'a str) -> BoxFuture<'a, Result<bool, Error>>;

    /// Removes a file that was just committed, because the rest of its request failed.
    ///
    /// # Errors
    ///
    /// When it is still there.
    fn remove<'a>(&'a self, holder: &'a Holder, id: &'a str) -> BoxFuture<'a, Result<(), Error>>;

    /// A link under which the holder can read the file. Default: there is none.
    ///
    /// # Errors
    ///
    /// When it could not be made.
    fn link<'a>(&'a self, holder: &'a Holder, id: &'a str) -> BoxFuture<'a, Result<Option<Url>, Error>> {
        let _ = (holder, id);
        Box::pin(async { Ok(None) })
    }
}

/// A file on its way in.
pub trait FileSink: Send {
    /// Takes the next piece.
    ///
    /// # Errors
    ///
    /// As [`Files::begin`].
    fn write(&mut self, piece: Bytes) -> BoxFuture<'_, Result<(), Error>>;

    /// Keeps the file, and gives its id.
    ///
    /// # Errors
    ///
    /// As [`Files::begin`].
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<String, Error>>;
}

/// What the wallet says of a file. Nothing of it is proven.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileInfo {
    /// The name. It may hold anything, so it is no path.
    pub name: Option<Pii<String>>,
    /// The media type.
    pub media_type: String,
}

/// A file that was taken in and not kept yet.
pub(super) struct Pending {
    sink: Box<dyn FileSink>,
    pub(super) info: FileInfo,
    pub(super) size: u64,
}

impl Pending {
    pub(super) async fn commit(self) -> Result<String, Error> {
        self.sink.commit().await
    }
}

impl FileInfo {
    fn of(head: &Head) -> Self {
        Self {
            name: head.file_name.clone().map(Pii::new),
            media_type: head.media_type.clone().unwrap_or_else(|| UNKNOWN_TYPE.to_owned()),
        }
    }
}

impl Service {
    pub(super) async fn upload(&self, holder: &Holder, headers: &HeaderMap, body: Incoming) -> Outcome {
        let files = self.files.as_deref().ok_or_else(Refusal::not_found)?;
        if !is_multipart(headers) {
            return Err(Refusal::no_file());
        }
        // One file, and what stands around it.
        let limit = self.largest_file.saturating_add(64 * 1024);
        let mut multipart = Multipart::new(headers, body.into_pieces(), limit).ok_or_else(malformed)?;
        let names: &[&str] = if self.is_documented() { &["file", "document"] } else { &["document"] };
        let mut pending = None;
        while let Some(head) = multipart.next_part().await.map_err(refused)? {
            if pending.is_some() || !names.contains(&head.name.as_str()) {
                return Err(Refusal::file_invalid("a request carries one file"));
            }
            pending = Some(self.take_in(files, holder, &head, &mut multipart).await?);
        }
        let id = pending.ok_or_else(Refusal::no_file)?.commit().await;
        let id = id.map_err(|error| Refusal::of(error, Refusal::file_invalid))?;
        Ok(ok(&if self.is_documented() { json!({ "fileId": id }) } else { json!({ "id": id }) }))
    }

    pub(super) async fn file_link(&self, holder: &Holder, id: &str) -> Outcome {
        let files = self.files.as_deref().ok_or_else(Refusal::not_found)?;
        let link = files.link(holder, id).await;
        let link = link.map_err(|error| Refusal::of(error, Refusal::bad_request))?;
        Ok(ok(&json!({ "url": link.ok_or_else(Refusal::not_found)?.as_str() })))
    }

    /// Reads the part that has begun into a sink.
    pub(super) async fn take_in(
        &self,
        files: &dyn Files,
        holder: &Holder,
        head: &Head,
        multipart: &mut Multipart,
    ) -> Result<Pending, Refusal> {
        let of = |error| Refusal::of(error, Refusal::file_invalid);
        let info = FileInfo::of(head);
        let mut pending =
            Pending { sink: files.begin(holder, info.clone()).await.map_err(of)?, info, size: 0 };
        while let Some(piece) = multipart.piece().await.map_err(refused)? {
            pending.size += piece.len() as u64;
            if pending.size > self.largest_file {
                return Err(too_large());
            }
            pending.sink.write(piece).await.map_err(of)?;
        }
        Ok(pending)
    }
}

pub(super) fn refused(fault: Fault) -> Refusal {
    match fault {
        Fault::Broken => Refusal::bad_request("the body broke off")
            .because(Error::new(ErrorKind::Interrupted, "the body broke off")),
        Fault::Malformed => malformed(),
        Fault::TooLarge => too_large(),
    }
}

pub(super) fn malformed() -> Refusal {
    Refusal::bad_request("the body is not multipart/form-data as it should be")
}

fn too_large() -> Refusal {
    Refusal::file_invalid("the file is larger than what is accepted")
        .because(Error::new(ErrorKind::TooLarge, "the file is larger than the limit"))
}
