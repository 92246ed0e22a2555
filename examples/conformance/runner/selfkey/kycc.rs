//! KYC-Chain: the integrations API, and the data behind a user's token.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::header::SET_COOKIE;
use serde_json::{Value, json};

use super::{
    Case, Run, each,
    recorded::{Expected, Script, VerificationResponse},
    without_nulls,
};
use crate::runner::{isolated, same};
use kyckit::{
    error::Error,
    privacy::{Pii, Secret},
    selfkey::{
        ErrorBody,
        kycc::{
            integrations::{Attachment, Client, Filters, NewAttribute, NewQuestion},
            user_data::{Reader, Refusal, UserFile},
        },
        model::Status,
    },
    transport::{Options, Retry, Upload},
};

pub(super) fn integrations(run: &mut Run, name: &str, file: &Value) {
    const KNOWN: &[&str] = &["requests", "returns", "ok", "fails", "status"];
    let client = &file["client"];
    each(run, name, file, KNOWN, |case| check(case, client));
}

fn options(script: &Script) -> Options {
    Options::new().transport(script.clone()).retry(Retry::never())
}

fn status(answer: &Value) -> Result<u16, String> {
    answer["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok())
        .ok_or_else(|| "an answer has no status".to_owned())
}

fn check(case: &Case<'_>, client: &Value) -> Result<(), String> {
    let answer = &case.input["server_answer"];
    let answer = match answer["bytes_base64"].as_str() {
        Some(bytes) => VerificationResponse::bytes(status(answer)?, "image/png", bytes)?,
        None => VerificationResponse::json(status(answer)?, answer.get("json")),
    };
    let requests = case.expect["requests"].as_array().ok_or("expects no requests")?;
    let script = Script::default();
    let expected =
        requests.iter().map(|request| Expected { request: request.clone(), answer: answer.clone() });
    script.expect(expected.collect());
    let text = |name: &str| client[name].as_str().unwrap_or_default().to_owned();
    let client = Client::builder(text("instanceUrl"), text("apiKey"))
        .options(options(&script))
        .build()
        .map_err(|error| error.to_string())?;
    let outcome = isolated(call(&client, case.text("call")?, &case.input["args"]))?;
    let faults = script.close();
    if !faults.is_empty() {
        return Err(faults.join("; "));
    }
    match (outcome, case.expect["ok"].as_bool().ok_or("does not say whether it succeeds")?) {
        (Ok(returned), true) => {
            let expected = &case.expect["returns"];
            // Of texts only that the call succeeded counts.
            if expected.is_string() || same(&returned, expected) {
                Ok(())
            } else {
                Err(format!("returns {returned}, and not {expected}"))
            }
        }
        (Err(error), false) => {
            case.holds("status", &json!(error.status().map(|status| status.as_u16())))?;
            let unauthenticated = ErrorBody::of(&error) == Some(ErrorBody::Unauthenticated);
            if unauthenticated == (case.expect["status"] == json!(401)) {
                Ok(())
            } else {
                Err("is refused as another kind".to_owned())
            }
        }
        (Ok(_), false) => Err("succeeded".to_owned()),
        (Err(error), true) => Err(error.to_string()),
    }
}

async fn call(client: &Client, call: &str, args: &Value) -> Result<Value, Error> {
    let lacks = |name: &'static str| Error::invalid(name, "a case lacks an argument");
    let text = |value: &Value| value.as_str().map(str::to_owned).unwrap_or_default();
    let texts = |value: &Value| -> Vec<String> { value.as_array().into_iter().flatten().map(text).collect() };
    let id = text(&args["id"]);
    let fields = texts(&args["fields"]);
    let fields: Vec<_> = fields.iter().map(String::as_str).collect();
    match call {
        "applications.list" => {
            let list = client.applications(&filters(&args["filters"]), &fields).await?;
            Ok(list.iter().map(|one| one.raw().expose().clone()).collect())
        }
        "applications.get" => Ok(client.application(&id, &fields).await?.raw().expose().clone()),
        "applications.update" => {
            let values = args["update"]["attributes"].as_object().into_iter().flatten();
            let values = values.map(|(id, value)| (id.clone(), Pii::new(value["value"].clone())));
            Ok(client.update_application(&id, values).await?.raw().expose().clone())
        }
        "applications.changeStatus" => {
            let status = Status::from_code(args["code"].as_i64().ok_or_else(|| lacks("code"))?);
            Ok(client.change_status(&id, status, args["note"].as_str()).await?.raw().expose().clone())
        }
        "applications.attributes.add" => {
            let one = &args["attribute"];
            let attribute = NewAttribute::new(text(&one["schema"]), text(&one["label"]))
                .description(text(&one["description"]))
                .optional(one["optional"] == json!(true));
            client.add_attribute(&id, &attribute).await.map(|()| Value::Null)
        }
        "applications.attributes.invalidate" => {
            let ids = texts(&args["attributes"]);
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            client.invalidate_attributes(&id, &ids).await.map(|()| Value::Null)
        }
        "applications.questions.add" => {
            let one = &args["question"];
            let question = match one.get("options") {
                Some(options) => {
                    NewQuestion::select(text(&one["label"]), text(&one["question"]), texts(options))
                }
                None => NewQuestion::new(text(&one["type"]), text(&one["label"]), text(&one["question"])),
            };
            let question =
                question.description(text(&one["description"])).optional(one["optional"] == json!(true));
            client.add_question(&id, &question).await.map(|()| Value::Null)
        }
        "applications.questions.invalidate" => {
            let ids = texts(&args["questions"]);
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            client.invalidate_questions(&id, &ids).await.map(|()| Value::Null)
        }
        "applications.attachments.add" => {
            let one = &args["attachment"];
            let bytes = STANDARD.decode(text(&one["buffer_base64"])).map_err(|_| lacks("attachment"))?;
            let mut attachment = Attachment::new(text(&one["mimeType"]), Upload::bytes(bytes));
            if let Some(name) = one["filename"].as_str() {
                attachment = attachment.name(name);
            }
            client.add_attachment(&id, &text(&args["type"]), &attachment).await.map(|()| Value::Null)
        }
        "files.get" => {
            let file = client.file(&id).await?;
            Ok(json!({ "bytes_base64": STANDARD.encode(file.bytes) }))
        }
        "users.list" => {
            let list = client.users(&filters(&args["filters"]), &fields).await?;
            Ok(list.iter().map(|one| one.raw().expose().clone()).collect())
        }
        "users.get" => Ok(client.user(&id, &fields).await?.raw().expose().clone()),
        _ => Err(Error::invalid("call", "this is no call that the runner knows")),
    }
}

fn filters(value: &Value) -> Filters {
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    value.as_object().into_iter().flatten().fold(Filters::new(), |filters, (name, value)| match value {
        Value::Array(list) => filters.list(name, list.iter().map(plain)),
        one => filters.parameter(name, plain(one)),
    })
}

pub(super) fn user_data(run: &mut Run, name: &str, file: &Value) {
    each(run, name, file, &["ok", "user", "requests", "error"], data);
}

fn data(case: &Case<'_>) -> Result<(), String> {
    let input = case.input;
    let requests = case.expect["requests"].as_array().ok_or("expects no requests")?;
    let script = Script::default();
    let expected = requests.iter().map(|request| {
        let path = request["path"].as_str().unwrap_or_default();
        let mut request = request.clone();
        let answer = if path == "/api/v2/auth/login" {
            let login = &input["login_answer"];
            let mut answer = VerificationResponse::json(status(login)?, login.get("json"));
            if let Some(cookie) = login["set_cookie"].as_str() {
                answer.headers.push((SET_COOKIE, format!("{cookie}; Path=/")));
            }
            answer
        } else if path.starts_with("/api/v2/applications?") {
            VerificationResponse::json(200, Some(&input["applications_answer"]))
        } else if path.starts_with("/api/v2/applications/") {
            VerificationResponse::json(200, Some(&input["application_answer"]))
        } else if path.starts_with("/api/v2/files/") {
            request["group"] = json!("files");
            let file = &input["file_answer"];
            let text = |name: &str| file[name].as_str().unwrap_or_default();
            VerificationResponse::bytes(status(file)?, text("content_type"), text("bytes_base64"))?
        } else {
            return Err("expects a request that the runner does not know".to_owned());
        };
        Ok(Expected { request, answer })
    });
    script.expect(expected.collect::<Result<_, String>>()?);
    let text = |name: &str| input[name].as_str().unwrap_or_default().to_owned();
    let store = |file: UserFile| async move {
        let media_type = file.media_type.unwrap_or_default();
        Ok(json!(format!("stored:{}:{media_type}:{}", file.id, file.bytes.len())))
    };
    let reader = Reader::builder(text("instanceUrl")).options(options(&script)).build();
    let outcome = isolated(async {
        reader?.user_data(&Secret::new(text("token")), &text("templateId"), &store).await
    })?;
    let faults = script.close();
    if !faults.is_empty() {
        return Err(faults.join("; "));
    }
    match (outcome, case.expect["ok"].as_bool().ok_or("does not say whether it succeeds")?) {
        (Ok(user), true) => {
            let (found, expected) = (without_nulls(&json!(user)), without_nulls(&case.expect["user"]));
            if same(&found, &expected) { Ok(()) } else { Err(format!("user is {found}, and not {expected}")) }
        }
        (Err(error), false) => case.holds("error", &json!(Refusal::of(&error).map(Refusal::as_str))),
        (Ok(_), false) => Err("succeeded".to_owned()),
        (Err(error), true) => Err(error.to_string()),
    }
}
