//! Applications: what a wallet hands in to be checked, and what becomes of it.
//!
//! Source: the provider's integration documentation, "KYC"; the wallet's `relying-party.js`.

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    body::RequestBody,
    holder::Holder,
    rejection::{Outcome, Rejection, json_response, ok},
    service::Service,
    store::{Change, DynApplications, KycUser, Member, NewApplication, requirements},
    submission::{self, Submission},
    submitted::SubmittedAttribute,
};
use crate::{error::Error, privacy::Pii, selfkey::model::id_of, server::HeldBody};

/// Texts of one request that are kept, such as a note.
const MAX_TEXT_BYTES: usize = 10_000;

impl Service {
    pub(super) async fn create_application(&self, holder: &Holder, body: RequestBody) -> Outcome {
        let applications = self.applications()?;
        let application = self.new_application(self.json(holder, body, unknown_file).await?).await?;
        let created = applications.create(holder, application).await.map_err(of)?;
        if self.is_documented() {
            return Ok(json_response(StatusCode::CREATED, &json!({ "message": "Application Created" })));
        }
        let mut body = json!({ "id": created.id });
        if let Some(url) = created.url {
            body["applicationUrl"] = url.into();
        }
        Ok(ok(&body))
    }

    /// Reads an application and checks it against its template.
    async fn new_application(&self, mut body: Submission) -> Result<NewApplication, Rejection> {
        let template_id = body.value().get("templateId").and_then(id_of);
        let template_id = template_id.ok_or_else(|| Rejection::bad_request("templateId is needed"))?;
        let template = self.find_template(&template_id).await?;
        let attributes = self.attribute_list(&mut body)?;
        self.check_attributes(&requirements(&template).map_err(Rejection::unhandled)?, &attributes)?;
        let files = match body.take("files").map(Submission::into_value) {
            None => Vec::new(),
            Some(list) => {
                let ids = list.as_array().and_then(|list| list.iter().map(id_of).collect::<Option<Vec<_>>>());
                ids.ok_or_else(unknown_file)?
            }
        };
        Ok(NewApplication { template_id, attributes, files })
    }

    fn attribute_list(&self, body: &mut Submission) -> Result<Vec<SubmittedAttribute>, Rejection> {
        let list = body.take("attributes");
        list.map_or_else(|| Ok(Vec::new()), |list| list.into_attributes(self.is_documented()))
    }

    pub(super) async fn list_applications(&self, holder: &Holder, query: &str) -> Outcome {
        let mut list = self.applications()?.list(holder).await.map_err(of)?;
        let query = url::form_urlencoded::parse(query.as_bytes()).collect::<Vec<_>>();
        if let Some((_, fields)) = query.iter().find(|(name, _)| name == "fields") {
            let fields: Vec<_> = fields.split(',').map(str::trim).collect();
            for application in list.iter_mut().filter_map(Value::as_object_mut) {
                application.retain(|name, _| fields.contains(&name.as_str()));
            }
        }
        Ok(ok(&Value::Array(list)))
    }

    pub(super) async fn application(&self, holder: &Holder, id: &str) -> Outcome {
        found(self.applications()?.get(holder, id).await)
    }

    pub(super) async fn update_application(&self, holder: &Holder, id: &str, body: RequestBody) -> Outcome {
        let mut body = self.json(holder, body, unknown_file).await?;
        let attributes = self.attribute_list(&mut body)?;
        if let Some(schemas) = &self.schemas {
            let invalid = |attribute: &&SubmittedAttribute| {
                !schemas.faults(attribute.schema_id.as_str(), attribute.data.expose()).is_empty()
            };
            if attributes.iter().find(invalid).is_some() {
                return Err(Rejection::invalid_attributes("an attribute is not valid"));
            }
        }
        let questions = Pii::new(body.take("questions").map_or(Value::Null, Submission::into_value));
        self.change(holder, id, Change::Answers { attributes, questions }).await
    }

    pub(super) async fn pay(&self, holder: &Holder, id: &str, body: HeldBody) -> Outcome {
        let transaction_hash = text(&object(&body)?, "transactionHash").ok_or_else(|| {
            Rejection::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "no_payment_details",
                "transactionHash is needed",
            )
        })?;
        self.change(holder, id, Change::Payment { transaction_hash }).await
    }

    pub(super) async fn change_status(&self, holder: &Holder, id: &str, body: HeldBody) -> Outcome {
        let body = object(&body)?;
        let code = body.get("code").and_then(Value::as_i64);
        let code = code.ok_or_else(|| Rejection::bad_request("code is needed"))?;
        let note = text(&body, "note").map(Pii::new);
        self.change(holder, id, Change::Status { code, note }).await
    }

    pub(super) async fn add_requirement(&self, holder: &Holder, id: &str, body: HeldBody) -> Outcome {
        let body = object(&body)?;
        let schema_id =
            text(&body, "schemaId").ok_or_else(|| Rejection::bad_request("schemaId is needed"))?;
        // What is asked for must be something that is accepted once it is filled in.
        if self.schemas.as_ref().is_some_and(|schemas| !schemas.knows(&schema_id)) {
            return Err(Rejection::bad_request("there is no such schema here"));
        }
        let title =
            body.get("jsonSchema").and_then(Value::as_object).and_then(|schema| text(schema, "title"));
        self.change(holder, id, Change::Requirement { schema_id, title }).await
    }

    pub(super) async fn post_message(&self, holder: &Holder, id: &str, body: HeldBody) -> Outcome {
        let message = text(&object(&body)?, "message");
        let message = message.ok_or_else(|| Rejection::bad_request("message is needed"))?;
        self.change(holder, id, Change::Message(Pii::new(message))).await
    }

    async fn change(&self, holder: &Holder, id: &str, change: Change) -> Outcome {
        found(self.applications()?.change(holder, id, change).await)
    }

    pub(super) async fn messages(&self, holder: &Holder, id: &str) -> Outcome {
        found(self.applications()?.messages(holder, id).await.map(|list| list.map(Value::Array)))
    }

    pub(super) async fn add_member(&self, holder: &Holder, id: &str, body: RequestBody) -> Outcome {
        let applications = self.applications()?;
        let mut body = self.json(holder, body, unknown_file).await?;
        let roles = body.value().get("memberRoles").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let roles = roles.iter().map(|role| role.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
        let roles = roles.ok_or_else(|| Rejection::bad_request("memberRoles is a list of texts"))?;
        let shares = body.value().get("shares").and_then(Value::as_f64).unwrap_or_default();
        let application = body.take("application");
        let application = application.ok_or_else(|| Rejection::bad_request("application is needed"))?;
        let application = self.new_application(application).await?;
        let added = applications.add_member(holder, id, Member { application, roles, shares }).await;
        found(added.map(|id| id.map(|id| json!({ "id": id }))))
    }

    pub(super) async fn kyc_user(&self, holder: &Holder) -> Outcome {
        found(self.applications()?.kyc_user(holder).await)
    }

    pub(super) async fn create_kyc_user(&self, holder: &Holder, body: HeldBody) -> Outcome {
        let body = object(&body)?;
        let needed = |name: &str| text(&body, name).map(Pii::new);
        let (Some(email), Some(name)) = (needed("email"), needed("name")) else {
            return Err(Rejection::bad_request("email and name are needed"));
        };
        let user = KycUser { email, name, entity_type: text(&body, "entityType") };
        let known = self.applications()?.create_kyc_user(holder, user).await.map_err(of)?;
        Ok(json_response(StatusCode::CREATED, &known))
    }

    pub(super) async fn access_token(&self, holder: &Holder) -> Outcome {
        let token = self.applications()?.access_token(holder).await;
        found(token.map(|token| token.map(|token| json!({ "jwt": token.expose() }))))
    }

    fn applications(&self) -> Result<&dyn DynApplications, Rejection> {
        self.applications.as_deref().ok_or_else(Rejection::not_found)
    }
}

fn of(error: Error) -> Rejection {
    Rejection::of(error, Rejection::bad_request)
}

fn found(outcome: Result<Option<Value>, Error>) -> Outcome {
    outcome.map_err(of)?.ok_or_else(Rejection::not_found).map(|value| ok(&value))
}

fn unknown_file() -> Rejection {
    Rejection::bad_request("a file is not known")
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Rejection> {
    match submission::parse(body)? {
        Value::Object(members) => Ok(members),
        _ => Err(Rejection::bad_request("the body is no JSON object")),
    }
}

fn text(body: &Map<String, Value>, name: &str) -> Option<String> {
    let text = body.get(name)?.as_str()?;
    (!text.is_empty() && text.len() <= MAX_TEXT_BYTES).then(|| text.to_owned())
}
