//! A market's server as it is started by one command: every call of its documentation, over both databases.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    Answer, Server,
    commands::{Request, documented, printed},
    database::Database,
};

const SOURCE: &str = include_str!("../../../examples/credify_market.rs");
const PERSON: &str = "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512";
const SCOPE: &str = "40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty";
const ORDER: &str = "c705f5bb-2e2f-4b90-a65d-633a3365f7de";

/// The endpoints, each with a number of its own: all are documented.
const ENDPOINTS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_call_is_answered_as_the_documentation_says() {
    for database in Database::each("market_calls").await {
        let mut server = Server::start("credify_market", &[("DATABASE_URL", &database.url())]);
        let signed = server.printed(2);
        let requests = documented(SOURCE, server.address);
        assert_eq!(requests.len() + signed.len(), ENDPOINTS);
        let mut seen = BTreeSet::new();
        let signed = signed.iter().map(|command| printed(command, server.address));
        for request in requests.into_iter().chain(signed) {
            let answer = request.answered(server.address, || server.complaints()).await;
            check(&request, &answer);
            assert!(seen.insert((request.method, request.target)));
        }
        assert_eq!(database.number("select count(*) from pending_push").await, 0);
        let slots = database.rows("select slot from commitment order by slot").await;
        assert_eq!(slots, [[format!("order:{ORDER}")], ["user".to_owned()]]);
        assert_eq!(server.complaints(), "");
    }
}

/// The shape of an answer.
fn check(request: &Request, answer: &Answer) {
    let body = answer.json();
    let path = request.target.strip_prefix("/v1").expect("the prefix").replace(ORDER, "{order}");
    let path = path.replace(PERSON, "{person}");
    match (&*request.method, &*path) {
        ("GET", "/") => assert_eq!(body, json!({"message": "OK"})),
        ("POST", "/api/claims/push" | "/push-disbursement-claims") => {
            assert_eq!(body, json!({"credifyId": PERSON}));
        }
        ("POST", "/api/offers/filter") => {
            let offer = &body["data"]["offers"][0];
            assert_eq!((&offer["code"], &offer["evaluation_result"]["rank"]), (&json!("a"), &json!(1)));
        }
        ("POST", "/api/offers/segment") => assert_eq!(body, json!({"data": {"counts": [1]}})),
        ("POST", "/api/offers/evaluate") => {
            assert_eq!(body["data"]["rank"], 1);
            assert_eq!(body["data"]["used_scopes"], json!([SCOPE]));
        }
        ("POST", "/orders") => {
            assert_eq!((&body["id"], &body["reference_id"]), (&json!(ORDER), &json!("r-1")))
        }
        ("GET", "/orders") => {
            let order = json!({"id": ORDER, "reference_id": "r-1", "local_id": "7", "documents": []});
            assert_eq!(body, json!([order]));
        }
        ("GET", "/orders/credify/{person}") => {
            assert_eq!((&body[0]["id"], &body[0]["order_status"]), (&json!(ORDER), &json!("PENDING")));
        }
        ("POST", "/orders/{order}/disburse" | "/orders/{order}/cancel") => assert_eq!(body["id"], ORDER),
        ("POST", "/simulation") => assert_eq!(body["data"], json!({"simulations": []})),
        ("POST", "/offers") => assert_eq!(body["data"], json!({"offers": []})),
        ("POST", "/intents" | "/product" | "/claims") => {
            assert_eq!(body, json!({"message": "Not configured"}));
        }
        ("POST", "/api/bnpl/orders/{order}/disbursement-requirements") => {
            let scope = format!("bnpl_order:{ORDER}");
            let names = [format!("{scope}:invoice"), format!("{scope}:invoice:commitment")];
            assert_eq!(body["_claim_names"], json!({&names[0]: scope, &names[1]: scope}));
            assert!(body["_claim_sources"][&scope]["JWT"].is_string(), "{body}");
        }
        ("GET", "/api/bnpl/orders/{order}/redirect") => {
            assert!(answer.head.contains("location: http://127.0.0.1:3000/done"), "{}", answer.head);
        }
        ("POST", "/api/claims/request") => {
            let data = body["data"].as_object().expect("an object");
            let scopes: BTreeSet<_> = data["claims"].as_object().expect("by scope").keys().cloned().collect();
            let expected: BTreeSet<_> = ["phone", "profile", "email", SCOPE].map(str::to_owned).into();
            assert_eq!(scopes, expected);
            assert_eq!(data["verification_info"]["email"]["email"], "hoa@example.com");
        }
        ("POST", "/webhook") => assert_eq!(body, json!({"message": "Success"})),
        (method, path) => panic!("nobody says how {method} {path} is answered"),
    }
}
