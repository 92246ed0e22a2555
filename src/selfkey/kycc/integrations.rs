//! The integrations API: an instance's applications and users, by its API key.

mod filters;
mod new;
mod pages;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::{Map, Value, json};
use url::Url;

pub use filters::Filters;
pub use new::{Attachment, NewAttribute, NewQuestion};
use pages::pages;

use super::base;
use crate::{
    auth::Header,
    clock::Clock,
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
    selfkey::{
        PROVIDER,
        config::add_query,
        failure::classify,
        model::{Application, KycUser, Status, id_of, read_list},
    },
    transport::{
        self, Options, Payload, RawRequest, RawResponse, decode,
        form::Form,
        multipart::{Part, form},
        retry::Idempotency,
        send::{self, BufferedResponse, Channel},
    },
};

/// The header of the API key. HTTP does not tell cases apart; the documentation writes `apiKey`.
const API_KEY: HeaderName = HeaderName::from_static("apikey");
/// How long an attempt may take; the provider documents nothing.
const ATTEMPT: Duration = Duration::from_secs(10);
/// The largest file that is read, as the provider's schemas have it.
const LARGEST_FILE: usize = 50_000_000;

/// A client of the integrations API. Cheap to clone; clones share connections and the API key.
///
/// # Defaults
///
/// 10 s an attempt and 30 s a call; three attempts for what only reads, one for what changes something unless it never
/// left; answers up to 4 MiB, files up to 50 000 000 bytes; no rate limit, since none is documented.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    base: Url,
    api_key: Header,
    channel: Channel,
    largest_file: usize,
}

/// Builds a [`Client`].
#[must_use = "a client comes out of `build`"]
pub struct Builder {
    instance: String,
    api_key: Secret,
    options: Options,
}

/// A file that KYC-Chain keeps. Its `Debug` shows the length only.
#[derive(Clone)]
#[non_exhaustive]
pub struct File {
    /// The media type, as KYC-Chain says.
    pub media_type: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
}

impl File {
    fn of(answer: BufferedResponse) -> Result<Self, Error> {
        answer.is_file()?;
        let media_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(Self { media_type: media_type.map(str::to_owned), bytes: answer.body })
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

impl Client {
    /// Starts a client of an instance, such as `https://<instance>.instance.kyc-chain.com`, by its API key.
    ///
    /// ```
    /// use kyckit::selfkey::kycc::integrations::Client;
    ///
    /// let client = Client::builder("https://kyc.example", "api-key").build()?;
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn builder(instance_url: impl Into<String>, api_key: impl Into<Secret>) -> Builder {
        Builder { instance: instance_url.into(), api_key: api_key.into(), options: Options::default() }
    }

    /// Replaces the API key for all calls from now on.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a key that does not fit a header; the old one stays then.
    pub fn replace_api_key(&self, api_key: impl Into<Secret>) -> Result<(), Error> {
        self.0.api_key.replace(api_key).map_err(|error| error.during(PROVIDER, "replace_api_key"))
    }

    /// Lists applications: `GET /applications`. `fields` are those that are asked for; all when there is none.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::kycc::integrations::Filters;
    ///
    /// let filters = Filters::new().email("ada@example.com").limit(10);
    /// for application in client.applications(&filters, &["id", "currentStatus"]).await? {
    ///     println!("{} {:?}", application.id, application.status);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn applications(&self, filters: &Filters, fields: &[&str]) -> Result<Vec<Application>, Error> {
        let answer = self.get("applications", &["applications"], filters, fields).await?;
        items(&answer).and_then(read_list).map_err(|error| answer.fail(error))
    }

    /// All applications that the filters let through, page by page, as the stream is read. A limit among the filters is
    /// the length of a page (100 unless it says otherwise), and a number to skip is where it starts. The list ends with an
    /// empty page: KYC-Chain says nowhere how long it is.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// use futures_util::TryStreamExt;
    /// use kyckit::selfkey::kycc::integrations::Filters;
    ///
    /// let mut all = client.all_applications(Filters::new().sort("updatedAt"), &["id", "currentStatus"]);
    /// while let Some(application) = all.try_next().await? {
    ///     println!("{}", application.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call; [`ProviderId`](crate::ErrorKind::Provider) with the [check](Error::check) `list.repeated` when the
    /// pages bring the same items again. The stream ends after an error.
    pub fn all_applications(
        &self,
        filters: Filters,
        fields: &[&str],
    ) -> BoxStream<'static, Result<Application, Error>> {
        let fetch = |client: Client, filters: Filters, fields: Vec<String>| async move {
            client.applications(&filters, &as_strs(&fields)).await
        };
        pages(self, ("applications", &filters), fields, |one: &Application| Some(&one.id), fetch)
    }

    /// Reads an application: `GET /applications/{id}`.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn application(&self, id: &str, fields: &[&str]) -> Result<Application, Error> {
        self.read_application("application", id, fields).await
    }

    pub(in crate::selfkey) async fn read_application(
        &self,
        operation: &'static str,
        id: &str,
        fields: &[&str],
    ) -> Result<Application, Error> {
        let segments = ["applications", one(operation, "id", id)?];
        let answer = self.get(operation, &segments, &Filters::new(), fields).await?;
        application(&answer, id)
    }

    /// Replaces values of an application, by the ids of its requirements: `PATCH /applications/{id}`.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn update_application(
        &self,
        id: &str,
        values: impl IntoIterator<Item = (String, Pii<Value>)>,
    ) -> Result<Application, Error> {
        let values = values.into_iter().map(|(id, value)| (id, json!({ "value": value })));
        let values: Map<String, Value> = values.collect();
        let body = json!({ "attributes": values });
        let segments = ["applications", one("update_application", "id", id)?];
        let answer = self.change("update_application", Method::PATCH, &segments, &body).await?;
        application(&answer, id)
    }

    /// Changes where an application stands: `POST /applications/{id}/status_changes`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::model::Status;
    ///
    /// client.change_status("5ddd5b1656fbce7b59389638", Status::Approved, None).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
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
        let segments = ["applications", one("change_status", "id", id)?, "status_changes"];
        let answer = self.change("change_status", Method::POST, &segments, &body).await?;
        application(&answer, id)
    }

    /// Asks for one more attribute: `POST /applications/{id}/attributes`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::{attribute::AttributeType, kycc::integrations::NewAttribute};
    ///
    /// let phone = NewAttribute::new(AttributeType::PhoneNumber.schema_id(), "Phone").optional(true);
    /// client.add_attribute("5ddd", &phone).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn add_attribute(&self, id: &str, attribute: &NewAttribute) -> Result<(), Error> {
        let operation = "add_attribute";
        let segments = ["applications", one(operation, "id", id)?, "attributes"];
        self.change(operation, Method::POST, &segments, &json!(attribute)).await?.has_form(Form::Word)
    }

    /// Says that attributes must be given again: `POST /applications/{id}/attributes/invalidate`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// client.invalidate_attributes("5ddd", &["5dde"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn invalidate_attributes(&self, id: &str, attributes: &[&str]) -> Result<(), Error> {
        self.invalidate("invalidate_attributes", id, "attributes", attributes).await
    }

    /// Asks one more question: `POST /applications/{id}/questions`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::kycc::integrations::NewQuestion;
    ///
    /// client.add_question("5ddd", &NewQuestion::select("Employees", "How many?", ["up to 5", "more"])).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn add_question(&self, id: &str, question: &NewQuestion) -> Result<(), Error> {
        let operation = "add_question";
        let segments = ["applications", one(operation, "id", id)?, "questions"];
        self.change(operation, Method::POST, &segments, &json!(question)).await?.has_form(Form::Word)
    }

    /// Says that questions must be answered again: `POST /applications/{id}/questions/invalidate`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// client.invalidate_questions("5ddd", &["5ddf"]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn invalidate_questions(&self, id: &str, questions: &[&str]) -> Result<(), Error> {
        self.invalidate("invalidate_questions", id, "questions", questions).await
    }

    /// Attaches a file of a kind, such as `credential`: `POST /applications/{id}/attachments`. It is read while it is
    /// sent.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// use kyckit::{selfkey::kycc::integrations::Attachment, transport::Upload};
    ///
    /// let report = Attachment::new("application/pdf", Upload::bytes("…")).name("report.pdf");
    /// client.add_attachment("5ddd", "credential", &report).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call; [`Store`](ErrorKind::Store) when the file cannot be read.
    pub async fn add_attachment(&self, id: &str, kind: &str, attachment: &Attachment) -> Result<(), Error> {
        let operation = "add_attachment";
        let name = attachment.name.as_deref().unwrap_or("document");
        let file = Part::file("file", name, attachment.media_type.as_str(), attachment.content.clone());
        let parts = vec![Part::text("type", kind.to_owned()), file];
        let payload =
            form(parts, self.0.channel.clock()).map_err(|error| error.during(PROVIDER, operation))?;
        let url = self.url(operation, &["applications", one(operation, "id", id)?, "attachments"])?;
        let seconds = attachment.content.length() / (128 * 1024);
        let call = Call {
            payload,
            accept: Some("*/*"),
            attempt: ATTEMPT + Duration::from_secs(seconds),
            ..Call::new(operation, Method::POST, url)
        };
        self.send(call).await?.has_form(Form::Word)
    }

    /// Fetches a file: `GET /files/{id}`. It is held whole.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// let file = client.file("5dda").await?;
    /// println!("{} bytes of {:?}", file.bytes.len(), file.media_type);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call; [`TooLarge`](ErrorKind::TooLarge) beyond 50 000 000 bytes, or what the options say.
    pub async fn file(&self, id: &str) -> Result<File, Error> {
        let url = self.url("file", &["files", one("file", "id", id)?])?;
        let call = Call {
            accept: Some("*/*"),
            largest: Some(self.0.largest_file),
            ..Call::new("file", Method::GET, url)
        };
        self.send(call).await.and_then(File::of)
    }

    /// Lists users: `GET /users`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::kycc::integrations::Filters;
    ///
    /// let users = client.users(&Filters::new().did("did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347").limit(1), &[]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn users(&self, filters: &Filters, fields: &[&str]) -> Result<Vec<KycUser>, Error> {
        let answer = self.get("users", &["users"], filters, fields).await?;
        let read = items(&answer).and_then(|items| items.into_iter().map(KycUser::read).collect());
        read.map_err(|error| answer.fail(error))
    }

    /// All users that the filters let through, page by page: as [`all_applications`](Self::all_applications).
    ///
    /// # Errors
    ///
    /// As for every call; the stream ends after an error.
    pub fn all_users(&self, filters: Filters, fields: &[&str]) -> BoxStream<'static, Result<KycUser, Error>> {
        let fetch = |client: Client, filters: Filters, fields: Vec<String>| async move {
            client.users(&filters, &as_strs(&fields)).await
        };
        pages(self, ("users", &filters), fields, |one: &KycUser| Some(&one.id), fetch)
    }

    /// Reads a user: `GET /users/{id}`.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// let user = client.user("5ddb", &[]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn user(&self, id: &str, fields: &[&str]) -> Result<KycUser, Error> {
        let answer = self.get("user", &["users", one("user", "id", id)?], &Filters::new(), fields).await?;
        let value = about(&answer, "answer.object", id)?;
        KycUser::read(value).map_err(|error| answer.fail(error))
    }

    /// Makes a call that this client has no method for.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::kycc::integrations::Client) -> kyckit::Result<()> {
    /// use kyckit::transport::RawRequest;
    ///
    /// let answer = client.raw(RawRequest::get(["something-new"]).query("limit", "10")).await?;
    /// let body: serde_json::Value = answer.json()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn raw(&self, request: RawRequest) -> Result<RawResponse, Error> {
        let segments: Vec<_> = request.segments.iter().map(String::as_str).collect();
        let mut url = self.url("raw", &segments)?;
        request.query.iter().for_each(|(name, value)| add_query(&mut url, name, value));
        let call = Call {
            payload: request.payload,
            idempotency: request.idempotency,
            ..Call::new("raw", request.method, url)
        };
        self.send(call).await.map(RawResponse::of)
    }

    async fn invalidate(
        &self,
        operation: &'static str,
        id: &str,
        what: &str,
        ids: &[&str],
    ) -> Result<(), Error> {
        let mut url =
            self.url(operation, &["applications", one(operation, "id", id)?, what, "invalidate"])?;
        for (at, id) in ids.iter().enumerate() {
            let checked = transport::filled(&format!("{what}[{at}]"), id);
            checked.map_err(|error| error.during(PROVIDER, operation))?;
        }
        Filters::new().list(what, ids.iter().copied()).put_on(&mut url);
        self.send(Call::new(operation, Method::POST, url)).await?.has_form(Form::Word)
    }

    pub(in crate::selfkey) fn clock(&self) -> &Clock {
        self.0.channel.clock()
    }

    async fn get(
        &self,
        operation: &'static str,
        segments: &[&str],
        filters: &Filters,
        fields: &[&str],
    ) -> Result<BufferedResponse, Error> {
        let mut url = self.url(operation, segments)?;
        filters.put_on(&mut url);
        if !fields.is_empty() {
            add_query(&mut url, "fields", &fields.join(","));
        }
        self.send(Call::new(operation, Method::GET, url)).await
    }

    async fn change(
        &self,
        operation: &'static str,
        method: Method,
        segments: &[&str],
        body: &Value,
    ) -> Result<BufferedResponse, Error> {
        let payload = Payload::json(body.to_string());
        self.send(Call { payload, ..Call::new(operation, method, self.url(operation, segments)?) }).await
    }

    fn url(&self, operation: &'static str, segments: &[&str]) -> Result<Url, Error> {
        transport::join(&self.0.base, segments).map_err(|error| error.during(PROVIDER, operation))
    }

    async fn send(&self, call: Call) -> Result<BufferedResponse, Error> {
        let channel = &self.0.channel;
        let mut limits = channel.limits(call.attempt);
        limits.bytes = call.largest.unwrap_or(limits.bytes);
        let accept = call.accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept)));
        channel
            .send(send::Call {
                operation: call.operation,
                method: call.method,
                url: call.url,
                headers: HeaderMap::from_iter(accept),
                payload: call.payload,
                idempotency: call.idempotency,
                limits,
                authorize: Some(&self.0.api_key),
                classify: &classify,
                request_id: None,
                addresses: transport::AddressPolicy::Any,
                one_object: true,
            })
            .await
    }
}

fn as_strs(fields: &[String]) -> Vec<&str> {
    fields.iter().map(String::as_str).collect()
}

struct Call {
    operation: &'static str,
    method: Method,
    url: Url,
    payload: Payload,
    idempotency: Idempotency,
    attempt: Duration,
    accept: Option<&'static str>,
    largest: Option<usize>,
}

impl Call {
    fn new(operation: &'static str, method: Method, url: Url) -> Self {
        let idempotency =
            if method == Method::GET { Idempotency::Idempotent } else { Idempotency::NotIdempotent };
        Self {
            operation,
            method,
            url,
            payload: Payload::Empty,
            idempotency,
            attempt: ATTEMPT,
            accept: None,
            largest: None,
        }
    }
}

/// Lists come as a member `items`.
fn items(answer: &BufferedResponse) -> Result<Vec<Value>, Error> {
    #[derive(serde::Deserialize)]
    struct Items {
        items: Vec<Value>,
    }

    decode::json(&answer.body).map(|Items { items }| items)
}

/// An id that stands in a path.
fn one<'a>(operation: &'static str, field: &str, id: &'a str) -> Result<&'a str, Error> {
    transport::one_segment(field, id).map_err(|error| error.during(PROVIDER, operation))
}

/// An answer about one application; with few fields asked for, it may not say which.
fn application(answer: &BufferedResponse, id: &str) -> Result<Application, Error> {
    let mut value = about(answer, APPLICATION, id)?;
    if value.is_object() && ids(&value).next().is_none() {
        value["id"] = json!(id);
    }
    Application::read(value).map_err(|error| answer.fail(error))
}

/// The check that fails when an answer is about another application.
pub(super) const APPLICATION: &str = "answer.application";

/// JSON about the one thing that was asked for.
pub(super) fn about(answer: &BufferedResponse, check: &'static str, id: &str) -> Result<Value, Error> {
    let value: Value = decode::json(&answer.body).map_err(|error| answer.fail(error))?;
    let named: Vec<_> = ids(&value).collect();
    answer.is_about(check, id, named.iter().map(String::as_str))?;
    Ok(value)
}

/// What an answer calls its object by: older answers have `_id`, newer ones `id`, and some have both.
fn ids(value: &Value) -> impl Iterator<Item = String> {
    ["id", "_id"].into_iter().filter_map(|name| id_of(value.get(name)?))
}

impl Builder {
    /// Time limits, retries, sizes, connections. See [`Client`] for the defaults.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for an instance URL that is not https (loopback aside), for an empty
    /// API key or one that does not fit a header, and for certificates or proxies that cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        if self.api_key.is_blank() {
            return Err(Error::new(ErrorKind::Configuration, "the API key is empty"));
        }
        Ok(Inner {
            base: base(&self.instance, "integrations/v2", self.options.allow_plain_http)?,
            api_key: Header::new(API_KEY, self.api_key)?,
            largest_file: self.options.max_response_bytes.unwrap_or(LARGEST_FILE),
            channel: Channel::new(PROVIDER, &self.options, None)?,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("host", &self.0.base.host_str()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("options", &self.options).finish_non_exhaustive()
    }
}
