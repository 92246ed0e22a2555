//! Logging in: a challenge, a signature, a wallet token.

use std::sync::{Arc, PoisonError};

use futures_util::future::BoxFuture;
use http::HeaderMap;

use super::{Core, Request, json, missing};
use crate::{
    auth::{FetchToken, Token},
    error::Error,
    selfkey::{Dialect, config::Call, model::KycUser, signer::plain_reply, token::UnverifiedToken},
    transport::send::BufferedResponse,
};

/// Where wallet tokens come from.
pub(super) struct Session(Arc<Core>);

impl Session {
    pub(super) fn new(core: &Arc<Core>) -> Self {
        Self(Arc::clone(core))
    }
}

impl FetchToken for Session {
    fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>> {
        let core = Arc::clone(&self.0);
        Box::pin(async move { core.log_in().await })
    }
}

impl Core {
    async fn log_in(&self) -> Result<Token, Error> {
        let challenge = self.challenge().await?;
        let (token, answer) = self.reply(&challenge).await?;
        if self.resolved.config().offers_kyc_users() {
            self.look_for_kyc_user(&token).await;
        }
        let value = token.text().clone();
        Ok(match token.expires() {
            // The end is the relying party's time; ours may be another.
            Some(end) => Token::expiring(value, answer.by_our_clock(end) - self.skew),
            None => Token::new(value),
        })
    }

    /// `GET /auth/challenge/{subject}`. The token that comes cannot be verified here; only the server needs to.
    async fn challenge(&self) -> Result<UnverifiedToken, Error> {
        let url = self.resolved.challenge(&self.subject.text())?;
        let answer = self.send(Request::get("challenge", url), HeaderMap::new(), None, None).await?;
        read_token(&answer)
    }

    /// `POST` of the signature, with the challenge as it was received.
    async fn reply(&self, challenge: &UnverifiedToken) -> Result<(UnverifiedToken, BufferedResponse), Error> {
        let operation = "reply";
        let local = |error: Error| error.during(crate::selfkey::PROVIDER, operation);
        let message = challenge
            .message_to_sign()
            .ok_or_else(|| local(missing("jwt.nonce").with_hint("the challenge holds nothing to sign")))?;
        let signature = self.signer.sign(message).await.map_err(local)?;
        signature.check(&self.subject, message).map_err(local)?;
        let body = match self.resolved.dialect() {
            Dialect::Current => self.subject.reply(&signature),
            Dialect::Documented => plain_reply(&signature),
        };
        let request = Request::post(operation, self.resolved.challenge_reply()?, &body);
        let credential = Self::bearing(challenge).map_err(local)?;
        let answer = self.send(request, HeaderMap::new(), Some(&credential), None).await?;
        Ok((read_token(&answer)?, answer))
    }

    /// As the provider's wallet does after each login. Who is not found is nobody, and a failure is no reason to be
    /// logged out.
    async fn look_for_kyc_user(&self, token: &UnverifiedToken) {
        let found = async {
            let request = Request::get("kyc_user", self.resolved.url(Call::KycUser)?);
            let credential = Self::bearing(token)?;
            let answer = self.send(request, HeaderMap::new(), Some(&credential), None).await?;
            let user = KycUser::read(json(&answer)?)?;
            self.check_user(&answer, &user)?;
            Ok::<_, Error>(user)
        };
        self.remember(found.await.ok());
    }

    /// A user that says which identity it is of has to be the subject's.
    pub(super) fn check_user(&self, answer: &BufferedResponse, user: &KycUser) -> Result<(), Error> {
        let asked = self.subject.text().to_ascii_lowercase();
        let named = user.did.as_ref().map(|did| did.expose().to_ascii_lowercase());
        // A subject that is a key alone has no DID to compare.
        if asked.starts_with("did:") {
            answer.is_about("answer.object", &asked, named.as_deref())
        } else {
            Ok(())
        }
    }

    pub(super) fn remember(&self, user: Option<KycUser>) {
        *self.kyc_user.lock().unwrap_or_else(PoisonError::into_inner) = user;
    }

    pub(super) fn kyc_user(&self) -> Option<KycUser> {
        self.kyc_user.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn read_token(answer: &BufferedResponse) -> Result<UnverifiedToken, Error> {
    let body = json(answer)?;
    let text = body["jwt"].as_str().ok_or_else(|| answer.fail(missing("jwt")))?;
    UnverifiedToken::read(text).map_err(|error| answer.fail(error))
}
