//! What a status means, and how messages are read.

use serde_json::{Value, json};

use super::{Case, Run, each};
use kyckit::selfkey::model::{Author, Message, Status};

pub(super) fn statuses(run: &mut Run, name: &str, file: &Value) {
    const KNOWN: &[&str] = &["name", "wallet_view", "final", "applicant_must_act", "example_server_name"];
    each(run, name, file, KNOWN, |case| {
        let code = case.input["code"].as_i64().ok_or("has no code")?;
        let status = Status::from_code(code);
        if status.code() != code {
            return Err("the code is lost".to_owned());
        }
        case.holds("name", &json!(status.name()))?;
        case.holds("wallet_view", &json!(status.view().as_str()))?;
        case.holds("final", &json!(status.is_final()))?;
        case.holds("applicant_must_act", &json!(status.applicant_must_act()))
    });
}

pub(super) fn messages(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, &["messages"], read_messages);
}

fn read_messages(case: &Case<'_>) -> Result<(), String> {
    let messages: Vec<Message> = serde_json::from_value(case.input["messages"].clone())
        .map_err(|_| "the messages cannot be read".to_owned())?;
    let found: Vec<_> = messages
        .iter()
        .map(|message| {
            json!({
                "id": message.id,
                "name": message.name(),
                "type": match message.author() {
                    Author::Certifier => "certifier",
                    Author::Person => "person",
                    _ => "unknown",
                },
                "date": message.created_at.as_ref().and_then(|at| at.unix_seconds()),
                "message": message.message,
            })
        })
        .collect();
    case.holds("messages", &json!(found))
}
