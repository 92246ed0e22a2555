//! A market's server as it is started by one command: every call of its documentation, over both databases.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    Answer, Folder, Server,
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
        (method, path) => panic!("it is not set how {method} {path} is answered"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conditions_on_numbers_and_flags_hold_over_the_databases_of_the_example() {
    const MARKET: &str = "40f9a736-0d97-409b-a0f7-d23ebca20bde";
    let folder = Folder::new("numbers");
    let users = json!([
        {"id": 7, "loyaltyPoint": 320, "rate": 2.5, "member": true, "tier": "320", "credifyId": PERSON},
        {"id": 8, "loyaltyPoint": 90, "rate": 0.5, "member": false, "tier": "gold"},
        {"id": 9, "loyaltyPoint": "320", "rate": "2.5", "member": "true", "tier": 320},
    ]);
    let scopes = json!({SCOPE: {
        format!("{MARKET}:points"): "loyaltyPoint", format!("{MARKET}:rate"): "rate",
        format!("{MARKET}:member"): "member", format!("{MARKET}:tier"): "tier",
    }});
    let users = folder.write("users.json", &users.to_string());
    let scopes = folder.write("scopes.json", &scopes.to_string());
    let condition = |kind: &str, name: &str, value_type: &str, value: serde_json::Value| {
        json!({
            "kind": kind, "value": value,
            "claim": {"name": format!("{MARKET}:{name}"), "value_type": value_type, "scope": {"name": SCOPE}},
        })
    };
    let conditions = json!([
        condition("LARGER_THAN_CONDITION", "points", "INTEGER", json!(100)),
        condition("LESS_THAN_CONDITION", "points", "INTEGER", json!(100)),
        condition("EQUALITY_CONDITION", "rate", "FLOAT", json!(2.5)),
        condition("LARGER_THAN_OR_EQUAL_CONDITION", "rate", "FLOAT", json!(0.5)),
        condition("EQUALITY_CONDITION", "member", "BOOLEAN", json!(true)),
        condition("EQUALITY_CONDITION", "tier", "TEXT", json!("320")),
    ]);
    let none = json!([[], [], [], [], [], []]);
    for database in Database::each("market_numbers").await {
        let settings = [("DATABASE_URL", &*database.url()), ("USERS_FILE", &users), ("SCOPES_FILE", &scopes)];
        let server = Server::start("credify_market", &settings);
        let segment = json!({"conditions": conditions, "required_custom_scope": none});
        let answer = server.post("/v1/api/offers/segment", "demo-counts", &segment).await;
        assert_eq!(answer.json(), json!({"data": {"counts": [1, 1, 1, 2, 1, 1]}}), "{}", server.complaints());

        let three = json!([conditions[0], conditions[2], conditions[4], conditions[1]]);
        let required = json!([[SCOPE], [], [], []]);
        let evaluated = json!({
            "credify_id": PERSON, "scopes": [SCOPE], "conditions": three, "required_custom_scopes": required,
        });
        let answer = server.post("/v1/api/offers/evaluate", "demo-evaluate", &evaluated).await;
        assert_eq!(answer.json()["data"]["rank"], 3, "{}", server.complaints());
        let offers = json!([{"code": "a", "conditions": three, "required_custom_scopes": required}]);
        let filtered = json!({"local_id": "7", "offers": offers});
        let answer = server.post("/v1/api/offers/filter", "demo-filter", &filtered).await;
        assert_eq!(answer.json()["data"]["offers"][0]["evaluation_result"]["rank"], 3);
        assert_eq!(server.complaints(), "");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_of_an_origin_of_its_own_are_fetched_when_it_is_set() {
    let origin = "http://documents.example:9000";
    for (origins, status) in [("", 400), ("http://other.example:9000", 400), (&*format!(" {origin} ,"), 200)]
    {
        let folder = Folder::new("origins");
        let settings = [("DATABASE_URL", &*folder.path("data.sqlite")), ("DOCUMENT_ORIGINS", origins)];
        let server = Server::start("credify_market", &settings);
        let person = json!({"id": "7", "credify_id": PERSON});
        assert_eq!(server.post("/v1/api/claims/push", "demo-caller", &person).await.status, 200);
        let order = json!({
            "local_id": "7", "reference_id": "r-1", "total_amount": {"value": "9000000", "currency": "VND"},
            "order_lines": [],
        });
        assert_eq!(server.post("/v1/orders", "demo-caller", &order).await.status, 200);
        let documents = json!({"order_id": ORDER, "documents": {"invoice": format!("{origin}/invoice.pdf")}});
        let answer = server.post("/v1/push-disbursement-claims", "demo-caller", &documents).await;
        assert_eq!(answer.status, status, "{origins:?}: {}", server.complaints());
    }
}
