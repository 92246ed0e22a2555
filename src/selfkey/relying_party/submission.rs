//! JSON that a holder hands over, read in one place: its size, and the files that it names, are checked there.
//!
//! Values reach the application out of a [`Submission`] alone, and [`Service::submission`] alone makes one. So no call
//! can pass on a value that names the file of another holder.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{
    body::RequestBody,
    holder::Holder,
    rejection::Rejection,
    service::{MAX_JSON_BYTES, Service},
    submitted::SubmittedAttribute,
};
use crate::{
    error::{Error, ErrorKind},
    selfkey::model::id_of,
    server::Caller,
    wire,
};

/// References to files of one request, those to parts of the same request included.
pub(super) const MAX_FILE_REFERENCES: usize = 256;
/// Values of one request, since each takes many times its bytes once it is read.
const MAX_VALUES: usize = 50_000;
/// How deep a value is searched for references.
const MAX_DEPTH: usize = 32;
/// In front of the number of a part.
pub(super) const PART_REFERENCE: &str = "$document-";

/// JSON of a holder in which every file that is named is the holder's own.
pub(super) struct Submission(Value);

/// What a request may refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum References {
    /// Files that were uploaded before.
    Files,
    /// Those, and parts of the same request.
    FilesAndParts,
}

impl Service {
    /// JSON of a holder, in which all files that are named are the holder's own.
    pub(super) async fn json(
        &self,
        holder: &Holder,
        body: RequestBody,
        unknown_file: fn() -> Rejection,
    ) -> Result<Submission, Rejection> {
        let body = body.read(Caller::Authenticated, MAX_JSON_BYTES).await?;
        self.submission(holder, &body, References::Files, unknown_file).await
    }

    /// Reads JSON that the holder sent.
    ///
    /// # Errors
    ///
    /// 422 for what is not JSON, 413 for more values than are accepted, and `unknown_file` for a file that is not the
    /// holder's, for too many references, and for values that are nested too deep to be searched.
    pub(super) async fn submission(
        &self,
        holder: &Holder,
        json: &[u8],
        references: References,
        unknown_file: fn() -> Rejection,
    ) -> Result<Submission, Rejection> {
        let value = parse(json)?;
        let mut ids = BTreeSet::new();
        files_of_request(&value, references, &mut ids).ok_or_else(unknown_file)?;
        for id in ids {
            let Some(files) = self.files.as_deref() else { return Err(unknown_file()) };
            if !files.has(holder, id.as_str()).await.map_err(Rejection::unhandled)? {
                return Err(unknown_file());
            }
        }
        Ok(Submission(value))
    }
}

/// JSON of bounded cost.
pub(super) fn parse(json: &[u8]) -> Result<Value, Rejection> {
    if !has_few_values(json) {
        return Err(Rejection::too_large()
            .because(Error::new(ErrorKind::TooLarge, "the body holds more JSON values than the limit")));
    }
    wire::json::from_slice(json).map_err(|_| Rejection::bad_request("the body is not JSON"))
}

/// Counts what opens or separates values outside of texts; what is not JSON is refused later.
fn has_few_values(json: &[u8]) -> bool {
    let (mut values, mut is_text, mut is_escaped) = (1, false, false);
    for byte in json {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' | b',' if !is_text => values += 1,
            _ => {}
        }
    }
    values <= MAX_VALUES
}

impl Submission {
    pub(super) fn value(&self) -> &Value {
        &self.0
    }

    pub(super) fn into_value(self) -> Value {
        self.0
    }

    pub(super) fn is_array(&self) -> bool {
        self.0.is_array()
    }

    pub(super) fn is_object(&self) -> bool {
        self.0.is_object()
    }

    /// Takes a member out; null counts as absent.
    pub(super) fn take(&mut self, name: &str) -> Option<Self> {
        self.0.get_mut(name).map(Value::take).filter(|value| !value.is_null()).map(Self)
    }

    /// The attributes of a list.
    pub(super) fn into_attributes(self, documented: bool) -> Result<Vec<SubmittedAttribute>, Rejection> {
        SubmittedAttribute::list(self.0, documented)
            .ok_or_else(|| Rejection::invalid_attributes("the attributes are no list of attributes"))
    }

    /// The attributes with files in the place of the texts that refer to parts. The files are those of this request, so
    /// they are the holder's.
    ///
    /// # Errors
    ///
    /// What is wrong with a reference.
    pub(super) fn with_parts(
        &self,
        part: &mut dyn FnMut(u64) -> Option<Value>,
    ) -> Result<Self, &'static str> {
        let mut left = MAX_FILE_REFERENCES;
        let mut counted = |number| {
            left = left.checked_sub(1).ok_or("there are too many references to document parts")?;
            part(number).ok_or("a document part is missing")
        };
        let mut attributes = self.0.clone();
        for attribute in attributes.as_array_mut().into_iter().flatten() {
            for name in ["data", "value"] {
                if let Some(data) = attribute.get_mut(name) {
                    put_parts(data, MAX_DEPTH, &mut counted)?;
                }
            }
        }
        Ok(Self(attributes))
    }
}

fn put_parts(
    value: &mut Value,
    depth: usize,
    part: &mut dyn FnMut(u64) -> Result<Value, &'static str>,
) -> Result<(), &'static str> {
    let depth = depth.checked_sub(1).ok_or("a value is nested too deep")?;
    match value {
        Value::String(text) => {
            if let Some(number) = part_number(text) {
                *value = part(number)?;
            }
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| put_parts(item, depth, part)),
        Value::Object(members) => members.values_mut().try_for_each(|member| put_parts(member, depth, part)),
        _ => Ok(()),
    }
}

/// The number of the part that a text refers to.
pub(super) fn part_number(text: &str) -> Option<u64> {
    text.strip_prefix(PART_REFERENCE).and_then(number)
}

pub(super) fn number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The files that a request names, wherever it does. `None` when there are too many, or deeper than is searched.
fn files_of_request(request: &Value, references: References, into: &mut BTreeSet<String>) -> Option<()> {
    match request {
        // The bare list of the first wallets, and the part of a form.
        Value::Array(attributes) => files_of_attributes(attributes, references, into),
        Value::Object(members) => {
            members.iter().try_for_each(|(name, member)| match (name.as_str(), member) {
                // Words of the website's configuration.
                ("meta", _) => Some(()),
                ("attributes", Value::Array(attributes)) => files_of_attributes(attributes, references, into),
                ("application", application) => files_of_request(application, references, into),
                ("files", Value::Array(ids)) => {
                    ids.iter().filter_map(id_of).try_for_each(|id| note(id, into))?;
                    files_of(member, MAX_DEPTH, references, into)
                }
                _ => files_of(member, MAX_DEPTH, references, into),
            })
        }
        _ => Some(()),
    }
}

fn files_of_attributes(
    attributes: &[Value],
    references: References,
    into: &mut BTreeSet<String>,
) -> Option<()> {
    let members = |attribute: &'_ Map<String, Value>, into: &mut BTreeSet<String>| {
        // A schema speaks of files and names none.
        let others = attribute.iter().filter(|(name, _)| *name != "schema");
        others.map(|(_, member)| member).try_for_each(|member| files_of(member, MAX_DEPTH, references, into))
    };
    attributes.iter().try_for_each(|attribute| match attribute {
        Value::Object(attribute) => members(attribute, into),
        other => files_of(other, MAX_DEPTH, references, into),
    })
}

/// The ids of files within a value: the text `content` of every object that has one.
fn files_of(value: &Value, depth: usize, references: References, into: &mut BTreeSet<String>) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    match value {
        Value::Object(members) => {
            match members.get("content") {
                Some(Value::String(text))
                    if references == References::FilesAndParts && part_number(text).is_some() => {}
                Some(Value::String(id)) => note(id.clone(), into)?,
                Some(Value::Number(id)) => note(id.to_string(), into)?,
                _ => {}
            }
            members.values().try_for_each(|member| files_of(member, depth, references, into))
        }
        Value::Array(items) => items.iter().try_for_each(|item| files_of(item, depth, references, into)),
        _ => Some(()),
    }
}

fn note(id: String, into: &mut BTreeSet<String>) -> Option<()> {
    into.insert(id);
    (into.len() <= MAX_FILE_REFERENCES).then_some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn named(request: &Value, references: References) -> Option<Vec<String>> {
        let mut ids = BTreeSet::new();
        files_of_request(request, references, &mut ids)?;
        Some(ids.into_iter().collect())
    }

    #[test]
    fn files_are_found_wherever_a_request_can_name_them() {
        let file = json!({ "content": "f1", "mimeType": "image/png" });
        for request in [
            json!([{ "data": file }]),
            json!({ "attributes": [{ "data": { "value": [[file]] } }] }),
            json!({ "attributes": [{ "value": { "content": "f1" } }] }),
            json!({ "attributes": [{ "documents": [file] }] }),
            json!({ "attributes": { "r1": file } }),
            json!({ "attributes": [[file]] }),
            json!({ "questions": { "q1": { "value": file } } }),
            json!({ "questions": [{ "answer": { "files": [file] } }] }),
            json!({ "application": { "attributes": [{ "data": file }] } }),
            json!({ "application": { "files": ["f1"] } }),
            json!({ "files": ["f1"] }),
            json!({ "files": [file] }),
            json!({ "anything": file }),
        ] {
            for references in [References::Files, References::FilesAndParts] {
                assert_eq!(named(&request, references).as_deref(), Some(&["f1".to_owned()][..]), "{request}");
            }
        }
        for (request, ids) in [
            (json!({ "files": [7], "questions": { "content": 8 } }), vec!["7", "8"]),
            (json!({ "meta": file }), vec![]),
            (json!([{ "schema": { "examples": [file] }, "data": "x" }]), vec![]),
            (json!([{ "data": { "content": { "value": "x" } } }]), vec![]),
        ] {
            assert_eq!(
                named(&request, References::Files).as_deref(),
                Some(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>()[..]),
                "{request}"
            );
        }
        let part = json!([{ "data": { "content": "$document-1" } }]);
        assert_eq!(named(&part, References::FilesAndParts), Some(Vec::new()));
        assert_eq!(named(&part, References::Files), Some(vec!["$document-1".to_owned()]));
        let odd = json!([{ "data": { "content": "$document-x" } }]);
        assert_eq!(named(&odd, References::FilesAndParts), Some(vec!["$document-x".to_owned()]));
    }

    #[test]
    fn what_is_too_deep_or_too_much_to_be_searched_is_refused() {
        let nested = |depth: usize| (0..depth).fold(json!({ "content": "f1" }), |inner, _| json!([inner]));
        assert!(named(&json!({ "questions": nested(30) }), References::Files).is_some());
        assert!(named(&json!({ "questions": nested(31) }), References::Files).is_none());
        let many = |count: usize| json!({ "files": (0..count).map(|id| id.to_string()).collect::<Vec<_>>() });
        assert!(named(&many(MAX_FILE_REFERENCES), References::Files).is_some());
        assert!(named(&many(MAX_FILE_REFERENCES + 1), References::Files).is_none());
    }

    #[test]
    fn references_to_parts_are_counted_together() {
        let submission = |count: usize| Submission(json!([{ "data": vec!["$document-1"; count] }]));
        let mut calls = 0;
        let mut part = |_| {
            calls += 1;
            Some(json!({ "content": "f1" }))
        };
        assert!(submission(MAX_FILE_REFERENCES).with_parts(&mut part).is_ok());
        assert!(submission(60_000).with_parts(&mut part).is_err());
        assert_eq!(calls, 2 * MAX_FILE_REFERENCES);
    }

    #[test]
    fn values_are_counted_before_they_are_read() {
        let list = |count: usize| format!("[{}]", vec!["0"; count].join(","));
        assert!(parse(list(MAX_VALUES - 1).as_bytes()).is_ok());
        assert_eq!(
            parse(list(MAX_VALUES).as_bytes()).err().map(|rejection| rejection.status().as_u16()),
            Some(413)
        );
        // Within a text they are letters.
        let text = format!("[\"{}\\\"{}\"]", ",".repeat(MAX_VALUES), "{".repeat(MAX_VALUES));
        assert!(parse(text.as_bytes()).is_ok());
    }
}
