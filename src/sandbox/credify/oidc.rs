//! The OpenID Connect core, and the wallet in which a person agrees.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{
    Agreed, MARKET_ID, USER_ID,
    api::{json_answer, text},
    world::{Grant, World, seconds},
};
use crate::{
    credify::{
        PROVIDER,
        encryption::encrypt,
        keys::{EncryptionKey, VerifyingKey},
        token::{
            ApprovalToken, RequestPayload,
            jwt::{self, Strictness, Unverified},
        },
    },
    privacy::{Pii, Secret},
    provider::ProviderId,
    sandbox::{
        page::{self, escape},
        payload::Payload,
        server::FakeProvider,
    },
    server::headers::credentials,
};

/// What the buttons of the consent page add to the query.
const CONSENT: &str = "sandbox_consent";
/// How long a person's token and a request live.
const HOUR: u64 = 3600;

pub(super) struct Oidc(pub(super) Arc<World>);

/// What an authorization URL asks for.
struct Asked {
    redirect: Url,
    scopes: Vec<String>,
    encryption_key: Option<String>,
}

/// A refusal in OAuth's form.
pub(super) struct Refusal {
    status: StatusCode,
    error: &'static str,
    pub(super) description: &'static str,
}

const fn refusal(error: &'static str, description: &'static str) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, error, description }
}

type Pairs = Vec<(String, String)>;

fn member<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str()).unwrap_or_default()
}

impl World {
    /// What the URL asks for, once it was found to be the client's own.
    fn asked(&self, query: &Pairs) -> Result<Asked, Refusal> {
        let invalid = |description| refusal("invalid_request", description);
        let client_id = member(query, "client_id");
        let redirect =
            Url::parse(member(query, "redirect_uri")).map_err(|_| invalid("redirect_uri is no URL"))?;
        let key = self.key_of(client_id).ok_or_else(|| refusal("invalid_client", "unknown client"))?;

        let request = Unverified::parse(member(query, "request_token"), Strictness::Strict, jwt::LONGEST)
            .and_then(|token| token.verify(&key))
            .map_err(|_| invalid("the request token is not signed by the client"))?;
        let now = seconds(self.now());
        let issued_at =
            jwt::issued_at(request.payload()).ok().flatten().and_then(|at| u64::try_from(at).ok());
        if issued_at.is_none_or(|at| at > now || at + HOUR <= now) {
            return Err(invalid("the request token is not of now"));
        }
        let asked = RequestPayload::read(request.payload());
        let scopes = asked.scopes.unwrap_or_default();
        let same = scopes.join(" ") == member(query, "scope") && asked.issuer.as_deref() == Some(client_id);
        if !same || !scopes.iter().any(|scope| scope == "openid") {
            return Err(refusal("invalid_scope", "scope and request token differ, or openid is missing"));
        }
        Ok(Asked { redirect, scopes, encryption_key: asked.encryption_key })
    }

    /// The person opens the URL and refuses (RFC 6749 section 4.1.2.1).
    fn refuse(&self, query: &Pairs) -> Result<Response<Payload>, Refusal> {
        let redirect = self.asked(query)?.redirect;
        let members = [("error", "access_denied".to_owned()), ("state", member(query, "state").to_owned())];
        let (url, form) = back(query, redirect, &members);
        Ok(sent_back(query, &form, url.as_str()))
    }

    /// The person opens the URL and agrees to all of it.
    pub(super) fn authorize(&self, query: &Pairs) -> Result<Agreed, Refusal> {
        let (client_id, redirect_uri) = (member(query, "client_id"), member(query, "redirect_uri"));
        let request_token = member(query, "request_token");
        let Asked { redirect, scopes, encryption_key } = self.asked(query)?;

        let user_id = self.person_of(query).ok_or_else(|| refusal("access_denied", "unknown person"))?;
        let words: Vec<_> = scopes.iter().map(String::as_str).collect();
        let offer = scopes.iter().find_map(|scope| scope.strip_prefix("offer:"));
        let offer_code = offer.and_then(|offer| offer.split(':').next());
        let (code, transaction_id, user_token) = (self.word(), self.id(), self.word());
        let market_token = self.present(client_id, "oidc_client:read_encrypted_claims", &[MARKET_ID]);
        let mut store = self.store();
        let wallet = store.users.get(&user_id).map(|user| user.wallet.clone());
        let approval = ApprovalToken { client_id, entity_id: &user_id, scopes: &words, offer_code };
        let approval_token = wallet
            .and_then(|wallet| approval.sign(&wallet, &self.settings.clock).ok())
            .ok_or_else(|| refusal("access_denied", "the wallet does not sign"))?;
        if offer_code.is_some() {
            store.transactions.insert(transaction_id.clone(), json!({ "onboarding_status": "PENDING" }));
        }
        let grant = Grant {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            user_id: user_id.clone(),
            scopes,
            encryption_key,
            transaction_id,
        };
        let mut members = vec![("state", member(query, "state").to_owned())];
        if member(query, "response_type").split(' ').any(|kind| kind == "token") {
            let ends = self.now() + Duration::from_secs(HOUR);
            store.user_tokens.insert(user_token.clone(), (grant, ends));
            members.push(("access_token", user_token));
        } else {
            store.codes.insert(code.clone(), grant);
            members.push(("code", code));
        }
        let (url, form) = back(query, redirect, &members);
        let given = |name: &str| {
            members.iter().find(|(other, _)| *other == name).map(|(_, value)| Secret::from(value.as_str()))
        };
        Ok(Agreed {
            redirect_url: Secret::new(url.as_str()),
            form: Secret::new(form.as_str()),
            state: given("state").unwrap_or_else(|| Secret::from("")),
            code: given("code"),
            access_token: given("access_token"),
            user_id: Pii::new(user_id),
            request_token: Secret::from(request_token),
            approval_token: Secret::from(approval_token.into_exposed()),
            market_token: Secret::from(market_token),
        })
    }

    fn key_of(&self, entity: &str) -> Option<VerifyingKey> {
        let key = self.store().entities.get(entity)?.signing.clone()?;
        VerifyingKey::from_pem(&key).ok()
    }

    /// By id, by telephone number (which the provider's SDK encodes twice), or whoever sits in front of the browser.
    fn person_of(&self, query: &Pairs) -> Option<String> {
        let store = self.store();
        let id = member(query, "entity_id");
        if !id.is_empty() {
            return store.users.contains_key(id).then(|| id.to_owned());
        }
        let phone = member(query, "phone_number").replacen("%2B", "+", 1);
        if phone.is_empty() {
            return Some(USER_ID.to_owned());
        }
        let user = store.users.iter().find(|(_, user)| *user.person.phone.expose() == phone);
        user.map(|(id, _)| id.clone())
    }

    fn exchange(&self, form: &Pairs) -> Result<Value, Refusal> {
        if member(form, "grant_type") != "authorization_code" || member(form, "client_type") != "entity" {
            return Err(refusal("unsupported_grant_type", "an entity exchanges authorization codes"));
        }
        let client_id = member(form, "client_id");
        let login = self.key_of(client_id).and_then(|key| {
            let token =
                Unverified::parse(member(form, "client_secret"), Strictness::Strict, jwt::LONGEST).ok()?;
            token.verify(&key).ok()
        });
        let is_of_now = login.is_some_and(|login| {
            login.payload().get("exp").and_then(Value::as_u64).is_some_and(|end| end > seconds(self.now()))
        });
        if !is_of_now {
            let description = "the login token is not signed by the client, or over";
            return Err(Refusal { status: StatusCode::UNAUTHORIZED, error: "invalid_client", description });
        }
        let mut store = self.store();
        let spent = refusal("invalid_grant", "the code is unknown, spent, or of another request");
        let grant = store.codes.remove(member(form, "code")).ok_or(spent)?;
        if grant.client_id != client_id || grant.redirect_uri != member(form, "redirect_uri") {
            return Err(refusal("invalid_grant", "the code is of another request"));
        }
        let (token, scope) = (self.word(), grant.scopes.join(" "));
        store.user_tokens.insert(token.clone(), (grant, self.now() + Duration::from_secs(HOUR)));
        Ok(json!({
            "access_token": token, "expires_in": HOUR - 1, "id_token": self.word(), "scope": scope,
            "token_type": "bearer",
        }))
    }

    /// What the market answers Credify for this grant, and Credify hands on.
    fn userinfo(&self, headers: &HeaderMap) -> Result<Value, Refusal> {
        let unauthorized = || Refusal {
            status: StatusCode::UNAUTHORIZED,
            error: "request_unauthorized",
            description: "the access token is not good",
        };
        let broken = |_| refusal("server_error", "the claims cannot be encrypted");
        let token = credentials(text(headers, header::AUTHORIZATION.as_str()), "Bearer").unwrap_or_default();
        let mut store = self.store();
        let grant = store.user_tokens.get(token).filter(|(_, ends)| self.now() < *ends);
        let grant = grant.map(|(grant, _)| grant.clone()).ok_or_else(unauthorized)?;
        let on_record = store.entities.get(&grant.client_id).and_then(|entity| entity.encryption.clone());
        let key = grant.encryption_key.or(on_record).unwrap_or_default();
        let key = EncryptionKey::new(&key).map_err(broken)?;
        let user = store.users.get_mut(&grant.user_id).ok_or_else(unauthorized)?;
        let claims = user.claims(&self.settings.clock).map_err(broken)?.only(&grant.scopes);
        drop(store);
        let mut info = encrypt(&claims, self.settings.format, &key, &self.market).map_err(broken)?;
        info["sub"] = grant.user_id.into();
        info["transaction_id"] = grant.transaction_id.into();
        info["iss"] = self.oidc_base.as_str().into();
        info["aud"] = json!([grant.client_id]);
        info["iat"] = seconds(self.now()).into();
        Ok(info)
    }
}

impl FakeProvider for Oidc {
    const PROVIDER: ProviderId = PROVIDER;

    async fn handle(&self, request: Request<Bytes>) -> Response<Payload> {
        let (head, body) = request.into_parts();
        let pairs = |bytes: &[u8]| -> Pairs { form_urlencoded::parse(bytes).into_owned().collect() };
        let answered = match (head.method.clone(), head.uri.path()) {
            (Method::GET, "/oauth2/auth") => {
                let query = pairs(head.uri.query().unwrap_or_default().as_bytes());
                // A person looks at a page first; a program that follows a link agrees by that.
                let is_person = text(&head.headers, header::ACCEPT.as_str()).contains("text/html");
                match member(&query, CONSENT) {
                    "refuse" => self.0.refuse(&query),
                    "" if is_person => self.0.asked(&query).map(|asked| consent_page(&query, &asked.scopes)),
                    _ => self
                        .0
                        .authorize(&query)
                        .map(|agreed| sent_back(&query, agreed.form.expose(), agreed.redirect_url.expose())),
                }
            }
            (Method::POST, "/oauth2/token") => {
                self.0.exchange(&pairs(&body)).map(|token| json_answer(StatusCode::OK, &token))
            }
            (Method::GET, "/userinfo") => {
                self.0.userinfo(&head.headers).map(|info| json_answer(StatusCode::OK, &info))
            }
            _ => Err(Refusal {
                status: StatusCode::NOT_FOUND,
                error: "not_found",
                description: "there is no such path",
            }),
        };
        answered.unwrap_or_else(|Refusal { status, error, description }| {
            let body = json!({
                "error": error, "error_description": description,
                "error_hint": "see the sandbox's documentation",
            });
            json_answer(status, &body)
        })
    }

    fn route(path: &str) -> Option<&'static str> {
        Some(match path {
            "/oauth2/auth" => "/oauth2/auth",
            "/oauth2/token" => "/oauth2/token",
            "/userinfo" => "/userinfo",
            _ => return None,
        })
    }

    fn spoil_signature(_: &mut HeaderMap) {}

    fn remove_signature(_: &mut HeaderMap) {}
}

/// Where the browser goes with the answer, and the answer as a form.
fn back(query: &Pairs, mut url: Url, members: &[(&str, String)]) -> (Url, String) {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(members).finish();
    match member(query, "response_mode") {
        "fragment" => url.set_fragment(Some(&form)),
        "form_post" => {}
        _ => {
            url.query_pairs_mut().extend_pairs(members);
        }
    }
    (url, form)
}

/// The browser's way back: a redirect, or a page with a form.
fn sent_back(query: &Pairs, form: &str, redirect_url: &str) -> Response<Payload> {
    if member(query, "response_mode") == "form_post" {
        let fields: String = form_urlencoded::parse(form.as_bytes())
            .map(|(name, value)| {
                format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(&name), escape(&value))
            })
            .collect();
        let page = format!(
            "<!DOCTYPE html>\n<form method=\"post\" action=\"{}\">{fields}<button>Continue</button></form>",
            escape(member(query, "redirect_uri"))
        );
        let mut response = Response::new(Payload::new(page));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        return response;
    }
    let mut response = Response::new(Payload::new(""));
    *response.status_mut() = StatusCode::FOUND;
    if let Ok(location) = HeaderValue::try_from(redirect_url) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// What the person is asked, with a button for each answer.
fn consent_page(query: &Pairs, scopes: &[String]) -> Response<Payload> {
    let mut body = String::from(
        "<p class=\"sandbox\">This is the sandbox. The person and the data are invented.</p>\
         <p>A service asks you to share:</p><ul>",
    );
    for scope in scopes.iter().filter(|scope| *scope != "openid") {
        let _ = write!(body, "<li>{}</li>", escape(scope));
    }
    body.push_str("</ul><form method=\"get\">");
    for (name, value) in query.iter().filter(|(name, _)| name != CONSENT) {
        let (name, value) = (escape(name), escape(value));
        let _ = write!(body, "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
    }
    let _ = write!(
        body,
        "<button name=\"{CONSENT}\" value=\"agree\">Agree and share</button>\
         <button name=\"{CONSENT}\" value=\"refuse\">Refuse</button></form>"
    );
    page::html(StatusCode::OK, &page::frame("Credify", "Share your data?", &body))
}
