//! Responses and queries.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, Uri, header};
use serde_json::Value;

/// A response, or a status with a text.
pub(super) type Outcome = std::result::Result<Response<Bytes>, (StatusCode, &'static str)>;

pub(super) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A list of field names in a query, and the members of an object that it names; none named: all of them.
pub(super) fn only_fields(mut value: Value, query: &[(String, String)]) -> Value {
    let fields = query.iter().find(|(name, _)| name == "fields").map(|(_, fields)| fields.as_str());
    if let (Some(fields), Some(members)) = (fields.filter(|fields| !fields.is_empty()), value.as_object_mut())
    {
        let fields: Vec<_> = fields.split(',').collect();
        members.retain(|name, _| fields.contains(&name.as_str()));
    }
    value
}

pub(super) fn query(uri: &Uri) -> Vec<(String, String)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect()
}
