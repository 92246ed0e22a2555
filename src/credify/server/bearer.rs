//! The token that a caller presents.

use http::{HeaderMap, header::AUTHORIZATION};

use crate::privacy::Secret;

/// The token of `Authorization: Bearer <token>`; none when the header is absent, given twice, or of another kind.
pub(in crate::credify) fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return None };
    let (kind, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    let is_bearer = kind.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ');
    is_bearer.then(|| Secret::new(token))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_bearer_token_is_one() {
        let token = |text: &'static str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(text))]);
            bearer(&headers).map(|token| token.expose().to_owned())
        };
        assert_eq!(token("Bearer a.b.c").as_deref(), Some("a.b.c"));
        assert_eq!(token("bEARER  a.b.c ").as_deref(), Some("a.b.c"));
        for text in
            ["", "a.b.c", "Bearer", "Bearer ", "Basic a.b.c", "Token a.b.c", "Bearer a b", "BearerX a"]
        {
            assert_eq!(token(text), None, "{text}");
        }
        let mut twice = HeaderMap::new();
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert!(bearer(&twice).is_none());
    }
}
