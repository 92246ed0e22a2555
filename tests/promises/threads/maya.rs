//! Maya's types and calls.

use http::HeaderMap;
use kyckit::{
    maya::{
        Builder, Client, Customer, CustomerTokens, DocumentLink, Download, EncryptedProfile, Profile,
        TokenRejection,
        webhook::{Session, SessionId, Sessions},
    },
    storage::MemoryOneTime,
    transport::RawRequest,
};

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static]
        Client, Customer, CustomerTokens, DocumentLink, Profile, EncryptedProfile, Session, SessionId, TokenRejection,
    );
    each!([Send + Sync + 'static] Builder, Sessions<MemoryOneTime>);
}

futures! {
    "maya::client::Client::profile" =
        fn(client: &Client, tokens: &CustomerTokens) client.profile(tokens);
    "maya::client::Client::sealed_profile" =
        fn(client: &Client, tokens: &CustomerTokens) client.sealed_profile(tokens);
    "maya::client::Client::refresh" =
        fn(client: &Client, tokens: &CustomerTokens) client.refresh(tokens);
    "maya::client::Client::raw" =
        fn(client: &Client, request: RawRequest, tokens: &CustomerTokens) client.raw(request, Some(tokens));
    "maya::customer::Customer::profile" = fn(customer: &Customer) customer.profile();
    "maya::customer::Customer::sealed_profile" = fn(customer: &Customer) customer.sealed_profile();
    "maya::customer::Customer::tokens" = fn(customer: &Customer) customer.tokens();
    "maya::customer::Customer::refresh" = fn(customer: &Customer) customer.refresh();
    "maya::customer::Customer::replace" =
        fn(customer: &Customer, tokens: CustomerTokens) customer.replace(tokens);
    "maya::download::Download::into" =
        fn(download: Download<'_>, writer: &mut Vec<u8>) download.into(writer);
    "maya::webhook::Sessions::receive" =
        fn(sessions: &Sessions<MemoryOneTime>, headers: &HeaderMap, body: &[u8]) sessions.receive(headers, body);
    "maya::webhook::Sessions::keep" =
        fn(sessions: &Sessions<MemoryOneTime>, session: &Session, id: &SessionId) sessions.keep(session, id);
    "maya::webhook::Sessions::redeem" =
        fn(sessions: &Sessions<MemoryOneTime>, id: &SessionId) sessions.redeem(id);
}
