//! What relying parties that are KYC-Chain instances serve besides.

use http::StatusCode;
use serde_json::json;

use super::{Client, Request, json as read_json, json_if_any, missing};
use crate::{
    error::Error,
    privacy::Secret,
    selfkey::{
        config::{Call, add_query},
        model::{KycUser, NewKycUser},
    },
};

impl Client {
    /// Reads the subject's user: `GET /kyc-users/me`. None: there is none yet.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::model::NewKycUser;
    ///
    /// // Before the first application, where the configuration names the endpoint.
    /// if client.kyc_user().await?.is_none() {
    ///     client.create_kyc_user(&NewKycUser::person("ada@example.com", "Ada", "Lovelace")).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn kyc_user(&self) -> Result<Option<KycUser>, Error> {
        let request = Request::get("kyc_user", self.resolved().url(Call::KycUser)?);
        let answer = match self.call(request).await {
            Err(error)
                if error.status() == Some(StatusCode::NOT_FOUND)
                    && error.kind() == crate::ErrorKind::NotFound =>
            {
                self.0.core.remember(None);
                return Ok(None);
            }
            answer => answer?,
        };
        let user = KycUser::read(read_json(&answer)?).map_err(|error| answer.fail(error))?;
        self.0.core.check_user(&answer, &user)?;
        self.0.core.remember(Some(user.clone()));
        Ok(Some(user))
    }

    /// Makes the subject's user: `POST /kyc-users`.
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn create_kyc_user(&self, user: &NewKycUser) -> Result<Option<KycUser>, Error> {
        let url = self.resolved().url(Call::KycUsers)?;
        let answer = self.call(Request::post("create_kyc_user", url, &json!(user))).await?;
        let user = KycUser::read(json_if_any(&answer)?).ok();
        self.0.core.remember(user.clone());
        Ok(user)
    }

    /// Asks for a token that opens KYC-Chain's own pages: `GET /auth/token`. There is one once an application exists.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// let token = client.access_token().await?;
    /// let page = client.application_page("b0933c8033cb9bc259442d09", &token)?;
    /// println!("send the browser to {}", page.expose());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn access_token(&self) -> Result<Secret, Error> {
        let request = Request::get("access_token", self.resolved().url(Call::AccessToken)?);
        let answer = self.call(request).await?;
        let body = read_json(&answer)?;
        let token = ["jwt", "token"].into_iter().find_map(|name| body[name].as_str());
        token.map(Secret::from).ok_or_else(|| answer.fail(missing("jwt")))
    }

    /// The page on which the applicant goes on with an application. The URL logs in.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an id that is none.
    pub fn application_page(&self, id: &str, token: &Secret) -> Result<Secret, Error> {
        let url = self.resolved().application_page(id);
        let mut url = url.map_err(|error| error.during(crate::selfkey::PROVIDER, "application_page"))?;
        add_query(&mut url, "access_token", token.expose());
        Ok(Secret::new(url))
    }
}
