//! The client of the integrations API: one method per remote call.

use std::sync::Arc;

use http::Method;
use serde_json::{Map, Value, json};

use super::{
    download::File,
    filters::Filters,
    request::{Attachment, NewAttribute, NewQuestion},
    response::{about, application, items},
};
use crate::{
    auth::Header,
    clock::Clock,
    error::Error,
    privacy::{Pii, Secret},
    selfkey::{
        PROVIDER,
        model::{Application, KycUser, Status, read_list},
    },
    transport::{
        self, ApiClient, BufferedResponse, Call, RawRequest, RawResponse, form::Form, multipart::Part,
    },
};

/// A client of the integrations API. Cheap to clone; clones share connections and the API key.
///
/// # Defaults
///
/// 10 s an attempt and 30 s a call; three attempts for what only reads, one for what changes something unless it never
/// left; responses up to 4 MiB, files up to 50 000 000 bytes; no rate limit, since none is documented.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) api: ApiClient,
    pub(super) api_key: Arc<Header>,
    pub(super) max_file_bytes: usize,
}

impl Client {
    /// Replaces the API key for all calls from now on.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for a key that does not fit a header; the old one stays then.
    pub fn replace_api_key(&self, api_key: impl Into<Secret>) -> Result<(), Error> {
        self.0.api_key.replace(api_key).map_err(|error| error.during(PROVIDER, "replace_api_key"))
    }

    /// Lists applications: `GET /applications`. `fields` are those that are asked for; all when there is none.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::kyc_chain::Filters;
    ///
    /// let filters = Filters::new().email("ada@example.com").limit(10);
    /// for application in
    ///     client.applications(&filters, &["id", "currentStatus"]).await?
    /// {
    ///     println!("{} {:?}", application.id, application.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn applications(&self, filters: &Filters, fields: &[&str]) -> Result<Vec<Application>, Error> {
        let response = self.get("applications", &["applications"], filters, fields).await?;
        items(&response).and_then(read_list).map_err(|error| response.fail(error))
    }

    /// Reads an application: `GET /applications/{id}`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn application(&self, id: &str, fields: &[&str]) -> Result<Application, Error> {
        self.read_application("application", id, fields).await
    }

    pub(super) async fn read_application(
        &self,
        operation: &'static str,
        id: &str,
        fields: &[&str],
    ) -> Result<Application, Error> {
        let path = ["applications", one(operation, "id", id)?];
        let response = self.get(operation, &path, &Filters::new(), fields).await?;
        application(&response, id)
    }

    /// Replaces values of an application, by the ids of its requirements: `PATCH /applications/{id}`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn update_application(
        &self,
        id: &str,
        values: impl IntoIterator<Item = (String, Pii<Value>)>,
    ) -> Result<Application, Error> {
        let values = values.into_iter().map(|(id, value)| (id, json!({ "value": value })));
        let values: Map<String, Value> = values.collect();
        let body = json!({ "attributes": values });
        let path = ["applications", one("update_application", "id", id)?];
        let response = self.change("update_application", Method::PATCH, &path, &body).await?;
        application(&response, id)
    }

    /// Changes where an application stands: `POST /applications/{id}/status_changes`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::model::Status;
    ///
    /// client.change_status("5ddd5b1656fbce7b59389638", Status::Approved, None).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn change_status(
        &self,
        id: &str,
        status: Status,
        note: Option<&str>,
    ) -> Result<Application, Error> {
        let mut body = json!({ "code": status });
        if let Some(note) = note {
            body["note"] = json!(note);
        }
        let path = ["applications", one("change_status", "id", id)?, "status_changes"];
        let response = self.change("change_status", Method::POST, &path, &body).await?;
        application(&response, id)
    }

    /// Asks for one more attribute: `POST /applications/{id}/attributes`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::{attribute::AttributeType, kyc_chain::NewAttribute};
    ///
    /// let phone = NewAttribute::new(AttributeType::PhoneNumber.schema_id(), "Phone")
    ///     .optional(true);
    /// client.add_attribute("5ddd", &phone).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn add_attribute(&self, id: &str, attribute: &NewAttribute) -> Result<(), Error> {
        let operation = "add_attribute";
        let path = ["applications", one(operation, "id", id)?, "attributes"];
        self.change(operation, Method::POST, &path, &json!(attribute)).await?.has_form(Form::Word)
    }

    /// Says that attributes must be given again: `POST /applications/{id}/attributes/invalidate`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// client.invalidate_attributes("5ddd", &["5dde"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn invalidate_attributes(&self, id: &str, attributes: &[&str]) -> Result<(), Error> {
        self.invalidate("invalidate_attributes", id, "attributes", attributes).await
    }

    /// Asks one more question: `POST /applications/{id}/questions`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::kyc_chain::NewQuestion;
    ///
    /// client
    ///     .add_question(
    ///         "5ddd",
    ///         &NewQuestion::select("Employees", "How many?", ["up to 5", "more"]),
    ///     )
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn add_question(&self, id: &str, question: &NewQuestion) -> Result<(), Error> {
        let operation = "add_question";
        let path = ["applications", one(operation, "id", id)?, "questions"];
        self.change(operation, Method::POST, &path, &json!(question)).await?.has_form(Form::Word)
    }

    /// Says that questions must be responseed again: `POST /applications/{id}/questions/invalidate`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// client.invalidate_questions("5ddd", &["5ddf"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn invalidate_questions(&self, id: &str, questions: &[&str]) -> Result<(), Error> {
        self.invalidate("invalidate_questions", id, "questions", questions).await
    }

    /// Attaches a file of a kind, such as `credential`: `POST /applications/{id}/attachments`. It is read while it is
    /// sent.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// use kyckit::{selfkey::kyc_chain::Attachment, transport::Upload};
    ///
    /// let report =
    ///     Attachment::new("application/pdf", Upload::bytes("…")).name("report.pdf");
    /// client.add_attachment("5ddd", "credential", &report).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); [`Store`](crate::ErrorKind::Store) when the file
    /// cannot be read.
    pub async fn add_attachment(&self, id: &str, kind: &str, attachment: &Attachment) -> Result<(), Error> {
        let operation = "add_attachment";
        let name = attachment.name.as_deref().unwrap_or("document");
        let file = Part::file("file", name, attachment.media_type.as_str(), attachment.content.clone());
        let path = ["applications", one(operation, "id", id)?, "attachments"];
        self.call(operation, Method::POST, &path, &Filters::new())?
            .multipart(vec![Part::text("type", kind.to_owned()), file])
            .accept("*/*")
            .send()
            .await?
            .has_form(Form::Word)
    }

    /// Fetches a file: `GET /files/{id}`. It is held whole.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// let file = client.file("5dda").await?;
    /// println!("{} bytes of {:?}", file.bytes.len(), file.media_type);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); [`TooLarge`](crate::ErrorKind::TooLarge) beyond
    /// 50 MB, or what the options say.
    pub async fn file(&self, id: &str) -> Result<File, Error> {
        let path = ["files", one("file", "id", id)?];
        let call = self.call("file", Method::GET, &path, &Filters::new())?;
        call.accept("*/*").max_file_bytes(self.0.max_file_bytes).send().await.and_then(File::of)
    }

    /// Lists users: `GET /users`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::kyc_chain::Filters;
    ///
    /// let users = client
    ///     .users(
    ///         &Filters::new()
    ///             .did("did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347")
    ///             .limit(1),
    ///         &[],
    ///     )
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn users(&self, filters: &Filters, fields: &[&str]) -> Result<Vec<KycUser>, Error> {
        let response = self.get("users", &["users"], filters, fields).await?;
        let read = items(&response).and_then(|items| items.into_iter().map(KycUser::read).collect());
        read.map_err(|error| response.fail(error))
    }

    /// Reads a user: `GET /users/{id}`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// let user = client.user("5ddb", &[]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn user(&self, id: &str, fields: &[&str]) -> Result<KycUser, Error> {
        let response = self.get("user", &["users", one("user", "id", id)?], &Filters::new(), fields).await?;
        let value = about(&response, "answer.object", id)?;
        KycUser::read(value).map_err(|error| response.fail(error))
    }

    /// Makes a call that this client has no method for.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kyc_chain::Client) -> kyckit::Result<()> {
    /// use kyckit::transport::RawRequest;
    ///
    /// let response =
    ///     client.raw(RawRequest::get(["something-new"]).query("limit", "10")).await?;
    /// let body: serde_json::Value = response.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn raw(&self, request: RawRequest) -> Result<RawResponse, Error> {
        let path: Vec<_> = request.segments.iter().map(String::as_str).collect();
        let query =
            request.query.into_iter().fold(Filters::new(), |all, (name, value)| all.parameter(name, value));
        let call = self.call("raw", request.method, &path, &query)?;
        call.payload(request.payload).idempotency(request.idempotency).send().await.map(RawResponse::of)
    }

    pub(super) fn clock(&self) -> &Clock {
        self.0.api.clock()
    }

    async fn invalidate(
        &self,
        operation: &'static str,
        id: &str,
        what: &str,
        ids: &[&str],
    ) -> Result<(), Error> {
        for (at, id) in ids.iter().enumerate() {
            let checked = transport::filled(&format!("{what}[{at}]"), id);
            checked.map_err(|error| error.during(PROVIDER, operation))?;
        }
        let listed = Filters::new().list(what, ids.iter().copied());
        let path = ["applications", one(operation, "id", id)?, what, "invalidate"];
        self.call(operation, Method::POST, &path, &listed)?.send().await?.has_form(Form::Word)
    }

    async fn get(
        &self,
        operation: &'static str,
        path: &[&str],
        filters: &Filters,
        fields: &[&str],
    ) -> Result<BufferedResponse, Error> {
        let mut filters = filters.clone();
        if !fields.is_empty() {
            filters = filters.parameter("fields", fields.join(","));
        }
        self.call(operation, Method::GET, path, &filters)?.send().await
    }

    async fn change(
        &self,
        operation: &'static str,
        method: Method,
        path: &[&str],
        body: &Value,
    ) -> Result<BufferedResponse, Error> {
        self.call(operation, method, path, &Filters::new())?.json(body).send().await
    }

    /// Begins a call. The query is encoded here, since KYC-Chain compares it by its text.
    fn call(
        &self,
        operation: &'static str,
        method: Method,
        path: &[&str],
        query: &Filters,
    ) -> Result<Call<'_>, Error> {
        let base = self.0.api.base().ok_or_else(|| Error::configuration("the client has no base URL"));
        let url = base.and_then(|base| transport::join(base, path));
        let mut url = url.map_err(|error| error.during(PROVIDER, operation))?;
        query.put_on(&mut url);
        Ok(self.0.api.call_url(operation, method, url))
    }
}

/// An id that stands in a path.
fn one<'a>(operation: &'static str, field: &str, id: &'a str) -> Result<&'a str, Error> {
    transport::one_segment(field, id).map_err(|error| error.during(PROVIDER, operation))
}

crate::privacy::redacted_debug!(Client { host: |it| it.0.api.base().and_then(url::Url::host_str), .. });
