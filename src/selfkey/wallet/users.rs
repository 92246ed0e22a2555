//! Signing up and logging in at a website.

use http::Method;
use serde_json::{Value, json};

use super::{
    attributes::{check_numbers, documents, present, wrapped},
    client::Client,
    endpoints::EndpointName,
    response::{json_if_any, missing},
    upload::UploadTarget,
};
use crate::{
    error::Error,
    privacy::Secret,
    selfkey::{
        Dialect, PROVIDER,
        model::{Redirect, UserCreated, UserToken, attribute::Attribute},
        query::add_query,
    },
    transport::multipart::Part,
};

impl Client {
    /// Signs the wallet's owner up: `POST /users`. For a subject that has a user already it changes the user.
    ///
    /// Files are uploaded first, each by itself, and then everything goes as JSON. Where the configuration switches
    /// `/users/file` off, and in the documented dialect, everything goes in one request.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// use kyckit::selfkey::attribute::{Attribute, AttributeType};
    ///
    /// let attributes =
    ///     [Attribute::new("first_name", AttributeType::FirstName, "Ada")];
    /// client.create_user(&attributes).await?;
    /// let token = client.user_token().await?;
    /// let redirect = client.log_in_user(&token).await?;
    /// println!("send the browser to {}", redirect.to.expose());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a required attribute without
    /// data and for documents that do not fit the data, [`TooLarge`](crate::ErrorKind::TooLarge) for a file beyond the
    /// limit. [`ErrorBody::Validation`](crate::selfkey::ErrorBody::Validation) with the [fields](Error::fields) when
    /// the relying party refuses the attributes. [As for every call](crate::transport#errors-of-every-call).
    pub async fn create_user(&self, attributes: &[Attribute]) -> Result<UserCreated, Error> {
        self.create_user_with(attributes, self.endpoints().meta()).await
    }

    /// Signs up as [`create_user`](Self::create_user), with another `meta` than the configuration's.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client, attributes: Vec<kyckit::selfkey::attribute::Attribute>) -> kyckit::Result<()> {
    /// let meta = serde_json::json!({"campaign": "spring"});
    /// let created = client.create_user_with(&attributes, meta).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create_user`](Self::create_user).
    pub async fn create_user_with(
        &self,
        attributes: &[Attribute],
        meta: Value,
    ) -> Result<UserCreated, Error> {
        let operation = "create_user";
        let local = |error: Error| error.during(PROVIDER, operation);
        let attributes = present(attributes, self.0.max_file_bytes).map_err(local)?;
        let call = self.call(operation, Method::POST, EndpointName::Users)?;
        let documented = self.dialect() == Dialect::Documented;
        let call = if documented || !self.endpoints().config().offers_user_files() {
            check_numbers(&attributes).map_err(local)?;
            let parts = if documented { documented_parts(&attributes) } else { parts(&attributes, &meta) };
            call.multipart(parts).accept("*/*")
        } else {
            let ready = self.upload_all(UploadTarget::User, &attributes).await?;
            let attributes: Vec<_> =
                ready.iter().map(|ready| ready.body(ready.attribute.requirement(), false)).collect();
            call.json(&json!({ "attributes": attributes, "meta": meta }))
        };
        let response = call.send().await?;
        let token = json_if_any(&response)?["token"].as_str().map(Secret::from);
        Ok(UserCreated { token })
    }

    /// Asks for what logs the user in at the website: `GET /users/token`.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call); [`NotFound`](crate::ErrorKind::NotFound) when the
    /// subject has no user: sign up first.
    pub async fn user_token(&self) -> Result<UserToken, Error> {
        self.user_token_with(&self.endpoints().meta()).await
    }

    /// Asks as [`user_token`](Self::user_token), with another `meta` than the configuration's.
    ///
    /// ```no_run
    /// # async fn run(client: kyckit::selfkey::Client) -> kyckit::Result<()> {
    /// let token =
    ///     client.user_token_with(&serde_json::json!({"campaign": "spring"})).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`user_token`](Self::user_token).
    pub async fn user_token_with(&self, meta: &Value) -> Result<UserToken, Error> {
        let mut url = self.endpoints().url(EndpointName::UserToken)?;
        if self.dialect() == Dialect::Current {
            add_query(&mut url, "meta", &meta.to_string());
        }
        let response = self.call_url("user_token", Method::GET, url).send().await?;
        UserToken::new(response.json()?).map_err(|error| response.fail(error))
    }

    /// Logs the user in at the website: `POST /login`. Usually the web page does this itself.
    ///
    /// # Errors
    ///
    /// [As for every call](crate::transport#errors-of-every-call);
    /// [`ErrorBody::LoginFailed`](crate::selfkey::ErrorBody::LoginFailed) when the website refuses, with where it sends
    /// the user instead as the [message](Error::provider_message).
    pub async fn log_in_user(&self, token: &UserToken) -> Result<Redirect, Error> {
        let operation = "log_in_user";
        let call = self.call_url(operation, Method::POST, self.endpoints().login()?);
        let call = match self.dialect() {
            Dialect::Current => call.without_credentials().json(token.expose()),
            Dialect::Documented => {
                let token = token.token().ok_or_else(|| {
                    Error::invalid("token", "the user token has no token").during(PROVIDER, operation)
                })?;
                call.json(&json!({ "token": token.expose() }))
            }
        };
        let response = call.send().await?;
        Redirect::of(&response.json()?).ok_or_else(|| response.fail(missing("redirectTo")))
    }
}

/// The one request of a relying party that takes no files beforehand.
fn parts(attributes: &[&Attribute], meta: &Value) -> Vec<Part> {
    let listed: Vec<_> = attributes
        .iter()
        .map(|attribute| {
            let mut body = json!({
                "schemaId": attribute.schema_id,
                // As the caller has it: relying parties read it with and without a wrapper.
                "data": attribute.data,
            });
            if let Some(id) = attribute.requirement() {
                body["id"] = json!(id);
            }
            if let Some(schema) = &attribute.schema {
                body["schema"] = schema.clone();
            }
            body["documents"] = attribute.documents.iter().map(|document| document.id).collect();
            body
        })
        .collect();
    let mut parts = file_parts(attributes);
    parts.push(Part::json("attributes", json!(listed).to_string()));
    parts.push(Part::json("meta", meta.to_string()));
    parts
}

/// The same as the endpoint list of 2019 prints it: attributes first, by schema, wrapped, and no `meta`.
fn documented_parts(attributes: &[&Attribute]) -> Vec<Part> {
    let listed: Vec<_> = attributes
        .iter()
        .map(|attribute| {
            json!({ "id": attribute.schema_id, "data": wrapped(attribute.bare().unwrap_or(&Value::Null)) })
        })
        .collect();
    let mut parts = vec![Part::json("attributes", json!(listed).to_string())];
    parts.extend(file_parts(attributes));
    parts
}

fn file_parts(attributes: &[&Attribute]) -> Vec<Part> {
    documents(attributes)
        .map(|document| {
            let name = document.name.clone().unwrap_or_else(|| format!("document-{}", document.id));
            let part = format!("$document-{}", document.id);
            Part::file(part, name, document.media_type.as_str(), document.content.clone())
        })
        .collect()
}
