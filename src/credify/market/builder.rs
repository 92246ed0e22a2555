//! Setting a market up.

use std::{collections::HashMap, sync::Arc, time::Duration};

use url::Url;

use super::{
    caller_authentication::{CallerAuthentication, DynCallerAuthentication},
    claim_pushes::ClaimPushes,
    commitment_store::{CommitmentStore, DynCommitmentStore},
    conditions::Conditions,
    disclosure::DisclosurePolicy,
    document_claims::DocumentClaims,
    documents::{Documents, DynDocuments, FetchedDocuments},
    endpoint::Endpoint,
    endpoints::{
        Endpoints,
        bnpl_redirect::BnplRedirect,
        cancel_order::CancelOrder,
        create_order::CreateOrder,
        disburse_order::DisburseOrder,
        disbursement_documents::{DisbursementDocuments, DocumentsAccess},
        encrypted_claims::EncryptedClaims,
        evaluate_offer::EvaluateOffer,
        filter_offers::FilterOffers,
        forward::Forward,
        list_orders::ListOrders,
        orders_of_user::OrdersOfUser,
        push_claims::PushClaims,
        push_disbursement_claims::PushDisbursementClaims,
        simulation::Simulate,
        user_segment::UserSegment,
        webhook::Webhook,
    },
    failures::Failures,
    order_owners::OrderOwners,
    orders::{DynOrders, Orders},
    presented_tokens::PresentedTokens,
    reference::ReferenceStatuses,
    route::Routes,
    server::{Inner, Market},
    users::{DynUsers, Users},
    webhook_events::{DynEventHandler, EventHandler, Reception},
};
use crate::{
    credify::{
        Client, PROVIDER,
        authority::{Authority, IntrospectionLimits, SharedAuthority},
        claims::ProfileItem,
        encryption::ClaimsFormat,
        model::PaymentRecipient,
        offer::Rules,
        server::token_guard::TokenGuard,
        validate::RequestValidator,
        webhook::Webhooks,
    },
    error::Error,
    inbox::Inbox,
    storage::{AnyInboxStore, InboxStore},
};

/// How long a request may take unless another limit is set.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// The largest body unless another limit is set.
const MAX_BODY_BYTES: usize = 4 << 20;

/// What a market is set to.
struct Settings {
    market_id: String,
    prefix: String,
    base_url: Option<String>,
    disclosure: DisclosurePolicy,
    rules: Rules,
    format: ClaimsFormat,
    push_delay: Duration,
    request_timeout: Duration,
    max_body_bytes: usize,
    without_claims: bool,
    bnpl_page: Option<String>,
    recipient: PaymentRecipient,
    forwarded: HashMap<Endpoint, Vec<String>>,
    bind_documents_to_order: bool,
    empty_scopes_mean_all: bool,
    open_disbursement_requirements: bool,
    statuses: ReferenceStatuses,
}

impl Market {
    /// Starts a market by its client, which has the signing key and the scope hash mode for the claims, and the
    /// market's id.
    pub fn builder(client: Client, market_id: impl Into<String>) -> Builder {
        Builder::new(client, market_id.into())
    }
}

/// Builds a [`Market`].
#[must_use = "a market comes out of `build`"]
pub struct Builder {
    settings: Settings,
    client: Client,
    authority: Option<SharedAuthority>,
    introspection_limits: IntrospectionLimits,
    callers: Option<Arc<dyn DynCallerAuthentication>>,
    users: Option<Arc<dyn DynUsers>>,
    commitments: Option<Arc<dyn DynCommitmentStore>>,
    orders: Option<Arc<dyn DynOrders>>,
    documents: Option<Arc<dyn DynDocuments>>,
    events: Option<Arc<dyn DynEventHandler>>,
    validator: Option<RequestValidator>,
    compatible: bool,
    webhooks: Option<(Webhooks, AnyInboxStore)>,
    failures: Failures,
}

/// What every market has.
impl Builder {
    pub(super) fn new(client: Client, market_id: String) -> Self {
        Self {
            settings: Settings {
                market_id,
                prefix: "/v1".to_owned(),
                base_url: None,
                disclosure: DisclosurePolicy::all(),
                rules: Rules::new(),
                format: ClaimsFormat::default(),
                push_delay: Duration::ZERO,
                request_timeout: REQUEST_TIMEOUT,
                max_body_bytes: MAX_BODY_BYTES,
                without_claims: false,
                bnpl_page: None,
                recipient: PaymentRecipient::default(),
                forwarded: HashMap::from([(
                    Endpoint::OwnOffers,
                    ["v1", "claim-providers", "offers"].map(str::to_owned).to_vec(),
                )]),
                bind_documents_to_order: false,
                empty_scopes_mean_all: false,
                open_disbursement_requirements: false,
                statuses: ReferenceStatuses(false),
            },
            client,
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
            failures: Failures::default(),
        }
    }

    /// Sets who may call the market's own endpoints. Required.
    pub fn callers(mut self, callers: impl CallerAuthentication + 'static) -> Self {
        self.callers = Some(Arc::new(callers));
        self
    }

    /// Sets the database of users. Required.
    pub fn users(mut self, users: impl Users + 'static) -> Self {
        self.users = Some(Arc::new(users));
        self
    }

    /// Sets the store of pushes under way and of commitments. Required.
    pub fn commitments(mut self, store: impl CommitmentStore + 'static) -> Self {
        self.commitments = Some(Arc::new(store));
        self
    }

    /// Sets the database of orders. Required.
    pub fn orders(mut self, orders: impl Orders + 'static) -> Self {
        self.orders = Some(Arc::new(orders));
        self
    }

    /// Serves webhooks: they are kept in this inbox, and then worked. Without it there is no webhook endpoint.
    pub fn webhooks(mut self, webhooks: Webhooks, inbox: impl InboxStore + 'static) -> Self {
        self.webhooks = Some((webhooks, AnyInboxStore::new(inbox)));
        self
    }

    /// Sets the handler of webhooks, beside what the market does about them itself.
    pub fn events(mut self, events: impl EventHandler + 'static) -> Self {
        self.events = Some(Arc::new(events));
        self
    }

    /// Sets where documents of orders are fetched. Default: [`FetchedDocuments`] without any host.
    pub fn documents(mut self, documents: impl Documents + 'static) -> Self {
        self.documents = Some(Arc::new(documents));
        self
    }

    /// Sets what answers for tokens and entities, in place of the client: tests hand in their own.
    pub fn authority(mut self, authority: impl Authority + 'static) -> Self {
        self.authority = Some(SharedAuthority::new(authority));
        self
    }

    /// Sets a hook for what failed, with the endpoint: the caller sees nothing of it. Nothing personal is in the error.
    pub fn on_failure(mut self, hook: impl Fn(Option<Endpoint>, &Error) + Send + Sync + 'static) -> Self {
        self.failures = Failures::to(hook);
        self
    }
}

/// What may be set.
impl Builder {
    /// Sets what all paths begin with. Default: `/v1`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.settings.prefix = prefix.into();
        self
    }

    /// Sets the scheme and host at which Credify calls this market, such as `https://market.example`: a token for offer
    /// filtering then has to be for exactly this address. Without it, for an address that ends as the endpoint's does.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.settings.base_url = Some(url.into().trim_end_matches('/').to_owned());
        self
    }

    /// Sets which basic items are shared. Default: all. The list may be empty.
    pub fn profile_items(mut self, items: impl IntoIterator<Item = ProfileItem>) -> Self {
        self.settings.disclosure = DisclosurePolicy::of(items);
        self
    }

    /// Sets the rules by which conditions of offers are read. Default: [`Rules::new`], the provider's own.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.settings.rules = rules;
        self
    }

    /// Sets the form of encrypted claims. Default: [`ClaimsFormat::FieldByField`], which the provider's own market answers.
    pub fn claims_format(mut self, format: ClaimsFormat) -> Self {
        self.settings.format = format;
        self
    }

    /// Sets how long to wait before claims are pushed, where Credify needs a moment to know a new user. Default: not at all;
    /// the reference server waits 3 s.
    pub fn push_delay(mut self, delay: Duration) -> Self {
        self.settings.push_delay = delay;
        self
    }

    /// Sets how long a request may take before it is answered with 503. Default: 30 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.settings.request_timeout = timeout;
        self
    }

    /// Sets the largest size of a body. Default: 4 MiB; the reference server takes 50 MB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.settings.max_body_bytes = bytes;
        self
    }

    /// A market that shares no data: *push claims* is answered, and pushes nothing.
    pub fn without_claims(mut self) -> Self {
        self.settings.without_claims = true;
        self
    }

    /// Sets where a person goes after paying later. Without it there is no such endpoint.
    pub fn bnpl_page(mut self, url: impl Into<String>) -> Self {
        self.settings.bnpl_page = Some(url.into());
        self
    }

    /// Sets who is paid for orders.
    pub fn payment_recipient(mut self, recipient: PaymentRecipient) -> Self {
        self.settings.recipient = recipient;
        self
    }

    /// Sets how the three tokens of encrypted claims are checked: clock skew, and what else is demanded. Default: strict.
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

    /// Sets where the API takes what comes to `/intents`, `/product` or `/claims`, since the provider has not published
    /// those addresses: the segments of the path. Without it such a request is answered with 501.
    pub fn forward<S: Into<String>>(
        mut self,
        endpoint: Endpoint,
        segments: impl IntoIterator<Item = S>,
    ) -> Self {
        self.settings.forwarded.insert(endpoint, segments.into_iter().map(Into::into).collect());
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
        self.settings.statuses = ReferenceStatuses(true);
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

    fn checked(self) -> Result<Market, Error> {
        let Settings { market_id, prefix, base_url, disclosure, statuses, .. } = self.settings;
        if market_id.is_empty() {
            return Err(Error::configuration("the market has no id")
                .with_hint("give the organisation's id of the dashboard to `Market::builder`"));
        }
        let client = self.client;
        client.signing_key()?;
        let prefix = prefix.trim_end_matches('/').to_owned();
        if !prefix.is_empty() && !prefix.starts_with('/') {
            return Err(Error::configuration("the prefix of the paths does not begin with a slash"));
        }
        let page = self.settings.bnpl_page.map(|page| {
            let page = Url::parse(&page).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
            page.ok_or_else(|| Error::configuration("the BNPL page is not a URL"))
        });
        let page = page.transpose()?;
        let missing = |what: &'static str, hint: &'static str| Error::configuration(what).with_hint(hint);
        let callers = self.callers.ok_or_else(|| {
            missing("it is not set who may call the market", "give `callers`, such as a `SharedToken`")
        })?;
        let users = self.users.ok_or_else(|| missing("the market has no users", "give `users`"))?;
        let commitments = self
            .commitments
            .ok_or_else(|| missing("the market has no store for commitments", "give `commitments`"))?;
        let orders = self.orders.ok_or_else(|| missing("the market has no orders", "give `orders`"))?;

        let clock = client.clock().clone();
        let validator = self.validator.unwrap_or_else(|| RequestValidator::new(clock.clone()));
        let authority = self.authority.unwrap_or_else(|| SharedAuthority::new(client.clone()));
        let guard = TokenGuard::new(authority.clone(), clock.clone(), self.introspection_limits);
        let tokens = Arc::new(PresentedTokens::new(guard, base_url.as_deref()));
        let conditions = Conditions { rules: self.settings.rules, statuses };
        let documents =
            DocumentClaims(self.documents.unwrap_or_else(|| Arc::new(FetchedDocuments::new(&client))));
        let owners = OrderOwners { orders: orders.clone(), users: users.clone(), statuses };
        let pushes = Arc::new(ClaimPushes::new(
            client.clone(),
            market_id.clone(),
            users.clone(),
            commitments.clone(),
            orders.clone(),
        ));
        let reception = self.webhooks.map(|(webhooks, store)| {
            let inbox = Inbox::new(store).clock(clock.clone());
            Arc::new(Reception { webhooks, inbox, handler: self.events, client: client.clone() })
        });
        let access = if self.settings.open_disbursement_requirements {
            DocumentsAccess::AnyToken
        } else if self.settings.bind_documents_to_order {
            DocumentsAccess::BoundToOrder
        } else {
            DocumentsAccess::ActiveToken
        };
        let endpoints = Endpoints {
            push_claims: PushClaims {
                users: users.clone(),
                pushes: pushes.clone(),
                disclosure: disclosure.clone(),
                clock: clock.clone(),
                delay: self.settings.push_delay,
                without_claims: self.settings.without_claims,
                statuses,
            },
            filter_offers: FilterOffers {
                tokens: tokens.clone(),
                users: users.clone(),
                disclosure: disclosure.clone(),
                conditions: conditions.clone(),
                base: base_url.map(|base| format!("{base}{prefix}")),
                statuses,
            },
            user_segment: UserSegment {
                tokens: tokens.clone(),
                users: users.clone(),
                disclosure: disclosure.clone(),
                conditions: conditions.clone(),
            },
            evaluate_offer: EvaluateOffer {
                tokens: tokens.clone(),
                users: users.clone(),
                disclosure: disclosure.clone(),
                conditions,
                empty_scopes_mean_all: self.settings.empty_scopes_mean_all,
            },
            encrypted_claims: EncryptedClaims {
                tokens: tokens.clone(),
                validator: if self.compatible { validator.compatible() } else { validator },
                authority,
                users: users.clone(),
                commitments: commitments.clone(),
                disclosure,
                format: self.settings.format,
                client: client.clone(),
                statuses,
            },
            bnpl_redirect: BnplRedirect { page },
            disbursement_documents: DisbursementDocuments {
                access,
                tokens,
                orders: orders.clone(),
                owners: owners.clone(),
                commitments,
                documents: documents.clone(),
                market_id,
                client: client.clone(),
                clock,
                statuses,
            },
            webhook: Webhook { reception: reception.clone(), failures: self.failures.clone() },
            push_disbursement_claims: PushDisbursementClaims { owners, documents, pushes: pushes.clone() },
            simulation: Simulate { client: client.clone() },
            create_order: CreateOrder {
                client: client.clone(),
                users,
                orders: orders.clone(),
                recipient: self.settings.recipient,
                statuses,
            },
            list_orders: ListOrders { orders },
            orders_of_user: OrdersOfUser { client: client.clone() },
            cancel_order: CancelOrder { client: client.clone() },
            disburse_order: DisburseOrder { client: client.clone() },
            forward: Forward { client, paths: self.settings.forwarded },
        };
        Ok(Market(Arc::new(Inner {
            routes: Routes { prefix },
            callers,
            endpoints,
            pushes,
            reception,
            failures: self.failures,
            request_timeout: self.settings.request_timeout,
            max_body_bytes: self.settings.max_body_bytes,
        })))
    }
}

crate::privacy::redacted_debug!(Builder { prefix: |this| this.settings.prefix, .. });
