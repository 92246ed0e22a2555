//! A backend on a real socket that gives the answers of a file, in order, and keeps what it was asked.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The longest request that is read.
const LONGEST: usize = 1 << 20;

/// One of the hosts of the file.
pub(super) struct Backend {
    host: &'static str,
    listener: TcpListener,
    pub(super) base: String,
}

/// What all hosts of a file share.
#[derive(Default)]
pub(super) struct Script(Mutex<State>);

#[derive(Default)]
struct State {
    answers: VecDeque<Value>,
    /// Given to every request once the others are used up.
    always: Option<Value>,
    /// The access token that is handed out aside; none: the exchange is part of the script.
    access_token: Option<String>,
    asked: Vec<Asked>,
}

/// One request as it came.
pub(super) struct Asked {
    pub(super) host: &'static str,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Script {
    /// Starts a call: what is answered to it, and whether the exchange of the key is part of it.
    pub(super) fn start(&self, answers: Vec<Value>, always: Option<Value>, access_token: Option<String>) {
        *self.state() = State { answers: answers.into(), always, access_token, asked: Vec::new() };
    }

    /// What was asked since, and how many responses were not asked for.
    pub(super) fn end(&self) -> (Vec<Asked>, usize) {
        let mut state = self.state();
        (std::mem::take(&mut state.asked), state.answers.len())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a request; none closes the connection.
    fn answer(&self, asked: Asked) -> Option<Vec<u8>> {
        let mut state = self.state();
        if asked.target == "/v1/token"
            && let Some(token) = &state.access_token
        {
            let body = serde_json::json!({ "success": true, "data": { "access_token": token } });
            return Some(message(&serde_json::json!({ "body": body })));
        }
        state.asked.push(asked);
        let answer = state.answers.pop_front().or_else(|| state.always.clone());
        let answer = answer.unwrap_or_else(|| serde_json::json!({ "status": 599, "raw": "" }));
        (answer["destroy"] != true).then(|| message(&answer))
    }
}

impl Backend {
    pub(super) async fn new(host: &'static str) -> Result<Self, String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|_| "no socket can be opened")?;
        let address = listener.local_addr().map_err(|_| "the socket has no address")?;
        Ok(Self { host, listener, base: format!("http://{address}/") })
    }

    /// Serves until it is dropped, one request a connection.
    pub(super) async fn serve(&self, script: &Script) {
        loop {
            let Ok((mut stream, _)) = self.listener.accept().await else { continue };
            let Some(asked) = read(&mut stream, self.host).await else { continue };
            if let Some(answer) = script.answer(asked) {
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        }
    }
}

async fn read(stream: &mut TcpStream, host: &'static str) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(&bytes[..end]).ok()?;
            let mut lines = head.split("\r\n");
            let mut first = lines.next()?.split(' ');
            let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
            let headers: Vec<_> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length = length.map_or(Some(0), |(_, length)| length.parse::<usize>().ok())?;
            if let Some(body) = bytes.get(end + 4..end.checked_add(4)?.checked_add(length)?) {
                let body = String::from_utf8(body.to_vec()).ok()?;
                return Some(Asked { host, method, target, headers, body });
            }
        }
        let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..count]);
        if bytes.len() > LONGEST {
            return None;
        }
    }
}

/// An answer of the file as a message: status 200 and JSON unless it says otherwise.
fn message(answer: &Value) -> Vec<u8> {
    let body = answer["raw"].as_str().map_or_else(|| answer["body"].to_string(), str::to_owned);
    let status = answer["status"].as_u64().unwrap_or(200);
    let mut head = format!("HTTP/1.1 {status} Status\r\nConnection: close\r\n");
    let mut has_type = false;
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        has_type |= name.eq_ignore_ascii_case("content-type");
        head.push_str(&format!("{name}: {}\r\n", value.as_str().unwrap_or_default()));
    }
    if !has_type {
        head.push_str("Content-Type: application/json\r\n");
    }
    if status != 204 {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    format!("{head}\r\n{body}").into_bytes()
}
