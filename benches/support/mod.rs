//! What the benches share: alternating rounds, medians, ratios; a server on its own runtime; resident memory.
#![allow(dead_code, clippy::expect_used)]

use std::{
    convert::Infallible,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Response, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;

/// One way of doing the thing, timed in turn with the others.
pub struct Candidate<'a> {
    pub name: &'static str,
    pub run: Box<dyn FnMut() -> u64 + 'a>,
}

impl<'a> Candidate<'a> {
    /// `run` does the thing a number of times and says how often.
    pub fn new(name: &'static str, run: impl FnMut() -> u64 + 'a) -> Self {
        Self { name, run: Box::new(run) }
    }
}

/// Runs all candidates in alternating rounds and prints the median time per operation, and the ratio of each to the
/// first: 1.05 means five percent slower. The ratio is the median of the rounds' own ratios, so that a machine that is
/// slow for a while is slow for all.
pub fn compare(title: &str, rounds: usize, budget: Duration, mut candidates: Vec<Candidate<'_>>) -> Vec<f64> {
    for candidate in &mut candidates {
        (candidate.run)();
    }
    let mut times = vec![Vec::new(); candidates.len()];
    for round in 0..rounds {
        for offset in 0..candidates.len() {
            let index = (round + offset) % candidates.len();
            let begun = Instant::now();
            let mut done = 0;
            while begun.elapsed() < budget {
                done += (candidates[index].run)();
            }
            times[index].push(begun.elapsed().as_secs_f64() / done as f64);
        }
    }
    println!("\n{title}");
    let mut ratios = Vec::new();
    for (index, candidate) in candidates.iter().enumerate() {
        let mut own: Vec<f64> = times[index].iter().zip(&times[0]).map(|(time, base)| time / base).collect();
        let ratio = median(&mut own);
        let each = median(&mut times[index].clone());
        println!("  {:<52} {:>10.2} µs  ratio {ratio:.3}", candidate.name, each * 1e6);
        ratios.push(ratio);
    }
    ratios
}

pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A program in another language that does the same thing, in `benches/peers`: it is told on its standard input what to
/// do how often, and says on its output when it is done. So both are timed by the same clock, in the same rounds.
pub struct Peer {
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Peer {
    /// Starts `node bench.mjs` in the peer's folder and hands it the setup as one line. None, with a word on why, where
    /// its packages are not installed.
    pub fn start(folder: &str, setup: &serde_json::Value) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers").join(folder);
        if !folder.join("node_modules").is_dir() {
            println!("\nthe peer was not run: `npm install` in {} brings it", folder.display());
            return None;
        }
        let mut child = Command::new("node")
            .arg("bench.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let peer = Self { child, pipes: Mutex::new((input, output)) };
        peer.say(&setup.to_string());
        Some(peer)
    }

    /// Has the peer do one of its things so many times.
    pub fn run(&self, what: &str, times: u64) -> u64 {
        self.say(&format!("{what} {times}"));
        times
    }

    fn say(&self, line: &str) {
        let mut pipes = self.pipes.lock().expect("nobody panicked");
        writeln!(pipes.0, "{line}").expect("the peer listens");
        pipes.0.flush().expect("the peer listens");
        let mut answer = String::new();
        pipes.1.read_line(&mut answer).expect("the peer answers");
        assert_eq!(answer.trim(), "done", "the peer failed");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server on a thread and a runtime of its own that throws away what it is sent, piece by piece, and gives every
/// request the same answer.
pub fn serve(headers: Vec<(&'static str, String)>, body: Bytes) -> SocketAddr {
    let (told, hear) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            told.send(listener.local_addr().expect("bound")).expect("somebody listens");
            loop {
                let Ok((socket, _)) = listener.accept().await else { continue };
                let _ = socket.set_nodelay(true);
                let (headers, body) = (headers.clone(), body.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                        let (headers, body) = (headers.clone(), body.clone());
                        async move {
                            let mut sent = request.into_body();
                            while let Some(Ok(_)) = sent.frame().await {}
                            let mut response = Response::new(Full::new(body));
                            for (name, value) in headers {
                                response.headers_mut().insert(name, value.parse().expect("a header"));
                            }
                            Ok::<_, Infallible>(response)
                        }
                    });
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
    });
    hear.recv().expect("the server is up")
}

/// Resident memory of this process in bytes; None where the system does not say.
pub fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = status.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * 4096)
}

/// The largest resident memory so far, in bytes.
pub fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}
