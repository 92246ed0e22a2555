//! Bodies as browsers and others write them, cut at every place.

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;

use super::reader::{MAX_BOUNDARY_BYTES, MAX_HEAD_BYTES, MAX_PARTS, Multipart, MultipartError};

type Parts = Vec<(String, Option<String>, Option<String>, Vec<u8>)>;

/// Reads a body that comes in pieces of a size.
async fn read(boundary: &str, body: &[u8], size: usize, limit: u64) -> Result<Parts, MultipartError> {
    let mut headers = HeaderMap::new();
    let value = format!("multipart/form-data; charset=utf-8; boundary={boundary}");
    headers.insert(header::CONTENT_TYPE, HeaderValue::try_from(value).expect("header"));
    let pieces: Vec<_> = body.chunks(size.max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let mut multipart = Multipart::new(&headers, futures_util::stream::iter(pieces).boxed(), limit)
        .ok_or(MultipartError::Malformed)?;
    let mut parts = Parts::new();
    while let Some(head) = multipart.next_part().await? {
        let content = multipart.whole(1 << 20).await?;
        parts.push((head.name, head.file_name, head.media_type, content));
    }
    Ok(parts)
}

fn now<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("runtime").block_on(work)
}

/// The example of RFC 7578's predecessor, with what browsers write.
const BODY: &[u8] = b"preamble\r\n--AaB03x\r\nContent-Disposition: form-data; name=\"a;b\\\"c\"\r\n\r\n\r\n--AaB03x  \r\ncontent-type: image/png\r\nContent-Disposition: form-data; filename=\"x\r.png\"; name=f\r\n\r\n\r\n--AaB03\r\r\n-\r\n--AaB03x--\r\nepilogue";

#[test]
fn a_body_is_read_alike_however_it_is_cut() {
    for size in 1..BODY.len() {
        let parts = now(read("AaB03x", BODY, size, 10_000)).expect("parts");
        assert_eq!(parts.len(), 2, "{size}");
        assert_eq!(parts[0], ("a;b\"c".to_owned(), None, None, Vec::new()));
        assert_eq!(parts[1].0, "f");
        assert_eq!(parts[1].2.as_deref(), Some("image/png"));
        assert_eq!(parts[1].3, b"\r\n--AaB03\r\r\n-");
    }
}

#[test]
fn what_is_cut_off_or_too_long_is_refused() {
    let end = BODY.len() - "--\r\nepilogue".len();
    for length in 0..end {
        assert!(now(read("AaB03x", &BODY[..length], 7, 10_000)).is_err(), "{length}");
    }
    assert_eq!(now(read("AaB03x", BODY, 7, 20)), Err(MultipartError::TooLarge));
    let many = b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n".repeat(MAX_PARTS + 1);
    assert_eq!(now(read("b", &many, 1000, 1 << 20)), Err(MultipartError::TooLarge));
    let head = [b"--b\r\nx: ".to_vec(), vec![b'a'; 2 * MAX_HEAD_BYTES]].concat();
    assert_eq!(now(read("b", &head, 1000, 1 << 20)), Err(MultipartError::TooLarge));
    for body in [
        &b"--b\r\nContent-Disposition: form-data\r\n\r\n\r\n--b--"[..],
        b"--b\r\n\r\n\r\n--b--",
        b"--b\r\nContent-Disposition: attachment; name=x\r\n\r\n\r\n--b--",
        b"--bx\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n--b--",
        b"--b\r\nContent-Disposition: form-data; name=x\r\nContent-Disposition: form-data; name=y\r\n\r\n\r\n--b--",
        b"--b\r\nContent-Disposition: form-data; name=\"x\r\n\r\n\r\n--b--",
    ] {
        assert_eq!(now(read("b", body, 5, 1000)), Err(MultipartError::Malformed), "{}", String::from_utf8_lossy(body));
    }
    assert!(now(read(&"b".repeat(MAX_BOUNDARY_BYTES + 1), b"", 1, 10)).is_err());
}

#[test]
fn a_head_has_one_limit_however_it_is_cut() {
    let body = |length: usize| {
        let head = "\r\nContent-Disposition: form-data; name=a\r\nx: ";
        let filling = "y".repeat(length - head.len() - 4);
        format!("--b{head}{filling}\r\n\r\nz\r\n--b--")
    };
    for size in [1, 7, 64, 1 << 20] {
        let longest = now(read("b", body(MAX_HEAD_BYTES).as_bytes(), size, 100_000));
        assert!(longest.is_ok(), "{size}");
        let longer = now(read("b", body(MAX_HEAD_BYTES + 1).as_bytes(), size, 100_000));
        assert_eq!(longer, Err(MultipartError::TooLarge), "{size}");
    }
}

#[test]
fn names_are_read_as_they_were_meant() {
    let head = |lines: &[u8]| {
        let body = [b"--b\r\n", lines, b"\r\n\r\nx\r\n--b--"].concat();
        now(read("b", &body, 7, 10_000)).map(|mut parts| parts.remove(0))
    };
    for (disposition, name, file_name) in [
        (&b"name=\"f\"; filename=\"C:\\Users\\me\\pass.png\""[..], "f", "C:\\Users\\me\\pass.png"),
        (b"name=\"f\"; filename=\"scan\\\"", "f", "scan\\"),
        (b"filename=\"scan\\\" ; name=\"f\\\"", "f\\", "scan\\"),
        (b"name=\"f\"; filename=\"a\\\"b\\\"c\"", "f", "a\"b\"c"),
        (b"name=\"%22\"; filename=\"a%0D%0A%22 100%\"", "\"", "a\r\n\" 100%"),
        (b"name=f; filename=C:\\x.png", "f", "C:\\x.png"),
        (b"word; name=\"f\"; filename=\"x\"", "f", "x"),
        ("name=\"f\"; filename=\"Zo\u{eb} \u{5bcc}\"".as_bytes(), "f", "Zo\u{eb} \u{5bcc}"),
        (b"name=\"f\"; filename=\"Zo\xeb\"", "f", "Zo\u{eb}"),
    ] {
        let line = [b"Content-Disposition: form-data; ", disposition].concat();
        let part = head(&line).expect("a part");
        let text = String::from_utf8_lossy(disposition);
        assert_eq!((part.0.as_str(), part.1.as_deref()), (name, Some(file_name)), "{text}");
        // A line that is no header does not take the others with it.
        let beside = [b"no header\r\n", &line[..], b"\r\nContent-Type: image/png"].concat();
        let part = head(&beside).expect("a part");
        assert_eq!((part.1.as_deref(), part.2.as_deref()), (Some(file_name), Some("image/png")), "{text}");
    }
}

proptest! {
    #[test]
    fn whatever_name_the_writer_is_given_the_reader_gives_back(
        name in "([^\\x00]|[%\"\\\\\r\n;= ]|%22|%0D|%25|2522){0,40}",
        other in "([a-z]|[%\"\\\\\r\n;= ]|%0A|%25){0,20}",
        size in 1usize..200,
    ) {
        use crate::{clock::Clock, transport::{Upload, multipart::{Part, form}}};

        let (clock, _) = Clock::frozen(std::time::SystemTime::UNIX_EPOCH);
        let part = Part::file(other.clone(), name.clone(), "image/png", Upload::bytes("x"));
        let payload = form(vec![part], &clock).expect("a form");
        let content_type = payload.media_type().expect("a media type").clone();
        let (_, boundary) = content_type.to_str().expect("text").split_once("boundary=").expect("a boundary");
        let boundary = boundary.to_owned();
        let crate::transport::Body::Stream { chunks, .. } = payload.body() else { panic!("a stream") };
        let body: Vec<u8> = now(chunks.map(|piece| piece.expect("bytes").to_vec()).concat());
        let parts = now(read(&boundary, &body, size, 1 << 20)).expect("parts");
        prop_assert_eq!(&parts[0].0, &other);
        prop_assert_eq!(parts[0].1.as_deref(), Some(name.as_str()));
    }

    #[test]
    fn what_is_written_is_read(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 0..5),
        size in 1usize..400,
    ) {
        let mut body = Vec::new();
        for (at, content) in contents.iter().enumerate() {
            body.extend_from_slice(format!("--bou\r\nContent-Disposition: form-data; name=\"n{at}\"\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--bou--\r\n");
        let parts = now(read("bou", &body, size, 1 << 20)).expect("parts");
        prop_assert_eq!(parts.into_iter().map(|part| part.3).collect::<Vec<_>>(), contents);
    }

    #[test]
    fn no_body_makes_it_panic(body in "(--b|\r\n|\r|-|Content-Disposition: form-data; name=|\"|x|;|=|:| ){0,40}", size in 1usize..20) {
        let _ = now(read("b", body.as_bytes(), size, 1 << 20));
    }
}
