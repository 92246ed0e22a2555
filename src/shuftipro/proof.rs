//! Proofs: the images, papers and videos that are sent with an offsite request.
//!
//! Source: the parameter pages of the services, `docs/user_identification_authentication`.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

use crate::error::{Error, ErrorKind, FieldError};

/// The size limit of an image or PDF, in bytes. The provider says 16 MB of the file; base64 adds a third on the wire.
pub const MAX_IMAGE: usize = 16 * 1024 * 1024;

/// The size limit of a video, in bytes. The provider says 20 MB of the file.
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

    /// The size limit of a file of this kind, in bytes.
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
        if bytes.starts_with(b"\xFF\xD8\xFF") {
            return Some(Self::Jpeg);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            return Some(Self::Png);
        }
        if let Some(brand) = major_brand(bytes) {
            return match &brand {
                b"qt  " => Some(Self::Mov),
                brand => MP4_BRANDS.contains(&brand).then_some(Self::Mp4),
            };
        }
        if is_old_quicktime(bytes) {
            return Some(Self::Mov);
        }
        is_pdf(bytes).then_some(Self::Pdf)
    }
}

/// Brands of MP4 files with pictures that move, as registered (mp4ra.org). The same container holds still pictures (`heic`,
/// `mif1`, `avif`), sound (`M4A `, `F4A `), raw pictures (`crx `) and other films (`3gp4`, `qt  `): none of them is
/// `video/mp4`, whatever they say they are compatible with.
const MP4_BRANDS: &[&[u8; 4]] = &[
    b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"isoa", b"isob",
    b"isoc", b"mp41", b"mp42", b"mp71", b"mmp4", b"avc1", b"avc2", b"avc3", b"avc4", b"hvc1", b"hev1",
    b"av01", b"dash", b"msdh", b"msix", b"cmf2", b"cmfc", b"cmff", b"cmfs", b"F4V ", b"F4P ", b"M4V ",
    b"M4VH", b"M4VP", b"MSNV", b"XAVC", b"NDSC", b"NDSH", b"NDSM", b"NDSP", b"NDSS", b"NDXC", b"NDXH",
    b"NDXM", b"NDXP", b"NDXS",
];

/// The first four bytes as a number.
fn length_of_box(bytes: &[u8]) -> Option<usize> {
    let length = bytes.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*length)).ok()
}

/// The brand in the `ftyp` box that begins a file of the ISO base media format (ISO/IEC 14496-12, section 4.3). The box has
/// a length, of which text that has these letters in the same place makes something enormous.
fn major_brand(bytes: &[u8]) -> Option<[u8; 4]> {
    const MAX_BRANDS: usize = 4096;
    let length = length_of_box(bytes)?;
    if bytes.get(4..8)? != b"ftyp" || !(16..=MAX_BRANDS).contains(&length) || length % 4 != 0 {
        return None;
    }
    bytes.get(8..12)?.try_into().ok()
}

/// QuickTime files from before the brand start with one of these atoms, which ends within the file and is followed by
/// another one.
fn is_old_quicktime(bytes: &[u8]) -> bool {
    const FIRST: [&[u8; 4]; 6] = [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];
    const FURTHER: [&[u8; 4]; 9] =
        [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"PICT", b"udta", b"uuid"];
    let is_one_of = |at: usize, known: &[&[u8; 4]]| {
        bytes.get(at..at.saturating_add(4)).is_some_and(|kind| known.iter().any(|one| kind == one.as_slice()))
    };
    if !is_one_of(4, &FIRST) {
        return false;
    }
    let end = match length_of_box(bytes) {
        // To the end of the file.
        Some(0) => return is_one_of(4, &[b"mdat"]),
        // A longer length follows the kind.
        Some(1) => match bytes.get(8..16).and_then(|length| <[u8; 8]>::try_from(length).ok()) {
            Some(length) => usize::try_from(u64::from_be_bytes(length)).unwrap_or(usize::MAX),
            None => return false,
        },
        Some(length) => length,
        None => return false,
    };
    (8..=bytes.len()).contains(&end) && (bytes.len() - end < 8 || is_one_of(end + 4, &FURTHER))
}

/// A header with a version at the start of the file, alone on its line (ISO 32000-1, section 7.5.2), behind no more than a
/// byte order mark and blanks. Readers take other bytes before it (annex H, note 13), but any text may mention a header.
fn is_pdf(bytes: &[u8]) -> bool {
    const MAX_BLANKS: usize = 1024;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
    let start = bytes.iter().take(MAX_BLANKS).take_while(|byte| is_blank(byte)).count();
    let Some([major, b'.', minor, rest @ ..]) = bytes[start..].strip_prefix(b"%PDF-") else { return false };
    let after = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    major.is_ascii_digit() && minor.is_ascii_digit() && matches!(after, None | Some(b'\r' | b'\n' | b'%'))
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

    /// A file; its kind follows from its first bytes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when it is none of the kinds, [`ErrorKind::TooLarge`] above its kind's limit.
    pub fn detect(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        let bytes = bytes.into();
        let media_type = MediaType::sniff(&bytes).ok_or_else(|| no_kind(&bytes))?;
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

    /// A file as bare base64; its kind follows from its first bytes.
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
        match MediaType::sniff(&bytes) {
            Some(found) if found == media_type => {}
            Some(_) => return Err(invalid("the file is not of the kind that was said")),
            None => return Err(no_kind(&bytes)),
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

crate::privacy::redacted_debug!(Proof { media_type, len: |this| this.len() });

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

/// Why a file is none that the provider takes.
fn no_kind(bytes: &[u8]) -> Error {
    if major_brand(bytes).is_some() {
        return invalid("the file is a picture, sound or film of another kind in the container of MP4")
            .with_hint("the provider takes JPEG, PNG and PDF, and MP4 and QuickTime films: convert it");
    }
    invalid("the file is neither JPEG, PNG, PDF, MP4 nor QuickTime")
}

fn not_a_data_url() -> Error {
    invalid("not a data URL of the form data:image/png;base64,…")
}

fn too_large() -> Error {
    let what = "the file is larger than 16 MB for an image or PDF, 20 MB for a video";
    Error::new(ErrorKind::TooLarge, what).with_field(FieldError::new("proof", what))
}
