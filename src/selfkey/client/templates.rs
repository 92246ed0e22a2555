//! What a relying party asks for.

use super::{Client, Request, json};
use crate::{
    error::Error,
    selfkey::{
        config::Call,
        model::{Template, TemplateId, TemplateSummary, read_template, read_templates},
    },
};

impl Client {
    /// Lists the templates: `GET /templates`, without credentials.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// for summary in client.templates().await? {
    ///     let template = client.template(&summary.id).await?;
    ///     for asked in &template.attributes {
    ///         println!("{:?}, required: {}", asked.schema_id, asked.required_by_wallet());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for every call.
    pub async fn templates(&self) -> Result<Vec<TemplateSummary>, Error> {
        let request = Request::get("templates", self.resolved().url(Call::Templates)?);
        let answer = self.call_openly(request).await?;
        read_templates(json(&answer)?).map_err(|error| answer.fail(error))
    }

    /// Reads a template in full: `GET /templates/{id}`, without credentials.
    ///
    /// Towards KYC-Chain the configuration must set the endpoint `/templates/:id` to one with `?format=minimum`.
    ///
    /// # Errors
    ///
    /// As for every call; [`NotFound`](crate::ErrorKind::NotFound) for a template that is not known.
    pub async fn template(&self, id: &TemplateId) -> Result<Template, Error> {
        let request = Request::get("template", self.url_of("template", Call::Template, id.as_str())?);
        let answer = self.call_openly(request).await?;
        let mut template = read_template(json(&answer)?).map_err(|error| answer.fail(error))?;
        answer.is_about("answer.object", id.as_str(), template.id.as_ref().map(TemplateId::as_str))?;
        // Some servers leave it out, and what was asked for is known.
        template.id.get_or_insert_with(|| id.clone());
        Ok(template)
    }
}
