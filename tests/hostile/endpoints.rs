//! Every endpoint of every example server, sent every text in every place: as JSON, in a form, in a part, in a token.
//! The server refuses it or not; it lives, and it answers the next request.

use std::{collections::BTreeMap, fs, net::SocketAddr, path::Path, thread, time::Instant};

use kyckit::selfkey::WalletKey;
use serde_json::{Value, json};

use crate::{
    calls::{SHUFTIPRO_SECRET, sign},
    hostile::{TEXTS, TOKENS, form, multipart},
    servers::{Server, address, call},
};

type Header = (String, String);

/// One endpoint, and what it is called with besides.
struct Endpoint {
    to: SocketAddr,
    method: &'static str,
    path: String,
    /// Before the caller is known, and after.
    headers: Vec<Vec<Header>>,
    /// Whether Shufti Pro's signature goes along.
    signed: bool,
}

/// A server with its endpoints and a page of it that is always there.
struct Served {
    server: Server,
    endpoints: Vec<Endpoint>,
    /// Method, path and headers of a request that is answered.
    alive: Vec<(SocketAddr, String)>,
}

fn header(name: &str, value: impl Into<String>) -> Header {
    (name.to_owned(), value.into())
}

fn bearer(token: &str) -> Vec<Header> {
    vec![header("authorization", format!("Bearer {token}"))]
}

/// Endpoints as `METHOD /path`, separated by blanks.
fn endpoints(to: SocketAddr, root: &str, list: &str, headers: &[Vec<Header>]) -> Vec<Endpoint> {
    let words: Vec<_> = list.split_whitespace().collect();
    words
        .chunks(2)
        .map(|pair| {
            let method = ["GET", "POST", "PUT", "PATCH"].into_iter().find(|method| *method == pair[0]);
            Endpoint {
                to,
                method: method.expect("a method"),
                path: format!("{root}{}", pair[1]),
                headers: [vec![Vec::new()], headers.to_vec()].concat(),
                signed: false,
            }
        })
        .collect()
}

fn shuftipro_callback() -> Served {
    let settings = [
        ("SHUFTIPRO_CLIENT_ID", "client-id"),
        ("SHUFTIPRO_SECRET_KEY", SHUFTIPRO_SECRET),
        ("SHUFTIPRO_BASE_URL", "http://127.0.0.1:9/"),
    ];
    let server = Server::start("shuftipro_callback", &settings, ("callbacks at ", 1));
    let to = server.address;
    let mut endpoints = endpoints(to, "", "POST /callbacks/shuftipro PUT /callbacks/shuftipro", &[]);
    endpoints.iter_mut().for_each(|endpoint| endpoint.signed = true);
    Served { server, endpoints, alive: vec![(to, "/".to_owned())] }
}

fn maya_session() -> Served {
    let server = Server::start("maya_session", &[], ("listening on ", 1));
    let to = server.address;
    let list = "POST /maya/7bK2vX9qT1/session GET /welcome POST /tap GET /";
    Served { server, endpoints: endpoints(to, "", list, &[]), alive: vec![(to, "/".to_owned())] }
}

const PARTY: &str = "POST /auth/challenge POST /auth/challenge-response GET /auth/challenge/x GET /auth/token POST /users \
    GET /users/token POST /users/file GET /users/files/x POST /login GET /templates GET /templates/individual POST /files \
    GET /applications POST /applications GET /applications/1 PATCH /applications/1 POST /applications/1/payments \
    GET /applications/1/chat POST /applications/1/chat POST /applications/1/change_status POST /applications/1/attributes \
    POST /applications/1/members POST /kyc-users GET /kyc-users/me";
const DOCUMENTED_PARTY: &str = "GET /auth/challenge POST /auth/challenge GET /auth/token POST /users POST /login \
    GET /templates GET /templates/individual/schema.json POST /files POST /applications";

/// The challenge and the wallet token of a log-in.
fn log_in(to: SocketAddr, root: &str, names_subject: bool) -> [Vec<Header>; 2] {
    let key = WalletKey::from_hex("4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4")
        .expect("a key");
    let did = key.did().as_str().to_owned();
    let body = |answer: &str| -> Value {
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        serde_json::from_str(body).unwrap_or_default()
    };
    let subject = if names_subject { format!("/{did}") } else { String::new() };
    let asked = call(to, "GET", &format!("{root}/auth/challenge{subject}"), &[], b"");
    let challenge = body(&asked)["jwt"].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned();
    let token = kyckit::selfkey::model::UnverifiedToken::read(challenge.clone()).expect("a token");
    let signature = key.sign_message(token.message_to_sign().expect("a nonce")).expect("signed").to_hex();
    let signature = if names_subject {
        json!({ "value": signature, "keyId": format!("{did}#keys-1") })
    } else {
        json!(signature)
    };
    let headers = [bearer(&challenge), vec![header("content-type", "application/json")]].concat();
    let reply = json!({ "signature": signature }).to_string();
    let answer = call(to, "POST", &format!("{root}/auth/challenge"), &headers, reply.as_bytes());
    let token = body(&answer)["jwt"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    let again = call(to, "GET", &format!("{root}/auth/challenge{subject}"), &[], b"");
    let challenge = body(&again)["jwt"].as_str().unwrap_or_default().to_owned();
    [bearer(&challenge), bearer(&token)]
}

fn relying_party() -> Served {
    let server = Server::start("selfkey_relying_party", &[], ("# Ctrl-C ends it", 1));
    let to = server.address;
    let mut all = endpoints(to, "/api/v2", PARTY, &log_in(to, "/api/v2", true));
    // The older dialect does not say to whom a challenge is given, so its wallets are known by their signature.
    all.extend(endpoints(to, "/documented", DOCUMENTED_PARTY, &[]));
    all.extend(endpoints(to, "", "GET /welcome", &[]));
    Served {
        server,
        endpoints: all,
        alive: vec![(to, "/welcome".to_owned()), (to, "/api/v2/templates".to_owned())],
    }
}

/// The headers of a printed command.
fn printed_headers(command: &str) -> Vec<Header> {
    let parts = command.split("-H '").skip(1).filter_map(|part| part.split('\'').next()?.split_once(": "));
    parts.map(|(name, value)| header(name, value)).collect()
}

const MARKET: &str = "GET / POST /api/claims/push POST /push-claims POST /api/offers/filter POST /offers-filtering \
    POST /api/offers/segment POST /user-counts POST /api/offers/evaluate POST /offer-evaluation POST /api/claims/request \
    POST /encrypted-claims GET /api/bnpl/orders/c705f5bb-2e2f-4b90-a65d-633a3365f7de/redirect POST /api/bnpl/orders/c705f5bb-2e2f-4b90-a65d-633a3365f7de/disbursement-requirements \
    POST /webhook POST /push-disbursement-claims POST /simulation GET /orders POST /orders GET /orders/credify/ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512 \
    POST /orders/c705f5bb-2e2f-4b90-a65d-633a3365f7de/cancel POST /orders/c705f5bb-2e2f-4b90-a65d-633a3365f7de/disburse POST /intents POST /product POST /offers POST /claims";

fn market() -> Served {
    let server = Server::start("credify_market", &[], ("curl ", 2));
    let to = server.address;
    let mut headers: Vec<_> = ["caller", "filter", "counts", "evaluate", "documents", "claims"]
        .map(|name| bearer(&format!("demo-{name}")))
        .into();
    let commands = server.printed.iter().filter(|line| line.starts_with("curl "));
    headers.extend(commands.map(|command| printed_headers(command)));
    let all = endpoints(to, "/v1", MARKET, &headers);
    Served { server, endpoints: all, alive: vec![(to, "/v1/".to_owned())] }
}

fn service_provider() -> Served {
    let server = Server::start("credify_service_provider", &[], ("curl ", 3));
    let to = server.address;
    let commands = server.printed.iter().filter(|line| line.starts_with("curl -H"));
    let headers: Vec<_> = commands.take(1).map(|command| printed_headers(command)).collect();
    let list = "GET / GET /oidc POST /oidc GET /user-existence POST /user-existence";
    Served { endpoints: endpoints(to, "", list, &headers), alive: vec![(to, "/".to_owned())], server }
}

fn onboarding() -> Served {
    let server = Server::start("onboarding", &[], ("listening on ", 1));
    let to = server.address;
    // A visit of its own.
    let first = call(to, "GET", "/", &[], b"");
    let cookie = first.lines().find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next());
    let visit = vec![header("cookie", cookie.unwrap_or("visit=x")), header("origin", format!("http://{to}"))];
    let list = "GET / GET /details POST /start GET /step POST /passcode POST /signature POST /look GET /wait \
        GET /return/maya GET /return/shuftipro GET /return/credify POST /again GET /another POST /another GET /result \
        POST /leave POST /callbacks/shuftipro POST /callbacks/maya/x POST /sandbox/phone POST /sandbox/wallet \
        POST /sandbox/application POST /sandbox/review GET /style.css GET /icon.svg";
    Served { endpoints: endpoints(to, "", list, &[visit]), alive: vec![(to, "/".to_owned())], server }
}

fn sandbox() -> Served {
    let server = Server::start("sandbox", &[("SANDBOX_PORT", "0")], ("# Ctrl-C ends it", 1));
    let setting = |name: &str| {
        let line = server.printed.iter().find_map(|line| line.strip_prefix(&format!("export {name}='")));
        line.unwrap_or_else(|| panic!("{name} is not printed")).trim_end_matches('\'').to_owned()
    };
    let at = |name: &str| address(&setting(name)).expect("an address");
    let basic = |id: &str, secret: &str| {
        use base64::{Engine, engine::general_purpose::STANDARD};
        vec![header(
            "authorization",
            format!("Basic {}", STANDARD.encode(format!("{}:{}", setting(id), setting(secret)))),
        )]
    };
    let mut all = Vec::new();

    let to = at("SHUFTIPRO_BASE_URL");
    let list = "POST / POST /status POST /delete POST /get/access/token GET /account/info/ GET /decline/reasons/ \
        POST /service/real_time/verification POST /risk-api/ POST /verification/process/x GET /api/pea/x POST /api/pea/x";
    let account = basic("SHUFTIPRO_CLIENT_ID", "SHUFTIPRO_SECRET_KEY");
    all.extend(endpoints(to, "", list, &[account]));
    let mut alive = vec![(to, "/account/info/".to_owned())];

    let to = at("MAYA_BASE_URL");
    let list = "POST /token POST /tokens GET /profile GET /documents/x GET /keys";
    all.extend(endpoints(to, "", list, &[basic("MAYA_CLIENT_ID", "MAYA_CLIENT_SECRET")]));
    alive.push((to, "/profile".to_owned()));

    let to = at("CREDO360_BASE_URL");
    let client = vec![header("authorization", format!("client {}", setting("CREDO360_CLIENT_ID")))];
    let list = "GET /auth/02598397346 POST /auth/02598397346?method=passcode PATCH /auth/x GET /users/02598397346 \
        GET /sandbox/passcodes/02598397346";
    all.extend(endpoints(to, "", list, &[client]));
    alive.push((to, "/users/x".to_owned()));

    let to = at("SELFKEY_BASE_URL");
    all.extend(endpoints(to, "/api/v2", PARTY, &log_in(to, "/api/v2", true)));
    all.extend(endpoints(to, "/api/v2", "POST /auth/login POST /lws_users", &[]));
    all.extend(endpoints(to, "/documented", DOCUMENTED_PARTY, &[]));
    let list = "GET /applications GET /applications/1 PATCH /applications/1 POST /applications/1/status_changes \
        POST /applications/1/attributes POST /applications/1/attributes/invalidate POST /applications/1/questions \
        POST /applications/1/questions/invalidate POST /applications/1/attachments GET /files/1 GET /users GET /users/1";
    let key = vec![header("apikey", "sandbox-selfkey-api-key")];
    all.extend(endpoints(to, "/integrations/v2", list, &[key]));
    all.extend(endpoints(to, "", "POST /sandbox/applications/1/status", &[]));
    alive.push((to, "/api/v2/templates".to_owned()));

    let to = at("CREDIFY_API_BASE");
    let answer = call(to, "POST", "/v1/token", &[header("x-api-key", setting("CREDIFY_API_KEY"))], b"{}");
    let token = answer.split("access_token\":\"").nth(1).and_then(|rest| rest.split('"').next());
    let token = bearer(token.unwrap_or_else(|| panic!("{answer}")));
    let key = vec![header("x-api-key", setting("CREDIFY_API_KEY"))];
    let list = "POST /v1/token POST /v1/oauth2/introspect GET /v1/entity/public-key PUT /v1/claim-providers/entities/x/claims \
        POST /v1/claim-providers/offers PUT /v1/oidc-clients/offers/transactions/x/status GET /v1/oidc-clients/campaigns \
        GET /v1/oidc-clients/offers/x GET /v1/integration/bnpl-consumers/completed-bnpl-providers \
        POST /v2/integration/claim-providers/products/x/simulation GET /v1/integration/bnpl-consumers/orders \
        POST /v1/integration/bnpl-consumers/orders POST /v1/integration/bnpl-consumers/orders/x/revert \
        POST /v1/integration/bnpl-consumers/orders/x/disburse POST /v1/integration/bnpl-providers/orders/x/complete \
        GET /v1/integration/bnpl-providers/orders/x GET /v1/bnpl-consumer/orders/x POST /v1/idpass/users";
    all.extend(endpoints(to, "", list, &[key, token.clone()]));
    alive.push((to, "/v1/entity/public-key".to_owned()));

    let to = at("CREDIFY_OIDC_BASE");
    all.extend(endpoints(
        to,
        "",
        "GET /oauth2/auth POST /oauth2/auth POST /oauth2/token GET /userinfo",
        &[token],
    ));
    alive.push((to, "/userinfo".to_owned()));
    Served { server, endpoints: all, alive }
}

/// Texts that are like one that is sent.
const ALIKE: &[&str] = &[
    "30 levels",
    "45 levels",
    "60 levels",
    "45 levels below a list",
    "closed lists",
    "objects",
    "numbers in all members",
    "lists in all members",
    "as the name of a member",
    "tokens with a hostile header",
    "wrapped tokens",
    "a form",
];

impl Served {
    /// Sends everything to everything; gives the number of requests, and how often each status came.
    fn attack(&mut self) -> (usize, BTreeMap<String, usize>) {
        let texts: Vec<_> = TEXTS.iter().filter(|text| !ALIKE.contains(&text.name)).collect();
        assert_eq!(texts.len(), TEXTS.len() - ALIKE.len());
        // Without quotes it would be no form, and without its parts no body.
        let (form, parts) = (form(&TEXTS[0].body), multipart(&TEXTS[0].body));
        let (mut requests, mut statuses) = (0, BTreeMap::new());
        for endpoint in &self.endpoints {
            let mut send = |kind: &str, headers: &[Header], body: &[u8]| {
                let mut headers = headers.to_vec();
                if !kind.is_empty() {
                    headers.push(header("content-type", kind));
                }
                if endpoint.signed {
                    headers.push(header("signature", sign(body)));
                }
                let answer = call(endpoint.to, endpoint.method, &endpoint.path, &headers, body);
                let status =
                    answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).unwrap_or("none");
                *statuses.entry(status.to_owned()).or_insert(0) += 1;
                requests += 1;
            };
            for headers in &endpoint.headers {
                for text in &texts {
                    send("application/json", headers, text.body.as_bytes());
                }
                send("application/x-www-form-urlencoded", headers, form.as_bytes());
                send("multipart/form-data; boundary=B", headers, &parts);
            }
            for token in TOKENS.iter() {
                for name in ["authorization", "x-authorization", "request_token", "cookie", "signature"] {
                    let value = match name {
                        "authorization" => format!("Bearer {token}"),
                        "cookie" => format!("token={token}; visit={token}; request_token={token}"),
                        _ => token.clone(),
                    };
                    send("application/json", &[header(name, value)], b"{}");
                }
                // Headers have limits of their own, which bodies do not have.
                let small = &token[..token.len().min(12_000)];
                send("", &bearer(small), b"");
            }
            if !self.server.lives() {
                panic!(
                    "{} ended at {} {}: {}",
                    self.server.example,
                    endpoint.method,
                    endpoint.path,
                    self.server.complaints()
                );
            }
        }
        (requests, statuses)
    }

    fn is_sound(&mut self) {
        for (to, path) in &self.alive {
            let answer = call(*to, "GET", path, &[], b"");
            assert!(answer.starts_with("HTTP/1.1 "), "{} {path}: {answer:?}", self.server.example);
        }
        assert!(self.server.lives(), "{} ended: {}", self.server.example, self.server.complaints());
        let complaints = self.server.complaints();
        assert!(!complaints.contains("panicked"), "{}: {complaints}", self.server.example);
    }
}

#[test]
fn every_server_survives_every_text_at_every_endpoint() {
    let servers: [fn() -> Served; 7] =
        [shuftipro_callback, maya_session, relying_party, market, service_provider, onboarding, sandbox];
    // One after the other, since each may have to be built.
    let started = servers.map(|start| start());
    let begun = Instant::now();
    let attacks = started.map(|mut served| {
        thread::spawn(move || {
            let (requests, statuses) = served.attack();
            served.is_sound();
            // What is refused is the caller's fault.
            assert_eq!(
                statuses.get("500"),
                None,
                "{}: {}",
                served.server.example,
                served.server.complaints()
            );
            // Nothing answered would mean that nothing was read.
            let unanswered = statuses.get("none").copied().unwrap_or(0);
            assert!(unanswered * 2 < requests, "{}: {statuses:?}", served.server.example);
            (served, requests, statuses)
        })
    });
    let (mut endpoints, mut requests) = (0, 0);
    for attack in attacks {
        let (served, sent, statuses) = match attack.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        let (example, number) = (served.server.example, served.endpoints.len());
        println!("{example}: {number} endpoints, {sent} requests, answered {statuses:?}");
        for endpoint in &served.endpoints {
            println!("  {} {}", endpoint.method, endpoint.path);
        }
        for route in routes(example) {
            let known = served.endpoints.iter().any(|endpoint| is_at(&endpoint.path, &route));
            assert!(known, "add {route} to the endpoints of {example}");
        }
        endpoints += served.endpoints.len();
        requests += sent;
    }
    println!("{endpoints} endpoints, {requests} requests, {:?}", begun.elapsed());
}

/// The paths of `.route("…")` in the source of an example.
fn routes(example: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut files = vec![folder.join(format!("{example}.rs"))];
    let own = fs::read_dir(folder.join(example)).into_iter().flatten();
    files.extend(own.map(|file| file.expect("a file").path()).filter(|path| path.is_file()));
    let texts = files.iter().map(|path| fs::read_to_string(path).expect("text"));
    let routes = texts.flat_map(|text| {
        let parts = text.split(".route(").skip(1).map(|part| part.trim_start().to_owned());
        parts
            .filter_map(|part| Some(part.strip_prefix('"')?.split('"').next()?.to_owned()))
            .collect::<Vec<_>>()
    });
    routes.collect()
}

/// Whether a path is one of a route. Segments in braces stand for any.
fn is_at(path: &str, route: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').count() == route.split('/').count()
        && path.split('/').zip(route.split('/')).all(|(is, of)| of.starts_with('{') || is == of)
}
