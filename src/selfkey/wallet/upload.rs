//! Files, sent while they are read.

use http::Method;
use serde_json::Value;

use super::{client::Client, endpoints::EndpointName, response::missing};
use crate::{
    error::Error,
    privacy::Secret,
    selfkey::{
        Dialect, PROVIDER,
        model::{Uploaded, attribute::Document, id_of},
    },
    transport::{Progress, multipart::Part},
};

/// For what a file is uploaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum UploadTarget {
    /// For a user: `POST /users/file`.
    User,
    /// For an application: `POST /files`.
    Application,
}

impl Client {
    /// Uploads a file for an application: `POST /files`. It is read while it is sent, and never held whole.
    ///
    /// [`create_application`](Self::create_application) does this by itself.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::{selfkey::attribute::Document, transport::{Progress, Upload}};
    ///
    /// let length = 256 * 1024 * 1024;
    /// let scan = Upload::reopen(length, || tokio::fs::File::open("scan.pdf"));
    /// let document = Document::new(1, "application/pdf", scan).name("scan.pdf");
    /// let progress = Progress::new(move |sent, _| println!("{sent} of {length}"));
    /// let uploaded = client.upload_file(&document, Some(progress)).await?;
    /// println!("kept as {}", uploaded.id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TooLarge`](crate::ErrorKind::TooLarge) beyond the client's limit, before anything is sent.
    /// [`Store`](crate::ErrorKind::Store) when the file cannot be read, or has another length than was said.
    /// [`ErrorBody::Validation`](crate::selfkey::ErrorBody::Validation) when the relying party refuses it. As for every
    /// call.
    pub async fn upload_file(
        &self,
        document: &Document,
        progress: Option<Progress>,
    ) -> Result<Uploaded, Error> {
        self.upload(UploadTarget::Application, document, progress).await
    }

    /// Uploads a file for a user: `POST /users/file`. [`create_user`](Self::create_user) does this by itself.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::{selfkey::attribute::Document, transport::Upload};
    ///
    /// let picture = Document::new(1, "image/png", Upload::bytes("…"));
    /// let uploaded = client.upload_user_file(&picture, None).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`upload_file`](Self::upload_file).
    pub async fn upload_user_file(
        &self,
        document: &Document,
        progress: Option<Progress>,
    ) -> Result<Uploaded, Error> {
        self.upload(UploadTarget::User, document, progress).await
    }

    /// Asks where a file of this user can be fetched: `GET /users/files/{fileId}`. The provider's wallet never does,
    /// and not every relying party serves it.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// let url = client.file_link("5ddd5b1356fbce0f66389635").await?;
    /// # let _ = url.expose();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); [`NotFound`](crate::ErrorKind::NotFound) for a file
    /// that is not known.
    pub async fn file_link(&self, id: &str) -> Result<Secret, Error> {
        let call = self.call_about("file_link", Method::GET, EndpointName::UserFileLink, id)?;
        let response = call.send().await?;
        response.json::<Value>()?["url"]
            .as_str()
            .map(Secret::from)
            .ok_or_else(|| response.fail(missing("url")))
    }

    pub(super) async fn upload(
        &self,
        target: UploadTarget,
        document: &Document,
        progress: Option<Progress>,
    ) -> Result<Uploaded, Error> {
        let (operation, name) = match target {
            UploadTarget::User => ("upload_user_file", EndpointName::UserFile),
            UploadTarget::Application => ("upload_file", EndpointName::Files),
        };
        let local = |error: Error| error.during(PROVIDER, operation);
        document.fits(self.0.max_file_bytes).map_err(local)?;
        let part = match self.dialect() {
            Dialect::Current => "document",
            Dialect::Documented => "file",
        };
        let file_name = document.name.as_deref().unwrap_or("document");
        let part = Part::file(part, file_name, document.media_type.as_str(), document.content.clone());
        let call = self.call(operation, Method::POST, name)?;
        let response = call.multipart(vec![part]).progress(progress).send().await?;
        let body: Value = response.json()?;
        let id = id_of(&body["id"]).or_else(|| id_of(&body["fileId"]));
        id.map(|id| Uploaded { id }).ok_or_else(|| response.fail(missing("id")))
    }
}
