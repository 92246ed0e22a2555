//! Files: sent while they are read, of a known length, again for every attempt, once when they cannot be had twice.

use std::{
    io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use kyckit::{
    Error, ErrorKind,
    selfkey::attribute::Document,
    transport::{MockResponse, Progress, RawRequest, Upload},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::support::*;

const MIB: u64 = 1024 * 1024;

fn uploaded() -> MockResponse {
    MockResponse::json(200, r#"{"id":"F1"}"#)
}

/// A source that counts how often it is opened.
fn counted(content: &'static [u8]) -> (Upload, Arc<AtomicUsize>) {
    let opened = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&opened);
    let upload = Upload::reopen(content.len() as u64, move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async move { Ok(content) }
    });
    (upload, opened)
}

#[tokio::test]
async fn a_body_is_made_anew_for_every_attempt() {
    let (upload, opened) = counted(b"scan");
    let memory = logged_in([]);
    memory.then_fail(Error::new(ErrorKind::Connect, "no connection"));
    memory.then(uploaded());
    let document = Document::new(1, "application/pdf", upload);
    let kept = client(&memory).upload_file(&document, None).await.expect("uploaded");
    assert_eq!(kept.id, "F1");
    assert_eq!(opened.load(Ordering::SeqCst), 2);
    let sent = memory.sent();
    assert_eq!(form(&sent[2]), form(&sent[3]));
    assert!(form(&sent[3]).contains("\r\n\r\nscan\r\n--B--"));
}

#[tokio::test]
async fn what_can_be_read_once_is_sent_once() {
    let memory = logged_in([]);
    memory.then_fail(Error::new(ErrorKind::Connect, "no connection"));
    let document = Document::new(1, "application/pdf", Upload::once(4, &b"scan"[..]));
    let client = client(&memory);
    let error = client.upload_file(&document, None).await.expect_err("no connection");
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1));
    assert_eq!(memory.sent().len(), 3);
    memory.then(uploaded());
    let error = client.upload_file(&document, None).await.expect_err("read before");
    assert_eq!(error.kind(), ErrorKind::Store);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_the_applications_fault() {
    for upload in [
        Upload::reopen(4, || async { Err::<tokio::io::Empty, _>(io::Error::other("gone")) }),
        Upload::once(5, &b"scan"[..]),
        Upload::once(3, &b"scan"[..]),
    ] {
        let memory = logged_in([uploaded()]);
        let document = Document::new(1, "application/pdf", upload);
        let error = client(&memory).upload_file(&document, None).await.expect_err("unreadable");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Store, Some("upload_file")));
    }
}

#[tokio::test]
async fn progress_is_reported_up_to_the_whole() {
    let reported = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&reported);
    let progress = Progress::new(move |so_far, whole| seen.lock().expect("a lock").push((so_far, whole)));
    let memory = logged_in([uploaded()]);
    let document = Document::new(1, "image/png", Upload::bytes(vec![7; 200_000]));
    client(&memory).upload_file(&document, Some(progress)).await.expect("uploaded");
    let length = memory.sent()[2].body.len() as u64;
    let reported = reported.lock().expect("a lock");
    assert!(reported.len() >= 4 && reported.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(reported.last(), Some(&(length, Some(length))));
}

#[tokio::test]
async fn a_media_type_or_a_name_cannot_add_a_header() {
    let memory = logged_in([uploaded()]);
    let client = client(&memory);
    let bad = Document::new(1, "image/png\r\nX-Evil: 1", Upload::bytes("x"));
    let error = client.upload_file(&bad, None).await.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(memory.sent().is_empty());
    let odd = Document::new(1, "image/png", Upload::bytes("x")).name("a\"\r\nX-Evil: 1");
    client.upload_file(&odd, None).await.expect("uploaded");
    assert!(form(&memory.sent()[2]).contains("filename=\"a%22%0D%0AX-Evil: 1\""));
}

/// Accepts requests on a real socket: answers the login, then reads an upload as it comes and counts it.
async fn relying_party(listener: TcpListener, answers: Vec<String>) -> Vec<(String, u64)> {
    let mut seen = Vec::new();
    let mut answers = answers.into_iter();
    while answers.len() > 0 {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut buffer = Vec::new();
        loop {
            let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else {
                if socket.read_buf(&mut buffer).await.expect("bytes") == 0 {
                    break;
                }
                continue;
            };
            let head = String::from_utf8(buffer.drain(..end + 4).collect()).expect("text");
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<u64>().ok())?
            });
            let length = length.unwrap_or(0);
            let mut got = buffer.len() as u64;
            buffer.clear();
            let mut piece = vec![0; 256 * 1024];
            while got < length {
                got += socket.read(&mut piece).await.expect("bytes") as u64;
            }
            seen.push((head, got));
            let Some(answer) = answers.next() else { return seen };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{answer}",
                answer.len()
            );
            socket.write_all(answer.as_bytes()).await.expect("written");
            if answers.len() == 0 {
                return seen;
            }
        }
    }
    seen
}

#[tokio::test]
async fn a_large_file_goes_over_a_real_socket_with_its_length() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let root = format!("http://{}", listener.local_addr().expect("bound"));
    let answers = vec![
        format!(r#"{{"jwt":"{}"}}"#, token(r#"{"nonce":"test"}"#)),
        format!(r#"{{"jwt":"{}"}}"#, token(r#"{"sub":"x"}"#)),
        r#"{"id":"F1"}"#.to_owned(),
    ];
    let server = tokio::spawn(relying_party(listener, answers));
    let config = kyckit::selfkey::RelyingPartyConfig::new(root);
    let client = kyckit::selfkey::Client::builder(config, key().did(), key())
        .max_file_bytes(64 * MIB)
        .build()
        .expect("a client");
    let upload = Upload::reopen(64 * MIB, || async { Ok(tokio::io::repeat(0x5a).take(64 * MIB)) });
    let document = Document::new(1, "application/pdf", upload);
    assert_eq!(client.upload_file(&document, None).await.expect("uploaded").id, "F1");
    let seen = server.await.expect("no panic");
    let (head, length) = seen.last().expect("an upload");
    assert!(head.starts_with("POST /files HTTP/1.1\r\n"));
    assert!(!head.to_ascii_lowercase().contains("transfer-encoding"));
    assert!(*length > 64 * MIB && *length < 64 * MIB + 1024);
}

#[tokio::test]
async fn a_source_that_breaks_off_on_a_real_socket_is_reported_apart_from_the_network() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let root = format!("http://{}", listener.local_addr().expect("bound"));
    let server = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a connection");
        let mut sink = Vec::new();
        let _ = socket.read_to_end(&mut sink).await;
    });
    let client = kyckit::selfkey::kyc_chain::Client::builder(root, "key").build().expect("a client");
    let short = Upload::reopen(MIB, || async { Ok(tokio::io::repeat(0x5a).take(MIB / 2)) });
    let attachment = kyckit::selfkey::kyc_chain::Attachment::new("text/plain", short);
    let error = client.add_attachment("A1", "credential", &attachment).await.expect_err("too short");
    assert_eq!(error.kind(), ErrorKind::Store);
    assert!(!error.may_have_taken_effect());
    drop(client);
    server.await.expect("no panic");
}

#[test]
fn a_raw_request_shows_no_body() {
    let request = RawRequest::post(["users"]).json("secret").expect("JSON");
    assert!(!format!("{request:?}").contains("secret"));
}
