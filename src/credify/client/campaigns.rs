//! Campaigns of a service provider, with their offers.

use super::{Client, envelope, known};
use crate::{
    credify::{
        PROVIDER,
        model::{Campaign, CampaignFilter, CampaignPage},
    },
    error::Error,
    transport::pages::{Page, PageStream, pages},
};

impl Client {
    /// The campaigns of the service provider, page after page as they are asked for:
    /// `GET v1/oidc-clients/campaigns`. They end after as many as the provider says that there are, or with an empty page.
    /// An error ends the stream.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kyckit::Error> {
    /// use futures_util::TryStreamExt;
    /// use kyckit::credify::{Client, model::CampaignFilter};
    /// # use kyckit::transport::{MockResponse, MockTransport, Options};
    /// # let options = Options::new().transport(MockTransport::new([
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"access_token":"a.b.c"}}"#),
    /// #     MockResponse::json(200, r#"{"success":true,"data":{"campaigns":[{"id":"c"}],"total_count":1}}"#),
    /// # ]));
    /// let client = Client::builder("api-key").options(options).build()?;
    /// let mut campaigns = client.campaigns(&CampaignFilter::new());
    /// while let Some(campaign) = campaigns.try_next().await? {
    ///     println!("{:?}", campaign.id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The stream gives those of [`campaign_page`](Self::campaign_page), and [`ProviderId`](crate::ErrorKind::Provider) with the
    /// [check](Error::check) `list.repeated` when the pages bring the same campaigns again.
    pub fn campaigns(&self, filter: &CampaignFilter) -> PageStream<Campaign> {
        let (client, filter) = (self.clone(), filter.clone());
        pages(
            (PROVIDER, "campaigns"),
            |campaign: &Campaign| campaign.id.as_deref(),
            move |at| {
                let (client, filter) = (client.clone(), filter.clone());
                async move {
                    let number = u32::try_from(at.page).unwrap_or(u32::MAX);
                    let found = client.campaign_page(&filter, number).await?;
                    Ok(Page { items: found.campaigns, total: found.total_count })
                }
            },
        )
    }

    /// One page of the campaigns, counted from 1. Repeated when it fails.
    ///
    /// ```no_run
    /// use kyckit::credify::model::CampaignFilter;
    ///
    /// # async fn run(client: kyckit::credify::Client) -> Result<(), kyckit::Error> {
    /// let first = client.campaign_page(&CampaignFilter::new(), 1).await?;
    /// println!("{} of {:?}", first.campaigns.len(), first.total_count);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a status that is not one of the provider's; nothing is sent
    /// then. As for every call; an answer without a list of campaigns is [`Decode`](crate::ErrorKind::Decode).
    pub async fn campaign_page(&self, filter: &CampaignFilter, page: u32) -> Result<CampaignPage, Error> {
        const OPERATION: &str = "campaigns";
        known(
            OPERATION,
            filter.offers.is_known(),
            "offer_status",
            "The status needs to be one of APPROVED, REJECTED, IN_REVIEW",
        )?;
        known(
            OPERATION,
            filter.campaigns.is_known(),
            "campaign_status",
            "The status needs to be one of APPROVED, REJECTED, IN_REVIEW, ARCHIVED, DRAFT",
        )?;
        let (page, limit) = (page.to_string(), filter.page_size.to_string());
        let query = [
            ("page", page.as_str()),
            ("limit", limit.as_str()),
            ("campaign_status", filter.campaigns.as_str()),
            ("offer_status", filter.offers.as_str()),
        ];
        envelope::data(self.0.api.get(OPERATION, ["v1", "oidc-clients", "campaigns"]).queries(query)).await
    }
}
