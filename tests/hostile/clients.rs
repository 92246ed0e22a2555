//! Every remote call, answered with every text.

use futures_util::{StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use kyckit::{
    Error,
    transport::{Body, Options, Request, Response, Retry, Transport},
};

use crate::{
    calls::{CALLS, Clients, Reads, Reply, Signature, Target, good, sign},
    hostile::{TEXTS, on_a_usual_stack},
};

/// Answers one request with a text, and all others well.
pub struct Hostile {
    pub request: &'static str,
    pub reply: Reply,
}

impl Transport for Hostile {
    async fn send(&self, request: Request) -> Result<Response, Error> {
        let (method, path) = (request.method.as_str(), request.url.path());
        let body = match &request.body {
            Body::Bytes(bytes) => bytes.to_vec(),
            _ => Vec::new(),
        };
        let reply = if format!("{method} {path}") == self.request {
            self.reply.clone()
        } else {
            let origin = request.url.origin().ascii_serialization();
            good(&origin, method, path, &body).expect("a known request")
        };
        let mut headers = HeaderMap::new();
        for (name, value) in &reply.headers {
            let name = HeaderName::try_from(name.as_str()).expect("a name");
            headers.insert(name, HeaderValue::try_from(value.as_str()).expect("a value"));
        }
        let status = StatusCode::from_u16(reply.status).expect("a status");
        let body = stream::iter([Ok(reply.body.into())]);
        Ok(Response::new(status, headers, body.boxed()))
    }
}

#[test]
fn every_call_survives_every_text_in_its_response() {
    on_a_usual_stack(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut runs = 0;
        for call in CALLS {
            for text in TEXTS.iter() {
                for status in [200, 400, 401] {
                    let reply = Reply::json(status, text.body.clone());
                    let reply = match call.signature {
                        // What is signed is read.
                        Signature::Header => reply.header("signature", sign(text.body.as_bytes())),
                        _ => reply,
                    };
                    let transport = Hostile { request: call.request, reply };
                    let options = Options::new().retry(Retry::never()).transport(transport);
                    let origin = "http://127.0.0.1:9".to_owned();
                    let result = runtime.block_on(async {
                        let clients = Clients::new(Target { origin, options });
                        (call.run)(&clients).await
                    });
                    let has_to_fail = text.refused && matches!(call.reads, Reads::Json | Reads::AnyJson);
                    if has_to_fail && result.is_ok() {
                        panic!("{} took {} with {status}", call.title(), text.name);
                    }
                    if let Err(error) = &result {
                        let shown = format!("{error} {error:?}");
                        assert!(!shown.contains("private::"), "{}: {shown}", call.title());
                    }
                    runs += 1;
                }
            }
        }
        println!("{runs} responses to {} calls", CALLS.len());
    });
}
