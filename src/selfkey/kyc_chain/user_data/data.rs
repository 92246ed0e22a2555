//! What is known of a user.

use bytes::Bytes;
use serde::Serialize;

use crate::selfkey::model::{ApplicationAttribute, attribute::ByType};

/// What is known of a user: the attributes of the first application for a template, whatever its state.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UserData {
    /// What KYC-Chain knows the user by.
    pub id: String,
    /// The attributes by their type.
    pub attributes: ByType<ApplicationAttribute>,
}

/// A file of a user, to be kept somewhere. Its `Debug` shows the length only.
#[derive(Clone)]
#[non_exhaustive]
pub struct UserFile {
    /// What KYC-Chain knows it by.
    pub id: String,
    /// The media type that the attribute states.
    pub media_type: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
}

crate::privacy::redacted_debug!(UserFile { bytes: |it| it.bytes.len(), .. });
