//! The connection itself, on real sockets: TLS, proxies, what HTTP/2 proves, how long a connection is kept.

use std::{
    io::Write as _,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use flate2::{Compression, write::GzEncoder};
use kyckit::{
    Error, ErrorKind,
    selfkey::{
        kyc_chain::{Client, NewQuestion},
        model::KycUser,
    },
    transport::{HttpSettings, Options, Retry},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256,
    date_time_ymd,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        RootCertStore, ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
    },
};

/// The API key: it is in no error.
const KEY: &str = "s3cret-api-key";

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// An authority of one's own.
fn authority() -> Issuer {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "An authority for tests");
    CertifiedIssuer::self_signed(params, key()).expect("an authority")
}

fn key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key")
}

/// A certificate for a name, and its key, both as PEM.
fn certificate(authority: &Issuer, name: &str, is_over: bool) -> (String, String) {
    let mut params = CertificateParams::new([name.to_owned()]).expect("parameters");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = if is_over { date_time_ymd(2021, 1, 1) } else { date_time_ymd(2100, 1, 1) };
    let key = key();
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    (certificate.pem(), key.serialize_pem())
}

/// The server's side of TLS; with `clients`, only theirs are let in.
fn acceptor(
    (certificate, key): &(String, String),
    clients: Option<&Issuer>,
    protocols: &[&str],
) -> TlsAcceptor {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(clients) => {
            let mut roots = RootCertStore::empty();
            roots
                .add(CertificateDer::from_pem_slice(clients.pem().as_bytes()).expect("PEM"))
                .expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).expect("PEM")];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("PEM");
    let mut config = builder.with_single_cert(chain, key).expect("a configuration");
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

/// What a server did: connections that came about, requests of each, and what stood in the last of them.
#[derive(Clone, Default)]
struct Seen {
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    last: Arc<Mutex<String>>,
}

impl Seen {
    fn counts(&self) -> (usize, usize) {
        (self.connections.load(Ordering::SeqCst), self.requests.load(Ordering::SeqCst))
    }

    fn last(&self) -> String {
        self.last.lock().expect("held").clone()
    }
}

/// What an HTTP/2 server does with a request.
#[derive(Clone, Copy)]
enum Frame {
    Answer,
    Reset(u32),
    /// The last stream that may have been processed, and the reason.
    GoAway(u32, u32),
}

const REFUSED_STREAM: u32 = 7;
const INTERNAL_ERROR: u32 = 2;
const ENHANCE_YOUR_CALM: u32 = 11;

const USER: &str = r#"{"_id":"U1"}"#;

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// A server over TLS that speaks what was agreed on; the frames are for HTTP/2, one a request, the last for the rest.
async fn over_tls(acceptor: TlsAcceptor, frames: Vec<Frame>) -> (SocketAddr, Seen) {
    let (listener, address) = listener().await;
    let seen = Seen::default();
    let told = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, seen, frames) = (acceptor.clone(), told.clone(), frames.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                seen.connections.fetch_add(1, Ordering::SeqCst);
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let _ = if is_http2 {
                    http2(stream, seen, &frames).await
                } else {
                    http1(stream, seen, &[]).await
                };
            });
        }
    });
    (address, seen)
}

/// HTTP/1.1: reads requests and answers each, with further headers.
async fn http1(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seen: Seen,
    body: &[u8],
) -> std::io::Result<()> {
    let (encoding, body) =
        if body.is_empty() { ("", USER.as_bytes()) } else { ("content-encoding: X-GZIP\r\n", body) };
    loop {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&request).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let mut sent = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut sent).await?;
        seen.requests.fetch_add(1, Ordering::SeqCst);
        *seen.last.lock().expect("held") = head;
        let head = format!("HTTP/1.1 200 OK\r\n{encoding}content-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await?;
    }
}

/// HTTP/2, frame by frame (RFC 9113, section 4.1), so that a server can say what a library would not.
async fn http2(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    seen: Seen,
    frames: &[Frame],
) -> std::io::Result<()> {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    let frame = |kind: u8, flags: u8, id: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
        [&length[1..], &[kind, flags], &id.to_be_bytes(), payload].concat()
    };
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        stream.read_exact(&mut payload).await?;
        let (kind, flags) = (head[3], head[4]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match kind {
            SETTINGS if flags & 1 == 0 => stream.write_all(&frame(SETTINGS, 1, 0, &[])).await?,
            HEADERS => {
                let number = seen.requests.fetch_add(1, Ordering::SeqCst);
                match frames[number.min(frames.len() - 1)] {
                    Frame::Answer => {
                        // `:status: 200` stands in the static table.
                        stream.write_all(&frame(HEADERS, 4, id, &[0x88])).await?;
                        stream.write_all(&frame(0, 1, id, USER.as_bytes())).await?;
                    }
                    Frame::Reset(reason) => stream.write_all(&frame(3, 0, id, &reason.to_be_bytes())).await?,
                    Frame::GoAway(last, reason) => {
                        let payload = [last.to_be_bytes(), reason.to_be_bytes()].concat();
                        stream.write_all(&frame(7, 0, 0, &payload)).await?;
                        // The client closes when it has nothing more to wait for.
                        if last > 0 {
                            return stream.shutdown().await;
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

fn client(url: &str, http: HttpSettings, retry: Retry) -> Client {
    let retry = retry.waits(Duration::ZERO, Duration::ZERO);
    let options = Options::new().http(http).retry(retry).attempt_timeout(Duration::from_secs(20));
    Client::builder(url, KEY).options(options).build().expect("a client")
}

async fn read(url: &str, http: HttpSettings) -> Result<KycUser, Error> {
    client(url, http, Retry::never()).user("U1", &[]).await
}

/// A call that changes something, and is sent again only with proof.
async fn change(client: &Client) -> Result<(), Error> {
    client.add_question("A1", &NewQuestion::select("a", "b", ["c"])).await
}

fn local() -> HttpSettings {
    HttpSettings::new().no_proxy()
}

fn at(address: SocketAddr) -> String {
    format!("https://localhost:{}", address.port())
}

#[track_caller]
fn assert_no_connection(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::Connect, "{error:?}");
    assert!(!error.may_have_taken_effect());
    let text = error.to_string();
    assert!(text.contains("check the network, the proxy and the base URL"), "{text}");
    for shown in [text, format!("{error:?}")] {
        assert!(!shown.contains(KEY) && !shown.contains("https:") && !shown.contains("p4ssword"), "{shown}");
    }
}

#[tokio::test]
async fn private_roots_open_http_2_and_http_1() {
    let authority = authority();
    let acceptor = acceptor(&certificate(&authority, "localhost", false), None, &["h2", "http/1.1"]);
    let (address, seen) = over_tls(acceptor, vec![Frame::Answer]).await;
    for (settings, protocol) in [
        (local().root_certificates(authority.pem()), "h2"),
        (local().only_root_certificates(authority.pem()), "h2"),
        (local().only_root_certificates(authority.pem()).http1_only(), "http/1.1"),
    ] {
        let before = seen.last();
        assert_eq!(read(&at(address), settings).await.expect(protocol).id, "U1");
        // Only HTTP/1.1 leaves its head as text.
        assert_eq!(seen.last() == before, protocol == "h2", "{protocol}");
    }
    assert_eq!(seen.counts(), (3, 3));
}

#[tokio::test]
async fn a_certificate_that_is_not_good_is_no_connection() {
    let (ours, other) = (authority(), authority());
    for (name, is_over, settings) in [
        ("localhost", false, local()),
        ("localhost", false, local().only_root_certificates(other.pem())),
        ("other.example", false, local().only_root_certificates(ours.pem())),
        ("localhost", true, local().only_root_certificates(ours.pem())),
    ] {
        let acceptor = acceptor(&certificate(&ours, name, is_over), None, &["h2", "http/1.1"]);
        let (address, seen) = over_tls(acceptor, vec![Frame::Answer]).await;
        let error = read(&at(address), settings).await.expect_err(name);
        assert_no_connection(&error);
        assert_eq!(seen.counts().1, 0, "nothing was sent");
    }
}

#[tokio::test]
async fn a_client_certificate_is_shown_where_it_is_asked_for() {
    let (authority, clients) = (authority(), authority());
    let own = certificate(&authority, "localhost", false);
    let (address, seen) = over_tls(acceptor(&own, Some(&clients), &["http/1.1"]), Vec::new()).await;
    let roots = || local().only_root_certificates(authority.pem());
    let (chain, key) = certificate(&clients, "client.example", false);
    let settings = roots().client_certificate(format!("{key}{chain}"));
    assert_eq!(read(&at(address), settings).await.expect("let in").id, "U1");
    assert_eq!(seen.counts(), (1, 1));
    assert!(read(&at(address), roots()).await.is_err());
    assert_eq!(seen.counts().1, 1, "nobody else is let in");
}

/// A proxy that opens tunnels for one user, and says how it was asked.
async fn proxy(to: SocketAddr) -> (SocketAddr, Seen) {
    let (listener, address) = listener().await;
    let seen = Seen::default();
    let told = seen.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = told.clone();
            tokio::spawn(async move {
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { return };
                    request.push(byte);
                }
                let request = String::from_utf8_lossy(&request).into_owned();
                *seen.last.lock().expect("held") = request.clone();
                seen.requests.fetch_add(1, Ordering::SeqCst);
                // user:p4ssword
                if !request.contains("Basic dXNlcjpwNHNzd29yZA==") {
                    let refused = b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
                    let _ = stream.write_all(refused).await;
                    return;
                }
                let Ok(mut behind) = TcpStream::connect(to).await else { return };
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut behind).await;
            });
        }
    });
    (address, seen)
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_with_its_own_credentials() {
    let authority = authority();
    let acceptor = acceptor(&certificate(&authority, "localhost", false), None, &["h2"]);
    let (address, seen) = over_tls(acceptor, vec![Frame::Answer]).await;
    let (proxy, asked) = proxy(address).await;
    let settings = |user: &str| {
        HttpSettings::new().proxy(format!("http://{user}@{proxy}")).only_root_certificates(authority.pem())
    };
    assert_eq!(read(&at(address), settings("user:p4ssword")).await.expect("through it").id, "U1");
    let request = asked.last();
    assert!(request.starts_with(&format!("CONNECT localhost:{} HTTP/1.1\r\n", address.port())), "{request}");
    assert!(!request.contains(KEY), "the proxy sees no key");
    assert_eq!((seen.counts(), asked.counts().1), ((1, 1), 1));

    let error = read(&at(address), settings("user:wr0ng-p4ssword")).await.expect_err("refused");
    assert_no_connection(&error);
    assert_eq!(seen.counts(), (1, 1));
}

#[tokio::test]
async fn what_http_2_proves_unprocessed_is_sent_again_by_the_send_path_and_counted() {
    let authority = authority();
    let certificate = certificate(&authority, "localhost", false);
    let proofs = [Frame::Reset(REFUSED_STREAM), Frame::GoAway(0, 0), Frame::GoAway(0, ENHANCE_YOUR_CALM)];
    for proof in proofs {
        let settings = || local().only_root_certificates(authority.pem());
        // Nothing below sends again: one attempt is one request.
        let (address, seen) = over_tls(acceptor(&certificate, None, &["h2"]), vec![proof]).await;
        let error = change(&client(&at(address), settings(), Retry::never())).await.expect_err("refused");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 1), "{error:?}");
        assert!(!error.may_have_taken_effect(), "{error}");
        assert_eq!(seen.counts().1, 1);

        let (address, seen) = over_tls(acceptor(&certificate, None, &["h2"]), vec![proof]).await;
        let error = change(&client(&at(address), settings(), Retry::default())).await.expect_err("refused");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 3), "{error:?}");
        assert_eq!(seen.counts().1, 3);

        let frames = vec![proof, proof, Frame::Answer];
        let (address, seen) = over_tls(acceptor(&certificate, None, &["h2"]), frames).await;
        change(&client(&at(address), settings(), Retry::default())).await.expect("the third time");
        assert_eq!(seen.counts().1, 3);
    }
}

#[tokio::test]
async fn what_http_2_does_not_prove_is_sent_once() {
    let authority = authority();
    let certificate = certificate(&authority, "localhost", false);
    // Streams of clients have odd numbers: the first is 1.
    for doubt in [Frame::Reset(INTERNAL_ERROR), Frame::GoAway(1, 0), Frame::GoAway(1, INTERNAL_ERROR)] {
        let (address, seen) = over_tls(acceptor(&certificate, None, &["h2"]), vec![doubt]).await;
        let settings = local().only_root_certificates(authority.pem());
        let error = change(&client(&at(address), settings, Retry::default())).await.expect_err("lost");
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1), "{error:?}");
        assert!(error.may_have_taken_effect(), "{error}");
        assert_eq!(seen.counts().1, 1);
    }
}

/// A server without TLS; `body` is compressed.
async fn plain(body: &'static [u8]) -> (SocketAddr, Seen) {
    let (listener, address) = listener().await;
    let seen = Seen::default();
    let told = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            told.connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(http1(stream, told.clone(), body));
        }
    });
    (address, seen)
}

#[tokio::test]
async fn an_unused_connection_is_kept_for_less_than_servers_keep_it() {
    let (address, seen) = plain(&[]).await;
    let client = client(&format!("http://{address}"), local(), Retry::never());
    for (unused, connections) in [(0, 1), (3_900, 1), (4_100, 2)] {
        tokio::time::pause();
        tokio::time::advance(Duration::from_millis(unused)).await;
        tokio::time::resume();
        client.user("U1", &[]).await.expect("read");
        assert_eq!(seen.counts().0, connections, "after {unused} ms");
    }
}

#[tokio::test]
async fn a_compressed_answer_is_asked_for_and_read_under_every_name() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(USER.as_bytes()).expect("in memory");
    let body: &'static [u8] = Box::leak(encoder.finish().expect("in memory").into_boxed_slice());
    let (address, seen) = plain(body).await;
    assert_eq!(read(&format!("http://{address}"), local()).await.expect("read").id, "U1");
    assert!(seen.last().contains("accept-encoding: gzip\r\n"), "{}", seen.last());
}
