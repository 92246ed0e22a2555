//! How a message is kept while it waits: the headers that were verified and the raw body, in one piece.
//!
//! The form is that of an HTTP/1.1 message (RFC 9112, section 2.1) without its first line: `name: value` lines that
//! end in CRLF, an empty line, the body. A header's value cannot hold CR or LF, so nothing needs escapes.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

/// The named headers alone.
pub(super) fn only(headers: &HeaderMap, names: &[&'static str]) -> HeaderMap {
    let mut kept = HeaderMap::new();
    for name in names.iter().filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok()) {
        for value in headers.get_all(&name) {
            kept.append(&name, value.clone());
        }
    }
    kept
}

/// Headers and body in one piece.
pub(super) fn pack(headers: &HeaderMap, body: &[u8]) -> Bytes {
    let mut message = Vec::with_capacity(body.len() + 256);
    for (name, value) in headers {
        message.extend_from_slice(name.as_str().as_bytes());
        message.extend_from_slice(b": ");
        message.extend_from_slice(value.as_bytes());
        message.extend_from_slice(b"\r\n");
    }
    message.extend_from_slice(b"\r\n");
    message.extend_from_slice(body);
    message.into()
}

/// Headers and body apart again; `None` when it is not what [`pack`] made.
pub(super) fn unpack(message: &[u8]) -> Option<(HeaderMap, &[u8])> {
    let mut headers = HeaderMap::new();
    let mut rest = message;
    loop {
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let (line, behind) = (&rest[..end], &rest[end + 2..]);
        if line.is_empty() {
            return Some((headers, behind));
        }
        let colon = line.windows(2).position(|pair| pair == b": ")?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        headers.append(name, HeaderValue::from_bytes(&line[colon + 2..]).ok()?);
        rest = behind;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_as_it_went_in() {
        let mut headers = HeaderMap::new();
        headers.append("signature", HeaderValue::from_static("a: b"));
        headers.append("x-event-id", HeaderValue::from_bytes(b"\xff\t ").expect("a value"));
        headers.append("signature", HeaderValue::from_static(""));
        headers.append("cookie", HeaderValue::from_static("session=1"));
        let kept = only(&headers, &["Signature", "x-event-id", "absent", "not a name"]);
        assert_eq!(kept.len(), 3);
        for body in [&b""[..], b"\r\n\r\n", b"{\"a\": 1}\r\n", b"\0\xff"] {
            let message = pack(&kept, body);
            assert_eq!(unpack(&message), Some((kept.clone(), body)));
        }
        assert_eq!(unpack(&pack(&HeaderMap::new(), b"body")), Some((HeaderMap::new(), &b"body"[..])));
    }

    #[test]
    fn what_was_not_packed_is_refused() {
        for message in [
            &b""[..],
            b"\r",
            b"signature: x\r\n",
            b"no colon\r\n\r\n",
            b"b\xc3d: x\r\n\r\n",
            b"a: \0\r\n\r\n",
        ] {
            assert_eq!(unpack(message), None, "{message:?}");
        }
    }
}
