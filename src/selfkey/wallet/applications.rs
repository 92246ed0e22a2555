//! Applications: made, read, changed, talked about.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::{
    attributes::present, client::Client, endpoints::EndpointName, member::NewMember, response::json_if_any,
    upload::UploadTarget,
};
use crate::{
    error::Error,
    selfkey::{
        Dialect, PROVIDER,
        model::{
            Application, ApplicationUpdate, Created, Message, Status, TemplateId,
            attribute::{Attribute, SchemaId},
            id_of, read_list, read_messages,
        },
    },
    transport::{BufferedResponse, decode, form::Form},
};

/// What an additional requirement is called that the applicant's side asks for.
const ADDITIONAL: &str = "Document to notarize";

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
    /// let attributes = [Attribute::new(
    ///     "5c4e6edda58d2900401ba61b",
    ///     AttributeType::FirstName,
    ///     "Ada",
    /// )];
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
    /// limit. [`NotFound`](crate::ErrorKind::NotFound) for a template that is not known. [As for every
    /// call](crate::transport#errors-of-every-call).
    pub async fn create_application(
        &self,
        template: impl Into<TemplateId>,
        attributes: &[Attribute],
    ) -> Result<Created, Error> {
        let operation = "create_application";
        let local = |error: Error| error.during(PROVIDER, operation);
        let present = present(attributes, self.0.max_file_bytes).map_err(local)?;
        let call = self.call(operation, Method::POST, EndpointName::Applications)?;
        let ready = self.upload_all(UploadTarget::Application, &present).await?;
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
        json_if_any(&call.json(&body).send().await?).map(|body| created(&body))
    }

    /// Lists the applications, newest first. A subject that the relying party has never seen has none.
    ///
    /// The list comes whole: relying parties have no pages for it. In the documented dialect there is no such call in
    /// the endpoint list; it is made all the same.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// let open = client
    ///     .applications()
    ///     .await?
    ///     .into_iter()
    ///     .filter(|one| one.status.is_some_and(|status| !status.is_final()));
    /// # let _ = open;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn applications(&self) -> Result<Vec<Application>, Error> {
        let call = self.call("applications", Method::GET, EndpointName::ApplicationList)?;
        let response = match call.send().await {
            Err(error)
                if error.status() == Some(StatusCode::NOT_FOUND)
                    && error.kind() == crate::ErrorKind::NotFound =>
            {
                return Ok(Vec::new());
            }
            response => response?,
        };
        decode::json(&response.body).and_then(read_list).map_err(|error| response.fail(error))
    }

    /// Reads an application: `GET /applications/{id}`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); [`NotFound`](crate::ErrorKind::NotFound) for one
    /// that is not known, [`Permission`](crate::ErrorKind::Permission) for one of another subject.
    pub async fn application(&self, id: &str) -> Result<Application, Error> {
        let call = self.call_about("application", Method::GET, EndpointName::Application, id)?;
        let response = call.send().await?;
        let body = response.json()?;
        named(&response, &body, id)?;
        Application::read(body).map_err(|error| response.fail(error))
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
    /// [As for every call](crate::transport#errors-of-every-call).
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
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn record_payment(&self, id: &str, transaction_hash: &str) -> Result<(), Error> {
        let call = self.call_about("record_payment", Method::POST, EndpointName::Payments, id)?;
        call.json(&json!({ "transactionHash": transaction_hash })).send().await?.has_form(Form::Any)
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
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn messages(&self, id: &str) -> Result<Vec<Message>, Error> {
        let response = self.call_about("messages", Method::GET, EndpointName::Chat, id)?.send().await?;
        read_messages(&response.body).map_err(|error| response.fail(error))
    }

    /// Writes a message: `POST /applications/{id}/chat`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn post_message(&self, id: &str, message: &str) -> Result<(), Error> {
        let call = self.call_about("post_message", Method::POST, EndpointName::Chat, id)?;
        call.json(&json!({ "message": message })).send().await?.has_form(Form::Any)
    }

    /// Changes where an application stands: `POST /applications/{id}/change_status`. The provider's wallet only ever
    /// cancels; see [`cancel_application`](Self::cancel_application).
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call). KYC-Chain may refuse any change by an applicant.
    pub async fn change_status(&self, id: &str, status: Status, note: Option<&str>) -> Result<(), Error> {
        let call = self.call_about("change_status", Method::POST, EndpointName::ChangeStatus, id)?;
        let mut body = json!({ "code": status });
        if let Some(note) = note.filter(|note| !note.is_empty()) {
            body["note"] = json!(note);
        }
        call.json(&body).send().await?.has_form(Form::Any)
    }

    /// Cancels an application.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// client
    ///     .cancel_application("b0933c8033cb9bc259442d09", Some("no longer needed"))
    ///     .await?;
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
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn add_requirement(&self, id: &str, schema: impl Into<SchemaId>) -> Result<(), Error> {
        let call = self.call_about("add_requirement", Method::POST, EndpointName::Attributes, id)?;
        let body = json!({ "jsonSchema": { "title": ADDITIONAL }, "schemaId": schema.into() });
        call.json(&body).send().await?.has_form(Form::Any)
    }

    /// Fills in what was asked for after an application was made: uploads the files, reads the application again to
    /// find what each is for, and changes it. The attributes find their requirement by their schema; what they have as
    /// an id does not matter.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::{
    ///     selfkey::attribute::{Attribute, AttributeType, Document},
    ///     transport::Upload,
    /// };
    /// use serde_json::json;
    ///
    /// let id = "b0933c8033cb9bc259442d09";
    /// client.add_requirement(id, AttributeType::ExternalDocument).await?;
    /// let deed =
    ///     Attribute::new("", AttributeType::ExternalDocument, json!(["$document-1"]))
    ///         .document(
    ///             Document::new(1, "application/pdf", Upload::bytes("%PDF…"))
    ///                 .name("deed.pdf"),
    ///         );
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
        let local = |error: Error| error.during(PROVIDER, operation);
        // Before the files, which would be uploaded in vain.
        self.url_about(operation, EndpointName::Application, id)?;
        let present = present(attributes, self.0.max_file_bytes).map_err(local)?;
        let ready = self.upload_all(UploadTarget::Application, &present).await?;
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
        let local = |error: Error| error.during(PROVIDER, operation);
        let present = present(&member.attributes, self.0.max_file_bytes).map_err(local)?;
        let call = self.call_about(operation, Method::POST, EndpointName::Members, id)?;
        let ready = self.upload_all(UploadTarget::Application, &present).await?;
        let attributes: Vec<_> =
            ready.iter().map(|ready| ready.body(ready.attribute.requirement(), true)).collect();
        let roles: Vec<_> = member.roles.iter().map(|role| role.as_str().replacen('-', "_", 1)).collect();
        let body = json!({
            "application": { "attributes": attributes, "templateId": member.template },
            "memberRoles": roles,
            "shares": share(member.shares),
        });
        json_if_any(&call.json(&body).send().await?).map(|body| created(&body))
    }

    async fn patch(&self, operation: &'static str, id: &str, body: &Value) -> Result<(), Error> {
        let call = self.call_about(operation, Method::PATCH, EndpointName::Application, id)?;
        let response = call.json(body).send().await?;
        named(&response, &json_if_any(&response)?, id)
    }
}

/// Makes sure that an application in an response is the one that was asked for.
fn named(response: &BufferedResponse, body: &Value, id: &str) -> Result<(), Error> {
    let named: Vec<_> = ["id", "_id"].into_iter().filter_map(|name| id_of(body.get(name)?)).collect();
    response.is_about("answer.application", id, named.iter().map(String::as_str))
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
