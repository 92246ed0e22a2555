//! Credify's types and calls.

use http::{HeaderMap, Method};
use kyckit::{
    Error,
    credify::{
        AccessTokens, Builder, ClaimPush, Client, Environment, ErrorBody, Locale,
        authority::Authority,
        authorization::{Authorization, AuthorizationRequest},
        claims::Claims,
        keys::{DecryptionKey, EncryptionKey, SigningKey, VerifyingKey},
        market::Market,
        model::{
            Campaign, CampaignFilter, EntityKeys, EntityProfile, NewOrder, Offer, OfferQuery, Order,
            OrderCompletion, ProductType, SimulationInputs, TransactionUpdate, UserToken,
        },
        service_provider::ServiceProvider,
        userinfo::{UserInfo, UserInfoReader},
        validate::{ClaimsRequest, RequestValidator},
        webhook::{WebhookEvent, Webhooks},
    },
    inbox::{Delivery, Inbox},
    privacy::Secret,
    storage::MemoryInbox,
    transport::RawRequest,
    verified::State,
};
use serde_json::Value;

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static]
        AccessTokens, Authorization, AuthorizationRequest, Campaign, ClaimPush, Claims, Client, DecryptionKey,
        EncryptionKey, Environment, Locale, Market, Offer, Order, ErrorBody, ServiceProvider, SigningKey, UserInfo, UserToken, VerifyingKey,
        WebhookEvent, Webhooks,
    );
    each!([Send + Sync + 'static] Builder, dyn Authority);
}

type Handled = std::future::Ready<Result<State, Error>>;

futures! {
    "credify::client::Client::access_token" = fn(client: &Client) client.access_token();
    "credify::client::Client::raw" = fn(client: &Client, request: RawRequest) client.raw(request);
    "credify::client::Client::is_active" =
        fn(client: &Client, token: &Secret, scope: &str) client.is_active(token, scope);
    "credify::client::Client::introspection" =
        fn(client: &Client, token: &Secret) client.introspection(token);
    "credify::client::Client::public_keys" = fn(client: &Client, id: &str) client.public_keys(id);
    "credify::client::Client::push" = fn(client: &Client, push: &ClaimPush) client.push(push);
    "credify::client::Client::push_claims" =
        fn(client: &Client, id: &str, claims: &Claims) client.push_claims(id, id, claims);
    "credify::client::Client::push_disbursement_documents" =
        fn(client: &Client, id: &str, claims: &Claims) client.push_disbursement_documents(id, id, claims);
    "credify::client::Client::offers" = fn(client: &Client, query: &OfferQuery) client.offers(query);
    "credify::client::Client::update_transaction" =
        fn(client: &Client, id: &str, update: &TransactionUpdate) client.update_transaction(id, update);
    "credify::client::Client::campaign_page" =
        fn(client: &Client, filter: &CampaignFilter) client.campaign_page(filter, 1);
    "credify::client::Client::offer" = fn(client: &Client, code: &str) client.offer(code);
    "credify::client::Client::bnpl_info" = fn(client: &Client, query: &OfferQuery) client.bnpl_info(query);
    "credify::client::Client::completed_bnpl_providers" =
        fn(client: &Client, id: &str) client.completed_bnpl_providers(id);
    "credify::client::Client::simulate" =
        fn(client: &Client, product: &ProductType, inputs: &SimulationInputs)
            client.simulate(product, &[], inputs);
    "credify::client::Client::create_order" =
        fn(client: &Client, order: &NewOrder) client.create_order(order);
    "credify::client::Client::orders" = fn(client: &Client, id: &str) client.orders(id);
    "credify::client::Client::order" = fn(client: &Client, id: &str) client.order(id);
    "credify::client::Client::order_detail" = fn(client: &Client, id: &str) client.order_detail(id);
    "credify::client::Client::complete_order" =
        fn(client: &Client, id: &str, completion: &OrderCompletion) client.complete_order(id, completion);
    "credify::client::Client::revert_payment" = fn(client: &Client, id: &str) client.revert_payment(id);
    "credify::client::Client::disburse" = fn(client: &Client, id: &str) client.disburse(id);
    "credify::client::Client::create_entity" =
        fn(client: &Client, profile: &EntityProfile, password: &Secret, keys: &EntityKeys)
            client.create_entity(profile, password, keys);
    "credify::client::Client::user_token" =
        fn(client: &Client, id: &str, code: &Secret) client.user_token(id, code, id);
    "credify::client::Client::userinfo" =
        fn(client: &Client, token: &Secret, reader: &UserInfoReader<'_>) client.userinfo(token, reader);
    "credify::client::Client::sealed_userinfo" =
        fn(client: &Client, token: &Secret) client.sealed_userinfo(token);
    "credify::userinfo::UserInfoReader::read" =
        fn(reader: UserInfoReader<'_>, body: Value) reader.read(body);
    "credify::validate::RequestValidator::validate" =
        fn(validator: &RequestValidator, authority: &dyn Authority, call: ClaimsRequest<'_>)
            validator.validate(authority, call);
    "credify::webhook::Webhooks::open" =
        fn(webhooks: &Webhooks, headers: &HeaderMap, body: &[u8]) webhooks.open(headers, body);
    "credify::webhook::Webhooks::receive" =
        fn(webhooks: &Webhooks, inbox: &Inbox<MemoryInbox>, headers: &HeaderMap, body: &[u8])
            webhooks.receive(inbox, headers, body);
    "credify::webhook::Webhooks::work" =
        fn(webhooks: &Webhooks, inbox: &Inbox<MemoryInbox>, handler: fn(Delivery<WebhookEvent>) -> Handled)
            webhooks.work(inbox, handler);
    "credify::webhook::Webhooks::ready" = fn(webhooks: &Webhooks) webhooks.ready();
    "credify::market::Market::answer" =
        fn(market: &Market, method: &Method, headers: &HeaderMap) market.answer(method, "/", headers, b"");
    "credify::market::Market::recover" = fn(market: &Market) market.recover();
    "credify::market::Market::work_webhook" = fn(market: &Market) market.work_webhook();
    "credify::service_provider::ServiceProvider::answer" =
        fn(provider: &ServiceProvider, method: &Method, headers: &HeaderMap)
            provider.answer(method, "/", headers, b"");
}
