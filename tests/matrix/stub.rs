//! A server without a network, for files that may take minutes: it answers one request by saying nothing, or a byte a
//! second, on a clock that stands.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use kyckit::{
    Error,
    transport::{Body, Request, Response, Transport},
};

use crate::{
    calls::{Call, good},
    fault::Fault,
};

#[derive(Clone)]
pub struct Stub {
    request: &'static str,
    fault: Fault,
    seen: Arc<AtomicU32>,
}

impl Stub {
    pub fn new(call: &Call, fault: Fault) -> Self {
        Self { request: call.request, fault, seen: Arc::default() }
    }

    pub fn seen(&self) -> u32 {
        self.seen.load(Ordering::SeqCst)
    }
}

impl Transport for Stub {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let (method, path) = (request.method.as_str(), request.url.path());
        let body = match &request.body {
            Body::Bytes(bytes) => bytes.to_vec(),
            _ => Vec::new(),
        };
        let origin = request.url.origin().ascii_serialization();
        let reply = good(&origin, method, path, &body).expect("a known request");
        let mut headers = HeaderMap::new();
        for (name, value) in &reply.headers {
            let name = HeaderName::try_from(name.as_str()).expect("a name");
            headers.insert(name, HeaderValue::try_from(value.as_str()).expect("a value"));
        }
        if format!("{method} {path}") == self.request {
            self.seen.fetch_add(1, Ordering::SeqCst);
            if self.fault == Fault::Stall {
                std::future::pending::<()>().await;
            }
            let bytes = stream::repeat(()).then(|()| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                Ok(bytes::Bytes::from_static(b" "))
            });
            return Ok(Response::new(StatusCode::OK, headers, bytes.boxed()));
        }
        let status = StatusCode::from_u16(reply.status).expect("a status");
        let body = stream::iter([Ok(reply.body.into())]);
        Ok(Response::new(status, headers, body.boxed()))
    }
}
