//! What relying parties that are KYC-Chain instances serve besides.

use http::{Method, StatusCode};
use serde_json::Value;

use super::{
    client::Client,
    endpoints::EndpointName,
    response::{json_if_any, missing},
};
use crate::{
    error::Error,
    privacy::Secret,
    selfkey::{
        PROVIDER,
        model::{KycUser, NewKycUser},
        query::add_query,
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
    ///     client
    ///         .create_kyc_user(&NewKycUser::person(
    ///             "ada@example.com",
    ///             "Ada",
    ///             "Lovelace",
    ///         ))
    ///         .await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn kyc_user(&self) -> Result<Option<KycUser>, Error> {
        let call = self.call("kyc_user", Method::GET, EndpointName::KycUser)?;
        let response = match call.send().await {
            Err(error)
                if error.status() == Some(StatusCode::NOT_FOUND)
                    && error.kind() == crate::ErrorKind::NotFound =>
            {
                self.0.core.remember(None);
                return Ok(None);
            }
            response => response?,
        };
        let user = KycUser::read(response.json()?).map_err(|error| response.fail(error))?;
        self.0.core.check_user(&response, &user)?;
        self.0.core.remember(Some(user.clone()));
        Ok(Some(user))
    }

    /// Makes the subject's user: `POST /kyc-users`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn create_kyc_user(&self, user: &NewKycUser) -> Result<Option<KycUser>, Error> {
        let call = self.call("create_kyc_user", Method::POST, EndpointName::KycUsers)?;
        let response = call.json(user).send().await?;
        let user = KycUser::read(json_if_any(&response)?).ok();
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
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn access_token(&self) -> Result<Secret, Error> {
        let response = self.call("access_token", Method::GET, EndpointName::AccessToken)?.send().await?;
        let body: Value = response.json()?;
        let token = ["jwt", "token"].into_iter().find_map(|name| body[name].as_str());
        token.map(Secret::from).ok_or_else(|| response.fail(missing("jwt")))
    }

    /// Returns the page on which the applicant goes on with an application. The URL logs in.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for an id that is none.
    pub fn application_page(&self, id: &str, token: &Secret) -> Result<Secret, Error> {
        let url = self.endpoints().application_page(id);
        let mut url = url.map_err(|error| error.during(PROVIDER, "application_page"))?;
        add_query(&mut url, "access_token", token.expose());
        Ok(Secret::new(url))
    }
}
