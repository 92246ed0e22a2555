//! Setting a market up.

use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use tokio::sync::Mutex;
use url::Url;

use super::{
    CallerAuthentication, CommitmentStore, DisclosurePolicy, Documents, Endpoint, Events, FetchedDocuments,
    Inner, LOCKS, Market, OnFailure, Orders, Users, events::Reception,
};
use crate::{
    credify::{
        Client, PROVIDER,
        authority::{Authority, IntrospectionLimits},
        claims::ProfileItem,
        encryption::ClaimsFormat,
        model::PaymentRecipient,
        offer::Rules,
        token_guard::TokenGuard,
        validate::RequestValidator,
        webhook::Webhooks,
    },
    error::Error,
    inbox::Inbox,
    storage::{AnyInboxStore, InboxStore},
};

/// What a market is set to.
pub(super) struct Settings {
    pub(super) market_id: String,
    pub(super) prefix: String,
    pub(super) base_url: Option<String>,
    pub(super) sharing: DisclosurePolicy,
    pub(super) rules: Rules,
    pub(super) format: ClaimsFormat,
    pub(super) push_delay: Duration,
    pub(super) deadline: Duration,
    pub(super) body_limit: usize,
    pub(super) without_claims: bool,
    pub(super) bnpl_page: Option<Url>,
    pub(super) recipient: PaymentRecipient,
    pub(super) newer: HashMap<Endpoint, Vec<String>>,
    pub(super) bind_documents_to_order: bool,
    pub(super) empty_scopes_mean_all: bool,
    pub(super) open_disbursement_requirements: bool,
    pub(super) reference_statuses: bool,
}

/// Builds a [`Market`].
#[must_use = "a market comes out of `build`"]
pub struct Builder {
    settings: Settings,
    client: Client,
    bnpl_page: Option<String>,
    authority: Option<Arc<dyn Authority>>,
    introspection_limits: IntrospectionLimits,
    callers: Option<Arc<dyn CallerAuthentication>>,
    users: Option<Arc<dyn Users>>,
    commitments: Option<Arc<dyn CommitmentStore>>,
    orders: Option<Arc<dyn Orders>>,
    documents: Option<Arc<dyn Documents>>,
    events: Option<Arc<dyn Events>>,
    validator: Option<RequestValidator>,
    compatible: bool,
    webhooks: Option<(Webhooks, AnyInboxStore)>,
    on_failure: Option<OnFailure>,
}

/// What every market has.
impl Builder {
    pub(super) fn new(client: Client, market_id: String) -> Self {
        Self {
            settings: Settings {
                market_id,
                prefix: "/v1".to_owned(),
                base_url: None,
                sharing: DisclosurePolicy::all(),
                rules: Rules::new(),
                format: ClaimsFormat::default(),
                push_delay: Duration::ZERO,
                deadline: Duration::from_secs(30),
                body_limit: 4 << 20,
                without_claims: false,
                bnpl_page: None,
                recipient: PaymentRecipient::default(),
                newer: HashMap::from([(
                    Endpoint::OwnOffers,
                    ["v1", "claim-providers", "offers"].map(str::to_owned).to_vec(),
                )]),
                bind_documents_to_order: false,
                empty_scopes_mean_all: false,
                open_disbursement_requirements: false,
                reference_statuses: false,
            },
            client,
            bnpl_page: None,
            authority: None,
            introspection_limits: IntrospectionLimits::new(),
            callers: None,
            users: None,
            commitments: None,
            orders: None,
            documents: None,
            events: None,
            validator: None,
            compatible: false,
            webhooks: None,
            on_failure: None,
        }
    }

    /// Who may call the market's own endpoints. Required.
    pub fn callers(mut self, callers: impl CallerAuthentication + 'static) -> Self {
        self.callers = Some(Arc::new(callers));
        self
    }

    /// The users. Required.
    pub fn users(mut self, users: impl Users + 'static) -> Self {
        self.users = Some(Arc::new(users));
        self
    }

    /// Pushes under way and commitments. Required.
    pub fn commitments(mut self, store: impl CommitmentStore + 'static) -> Self {
        self.commitments = Some(Arc::new(store));
        self
    }

    /// The orders. Required.
    pub fn orders(mut self, orders: impl Orders + 'static) -> Self {
        self.orders = Some(Arc::new(orders));
        self
    }

    /// Serves webhooks: they are kept in this inbox, and then worked. Without it there is no webhook endpoint.
    pub fn webhooks(mut self, webhooks: Webhooks, inbox: impl InboxStore + 'static) -> Self {
        self.webhooks = Some((webhooks, AnyInboxStore::new(inbox)));
        self
    }

    /// Hears of webhooks, beside what the market does about them itself.
    pub fn events(mut self, events: impl Events + 'static) -> Self {
        self.events = Some(Arc::new(events));
        self
    }

    /// Fetches documents of orders. Default: [`FetchedDocuments`] without any host.
    pub fn documents(mut self, documents: impl Documents + 'static) -> Self {
        self.documents = Some(Arc::new(documents));
        self
    }

    /// Answers what is known of tokens and entities, in place of the client: tests hand in their own.
    pub fn authority(mut self, authority: impl Authority + 'static) -> Self {
        self.authority = Some(Arc::new(authority));
        self
    }

    /// Hears of what failed, with the endpoint: the caller is told nothing of it. Nothing personal is in the error.
    pub fn on_failure(mut self, hear: impl Fn(Option<Endpoint>, &Error) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Arc::new(hear));
        self
    }
}

/// What may be set.
impl Builder {
    /// What all paths begin with. Default: `/v1`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.prefix = prefix.into();
        self
    }

    /// Scheme and host at which Credify calls this market, such as `https://market.example`: a token for offer
    /// filtering then has to be for exactly this address. Without it, for an address that ends as the endpoint's does.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = Some(url.into().trim_end_matches('/').to_owned());
        self
    }

    /// Which basic items are shared. Default: all. The list may be empty.
    pub fn profile_items(mut self, items: impl IntoIterator<Item = ProfileItem>) -> Self {
        self.settings.sharing = DisclosurePolicy::of(items);
        self
    }

    /// The rules by which conditions of offers are read. Default: [`Rules::new`], the provider's own.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.settings.rules = rules;
        self
    }

    /// The form of encrypted claims. Default: [`ClaimsFormat::FieldByField`], which the provider's own market answers.
    pub fn claims_format(mut self, format: ClaimsFormat) -> Self {
        self.settings.format = format;
        self
    }

    /// How long to wait before claims are pushed, where Credify needs a moment to know a new user. Default: not at all;
    /// the reference server waits 3 s.
    pub fn push_delay(mut self, delay: Duration) -> Self {
        self.settings.push_delay = delay;
        self
    }

    /// How long a call may take before it is answered with 503. Default: 30 s.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.deadline = deadline;
        self
    }

    /// The longest body. Default: 4 MiB; the reference server takes 50 MB.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// A market that shares no data: *push claims* is answered, and pushes nothing.
    pub fn without_claims(mut self) -> Self {
        self.settings.without_claims = true;
        self
    }

    /// Where a person goes after paying later. Without it there is no such endpoint.
    pub fn bnpl_page(mut self, url: impl Into<String>) -> Self {
        self.bnpl_page = Some(url.into());
        self
    }

    /// Who is paid for orders.
    pub fn payment_recipient(mut self, recipient: PaymentRecipient) -> Self {
        self.settings.recipient = recipient;
        self
    }

    /// How the three tokens of encrypted claims are checked: clock skew, and what else is demanded. Default: strict.
    pub fn validator(mut self, validator: RequestValidator) -> Self {
        self.validator = Some(validator);
        self
    }

    /// Limits the calls that are made to have presented tokens introspected. Default: see [`IntrospectionLimits`].
    pub fn introspection_limits(mut self, limits: IntrospectionLimits) -> Self {
        self.introspection_limits = limits;
        self
    }

    /// Demands the scope `bnpl_order:<order id>` of a token for documents. Off: the provider's reference server has
    /// this check and does not do it, so it is not known whether its tokens have the scope.
    pub fn bind_documents_to_order(mut self) -> Self {
        self.settings.bind_documents_to_order = true;
        self
    }

    /// Where the API takes what comes to `/intents`, `/product` or `/claims`, whose addresses the provider has not
    /// published: the segments of the path. Without it such a call is answered with 501.
    pub fn forward<S: Into<String>>(
        mut self,
        endpoint: Endpoint,
        segments: impl IntoIterator<Item = S>,
    ) -> Self {
        self.settings.newer.insert(endpoint, segments.into_iter().map(Into::into).collect());
        self
    }
}

/// Switches that bring the behaviour of the provider's reference server back. All are off.
impl Builder {
    /// Offer evaluation: an empty list of scopes shares every scope.
    pub fn empty_scopes_mean_all(mut self) -> Self {
        self.settings.empty_scopes_mean_all = true;
        self
    }

    /// Documents of an order: a bearer token has to be there, and may be any.
    pub fn open_disbursement_requirements(mut self) -> Self {
        self.settings.open_disbursement_requirements = true;
        self
    }

    /// 500, with a text of ours, where the reference server answers 500: refused tokens of offer filtering and encrypted
    /// claims, unknown users and orders when something is pushed, invalid conditions.
    pub fn reference_statuses(mut self) -> Self {
        self.settings.reference_statuses = true;
        self
    }

    /// Encrypted claims: only the checks that the provider's SDK does.
    pub fn validate_request_compat(mut self) -> Self {
        self.compatible = true;
        self
    }

    /// Builds the market. Nothing is sent.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) when the market's id is empty, the client has no signing key,
    /// a part that is required is missing, or an address or the prefix cannot be one.
    pub fn build(self) -> Result<Market, Error> {
        self.checked().map_err(|error| error.during(PROVIDER, "build_market"))
    }

    fn checked(mut self) -> Result<Market, Error> {
        if self.settings.market_id.is_empty() {
            return Err(Error::configuration("the market has no id")
                .with_hint("give the organisation's id of the dashboard to `Market::builder`"));
        }
        self.client.signing_key()?;
        let prefix = self.settings.prefix.trim_end_matches('/').to_owned();
        if !prefix.is_empty() && !prefix.starts_with('/') {
            return Err(Error::configuration("the prefix of the paths does not begin with a slash"));
        }
        self.settings.prefix = prefix;
        if let Some(page) = &self.bnpl_page {
            let page = Url::parse(page).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            self.settings.bnpl_page =
                Some(page.ok_or_else(|| Error::configuration("the BNPL page is not a URL"))?);
        }
        let missing = |what: &'static str, hint: &'static str| Error::configuration(what).with_hint(hint);
        let callers = self.callers.ok_or_else(|| {
            missing("it is not said who may call the market", "give `callers`, such as a `SharedToken`")
        })?;
        let users = self.users.ok_or_else(|| missing("the market has no users", "give `users`"))?;
        let commitments = self
            .commitments
            .ok_or_else(|| missing("the market has nowhere to keep commitments", "give `commitments`"))?;
        let orders = self.orders.ok_or_else(|| missing("the market has no orders", "give `orders`"))?;
        let clock = self.client.clock().clone();
        let validator = self.validator.unwrap_or_else(|| RequestValidator::new(clock.clone()));
        let reception = self.webhooks.map(|(webhooks, store)| Reception {
            webhooks,
            inbox: Inbox::new(store).clock(clock.clone()),
            events: self.events,
        });
        let documents = match self.documents {
            Some(documents) => documents,
            None => Arc::new(FetchedDocuments::new(&self.client)),
        };
        let authority = self.authority.unwrap_or_else(|| Arc::new(self.client.clone()));
        Ok(Market(Arc::new(Inner {
            settings: self.settings,
            guard: TokenGuard::new(Arc::clone(&authority), clock.clone(), self.introspection_limits),
            authority,
            client: self.client,
            clock,
            callers,
            users,
            commitments,
            orders,
            documents,
            validator: if self.compatible { validator.compatible() } else { validator },
            reception,
            on_failure: self.on_failure,
            locks: (0..LOCKS).map(|_| Mutex::new(())).collect(),
        })))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").field("prefix", &self.settings.prefix).finish_non_exhaustive()
    }
}
