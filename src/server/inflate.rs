//! Bodies that arrive under a content encoding: what is signed and parsed is the decoded body.

use std::io::Read;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http::{HeaderMap, header::CONTENT_ENCODING};

use super::{HeldBody, Unread};

/// The body without its content encoding, of at most `max_bytes`. A body without one is given back as it is.
pub(crate) fn decoded(headers: &HeaderMap, body: HeldBody, max_bytes: usize) -> Result<HeldBody, Unread> {
    let mut layers = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = value.to_str().map_err(|_| Unread::Encoding)?;
        layers.extend(value.split(',').map(str::trim).filter(|name| !name.is_empty()));
    }
    layers.retain(|name| !name.eq_ignore_ascii_case("identity"));
    match layers.as_slice() {
        [] => Ok(body),
        // One layer: each more multiplies what a few bytes can become.
        [gzip] if gzip.eq_ignore_ascii_case("gzip") || gzip.eq_ignore_ascii_case("x-gzip") => {
            body.map(|bytes| gunzip(&bytes, max_bytes))
        }
        _ => Err(Unread::Encoding),
    }
}

fn gunzip(bytes: &[u8], max_bytes: usize) -> Result<Bytes, Unread> {
    let limit = u64::try_from(max_bytes).unwrap_or(u64::MAX).saturating_add(1);
    let mut whole = Vec::new();
    MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut whole).map_err(|_| Unread::Encoding)?;
    if whole.len() > max_bytes { Err(Unread::TooLarge) } else { Ok(whole.into()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use http::HeaderValue;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("in memory");
        encoder.finish().expect("in memory")
    }

    fn read(encodings: &[&'static str], body: Vec<u8>, max_bytes: usize) -> Result<Vec<u8>, Unread> {
        let mut headers = HeaderMap::new();
        for encoding in encodings {
            headers.append(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        decoded(&headers, HeldBody::in_memory(body.into()), max_bytes).map(|body| body.to_vec())
    }

    #[test]
    fn gzip_in_every_spelling_and_of_several_members_is_undone() {
        let two_members = [gzip(b"{\"a\":"), gzip(b"1}")].concat();
        for encoding in ["gzip", "GZIP", "x-gzip", "identity, gzip", " gzip "] {
            assert_eq!(
                read(&[encoding], two_members.clone(), 7).as_deref(),
                Ok(&b"{\"a\":1}"[..]),
                "{encoding}"
            );
        }
        for plain in [&[][..], &["identity"], &[""]] {
            assert_eq!(read(plain, b"{}".to_vec(), 2).as_deref(), Ok(&b"{}"[..]), "{plain:?}");
        }
    }

    #[test]
    fn what_inflates_beyond_the_limit_is_refused_without_being_held() {
        let bomb = gzip(&vec![0; 50 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(read(&["gzip"], bomb, 1 << 20), Err(Unread::TooLarge));
        let nested = gzip(&gzip(b"{}"));
        for encodings in [&["gzip, gzip"][..], &["gzip", "gzip"], &["br"], &["gzip;q=1"]] {
            assert_eq!(read(encodings, nested.clone(), 1000), Err(Unread::Encoding), "{encodings:?}");
        }
        for broken in [&b""[..], b"{}", &gzip(b"{}")[..10]] {
            assert_eq!(read(&["gzip"], broken.to_vec(), 1000), Err(Unread::Encoding));
        }
    }
}
