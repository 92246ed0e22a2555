//! A client is built once and shared: between threads, and by futures that a runtime moves from one to another.
//!
//! Each provider has a file here that names its types and its calls, a `mod` line, and a place in
//! `every_public_call_is_listed`. A call that is missing is found.

use http::HeaderMap;
use kyckit::{
    Error, ErrorKind,
    clock::{Clock, Frozen},
    inbox::{Delivery, Inbox, WorkOutcome},
    privacy::{Pii, Secret},
    storage::{MemoryInbox, MemoryOneTime, Receipt},
    testkit::{FakeEvent, FakeProvider},
    transport::{
        ByteStream, HttpSettings, MockResponse, MockTransport, Options, PageStream, Progress, RateLimit,
        RawRequest, RawResponse, Request, Response, Retry,
    },
    verified::{Proof, State, Verified},
};
use syn::{ImplItem, Item, Signature, Type, Visibility};

use crate::source::{Origin, Sources, Violation, attributes, impl_attributes, implied};
#[cfg(feature = "full")]
use crate::{report::REPORT, source::assert_none};

/// Checks that types have traits.
macro_rules! each {
    (@one [$($bound:tt)+] $type:ty) => {
        let holds = $crate::implements!($type: $($bound)+);
        assert!(holds, "{} is not {}", stringify!($type), stringify!($($bound)+));
    };
    ($bounds:tt $($type:ty),+ $(,)?) => {
        $(each!(@one $bounds $type);)+
    };
}

/// Declares functions that compile only while the future of each call is `Send`, and the list of the calls.
macro_rules! futures {
    ($($name:literal = fn($($argument:ident: $type:ty),*) $call:expr;)+) => {
        #[cfg_attr(not(feature = "full"), allow(dead_code))]
        pub(super) const CALLS: &[&str] = &[$($name,)+];

        #[allow(dead_code)]
        fn futures_move_between_threads() {
            fn send<F: Future + Send>(_: F) {}
            $({
                fn call($($argument: $type),*) {
                    send($call);
                }
                let _ = call;
            })+
        }
    };
}

#[cfg(feature = "credify")]
mod credify;
#[cfg(feature = "credo360")]
mod credo360;
#[cfg(feature = "flow")]
mod flow;
#[cfg(feature = "maya")]
mod maya;
#[cfg(feature = "selfkey")]
mod relying_party;
#[cfg(feature = "selfkey")]
mod selfkey;
#[cfg(feature = "shuftipro")]
mod shuftipro;

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static]
        MockResponse, Clock, ErrorKind, Frozen, HttpSettings, MockTransport,
        Options, Pii<String>, Progress, Proof, RateLimit, RawResponse, Retry, Secret,
        Verified<String>,
    );
    each!([Send + Sync + 'static]
        Error, FakeProvider, Inbox<MemoryInbox>, MemoryInbox, MemoryOneTime, WorkOutcome, RawRequest, Receipt, State,
        Delivery<FakeEvent>,
    );
    each!([Send + 'static] Request, Response);
}

#[test]
fn what_cannot_be_shared_is_told_apart() {
    let shared = crate::implements!(std::cell::Cell<u8>: Send + Sync);
    assert!(!shared);
}

type Handled = std::future::Ready<Result<State, Error>>;

futures! {
    "inbox::inbox::Inbox::receive" =
        fn(inbox: &Inbox<MemoryInbox>, by: &FakeProvider, headers: &HeaderMap, body: &[u8])
            inbox.receive(by, headers, body);
    "inbox::inbox::Inbox::work" =
        fn(inbox: &Inbox<MemoryInbox>, by: &FakeProvider, handler: fn(Delivery<FakeEvent>) -> Handled)
            inbox.work(by, handler);
    "transport::message::ByteStream::next" = fn(pieces: &mut ByteStream<Error>) pieces.next();
    "transport::pages::PageStream::next" = fn(list: &mut PageStream<u8>) list.next();
}

#[cfg(feature = "axum")]
mod server {
    use http::{HeaderMap, Request};
    use kyckit::{
        inbox::server::Webhook,
        server::{HttpService, RequestBody, axum::Server},
        storage::MemoryInbox,
        testkit::FakeProvider,
    };
    use tokio::net::TcpListener;

    futures! {
        "server::body::RequestBody::bytes" =
            fn(body: RequestBody, headers: &HeaderMap) body.bytes(headers, 1);
        "server::service::HttpService::respond" =
            fn(service: &HttpService<Webhook<MemoryInbox, FakeProvider>>, request: Request<String>)
                service.respond(request);
        "server::axum::Server::serve" =
            fn(server: Server, listener: TcpListener, router: axum::Router)
                server.serve(listener, router, std::future::pending());
    }
}

/// Where test tools live, whose futures are awaited where they are made.
#[cfg(feature = "full")]
const TOOLS: &[&str] = &["testkit::", "sandbox::"];

#[cfg(feature = "full")]
#[test]
fn every_public_call_is_listed() {
    let listed = [
        CALLS,
        credify::CALLS,
        credo360::CALLS,
        flow::CALLS,
        maya::CALLS,
        relying_party::CALLS,
        selfkey::CALLS,
        server::CALLS,
        shuftipro::CALLS,
    ]
    .concat();
    let calls = &REPORT.public_calls;
    assert!(calls.len() > 10, "the calls were not found");
    let missing = calls.iter().filter(|(name, _)| !listed.contains(&name.as_str()));
    let missing = missing.filter(|(name, _)| !TOOLS.iter().any(|tools| name.starts_with(tools)));
    let missing = missing.map(|(name, place)| Violation {
        what: format!("add \"{name}\" to tests/promises/threads/"),
        ..place.clone()
    });
    assert_none("a call's future is not known to be `Send`", &missing.collect::<Vec<_>>());
}

/// The public `async` functions of the crate by their full name, and where they are.
pub fn public_calls(sources: &Sources) -> Vec<(String, Violation)> {
    let mut calls = Vec::new();
    for module in sources.modules() {
        let mut add = |owner: &[String], visibility: &Visibility, signature: &Signature| {
            if matches!(visibility, Visibility::Public(_)) && signature.asyncness.is_some() {
                let name = format!("{}::{}", owner.join("::"), signature.ident);
                let line = signature.ident.span().start().line;
                calls.push((name, module.source.violation(line, "a public call")));
            }
        };
        for item in module.items.iter().filter(|item| !implied(attributes(item)).contains("test")) {
            match item {
                Item::Fn(item) => add(&module.path, &item.vis, &item.sig),
                Item::Impl(block) => {
                    let Type::Path(of) = &*block.self_ty else { continue };
                    let path: Vec<_> = of.path.segments.iter().map(|part| part.ident.to_string()).collect();
                    let Origin::Here(owner) = sources.origin(&module.path, &path) else { continue };
                    if sources.declared(&owner).is_some_and(|declared| !declared.public) {
                        continue;
                    }
                    for inner in
                        block.items.iter().filter(|item| !implied(impl_attributes(item)).contains("test"))
                    {
                        if let ImplItem::Fn(method) = inner {
                            add(&owner, &method.vis, &method.sig);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    calls
}

#[test]
fn public_calls_are_found_by_their_full_name() {
    let sources = Sources::planted(&[
        ("src/lib.rs", "pub mod maya;"),
        ("src/maya/mod.rs", "mod client; mod more; pub use client::Client; pub async fn free() {}"),
        (
            "src/maya/client.rs",
            "pub struct Client; struct Hidden; impl Client { pub async fn call(&self) {} pub fn now(&self) {} \
             async fn own(&self) {} #[cfg(test)] pub async fn test(&self) {} } impl Hidden { pub async fn call() {} }",
        ),
        ("src/maya/more.rs", "use super::Client; impl Client { pub async fn more(&self) {} }"),
    ]);
    let mut names: Vec<_> = public_calls(&sources).into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(names, ["maya::client::Client::call", "maya::client::Client::more", "maya::free"]);
}
