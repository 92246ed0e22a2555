//! The Client Credentials Token (`access_token`): OAuth 2.0 client credentials (RFC 6749, section 4.4).

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::{
    auth::{Basic, FetchToken, Token},
    error::{Error, ErrorKind},
    privacy::Secret,
    transport::{ApiClient, decode},
    wire::OnlyObject,
};

/// "OAuth 2.0 Authentication": the token lives for an hour.
const LIFE: u64 = 3600;
/// No life is longer, so that no number from outside reaches beyond what a clock can say.
const MAX_LIFE: u64 = 10 * 365 * 24 * 3600;
/// A token with its members is a few KiB.
const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// Fetches client tokens.
#[derive(Clone)]
pub(super) struct ClientCredentials {
    pub(super) api: ApiClient,
    pub(super) url: Url,
    pub(super) basic: Arc<Basic>,
    pub(super) scope: Option<String>,
}

/// The credentials that a client token is given for.
pub(super) fn basic(client_id: &str, client_secret: &Secret) -> Result<Basic, Error> {
    if client_secret.is_blank() {
        return Err(Error::configuration("the client secret is empty or blank"));
    }
    Basic::new(client_id, client_secret)
}

#[derive(Deserialize)]
struct Wire {
    access_token: String,
    token_type: Option<String>,
    expires_in: Option<Value>,
}

impl FetchToken for ClientCredentials {
    fn fetch(&self) -> BoxFuture<'static, Result<Token, Error>> {
        let Self { api, url, basic, scope } = self.clone();
        Box::pin(async move {
            // Counted from before the request, so that it never ends earlier than thought.
            let asked = api.clock().now();
            let scope = scope.as_deref().map(|scope| ("scope", scope));
            let answer = api
                .call_url("token", Method::POST, url)
                .form([("grant_type", "client_credentials")].into_iter().chain(scope))
                .idempotent()
                .max_response_bytes(MAX_TOKEN_BYTES)
                .credentials(&*basic)
                .about_one_object(false)
                .send()
                .await?;
            let (token, life) = read(&answer.body).map_err(|error| answer.fail(error))?;
            Ok(Token::expiring(token, asked + life))
        })
    }
}

fn read(body: &[u8]) -> Result<(String, Duration), Error> {
    let refused =
        |what: &'static str, path: &'static str| Err(Error::new(ErrorKind::Decode, what).with_path(path));
    let OnlyObject(wire): OnlyObject<Wire> = decode::json(body)?;
    if wire.access_token.is_empty() || !wire.access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return refused("the token is empty or holds what no token holds", "access_token");
    }
    if wire.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return refused("the token is not a bearer token", "token_type");
    }
    let life = match &wire.expires_in {
        None | Some(Value::Null) => None,
        Some(Value::Number(number)) => number.as_f64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => return refused("a member is missing or of another type", "expires_in"),
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = life.filter(|life| *life >= 1.0).map_or(LIFE, |life| life as u64).min(MAX_LIFE);
    Ok((wire.access_token, Duration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(body: &str) -> u64 {
        read(body.as_bytes()).expect(body).1.as_secs()
    }

    #[test]
    fn the_life_is_what_the_answer_says_or_an_hour() {
        assert_eq!(
            life(r#"{"access_token":"a.b.c","token_type":"Bearer","expires_in":1800,"scope":"openid"}"#),
            1800
        );
        assert_eq!(life(r#"{"access_token":"a.b.c","token_type":"bearer","expires_in":"1800"}"#), 1800);
        for hour in [
            r#"{"access_token":"a.b.c"}"#,
            r#"{"access_token":"a.b.c","expires_in":null}"#,
            r#"{"access_token":"a.b.c","expires_in":0}"#,
            r#"{"access_token":"a.b.c","expires_in":-5}"#,
            r#"{"access_token":"a.b.c","expires_in":"soon"}"#,
        ] {
            assert_eq!(life(hour), 3600, "{hour}");
        }
        assert_eq!(life(r#"{"access_token":"a.b.c","expires_in":1e300}"#), MAX_LIFE);
    }

    #[test]
    fn an_answer_without_a_usable_token_is_refused_at_the_member() {
        for (body, path) in [
            (r#"{"token_type":"Bearer"}"#, "access_token"),
            (r#"{"access_token":""}"#, "access_token"),
            (r#"{"access_token":"a\nb"}"#, "access_token"),
            (r#"{"access_token":7}"#, "access_token"),
            (r#"{"access_token":"a","token_type":"MAC"}"#, "token_type"),
            (r#"{"access_token":"a","expires_in":[]}"#, "expires_in"),
        ] {
            let error = read(body.as_bytes()).expect_err(body);
            assert_eq!((error.kind(), error.path()), (ErrorKind::Decode, Some(path)), "{body}");
        }
    }
}
