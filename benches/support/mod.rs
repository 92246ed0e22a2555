//! What the benches share: alternating rounds, medians, ratios; a server on its own runtime; resident memory.
#![allow(dead_code, clippy::expect_used)]

use std::{
    convert::Infallible,
    net::SocketAddr,
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
