//! Credo360's types and calls.

use kyckit::{
    credo360::{Builder, Challenge, Client, HandleId, Method, Ownership, Response, User, signer::Signer},
    transport::RawRequest,
};

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static] Client, HandleId, Method);
    each!([Send + Sync + 'static] Builder, Challenge, Ownership, Response, User);
}

futures! {
    "credo360::challenge::Challenge::sign" =
        fn(challenge: &Challenge, signer: &dyn Signer) challenge.sign(signer);
    "credo360::client::Client::authentication_methods" =
        fn(client: &Client, handle: &HandleId) client.authentication_methods(handle);
    "credo360::client::Client::challenge" =
        fn(client: &Client, handle: &HandleId, method: &Method) client.challenge(handle, method);
    "credo360::client::Client::challenge_by_preference" =
        fn(client: &Client, handle: &HandleId, methods: &[Method]) client.challenge_by_preference(handle, methods);
    "credo360::client::Client::validate" =
        fn(client: &Client, challenge: &mut Challenge, response: &Response) client.validate(challenge, response);
    "credo360::client::Client::owner" = fn(client: &Client, ownership: &Ownership) client.owner(ownership);
    "credo360::client::Client::user" = fn(client: &Client, handle: &HandleId) client.user(handle);
    "credo360::client::Client::raw" = fn(client: &Client, request: RawRequest) client.raw(request);
}
