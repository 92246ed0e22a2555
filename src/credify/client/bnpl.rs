//! Paying later: whether and where a person can.

use super::{
    Client,
    envelope::{self, list_of},
    filled,
};
use crate::{
    credify::model::{BnplInfo, OfferQuery, Organization},
    error::Error,
};

impl Client {
    /// Whether and how a user of a market can pay later: offers, and for a user with a Credify id also the providers
    /// that the user is a customer of. Repeated when it fails.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// # use kyckit::credify::{Client, model::OfferQuery};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"offers":[]}}"#),
    /// # ]));
    /// # let client = Client::builder("api-key").options(options).build()?;
    /// let info = client.bnpl_info(&OfferQuery::new("user-4711")).await?;
    /// assert!(!info.is_available);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn bnpl_info(&self, query: &OfferQuery) -> Result<BnplInfo, Error> {
        let offers = self.list_offers("bnpl_info", query).await?;
        let credify_id = query.credify_id.as_ref().map(|id| id.expose().as_str()).unwrap_or_default();
        let providers = match credify_id {
            "" => Vec::new(),
            id => self.completed_bnpl_providers(id).await?,
        };
        Ok(BnplInfo { is_available: !offers.is_empty() || !providers.is_empty(), offers, providers })
    }

    /// The providers at which a person has completed the way to paying later:
    /// `GET v1/integration/bnpl-consumers/completed-bnpl-providers`. Repeated when it fails.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// for provider in client.completed_bnpl_providers("ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512").await? {
    ///     println!("{:?}", provider.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call; an answer without a list of providers is [`Decode`](crate::ErrorKind::Decode).
    pub async fn completed_bnpl_providers(&self, credify_id: &str) -> Result<Vec<Organization>, Error> {
        list_of!(Providers, providers: Organization);

        filled("completed_bnpl_providers", "credify_id", credify_id, "the Credify id is empty")?;
        let segments = ["v1", "integration", "bnpl-consumers", "completed-bnpl-providers"];
        let call = self.0.api.get("completed_bnpl_providers", segments).query("credify_id", credify_id);
        envelope::data::<Providers>(call).await.map(|wire| wire.providers)
    }
}
