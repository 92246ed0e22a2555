//! References to documents: `$document-11` in the place of a file, and back.

use serde_json::{Map, Value, json};

use crate::privacy::Pii;

/// How deep references are looked for. What is deeper stays as it is.
const DEEPEST: usize = 10;

/// A value and the documents beside it, after references were put in or taken out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Referenced {
    /// The value.
    pub value: Pii<Value>,
    /// The documents: those left over after an insertion, all of them after an extraction.
    pub documents: Pii<Vec<Value>>,
}

/// Puts documents in the place of references.
///
/// Value and schema are walked together: only what the schema calls a file (`"format": "file"`) is touched. Text there
/// becomes the document that it refers to, or null when there is none. A document is used once, and loses its `#id`.
/// Members that the schema's `properties` lack are left out.
///
/// A reference stands at the end of the text, in one of two forms: `$document-11`, where 11 is a document's numeric
/// `id`, and `$document-#ref{document0.id}`, where `document0` is a document's `#id`.
///
/// ```
/// use kyckit::selfkey::attribute::insert_documents;
/// use serde_json::json;
///
/// let schema =
///     json!({"properties": {"front": {"format": "file"}}, "type": "object"});
/// let inserted = insert_documents(
///     &json!({"front": "$document-1"}),
///     &schema,
///     vec![
///         json!({"id": 1, "mimeType": "image/png", "size": 3, "content": "abc"}),
///     ],
/// );
/// assert_eq!(inserted.value.expose()["front"]["content"], "abc");
/// ```
///
/// Source: the provider's library, `src/identity/utils`.
pub fn insert_documents(value: &Value, schema: &Value, mut documents: Vec<Value>) -> Referenced {
    let value = walk(value, schema, &mut documents, DEEPEST, &insert);
    Referenced { value: Pii::new(value), documents: Pii::new(documents) }
}

/// Takes files out of a value and leaves references in their place: the reverse of [`insert_documents`].
///
/// A file with an `id` takes the place of a document with the same one and goes to the end of the list. One without
/// gets the `#id` `document` and the number of documents so far. An empty object is no file.
///
/// Source: as [`insert_documents`].
pub fn extract_documents(value: &Value, schema: &Value, mut documents: Vec<Value>) -> Referenced {
    let value = walk(value, schema, &mut documents, DEEPEST, &extract);
    Referenced { value: Pii::new(value), documents: Pii::new(documents) }
}

type AtFile = dyn Fn(&Value, &mut Vec<Value>) -> Value;

fn walk(value: &Value, schema: &Value, documents: &mut Vec<Value>, depth: usize, at_file: &AtFile) -> Value {
    if schema["format"] == "file" {
        return at_file(value, documents);
    }
    let Some(deeper) = depth.checked_sub(1) else { return value.clone() };
    match (schema["type"].as_str(), value) {
        (Some("object"), Value::Object(members)) => {
            let Some(properties) = schema["properties"].as_object() else { return value.clone() };
            // In the order of the schema: it decides which of two equal references gets the document.
            let walked = properties.iter().filter_map(|(name, schema)| {
                Some((name.clone(), walk(members.get(name)?, schema, documents, deeper, at_file)))
            });
            Value::Object(walked.collect())
        }
        (Some("array"), Value::Array(list)) => {
            let items = &schema["items"];
            Value::Array(list.iter().map(|item| walk(item, items, documents, deeper, at_file)).collect())
        }
        _ => value.clone(),
    }
}

fn insert(value: &Value, documents: &mut Vec<Value>) -> Value {
    let Some(text) = value.as_str().filter(|text| !text.is_empty()) else { return value.clone() };
    let found =
        reference(text).and_then(|reference| documents.iter().position(|document| reference.is_to(document)));
    let Some(at) = found else { return Value::Null };
    let mut document = documents.remove(at);
    if let Some(members) = document.as_object_mut() {
        members.shift_remove("#id");
    }
    document
}

fn extract(value: &Value, documents: &mut Vec<Value>) -> Value {
    let Some(members) = value.as_object().filter(|members| !members.is_empty()) else { return value.clone() };
    let id =
        members.get("id").filter(|id| !matches!(id, Value::Null) && **id != json!(0) && **id != json!(""));
    match id {
        Some(id) => {
            documents.retain(|document| document.get("id") != Some(id));
            documents.push(value.clone());
            let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
            json!(format!("$document-{id}"))
        }
        None => {
            let name = format!("document{}", documents.len());
            let mut members: Map<String, Value> = members.clone();
            members.insert("#id".to_owned(), json!(name));
            documents.push(Value::Object(members));
            json!(format!("$document-#ref{{{name}.id}}"))
        }
    }
}

enum Reference<'a> {
    /// To a document that is stored: its number.
    Stored(u64),
    /// To one that is not: its `#id`.
    Temporary(&'a str),
}

impl Reference<'_> {
    fn is_to(&self, document: &Value) -> bool {
        match self {
            Self::Stored(number) => document["id"].as_f64() == Some(*number as f64),
            Self::Temporary(name) => document["#id"] == **name,
        }
    }
}

/// The reference at the end of a text.
fn reference(text: &str) -> Option<Reference<'_>> {
    const NUMBER: &str = "$document-";
    const NAME: &str = "#ref{";
    if let Some(inner) = text.strip_suffix(".id}") {
        let name = &inner[inner.rfind(NAME)? + NAME.len()..];
        let digits = name.strip_prefix("document").filter(|digits| is_number(digits));
        return digits.map(|_| Reference::Temporary(name));
    }
    let digits = &text[text.rfind(NUMBER)? + NUMBER.len()..];
    is_number(digits).then(|| digits.parse().ok().map(Reference::Stored))?
}

fn is_number(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The number in the name of a part or in a text that is a reference and nothing else.
pub(crate) fn document_number(text: &str) -> Option<u64> {
    let digits = text.strip_prefix("$document-").filter(|digits| is_number(digits))?;
    digits.parse().ok()
}

/// Puts documents in the place of references wherever a text is one: for values without a schema.
pub(crate) fn insert_everywhere(value: &Value, documents: &[(u64, Value)]) -> Value {
    replace(value, documents, DEEPEST)
}

fn replace(value: &Value, documents: &[(u64, Value)], depth: usize) -> Value {
    let Some(deeper) = depth.checked_sub(1) else { return value.clone() };
    match value {
        Value::String(text) => document_number(text)
            .and_then(|number| documents.iter().find(|(id, _)| *id == number))
            .map_or_else(|| value.clone(), |(_, document)| document.clone()),
        Value::Array(list) => {
            Value::Array(list.iter().map(|item| replace(item, documents, deeper)).collect())
        }
        Value::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.clone(), replace(value, documents, deeper))).collect(),
        ),
        other => other.clone(),
    }
}

/// The texts where files belong: by the schema, or else wherever a text is a reference.
pub(crate) fn references(value: &Value, schema: Option<&Value>) -> Vec<String> {
    let mut found = Vec::new();
    match schema {
        Some(schema) => {
            let collect = |value: &Value, found: &mut Vec<Value>| {
                found.push(value.clone());
                Value::Null
            };
            walk(value, schema, &mut found, DEEPEST, &collect);
        }
        None => collect_everywhere(value, &mut found, DEEPEST),
    }
    found.into_iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

fn collect_everywhere(value: &Value, found: &mut Vec<Value>, depth: usize) {
    let Some(deeper) = depth.checked_sub(1) else { return };
    match value {
        Value::String(text) if document_number(text).is_some() => found.push(value.clone()),
        Value::Array(list) => list.iter().for_each(|item| collect_everywhere(item, found, deeper)),
        Value::Object(members) => {
            members.values().for_each(|member| collect_everywhere(member, found, deeper));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn leading_zeros_do_not_matter_and_huge_numbers_are_no_reference() {
        let file = json!({"format": "file"});
        let documents = || vec![json!({"id": 7, "content": "a"})];
        let value = |text: &str| insert_documents(&json!(text), &file, documents()).value.into_exposed();
        assert_eq!(value("$document-007")["content"], "a");
        assert_eq!(value("$document-#ref{document7.id}"), Value::Null);
        for text in [
            "$document-",
            "$document-7 ",
            "$document--7",
            "$document-99999999999999999999999",
            "#ref{.id}",
            ".id}",
            "#ref{documentx.id}",
        ] {
            assert_eq!(value(text), Value::Null, "{text}");
        }
    }

    #[test]
    fn depth_is_limited() {
        let (mut schema, mut value) = (json!({"format": "file"}), json!("$document-1"));
        for _ in 0..11 {
            schema = json!({"type": "array", "items": schema});
            value = json!([value]);
        }
        let document = json!({"id": 1, "content": "a"});
        let deep = insert_documents(&value, &schema, vec![document.clone()]);
        assert_eq!(deep.documents.expose().len(), 1);
        let less = insert_documents(&value[0], &schema["items"], vec![document]);
        assert!(less.documents.expose().is_empty());
    }

    proptest! {
        #[test]
        fn what_is_taken_out_goes_in_again(ids in proptest::collection::btree_set(1_u64..1000, 0..6)) {
            let schema = json!({"type": "object", "properties": {"files": {"type": "array", "items": {"format": "file"}}}});
            let files: Vec<_> = ids.iter().map(|id| json!({"id": id, "content": format!("c{id}")})).collect();
            let value = json!({ "files": files });
            let out = extract_documents(&value, &schema, Vec::new());
            let back = insert_documents(out.value.expose(), &schema, out.documents.into_exposed());
            prop_assert_eq!(back.value.into_exposed(), value);
            prop_assert!(back.documents.expose().is_empty());
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = reference(&text);
            let _ = document_number(&text);
        }
    }
}
