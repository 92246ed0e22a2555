//! The client: one method per remote call.

use std::{sync::Arc, time::SystemTime};

use serde::Serialize;
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
    transport::{ApiClient, BufferedResponse, RawRequest, RawResponse, decode},
};

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
pub struct Client(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) api: ApiClient,
    pub(super) client_id: Arc<Header>,
}

impl Client {
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
    /// [As for every call](crate::transport#errors-of-every-call); [`NotFound`](ErrorKind::NotFound) for a Credo ID
    /// that the provider answers with 404.
    pub async fn authentication_methods(&self, handle: &HandleId) -> Result<Vec<Method>, Error> {
        let call = self.0.api.get("authentication_methods", ["auth"]).segment("handleId", handle.expose());
        call.send().await?.json::<Methods>().map(|answer| answer.methods)
    }

    /// Creates a challenge: `POST /auth/{handleId}?method=…`.
    ///
    /// For [`Method::Passcode`] the provider sends the user a code; what to tell the user is in
    /// [`Challenge::validation`]. The request is sent once, since the user would get a second message.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call). After an error that [may have taken
    /// effect](Error::may_have_taken_effect) the user may have a
    /// code for a challenge with an unknown id: create another one, and say to the user that the latest code counts.
    pub async fn challenge(&self, handle: &HandleId, method: &Method) -> Result<Challenge, Error> {
        let call = self.0.api.post("challenge", ["auth"]).segment("handleId", handle.expose());
        let answer = call.query("method", method.as_str()).send().await?;
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
    ///   none, so a wrong passcode looks the same as a challenge that it no longer knows.
    /// - [`Provider`](ErrorKind::Provider) with the check `answer.handle`: the provider named another Credo ID. That is
    ///   no success, and the challenge is closed.
    /// - [As for every call](crate::transport#errors-of-every-call).
    pub async fn validate(&self, challenge: &mut Challenge, response: &Response) -> Result<Ownership, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            response: &'a str,
        }
        challenge
            .admit(response, self.0.api.clock().now())
            .map_err(|error| error.during(PROVIDER, "validate"))?;
        challenge.begin();
        let call = self.0.api.patch("validate", ["auth"]).segment("challengeId", challenge.id());
        let sent = call.json(&Body { response: response.text().expose() }).send().await;
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
        let validated: Validated = answer.json()?;
        challenge.settle(Outcome::Accepted);
        same(&answer, challenge.handle(), &validated.handle_id)?;
        Ok(Ownership::new(validated.handle_id, challenge.method().clone(), answer.received))
    }

    /// Reads a user's reputation and public profile: `GET /users/{handleId}`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); [`Provider`](ErrorKind::Provider) with the
    /// [check](Error::check) `answer.handle` when the
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
        let call = self.0.api.get(operation, ["users"]).segment("handleId", handle.expose());
        let answer = call.send().await?;
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
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn raw(&self, request: RawRequest) -> Result<RawResponse, Error> {
        self.0.api.raw(request).send().await.map(RawResponse::of)
    }
}

/// Makes sure that the answer is about whom it was asked about.
fn same(answer: &BufferedResponse, asked: &HandleId, named: &HandleId) -> Result<(), Error> {
    if asked == named {
        return Ok(());
    }
    Err(answer.fail(
        Error::new(ErrorKind::Provider, "the answer is about another Credo ID than the one asked for")
            .with_check("answer.handle")
            .with_hint("nothing is proven; report it to the provider if it stays"),
    ))
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
pub(super) fn credential(client_id: &Secret) -> Result<Secret, Error> {
    let id = client_id.expose();
    if client_id.is_blank() || id.chars().any(|char| char.is_whitespace() || char.is_control()) {
        return Err(Error::configuration("the client id is empty or holds a blank or a control character")
            .with_hint("give the id alone, without `client` before it and a line break behind it"));
    }
    Ok(Secret::new(format!("client {id}")))
}

crate::privacy::redacted_debug!(Client { host: |this| this.0.api.base().and_then(Url::host_str), .. });
