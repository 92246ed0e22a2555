//! What a relying party asks for.

use http::Method;

use super::{client::Client, endpoints::EndpointName};
use crate::{
    error::Error,
    selfkey::model::{Template, TemplateId, TemplateSummary, read_template, read_templates},
};

impl Client {
    /// Lists the templates: `GET /templates`, without credentials.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// for summary in client.templates().await? {
    ///     let template = client.template(&summary.id).await?;
    ///     for asked in &template.attributes {
    ///         println!(
    ///             "{:?}, required: {}",
    ///             asked.schema_id,
    ///             asked.required_by_wallet()
    ///         );
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call).
    pub async fn templates(&self) -> Result<Vec<TemplateSummary>, Error> {
        let call = self.call("templates", Method::GET, EndpointName::Templates)?;
        let response = call.without_credentials().send().await?;
        read_templates(response.json()?).map_err(|error| response.fail(error))
    }

    /// Reads a template in full: `GET /templates/{id}`, without credentials.
    ///
    /// Towards KYC-Chain the configuration must set the endpoint `/templates/:id` to one with `?format=minimum`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); [`NotFound`](crate::ErrorKind::NotFound) for a
    /// template that is not known.
    pub async fn template(&self, id: &TemplateId) -> Result<Template, Error> {
        let call = self.call_about("template", Method::GET, EndpointName::Template, id.as_str())?;
        let response = call.without_credentials().send().await?;
        let mut template = read_template(response.json()?).map_err(|error| response.fail(error))?;
        response.is_about("answer.object", id.as_str(), template.id.as_ref().map(TemplateId::as_str))?;
        // Some servers leave it out, and what was asked for is known.
        template.id.get_or_insert_with(|| id.clone());
        Ok(template)
    }
}
