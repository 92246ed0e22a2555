//! Logging in: a challenge, a signature, a wallet token.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{Method, header::AUTHORIZATION};
use serde_json::Value;

use super::{core::Core, endpoints::EndpointName, response::missing, subject::plain_reply};
use crate::{
    auth::{FetchToken, Header, Token},
    error::Error,
    privacy::Secret,
    selfkey::{
        Dialect, PROVIDER,
        model::{KycUser, UnverifiedToken},
    },
    transport::BufferedResponse,
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
        let (token, response) = self.reply(&challenge).await?;
        if self.endpoints.config().offers_kyc_users() {
            self.look_for_kyc_user(&token).await;
        }
        let value = token.text().clone();
        Ok(match token.expires() {
            // The end is the relying party's time; ours may be another.
            Some(end) => Token::expiring(value, response.by_our_clock(end) - self.skew),
            None => Token::new(value),
        })
    }

    /// `GET /auth/challenge/{subject}`. The token that comes cannot be verified here; only the server needs to.
    async fn challenge(&self) -> Result<UnverifiedToken, Error> {
        let url = self.endpoints.challenge(&self.subject.text())?;
        read_token(&self.api.call_url("challenge", Method::GET, url).send().await?)
    }

    /// `POST` of the signature, with the challenge as it was received.
    async fn reply(&self, challenge: &UnverifiedToken) -> Result<(UnverifiedToken, BufferedResponse), Error> {
        let operation = "reply";
        let local = |error: Error| error.during(PROVIDER, operation);
        let message = challenge
            .message_to_sign()
            .ok_or_else(|| local(missing("jwt.nonce").with_hint("the challenge holds nothing to sign")))?;
        let signature = self.signer.sign(message).await.map_err(local)?;
        self.subject.check(&signature, message).map_err(local)?;
        let body = match self.endpoints.dialect() {
            Dialect::Current => self.subject.reply(&signature),
            Dialect::Documented => plain_reply(&signature),
        };
        let credential = bearing(challenge).map_err(local)?;
        let url = self.endpoints.challenge_reply()?;
        let call = self.api.call_url(operation, Method::POST, url).credentials(&credential).json(&body);
        let response = call.send().await?;
        Ok((read_token(&response)?, response))
    }

    /// As the provider's wallet does after each login. A failure is no reason to be logged out.
    async fn look_for_kyc_user(&self, token: &UnverifiedToken) {
        let found = async {
            let credential = bearing(token)?;
            let url = self.endpoints.url(EndpointName::KycUser)?;
            let call = self.api.call_url("kyc_user", Method::GET, url).credentials(&credential);
            let response = call.send().await?;
            let user = KycUser::read(response.json()?)?;
            self.check_user(&response, &user)?;
            Ok::<_, Error>(user)
        };
        self.remember(found.await.ok());
    }
}

fn read_token(response: &BufferedResponse) -> Result<UnverifiedToken, Error> {
    let body: Value = response.json()?;
    let text = body["jwt"].as_str().ok_or_else(|| response.fail(missing("jwt")))?;
    UnverifiedToken::read(text).map_err(|error| response.fail(error))
}

/// A token as the only credential of one request.
fn bearing(token: &UnverifiedToken) -> Result<Header, Error> {
    Header::new(AUTHORIZATION, Secret::new(format!("Bearer {}", token.text().expose())))
}
