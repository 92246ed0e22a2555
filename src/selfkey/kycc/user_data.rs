//! The data behind one user's token: what a website gets when its users log in through KYC-Chain.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use cookie::Cookie;
use http::{
    HeaderMap, HeaderValue, Method,
    header::{ACCEPT, COOKIE, SET_COOKIE},
};
use serde::Serialize;
use serde_json::{Value, json};
use url::{Host, Url};

use super::{
    base,
    integrations::{APPLICATION, about},
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Secret,
    selfkey::{
        PROVIDER,
        attribute::{ByType, FileObject, resolve_files},
        config::add_query,
        failure::classify,
        model::{Application, ApplicationAttribute, KycUser, attributes_by_type, read_list},
        token::UnverifiedToken,
    },
    transport::{
        self, Options, Payload, decode,
        retry::Idempotency,
        send::{BufferedResponse, Call, Channel},
    },
};

/// How long an attempt may take; the provider documents nothing.
const ATTEMPT: Duration = Duration::from_secs(10);
/// The largest file that is read, as the provider's schemas have it.
const LARGEST_FILE: usize = 50_000_000;

/// Reads what an instance knows of whoever brings a user token. Cheap to clone.
///
/// The token is not verified here: KYC-Chain's login is the check, and the subject of the token must be the user who
/// was logged in.
///
/// # Defaults
///
/// Those of the [integrations client](super::integrations::Client).
#[derive(Clone)]
pub struct Reader(Arc<Inner>);

struct Inner {
    base: Url,
    channel: Channel,
    largest_file: usize,
}

/// Builds a [`Reader`].
#[must_use = "a reader comes out of `build`"]
pub struct Builder {
    instance: String,
    options: Options,
}

/// What is known of a user: the attributes of the first application for a template, whatever its state.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UserData {
    /// What KYC-Chain knows the user by.
    pub id: String,
    /// The attributes by their type.
    pub attributes: ByType<ApplicationAttribute>,
}

/// A file of a user, to be kept somewhere. Its `Debug` shows the length only.
#[derive(Clone)]
#[non_exhaustive]
pub struct UserFile {
    /// What KYC-Chain knows it by.
    pub id: String,
    /// The media type that the attribute states.
    pub media_type: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
}

impl fmt::Debug for UserFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserFile").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Why there is no data. [`Error::check`] has the same word behind `user_data.`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Refusal {
    /// No instance was named.
    NoInstance,
    /// There is no token.
    NoToken,
    /// No template was named.
    NoTemplateId,
    /// KYC-Chain does not take the token, or logged somebody else in.
    InvalidToken,
    /// The user has no application for the template.
    InvalidUser,
}

impl Refusal {
    const ALL: [Self; 5] =
        [Self::NoInstance, Self::NoToken, Self::NoTemplateId, Self::InvalidToken, Self::InvalidUser];

    /// The refusal that an error is. None: it is none, but a failure of the network, of KYC-Chain or of the processor.
    pub fn of(error: &Error) -> Option<Self> {
        let check = error.check()?;
        Self::ALL.into_iter().find(|refusal| refusal.check() == check)
    }

    /// A stable word.
    pub fn as_str(self) -> &'static str {
        self.check().strip_prefix("user_data.").unwrap_or_default()
    }

    fn check(self) -> &'static str {
        match self {
            Self::NoInstance => "user_data.no_instance",
            Self::NoToken => "user_data.no_token",
            Self::NoTemplateId => "user_data.no_template_id",
            Self::InvalidToken => "user_data.invalid_token",
            Self::InvalidUser => "user_data.invalid_user",
        }
    }

    fn error(self) -> Error {
        let (kind, what) = match self {
            Self::NoInstance => (ErrorKind::Configuration, "no instance was named"),
            Self::NoToken => (ErrorKind::InvalidRequest, "there is no token"),
            Self::NoTemplateId => (ErrorKind::InvalidRequest, "no template was named"),
            Self::InvalidToken => {
                (ErrorKind::Authentication, "the token is not that of the user who was logged in")
            }
            Self::InvalidUser => (ErrorKind::NotFound, "the user has no application for the template"),
        };
        Error::new(kind, what).with_check(self.check())
    }
}

impl Reader {
    /// Starts a reader of an instance, such as `https://<instance>.instance.kyc-chain.com`.
    pub fn builder(instance_url: impl Into<String>) -> Builder {
        Builder { instance: instance_url.into(), options: Options::default() }
    }

    /// Reads the data of whoever brings this token: logs in with it, takes the first application for the template, and
    /// hands each file to a processor, whose result takes the place of the file's `content`.
    ///
    /// ```no_run
    /// # async fn run() -> kyckit::Result<()> {
    /// use kyckit::{privacy::Secret, selfkey::kycc::user_data::{Reader, UserFile}};
    /// use serde_json::json;
    ///
    /// let reader = Reader::builder("https://kyc.example").build()?;
    /// let token = Secret::from("the token that the browser brought");
    /// let user = reader
    ///     .user_data(&token, "5cf4b5b6fc92bd6e67c72f41", &|file: UserFile| async move {
    ///         // Keep file.bytes somewhere.
    ///         Ok(json!(format!("stored/{}", file.id)))
    ///     })
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
    /// Those of [`Refusal`], in this order: no token, no template, then what KYC-Chain says. Those of the processor. As
    /// for every call.
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
            return Err(Refusal::NoToken.error());
        }
        if template.is_empty() {
            return Err(Refusal::NoTemplateId.error());
        }
        transport::filled("template", template)?;
        let (user, cookie) = self.log_in(token).await?;
        let same = UnverifiedToken::read(token.clone())
            .ok()
            .and_then(|token| token.subject().map(|subject| *subject.expose() == user.id));
        if same != Some(true) {
            return Err(Refusal::InvalidToken.error());
        }

        let mut url = self.url(&["applications"])?;
        add_query(&mut url, "template_id", template);
        add_query(&mut url, "fields", "id,currentStatus");
        let answer = self.get("user_applications", url, &cookie).await?;
        let list = decode::json(&answer.body).and_then(read_list).map_err(|error| answer.fail(error))?;
        let first = list.first().ok_or_else(|| Refusal::InvalidUser.error())?;

        // The provider named it, and no more is believed of that than of a caller's.
        let mut url = self.url(&["applications", transport::one_segment("id", &first.id)?])?;
        add_query(&mut url, "fields", "id,attributes,currentStatus");
        let answer = self.get("user_application", url, &cookie).await?;
        let application = Application::read(about(&answer, APPLICATION, &first.id)?);
        let mut attributes = application.map_err(|error| answer.fail(error))?.attributes;
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
        let url = self.url(&["files", transport::one_segment("id", &id)?])?;
        let answer = self.get("user_file", url, cookie).await?;
        answer.is_file()?;
        processor(UserFile { id, media_type: file.media_type, bytes: answer.body }).await
    }

    async fn log_in(&self, token: &Secret) -> Result<(KycUser, HeaderValue), Error> {
        let body = json!({ "jwt": token.expose() }).to_string();
        let sent = self
            .send(
                "user_login",
                Method::POST,
                self.url(&["auth", "login"])?,
                HeaderMap::new(),
                Payload::json(body),
                Idempotency::NotIdempotent,
            )
            .await;
        let answer = sent.map_err(|error| {
            if error.status().is_some_and(|status| status.is_client_error() && status.as_u16() != 429) {
                error.described_as(Refusal::InvalidToken.error())
            } else {
                error
            }
        })?;
        let mut body: Value = decode::json(&answer.body).map_err(|error| answer.fail(error))?;
        let user = body.get_mut("user").map(Value::take).unwrap_or_default();
        let user = KycUser::read(user).map_err(|error| answer.fail(error))?;
        let cookie =
            cookie(&answer.headers, &self.0.base, answer.received).map_err(|error| answer.fail(error))?;
        Ok((user, cookie))
    }

    async fn get(
        &self,
        operation: &'static str,
        url: Url,
        cookie: &HeaderValue,
    ) -> Result<BufferedResponse, Error> {
        let mut headers = HeaderMap::from_iter([(COOKIE, cookie.clone())]);
        if operation == "user_file" {
            headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        }
        self.send(operation, Method::GET, url, headers, Payload::Empty, Idempotency::Idempotent).await
    }

    async fn send(
        &self,
        operation: &'static str,
        method: Method,
        url: Url,
        headers: HeaderMap,
        payload: Payload,
        idempotency: Idempotency,
    ) -> Result<BufferedResponse, Error> {
        let mut limits = self.0.channel.limits(ATTEMPT);
        if operation == "user_file" {
            limits.bytes = self.0.largest_file;
        }
        self.0
            .channel
            .send(Call {
                operation,
                method,
                url,
                headers,
                payload,
                idempotency,
                limits,
                authorize: None,
                classify: &classify,
                request_id: None,
                addresses: transport::AddressPolicy::Any,
                one_object: true,
            })
            .await
    }

    fn url(&self, segments: &[&str]) -> Result<Url, Error> {
        transport::join(&self.0.base, segments)
    }
}

/// The cookies of an answer as they go back below `base` (RFC 6265, sections 5.3 and 5.4): the last of a name counts, and
/// what is deleted by it, is over, or is for another path or host does not go back.
fn cookie(headers: &HeaderMap, base: &Url, now: SystemTime) -> Result<HeaderValue, Error> {
    let mut kept: Vec<(String, String, String)> = Vec::new();
    for line in headers.get_all(SET_COOKIE) {
        let Some(cookie) = line.to_str().ok().and_then(|line| Cookie::parse(line).ok()) else { continue };
        let (name, value) = cookie.name_value();
        // Without a path of its own it is for where the login is, which is below the base, too.
        let path = cookie.path().filter(|path| path.starts_with('/')).unwrap_or("/");
        if !is_for_host(cookie.domain(), base) || !is_for_path(path, base.path()) {
            continue;
        }
        kept.retain(|(kept, at, _)| kept != name || at != path);
        let over = match (cookie.max_age(), cookie.expires_datetime()) {
            (Some(age), _) => !age.is_positive(),
            (None, Some(end)) => SystemTime::from(end) <= now,
            (None, None) => false,
        };
        if !over {
            kept.push((name.to_owned(), path.to_owned(), value.to_owned()));
        }
    }
    if kept.is_empty() {
        return Err(Error::new(ErrorKind::Decode, "the login gave no cookie").with_path("Set-Cookie"));
    }
    // Those of longer paths come first.
    kept.sort_by_key(|(_, path, _)| std::cmp::Reverse(path.len()));
    let pairs: Vec<_> = kept.into_iter().map(|(name, _, value)| format!("{name}={value}")).collect();
    let mut value = transport::header_value(pairs.join("; ").as_bytes(), "a cookie does not fit a header")
        .map_err(|_| {
            Error::new(ErrorKind::Decode, "a cookie does not fit a header").with_path("Set-Cookie")
        })?;
    value.set_sensitive(true);
    Ok(value)
}

/// RFC 6265, section 5.1.3; without a domain of its own a cookie is for the host that set it.
fn is_for_host(domain: Option<&str>, base: &Url) -> bool {
    let (Some(domain), Some(host)) = (domain, base.host_str()) else { return true };
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let is_name = matches!(base.host(), Some(Host::Domain(_)));
    host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || (is_name && rest.ends_with('.')))
}

/// RFC 6265, section 5.1.4: every call goes below the base, so its path has to be the cookie's or below it.
fn is_for_path(path: &str, base: &str) -> bool {
    base.strip_prefix(path.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Builder {
    /// Time limits, retries, sizes, connections.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the reader. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoInstance`] for an empty URL; [`Configuration`](ErrorKind::Configuration) for one that is not https
    /// (loopback aside), and for certificates or proxies that cannot be read.
    pub fn build(self) -> Result<Reader, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Reader(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        if self.instance.trim().is_empty() {
            return Err(Refusal::NoInstance.error());
        }
        Ok(Inner {
            base: base(&self.instance, "api/v2", self.options.allow_plain_http)?,
            largest_file: self.options.max_response_bytes.unwrap_or(LARGEST_FILE),
            channel: Channel::new(PROVIDER, &self.options, None)?,
        })
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("host", &self.0.base.host_str()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("options", &self.options).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn sent_back(cookies: &[&str]) -> Option<String> {
        let lines = cookies.iter().map(|line| (SET_COOKIE, HeaderValue::from_str(line).expect("a value")));
        let mut headers = HeaderMap::new();
        lines.for_each(|(name, line)| _ = headers.append(name, line));
        let base = Url::parse("https://kyc.example/api/v2/").expect("a URL");
        let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        cookie(&headers, &base, clock.now()).ok().map(|value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn cookies_go_back_as_rfc_6265_has_it() {
        for (lines, back) in [
            (&["sid=1; Path=/; HttpOnly"][..], Some("sid=1")),
            (&["sid=1; Path=/", "sid=2; path=/"], Some("sid=2")),
            (&["sid=1", "SID=2"], Some("sid=1; SID=2")),
            (&["sid=1; Path=/", "sid=2; Path=/api"], Some("sid=2; sid=1")),
            (&["sid=1; Path=/", "old=x; Path=/; Max-Age=0"], Some("sid=1")),
            (&["sid=1; Path=/", "sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], None),
            (&["sid=1; Max-Age=-1"], None),
            (&["sid=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], Some("sid=1")),
            (&["sid=1; Expires=Fri, 31 Dec 2100 00:00:00 GMT"], Some("sid=1")),
            (&["sid=1; Path=/admin", "b=2; Path=/api/v2"], Some("b=2")),
            (&["a=1; Path=/api/v2/", "b=2; Path=/ap", "c=3; Path=/api/v20"], Some("a=1")),
            (
                &["a=1; Domain=kyc.example", "b=2; Domain=.example", "c=3; Domain=other.example"],
                Some("a=1; b=2"),
            ),
            (&["a=1; Domain=yc.example", "b=2; Domain=www.kyc.example"], None),
            (&["nonsense", "=x", "a=\"q\"; Secure"], Some("a=\"q\"")),
            (&[], None),
        ] {
            assert_eq!(sent_back(lines).as_deref(), back, "{lines:?}");
        }
    }
}
