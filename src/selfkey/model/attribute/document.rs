//! A file that belongs to an attribute.

use serde_json::{Value, json};

use crate::{error::Error, transport::Upload};

/// A file of an attribute, with the number by which the attribute's data refers to it.
#[derive(Clone)]
pub struct Document {
    pub(crate) id: u64,
    pub(crate) name: Option<String>,
    pub(crate) media_type: String,
    pub(crate) content: Upload,
}

impl Document {
    /// Creates a document by its number, its media type (`image/png`, `application/pdf`, …) and its bytes.
    pub fn new(id: u64, media_type: impl Into<String>, content: Upload) -> Self {
        Self { id, name: None, media_type: media_type.into(), content }
    }

    /// Names the file.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Returns the number of bytes.
    pub fn size(&self) -> u64 {
        self.content.length()
    }

    /// # Errors
    ///
    /// [`TooLarge`](crate::ErrorKind::TooLarge) beyond the limit.
    pub(crate) fn fits(&self, max_bytes: u64) -> Result<(), Error> {
        if self.size() <= max_bytes {
            return Ok(());
        }
        Err(Error::new(crate::ErrorKind::TooLarge, "the file is larger than the limit; nothing was sent")
            .with_hint("the provider's schemas allow 50 000 000 bytes; raise the limit if the relying party takes more"))
    }
}

/// A file as it stands in an attribute's data after it was uploaded.
pub(crate) fn file_object(document: &Document, uploaded: &str) -> Value {
    let mut object = json!({ "id": document.id, "mimeType": document.media_type, "size": document.size() });
    if let Some(name) = &document.name {
        object["name"] = json!(name);
    }
    object["content"] = json!(uploaded);
    object
}

crate::privacy::redacted_debug!(Document { size: |it| it.size(), .. });
