//! The client: one method per remote call.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use http::{HeaderMap, Method as Verb, header::AUTHORIZATION};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use super::{
    PROVIDER,
    challenge::{Challenge, Outcome, Ownership, Response},
    identity::Owner,
    model::{HandleId, Method, Methods, User, Validated},
};
use crate::{
    auth::Header,
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{
        self, Options, Payload, RawRequest, RawResponse, decode,
        retry::Idempotency,
        send::{self, Channel},
    },
};

/// Where the API is.
const BASE_URL: &str = "https://api.credo360.com/";
/// How long an attempt may take; the provider documents nothing.
const ATTEMPT: Duration = Duration::from_secs(10);

/// A client of the Credo360 API. Cheap to clone; clones share connections, limits and the client id.
///
/// # Defaults
///
/// `https://api.credo360.com`, 10 s an attempt and 30 s a call, three attempts for what may be repeated, no rate limit
/// (the provider documents none), answers up to 4 MiB.
///
/// # What is repeated
///
/// Reading is. Creating a challenge sends the user a message, and validating one spends an attempt: neither is sent
/// again unless it provably never left.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    base: Url,
    channel: Channel,
    client_id: Header,
}

/// Builds a [`Client`].
pub struct Builder {
    client_id: Secret,
    base_url: String,
    options: Options,
}

impl Client {
    /// Starts a client, by the client id that Credo360 hands to its API partners. There is no second secret, so the id
    /// is kept as one.
    ///
    /// ```
    /// use kyckit::credo360::Client;
    ///
    /// let client = Client::builder("client-id").build()?;
    /// # Ok::<(), kyckit::Error>(())
    /// ```
    pub fn builder(client_id: impl Into<Secret>) -> Builder {
        Builder { client_id: client_id.into(), base_url: BASE_URL.to_owned(), options: Options::default() }
    }

    /// Replaces the client id for all calls from now on.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for an id that is empty or holds a blank or a control character; the
    /// old one stays then.
    pub fn replace_client_id(&self, client_id: impl Into<Secret>) -> Result<(), Error> {
        let credential = credential(&client_id.into());
        credential
            .and_then(|credential| self.0.client_id.replace(credential))
            .map_err(|error| error.during(PROVIDER, "replace_client_id"))
    }

    /// Lists how a user can prove ownership of a Credo ID: `GET /auth/{handleId}`.
    ///
    /// Asking is optional: [`challenge`](Self::challenge) can be called at once.
    ///
    /// # Errors
    ///
    /// As for every call; [`NotFound`](ErrorKind::NotFound) for a Credo ID that the provider answers with 404.
    pub async fn authentication_methods(&self, handle: &HandleId) -> Result<Vec<Method>, Error> {
        let url = self.url_of("authentication_methods", "auth", "handleId", handle.expose())?;
        let answer = self
            .send("authentication_methods", Verb::GET, url, Payload::Empty, Idempotency::Idempotent)
            .await?;
        read::<Methods>(&answer).map(|answer| answer.methods)
    }

    /// Creates a challenge: `POST /auth/{handleId}?method=…`.
    ///
    /// For [`Method::Passcode`] the provider sends the user a code; what to tell the user is in
    /// [`Challenge::validation`]. The request is sent once, since the user would get a second message.
    ///
    /// # Errors
    ///
    /// As for every call. After an error that [may have taken effect](Error::may_have_taken_effect) the user may have a
    /// code for a challenge that nobody knows: create another one, and tell the user that the latest code counts.
    pub async fn challenge(&self, handle: &HandleId, method: &Method) -> Result<Challenge, Error> {
        let mut url = self.url_of("challenge", "auth", "handleId", handle.expose())?;
        url.query_pairs_mut().append_pair("method", method.as_str());
        let answer =
            self.send("challenge", Verb::POST, url, Payload::Empty, Idempotency::NotIdempotent).await?;
        Challenge::read(&answer.body, handle.clone()).map_err(|error| answer.fail(error))
    }

    /// Creates a challenge by the first of these methods that is available to the user: the two calls above in one.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credo360::Client, handle: kyckit::credo360::HandleId) -> kyckit::Result<()> {
    /// use kyckit::credo360::Method;
    ///
    /// // A signature where the user has a key, else a passcode.
    /// let challenge = client.challenge_by_preference(&handle, &[Method::Signature, Method::Passcode]).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) when none is, with the [check](Error::check) `challenge.method`; nothing was
    /// created then. As for the two calls.
    pub async fn challenge_by_preference(
        &self,
        handle: &HandleId,
        preferred: &[Method],
    ) -> Result<Challenge, Error> {
        let available = self.authentication_methods(handle).await?;
        let method = preferred.iter().find(|method| available.contains(method)).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "none of the methods asked for is available to this user")
                .with_check("challenge.method")
                .during(PROVIDER, "challenge_by_preference")
        })?;
        self.challenge(handle, method).await
    }

    /// Validates the response to a challenge: `PATCH /auth/{challengeId}`.
    ///
    /// The response is sent once. What would be sent in vain is refused without spending an attempt: a response of
    /// another kind, a passcode of the wrong length, a challenge that is past its time, spent or validated before.
    ///
    /// The challenge keeps count. When the answer is lost, or this future is dropped before it is there, the attempt
    /// is [unclear](crate::credo360::Attempts::unclear) and counts as spent.
    ///
    /// # Errors
    ///
    /// - [`Expired`](ErrorKind::Expired), [`AlreadyUsed`](ErrorKind::AlreadyUsed),
    ///   [`InvalidRequest`](ErrorKind::InvalidRequest) with the field `response`: refused here, nothing was sent.
    /// - [Check](Error::check) `response.refused`: the provider refused it, by any 4xx status but 429. It documents
    ///   none, so a wrong passcode is not told apart from a challenge that it no longer knows.
    /// - [`ProviderId`](ErrorKind::Provider) with the check `answer.handle`: the provider named another Credo ID. That is
    ///   no success, and the challenge is closed.
    /// - As for every call.
    pub async fn validate(&self, challenge: &mut Challenge, response: &Response) -> Result<Ownership, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            response: &'a str,
        }
        let operation = "validate";
        let local = |error: Error| error.during(PROVIDER, operation);
        challenge.admit(response, self.0.channel.clock().now()).map_err(local)?;
        let url = self.url_of(operation, "auth", "challengeId", challenge.id())?;
        let body = serde_json::to_vec(&Body { response: response.text().expose() })
            .map_err(|_| local(Error::invalid("response", "the response cannot be written as JSON")))?;
        challenge.begin();
        let sent =
            self.send(operation, Verb::PATCH, url, Payload::json(body), Idempotency::NotIdempotent).await;
        let answer = sent.map_err(|error| {
            let outcome = outcome(&error);
            challenge.settle(outcome);
            let error =
                if outcome == Outcome::Refused { error.with_check("response.refused") } else { error };
            let spent = challenge.attempts().left() == Some(0);
            match outcome {
                Outcome::Refused | Outcome::Unclear if spent => {
                    error.with_hint("no attempt is left: create another challenge")
                }
                Outcome::Refused => error.with_hint("ask the user once more, or create another challenge"),
                Outcome::Unclear => error.with_hint(
                    "the attempt counts as spent; if the next one is refused, create another challenge",
                ),
                Outcome::Accepted | Outcome::NotSent => error,
            }
        })?;
        // An answer that cannot be read leaves the attempt unclear.
        let validated: Validated = read(&answer)?;
        challenge.settle(Outcome::Accepted);
        same(&answer, challenge.handle(), &validated.handle_id)?;
        Ok(Ownership::new(validated.handle_id, challenge.method().clone(), answer.received))
    }

    /// Reads a user's reputation and public profile: `GET /users/{handleId}`.
    ///
    /// # Errors
    ///
    /// As for every call; [`ProviderId`](ErrorKind::Provider) with the [check](Error::check) `answer.handle` when the
    /// answer is about another Credo ID.
    pub async fn user(&self, handle: &HandleId) -> Result<User, Error> {
        self.read_user("user", handle).await.map(|(user, _)| user)
    }

    /// Reads what Credo360 tells of the one who has just proven to own a Credo ID: [`user`](Self::user), bound to the
    /// proof.
    ///
    /// ```no_run
    /// # async fn run(
    /// #     client: kyckit::credo360::Client,
    /// #     mut challenge: kyckit::credo360::Challenge,
    /// #     response: kyckit::credo360::Response,
    /// # ) -> kyckit::Result<()> {
    /// let owned = client.validate(&mut challenge, &response).await?;
    /// let report = client.owner(&owned).await?.into_report();
    /// println!("{:?}", report.decision());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`user`](Self::user).
    pub async fn owner(&self, ownership: &Ownership) -> Result<Owner, Error> {
        let (user, received) = self.read_user("owner", ownership.handle()).await?;
        Ok(Owner::new(ownership.clone(), user, received))
    }

    async fn read_user(
        &self,
        operation: &'static str,
        handle: &HandleId,
    ) -> Result<(User, SystemTime), Error> {
        let url = self.url_of(operation, "users", "handleId", handle.expose())?;
        let answer = self.send(operation, Verb::GET, url, Payload::Empty, Idempotency::Idempotent).await?;
        let user: User = decode::message(&answer.body).map_err(|error| answer.fail(error))?;
        same(&answer, handle, &user.handle.id)?;
        Ok((user, answer.received))
    }

    /// Makes a call that this client has no method for. Credentials, limits and retries are those of every call.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credo360::Client) -> kyckit::Result<()> {
    /// use kyckit::transport::RawRequest;
    ///
    /// let answer = client.raw(RawRequest::get(["transactions"]).query("limit", "10")).await?;
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
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let sent = self.send("raw", request.method, url, request.payload, request.idempotency);
        sent.await.map(RawResponse::of)
    }

    /// The alphabet of a challenge id is not documented, so nothing is left to how a server reads it.
    fn url(&self, operation: &'static str, segments: &[&str]) -> Result<Url, Error> {
        transport::join_unreserved(&self.0.base, segments).map_err(|error| error.during(PROVIDER, operation))
    }

    /// The URL of a call about one Credo ID or challenge.
    fn url_of(
        &self,
        operation: &'static str,
        area: &str,
        field: &'static str,
        id: &str,
    ) -> Result<Url, Error> {
        transport::one_segment(field, id).map_err(|error| error.during(PROVIDER, operation))?;
        self.url(operation, &[area, id])
    }

    async fn send(
        &self,
        operation: &'static str,
        method: Verb,
        url: Url,
        payload: Payload,
        idempotency: Idempotency,
    ) -> Result<send::BufferedResponse, Error> {
        let channel = &self.0.channel;
        channel
            .send(send::Call {
                operation,
                method,
                url,
                headers: HeaderMap::new(),
                payload,
                idempotency,
                limits: channel.limits(ATTEMPT),
                authorize: Some(&self.0.client_id),
                // The provider documents no form of an error, so the status is all there is.
                classify: &|answer| answer.status_error().map_or(Ok(()), Err),
                request_id: None,
                addresses: transport::AddressPolicy::Any,
                one_object: true,
            })
            .await
    }
}

/// Makes sure that the answer is about whom it was asked about.
fn same(answer: &send::BufferedResponse, asked: &HandleId, named: &HandleId) -> Result<(), Error> {
    if asked == named {
        return Ok(());
    }
    Err(answer.fail(
        Error::new(ErrorKind::Provider, "the answer is about another Credo ID than the one asked for")
            .with_check("answer.handle")
            .with_hint("nothing is proven; report it to the provider if it stays"),
    ))
}

fn read<T: DeserializeOwned>(answer: &send::BufferedResponse) -> Result<T, Error> {
    decode::json(&answer.body).map_err(|error| answer.fail(error))
}

/// What a failed call says of the attempt that it was.
fn outcome(error: &Error) -> Outcome {
    match error.kind() {
        _ if error.may_have_taken_effect() => Outcome::Unclear,
        _ if error.attempts() == 0 => Outcome::NotSent,
        ErrorKind::Connect | ErrorKind::RateLimited => Outcome::NotSent,
        _ if error.status().is_some_and(|status| status.is_client_error()) => Outcome::Refused,
        _ => Outcome::Unclear,
    }
}

/// `client <id>`: the scheme is that very word.
fn credential(client_id: &Secret) -> Result<Secret, Error> {
    let id = client_id.expose();
    if client_id.is_blank() || id.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(Error::configuration("the client id is empty or holds a blank or a control character")
            .with_hint("give the id alone, without `client` before it and a line break behind it"));
    }
    Ok(Secret::new(format!("client {id}")))
}

impl Builder {
    /// Calls another base URL, such as the sandbox's; with or without a trailing slash.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Time limits, retries, sizes, connections. See [`Client`] for the defaults.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for a base URL that is not https (loopback aside), for a client id
    /// that is empty or holds a blank or a control character, and for certificates or proxies that cannot be read.
    pub fn build(self) -> Result<Client, Error> {
        let built = self.checked().map_err(|error| error.during(PROVIDER, "build"))?;
        Ok(Client(Arc::new(built)))
    }

    fn checked(self) -> Result<Inner, Error> {
        Ok(Inner {
            base: transport::base_url(&self.base_url, self.options.allow_plain_http)?,
            client_id: Header::new(AUTHORIZATION, credential(&self.client_id)?)?,
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
