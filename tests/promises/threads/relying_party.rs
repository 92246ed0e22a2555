//! The types and calls of SelfKey's relying party.

use std::net::IpAddr;

use http::Request;
use kyckit::{
    selfkey::{
        Did,
        did::{Cached, Controllers, DidDocument, HttpResolver, Resolver},
        kyc_chain,
        relying_party::{
            AccessClaims, Builder, ChallengeClaims, Holder, Memory, RelyingParty, Schemas, SignatureVerifier,
            Signer, SubmittedAttribute, TokenIssuer, TokenVerifier, TrustedProxies,
        },
    },
    transport::Body,
};
use serde_json::Value;

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static]
        AccessClaims, Builder, Cached<Resolver>, ChallengeClaims, Controllers, Did, DidDocument, Holder, HttpResolver,
        Memory, RelyingParty, Resolver, SignatureVerifier, Signer, SubmittedAttribute, TokenIssuer, TokenVerifier,
        TrustedProxies,
    );
    each!([Send + Sync + 'static] Schemas);
}

futures! {
    "selfkey::kyc_chain::client::Client::review" = fn(client: &kyc_chain::Client, id: &str) client.review(id);
    "selfkey::relying_party::server::RelyingParty::handle" =
        fn(party: &RelyingParty, request: Request<Body>, peer: IpAddr) party.handle(request, peer);
    "selfkey::relying_party::signature::SignatureVerifier::verify" =
        fn(verifier: &SignatureVerifier, message: &str, signature: &Value, did: &str)
            verifier.verify(message, signature, did);
}
