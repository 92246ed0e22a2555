//! What calls are authenticated with: client id and secret key, or an access token for each request.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{HeaderMap, header::AUTHORIZATION};

use super::{
    model::{AccessToken, Operation},
    signature::{Rule, Verifier},
};
use crate::{
    auth::Basic,
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{self, ApiClient, Authorize, CredentialVersion},
    verified::Verified,
};

/// What a call is authenticated with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authentication {
    /// `Authorization: Basic` with client id and secret key: what a backend uses.
    #[default]
    Basic,
    /// `Authorization: Bearer` with an access token that is fetched for each request anew, since one token serves one
    /// request. Risk assessments, account info, decline reasons and [raw](super::Client::raw) calls are made with Basic all
    /// the same: it serves everywhere, and the provider documents nothing else for them.
    AccessTokenPerRequest,
}

/// The credentials in use; replaced as a whole.
pub(super) struct Credentials {
    pub(super) basic: Basic,
    pub(super) verifier: Arc<Verifier>,
}

impl Credentials {
    pub(super) fn new(
        client_id: &str,
        secret_key: &Secret,
        older: &[Secret],
        rule: Rule,
    ) -> Result<Self, Error> {
        if secret_key.is_blank() || older.iter().any(Secret::is_blank) {
            return Err(Error::configuration("a secret key is empty or blank"));
        }
        let verifier = older
            .iter()
            .fold(Verifier::new(secret_key.clone(), rule), |verifier, secret| verifier.also(secret.clone()));
        Ok(Self { basic: Basic::new(client_id, secret_key)?, verifier: Arc::new(verifier) })
    }

    /// Fetches an access token: `POST /get/access/token`.
    pub(super) async fn access_token(&self, api: &ApiClient) -> Result<AccessToken, Error> {
        let response = api
            .post("access_token", ["get", "access", "token"])
            .json_text(Ok("{}"))
            .idempotent()
            .about_one_object(false)
            .classifier(&Operation::AccessToken)
            .credentials(&self.basic)
            .send()
            .await?;
        self.verifier
            .open(&response.headers, &response.body, |body| AccessToken::read(body, response.received))
            .map(Verified::into_inner)
            .map_err(|error| response.fail(error))
    }
}

/// Fetches an access token for each attempt, and never keeps one.
pub(super) struct TokenPerRequest {
    pub(super) api: ApiClient,
    pub(super) credentials: Arc<Credentials>,
}

impl Authorize for TokenPerRequest {
    fn authorize<'a>(
        &'a self,
        headers: &'a mut HeaderMap,
    ) -> BoxFuture<'a, Result<CredentialVersion, Error>> {
        Box::pin(async move {
            let token = self.credentials.access_token(&self.api).await?;
            let text = Secret::new(format!("Bearer {}", token.token().expose()));
            let what = "the access token does not fit a header";
            let mut value = transport::header_value(text.expose_bytes(), what)
                .map_err(|_| Error::new(ErrorKind::Decode, what))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
            Ok(CredentialVersion::ONLY)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        shuftipro::{PROVIDER, request::Reference},
        transport::{MockResponse, MockTransport, Options},
    };

    #[tokio::test]
    async fn the_calls_without_a_request_of_their_own_have_small_bodies() {
        let memory = MockTransport::new([MockResponse::json(200, "{}")]);
        let api =
            ApiClient::new(PROVIDER, &Options::new().transport(memory.clone()), None).expect("a client");
        let api = api.with_base("https://api.example.com".parse().expect("URL"));
        let credentials = Credentials::new("id", &"secret".into(), &[], Rule::Hashed).expect("credentials");
        let error = credentials.access_token(&api).await.expect_err("not signed");
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Signature, Some("access_token")));
        let sent = &memory.sent()[0];
        assert_eq!((sent.url.path(), &sent.body[..]), ("/get/access/token", &b"{}"[..]));
        assert_eq!(sent.headers["authorization"], "Basic aWQ6c2VjcmV0");
        let reference = Reference::new("reference-1").expect("a reference");
        assert_eq!(reference.status_body(), r#"{"reference":"reference-1"}"#);
    }
}
