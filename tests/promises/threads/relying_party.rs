//! The types and calls of SelfKey's relying party.

use std::net::IpAddr;

use http::Request;
use kyckit::{
    selfkey::{
        Did,
        kycc::integrations,
        relying_party::{
            AccessClaims, Applications, Builder, ChallengeClaims, FileSink, Files, Holder, Memory,
            RelyingParty, Schemas, SignatureVerifier, Signer, SubmittedAttribute, Templates, TokenIssuer,
            TokenVerifier, TrustedProxies, Users,
        },
        resolver::{Cached, Controllers, DidDocument, HttpResolver, LookUpController, ResolveDid, Resolver},
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
    each!([Send + Sync + 'static]
        dyn Applications, dyn Files, dyn LookUpController, dyn ResolveDid, dyn Templates, dyn Users, Schemas,
    );
    each!([Send + 'static] Box<dyn FileSink>);
}

futures! {
    "selfkey::kycc::integrations::Client::review" = fn(client: &integrations::Client, id: &str) client.review(id);
    "selfkey::relying_party::RelyingParty::handle" =
        fn(party: &RelyingParty, request: Request<Body>, peer: IpAddr) party.handle(request, peer);
    "selfkey::relying_party::signature::SignatureVerifier::verify" =
        fn(verifier: &SignatureVerifier, message: &str, signature: &Value, did: &str)
            verifier.verify(message, signature, did);
}
