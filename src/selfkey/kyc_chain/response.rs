//! Reading responses: lists, and the one thing that was asked for.

use serde_json::{Value, json};

use crate::{
    error::Error,
    selfkey::model::{Application, id_of},
    transport::{BufferedResponse, decode},
};

/// Lists come as a member `items`.
pub(super) fn items(response: &BufferedResponse) -> Result<Vec<Value>, Error> {
    #[derive(serde::Deserialize)]
    struct Items {
        items: Vec<Value>,
    }

    decode::json(&response.body).map(|Items { items }| items)
}

/// A response about one application; with few fields asked for, it may not say which.
pub(super) fn application(response: &BufferedResponse, id: &str) -> Result<Application, Error> {
    let mut value = about(response, APPLICATION, id)?;
    if value.is_object() && ids(&value).next().is_none() {
        value["id"] = json!(id);
    }
    Application::read(value).map_err(|error| response.fail(error))
}

/// The check that fails when an response is about another application.
pub(super) const APPLICATION: &str = "answer.application";

/// JSON about the one thing that was asked for.
pub(super) fn about(response: &BufferedResponse, check: &'static str, id: &str) -> Result<Value, Error> {
    let value: Value = decode::json(&response.body).map_err(|error| response.fail(error))?;
    let named: Vec<_> = ids(&value).collect();
    response.is_about(check, id, named.iter().map(String::as_str))?;
    Ok(value)
}

/// What a response calls its object by: older responses have `_id`, newer ones `id`, and some have both.
fn ids(value: &Value) -> impl Iterator<Item = String> {
    ["id", "_id"].into_iter().filter_map(|name| id_of(value.get(name)?))
}
