//! The client: one method per remote call.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use url::Url;

use super::{
    Download, PROVIDER,
    credentials::{Authentication, Credentials, TokenPerRequest},
    failure::{is_lost, open},
    model::{AccessToken, Account, DeclineReason, Operation, ProofLink, VerificationResponse},
    request::{DeleteRequest, Reference, RiskAssessmentRequest, VerificationRequest},
    signature::Rule,
    webhook::Callbacks,
};
use crate::{
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{ApiClient, Authorize, Call, Progress, RawRequest, RawResponse, fetch::Guard},
    verified::Verified,
};

/// How long an attempt of a call may take that the provider answers at once.
pub(super) const PROMPT: Duration = Duration::from_secs(15);
/// How long an attempt of an offsite call may take: the provider answers when it has looked at the proofs.
const OFFSITE: Duration = Duration::from_secs(180);

/// A client of one Shufti Pro account. Cheap to clone; clones share connections, limits and credentials.
///
/// # Defaults
///
/// 15 s an attempt and 45 s a call (180 s and 540 s for offsite verifications, which wait for the result), three
/// attempts for what may be repeated, 60 requests a minute, answers up to 4 MiB, the hashed signature rule.
#[derive(Clone)]
pub struct Client(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) api: ApiClient,
    pub(super) risk_api: ApiClient,
    pub(super) token_api: ApiClient,
    pub(super) proof_api: ApiClient,
    pub(super) guard: Guard,
    pub(super) rule: Rule,
    pub(super) authentication: Authentication,
    pub(super) credentials: RwLock<Arc<Credentials>>,
}

impl Client {
    /// Replaces the credentials for all calls and all callbacks from now on. Calls under way end with those they began
    /// with.
    ///
    /// `still_accepted` is a further secret key that signatures may be made with until the next replacement: the one
    /// that was current, as a rule, since messages signed with it may be under way. Without it, none but the new one
    /// is accepted.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) for an empty or impossible client id or secret key; the old ones
    /// stay then.
    pub fn replace_credentials(
        &self,
        client_id: &str,
        secret_key: impl Into<Secret>,
        still_accepted: Option<Secret>,
    ) -> Result<(), Error> {
        let credentials =
            Credentials::new(client_id, &secret_key.into(), still_accepted.as_slice(), self.0.rule)
                .map_err(|error| error.during(PROVIDER, "replace_credentials"))?;
        *self.0.credentials.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(credentials);
        Ok(())
    }

    /// Verifies a person or a company: `POST /`.
    ///
    /// An onsite request is answered with the URL that the person has to open, an offsite one with the result. The
    /// request is sent once. When its answer is lost on the way, the provider is asked for the status of the
    /// reference, in what is left of the call's deadline: if it knows it, that status is the answer; if not, the error says that the request may have taken
    /// effect, and [`resume`](Self::resume) with the same request is safe.
    ///
    /// Provider: `docs/verification_endpoints/requests`.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) with the fields at fault, before or after sending;
    /// [`Conflict`](ErrorKind::Conflict) for a reference that was used before; the others [as for every
    /// call](crate::transport#errors-of-every-call).
    /// A declined verification is no error.
    pub async fn verify(
        &self,
        request: &VerificationRequest,
    ) -> Result<Verified<VerificationResponse>, Error> {
        self.start(request, None).await
    }

    /// [`verify`](Self::verify) with reports of how far the upload of the proofs is.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::shuftipro::Client, request: kyckit::shuftipro::request::VerificationRequest) -> kyckit::Result<()> {
    /// use kyckit::transport::Progress;
    ///
    /// let progress = Progress::new(|sent, whole| println!("{sent} of {whole:?} bytes"));
    /// let answer = client.verify_with_progress(&request, progress).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub async fn verify_with_progress(
        &self,
        request: &VerificationRequest,
        progress: Progress,
    ) -> Result<Verified<VerificationResponse>, Error> {
        self.start(request, Some(progress)).await
    }

    async fn start(
        &self,
        request: &VerificationRequest,
        progress: Option<Progress>,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let (reference, session) = (request.reference(), self.session());
        let attempt = if request.is_offsite() { OFFSITE } else { PROMPT };
        let deadline = self.deadline(&self.0.api, attempt);
        let call = self.0.api.post("verify", []).json_text(request.body()).progress(progress);
        let sent = session.ask(call.attempt_timeout(attempt), &Operation::Verify, reference).await;
        self.recover_by_status(sent, reference, deadline).await
    }

    /// Goes on with a verification that may have been started before, and starts it when the provider does not know it.
    /// With [`Reference::derive`], a process that starts again and several at once all have the same verification.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify); [`Conflict`](ErrorKind::Conflict) only while the provider knows nothing of it.
    pub async fn resume(
        &self,
        request: &VerificationRequest,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let known = async || match self.status(request.reference()).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        };
        match known().await? {
            Some(answer) => Ok(answer),
            // When it is taken, another start came in between.
            None => match self.verify(request).await {
                Err(taken) if taken.kind() == ErrorKind::Conflict => known().await?.ok_or(taken),
                other => other,
            },
        }
    }

    /// Assesses the risk of a person: `POST` on the risk assessment host. Sent once, as [`verify`](Self::verify).
    ///
    /// Provider: `docs/user_identification_authentication/user_risk_assessment`.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub async fn assess_risk(
        &self,
        request: &RiskAssessmentRequest,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let (reference, session) = (request.reference(), self.basic_session());
        let deadline = self.deadline(&self.0.risk_api, PROMPT);
        let call = self.0.risk_api.post("assess_risk", []).json_text(request.body());
        let sent = session.ask(call, &Operation::RiskAssessment, reference).await;
        self.recover_by_status(sent, reference, deadline).await
    }

    /// Asks for the state of a verification or risk assessment: `POST /status`. Repeated when it fails.
    ///
    /// It is the source of truth: authenticated in both directions, and the only answer that carries links to proofs,
    /// which live for fifteen minutes.
    ///
    /// Provider: `docs/verification_endpoints/requests`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](ErrorKind::NotFound) for a reference that the provider does not know.
    #[doc(alias = "polling")]
    pub async fn status(&self, reference: &Reference) -> Result<Verified<VerificationResponse>, Error> {
        self.session().ask(self.status_call(reference), &Operation::Status, reference).await
    }

    /// Deletes what the provider holds of a verification: `POST /delete`. Not reversible, sent once.
    ///
    /// After an error that [may have taken effect](Error::may_have_taken_effect), ask for the status: a deleted
    /// verification says so.
    ///
    /// Provider: `docs/verification_endpoints/requests`.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest) with the field `reference` for one that is unknown or was deleted
    /// before, which may mean that an earlier deletion worked though its answer was lost.
    pub async fn delete(&self, request: &DeleteRequest) -> Result<Verified<VerificationResponse>, Error> {
        let call = self.0.api.post("delete", ["delete"]).json_text(request.body());
        self.session().ask(call, &Operation::Delete, request.reference()).await
    }

    /// Fetches an access token for a front end or a mobile kit: `POST /get/access/token`. It serves one request within
    /// ten minutes, so fetch it right before it is handed out and keep it nowhere.
    ///
    /// Provider: `docs/eidv/authorization`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn access_token(&self) -> Result<AccessToken, Error> {
        self.credentials().access_token(&self.0.token_api).await
    }

    /// Reads name, status and balance of the account: `GET /account/info/`.
    ///
    /// Provider: `docs/verification_endpoints/requests`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn account(&self) -> Result<Verified<Account>, Error> {
        let call = self.0.api.get("account", ["account", "info", ""]);
        self.basic_session().read(call, &Operation::AccountInfo, Account::read).await
    }

    /// Reads the provider's texts of decline codes: `GET /decline/reasons/`. The list is open.
    ///
    /// Provider: `docs/aml/decline_reasons`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn decline_reasons(&self) -> Result<Verified<Vec<DeclineReason>>, Error> {
        let call = self.0.api.get("decline_reasons", ["decline", "reasons", ""]);
        self.basic_session().read(call, &Operation::DeclineReasons, DeclineReason::read).await
    }

    /// Opens a link to a proof: an image, a PDF or a video, streamed into a writer. See [`Download`].
    pub fn download(&self, link: ProofLink) -> Download<'_> {
        Download::new(&self.0.proof_api, &self.0.guard, link)
    }

    /// Makes a call that this client has no method for, such as a video interview: limits, retries and the signature
    /// check are those of every call, the credentials are client id and secret key.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::shuftipro::Client) -> kyckit::Result<()> {
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
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn raw(&self, request: RawRequest) -> Result<Verified<RawResponse>, Error> {
        let credentials = self.credentials();
        let call = self.0.api.raw(request).attempt_timeout(OFFSITE).credentials(&credentials.basic);
        let response = call.send().await?;
        let proof = credentials.verifier.find(&response.headers, &response.body);
        let proof = proof.map_err(|error| response.fail(error))?;
        Ok(Verified::new(RawResponse::of(response), proof))
    }

    /// The verifier of this account's callbacks, for an [`Inbox`](crate::inbox::Inbox). It follows
    /// [`replace_credentials`](Self::replace_credentials).
    pub fn callbacks(&self) -> Callbacks {
        let client = self.clone();
        Callbacks::following(move || Arc::clone(&client.credentials().verifier), self.0.api.clock().clone())
    }

    pub(super) fn clock(&self) -> &crate::clock::Clock {
        self.0.api.clock()
    }

    fn credentials(&self) -> Arc<Credentials> {
        Arc::clone(&self.0.credentials.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The credentials of one call: as the client's builder chose them.
    fn session(&self) -> Session {
        let credentials = self.credentials();
        let token = (self.0.authentication == Authentication::AccessTokenPerRequest).then(|| {
            TokenPerRequest { api: self.0.token_api.clone(), credentials: Arc::clone(&credentials) }
        });
        Session { credentials, token }
    }

    /// The credentials of one call: client id and secret key, whatever the builder chose.
    fn basic_session(&self) -> Session {
        Session { credentials: self.credentials(), token: None }
    }

    fn status_call(&self, reference: &Reference) -> Call<'_> {
        self.0.api.post("status", ["status"]).json_text(Ok(reference.status_body())).idempotent()
    }

    /// Until when a call and what follows from it have to be done, by the clock's elapsed time.
    fn deadline(&self, api: &ApiClient, attempt: Duration) -> Duration {
        self.clock().elapsed().saturating_add(api.limits(attempt).deadline)
    }

    /// After a lost response: what the provider says of the reference, or the loss. Both calls share one deadline.
    async fn recover_by_status(
        &self,
        sent: Result<Verified<VerificationResponse>, Error>,
        reference: &Reference,
        deadline: Duration,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let lost = match sent {
            Err(error) if is_lost(&error) => error,
            other => return other,
        };
        let left = deadline.saturating_sub(self.clock().elapsed());
        if !left.is_zero() {
            let call = self.status_call(reference).max_deadline(left);
            if let Ok(known) = self.session().ask(call, &Operation::Status, reference).await {
                return Ok(known);
            }
        }
        Err(lost.with_hint("the answer was lost; call resume with the same request"))
    }
}

/// The credentials of one call, and the verifier of its response: both of the same account, also while they are replaced.
struct Session {
    credentials: Arc<Credentials>,
    token: Option<TokenPerRequest>,
}

impl Session {
    fn authorize(&self) -> &dyn Authorize {
        self.token.as_ref().map_or(&self.credentials.basic as &dyn Authorize, |token| token)
    }

    /// Sends a call that is about one reference, and opens its response.
    async fn ask<'a>(
        &'a self,
        call: Call<'a>,
        operation: &'static Operation,
        reference: &Reference,
    ) -> Result<Verified<VerificationResponse>, Error> {
        let response = call.classifier(operation).credentials(self.authorize()).send().await?;
        open(&self.credentials.verifier, &response, *operation, reference)
    }

    /// Sends a call that is about the account, and reads its response.
    async fn read<'a, T>(
        &'a self,
        call: Call<'a>,
        operation: &'static Operation,
        read: fn(&[u8]) -> Result<T, Error>,
    ) -> Result<Verified<T>, Error> {
        let call = call.classifier(operation).about_one_object(false);
        let response = call.credentials(self.authorize()).send().await?;
        let opened = self.credentials.verifier.open(&response.headers, &response.body, read);
        opened.map_err(|error| response.fail(error))
    }
}

crate::privacy::redacted_debug!(Client { host: |this| this.0.api.base().and_then(Url::host_str), .. });
