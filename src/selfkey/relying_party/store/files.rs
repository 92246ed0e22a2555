//! Where the application keeps files.

use bytes::Bytes;
use url::Url;

use super::super::holder::Holder;
use crate::{error::Error, privacy::Pii};

/// Where the application keeps files.
pub trait Files: Send + Sync {
    /// A file on its way in.
    type Sink: FileSink + 'static;

    /// Begins a file of this holder. Nothing is kept of it until [`FileSink::commit`]; a sink that is dropped
    /// without is to leave nothing behind.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) or [`TooLarge`](crate::ErrorKind::TooLarge) for a file that
    /// is not wanted: 422 `file_invalid`. Everything else is 500.
    fn begin(
        &self,
        holder: &Holder,
        file: FileInfo,
    ) -> impl Future<Output = Result<Self::Sink, Error>> + Send;

    /// Whether the holder has such a file.
    ///
    /// # Errors
    ///
    /// When it could not be found out.
    fn has(&self, holder: &Holder, id: &str) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Removes a file that was just committed, because the rest of its request failed.
    ///
    /// # Errors
    ///
    /// When it is still there.
    fn remove(&self, holder: &Holder, id: &str) -> impl Future<Output = Result<(), Error>> + Send;

    /// A link under which the holder can read the file. Default: there is none.
    ///
    /// # Errors
    ///
    /// When it could not be made.
    fn link(&self, holder: &Holder, id: &str) -> impl Future<Output = Result<Option<Url>, Error>> + Send {
        let _ = (holder, id);
        async { Ok(None) }
    }
}

/// A file on its way in.
pub trait FileSink: Send + Sized {
    /// Takes the next piece.
    ///
    /// # Errors
    ///
    /// As [`Files::begin`].
    fn write(&mut self, piece: Bytes) -> impl Future<Output = Result<(), Error>> + Send;

    /// Keeps the file, and gives its id.
    ///
    /// # Errors
    ///
    /// As [`Files::begin`].
    fn commit(self) -> impl Future<Output = Result<String, Error>> + Send;
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
