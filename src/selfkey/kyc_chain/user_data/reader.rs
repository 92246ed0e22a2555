//! The reader: one call that logs in, finds the application and fetches its files.

use std::sync::Arc;

use http::{HeaderValue, Method, header::COOKIE};
use serde_json::{Value, json};
use url::Url;

use super::{
    super::response::{APPLICATION, about},
    cookie::cookie,
    data::{UserData, UserFile},
    error_code::ErrorCode,
};
use crate::{
    error::Error,
    privacy::Secret,
    selfkey::{
        PROVIDER,
        model::{
            Application, KycUser, UnverifiedToken,
            attribute::{FileObject, resolve_files},
            attributes_by_type, read_list,
        },
        query::add_query,
    },
    transport::{self, ApiClient, Call, decode},
};

/// Reads what an instance knows of whoever brings a user token. Cheap to clone.
///
/// The token is not verified here: KYC-Chain's login is the check, and the subject of the token must be the user who
/// was logged in.
///
/// # Defaults
///
/// Those of the [integrations client](super::super::Client).
#[derive(Clone)]
pub struct Reader(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) api: ApiClient,
    pub(super) max_file_bytes: usize,
}

impl Reader {
    /// Reads the data of whoever brings this token: logs in with it, takes the first application for the template, and
    /// hands each file to a processor. Its result takes the place of the file's `content`.
    ///
    /// ```no_run
    /// # async fn run() -> kyckit::Result<()> {
    /// use kyckit::{
    ///     privacy::Secret,
    ///     selfkey::kyc_chain::user_data::{Reader, UserFile},
    /// };
    /// use serde_json::json;
    ///
    /// let reader = Reader::builder("https://kyc.example").build()?;
    /// let token = Secret::from("the token that the browser brought");
    /// let user = reader
    ///     .user_data(
    ///         &token,
    ///         "5cf4b5b6fc92bd6e67c72f41",
    ///         &|file: UserFile| async move {
    ///             // Keep file.bytes somewhere.
    ///             Ok(json!(format!("stored/{}", file.id)))
    ///         },
    ///     )
    ///     .await?;
    /// for name in user.attributes.get("firstName") {
    ///     println!("valid: {:?}", name.valid);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ErrorCode`], in this order: no token, no template, then what KYC-Chain says. Those of the processor.
    /// [As for every call](crate::transport#errors-of-every-call).
    ///
    /// Source: the provider's library, `getKYCCUserDataForToken`.
    pub async fn user_data<F, O>(
        &self,
        token: &Secret,
        template: &str,
        processor: &F,
    ) -> Result<UserData, Error>
    where
        F: Fn(UserFile) -> O + Sync,
        O: Future<Output = Result<Value, Error>> + Send,
    {
        let read = self.read(token, template, processor).await;
        read.map_err(|error| error.during(PROVIDER, "user_data"))
    }

    async fn read<F, O>(&self, token: &Secret, template: &str, processor: &F) -> Result<UserData, Error>
    where
        F: Fn(UserFile) -> O + Sync,
        O: Future<Output = Result<Value, Error>> + Send,
    {
        if token.expose().is_empty() {
            return Err(ErrorCode::NoToken.error());
        }
        if template.is_empty() {
            return Err(ErrorCode::NoTemplateId.error());
        }
        transport::filled("template", template)?;
        let (user, cookie) = self.log_in(token).await?;
        let same = UnverifiedToken::read(token.clone())
            .ok()
            .and_then(|token| token.subject().map(|subject| *subject.expose() == user.id));
        if same != Some(true) {
            return Err(ErrorCode::InvalidToken.error());
        }

        let query = [("template_id", template), ("fields", "id,currentStatus")];
        let response = self.get("user_applications", &["applications"], &query, &cookie)?.send().await?;
        let list = decode::json(&response.body).and_then(read_list).map_err(|error| response.fail(error))?;
        let first = list.first().ok_or_else(|| ErrorCode::InvalidUser.error())?;

        // The provider named it, and no more is believed of that than of a caller's.
        let path = ["applications", transport::one_segment("id", &first.id)?];
        let query = [("fields", "id,attributes,currentStatus")];
        let response = self.get("user_application", &path, &query, &cookie)?.send().await?;
        let application = Application::read(about(&response, APPLICATION, &first.id)?);
        let mut attributes = application.map_err(|error| response.fail(error))?.attributes;
        for attribute in &mut attributes {
            if let Some(data) = attribute.data.take() {
                let fetched = |file: FileObject| self.process(file, &cookie, processor);
                attribute.data = Some(resolve_files(data.into_exposed(), &fetched).await?);
            }
        }
        Ok(UserData { id: user.id, attributes: attributes_by_type(attributes) })
    }

    async fn process<F, O>(
        &self,
        file: FileObject,
        cookie: &HeaderValue,
        processor: &F,
    ) -> Result<Value, Error>
    where
        F: Fn(UserFile) -> O + Sync,
        O: Future<Output = Result<Value, Error>> + Send,
    {
        let id = file.content.into_exposed();
        let path = ["files", transport::one_segment("id", &id)?];
        let call = self.get("user_file", &path, &[], cookie)?.accept("*/*");
        let response = call.max_file_bytes(self.0.max_file_bytes).send().await?;
        response.is_file()?;
        processor(UserFile { id, media_type: file.media_type, bytes: response.body }).await
    }

    async fn log_in(&self, token: &Secret) -> Result<(KycUser, HeaderValue), Error> {
        let body = json!({ "jwt": token.expose() });
        let sent = self.0.api.post("user_login", ["auth", "login"]).json(&body).send().await;
        let response = sent.map_err(|error| {
            if error.status().is_some_and(|status| status.is_client_error() && status.as_u16() != 429) {
                error.described_as(ErrorCode::InvalidToken.error())
            } else {
                error
            }
        })?;
        let mut body: Value = decode::json(&response.body).map_err(|error| response.fail(error))?;
        let user = body.get_mut("user").map(Value::take).unwrap_or_default();
        let user = KycUser::read(user).map_err(|error| response.fail(error))?;
        let cookie = cookie(&response.headers, self.base()?, response.received)
            .map_err(|error| response.fail(error))?;
        Ok((user, cookie))
    }

    /// Begins a call that reads with the session of the login. The query is encoded here, since KYC-Chain compares it
    /// by its text.
    fn get(
        &self,
        operation: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
        cookie: &HeaderValue,
    ) -> Result<Call<'_>, Error> {
        let mut url = transport::join(self.base()?, path)?;
        query.iter().for_each(|(name, value)| add_query(&mut url, name, value));
        Ok(self.0.api.call_url(operation, Method::GET, url).header(COOKIE, cookie.clone()))
    }

    fn base(&self) -> Result<&Url, Error> {
        self.0.api.base().ok_or_else(|| Error::configuration("the reader has no base URL"))
    }
}

crate::privacy::redacted_debug!(Reader { host: |it| it.0.api.base().and_then(Url::host_str), .. });
