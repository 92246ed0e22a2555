//! From attributes with their files to what is sent: checked, uploaded, put together.

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value, json};

use super::{client::Client, upload::UploadTarget};
use crate::{
    error::Error,
    selfkey::model::attribute::{
        Attribute, Document, bare, document_number, file_object, insert_documents, insert_everywhere,
        references,
    },
};

/// How many files are on their way at a time.
const MAX_UPLOADS_AT_ONCE: usize = 3;

/// Leaves out what is optional and empty.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with the field at fault: a required attribute without data, a
/// reference to a document that is not there, a document that nothing refers to.
/// [`TooLarge`](crate::ErrorKind::TooLarge) for a file beyond the limit.
pub(super) fn present(attributes: &[Attribute], max_file_bytes: u64) -> Result<Vec<&Attribute>, Error> {
    let mut present = Vec::with_capacity(attributes.len());
    for (at, attribute) in attributes.iter().enumerate() {
        match attribute.bare() {
            None if attribute.required == Some(true) => {
                return Err(Error::invalid(
                    format!("attributes[{at}]"),
                    "an attribute is required, and there is nothing to give",
                ));
            }
            None => {}
            Some(data) => {
                check_documents(at, attribute, data)?;
                for document in &attribute.documents {
                    document.fits(max_file_bytes)?;
                }
                present.push(attribute);
            }
        }
    }
    Ok(present)
}

fn check_documents(at: usize, attribute: &Attribute, data: &Value) -> Result<(), Error> {
    let fault = |what| Err(Error::invalid(format!("attributes[{at}].documents"), what));
    let mut waiting: Vec<u64> = attribute.documents.iter().map(|document| document.id).collect();
    for reference in references(data, attribute.schema.as_ref()) {
        let found = document_number(&reference)
            .and_then(|number| waiting.iter().position(|waiting| *waiting == number));
        match found {
            Some(found) => _ = waiting.swap_remove(found),
            None => return fault("the data refers to a document that is not there, or twice to the same"),
        }
    }
    if waiting.is_empty() { Ok(()) } else { fault("the data does not refer to all documents") }
}

/// Whether two documents have the same number: where they go in one form, each names its own part.
pub(super) fn check_numbers(attributes: &[&Attribute]) -> Result<(), Error> {
    let mut numbers: Vec<u64> = documents(attributes).map(|document| document.id).collect();
    numbers.sort_unstable();
    if numbers.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::invalid("attributes", "two documents have the same number"));
    }
    Ok(())
}

pub(super) fn documents<'a>(attributes: &'a [&'a Attribute]) -> impl Iterator<Item = &'a Document> {
    attributes.iter().flat_map(|attribute| &attribute.documents)
}

/// A value in the wrapper of the documented dialect.
pub(super) fn wrapped(data: &Value) -> Value {
    json!({ "value": bare(data) })
}

/// An attribute after the upload of its files.
pub(super) struct UploadedAttribute<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) data: Value,
    pub(super) files: Vec<String>,
}

impl UploadedAttribute<'_> {
    /// As the provider's wallet writes it.
    pub(super) fn body(&self, id: Option<&str>, with_required: bool) -> Value {
        let mut body = Map::new();
        if let Some(id) = id {
            body.insert("id".to_owned(), json!(id));
        }
        body.insert("schemaId".to_owned(), json!(self.attribute.schema_id));
        if let Some(schema) = &self.attribute.schema {
            body.insert("schema".to_owned(), schema.clone());
        }
        if let (Some(required), true) = (self.attribute.required, with_required) {
            body.insert("required".to_owned(), json!(required));
        }
        body.insert("data".to_owned(), self.data.clone());
        Value::Object(body)
    }

    /// As the endpoint list of 2019 prints it.
    pub(super) fn documented_body(&self) -> Value {
        json!({ "id": self.attribute.schema_id, "data": wrapped(&self.data) })
    }
}

impl Client {
    /// Uploads the files of all attributes and puts what came of it into their data.
    pub(super) async fn upload_all<'a>(
        &self,
        target: UploadTarget,
        attributes: &[&'a Attribute],
    ) -> Result<Vec<UploadedAttribute<'a>>, Error> {
        let uploads = documents(attributes).map(|document| self.upload(target, document, None));
        // In order, so that each upload meets its document again.
        let uploads: Vec<_> = uploads.collect();
        let uploaded: Vec<_> = stream::iter(uploads).buffered(MAX_UPLOADS_AT_ONCE).try_collect().await?;
        let mut uploaded = uploaded.into_iter();
        let ready = attributes.iter().map(|attribute| {
            let ids: Vec<String> =
                uploaded.by_ref().take(attribute.documents.len()).map(|uploaded| uploaded.id).collect();
            let objects =
                attribute.documents.iter().zip(&ids).map(|(document, id)| file_object(document, id));
            let data = attribute.bare().unwrap_or(&Value::Null);
            let data = match &attribute.schema {
                Some(schema) => insert_documents(data, schema, objects.collect()).value.into_exposed(),
                None => {
                    let numbers = attribute.documents.iter().map(|document| document.id);
                    insert_everywhere(data, &numbers.zip(objects).collect::<Vec<_>>())
                }
            };
            UploadedAttribute { attribute, data, files: ids }
        });
        Ok(ready.collect())
    }
}
