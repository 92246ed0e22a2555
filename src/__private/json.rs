//! JSON by itself, and the bodies that it comes in.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use serde_json::Value;

use crate::{
    credify::json as credify,
    server,
    transport::decode,
    wire::{self, unique},
};

fn depth(value: &Value) -> u32 {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

pub(super) fn json(bytes: &[u8]) {
    let read = wire::json::from_slice::<Value>(bytes);
    let decoded = decode::json::<Value>(bytes);
    if !bytes.starts_with(b"\xEF\xBB\xBF") {
        assert_eq!(read.is_ok(), decoded.is_ok(), "two readers disagree");
    }
    let members = unique::object(bytes);
    if let Ok(value) = read {
        assert!(depth(&value) <= wire::json::MAX_DEPTH, "it is nested deeper than the limit");
        let written = value.to_string();
        assert_eq!(wire::json::from_str::<Value>(&written), Ok(value.clone()), "it is read otherwise again");
        if let Some(members) = members {
            assert_eq!(Value::Object(members), value, "the strict reader reads another object");
        }
    } else {
        assert!(members.is_none(), "the strict reader reads what is no JSON");
    }
}

pub(super) fn canonical(bytes: &[u8]) {
    let Ok(value) = wire::json::from_slice::<Value>(bytes) else { return };
    let written = credify::canonical(&value);
    #[allow(clippy::expect_used)]
    let text = written.expect("a value within the limits has a text");
    let again: Option<Value> = wire::json::from_str(&text).ok();
    let again = again.and_then(|value| credify::canonical(&value).ok());
    assert_eq!(again.as_deref(), Some(text.as_str()), "the canonical text of the canonical text is another");
}

pub(super) fn gzip_body(bytes: &[u8]) {
    const MAX: usize = 64 * 1024;
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let body = server::HeldBody::in_memory(Bytes::copy_from_slice(bytes));
    if let Ok(body) = server::decoded(&headers, body, MAX) {
        assert!(body.len() <= MAX, "it inflates beyond the limit");
        json(&body);
    }
}
