//! A service provider's server as it is started by one command, over both databases.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Server,
    commands::{documented, printed},
    database::{CONFESSION, Database},
};

const SOURCE: &str = include_str!("../../../examples/credify_service_provider.rs");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_call_is_answered_as_the_documentation_says() {
    for database in Database::each("provider_calls").await {
        let mut server = Server::start("credify_service_provider", &[("DATABASE_URL", &database.url())]);
        let commands = server.printed(3);
        let requests = documented(SOURCE, server.address);
        assert_eq!(requests.len(), 2);
        for request in &requests {
            let answer = request.answered(server.address, || server.complaints()).await;
            match (&*request.method, request.target.split('?').next().unwrap_or_default()) {
                ("GET", "/") => assert_eq!(answer.json(), json!({"message": "OK"})),
                ("GET", "/oidc") => {
                    let location = answer.head.lines().find_map(|line| line.strip_prefix("location: "));
                    let location = location.expect("an address");
                    for part in ["http://127.0.0.1:", "/oauth2/auth?", "response_type=token", "state="] {
                        assert!(location.contains(part), "{location}");
                    }
                }
                (method, path) => panic!("it is not set how {method} {path} is answered"),
            }
        }
        let mut asked = Vec::new();
        for command in &commands {
            let request = printed(command, server.address);
            let path = request.target.split('?').next().unwrap_or_default().to_owned();
            let answer = request.answered(server.address, || server.complaints()).await;
            match (&*request.method, &*path) {
                ("POST", "/oidc") => {
                    let info = answer.json();
                    assert_eq!(info["sub"], "ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512", "{info}");
                    assert!(info["phone"].is_object() && info["email"].is_object(), "{info}");
                    // Once.
                    let again = request.send(server.address).await;
                    assert_eq!((again.status, again.json()), (400, json!({"message": "Request not found."})));
                }
                (_, "/user-existence") => assert_eq!(answer.json(), json!({"data": {"exists": true}})),
                (method, path) => panic!("it is not set how {method} {path} is answered"),
            }
            asked.push(format!("{} {path}", request.method));
        }
        assert_eq!(asked, ["POST /oidc", "POST /user-existence", "GET /user-existence"]);
        for call in asked {
            assert!(SOURCE.contains(&format!("//! | `{call}` |")), "{call} is not documented");
        }
        assert_eq!(server.complaints(), "");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_fails_keeps_what_it_had() {
    for database in Database::each("provider_faults").await {
        let mut server = Server::start("credify_service_provider", &[("DATABASE_URL", &database.url())]);
        let commands = server.printed(3);
        let begin = &documented(SOURCE, server.address)[1];
        let complete = printed(&commands[0], server.address);
        let kept = async || database.number("select count(*) from one_time where value is not null").await;
        assert_eq!(kept().await, 1);

        for (request, what) in [(begin, "insert"), (&complete, "update")] {
            database.break_table("one_time", what).await;
            let answer = request.send(server.address).await;
            assert_eq!(answer.status, 500);
            assert_eq!(answer.json(), json!({"message": "The request could not be completed"}));
            assert!(!answer.head.contains(CONFESSION));
            database.heal("one_time").await;
            assert_eq!(kept().await, 1, "{what}");
        }
        // The next call has a new connection where the server ended the one before.
        if database.cut().await > 0 {
            while !server.complaints().contains("PostgreSQL: ") {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        let answer = complete.answered(server.address, || server.complaints()).await;
        assert_ne!(answer.json()["sub"], Value::Null);
        assert_eq!(kept().await, 0);
    }
}
