//! Files: taken in piece by piece, kept only once the whole request was found good.
//!
//! Source: the provider's integration documentation, "KYC" and "Login with SelfKey"; its direct demo.

use http::HeaderMap;
use serde_json::json;

use super::{
    body::RequestBody,
    holder::Holder,
    multipart::{Multipart, MultipartError, PartHead, is_multipart},
    rejection::{Outcome, Rejection, ok},
    service::Service,
    store::{DynFileSink, DynFiles, FileInfo},
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Pii,
};

/// The media type of a part that does not say.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// A file that was taken in and not kept yet.
pub(super) struct UncommittedFile {
    sink: Box<dyn DynFileSink>,
    pub(super) info: FileInfo,
    pub(super) size: u64,
}

impl UncommittedFile {
    pub(super) async fn commit(self) -> Result<String, Error> {
        self.sink.commit().await
    }
}

impl FileInfo {
    fn of(head: &PartHead) -> Self {
        Self {
            name: head.file_name.clone().map(Pii::new),
            media_type: head.media_type.clone().unwrap_or_else(|| UNKNOWN_TYPE.to_owned()),
        }
    }
}

impl Service {
    pub(super) async fn upload(&self, holder: &Holder, headers: &HeaderMap, body: RequestBody) -> Outcome {
        let files = self.files.as_deref().ok_or_else(Rejection::not_found)?;
        if !is_multipart(headers) {
            return Err(Rejection::no_file());
        }
        // One file, and what stands around it.
        let limit = self.max_file_bytes.saturating_add(64 * 1024);
        let mut multipart = Multipart::new(headers, body.into_pieces(), limit).ok_or_else(malformed)?;
        let names: &[&str] = if self.is_documented() { &["file", "document"] } else { &["document"] };
        let mut pending = None;
        while let Some(head) = multipart.next_part().await.map_err(rejected)? {
            if pending.is_some() || !names.contains(&head.name.as_str()) {
                return Err(Rejection::file_invalid("a request carries one file"));
            }
            pending = Some(self.receive(files, holder, &head, &mut multipart).await?);
        }
        let id = pending.ok_or_else(Rejection::no_file)?.commit().await;
        let id = id.map_err(|error| Rejection::of(error, Rejection::file_invalid))?;
        Ok(ok(&if self.is_documented() { json!({ "fileId": id }) } else { json!({ "id": id }) }))
    }

    pub(super) async fn file_link(&self, holder: &Holder, id: &str) -> Outcome {
        let files = self.files.as_deref().ok_or_else(Rejection::not_found)?;
        let link = files.link(holder, id).await;
        let link = link.map_err(|error| Rejection::of(error, Rejection::bad_request))?;
        Ok(ok(&json!({ "url": link.ok_or_else(Rejection::not_found)?.as_str() })))
    }

    /// Reads the part that has begun into a sink.
    pub(super) async fn receive(
        &self,
        files: &dyn DynFiles,
        holder: &Holder,
        head: &PartHead,
        multipart: &mut Multipart,
    ) -> Result<UncommittedFile, Rejection> {
        let of = |error| Rejection::of(error, Rejection::file_invalid);
        let info = FileInfo::of(head);
        let mut pending =
            UncommittedFile { sink: files.begin(holder, info.clone()).await.map_err(of)?, info, size: 0 };
        while let Some(piece) = multipart.piece().await.map_err(rejected)? {
            pending.size += piece.len() as u64;
            if pending.size > self.max_file_bytes {
                return Err(too_large());
            }
            pending.sink.write(piece).await.map_err(of)?;
        }
        Ok(pending)
    }
}

pub(super) fn rejected(fault: MultipartError) -> Rejection {
    match fault {
        MultipartError::Broken => Rejection::bad_request("the body broke off")
            .because(Error::new(ErrorKind::Interrupted, "the body broke off")),
        MultipartError::Malformed => malformed(),
        MultipartError::TooLarge => too_large(),
    }
}

pub(super) fn malformed() -> Rejection {
    Rejection::bad_request("the body is not multipart/form-data as it should be")
}

fn too_large() -> Rejection {
    Rejection::file_invalid("the file is larger than what is accepted")
        .because(Error::new(ErrorKind::TooLarge, "the file is larger than the limit"))
}
