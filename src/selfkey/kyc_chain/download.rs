//! Files that KYC-Chain keeps.

use bytes::Bytes;
use http::header::CONTENT_TYPE;

use crate::{error::Error, transport::BufferedResponse};

/// A file that KYC-Chain keeps. Its `Debug` shows the length only.
#[derive(Clone)]
#[non_exhaustive]
pub struct File {
    /// The media type, as KYC-Chain says.
    pub media_type: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
}

impl File {
    pub(super) fn of(response: BufferedResponse) -> Result<Self, Error> {
        response.is_file()?;
        let media_type = response.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(Self { media_type: media_type.map(str::to_owned), bytes: response.body })
    }
}

crate::privacy::redacted_debug!(File { bytes: |it| it.bytes.len(), .. });
