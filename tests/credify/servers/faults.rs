//! What a market's server answers while its database fails, and to texts that a database cannot hold.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use super::{
    Server,
    crash::{Stage, credify_id, push},
    database::{CONFESSION, Database},
};

/// What is known of a push: tokens that the provider has, pushes under way, commitments, users who are connected.
async fn state(stage: &Stage) -> (usize, [u64; 3]) {
    let mut numbers = [0; 3];
    for (number, query) in numbers.iter_mut().zip([
        "select count(*) from pending_push",
        "select count(*) from commitment",
        "select count(*) from customers where credify_id is not null",
    ]) {
        *number = stage.database.number(query).await;
    }
    (stage.sandbox.claim_tokens(&credify_id(0)).len(), numbers)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_fails_in_the_middle_leaves_nothing_half_stored() {
    for database in Database::each("faults").await {
        let stage = Stage::new("faults", database, 2).await;
        let server = stage.start();
        let body = json!({"id": "0", "credify_id": credify_id(0)});
        let refused = async |path: &str, body: &Value| {
            let answer = server.post(path, "front-end", body).await;
            assert_eq!(answer.status, 500, "{path}");
            assert_eq!(answer.json(), json!({"message": "The request could not be completed"}));
            assert!(!answer.head.contains(CONFESSION));
        };

        // Nothing has left yet, so nothing is left.
        stage.database.break_table("pending_push", "insert").await;
        refused("/v1/api/claims/push", &body).await;
        assert_eq!(state(&stage).await, (0, [0, 0, 0]));
        stage.database.heal("pending_push").await;

        // The provider has the tokens: the push is under way until it is done.
        for (table, what, connected) in [("customers", "update", 0), ("commitment", "insert", 1)] {
            stage.database.break_table(table, what).await;
            refused("/v1/api/claims/push", &body).await;
            let (tokens, kept) = state(&stage).await;
            assert_eq!((tokens > 0, kept), (true, [1, 0, connected]), "{table}");
            stage.database.heal(table).await;
        }
        assert_eq!(push(server.address, 0).await, Some(200));
        stage.assert_equal(&BTreeSet::from([0])).await;

        stage.database.break_table("orders", "insert").await;
        let order = json!({
            "local_id": "0", "reference_id": "r-1", "total_amount": {"value": "9000000", "currency": "VND"},
            "order_lines": [],
        });
        refused("/v1/orders", &order).await;
        assert_eq!(stage.database.number("select count(*) from orders").await, 0);
        stage.database.heal("orders").await;
        assert_eq!(server.post("/v1/orders", "front-end", &order).await.status, 200);
        assert_eq!(stage.database.number("select count(*) from orders").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_the_database_ends_cost_at_most_the_call_that_saw_it() {
    const USERS: usize = 200;
    let Some(database) = Database::postgres("connections").await else { return };
    let stage = Stage::new("connections", database, USERS).await;
    let server = stage.start();

    // While nothing is asked: the next call has a new connection.
    assert_eq!(push(server.address, 0).await, Some(200));
    assert_eq!(stage.database.cut().await, 1);
    stage.database.settled().await;
    while !server.complaints().contains("PostgreSQL: ") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(push(server.address, 0).await, Some(200), "{}", server.complaints());

    // Among pushes.
    let workers = (0..4).map(|worker| {
        let address = server.address;
        tokio::spawn(async move {
            let mut statuses = Vec::new();
            for number in (worker..USERS).step_by(4) {
                statuses.push((number, push(address, number).await.expect("an answer")));
            }
            statuses
        })
    });
    let workers: Vec<_> = workers.collect();
    let mut cut = 0;
    while workers.iter().any(|worker| !worker.is_finished()) {
        cut += stage.database.cut().await;
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let mut failed = 0;
    for worker in workers {
        for (number, status) in worker.await.expect("a worker") {
            assert!(matches!(status, 200 | 500), "{number}: {status}");
            failed += usize::from(status != 200);
        }
    }
    // One connection serves one call at a time.
    assert!(failed <= cut, "{failed} calls failed by {cut} connections");
    println!("{cut} connections were ended among {USERS} pushes, {failed} of which failed");
    for number in 0..USERS {
        let status = push(server.address, number).await;
        assert!(status == Some(200) || number == 0, "{number}: {status:?} {}", server.complaints());
    }
    assert_eq!(push(server.address, 0).await, Some(200));
    stage.assert_equal(&(0..USERS).collect()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_with_nul_is_nobodys_in_both_databases() {
    let condition = json!({
        "kind": "EQUALITY_CONDITION",
        "claim": {
            "name": "40f9a736-0d97-409b-a0f7-d23ebca20bde:tier", "value_type": "TEXT",
            "scope": {"name": "40f9a736-0d97-409b-a0f7-d23ebca20bde:loyalty"},
        },
        "value": "platinum",
    });
    let mut never = condition.clone();
    never["value"] = json!("platinum\0");
    let offers = json!([{"code": "a", "conditions": [null], "required_custom_scopes": []}]);
    let order = json!({
        "local_id": "7\0", "reference_id": "r-1", "total_amount": {"value": "1", "currency": "VND"},
        "order_lines": [],
    });
    for database in Database::each("nul").await {
        let server = Server::start("credify_market", &[("DATABASE_URL", &database.url())]);
        for (path, token, body, status, expected) in [
            (
                "/v1/api/offers/filter",
                "demo-filter",
                json!({"local_id": "7\0", "credify_id": "\0", "offers": offers}),
                200,
                json!({"data": {"offers": []}}),
            ),
            (
                "/v1/api/offers/segment",
                "demo-counts",
                json!({
                    "conditions": [condition, never], "required_custom_scope": [[], []], "ids": ["7\0", "\0"],
                }),
                200,
                json!({"data": {"counts": [1, 0]}}),
            ),
            ("/v1/orders", "demo-caller", order.clone(), 404, json!({"message": "There is no such user"})),
            (
                "/v1/api/claims/push",
                "demo-caller",
                json!({"id": "7\0", "credify_id": "a"}),
                400,
                json!({"message": "Invalid body"}),
            ),
            (
                "/v1/push-disbursement-claims",
                "demo-caller",
                json!({"order_id": "o\0", "documents": {"invoice": "https://documents.example/a"}}),
                400,
                json!({"message": "Invalid body"}),
            ),
        ] {
            let answer = server.post(path, token, &body).await;
            assert_eq!((answer.status, answer.json()), (status, expected), "{path}: {}", server.complaints());
        }
        let body = json!({
            "credify_id": "\0", "scopes": ["\0"], "conditions": [condition], "required_custom_scopes": [],
        });
        let answer = server.post("/v1/api/offers/evaluate", "demo-evaluate", &body).await;
        assert_eq!((answer.status, &answer.json()["data"]["rank"]), (200, &json!(0)));
    }
}
