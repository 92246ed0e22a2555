//! The wallet's calls: recorded sessions, replayed against a scripted relying party.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    Case, Run, each,
    recorded::{Expected, Script, VerificationResponse},
};
use crate::runner::{isolated, same};
use kyckit::{
    clock::Clock,
    error::Error,
    selfkey::{
        Client, Did, ErrorBody, NewMember, RelyingPartyConfig, Subject, WalletKey,
        attribute::{Attribute, Document},
        model::{ApplicationUpdate, NewKycUser, Status, TemplateId},
    },
    transport::{Options, Upload},
};

const KNOWN: &[&str] = &["ok", "requests", "returns", "status", "kind", "code"];

pub(super) fn run(run: &mut Run, name: &str, file: &Value) {
    let clients = match clients(file) {
        Ok(clients) => clients,
        Err(what) => return run.fault(name, &what),
    };
    each(run, name, file, KNOWN, |case| {
        let (client, script) = clients.get(case.text("client")?).ok_or("names no client")?;
        check(case, client, script)
    });
}

type Clients = BTreeMap<String, (Client, Script)>;

fn clients(file: &Value) -> Result<Clients, String> {
    let seconds = file["now"].as_u64().ok_or("has no time")?;
    let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
    let made = file["clients"].as_object().into_iter().flatten().map(|(name, entry)| {
        let config = RelyingPartyConfig::from_json(entry["config"].to_string().as_bytes())?;
        let key = WalletKey::from_hex(entry["private_key"].as_str().unwrap_or_default())?;
        let subject: Subject = match entry["did"].as_str() {
            Some(did) => Did::parse(did)?.into(),
            None => key.did().into(),
        };
        let script = Script::default();
        let options = Options::new().clock(clock.clone()).transport(script.clone());
        let client = Client::builder(config, subject, key).options(options).build()?;
        Ok((name.clone(), (client, script)))
    });
    let made: Result<Clients, Error> = made.collect();
    made.map_err(|error| error.to_string())
}

fn check(case: &Case<'_>, client: &Client, script: &Script) -> Result<(), String> {
    let requests = case.expect["requests"].as_array().ok_or("expects no requests")?;
    let expected = requests.iter().map(|request| {
        let answered = &request["answered"];
        let status = answered["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        let answer =
            VerificationResponse::json(status.ok_or("an answer has no status")?, answered.get("json"));
        Ok(Expected { request: request.clone(), answer })
    });
    script.expect(expected.collect::<Result<_, String>>()?);
    let outcome = isolated(call(client, case.text("call")?, &case.input["args"]))?;
    let faults = script.close();
    if !faults.is_empty() {
        return Err(faults.join("; "));
    }
    match (outcome, case.expect["ok"].as_bool().ok_or("does not say whether it succeeds")?) {
        (Ok(returned), true) => match case.expect.get("returns") {
            Some(expected) if !same(&returned, expected) => {
                Err(format!("returns {returned}, and not {expected}"))
            }
            _ => Ok(()),
        },
        (Err(error), false) => {
            let found = json!({
                "status": error.status().map(|status| status.as_u16()),
                "kind": ErrorBody::of(&error).map(ErrorBody::as_str),
                "code": error.code(),
            });
            ["status", "kind", "code"].into_iter().try_for_each(|name| case.holds(name, &found[name]))
        }
        (Ok(_), false) => Err("succeeded".to_owned()),
        (Err(error), true) => Err(error.to_string()),
    }
}

/// Makes a call and gives what is compared of its result.
async fn call(client: &Client, call: &str, args: &Value) -> Result<Value, Error> {
    let text = |name: &'static str| {
        args[name].as_str().ok_or_else(|| Error::invalid(name, "a case lacks an argument"))
    };
    let id = || text("applicationId");
    let nothing = |()| Value::Null;
    match call {
        "establish" => client.log_in().await.map(nothing),
        "getUserLoginPayload" => {
            let token = match args.get("meta") {
                Some(meta) => client.user_token_with(meta).await?,
                None => client.user_token().await?,
            };
            Ok(token.expose().clone())
        }
        "createUser" => {
            let attributes = attributes(&args["attributes"])?;
            client.create_user_with(&attributes, args["meta"].clone()).await.map(|_| Value::Null)
        }
        "listKYCTemplates" => client.templates().await.map(|_| Value::Null),
        "getKYCTemplate" => client.template(&TemplateId::from(text("id")?)).await.map(|_| Value::Null),
        "listKYCApplications" => {
            let list = client.applications().await?;
            Ok(list.iter().map(|one| one.raw().expose().clone()).collect())
        }
        "getKYCUser" => Ok(json!(client.kyc_user().await?.map(|user| user.raw().clone()))),
        "createKYCUser" => {
            let user: NewKycUser = new_user(&args["user"])?;
            client.create_kyc_user(&user).await.map(|_| Value::Null)
        }
        "getAccessToken" => Ok(json!({ "jwt": client.access_token().await?.expose() })),
        "createKYCApplication" => {
            let attributes = attributes(&args["attributes"])?;
            client.create_application(text("templateId")?, &attributes).await.map(|_| Value::Null)
        }
        "getKYCApplication" => Ok(client.application(id()?).await?.raw().expose().clone()),
        "updateKYCApplication" => {
            let application = &args["application"];
            let member = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
            let mut update = ApplicationUpdate::new(member(application, "templateId"));
            for one in application["attributes"].as_array().into_iter().flatten() {
                update = update.attribute(member(one, "id"), member(one, "schemaId"), one["data"].clone());
            }
            client.update_application(&member(application, "id"), &update).await.map(nothing)
        }
        "updateKYCApplicationPayment" => {
            client.record_payment(id()?, text("transactionHash")?).await.map(nothing)
        }
        "getKYCApplicationChat" => {
            let messages = client.messages(id()?).await?;
            Ok(messages
                .iter()
                .map(|one| {
                    let user = if one.name().expose() == &"Certifier" {
                        json!({})
                    } else {
                        json!({ "name": one.name() })
                    };
                    json!({
                        "id": one.id, "user": user, "roles": one.roles,
                        "createdAt": one.created_at, "message": one.message,
                    })
                })
                .collect())
        }
        "postKYCApplicationChat" => client.post_message(id()?, text("message")?).await.map(nothing),
        "addAdditionalTemplateRequirements" => {
            for schema in args["schemaIds"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                client.add_requirement(id()?, schema).await?;
            }
            Ok(Value::Null)
        }
        "uploadAdditionalFiles" => {
            client.upload_additional_files(id()?, &attributes(&args["files"])?).await.map(nothing)
        }
        "createKYCMemberApplication" => {
            let mut member = NewMember::new(text("templateId")?);
            for attribute in attributes(&args["attributes"])? {
                member = member.attribute(attribute);
            }
            for role in args["memberRoles"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                member = member.role(role);
            }
            if let Some(shares) = args["shares"].as_f64() {
                member = member.shares(shares);
            }
            client.add_member(id()?, &member).await.map(|_| Value::Null)
        }
        "updateKYCApplicationStatus" => {
            let status = Status::from_code(args["code"].as_i64().unwrap_or(-1));
            client.change_status(id()?, status, args["note"].as_str()).await.map(nothing)
        }
        _ => Err(Error::invalid("call", "this is no call that the runner knows")),
    }
}

fn new_user(user: &Value) -> Result<NewKycUser, Error> {
    let text = |name: &str| user[name].as_str().map(str::to_owned);
    let (email, name) = (text("email"), text("name"));
    let (Some(email), Some(name)) = (email, name) else {
        return Err(Error::invalid("user", "a case lacks an argument"));
    };
    Ok(match (text("entityType"), name.split_once(' ')) {
        (Some(kind), _) => NewKycUser::company(email, name, kind),
        (None, Some((first, last))) => NewKycUser::person(email, first, last),
        (None, None) => return Err(Error::invalid("user", "a case lacks an argument")),
    })
}

/// Attributes in the wallet's own form.
fn attributes(list: &Value) -> Result<Vec<Attribute>, Error> {
    let list = list.as_array().ok_or_else(|| Error::invalid("attributes", "a case lacks an argument"))?;
    list.iter()
        .map(|one| {
            let id = one["id"].as_str().unwrap_or_default();
            let schema_id = one["schemaId"].as_str().or_else(|| one["schema"]["$id"].as_str());
            let schema_id = schema_id.unwrap_or_default();
            let mut attribute = match one.get("data") {
                Some(data) => Attribute::new(id, schema_id, data.clone()),
                None => Attribute::without_data(id, schema_id),
            };
            if let Some(schema) = one.get("schema") {
                attribute = attribute.schema(schema.clone());
            }
            if let Some(required) = one["required"].as_bool() {
                attribute = attribute.required(required);
            }
            for document in one["documents"].as_array().into_iter().flatten() {
                attribute = attribute.document(self::document(document)?);
            }
            Ok(attribute)
        })
        .collect()
}

fn document(document: &Value) -> Result<Document, Error> {
    let lacks = || Error::invalid("documents", "a document of a case cannot be read");
    let base64 = document["buffer"]["base64"].as_str();
    let base64 =
        base64.or_else(|| document["content"].as_str()?.split_once(";base64,").map(|(_, text)| text));
    let bytes = STANDARD.decode(base64.ok_or_else(lacks)?).map_err(|_| lacks())?;
    if document["size"].as_u64() != Some(bytes.len() as u64) {
        return Err(lacks());
    }
    let media_type = document["mimeType"].as_str().ok_or_else(lacks)?;
    let made = Document::new(document["id"].as_u64().ok_or_else(lacks)?, media_type, Upload::bytes(bytes));
    Ok(match document["name"].as_str() {
        Some(name) => made.name(name),
        None => made,
    })
}
