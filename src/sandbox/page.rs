//! The pages that a fake shows a person: plain HTML, no script.

use http::{HeaderValue, Response, StatusCode, header};

use super::payload::Payload;

const STYLE: &str = "\
    :root{color-scheme:light dark;background:Canvas;color:CanvasText}\
    body{font:1rem/1.6 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1.25rem;overflow-wrap:anywhere}\
    h1{font-size:1.75rem;line-height:1.25}h2{font-size:1.125rem;margin-top:2rem}\
    button{font:inherit;padding:.65rem 1.1rem;margin:.25rem .5rem .25rem 0;min-height:2.75rem;cursor:pointer}\
    fieldset{margin:1.5rem 0;border:1px solid GrayText;border-radius:8px;min-width:0}legend{font-weight:600}\
    select{font:inherit;max-width:100%;min-height:2.75rem}\
    .sandbox{border:2px dashed;border-radius:8px;padding:.6rem 1rem}\
    :focus-visible{outline:3px solid;outline-offset:2px}";

/// A page of a provider's around a body that is escaped already.
pub(in crate::sandbox) fn frame(provider: &str, title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><link rel=\"icon\" href=\"data:,\">\
         <title>{title} – {provider} sandbox</title><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>\n"
    )
}

pub(in crate::sandbox) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            char => escaped.push(char),
        }
    }
    escaped
}

pub(in crate::sandbox) fn html(status: StatusCode, page: &str) -> Response<Payload> {
    let mut response = Response::new(Payload::new(page.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_from_outside_is_text() {
        assert_eq!(escape("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
    }
}
