//! Proofs: the images, papers and videos that are sent with an offsite request.
//!
//! Source: the parameter pages of the services, `docs/user_identification_authentication`.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

use crate::error::{Error, ErrorKind, FieldError};

/// The largest image or PDF, in bytes. The provider says 16 MB of the file; base64 adds a third on the wire.
pub const MAX_IMAGE: usize = 16 * 1024 * 1024;

/// The largest video, in bytes. The provider says 20 MB of the file.
pub const MAX_VIDEO: usize = 20 * 1024 * 1024;

/// The kind of a proof's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MediaType {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `application/pdf`, which counts as an image
    Pdf,
    /// `video/mp4`
    Mp4,
    /// `video/quicktime`
    Mov,
}

impl MediaType {
    /// The media type as it stands in a data URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Pdf => "application/pdf",
            Self::Mp4 => "video/mp4",
            Self::Mov => "video/quicktime",
        }
    }

    /// Whether it is a video.
    pub const fn is_video(self) -> bool {
        matches!(self, Self::Mp4 | Self::Mov)
    }

    /// The largest file of this kind, in bytes.
    pub const fn max_len(self) -> usize {
        if self.is_video() { MAX_VIDEO } else { MAX_IMAGE }
    }

    /// Letter case does not matter (RFC 2045, section 5.1); `image/jpg` is in use although it is not registered.
    fn of(name: &str) -> Option<Self> {
        [
            ("image/jpeg", Self::Jpeg),
            ("image/jpg", Self::Jpeg),
            ("image/png", Self::Png),
            ("application/pdf", Self::Pdf),
            ("video/mp4", Self::Mp4),
            ("video/quicktime", Self::Mov),
        ]
        .into_iter()
        .find_map(|(known, media_type)| name.eq_ignore_ascii_case(known).then_some(media_type))
    }

    /// Tells the kind by the first bytes of the file.
    fn sniff(bytes: &[u8]) -> Option<Self> {
        // Readers of PDF accept some bytes before the header (ISO 32000-1, annex H, note 13).
        const PDF_HEADER_WITHIN: usize = 1024;
        if bytes.starts_with(b"\xFF\xD8\xFF") {
            return Some(Self::Jpeg);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            return Some(Self::Png);
        }
        match (bytes.get(4..8), bytes.get(8..12)) {
            (Some(b"ftyp"), Some(b"qt  ")) => return Some(Self::Mov),
            (Some(b"ftyp"), Some(_)) => return Some(Self::Mp4),
            // QuickTime files from before the brand start with one of these atoms.
            (Some(b"moov" | b"mdat" | b"wide" | b"free" | b"skip" | b"pnot"), _) => return Some(Self::Mov),
            _ => {}
        }
        let head = &bytes[..bytes.len().min(PDF_HEADER_WITHIN)];
        head.windows(5).any(|window| window == b"%PDF-").then_some(Self::Pdf)
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A file that proves something: an image of a document, a video of a face, a paper.
///
/// It was checked for its kind and size when it was made. Cloning shares the bytes, and `Debug` prints kind and size.
///
/// ```
/// use kyckit::shuftipro::proof::Proof;
///
/// let proof = Proof::png(b"\x89PNG\r\n\x1A\n...".to_vec())?;
/// assert_eq!(format!("{proof:?}"), "Proof { media_type: Png, len: 11 }");
/// assert!(Proof::jpeg(b"\x89PNG\r\n\x1A\n...".to_vec()).is_err());
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    media_type: MediaType,
    bytes: Bytes,
}

impl Proof {
    /// A JPEG image.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when the bytes are not of this kind, [`ErrorKind::TooLarge`] above [`MAX_IMAGE`].
    pub fn jpeg(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        Self::of(MediaType::Jpeg, bytes.into())
    }

    /// A PNG image.
    ///
    /// # Errors
    ///
    /// As [`jpeg`](Self::jpeg).
    pub fn png(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        Self::of(MediaType::Png, bytes.into())
    }

    /// A PDF document.
    ///
    /// # Errors
    ///
    /// As [`jpeg`](Self::jpeg).
    pub fn pdf(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        Self::of(MediaType::Pdf, bytes.into())
    }

    /// An MP4 video.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when the bytes are not of this kind, [`ErrorKind::TooLarge`] above [`MAX_VIDEO`].
    pub fn mp4(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        Self::of(MediaType::Mp4, bytes.into())
    }

    /// A QuickTime video.
    ///
    /// # Errors
    ///
    /// As [`mp4`](Self::mp4).
    pub fn mov(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        Self::of(MediaType::Mov, bytes.into())
    }

    /// A file whose kind is told by its first bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when it is none of the kinds, [`ErrorKind::TooLarge`] above its kind's limit.
    pub fn detect(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        let bytes = bytes.into();
        let media_type = MediaType::sniff(&bytes)
            .ok_or_else(|| invalid("the file is neither JPEG, PNG, PDF, MP4 nor QuickTime"))?;
        Self::of(media_type, bytes)
    }

    /// A file in a data URL (RFC 2397) with base64: `data:image/png;base64,…`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when it is no such URL, when the base64 is not of the standard alphabet with padding
    /// and without line breaks, or when the file is not what the URL says; [`ErrorKind::TooLarge`] above the limit.
    pub fn from_data_url(url: &str) -> Result<Self, Error> {
        let (head, data) = url.split_once(',').ok_or_else(not_a_data_url)?;
        let head = head.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).map(|_| &head[5..]);
        let (media_type, encoding) =
            head.and_then(|head| head.rsplit_once(';')).ok_or_else(not_a_data_url)?;
        if !encoding.eq_ignore_ascii_case("base64") {
            return Err(not_a_data_url());
        }
        let name = media_type.split_once(';').map_or(media_type, |(name, _parameters)| name);
        let media_type = MediaType::of(name.trim())
            .ok_or_else(|| invalid("the media type is neither JPEG, PNG, PDF, MP4 nor QuickTime"))?;
        Self::of(media_type, decoded(data, media_type.max_len())?)
    }

    /// A file as bare base64, whose kind is told by its first bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when the base64 is not of the standard alphabet with padding and without line
    /// breaks, or the file is none of the kinds; [`ErrorKind::TooLarge`] above its kind's limit.
    pub fn from_base64(text: &str) -> Result<Self, Error> {
        Self::detect(decoded(text, MAX_VIDEO)?)
    }

    fn of(media_type: MediaType, bytes: Bytes) -> Result<Self, Error> {
        if bytes.len() > media_type.max_len() {
            return Err(too_large());
        }
        if MediaType::sniff(&bytes) != Some(media_type) {
            return Err(invalid("the file is not of the kind that was said"));
        }
        Ok(Self { media_type, bytes })
    }

    /// The file's kind.
    pub fn media_type(&self) -> MediaType {
        self.media_type
    }

    /// The file's size in bytes.
    #[allow(clippy::len_without_is_empty, reason = "an empty file is none of the kinds")]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The file.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The data URL that is sent. Requests do not go through it: they write the base64 into their body once.
    pub fn to_data_url(&self) -> String {
        let mut url = String::with_capacity(self.prefix().len() + self.base64_len());
        url.push_str(&self.prefix());
        STANDARD.encode_string(&self.bytes, &mut url);
        url
    }

    /// What stands before the base64.
    pub(crate) fn prefix(&self) -> String {
        format!("data:{};base64,", self.media_type)
    }

    /// The exact length of the base64.
    pub(crate) fn base64_len(&self) -> usize {
        self.bytes.len().div_ceil(3) * 4
    }

    /// Writes the base64 to the front of the buffer and tells its length.
    pub(crate) fn encode_into(&self, buffer: &mut [u8]) -> usize {
        #[allow(clippy::expect_used)]
        STANDARD.encode_slice(&self.bytes, buffer).expect("the buffer was made for base64_len bytes")
    }
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proof").field("media_type", &self.media_type).field("len", &self.len()).finish()
    }
}

/// Decodes only what can be within the limit.
fn decoded(text: &str, max: usize) -> Result<Bytes, Error> {
    if text.len() / 4 * 3 > max + 3 {
        return Err(too_large());
    }
    STANDARD
        .decode(text)
        .map(Bytes::from)
        .map_err(|_| invalid("not base64 of the standard alphabet, padded and without line breaks"))
}

fn invalid(what: &'static str) -> Error {
    Error::invalid("proof", what)
}

fn not_a_data_url() -> Error {
    invalid("not a data URL of the form data:image/png;base64,…")
}

fn too_large() -> Error {
    let what = "the file is larger than 16 MB for an image or PDF, 20 MB for a video";
    Error::new(ErrorKind::TooLarge, what).with_field(FieldError::new("proof", what))
}
