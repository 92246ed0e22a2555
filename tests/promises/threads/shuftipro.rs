//! Shufti Pro's types and calls.

use kyckit::{
    shuftipro::{
        Builder, Callbacks, Client, Decision, Download, Event, OpenVerification, ReconcileStream, Reconciled,
        VerificationResponse,
        model::{AccessToken, Account, DeclineReason, ProofLink},
        request::{DeleteRequest, Reference, RiskAssessmentRequest, VerificationRequest},
        signature::Verifier,
    },
    transport::{Progress, RawRequest},
};

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static] VerificationResponse, Callbacks, Client, Decision, Event, Reference, Verifier);
    each!([Send + Sync + 'static]
        AccessToken, Account, Builder, DeclineReason, DeleteRequest, ProofLink, RiskAssessmentRequest, Reconciled,
        OpenVerification, VerificationRequest,
    );
}

futures! {
    "shuftipro::client::Client::verify" =
        fn(client: &Client, request: &VerificationRequest) client.verify(request);
    "shuftipro::client::Client::verify_with_progress" =
        fn(client: &Client, request: &VerificationRequest, progress: Progress)
            client.verify_with_progress(request, progress);
    "shuftipro::client::Client::resume" =
        fn(client: &Client, request: &VerificationRequest) client.resume(request);
    "shuftipro::client::Client::assess_risk" =
        fn(client: &Client, request: &RiskAssessmentRequest) client.assess_risk(request);
    "shuftipro::client::Client::status" = fn(client: &Client, reference: &Reference) client.status(reference);
    "shuftipro::client::Client::delete" = fn(client: &Client, request: &DeleteRequest) client.delete(request);
    "shuftipro::client::Client::access_token" = fn(client: &Client) client.access_token();
    "shuftipro::client::Client::account" = fn(client: &Client) client.account();
    "shuftipro::client::Client::decline_reasons" = fn(client: &Client) client.decline_reasons();
    "shuftipro::client::Client::raw" = fn(client: &Client, request: RawRequest) client.raw(request);
    "shuftipro::download::Download::into" =
        fn(download: Download<'_>, writer: &mut Vec<u8>) download.into(writer);
    "shuftipro::reconcile::ReconcileStream::next" = fn(found: &mut ReconcileStream) found.next();
}
