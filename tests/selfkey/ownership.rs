//! A file of another holder is refused wherever a request can name it, in each form of each call.

use kyckit::selfkey::{Dialect, WalletKey};
use serde_json::{Value, json};

use crate::party::{NAME, PASSPORT, Party, refused, wallet};

/// A party at which one holder has a file, and the token of another holder.
async fn with_foreign_file(dialect: Dialect) -> (Party, Value, String) {
    let party = Party::with(dialect, |builder| builder);
    let owner = log_in(&party, &wallet()).await;
    let name = if dialect == Dialect::Documented { "file" } else { "document" };
    let upload = party.parts("/files", &owner, &[(name, Some("p.png"), Some("image/png"), b"PNG")]).await;
    let id = upload.1.get("id").or(upload.1.get("fileId")).expect("an id").clone();
    let other = log_in(&party, &WalletKey::from_hex("11".repeat(32)).expect("a key")).await;
    (party, id, other)
}

async fn log_in(party: &Party, key: &WalletKey) -> String {
    let (challenge, body) = party.signed(key).await;
    let (status, answer) = party.post("/auth/challenge", &challenge, body).await;
    assert_eq!(status, 200, "{answer}");
    answer["jwt"].as_str().expect("a token").to_owned()
}

fn file(id: &Value) -> Value {
    json!({ "mimeType": "image/png", "size": 3, "content": id })
}

/// The forms in which an attribute can name a file.
fn attributes_with(id: &Value) -> [Value; 4] {
    [
        json!([{ "id": "p", "schemaId": PASSPORT, "data": { "image": file(id) } }]),
        json!([{ "id": "p", "schemaId": PASSPORT, "data": { "value": { "image": file(id) } } }]),
        json!([{ "id": PASSPORT, "schemaId": PASSPORT, "value": { "image": [[file(id)]] } }]),
        json!([{ "id": "p", "schemaId": NAME, "data": "x", "documents": [file(id)] }]),
    ]
}

#[tokio::test]
async fn in_a_sign_up_as_json() {
    let (party, id, token) = with_foreign_file(Dialect::Current).await;
    for attributes in attributes_with(&id) {
        for body in [json!({ "attributes": attributes }), attributes.clone()] {
            let answer = party.post("/users", &token, body).await;
            assert_eq!(refused(&answer), (422, "invalid_attributes"), "{attributes}");
        }
    }
    assert_eq!(party.store.user_count(), 0);
}

#[tokio::test]
async fn in_a_sign_up_as_a_form_of_either_dialect() {
    for (dialect, status) in [(Dialect::Current, 422), (Dialect::Documented, 400)] {
        let (party, id, token) = with_foreign_file(dialect).await;
        for attributes in attributes_with(&id) {
            let text = attributes.to_string();
            let part = ("attributes", None, Some("application/json"), text.as_bytes());
            let answer = party.parts("/users", &token, &[part]).await;
            assert_eq!(refused(&answer), (status, "invalid_attributes"), "{dialect:?} {attributes}");
        }
        // Beside a part of the request itself.
        let mixed = json!([
            { "id": "p", "schemaId": PASSPORT, "data": { "image": "$document-1" }, "documents": [1] },
            { "id": "q", "schemaId": PASSPORT, "data": { "image": file(&id) } },
        ])
        .to_string();
        let own = ("$document-1", Some("x"), Some("image/png"), &b"PNG"[..]);
        let part = ("attributes", None, Some("application/json"), mixed.as_bytes());
        for parts in [[own, part], [part, own]] {
            let answer = party.parts("/users", &token, &parts).await;
            assert_eq!(refused(&answer), (status, "invalid_attributes"), "{dialect:?}");
        }
        assert_eq!((party.store.user_count(), party.store.file_count()), (0, 1));
    }
}

#[tokio::test]
async fn in_an_application_of_either_dialect() {
    for (dialect, status) in [(Dialect::Current, 422), (Dialect::Documented, 400)] {
        let (party, id, token) = with_foreign_file(dialect).await;
        let template = json!(1);
        let name = json!({ "id": NAME, "schemaId": NAME, "data": "Ada" });
        let mut bodies = vec![json!({ "templateId": template, "attributes": [name], "files": [id] })];
        for mut attributes in attributes_with(&id) {
            attributes.as_array_mut().expect("a list").push(name.clone());
            bodies.push(json!({ "templateId": template, "attributes": attributes }));
        }
        for body in bodies {
            let answer = party.post("/applications", &token, body.clone()).await;
            assert_eq!(refused(&answer), (status, "bad_request"), "{dialect:?} {body}");
        }
        assert!(party.store.all_applications().is_empty());
    }
}

#[tokio::test]
async fn in_a_change_of_an_application_and_in_that_of_a_member() {
    let (party, id, token) = with_foreign_file(Dialect::Current).await;
    let created = party.post(
        "/applications",
        &token,
        json!({ "templateId": "T1", "attributes": [
        { "id": "r1", "schemaId": NAME, "data": "Ada" },
        { "id": "r2", "schemaId": crate::party::EMAIL, "data": "ada@example.org" },
    ] }),
    );
    let created = created.await;
    assert_eq!(created.0, 200, "{}", created.1);
    let path = format!("/applications/{}", created.1["id"].as_str().expect("an id"));
    let before = party.get(&path, &token).await;
    let mut bodies: Vec<_> =
        attributes_with(&id).into_iter().map(|attributes| json!({ "attributes": attributes })).collect();
    for questions in [
        json!({ "q1": { "value": file(&id) } }),
        json!({ "q1": file(&id) }),
        json!([{ "id": "q1", "answer": { "documents": [file(&id)] } }]),
        file(&id),
    ] {
        bodies.push(json!({ "questions": questions }));
        bodies.push(json!({ "attributes": [], "questions": questions }));
    }
    for body in bodies {
        let answer = party.call("PATCH", &path, Some(&token), body.clone()).await;
        assert_eq!(refused(&answer), (422, "bad_request"), "{body}");
    }
    assert_eq!(party.get(&path, &token).await, before);

    for attributes in attributes_with(&id) {
        let member = json!({ "memberRoles": ["director_ltd"], "shares": 10,
            "application": { "templateId": 1, "attributes": attributes } });
        let answer = party.post(&format!("{path}/members"), &token, member).await;
        assert_eq!(refused(&answer), (422, "bad_request"));
    }
    assert_eq!(party.store.all_applications().len(), 1);
}

#[tokio::test]
async fn a_holders_own_file_is_taken_in_each_of_these_places() {
    let (party, id, _) = with_foreign_file(Dialect::Current).await;
    let token = log_in(&party, &wallet()).await;
    let [attributes, ..] = attributes_with(&id);
    assert_eq!(party.post("/users", &token, json!({ "attributes": attributes })).await.0, 201);
    let text = attributes.to_string();
    let part = ("attributes", None, Some("application/json"), text.as_bytes());
    assert_eq!(party.parts("/users", &token, &[part]).await.0, 201);
    let user = party.store.user(crate::party::DID).expect("a user");
    assert_eq!(user.attributes[0].data.expose()["image"], file(&id));
    let body = json!({ "templateId": 1, "files": [id],
        "attributes": [{ "schemaId": NAME, "data": "Ada" }, attributes[0]] });
    let created = party.post("/applications", &token, body).await;
    assert_eq!(created.0, 200, "{}", created.1);
    let path = format!("/applications/{}", created.1["id"].as_str().expect("an id"));
    let change = json!({ "attributes": attributes, "questions": { "q1": { "value": file(&id) } } });
    assert_eq!(party.call("PATCH", &path, Some(&token), change).await.0, 200);
}
