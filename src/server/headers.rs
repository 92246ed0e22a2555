//! Headers as HTTP allows them to be written.

use http::{HeaderMap, HeaderName, header::CONTENT_TYPE};

/// What stands behind the scheme of an `Authorization`; the scheme's letters have no case (RFC 9110 section 11.1).
pub(crate) fn credentials<'a>(value: &'a str, scheme: &str) -> Option<&'a str> {
    let (given, credentials) = value.trim_start().split_once(' ')?;
    given.eq_ignore_ascii_case(scheme).then(|| credentials.trim_start_matches(' '))
}

/// Whether the content type is this media type; parameters, such as a charset, do not matter, nor does the case.
pub(crate) fn has_media_type(headers: &HeaderMap, media_type: &str) -> bool {
    lists_media_type(headers, &CONTENT_TYPE, media_type)
}

/// Whether a header lists the media type.
pub(crate) fn lists_media_type(headers: &HeaderMap, name: &HeaderName, media_type: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|item| item.split(';').next().is_some_and(|given| given.trim().eq_ignore_ascii_case(media_type)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_case_of_a_scheme_and_the_parameters_of_a_media_type_do_not_matter() {
        for value in ["Bearer a.b", "bearer a.b", "BEARER  a.b"] {
            assert_eq!(credentials(value, "Bearer"), Some("a.b"), "{value}");
        }
        for value in ["", "Bearer", "a.b", "Bearera.b", "Basic a.b"] {
            assert_eq!(credentials(value, "Bearer"), None, "{value}");
        }
        for (value, is_json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/json;charset=\"utf-8\"", true),
            ("text/plain", false),
            ("application/jsonp", false),
            ("text/plain; x=application/json", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(has_media_type(&headers, "application/json"), is_json, "{value}");
        }
    }
}
