//! Recorded requests: a transport that compares what is sent with what must be sent, and answers from the recording.

use std::sync::{Arc, Mutex, PoisonError};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::runner::same;
use kyckit::{
    error::{Error, ErrorKind},
    transport::{Body, Request, Response, Transport},
};

/// Headers that must be as recorded, and absent where the recording has none.
const COMPARED: [&str; 5] = ["authorization", "origin", "accept", "content-type", "apikey"];

/// One request that must come, and its answer.
pub(super) struct Expected {
    pub(super) request: Value,
    pub(super) answer: VerificationResponse,
}

#[derive(Clone)]
pub(super) struct VerificationResponse {
    pub(super) status: u16,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) body: Bytes,
}

impl VerificationResponse {
    /// A JSON answer; without a value an empty one.
    pub(super) fn json(status: u16, body: Option<&Value>) -> Self {
        match body {
            Some(body) => Self {
                status,
                headers: vec![(header::CONTENT_TYPE, "application/json".to_owned())],
                body: body.to_string().into(),
            },
            None => Self { status, headers: Vec::new(), body: Bytes::new() },
        }
    }

    /// Bytes of a media type.
    pub(super) fn bytes(status: u16, media_type: &str, base64: &str) -> Result<Self, String> {
        let body = STANDARD.decode(base64).map_err(|_| "an answer is not base64")?;
        Ok(Self { status, headers: vec![(header::CONTENT_TYPE, media_type.to_owned())], body: body.into() })
    }
}

/// A transport for one case after the other.
#[derive(Clone, Default)]
pub(super) struct Script(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    expected: Vec<Expected>,
    faults: Vec<String>,
}

impl Script {
    /// Sets what must come next.
    pub(super) fn expect(&self, expected: Vec<Expected>) {
        self.with(|state| *state = State { expected, faults: Vec::new() });
    }

    /// What did not come as it must; also what did not come at all.
    pub(super) fn close(&self) -> Vec<String> {
        self.with(|state| {
            let mut faults = std::mem::take(&mut state.faults);
            if !state.expected.is_empty() {
                faults.push(format!("{} requests were not made", state.expected.len()));
            }
            faults
        })
    }

    fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A request that was read whole.
struct Sent {
    method: String,
    url: String,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let mut body = Vec::new();
        match request.body {
            Body::Empty => {}
            Body::Bytes(bytes) => body.extend_from_slice(&bytes),
            Body::Stream { mut chunks, length, .. } => {
                while let Some(piece) = chunks.next().await {
                    body.extend_from_slice(&piece.map_err(Error::store)?);
                }
                if length != Some(body.len() as u64) {
                    return Err(Error::configuration("a body has another length than announced"));
                }
            }
            _ => return Err(Error::configuration("a body of a kind that the runner does not know")),
        }
        let query = request.url.query().map_or_else(String::new, |query| format!("?{query}"));
        let sent = Sent {
            method: request.method.to_string(),
            path: format!("{}{query}", request.url.path()),
            url: request.url.to_string(),
            headers: request.headers,
            body,
        };
        let answer = self.with(|state| state.take(&sent)).ok_or_else(|| {
            Error::new(ErrorKind::Configuration, "a request was made that is not in the recording")
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in answer.headers {
            let value = HeaderValue::try_from(value)
                .map_err(|_| Error::configuration("a recorded header is none"))?;
            headers.append(name, value);
        }
        let status = StatusCode::from_u16(answer.status)
            .map_err(|_| Error::configuration("a recorded status is none"))?;
        Ok(Response::new(status, headers, Box::pin(stream::iter([Ok(answer.body)]))))
    }
}

impl State {
    /// Takes the request that this one is: the next, or of a group at the front the one that fits.
    fn take(&mut self, sent: &Sent) -> Option<VerificationResponse> {
        let group = self.expected.first()?.request.get("group").cloned();
        let in_group =
            |expected: &&Expected| group.is_some() && expected.request.get("group") == group.as_ref();
        let candidates = self.expected.iter().take_while(in_group).count().max(1);
        let mut first_faults = None;
        for at in 0..candidates {
            let faults = sent.faults(&self.expected[at].request);
            if faults.is_empty() {
                return Some(self.expected.remove(at).answer);
            }
            first_faults.get_or_insert(faults);
        }
        self.faults.extend(first_faults.unwrap_or_default());
        Some(self.expected.remove(0).answer)
    }
}

impl Sent {
    fn faults(&self, expected: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        let mut check = |what: &str, found: &Value, expected: &Value| {
            if !same(found, expected) {
                faults.push(format!("{what} is {found}, and not {expected}"));
            }
        };
        let known = ["method", "url", "path", "headers", "body", "parts", "answered", "group", "cookie"];
        for (name, value) in expected.as_object().into_iter().flatten() {
            match name.as_str() {
                "method" => check("method", &json!(self.method), value),
                "url" => check("url", &json!(self.url), value),
                "path" => check("path", &json!(self.path), value),
                "cookie" => check("cookie", &json!(self.header("cookie")), value),
                other if known.contains(&other) => {}
                other => check(other, &Value::Null, &json!("a member that the runner knows")),
            }
        }
        if let Some(headers) = expected["headers"].as_object() {
            for name in COMPARED {
                let listed = headers.iter().find(|(listed, _)| listed.eq_ignore_ascii_case(name));
                let listed = listed.and_then(|(_, value)| value.as_str());
                let found = self.header(name);
                let fits = match (name, listed, found.as_deref()) {
                    ("accept", None, found) => matches!(found, None | Some("*/*")),
                    ("content-type", Some(listed), Some(found)) => media_type(listed) == media_type(found),
                    (_, listed, found) => listed == found,
                };
                if !fits {
                    check(name, &json!(found), &json!(listed));
                }
            }
            // Of the wallet's own requests alone: the version is free.
            let wallet = headers.keys().any(|name| name.eq_ignore_ascii_case("user-agent"));
            let named = self.header("user-agent").is_some_and(|agent| agent.starts_with("SelfKeyIDW/"));
            if wallet && !named {
                check("user-agent", &json!(self.header("user-agent")), &json!("SelfKeyIDW/…"));
            }
        }
        if let Some(body) = expected.get("body") {
            let found = serde_json::from_slice::<Value>(&self.body).unwrap_or_default();
            check("body", &found, body);
        } else if let Some(parts) = expected.get("parts") {
            match self.parts() {
                Some(found) => faults.extend(part_faults(&found, parts)),
                None => faults.push("the body is no form".to_owned()),
            }
        } else if !self.body.is_empty() {
            faults.push("there is a body, and there should be none".to_owned());
        }
        faults
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// The parts of a form, read as strictly as RFC 7578 writes them.
    fn parts(&self) -> Option<Vec<Part>> {
        let content_type = self.header("content-type")?;
        let boundary = content_type.split_once("boundary=")?.1.to_owned();
        let delimiter = format!("\r\n--{boundary}");
        let mut rest = [b"\r\n".as_slice(), &self.body].concat();
        let mut parts = Vec::new();
        let start = find(&rest, delimiter.as_bytes())?;
        rest.drain(..start + delimiter.len());
        while let Some(after) = rest.strip_prefix(b"\r\n") {
            let end = find(after, delimiter.as_bytes())?;
            parts.push(Part::read(&after[..end])?);
            rest = after[end + delimiter.len()..].to_vec();
        }
        (rest == b"--\r\n").then_some(parts)
    }
}

struct Part {
    name: String,
    file_name: Option<String>,
    content_type: Option<String>,
    content: Vec<u8>,
}

impl Part {
    fn read(part: &[u8]) -> Option<Self> {
        let end = find(part, b"\r\n\r\n")?;
        let head = std::str::from_utf8(&part[..end]).ok()?;
        let line = |name: &str| {
            head.split("\r\n").find_map(|line| {
                let (found, value) = line.split_once(": ")?;
                found.eq_ignore_ascii_case(name).then(|| value.to_owned())
            })
        };
        let disposition = line("content-disposition")?;
        let parameter = |name: &str| {
            disposition.split("; ").find_map(|one| {
                Some(one.strip_prefix(name)?.strip_prefix("=\"")?.strip_suffix('"')?.to_owned())
            })
        };
        disposition.starts_with("form-data; ").then_some(())?;
        Some(Self {
            name: parameter("name")?,
            file_name: parameter("filename"),
            content_type: line("content-type"),
            content: part[end + 4..].to_vec(),
        })
    }
}

fn part_faults(found: &[Part], expected: &Value) -> Vec<String> {
    let expected = expected.as_array().map(Vec::as_slice).unwrap_or_default();
    if found.len() != expected.len() {
        return vec![format!("{} parts, and not {}", found.len(), expected.len())];
    }
    let mut faults = Vec::new();
    for (found, expected) in found.iter().zip(expected) {
        let media_type = found.content_type.as_deref().map(media_type);
        let content = match expected.get("json") {
            Some(json) => {
                serde_json::from_slice::<Value>(&found.content).is_ok_and(|found| same(&found, json))
            }
            None => expected["bytes_base64"] == json!(STANDARD.encode(&found.content)),
        };
        let fits = expected["name"] == json!(found.name)
            && expected["filename"] == json!(found.file_name)
            && expected["content_type"] == json!(media_type)
            && content;
        if !fits {
            faults.push(format!("the part {} is not as it must be", found.name));
        }
    }
    faults
}

fn media_type(text: &str) -> &str {
    text.split(';').next().unwrap_or_default().trim()
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}
