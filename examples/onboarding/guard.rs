//! What every answer carries, and who may post.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};

use super::{App, pages, words::Words};

/// The largest body of a form: a sealed state, a signature, and what people type.
const LARGEST_FORM: usize = 32 * 1024;

/// No script at all, and only the style that this server sends. Providers are reached by links, so forms stay here.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Headers of every answer.
pub async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Addresses hold session ids for a moment, and pages hold personal data.
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// What stands in front of the pages, and not of the callbacks, which come from other machines.
pub fn around_pages(pages: Router<Arc<App>>, app: &Arc<App>) -> Router<Arc<App>> {
    pages
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::from_fn_with_state(Arc::clone(app), from_here_alone))
}

/// Refuses a post that another website's page has sent with this person's cookie. The cookie is `SameSite=Lax` besides.
async fn from_here_alone(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) || is_from_here(request.headers(), &app) {
        return next.run(request).await;
    }
    app.log.line(format_args!("refused: a post from another website"));
    let words = Words::of(request.headers());
    (StatusCode::FORBIDDEN, pages::refused(words, "cross_site")).into_response()
}

/// Browsers say by `Sec-Fetch-Site` who sent it; those that do not know it say by `Origin`, which is `null` under this
/// website's own `Referrer-Policy` and then says nothing. A request that says neither is refused.
fn is_from_here(headers: &HeaderMap, app: &App) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => {
            let own = app.base.origin().ascii_serialization();
            headers.get(header::ORIGIN).is_some_and(|origin| origin.as_bytes() == own.as_bytes())
        }
    }
}
