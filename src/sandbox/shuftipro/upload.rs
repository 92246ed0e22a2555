//! Proofs: the files that came with a request, and the ones that the sandbox makes up.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;

pub(super) use crate::sandbox::files::{mp4, pdf, png};

/// Largest image and largest video, decoded (contract section 3.2).
const MAX_IMAGE_BYTES: usize = 16 << 20;
const MAX_VIDEO_BYTES: usize = 20 << 20;

/// In the first 4 KiB of a proof: the codes that follow, separated by commas, decline it. The sandbox's stand-in for the
/// provider's fake test documents.
const DECLINE_MARK: &[u8] = b"kyckit-sandbox-decline:";

/// A file that came with a request.
#[derive(Clone)]
pub(super) struct Upload {
    pub(super) service: String,
    /// `proof` or `additional_proof`.
    pub(super) kind: &'static str,
    pub(super) media_type: &'static str,
    pub(super) bytes: Bytes,
}

impl Upload {
    /// Reads a data URL, or bare base64, which is taken for a JPEG.
    pub(super) fn decode(text: &str) -> Result<(&'static str, Bytes), &'static str> {
        let (media_type, data) = match text.strip_prefix("data:") {
            None => ("image/jpeg", text),
            Some(url) => {
                let (head, data) = url.split_once(",").ok_or("The proof is not a valid data URL.")?;
                let media_type = match head {
                    "image/jpeg;base64" | "image/jpg;base64" => "image/jpeg",
                    "image/png;base64" => "image/png",
                    "application/pdf;base64" => "application/pdf",
                    "video/mp4;base64" => "video/mp4",
                    "video/quicktime;base64" => "video/quicktime",
                    _ => return Err("The proof must be a file of type: jpg, jpeg, png, pdf, mp4, mov."),
                };
                (media_type, data)
            }
        };
        let bytes = STANDARD.decode(data).map_err(|_| "The proof must be a valid BASE64 string.")?;
        let max_bytes = if media_type.starts_with("video/") { MAX_VIDEO_BYTES } else { MAX_IMAGE_BYTES };
        if bytes.is_empty() || bytes.len() > max_bytes {
            return Err("The proof may not be greater than 16 MB (images) or 20 MB (videos).");
        }
        Ok((media_type, Bytes::from(bytes)))
    }

    /// The codes that the file itself asks to be declined with.
    pub(super) fn decline_codes(&self) -> Vec<String> {
        let bytes = &self.bytes[..self.bytes.len().min(4096)];
        let Some(at) = bytes.windows(DECLINE_MARK.len()).position(|window| window == DECLINE_MARK) else {
            return Vec::new();
        };
        let rest = &bytes[at + DECLINE_MARK.len()..];
        let end =
            rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b',').unwrap_or(rest.len());
        let codes = std::str::from_utf8(&rest[..end]).unwrap_or_default().split(',');
        codes.filter(|code| !code.is_empty()).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_urls_are_read_and_others_are_refused() {
        let (media_type, bytes) = Upload::decode("data:image/png;base64,AAEC").expect("valid");
        assert_eq!((media_type, bytes.as_ref()), ("image/png", [0, 1, 2].as_slice()));
        assert_eq!(Upload::decode("AAEC").expect("bare").0, "image/jpeg");
        for wrong in [
            "data:image/png;base64",
            "data:text/html;base64,AAEC",
            "AAE",
            "AA EC",
            "data:image/png;base64,",
            "A\nAEC",
        ] {
            assert!(Upload::decode(wrong).is_err(), "{wrong}");
        }
        let large = STANDARD.encode(vec![0; MAX_IMAGE_BYTES + 1]);
        assert!(Upload::decode(&large).is_err());
        assert!(Upload::decode(&format!("data:video/mp4;base64,{large}")).is_ok());
    }

    #[test]
    fn a_marked_file_names_its_codes() {
        let upload = |bytes: &'static [u8]| Upload {
            service: "document".into(),
            kind: "proof",
            media_type: "image/png",
            bytes: Bytes::from_static(bytes),
        };
        assert_eq!(
            upload(b"PNG kyckit-sandbox-decline:SPDR06,SPDR18\n").decline_codes(),
            ["SPDR06", "SPDR18"]
        );
        assert!(upload(b"PNG").decline_codes().is_empty());
    }
}
