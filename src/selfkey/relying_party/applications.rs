//! Applications: what a wallet hands in to be checked, and what becomes of it.
//!
//! Source: the provider's integration documentation, "KYC"; the wallet's `relying-party.js`.

use futures_util::future::BoxFuture;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    Holder, Incoming, Service, SubmittedAttribute,
    answer::{Outcome, Refusal, json_answer, ok},
    submission::{self, Submission},
    templates::{id_text, requirements},
};
use crate::{
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
    server::HeldBody,
};

/// Texts of one request that are kept, such as a note.
const LONGEST_TEXT: usize = 10_000;

/// The application's applications.
///
/// What is given back is JSON, since relying parties add members of their own: `id`, `template`, `currentStatus`,
/// `statusName`, `attributes` (a map by requirement), `questions`, `payments`, `statusLog`, `owner`, `createdAt`,
/// `updatedAt`. Whatever a function is given was checked: files are the holder's own, attributes meet the template.
///
/// An application that is not this holder's is none: `None`, never somebody else's. A refusal with
/// [`InvalidRequest`](ErrorKind::InvalidRequest) is 422, [`Permission`](ErrorKind::Permission) 403,
/// [`NotFound`](ErrorKind::NotFound) 404; everything else is 500. What has a default here is answered with 404.
pub trait Applications: Send + Sync {
    /// Takes in an application.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn create<'a>(
        &'a self,
        holder: &'a Holder,
        application: NewApplication,
    ) -> BoxFuture<'a, Result<CreatedApplication, Error>>;

    /// The holder's applications, newest first.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn list<'a>(&'a self, holder: &'a Holder) -> BoxFuture<'a, Result<Vec<Value>, Error>>;

    /// One of the holder's applications.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn get<'a>(&'a self, holder: &'a Holder, id: &'a str) -> BoxFuture<'a, Result<Option<Value>, Error>>;

    /// Changes one of the holder's applications. Gives it back as it is then.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn change<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a str,
        change: Change,
    ) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        let _ = (holder, id, change);
        not_served()
    }

    /// The messages of an application.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn messages<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<Value>>, Error>> {
        let _ = (holder, id);
        not_served()
    }

    /// Takes in the application of a member of the company whose application this is, and gives its id.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn add_member<'a>(
        &'a self,
        holder: &'a Holder,
        id: &'a str,
        member: Member,
    ) -> BoxFuture<'a, Result<Option<String>, Error>> {
        let _ = (holder, id, member);
        not_served()
    }

    /// Who the holder is to the checking service; `None` when it does not know.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn kyc_user<'a>(&'a self, holder: &'a Holder) -> BoxFuture<'a, Result<Option<Value>, Error>> {
        let _ = holder;
        not_served()
    }

    /// Tells the checking service who the holder is, and gives back what it then knows.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn create_kyc_user<'a>(
        &'a self,
        holder: &'a Holder,
        user: KycUser,
    ) -> BoxFuture<'a, Result<Value, Error>> {
        let _ = (holder, user);
        not_served()
    }

    /// A token that opens the checking service's own pages in the holder's browser.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn access_token<'a>(&'a self, holder: &'a Holder) -> BoxFuture<'a, Result<Option<Secret>, Error>> {
        let _ = holder;
        not_served()
    }
}

/// What an application is made of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewApplication {
    /// The template that it answers.
    pub template_id: String,
    /// Attributes, also those that the template does not ask for.
    pub attributes: Vec<SubmittedAttribute>,
    /// Ids of files that belong to it. Only the documented dialect names any.
    pub files: Vec<String>,
}

/// An application that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedApplication {
    /// Its id.
    pub id: String,
    /// Where the applicant sees it.
    pub url: Option<String>,
}

impl CreatedApplication {
    /// An application with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), url: None }
    }
}

/// One change of an application.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// Answers to what was asked for, also later.
    Answers {
        /// Attributes; their ids are those of the requirements.
        attributes: Vec<SubmittedAttribute>,
        /// Answers to questions, as the wallet sent them.
        questions: Pii<Value>,
    },
    /// A payment on the chain.
    Payment {
        /// The hash of the transaction. Nothing of it is proven.
        transaction_hash: String,
    },
    /// Another status: a wallet sends 8 (cancelled) only.
    Status {
        /// The code.
        code: i64,
        /// Why.
        note: Option<Pii<String>>,
    },
    /// A message to those who check.
    Message(Pii<String>),
    /// One attribute more is asked for, such as a document to be notarised.
    Requirement {
        /// The schema's URL.
        schema_id: String,
        /// The title for people.
        title: Option<String>,
    },
}

/// The application of one member of a company.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Member {
    /// What is handed in for the member.
    pub application: NewApplication,
    /// What the member is: `director_ltd`, `shareholder`, …
    pub roles: Vec<String>,
    /// The share in percent.
    pub shares: f64,
}

/// Who a holder is to the checking service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KycUser {
    /// The e-mail address.
    pub email: Pii<String>,
    /// The person's or the company's name.
    pub name: Pii<String>,
    /// The legal form of a company.
    pub entity_type: Option<String>,
}

impl Service {
    pub(super) async fn create_application(&self, holder: &Holder, body: Incoming) -> Outcome {
        let applications = self.applications()?;
        let application = self.new_application(self.json(holder, body, unknown_file).await?).await?;
        let created = applications.create(holder, application).await.map_err(of)?;
        if self.is_documented() {
            return Ok(json_answer(StatusCode::CREATED, &json!({ "message": "Application Created" })));
        }
        let mut answer = json!({ "id": created.id });
        if let Some(url) = created.url {
            answer["applicationUrl"] = url.into();
        }
        Ok(ok(&answer))
    }

    /// Reads an application and checks it against its template.
    async fn new_application(&self, mut body: Submission) -> Result<NewApplication, Refusal> {
        let template_id = body.value().get("templateId").and_then(id_text);
        let template_id = template_id.ok_or_else(|| Refusal::bad_request("templateId is needed"))?;
        let template = self.find_template(&template_id).await?;
        let attributes = self.attribute_list(&mut body)?;
        self.check_attributes(&requirements(&template)?, &attributes)?;
        let files = match body.take("files").map(Submission::into_value) {
            None => Vec::new(),
            Some(list) => {
                let ids =
                    list.as_array().and_then(|list| list.iter().map(id_text).collect::<Option<Vec<_>>>());
                ids.ok_or_else(unknown_file)?
            }
        };
        Ok(NewApplication { template_id, attributes, files })
    }

    fn attribute_list(&self, body: &mut Submission) -> Result<Vec<SubmittedAttribute>, Refusal> {
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

    pub(super) async fn update_application(&self, holder: &Holder, id: &str, body: Incoming) -> Outcome {
        let mut body = self.json(holder, body, unknown_file).await?;
        let attributes = self.attribute_list(&mut body)?;
        if let Some(schemas) = &self.schemas {
            let invalid = |attribute: &&SubmittedAttribute| {
                !schemas.faults(attribute.schema_id.as_str(), attribute.data.expose()).is_empty()
            };
            if attributes.iter().find(invalid).is_some() {
                return Err(Refusal::invalid_attributes("an attribute is not valid"));
            }
        }
        let questions = Pii::new(body.take("questions").map_or(Value::Null, Submission::into_value));
        self.change(holder, id, Change::Answers { attributes, questions }).await
    }

    pub(super) async fn pay(&self, holder: &Holder, id: &str, body: HeldBody) -> Outcome {
        let transaction_hash = text(&object(&body)?, "transactionHash").ok_or_else(|| {
            Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "no_payment_details", "transactionHash is needed")
        })?;
        self.change(holder, id, Change::Payment { transaction_hash }).await
    }

    pub(super) async fn change_status(&self, holder: &Holder, id: &str, body: HeldBody) -> Outcome {
        let body = object(&body)?;
        let code = body.get("code").and_then(Value::as_i64);
        let code = code.ok_or_else(|| Refusal::bad_request("code is needed"))?;
        let note = text(&body, "note").map(Pii::new);
        self.change(holder, id, Change::Status { code, note }).await
    }

    pub(super) async fn add_requirement(&self, holder: &Holder, id: &str, body: HeldBody) -> Outcome {
        let body = object(&body)?;
        let schema_id = text(&body, "schemaId").ok_or_else(|| Refusal::bad_request("schemaId is needed"))?;
        // What is asked for must be something that is accepted once it is filled in.
        if self.schemas.as_ref().is_some_and(|schemas| !schemas.knows(&schema_id)) {
            return Err(Refusal::bad_request("there is no such schema here"));
        }
        let title =
            body.get("jsonSchema").and_then(Value::as_object).and_then(|schema| text(schema, "title"));
        self.change(holder, id, Change::Requirement { schema_id, title }).await
    }

    pub(super) async fn post_message(&self, holder: &Holder, id: &str, body: HeldBody) -> Outcome {
        let message = text(&object(&body)?, "message");
        let message = message.ok_or_else(|| Refusal::bad_request("message is needed"))?;
        self.change(holder, id, Change::Message(Pii::new(message))).await
    }

    async fn change(&self, holder: &Holder, id: &str, change: Change) -> Outcome {
        found(self.applications()?.change(holder, id, change).await)
    }

    pub(super) async fn messages(&self, holder: &Holder, id: &str) -> Outcome {
        found(self.applications()?.messages(holder, id).await.map(|list| list.map(Value::Array)))
    }

    pub(super) async fn add_member(&self, holder: &Holder, id: &str, body: Incoming) -> Outcome {
        let applications = self.applications()?;
        let mut body = self.json(holder, body, unknown_file).await?;
        let roles = body.value().get("memberRoles").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let roles = roles.iter().map(|role| role.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
        let roles = roles.ok_or_else(|| Refusal::bad_request("memberRoles is a list of texts"))?;
        let shares = body.value().get("shares").and_then(Value::as_f64).unwrap_or_default();
        let application = body.take("application");
        let application = application.ok_or_else(|| Refusal::bad_request("application is needed"))?;
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
            return Err(Refusal::bad_request("email and name are needed"));
        };
        let user = KycUser { email, name, entity_type: text(&body, "entityType") };
        let known = self.applications()?.create_kyc_user(holder, user).await.map_err(of)?;
        Ok(json_answer(StatusCode::CREATED, &known))
    }

    pub(super) async fn access_token(&self, holder: &Holder) -> Outcome {
        let token = self.applications()?.access_token(holder).await;
        found(token.map(|token| token.map(|token| json!({ "jwt": token.expose() }))))
    }

    fn applications(&self) -> Result<&dyn Applications, Refusal> {
        self.applications.as_deref().ok_or_else(Refusal::not_found)
    }
}

fn not_served<T>() -> BoxFuture<'static, Result<T, Error>> {
    Box::pin(async { Err(Error::new(ErrorKind::NotFound, "this call is not served")) })
}

fn of(error: Error) -> Refusal {
    Refusal::of(error, Refusal::bad_request)
}

fn found(outcome: Result<Option<Value>, Error>) -> Outcome {
    outcome.map_err(of)?.ok_or_else(Refusal::not_found).map(|value| ok(&value))
}

fn unknown_file() -> Refusal {
    Refusal::bad_request("a file is not known")
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match submission::parse(body)? {
        Value::Object(members) => Ok(members),
        _ => Err(Refusal::bad_request("the body is no JSON object")),
    }
}

fn text(body: &Map<String, Value>, name: &str) -> Option<String> {
    let text = body.get(name)?.as_str()?;
    (!text.is_empty() && text.len() <= LONGEST_TEXT).then(|| text.to_owned())
}
