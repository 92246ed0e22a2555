//! Applications: made, read, changed, talked about.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::{Client, Request, attributes::present, files::Place, json as read_json, json_if_any};
use crate::{
    error::Error,
    selfkey::{
        Dialect,
        attribute::{Attribute, SchemaId},
        config::Call,
        model::{
            Application, ApplicationUpdate, Created, MemberRole, Message, Status, TemplateId, id_of,
            read_list, read_messages,
        },
    },
    transport::{Payload, decode, form::Form, send::BufferedResponse},
};

/// What an additional requirement is called that the applicant's side asks for.
const ADDITIONAL: &str = "Document to notarize";

/// The application of a member of a company.
///
/// ```
/// use kyckit::selfkey::{NewMember, attribute::{Attribute, AttributeType}, model::MemberRole};
///
/// let bob = NewMember::new("5c6533c440e7080070dda1f4")
///     .attribute(Attribute::new("5c657861e97908003ec70d19", AttributeType::FirstName, "Bob"))
///     .role(MemberRole::Shareholder)
///     .shares(25.0);
/// # let _ = bob;
/// ```
#[derive(Clone, Debug)]
pub struct NewMember {
    template: TemplateId,
    attributes: Vec<Attribute>,
    roles: Vec<MemberRole>,
    shares: f64,
}

impl NewMember {
    /// A member by the template for members of its kind.
    pub fn new(template: impl Into<TemplateId>) -> Self {
        Self { template: template.into(), attributes: Vec::new(), roles: Vec::new(), shares: 0.0 }
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// Adds what the member is to the company. The first hyphen is sent as an underscore, as the provider's wallet
    /// does.
    #[must_use]
    pub fn role(mut self, role: impl Into<MemberRole>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Sets the share that the member holds, presumably in percent. Default: 0.
    #[must_use]
    pub fn shares(mut self, shares: f64) -> Self {
        self.shares = shares;
        self
    }
}

impl Client {
    /// Hands in an application: uploads the files of its attributes, then `POST /applications`.
    ///
    /// An attribute without data is left out when it is optional.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::attribute::{Attribute, AttributeType};
    ///
    /// let template = &client.templates().await?[0].id;
    /// let attributes = [Attribute::new("5c4e6edda58d2900401ba61b", AttributeType::FirstName, "Ada")];
    /// let created = client.create_application(template, &attributes).await?;
    /// if let Some(id) = created.id {
    ///     let application = client.application(&id).await?;
    ///     println!("{:?}", application.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a required attribute without
    /// data and for documents that do not fit the data, [`TooLarge`](crate::ErrorKind::TooLarge) for a file beyond the
    /// limit. [`NotFound`](crate::ErrorKind::NotFound) for a template that is not known. As for every call.
    pub async fn create_application(
        &self,
        template: impl Into<TemplateId>,
        attributes: &[Attribute],
    ) -> Result<Created, Error> {
        let operation = "create_application";
        let local = |error: Error| error.during(crate::selfkey::PROVIDER, operation);
        let present = present(attributes, self.0.largest_file).map_err(local)?;
        let url = self.resolved().url(Call::Applications).map_err(local)?;
        let ready = self.upload_all(Place::Application, &present).await?;
        let template = template.into();
        let body = match self.dialect() {
            Dialect::Current => {
                let attributes: Vec<_> =
                    ready.iter().map(|ready| ready.body(ready.attribute.requirement(), true)).collect();
                json!({ "attributes": attributes, "templateId": template })
            }
            Dialect::Documented => {
                let attributes: Vec<_> = ready.iter().map(|ready| ready.documented_body()).collect();
                let files: Vec<_> = ready.iter().flat_map(|ready| &ready.files).collect();
                json!({ "templateId": template, "attributes": attributes, "files": files })
            }
        };
        let answer = self.call(Request::post(operation, url, &body)).await?;
        json_if_any(&answer).map(|body| created(&body))
    }

    /// Lists the applications, newest first. A subject that the relying party has never seen has none.
    ///
    /// The list comes whole: relying parties have no pages for it. In the documented dialect there is no such call in
    /// the endpoint list; it is made all the same.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// let open = client.applications().await?.into_iter().filter(|one| one.status.is_some_and(|status| !status.is_final()));
    /// # let _ = open;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn applications(&self) -> Result<Vec<Application>, Error> {
        let request = Request::get("applications", self.resolved().url(Call::ApplicationList)?);
        let answer = match self.call(request).await {
            Err(error)
                if error.status() == Some(StatusCode::NOT_FOUND)
                    && error.kind() == crate::ErrorKind::NotFound =>
            {
                return Ok(Vec::new());
            }
            answer => answer?,
        };
        decode::json(&answer.body).and_then(read_list).map_err(|error| answer.fail(error))
    }

    /// Reads an application: `GET /applications/{id}`.
    ///
    /// # Errors
    ///
    /// As for every call; [`NotFound`](crate::ErrorKind::NotFound) for one that is not known,
    /// [`Permission`](crate::ErrorKind::Permission) for somebody else's.
    pub async fn application(&self, id: &str) -> Result<Application, Error> {
        let request = Request::get("application", self.url_of("application", Call::Application, id)?);
        let answer = self.call(request).await?;
        let body = read_json(&answer)?;
        named(&answer, &body, id)?;
        Application::read(body).map_err(|error| answer.fail(error))
    }

    /// Changes an application: `PATCH /applications/{id}`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::{attribute::AttributeType, model::ApplicationUpdate};
    ///
    /// let update = ApplicationUpdate::new("5c6619ae1ea6440111989852")
    ///     .attribute("5c4e6edda58d2900401ba61b", AttributeType::FirstName, "Augusta");
    /// client.update_application("b0933c8033cb9bc259442d09", &update).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn update_application(&self, id: &str, update: &ApplicationUpdate) -> Result<(), Error> {
        self.patch("update_application", id, update.body(id).expose()).await
    }

    /// Says that an application was paid for: `POST /applications/{id}/payments`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// client.record_payment("b0933c8033cb9bc259442d09", "0x5f1fa4f2").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn record_payment(&self, id: &str, transaction_hash: &str) -> Result<(), Error> {
        let url = self.url_of("record_payment", Call::Payments, id)?;
        let body = json!({ "transactionHash": transaction_hash });
        self.call(Request::post("record_payment", url, &body)).await?.has_form(Form::Any)
    }

    /// Reads the messages about an application: `GET /applications/{id}/chat`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// for message in client.messages("b0933c8033cb9bc259442d09").await? {
    ///     println!("{}: {}", message.name().expose(), message.message.expose());
    /// }
    /// client.post_message("b0933c8033cb9bc259442d09", "hello").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn messages(&self, id: &str) -> Result<Vec<Message>, Error> {
        let request = Request::get("messages", self.url_of("messages", Call::Chat, id)?);
        let answer = self.call(request).await?;
        read_messages(&answer.body).map_err(|error| answer.fail(error))
    }

    /// Writes a message: `POST /applications/{id}/chat`.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn post_message(&self, id: &str, message: &str) -> Result<(), Error> {
        let url = self.url_of("post_message", Call::Chat, id)?;
        self.call(Request::post("post_message", url, &json!({ "message": message })))
            .await?
            .has_form(Form::Any)
    }

    /// Changes where an application stands: `POST /applications/{id}/change_status`. The provider's wallet only ever
    /// cancels; see [`cancel_application`](Self::cancel_application).
    ///
    /// # Errors
    ///
    /// As for every call. KYC-Chain may refuse any change by an applicant.
    pub async fn change_status(&self, id: &str, status: Status, note: Option<&str>) -> Result<(), Error> {
        let url = self.url_of("change_status", Call::ChangeStatus, id)?;
        let mut body = json!({ "code": status });
        if let Some(note) = note.filter(|note| !note.is_empty()) {
            body["note"] = json!(note);
        }
        self.call(Request::post("change_status", url, &body)).await?.has_form(Form::Any)
    }

    /// Cancels an application.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// client.cancel_application("b0933c8033cb9bc259442d09", Some("no longer needed")).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`change_status`](Self::change_status).
    pub async fn cancel_application(&self, id: &str, note: Option<&str>) -> Result<(), Error> {
        self.change_status(id, Status::Canceled, note).await
    }

    /// Adds a requirement to an application, to be filled in by
    /// [`upload_additional_files`](Self::upload_additional_files): `POST /applications/{id}/attributes`.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn add_requirement(&self, id: &str, schema: impl Into<SchemaId>) -> Result<(), Error> {
        let url = self.url_of("add_requirement", Call::Attributes, id)?;
        let body = json!({ "jsonSchema": { "title": ADDITIONAL }, "schemaId": schema.into() });
        self.call(Request::post("add_requirement", url, &body)).await?.has_form(Form::Any)
    }

    /// Fills in what was asked for after an application was made: uploads the files, reads the application again to
    /// find what each is for, and changes it. The attributes find their requirement by their schema; what they have as
    /// an id does not matter.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::{selfkey::attribute::{Attribute, AttributeType, Document}, transport::Upload};
    /// use serde_json::json;
    ///
    /// let id = "b0933c8033cb9bc259442d09";
    /// client.add_requirement(id, AttributeType::ExternalDocument).await?;
    /// let deed = Attribute::new("", AttributeType::ExternalDocument, json!(["$document-1"]))
    ///     .document(Document::new(1, "application/pdf", Upload::bytes("%PDF…")).name("deed.pdf"));
    /// client.upload_additional_files(id, &[deed]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create_application`](Self::create_application);
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when the application asks for nothing of that kind: the
    /// files are uploaded then, and the application is unchanged.
    pub async fn upload_additional_files(&self, id: &str, attributes: &[Attribute]) -> Result<(), Error> {
        let operation = "upload_additional_files";
        let local = |error: Error| error.during(crate::selfkey::PROVIDER, operation);
        // Before the files, which would be uploaded in vain.
        self.url_of(operation, Call::Application, id)?;
        let present = present(attributes, self.0.largest_file).map_err(local)?;
        let ready = self.upload_all(Place::Application, &present).await?;
        let application = self.application(id).await?;
        let mut open: Vec<_> = application.attributes.iter().filter(|one| one.is_additional).collect();
        let mut filled = Vec::with_capacity(ready.len());
        for (at, ready) in ready.iter().enumerate() {
            let found =
                open.iter().position(|one| one.schema_id.as_ref() == Some(&ready.attribute.schema_id));
            let found = found.ok_or_else(|| {
                local(Error::invalid(
                    format!("attributes[{at}]"),
                    "the application asks for nothing more of this kind",
                ))
            })?;
            filled.push(ready.body(Some(&open.remove(found).id), false));
        }
        self.patch(operation, id, &json!({ "attributes": filled })).await
    }

    /// Hands in the application of a company's member: uploads its files, then `POST /applications/{id}/members`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client, first_name: kyckit::selfkey::attribute::Attribute) -> kyckit::Result<()> {
    /// use kyckit::selfkey::NewMember;
    ///
    /// let director = NewMember::new("5cbd904b4125d251f98b78ba").attribute(first_name);
    /// let created = client.add_member("5ddd", &director).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create_application`](Self::create_application).
    pub async fn add_member(&self, id: &str, member: &NewMember) -> Result<Created, Error> {
        let operation = "add_member";
        let local = |error: Error| error.during(crate::selfkey::PROVIDER, operation);
        let present = present(&member.attributes, self.0.largest_file).map_err(local)?;
        let url = self.resolved().url_of(Call::Members, id).map_err(local)?;
        let ready = self.upload_all(Place::Application, &present).await?;
        let attributes: Vec<_> =
            ready.iter().map(|ready| ready.body(ready.attribute.requirement(), true)).collect();
        let roles: Vec<_> = member.roles.iter().map(|role| role.as_str().replacen('-', "_", 1)).collect();
        let body = json!({
            "application": { "attributes": attributes, "templateId": member.template },
            "memberRoles": roles,
            "shares": share(member.shares),
        });
        let answer = self.call(Request::post(operation, url, &body)).await?;
        json_if_any(&answer).map(|body| created(&body))
    }

    async fn patch(&self, operation: &'static str, id: &str, body: &Value) -> Result<(), Error> {
        let url = self.url_of(operation, Call::Application, id)?;
        let payload = Payload::json(body.to_string());
        let answer = self.call(Request::change(operation, Method::PATCH, url, payload)).await?;
        named(&answer, &json_if_any(&answer)?, id)
    }
}

/// Makes sure that an application in an answer is the one that was asked for.
fn named(answer: &BufferedResponse, body: &Value, id: &str) -> Result<(), Error> {
    let named: Vec<_> = ["id", "_id"].into_iter().filter_map(|name| id_of(body.get(name)?)).collect();
    answer.is_about("answer.application", id, named.iter().map(String::as_str))
}

/// Whole numbers are written as such.
fn share(shares: f64) -> Value {
    #[allow(clippy::cast_possible_truncation)]
    if shares.fract() == 0.0 && shares.abs() < 9_007_199_254_740_992.0 {
        json!(shares as i64)
    } else {
        json!(shares)
    }
}

fn created(body: &Value) -> Created {
    Created {
        id: id_of(&body["id"]).or_else(|| id_of(&body["_id"])),
        url: body["applicationUrl"].as_str().and_then(|url| Url::parse(url).ok()),
    }
}
