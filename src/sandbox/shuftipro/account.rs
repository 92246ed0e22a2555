//! Accounts: who may call, and with what.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};

use crate::{
    crypto,
    privacy::Secret,
    shuftipro::signature::{Rule, sign},
};

/// Client id of the account that the sandbox has when none is given.
pub const CLIENT_ID: &str = "kyckit-sandbox-client";

/// Secret key of that account: like some real ones it holds `$`, `/` and `.`, which must be taken as they are.
pub const SECRET_KEY: &str = "$2y$10$kyckit/sandbox.only.not-a-secret";

/// Lifetime of an access token (contract section 2: ten minutes, one request).
const TOKEN_LIFETIME: Duration = Duration::from_secs(600);

/// Dead tokens are not looked for while there are fewer than this.
const LEAST_PURGE: usize = 1024;

/// An account of the fake Shufti Pro.
///
/// ```
/// use kyckit::sandbox::shuftipro::Account;
///
/// let account = Account::new("client", "secret")
///     .legacy()
///     .production()
///     .services(["document", "face"]);
/// ```
#[derive(Clone, Debug)]
pub struct Account {
    pub(super) client_id: String,
    pub(super) secret_key: Secret,
    pub(super) rule: Rule,
    pub(super) name: String,
    pub(super) production: bool,
    pub(super) balance: String,
    pub(super) services: Option<Vec<String>>,
}

impl Account {
    /// A trial account that signs under the hashed rule and may use every service.
    pub fn new(client_id: impl Into<String>, secret_key: impl Into<Secret>) -> Self {
        Self {
            client_id: client_id.into(),
            secret_key: secret_key.into(),
            rule: Rule::Hashed,
            name: "Example Ltd".to_owned(),
            production: false,
            balance: "99.85".to_owned(),
            services: None,
        }
    }

    /// Signs under the legacy rule, as accounts from before 15 March 2023 do.
    #[must_use]
    pub fn legacy(mut self) -> Self {
        self.rule = Rule::Legacy;
        self
    }

    /// A production account in place of a trial.
    #[must_use]
    pub fn production(mut self) -> Self {
        self.production = true;
        self
    }

    /// The services of the account's plan; others are refused with 403.
    #[must_use]
    pub fn services<T: Into<String>>(mut self, services: impl IntoIterator<Item = T>) -> Self {
        self.services = Some(services.into_iter().map(Into::into).collect());
        self
    }

    /// The balance that account info tells, a decimal such as `99.85`.
    #[must_use]
    pub fn balance(mut self, amount: impl Into<String>) -> Self {
        self.balance = amount.into();
        self
    }
}

impl Default for Account {
    fn default() -> Self {
        Self::new(CLIENT_ID, SECRET_KEY)
    }
}

/// Position of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct AccountId(pub(super) usize);

/// Credentials of a call (contract section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Basic,
    BasicOrBearer,
}

/// All accounts, and their access tokens.
pub(super) struct Accounts {
    accounts: Vec<Account>,
    /// Token to account and end of life.
    tokens: HashMap<String, (AccountId, SystemTime)>,
    /// How many tokens there may be before the dead ones are looked for.
    tokens_before_purge: usize,
    /// When the calls of the last minute came in.
    recent: VecDeque<SystemTime>,
}

impl Accounts {
    pub(super) fn new(accounts: Vec<Account>) -> Self {
        Self { accounts, tokens: HashMap::new(), tokens_before_purge: LEAST_PURGE, recent: VecDeque::new() }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = AccountId> + use<> {
        (0..self.accounts.len()).map(AccountId)
    }

    /// The account; ids are only made here, so they are in range.
    pub(super) fn get(&self, id: AccountId) -> &Account {
        &self.accounts[id.0]
    }

    pub(super) fn sign(&self, id: AccountId, body: &[u8]) -> String {
        let account = self.get(id);
        sign(body, &account.secret_key, account.rule)
    }

    /// Authenticates the caller; a token is used up.
    pub(super) fn authorise(
        &mut self,
        headers: &HeaderMap,
        scheme: Scheme,
        now: SystemTime,
    ) -> Option<AccountId> {
        let header = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (kind, credentials) = header.split_once(' ')?;
        if kind.eq_ignore_ascii_case("basic") {
            let decoded = STANDARD.decode(credentials.trim()).ok()?;
            let pair = std::str::from_utf8(&decoded).ok()?;
            let (client_id, secret_key) = pair.split_once(':')?;
            let known = |account: &Account| {
                account.client_id == client_id
                    && crypto::equal(account.secret_key.expose_bytes(), secret_key.as_bytes())
            };
            return self.accounts.iter().position(known).map(AccountId);
        }
        if kind.eq_ignore_ascii_case("bearer") && scheme == Scheme::BasicOrBearer {
            let (account, end) = self.tokens.remove(credentials.trim())?;
            return (now < end).then_some(account);
        }
        None
    }

    /// Remembers a fresh token.
    pub(super) fn issue(&mut self, token: String, account: AccountId, now: SystemTime) {
        if self.tokens.len() >= self.tokens_before_purge {
            self.tokens.retain(|_, (_, end)| now < *end);
            self.tokens_before_purge = LEAST_PURGE.max(self.tokens.len() * 2);
        }
        self.tokens.insert(token, (account, now + TOKEN_LIFETIME));
    }

    /// Counts a call; false when it is one too many for this minute.
    pub(super) fn admit(&mut self, a_minute: usize, now: SystemTime) -> bool {
        let minute = Duration::from_secs(60);
        while self.recent.front().is_some_and(|at| *at + minute <= now) {
            self.recent.pop_front();
        }
        let admitted = self.recent.len() < a_minute;
        if admitted {
            self.recent.push_back(now);
        }
        admitted
    }
}
