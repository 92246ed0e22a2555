//! The URL under which a person agrees to share claims with a service provider.
//!
//! Source: OpenID Connect Core 1.0, section 3.1.2.1, and the provider's Node SDK 1.22.6; these are its URLs to the
//! byte.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use url::form_urlencoded;

use super::{
    PROVIDER,
    client::Client,
    keys::DecryptionKey,
    permission::oidc::{BNPL_ORDER_PREFIX, DOP_PREFIX, OFFER_PREFIX, OPENID},
    token::RequestToken,
};
use crate::{
    clock::Clock,
    crypto::equal,
    error::Error,
    privacy::{Pii, Secret},
};

/// What a service provider asks a person for.
///
/// ```
/// use kyckit::credify::authorization::AuthorizationRequest;
///
/// let request = AuthorizationRequest::new(
///     "8e0b198b-f112-4612-96bb-9d2c8b8ca0c3",
///     "https://provider.example/oidc/callback",
///     ["openid", "phone", "profile"],
/// )
/// .phone_number("+84381234567")
/// .offer_code("offer-1");
/// ```
#[derive(Clone)]
#[must_use = "a request does nothing until a URL is made of it"]
pub struct AuthorizationRequest {
    client_id: String,
    redirect_uri: String,
    scopes: Vec<String>,
    response_type: String,
    response_mode: String,
    state: Option<Secret>,
    user_id: Option<Pii<String>>,
    phone_number: Option<Pii<String>>,
    offer_code: Option<String>,
    package_code: Option<String>,
    dop_code: Option<String>,
    order_id: Option<String>,
    key: Key,
    phone_encoding: PhoneEncoding,
}

/// Which key the claims come encrypted for.
#[derive(Clone)]
enum Key {
    Fresh,
    Given(Box<DecryptionKey>),
    OnRecord,
}

/// How a telephone number stands in the URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PhoneEncoding {
    /// Its `+` is encoded twice, as the provider's SDK does: `%252B84…`.
    #[default]
    Twice,
    /// Once, as every other parameter: `%2B84…`.
    Once,
}

impl AuthorizationRequest {
    /// A request by the service provider's id, where the person comes back to, and the scopes, `openid` among them.
    pub fn new<S: Into<String>>(
        client_id: impl Into<String>,
        redirect_uri: impl Into<String>,
        scopes: impl IntoIterator<Item = S>,
    ) -> Self {
        Self {
            client_id: client_id.into(),
            redirect_uri: redirect_uri.into(),
            scopes: scopes.into_iter().map(Into::into).collect(),
            response_type: "code".to_owned(),
            response_mode: "query".to_owned(),
            state: None,
            user_id: None,
            phone_number: None,
            offer_code: None,
            package_code: None,
            dop_code: None,
            order_id: None,
            key: Key::Fresh,
            phone_encoding: PhoneEncoding::default(),
        }
    }

    /// What comes back: `code` (default), `token`, `code id_token`.
    pub fn response_type(mut self, kind: impl Into<String>) -> Self {
        self.response_type = or(kind.into(), "code");
        self
    }

    /// How it comes back: `query` (default), `fragment`, `form_post`.
    pub fn response_mode(mut self, mode: impl Into<String>) -> Self {
        self.response_mode = or(mode.into(), "query");
        self
    }

    /// A state of your own in place of a random one. It distinguishes a genuine return from a forged one, so it
    /// must not be guessable.
    pub fn state(mut self, state: impl Into<Secret>) -> Self {
        let state = state.into();
        self.state = (!state.expose().is_empty()).then_some(state);
        self
    }

    /// The person by Credify id.
    pub fn user_id(mut self, id: impl Into<String>) -> Self {
        self.user_id = given(id).map(Pii::new);
        self
    }

    /// The person by telephone number, with the country's code.
    pub fn phone_number(mut self, number: impl Into<String>) -> Self {
        self.phone_number = given(number).map(Pii::new);
        self
    }

    /// The offer that is taken.
    pub fn offer_code(mut self, code: impl Into<String>) -> Self {
        self.offer_code = given(code);
        self
    }

    /// The package of the offer or the DOP; alone it does nothing.
    pub fn package_code(mut self, code: impl Into<String>) -> Self {
        self.package_code = given(code);
        self
    }

    /// The DOP that is taken.
    pub fn dop_code(mut self, code: impl Into<String>) -> Self {
        self.dop_code = given(code);
        self
    }

    /// The order that is paid.
    pub fn order_id(mut self, id: impl Into<String>) -> Self {
        self.order_id = given(id);
        self
    }

    /// Has the claims encrypted for this key, which serves this one authorization. Default: one is made, which takes
    /// up to seconds of a processor's time.
    pub fn encrypted_for(mut self, key: DecryptionKey) -> Self {
        self.key = Key::Given(Box::new(key));
        self
    }

    /// Has the claims encrypted for the key that the provider has on record for the service provider.
    pub fn encrypted_for_key_on_record(mut self) -> Self {
        self.key = Key::OnRecord;
        self
    }

    /// How the telephone number is encoded. Default: [`PhoneEncoding::Twice`].
    pub fn phone_encoding(mut self, encoding: PhoneEncoding) -> Self {
        self.phone_encoding = encoding;
        self
    }

    /// The scopes that were given, and behind them those that say what it is about.
    fn all_scopes(&self) -> Result<Vec<String>, Error> {
        if !self.scopes.iter().any(|scope| scope == OPENID) {
            return Err(Error::invalid("scope", "openid is required."));
        }
        let mut scopes = self.scopes.clone();
        let package = self.package_code.as_deref().map(|code| format!(":{code}")).unwrap_or_default();
        scopes.extend(self.offer_code.iter().map(|code| format!("{OFFER_PREFIX}{code}{package}")));
        scopes.extend(self.dop_code.iter().map(|code| format!("{DOP_PREFIX}{code}{package}")));
        scopes.extend(self.order_id.iter().map(|id| format!("{BNPL_ORDER_PREFIX}{id}")));
        // One text holds all of them, so a blank within one would ask for two.
        if scopes.iter().any(|scope| scope.is_empty() || scope.contains(char::is_whitespace)) {
            return Err(Error::invalid("scope", "a scope or a code is empty or holds a blank"));
        }
        Ok(scopes)
    }

    /// The words that the provider calls random, in the order in which they are drawn.
    fn drawn(&self, clock: &Clock) -> Result<(Secret, Secret), Error> {
        let draw = || {
            let bytes = clock.random::<32>();
            bytes.map(|bytes| Secret::new(URL_SAFE_NO_PAD.encode(bytes))).map_err(|error| {
                Error::configuration("no randomness for an authorization").with_source(error)
            })
        };
        let state = match &self.state {
            Some(state) => state.clone(),
            None => draw()?,
        };
        Ok((state, draw()?))
    }
}

/// An authorization that was begun. Keep it on the server, under the state, until the person comes back.
#[derive(Clone)]
#[non_exhaustive]
pub struct Authorization {
    /// Where to send the person.
    pub url: Pii<String>,
    /// What has to come back with the person: see [`is_state`](Self::is_state).
    pub state: Secret,
    /// What the id token has to hold.
    pub nonce: Secret,
    /// The key that opens the claims of this authorization; none when they are encrypted for the key on record.
    pub decryption_key: Option<DecryptionKey>,
}

impl Authorization {
    /// Whether what came back is the state, compared in constant time.
    pub fn is_state(&self, returned: &str) -> bool {
        equal(self.state.expose_bytes(), returned.as_bytes())
    }
}

impl Client {
    /// Begins an authorization: a URL with a signed request in it, and what to keep until the person comes back.
    /// Nothing is sent. Needs the signing key.
    ///
    /// Unless the request brings a key, one of 3072 bits is made, which takes up to seconds of a processor's time: do
    /// it on a pool for blocking work.
    ///
    /// ```
    /// # fn main() -> Result<(), kyckit::Error> {
    /// use kyckit::{clock::Clock, credify::{Client, authorization::AuthorizationRequest, keys::SigningKey}};
    ///
    /// let client =
    ///     Client::builder("api-key").signing_key(SigningKey::generate(&Clock::system())?).build()?;
    /// let request =
    ///     AuthorizationRequest::new("client-id", "https://provider.example/callback", ["openid", "phone"])
    ///         .encrypted_for_key_on_record();
    /// let authorization = client.authorization(&request)?;
    /// assert!(authorization.url.expose().starts_with("https://sandbox-oidc-core.credify.dev/oauth2/auth?"));
    /// assert!(!authorization.is_state("a guess"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) when `openid` is not among the scopes, or a scope or code
    /// is empty or holds a blank; [`Configuration`](crate::ErrorKind::Configuration) without a signing key.
    pub fn authorization(&self, request: &AuthorizationRequest) -> Result<Authorization, Error> {
        let begun = || {
            let (state, nonce) = request.drawn(self.clock())?;
            self.authorization_with(request, state, nonce)
        };
        begun().map_err(|error| error.during(PROVIDER, "authorization"))
    }

    /// The same with given random words.
    pub(crate) fn authorization_with(
        &self,
        request: &AuthorizationRequest,
        state: Secret,
        nonce: Secret,
    ) -> Result<Authorization, Error> {
        let scopes = request.all_scopes()?;
        let signing_key = self.signing_key()?;
        let decryption_key = match &request.key {
            Key::Fresh => Some(DecryptionKey::generate()?),
            Key::Given(key) => Some((**key).clone()),
            Key::OnRecord => None,
        };
        let encryption_key = decryption_key.as_ref().map(DecryptionKey::encryption_key).transpose()?;
        let words: Vec<_> = scopes.iter().map(String::as_str).collect();
        let token = RequestToken {
            client_id: &request.client_id,
            encryption_key: encryption_key.as_ref(),
            scopes: &words,
        }
        .sign(signing_key, self.clock())?;

        let mut query = Query(format!("{}oauth2/auth?", self.oidc_base()));
        query.add("client_id", &request.client_id);
        query.add("redirect_uri", &request.redirect_uri);
        query.add("scope", &scopes.join(" "));
        query.add("response_type", &request.response_type);
        query.add("response_mode", &request.response_mode);
        query.add("state", state.expose());
        query.add("nonce", nonce.expose());
        if let Some(id) = &request.user_id {
            query.add("entity_id", id.expose());
        }
        if let Some(number) = &request.phone_number {
            match request.phone_encoding {
                PhoneEncoding::Twice => query.add("phone_number", &number.expose().replacen('+', "%2B", 1)),
                PhoneEncoding::Once => query.add("phone_number", number.expose()),
            }
        }
        query.add("request_token", token.expose());
        Ok(Authorization { url: Pii::new(query.0), state, nonce, decryption_key })
    }
}

/// A URL that grows: forms' encoding, with `%20` for a blank.
struct Query(String);

impl Query {
    fn add(&mut self, name: &str, value: &str) {
        if !self.0.ends_with('?') {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        for piece in form_urlencoded::byte_serialize(value.as_bytes()) {
            self.0.push_str(if piece == "+" { "%20" } else { piece });
        }
    }
}

fn given(text: impl Into<String>) -> Option<String> {
    Some(text.into()).filter(|text| !text.is_empty())
}

fn or(text: String, default: &str) -> String {
    if text.is_empty() { default.to_owned() } else { text }
}

crate::privacy::redacted_debug!(AuthorizationRequest { client_id, scopes: |this| this.scopes.len(), .. });

crate::privacy::redacted_debug!(Authorization { .. });
