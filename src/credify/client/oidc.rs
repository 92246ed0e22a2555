//! The service provider's side of OpenID Connect: the code that a person came back with, and what is shared for it.

use http::header::AUTHORIZATION;
use serde_json::Value;

use super::{Client, named};
use crate::{
    auth::Header,
    credify::{
        failure::Dialect,
        model::UserToken,
        token::login_token,
        userinfo::{UserInfo, UserInfoReader},
    },
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
    transport::{BufferedResponse, decode},
};

impl Client {
    /// Exchanges the code that a person came back with: `POST <oidc core>oauth2/token`. Sent once, since a code serves
    /// once. Needs the signing key, by which the service provider shows who it is.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::{clock::Clock, credify::{Client, keys::SigningKey}};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"access_token":"a","expires_in":3599,"scope":"openid","token_type":"bearer"}"#),
    /// # ]));
    /// let key = SigningKey::generate(&Clock::system())?;
    /// let client = Client::builder("api-key").signing_key(key).options(options).build()?;
    /// let code = "what came back".into();
    /// let token = client.user_token("client-id", &code, "https://provider.example/callback").await?;
    /// assert_eq!(token.expires_in, Some(3599));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) without a signing key; [`InvalidRequest`](ErrorKind::InvalidRequest)
    /// with the code `invalid_grant` for a code that is spent or over. As for every call.
    pub async fn user_token(
        &self,
        client_id: &str,
        code: &Secret,
        redirect_uri: &str,
    ) -> Result<UserToken, Error> {
        const OPERATION: &str = "user_token";
        let login =
            self.signing_key().and_then(|key| login_token(key, self.clock())).map_err(named(OPERATION))?;
        let form = [
            ("code", code.expose()),
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri),
            ("client_secret", login.expose()),
            ("client_id", client_id),
            ("client_type", "entity"),
        ];
        let response = self.0.oidc.post(OPERATION, ["oauth2", "token"]).form(form).send().await?;
        let token = decode::json(&response.body).and_then(|token: UserToken| {
            if token.access_token.expose().is_empty() {
                return Err(Error::new(ErrorKind::Decode, "the token is empty").with_path("access_token"));
            }
            Ok(token)
        });
        token.map_err(|error| Dialect::Oidc.unusable(&response, error))
    }

    /// What a person shares: `GET <oidc core>userinfo`, decrypted. Repeated when it fails.
    ///
    /// Decrypting costs a private RSA operation a value; a busy service opens [`sealed_userinfo`](Self::sealed_userinfo)
    /// on a pool for blocking work.
    ///
    /// ```no_run
    /// use kyckit::credify::{Client, authorization::Authorization, userinfo::{ProviderKeys, UserInfoReader}};
    ///
    /// # async fn read(client: Client, begun: Authorization, code: &str) -> Result<(), kyckit::Error> {
    /// let token = client.user_token("client-id", &code.into(), "https://provider.example/callback").await?;
    /// if let Some(key) = &begun.decryption_key {
    ///     let keys = ProviderKeys::new(&client);
    ///     let reader = UserInfoReader::new(key).verify_with(&keys);
    ///     let info = client.userinfo(&token.access_token, &reader).await?;
    ///     println!("{} scopes", info.scopes().count());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Authentication`](ErrorKind::Authentication) for a token that is not good; those of [`UserInfoReader::read`]; as
    /// for every call.
    pub async fn userinfo(
        &self,
        access_token: &Secret,
        reader: &UserInfoReader<'_>,
    ) -> Result<UserInfo, Error> {
        const OPERATION: &str = "userinfo";
        let (body, response) = self.get_userinfo(OPERATION, access_token).await?;
        reader.read(body).await.map_err(|error| response.fail(error))
    }

    /// The first half of [`userinfo`](Self::userinfo): the answer as it came, for [`UserInfoReader::read`].
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client, token: kyckit::privacy::Secret, key: kyckit::credify::keys::DecryptionKey) -> kyckit::Result<()> {
    /// use kyckit::credify::userinfo::{ProviderKeys, UserInfoReader};
    ///
    /// // Reading it costs processor time: elsewhere, later.
    /// let sealed = client.sealed_userinfo(&token).await?;
    /// let keys = ProviderKeys::new(&client);
    /// let info = UserInfoReader::new(&key).verify_with(&keys).read(sealed.into_exposed()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`userinfo`](Self::userinfo), but for those of reading it.
    pub async fn sealed_userinfo(&self, access_token: &Secret) -> Result<Pii<Value>, Error> {
        self.get_userinfo("sealed_userinfo", access_token).await.map(|(body, _)| Pii::new(body))
    }

    async fn get_userinfo(
        &self,
        operation: &'static str,
        access_token: &Secret,
    ) -> Result<(Value, BufferedResponse), Error> {
        let bearer = Secret::new(format!("Bearer {}", access_token.expose()));
        let authorize = Header::new(AUTHORIZATION, bearer).map_err(named(operation))?;
        let response = self.0.oidc.get(operation, ["userinfo"]).credentials(&authorize).send().await?;
        match decode::json(&response.body) {
            Ok(body) => Ok((body, response)),
            Err(error) => Err(Dialect::Oidc.unusable(&response, error)),
        }
    }
}
