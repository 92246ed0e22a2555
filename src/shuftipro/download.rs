//! Proofs: images, PDFs and videos behind links that live for fifteen minutes.

use std::time::Duration;

use http::{HeaderMap, Method, header::CONTENT_TYPE};
use tokio::io::AsyncWrite;

use super::{
    PROVIDER,
    model::{self, ProofLink},
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{
        ApiClient, Limits, Payload, Progress,
        fetch::{Fetch, Guard},
    },
};

/// How long the file may pause, and how long it may take in all.
const PAUSE: Duration = Duration::from_secs(20);
const WHOLE: Duration = Duration::from_secs(300);

/// A download of one proof, to be set up and then run into a writer.
///
/// The link is opened as its form asks: with a `GET` when the token is in its query, else with a `POST` that carries
/// the token. It is opened at the provider's hosts only, over https, without the account's credentials and without
/// redirects.
///
/// # Defaults
///
/// 24 MiB (the provider takes files up to 20 MB), 20 s without a byte, 300 s in all.
#[must_use = "nothing is fetched before `into` is called"]
pub struct Download<'a> {
    api: &'a ApiClient,
    guard: &'a Guard,
    link: ProofLink,
    max_bytes: usize,
    progress: Option<Progress>,
}

/// What was downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Downloaded {
    /// The media type, as the provider names it: `image/jpeg`, `application/pdf`, `video/mp4`.
    pub media_type: Option<String>,
    /// How many bytes were written.
    pub bytes: u64,
}

impl<'a> Download<'a> {
    pub(super) fn new(api: &'a ApiClient, guard: &'a Guard, link: ProofLink) -> Self {
        Self { api, guard, link, max_bytes: 24 * 1024 * 1024, progress: None }
    }

    /// Sets the size limit of the file, in bytes. Default: 24 MiB.
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
    /// [`Expired`](ErrorKind::Expired) when the fifteen minutes are over, or when JSON or HTML comes in place of a
    /// file: ask for the status again, which gives fresh links. [`TooLarge`](ErrorKind::TooLarge) beyond the limit.
    /// [`Configuration`](ErrorKind::Configuration) with the check `fetch.…` for a link that leads elsewhere; nothing
    /// was sent then. [`Decode`](ErrorKind::Decode) for a link that is no https address, and
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) for one that came without the token it needs.
    /// [`Store`](ErrorKind::Store) when the writer fails. After an error, throw away what was written.
    pub async fn into(self, writer: &mut (impl AsyncWrite + Send + Unpin)) -> Result<Downloaded, Error> {
        self.fetch(writer).await.map_err(|error| error.during(PROVIDER, "download"))
    }

    async fn fetch(self, writer: &mut (impl AsyncWrite + Send + Unpin)) -> Result<Downloaded, Error> {
        if self.api.clock().now() >= self.link.expires() {
            return Err(expired("the link's fifteen minutes are over"));
        }
        let (method, payload) = match self.link.method() {
            model::Method::Get => (Method::GET, Payload::Empty),
            model::Method::Post => (Method::POST, Payload::json(body(self.link.access_token())?)),
        };
        let limits = Limits { attempt: PAUSE, deadline: WHOLE, bytes: self.max_bytes };
        let fetch = Fetch {
            operation: "download",
            method,
            url: self.link.link().url()?,
            payload,
            limits,
            progress: self.progress.as_ref(),
            inspect: &is_file,
        };
        let (headers, bytes) = self.api.fetch(self.guard, fetch, writer).await.map_err(|error| {
            let dead = matches!(
                error.kind(),
                ErrorKind::Authentication | ErrorKind::NotFound | ErrorKind::Permission
            );
            if dead { error.described_as(expired("the provider does not open the link")) } else { error }
        })?;
        Ok(Downloaded { media_type: media_type(&headers), bytes })
    }
}

/// The JSON body that opens a link. Links of risk assessments have been seen without a token: they are refused, since
/// nothing says how they are opened.
pub(crate) fn body(access_token: Option<&Secret>) -> Result<String, Error> {
    match access_token.map(Secret::expose).filter(|token| !token.is_empty()) {
        Some(token) => Ok(serde_json::json!({ "access_token": token }).to_string()),
        None => Err(Error::invalid("access_token", "must not be empty")),
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(text.split(';').next()?.trim().to_ascii_lowercase())
}

/// The provider answers a dead link with JSON or a page.
fn is_file(headers: &HeaderMap) -> Result<(), Error> {
    match media_type(headers).as_deref() {
        Some("application/json" | "text/html" | "text/plain") => {
            Err(expired("the link leads to no file any more"))
        }
        _ => Ok(()),
    }
}

fn expired(what: &'static str) -> Error {
    Error::new(ErrorKind::Expired, what).with_hint("ask for the status again: it gives fresh links")
}

crate::privacy::redacted_debug!(Download<'_> { max_bytes, .. });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_opened_with_its_token_and_not_without_one() {
        assert_eq!(body(Some(&"a\"b".into())).expect("a body"), r#"{"access_token":"a\"b"}"#);
        for missing in [None, Some("".into())] {
            let error = body(missing.as_ref()).expect_err("refused");
            assert_eq!(
                (error.kind(), &*error.fields()[0].field),
                (ErrorKind::InvalidRequest, "access_token")
            );
        }
    }
}
