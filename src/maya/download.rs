//! Images of documents and the liveness video, behind links that live for fifteen minutes.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, header::CONTENT_TYPE};
use tokio::io::AsyncWrite;
use url::Url;

use super::PROVIDER;
use crate::{
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{
        ApiClient, Limits, Payload, Progress,
        fetch::{Fetch, Guard},
    },
};

/// How long Maya's pre-signed links live (`X-Amz-Expires=900`).
const LIFE: Duration = Duration::from_secs(15 * 60);
/// How long the file may pause, and how long it may take in all.
const PAUSE: Duration = Duration::from_secs(20);
const WHOLE: Duration = Duration::from_secs(300);

/// A pre-signed link to an image or a video. Whoever has it can open it, so it does not show itself.
///
/// Its end is counted from before the profile was asked for; reading the profile again gives a fresh one. It is of no
/// use as a lasting reference: keep the file, not the link.
#[derive(Clone)]
pub struct DocumentLink {
    url: Secret,
    expires: SystemTime,
}

impl DocumentLink {
    pub(super) fn new(url: String, asked: SystemTime) -> Self {
        Self { url: Secret::new(url), expires: asked + LIFE }
    }

    /// The URL as it came.
    pub fn url(&self) -> &Secret {
        &self.url
    }

    /// When it ends.
    pub fn expires(&self) -> SystemTime {
        self.expires
    }
}

crate::privacy::redacted_debug!(DocumentLink { expires, .. });

/// A download of one image or video, to be set up and then run into a writer.
///
/// The link is opened over https at the storage that Maya uses (`amazonaws.com`, and what the client's builder allows
/// besides), without credentials and without redirects.
///
/// # Defaults
///
/// 64 MiB, since a video may be behind it; 20 s without a byte; 300 s in all.
#[must_use = "nothing is fetched before `into` is called"]
pub struct Download<'a> {
    api: &'a ApiClient,
    guard: &'a Guard,
    link: &'a DocumentLink,
    max_bytes: usize,
    progress: Option<Progress>,
}

/// What was downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// The media type, as the storage names it: `image/jpeg`, `video/mp4`, often just `binary/octet-stream`.
    pub media_type: Option<String>,
    /// How many bytes were written.
    pub bytes: u64,
}

impl<'a> Download<'a> {
    pub(super) fn new(api: &'a ApiClient, guard: &'a Guard, link: &'a DocumentLink) -> Self {
        Self { api, guard, link, max_bytes: 64 * 1024 * 1024, progress: None }
    }

    /// Sets the size limit of the file, in bytes. Default: 64 MiB.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Reports how far the download is.
    pub fn progress(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Fetches the file into a writer, piece by piece; it is never held whole.
    ///
    /// # Errors
    ///
    /// [`Expired`](ErrorKind::Expired) when the fifteen minutes are over, or when a page comes in place of a file: read
    /// the profile again, which gives fresh links. [`TooLarge`](ErrorKind::TooLarge) beyond the limit.
    /// [`Configuration`](ErrorKind::Configuration) with the check `fetch.…` for a link that leads elsewhere; nothing
    /// was sent then. [`Store`](ErrorKind::Store) when the writer fails. After an error, throw away what was written.
    pub async fn into(self, writer: &mut (impl AsyncWrite + Send + Unpin)) -> Result<Downloaded, Error> {
        self.fetch(writer).await.map_err(|error| error.during(PROVIDER, "download"))
    }

    async fn fetch(self, writer: &mut (impl AsyncWrite + Send + Unpin)) -> Result<Downloaded, Error> {
        if self.api.clock().now() >= self.link.expires {
            return Err(expired("the link's fifteen minutes are over"));
        }
        let url = Url::parse(self.link.url.expose()).map_err(|_| {
            Error::new(ErrorKind::Decode, "the link to the document is not a URL").with_check("fetch.url")
        })?;
        let fetch = Fetch {
            operation: "download",
            method: Method::GET,
            url,
            payload: Payload::Empty,
            limits: Limits { attempt: PAUSE, deadline: WHOLE, bytes: self.max_bytes },
            progress: self.progress.as_ref(),
            inspect: &is_file,
        };
        let (headers, bytes) = self.api.fetch(self.guard, fetch, writer).await.map_err(|error| {
            // The storage answers 403 to a link that is past its time.
            let dead = matches!(
                error.kind(),
                ErrorKind::Authentication | ErrorKind::NotFound | ErrorKind::Permission
            );
            if dead { error.described_as(expired("the storage does not open the link")) } else { error }
        })?;
        Ok(Downloaded { media_type: media_type(&headers), bytes })
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next()?.trim().to_ascii_lowercase())
}

/// A storage that has no file answers with a text about it.
fn is_file(headers: &HeaderMap) -> Result<(), Error> {
    match media_type(headers).as_deref() {
        Some("application/json" | "application/xml" | "text/html" | "text/plain" | "text/xml") => {
            Err(expired("the link leads to no file any more"))
        }
        _ => Ok(()),
    }
}

fn expired(what: &'static str) -> Error {
    Error::new(ErrorKind::Expired, what).with_hint("read the profile again: it gives fresh links")
}

crate::privacy::redacted_debug!(Download<'_> { max_bytes, .. });
