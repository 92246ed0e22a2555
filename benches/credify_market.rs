//! Offer filtering over a real socket, against an axum handler that answers a constant of the same size.

#![allow(clippy::expect_used)]

mod support;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, http::header::CONTENT_TYPE, routing::post};
use futures_util::future::join_all;
use kyckit::{
    Error,
    clock::Clock,
    credify::{
        Client,
        authority::{Authority, Introspection, PublicKeys},
        claims::Claims,
        keys::SigningKey,
        market::{Market, MemoryCommitments, MemoryOrders, MemoryUsers, SharedToken, User, axum::router},
    },
    privacy::Secret,
};
use serde_json::json;
use support::{Candidate, compare};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const SCOPE: &str = "40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty";
const CONNECTIONS: usize = 64;

/// Knows one token, without a network.
struct Known;

impl Authority for Known {
    async fn introspect(&self, _: &Secret, _: Option<&str>) -> Result<Introspection, Error> {
        Ok(serde_json::from_value(json!({
            "active": true, "scope": "claim_provider:read_filtered_offers",
            "aud": ["https://market.example/v1/api/offers/filter"],
        }))
        .expect("an introspection"))
    }

    async fn public_keys(&self, _: &str) -> Result<PublicKeys, Error> {
        Ok(PublicKeys::default())
    }
}

fn market() -> Market {
    let key = SigningKey::generate(&Clock::system()).expect("a key");
    let client = Client::builder("key").signing_key(key).build().expect("a client");
    let users = MemoryUsers::new();
    for number in 0..10_000 {
        users.insert(User {
            local_id: number.to_string(),
            phone_number: Some("381234567".to_owned()),
            phone_country_code: Some("+84".to_owned()),
            email: Some("test@credify.one".to_owned()),
            custom: Claims::new().custom(SCOPE, [("points", "320"), ("tier", "platinum")]),
            ..User::default()
        });
    }
    Market::builder(client, "market")
        .callers(SharedToken::new("x"))
        .users(users)
        .commitments(MemoryCommitments::new())
        .orders(MemoryOrders::new())
        .authority(Known)
        .build()
        .expect("a market")
}

/// Twenty offers of two levels, of which half fit.
fn question() -> String {
    let condition = |value: &str| {
        json!({
            "kind": "CONTAIN_CONDITION", "value": value,
            "claim": {"name": "tier", "value_type": "TEXT", "scope": {"name": SCOPE}},
        })
    };
    let offers: Vec<_> = (0..20)
        .map(|number| {
            let value = if number % 2 == 0 { "plat" } else { "gold" };
            json!({
                "id": number.to_string(), "code": format!("offer-{number}"),
                "campaign": {"id": "c", "name": "Home insurance", "description": "x".repeat(200), "published": true},
                "conditions": [condition(value), condition("num")], "required_custom_scopes": [[SCOPE], []],
            })
        })
        .collect();
    json!({"local_id": "4711", "offers": offers}).to_string()
}

async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// One request on a connection that stays open, and the answer's body.
async fn ask(stream: &mut TcpStream, request: &[u8], buffer: &mut Vec<u8>) -> usize {
    stream.write_all(request).await.expect("sent");
    buffer.clear();
    loop {
        let head = buffer.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
            assert!(text.starts_with("http/1.1 200"), "{text}");
            let length = text.split("content-length: ").nth(1).expect("a length");
            let length: usize = length.lines().next().expect("a line").parse().expect("a number");
            if buffer.len() >= head + 4 + length {
                return head + 4;
            }
        }
        assert!(stream.read_buf(buffer).await.expect("an answer") > 0);
    }
}

/// All connections ask so many times; gives the times of all requests.
async fn load(address: SocketAddr, request: &[u8], times: usize) -> Vec<f64> {
    let one = async || {
        let (mut stream, mut buffer) = (TcpStream::connect(address).await.expect("a server"), Vec::new());
        stream.set_nodelay(true).expect("set");
        let mut taken = Vec::with_capacity(times);
        for _ in 0..times {
            let begun = Instant::now();
            ask(&mut stream, request, &mut buffer).await;
            taken.push(begun.elapsed().as_secs_f64());
        }
        taken
    };
    join_all((0..CONNECTIONS).map(|_| one())).await.concat()
}

fn main() {
    let server =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("it");
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("it");
    let body = question();
    let request = format!(
        "POST /v1/api/offers/filter HTTP/1.1\r\nhost: market\r\nauthorization: Bearer t\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let filtering = server.block_on(serve(router(market())));
    let answer = client.block_on(async {
        let (mut stream, mut buffer) = (TcpStream::connect(filtering).await.expect("a server"), Vec::new());
        let head = ask(&mut stream, request.as_bytes(), &mut buffer).await;
        Bytes::from(buffer.split_off(head))
    });
    let size = answer.len();
    let constant = Router::new().route(
        "/v1/api/offers/filter",
        post(move |_: Bytes| {
            let answer = answer.clone();
            async move { ([(CONTENT_TYPE, "application/json")], answer) }
        }),
    );
    let constant = server.block_on(serve(constant));
    let title =
        format!("offer filtering: {} bytes asked, {size} answered, {CONNECTIONS} connections", body.len());
    let client = &client;
    let candidates = vec![
        Candidate::new("axum: reads the body, answers a constant", {
            let request = request.as_bytes();
            move || client.block_on(load(constant, request, 10)).len() as u64
        }),
        Candidate::new("kyckit: a market that filters 20 offers", {
            let request = request.as_bytes();
            move || client.block_on(load(filtering, request, 10)).len() as u64
        }),
    ];
    compare(&title, 9, Duration::from_millis(500), candidates);
    for (name, address) in [("constant", constant), ("market", filtering)] {
        let mut taken = client.block_on(load(address, request.as_bytes(), 200));
        taken.sort_by(f64::total_cmp);
        let at = |share: f64| taken[(taken.len() as f64 * share) as usize] * 1e3;
        println!("  {name}: median {:.2} ms, p99 {:.2} ms at {CONNECTIONS} connections", at(0.5), at(0.99));
    }
}
