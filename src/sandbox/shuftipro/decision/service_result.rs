//! Result of one service.

use serde_json::{Map, Value, json};

use super::{
    Decided,
    name::{name_fits, read_name},
};
use crate::sandbox::{
    Person,
    shuftipro::{checks::is_empty, reasons, services},
};

/// Marks a service's result as declined, at the leaf where there is one.
pub(super) fn fail(value: &mut Value, service: &str, leaf: &str) {
    match value {
        Value::Object(leaves) => {
            let leaf = match (leaf, service) {
                ("", services::ADDRESS) => "address_document",
                ("", service) => service,
                (leaf, _) => leaf,
            };
            leaves.insert(leaf.to_owned(), Value::from(0));
            if leaf == "document_proof" {
                leaves.insert("document".to_owned(), Value::from(0));
            }
        }
        scalar => *scalar = Value::from(0),
    }
}

/// Result of one service.
pub(super) struct ServiceResult<'a> {
    pub(super) asked: &'a Map<String, Value>,
    /// `None`: the result is a scalar.
    leaves: Option<Map<String, Value>>,
    pub(super) data: Map<String, Value>,
    codes: Vec<String>,
    /// Codes without a marked leaf yet.
    unmarked: Vec<String>,
}

impl<'a> ServiceResult<'a> {
    pub(super) fn new(asked: &'a Map<String, Value>) -> Self {
        Self { asked, leaves: None, data: Map::new(), codes: Vec::new(), unmarked: Vec::new() }
    }

    pub(super) fn leaf(&mut self, key: &str, value: impl Into<Value>) {
        self.leaves.get_or_insert_default().insert(key.to_owned(), value.into());
    }

    pub(super) fn decline(&mut self, code: impl Into<String>) {
        let code = code.into();
        self.unmarked.push(code.clone());
        self.codes.push(code);
    }

    /// A field in its three states; `code` stands for a difference.
    pub(super) fn field(&mut self, key: &str, truth: &str, code: &str, same: impl FnOnce(&str) -> bool) {
        let Some(asked) = self.asked.get(key).filter(|asked| !asked.is_null()) else { return };
        let (shown, fits) = match asked.as_str().filter(|text| !text.is_empty()) {
            None => (truth, true),
            Some(given) => (given, same(given)),
        };
        self.data.insert(key.to_owned(), Value::from(shown));
        self.verdict(key, fits, code);
    }

    pub(super) fn exact(&mut self, key: &str, truth: &str, code: &str) {
        self.field(key, truth, code, |given| given.eq_ignore_ascii_case(truth));
    }

    pub(super) fn verdict(&mut self, leaf: &str, fits: bool, code: &str) {
        self.leaf(leaf, u8::from(fits));
        if !fits {
            self.codes.push(code.to_owned());
        }
    }

    pub(super) fn name(&mut self, person: &Person, code: &str) {
        match self.asked.get("name") {
            None | Some(Value::Null) => {}
            Some(Value::Object(given)) if !given.is_empty() => {
                let fits = name_fits(given, person);
                let shown = given.iter().filter(|(key, _)| *key != "fuzzy_match");
                self.data.insert(
                    "name".to_owned(),
                    shown.map(|(key, value)| (key.clone(), value.clone())).collect(),
                );
                self.verdict("name", fits, code);
            }
            Some(_) => {
                self.data.insert("name".to_owned(), read_name(person));
                self.leaf("name", 1);
            }
        }
    }

    /// The type that was chosen: the only or the first one offered.
    pub(super) fn types(&mut self, all: &[&str]) {
        let offered = self.asked.get("supported_types").filter(|types| !is_empty(types));
        let offered = offered.cloned().unwrap_or_else(|| json!(all));
        let chosen = offered.get(0).cloned().unwrap_or_default();
        self.data.insert("selected_type".to_owned(), json!([chosen]));
        self.data.insert("supported_types".to_owned(), offered);
        self.leaf("selected_type", 1);
    }

    pub(super) fn into(self, service: &str, decided: &mut Decided) {
        let mut value = self.leaves.map_or_else(|| Value::from(1), Value::Object);
        for code in &self.unmarked {
            fail(&mut value, service, reasons::find(code).map_or("", |reason| reason.leaf));
        }
        decided.result.insert(service.to_owned(), value);
        if !self.data.is_empty() {
            decided.data.insert(service.to_owned(), Value::Object(self.data));
        }
        decided.codes.extend(self.codes.into_iter().map(|code| (service.to_owned(), code)));
    }
}
