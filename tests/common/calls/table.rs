//! The table of all calls.

use std::{
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use futures_util::{StreamExt, TryStreamExt};
use kyckit::{
    Error,
    credify::{
        claims::Claims,
        keys::DecryptionKey,
        model::{
            CampaignFilter, EntityKeys, EntityName, EntityProfile, NewOrder, OfferQuery, OrderCompletion,
            PaymentRecipient, ProductType, SimulationInputs, TransactionStatus, TransactionUpdate,
        },
        money::{Currency, Money},
        userinfo::UserInfoReader,
    },
    credo360::{HandleId, Method, Ownership, Response},
    privacy::{Pii, Secret},
    selfkey::{
        Did, NewMember,
        attribute::{Attribute, AttributeType, Document},
        did::ResolveDid,
        kyc_chain::{
            Attachment, Filters, NewAttribute, NewQuestion, user_data::UserFile, webhook::StatusHint,
        },
        model::{ApplicationUpdate, NewKycUser, Status, TemplateId, UserToken},
    },
    shuftipro::{
        OpenVerification, Reconciled,
        request::{
            DeleteRequest, Document as Paper, Face, Reference, RiskAssessmentRequest, VerificationRequest,
        },
    },
    transport::{Progress, RawRequest, Upload},
};
use serde_json::json;

use super::{
    Call, Clients, Credentials, Idempotency, Reads, Recovery, Signature, Statuses,
    good::{SELFKEY_DID, unsigned_token},
};

/// Public `async` functions that send nothing that another entry does not send, each with the reason.
pub const SENDS_NOTHING_OF_ITS_OWN: &[(&str, &str)] = &[
    ("inbox::inbox::Inbox::receive", "reads what a provider sent"),
    ("inbox::inbox::Inbox::work", "hands a message to the application"),
    ("credify::market::server::Market::answer", "answers a request"),
    ("credify::market::server::Market::recover", "pushes claims again: Client::push"),
    ("credify::market::server::Market::work_webhook", "works on a webhook: Webhooks::ready and Client::push"),
    (
        "credify::service_provider::server::ServiceProvider::answer",
        "answers a request: Client::user_token and Client::userinfo",
    ),
    ("credify::userinfo::UserInfoReader::read", "reads a body; keys come from Client::public_keys"),
    (
        "credify::validate::RequestValidator::validate",
        "checks a request: Client::introspection and Client::public_keys",
    ),
    ("credify::webhook::Webhooks::open", "reads a webhook: Webhooks::ready"),
    ("credify::webhook::Webhooks::receive", "reads a webhook: Webhooks::ready"),
    ("credify::webhook::Webhooks::work", "works on a webhook: Webhooks::ready"),
    ("credo360::challenge::Challenge::sign", "asks the application's signer"),
    ("flow::registry::Registry::erase", "the calls of the provider's own client"),
    ("flow::registry::Registry::switch_provider", "the calls of the provider's own client"),
    ("flow::registry::Registry::resume", "the calls of the provider's own client"),
    ("flow::registry::Registry::start", "the calls of the provider's own client"),
    ("flow::registry::Registry::start_with_fallback", "the calls of the provider's own client"),
    ("flow::registry::Registry::wait", "the calls of the provider's own client"),
    ("maya::customer::Customer::replace", "hands tokens to the application"),
    ("maya::webhook::Sessions::keep", "keeps a session in the application's store"),
    ("maya::webhook::Sessions::receive", "reads what the provider sent"),
    ("maya::webhook::Sessions::redeem", "takes a session out of the application's store"),
    ("selfkey::model::attribute::files::resolve_files", "asks the application for each file"),
    (
        "selfkey::relying_party::server::RelyingParty::handle",
        "answers a request; documents of identities come from HttpResolver",
    ),
    (
        "selfkey::relying_party::signature::SignatureVerifier::verify",
        "checks a signature; documents come from HttpResolver",
    ),
    ("server::axum::Server::serve", "serves requests"),
    ("server::body::RequestBody::bytes", "reads a request"),
    ("server::service::HttpService::respond", "answers a request"),
    ("shuftipro::reconcile::ReconcileStream::next", "asks Client::status for each"),
    ("transport::pages::PageStream::next", "asks for a page by the client's own call"),
    ("transport::message::ByteStream::next", "reads a body that was opened"),
];

/// All calls, by provider.
pub static CALLS: &[Call] = &[
    Call {
        name: "shuftipro::client::Client::verify",
        step: "",
        request: "POST /shuftipro/",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::AsksForState,
        run: |c| Box::pin(async move { c.shuftipro().verify(&onsite("order-1")).await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::verify_with_progress",
        step: "",
        request: "POST /shuftipro/",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::AsksForState,
        run: |c| {
            Box::pin(async move {
                c.shuftipro().verify_with_progress(&onsite("order-1"), progress()).await.map(drop)
            })
        },
    },
    Call {
        name: "shuftipro::client::Client::resume",
        step: "state",
        request: "POST /shuftipro/status",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::StartsAt404,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.shuftipro().resume(&onsite("order-1")).await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::resume",
        step: "start",
        request: "POST /shuftipro/",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.shuftipro().resume(&onsite("unknown-1")).await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::assess_risk",
        step: "",
        request: "POST /shuftipro-risk/",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::AsksForState,
        run: |c| Box::pin(async move { c.shuftipro().assess_risk(&risk()).await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::status",
        step: "",
        request: "POST /shuftipro/status",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.shuftipro().status(&reference("order-1")).await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::delete",
        step: "",
        request: "POST /shuftipro/delete",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.shuftipro()
                    .delete(&DeleteRequest::new(reference("order-1"), "asked by the customer"))
                    .await
                    .map(drop)
            })
        },
    },
    Call {
        name: "shuftipro::client::Client::access_token",
        step: "",
        request: "POST /shuftipro/get/access/token",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.shuftipro().access_token().await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::account",
        step: "",
        request: "GET /shuftipro/account/info/",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.shuftipro().account().await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::decline_reasons",
        step: "",
        request: "GET /shuftipro/decline/reasons/",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.shuftipro().decline_reasons().await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::raw",
        step: "GET",
        request: "GET /shuftipro/anything",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.shuftipro().raw(RawRequest::get(["anything"])).await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::raw",
        step: "POST",
        request: "POST /shuftipro/anything",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.shuftipro().raw(post()?).await.map(drop) }),
    },
    Call {
        name: "shuftipro::client::Client::sweep",
        step: "stream",
        request: "POST /shuftipro/status",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Header,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { swept(c).await.map(drop) }),
    },
    Call {
        name: "shuftipro::download::Download::into",
        step: "",
        request: "POST /shuftipro/proof",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::File,
        statuses: Statuses::DeadLink,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { proof(c).await.map(drop) }),
    },
    Call {
        name: "maya::client::Client::profile",
        step: "",
        request: "GET /maya/profile",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Token,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.maya().profile(&c.tokens()).await.map(drop) }),
    },
    Call {
        name: "maya::client::Client::profile",
        step: "client token",
        request: "POST /maya-connect/token",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.maya().profile(&c.tokens()).await.map(drop) }),
    },
    Call {
        name: "maya::client::Client::sealed_profile",
        step: "",
        request: "GET /maya/profile",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.maya().sealed_profile(&c.tokens()).await.map(drop) }),
    },
    Call {
        name: "maya::client::Client::refresh",
        step: "",
        request: "POST /maya/tokens",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.maya().refresh(&c.tokens()).await.map(drop) }),
    },
    Call {
        name: "maya::client::Client::raw",
        step: "GET",
        request: "GET /maya/anything",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(
                async move { c.maya().raw(RawRequest::get(["anything"]), Some(&c.tokens())).await.map(drop) },
            )
        },
    },
    Call {
        name: "maya::client::Client::raw",
        step: "POST",
        request: "POST /maya/anything",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.maya().raw(post()?, None).await.map(drop) }),
    },
    Call {
        name: "maya::customer::Customer::profile",
        step: "",
        request: "GET /maya/profile",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::Token,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.customer().profile().await.map(drop) }),
    },
    Call {
        name: "maya::customer::Customer::sealed_profile",
        step: "",
        request: "GET /maya/profile",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.customer().sealed_profile().await.map(drop) }),
    },
    Call {
        name: "maya::customer::Customer::tokens",
        step: "",
        request: "POST /maya/tokens",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.customer_past_its_time().tokens().await.map(drop) }),
    },
    Call {
        name: "maya::customer::Customer::refresh",
        step: "",
        request: "POST /maya/tokens",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.customer_past_its_time().refresh().await.map(drop) }),
    },
    Call {
        name: "maya::download::Download::into",
        step: "",
        request: "GET /maya/file",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::File,
        statuses: Statuses::DeadLink,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { document(c).await.map(drop) }),
    },
    Call {
        name: "credo360::client::Client::authentication_methods",
        step: "",
        request: "GET /credo360/auth/02598397346",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credo360().authentication_methods(&handle()).await.map(drop) }),
    },
    Call {
        name: "credo360::client::Client::challenge",
        step: "",
        request: "POST /credo360/auth/02598397346",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.credo360().challenge(&handle(), &Method::Passcode).await.map(drop) })
        },
    },
    Call {
        name: "credo360::client::Client::challenge_by_preference",
        step: "methods",
        request: "GET /credo360/auth/02598397346",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.credo360().challenge_by_preference(&handle(), &[Method::Passcode]).await.map(drop)
            })
        },
    },
    Call {
        name: "credo360::client::Client::challenge_by_preference",
        step: "challenge",
        request: "POST /credo360/auth/02598397346",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.credo360().challenge_by_preference(&handle(), &[Method::Passcode]).await.map(drop)
            })
        },
    },
    Call {
        name: "credo360::client::Client::validate",
        step: "",
        request: "PATCH /credo360/auth/c-1",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { validated(c).await.map(drop) }),
    },
    Call {
        name: "credo360::client::Client::owner",
        step: "",
        request: "GET /credo360/users/02598397346",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credo360().owner(&validated(c).await?).await.map(drop) }),
    },
    Call {
        name: "credo360::client::Client::user",
        step: "",
        request: "GET /credo360/users/02598397346",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credo360().user(&handle()).await.map(drop) }),
    },
    Call {
        name: "credo360::client::Client::raw",
        step: "GET",
        request: "GET /credo360/anything",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credo360().raw(RawRequest::get(["anything"])).await.map(drop) }),
    },
    Call {
        name: "credo360::client::Client::raw",
        step: "POST",
        request: "POST /credo360/anything",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credo360().raw(post()?).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::log_in",
        step: "challenge",
        request: "GET /selfkey/auth/challenge/did:eth:0x5f2e5edc747a92821d16ab36a77ac729f5e66347",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().log_in().await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::log_in",
        step: "reply",
        request: "POST /selfkey/auth/challenge",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().log_in().await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::raw",
        step: "GET",
        request: "GET /selfkey/anything",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().raw(RawRequest::get(["anything"])).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::raw",
        step: "POST",
        request: "POST /selfkey/anything",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().raw(post()?).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::create_application",
        step: "file",
        request: "POST /selfkey/files",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().create_application("T1", &[id_card()]).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::create_application",
        step: "application",
        request: "POST /selfkey/applications",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.selfkey().create_application("T1", &[first_name()]).await.map(drop) })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::applications",
        step: "",
        request: "GET /selfkey/applications",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::NoneIs404,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().applications().await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::application",
        step: "",
        request: "GET /selfkey/applications/A1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().application("A1").await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::update_application",
        step: "",
        request: "PATCH /selfkey/applications/A1",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.selfkey().update_application("A1", &ApplicationUpdate::new("T1")).await.map(drop)
            })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::record_payment",
        step: "",
        request: "POST /selfkey/applications/A1/payments",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().record_payment("A1", "0x1").await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::messages",
        step: "",
        request: "GET /selfkey/applications/A1/chat",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().messages("A1").await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::post_message",
        step: "",
        request: "POST /selfkey/applications/A1/chat",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().post_message("A1", "hello").await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::change_status",
        step: "",
        request: "POST /selfkey/applications/A1/change_status",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.selfkey().change_status("A1", Status::Canceled, None).await.map(drop) })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::cancel_application",
        step: "",
        request: "POST /selfkey/applications/A1/change_status",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().cancel_application("A1", None).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::add_requirement",
        step: "",
        request: "POST /selfkey/applications/A1/attributes",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(
                async move { c.selfkey().add_requirement("A1", AttributeType::NationalId).await.map(drop) },
            )
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::upload_additional_files",
        step: "file",
        request: "POST /selfkey/files",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.selfkey().upload_additional_files("A1", &[id_card()]).await.map(drop) })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::upload_additional_files",
        step: "application",
        request: "GET /selfkey/applications/A1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.selfkey().upload_additional_files("A1", &[id_card()]).await.map(drop) })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::upload_additional_files",
        step: "change",
        request: "PATCH /selfkey/applications/A1",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.selfkey().upload_additional_files("A1", &[id_card()]).await.map(drop) })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::add_member",
        step: "file",
        request: "POST /selfkey/files",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.selfkey().add_member("A1", &NewMember::new("T1").attribute(id_card())).await.map(drop)
            })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::add_member",
        step: "member",
        request: "POST /selfkey/applications/A1/members",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.selfkey().add_member("A1", &NewMember::new("T1").attribute(first_name())).await.map(drop)
            })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::upload_file",
        step: "",
        request: "POST /selfkey/files",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().upload_file(&paper(), Some(progress())).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::upload_user_file",
        step: "",
        request: "POST /selfkey/users/file",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().upload_user_file(&paper(), None).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::file_link",
        step: "",
        request: "GET /selfkey/users/files/f-1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().file_link("f-1").await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::kyc_user",
        step: "",
        request: "GET /selfkey/kyc-users/me",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::NoneIs404,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().kyc_user().await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::create_kyc_user",
        step: "",
        request: "POST /selfkey/kyc-users",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.selfkey().create_kyc_user(&NewKycUser::person("a@b.example", "Ada", "Roe")).await.map(drop)
            })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::access_token",
        step: "",
        request: "GET /selfkey/auth/token",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().access_token().await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::templates",
        step: "",
        request: "GET /selfkey/templates",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().templates().await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::template",
        step: "",
        request: "GET /selfkey/templates/T1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().template(&TemplateId::from("T1")).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::create_user",
        step: "file",
        request: "POST /selfkey/users/file",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().create_user(&[id_card()]).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::create_user",
        step: "user",
        request: "POST /selfkey/users",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().create_user(&[first_name()]).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::create_user_with",
        step: "",
        request: "POST /selfkey/users",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Session,
        reads: Reads::Anything,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.selfkey().create_user_with(&[first_name()], json!({})).await.map(drop) })
        },
    },
    Call {
        name: "selfkey::wallet::client::Client::user_token",
        step: "",
        request: "GET /selfkey/users/token",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().user_token().await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::user_token_with",
        step: "",
        request: "GET /selfkey/users/token",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Session,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.selfkey().user_token_with(&json!({})).await.map(drop) }),
    },
    Call {
        name: "selfkey::wallet::client::Client::log_in_user",
        step: "",
        request: "POST /selfkey/login",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.selfkey().log_in_user(&UserToken::of(&"t".into())).await.map(drop) })
        },
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::applications",
        step: "",
        request: "GET /kycc/integrations/v2/applications",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().applications(&Filters::new(), &[]).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::all_applications",
        step: "stream",
        request: "GET /kycc/integrations/v2/applications",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.kycc().all_applications(Filters::new(), &[]).try_next().await.map(drop) })
        },
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::application",
        step: "",
        request: "GET /kycc/integrations/v2/applications/A1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().application("A1", &[]).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::review",
        step: "",
        request: "GET /kycc/integrations/v2/applications/A1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().review("A1").await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::update_application",
        step: "",
        request: "PATCH /kycc/integrations/v2/applications/A1",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.kycc().update_application("A1", [("a".to_owned(), Pii::new(json!(1)))]).await.map(drop)
            })
        },
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::change_status",
        step: "",
        request: "POST /kycc/integrations/v2/applications/A1/status_changes",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.kycc().change_status("A1", Status::Approved, None).await.map(drop) })
        },
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::add_attribute",
        step: "",
        request: "POST /kycc/integrations/v2/applications/A1/attributes",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Word,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.kycc()
                    .add_attribute("A1", &NewAttribute::new(AttributeType::NationalId, "ID"))
                    .await
                    .map(drop)
            })
        },
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::invalidate_attributes",
        step: "",
        request: "POST /kycc/integrations/v2/applications/A1/attributes/invalidate",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Word,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().invalidate_attributes("A1", &["a"]).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::add_question",
        step: "",
        request: "POST /kycc/integrations/v2/applications/A1/questions",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Word,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.kycc().add_question("A1", &NewQuestion::new("input", "Q", "Why?")).await.map(drop)
            })
        },
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::invalidate_questions",
        step: "",
        request: "POST /kycc/integrations/v2/applications/A1/questions/invalidate",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Word,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().invalidate_questions("A1", &["q"]).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::add_attachment",
        step: "",
        request: "POST /kycc/integrations/v2/applications/A1/attachments",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Word,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.kycc()
                    .add_attachment("A1", "credential", &Attachment::new("image/png", Upload::bytes("x")))
                    .await
                    .map(drop)
            })
        },
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::file",
        step: "",
        request: "GET /kycc/integrations/v2/files/f-1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::WholeFile,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().file("f-1").await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::users",
        step: "",
        request: "GET /kycc/integrations/v2/users",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().users(&Filters::new(), &[]).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::all_users",
        step: "stream",
        request: "GET /kycc/integrations/v2/users",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().all_users(Filters::new(), &[]).try_next().await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::user",
        step: "",
        request: "GET /kycc/integrations/v2/users/u-1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().user("u-1", &[]).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::raw",
        step: "GET",
        request: "GET /kycc/integrations/v2/anything",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().raw(RawRequest::get(["anything"])).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::client::Client::raw",
        step: "POST",
        request: "POST /kycc/integrations/v2/anything",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.kycc().raw(post()?).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::webhook::StatusHint::confirm",
        step: "",
        request: "GET /kycc/integrations/v2/applications/A1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { hint()?.confirm(c.kycc(), &[]).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::user_data::reader::Reader::user_data",
        step: "log-in",
        request: "POST /kycc/api/v2/auth/login",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::TokenRefused,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { user_data(c).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::user_data::reader::Reader::user_data",
        step: "applications",
        request: "GET /kycc/api/v2/applications",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { user_data(c).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::user_data::reader::Reader::user_data",
        step: "application",
        request: "GET /kycc/api/v2/applications/A1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { user_data(c).await.map(drop) }),
    },
    Call {
        name: "selfkey::kyc_chain::user_data::reader::Reader::user_data",
        step: "file",
        request: "GET /kycc/api/v2/files/f-1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::WholeFile,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { user_data(c).await.map(drop) }),
    },
    Call {
        name: "selfkey::did::http::HttpResolver::resolve",
        step: "",
        request: "GET /resolver/did:selfkey:0xee10a3335f48e10b444e299cf017d57879109c1e32cec3e31103ceca7718d0ec",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::NoneIs404,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.resolver().resolve(&did()).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::access_token",
        step: "",
        request: "POST /credify-api/v1/token",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().access_token().await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::raw",
        step: "GET",
        request: "GET /credify-api/anything",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().raw(RawRequest::get(["anything"])).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::raw",
        step: "POST",
        request: "POST /credify-api/anything",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Bytes,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().raw(post()?).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::is_active",
        step: "",
        request: "POST /credify-api/v1/oauth2/introspect",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().is_active(&"t".into(), "openid").await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::introspection",
        step: "",
        request: "POST /credify-api/v1/oauth2/introspect",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().introspection(&"t".into()).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::public_keys",
        step: "",
        request: "GET /credify-api/v1/entity/public-key",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().public_keys("e-1").await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::push",
        step: "",
        request: "PUT /credify-api/v1/claim-providers/entities/e-1/claims",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::AnyJson,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { push(c).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::push_claims",
        step: "",
        request: "PUT /credify-api/v1/claim-providers/entities/e-1/claims",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::AnyJson,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().push_claims("p-1", "e-1", &claims()).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::push_disbursement_documents",
        step: "",
        request: "PUT /credify-api/v1/claim-providers/entities/e-1/claims",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::AnyJson,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.credify().push_disbursement_documents("p-1", "e-1", &disbursement()?).await.map(drop)
            })
        },
    },
    Call {
        name: "credify::client::Client::offers",
        step: "",
        request: "POST /credify-api/v1/claim-providers/offers",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().offers(&OfferQuery::new("7")).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::update_transaction",
        step: "",
        request: "PUT /credify-api/v1/oidc-clients/offers/transactions/t-1/status",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.credify()
                    .update_transaction("t-1", &TransactionUpdate::new(TransactionStatus::Completed))
                    .await
                    .map(drop)
            })
        },
    },
    Call {
        name: "credify::client::Client::campaign_page",
        step: "",
        request: "GET /credify-api/v1/oidc-clients/campaigns",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.credify().campaign_page(&CampaignFilter::new(), 1).await.map(drop) })
        },
    },
    Call {
        name: "credify::client::Client::campaigns",
        step: "stream",
        request: "GET /credify-api/v1/oidc-clients/campaigns",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move { c.credify().campaigns(&CampaignFilter::new()).try_next().await.map(drop) })
        },
    },
    Call {
        name: "credify::client::Client::offer",
        step: "",
        request: "GET /credify-api/v1/oidc-clients/offers/o-1",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().offer("o-1").await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::bnpl_info",
        step: "offers",
        request: "POST /credify-api/v1/claim-providers/offers",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(
                async move { c.credify().bnpl_info(&OfferQuery::new("7").credify_id("c-1")).await.map(drop) },
            )
        },
    },
    Call {
        name: "credify::client::Client::bnpl_info",
        step: "providers",
        request: "GET /credify-api/v1/integration/bnpl-consumers/completed-bnpl-providers",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(
                async move { c.credify().bnpl_info(&OfferQuery::new("7").credify_id("c-1")).await.map(drop) },
            )
        },
    },
    Call {
        name: "credify::client::Client::completed_bnpl_providers",
        step: "",
        request: "GET /credify-api/v1/integration/bnpl-consumers/completed-bnpl-providers",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().completed_bnpl_providers("c-1").await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::simulate",
        step: "",
        request: "POST /credify-api/v2/integration/claim-providers/products/p/simulation",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.credify()
                    .simulate(&ProductType::from("p"), &["x"], &SimulationInputs::new())
                    .await
                    .map(drop)
            })
        },
    },
    Call {
        name: "credify::client::Client::create_order",
        step: "",
        request: "POST /credify-api/v1/integration/bnpl-consumers/orders",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().create_order(&order()?).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::orders",
        step: "",
        request: "GET /credify-api/v1/integration/bnpl-consumers/orders",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(
                async move { c.credify().orders("919108f7-52d1-4320-9bac-f847db4148a8").await.map(drop) },
            )
        },
    },
    Call {
        name: "credify::client::Client::order",
        step: "",
        request: "GET /credify-api/v1/integration/bnpl-providers/orders/x",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().order("x").await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::order_detail",
        step: "",
        request: "GET /credify-api/v1/bnpl-consumer/orders/x",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().order_detail("x").await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::complete_order",
        step: "",
        request: "POST /credify-api/v1/integration/bnpl-providers/orders/x/complete",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().complete_order("x", &completion()?).await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::revert_payment",
        step: "",
        request: "POST /credify-api/v1/integration/bnpl-consumers/orders/x/revert",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().revert_payment("x").await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::disburse",
        step: "",
        request: "POST /credify-api/v1/integration/bnpl-consumers/orders/x/disburse",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().disburse("x").await.map(drop) }),
    },
    Call {
        name: "credify::client::Client::create_entity",
        step: "",
        request: "POST /credify-api/v1/idpass/users",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.credify()
                    .create_entity(&person(), &"password".into(), &EntityKeys::new("SP", "SS", "EP", "ES"))
                    .await
                    .map(drop)
            })
        },
    },
    Call {
        name: "credify::client::Client::user_token",
        step: "",
        request: "POST /credify-oidc/oauth2/token",
        idempotency: Idempotency::NotIdempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(async move {
                c.credify().user_token("c-1", &"code".into(), "https://rp.example/cb").await.map(drop)
            })
        },
    },
    Call {
        name: "credify::client::Client::userinfo",
        step: "",
        request: "GET /credify-oidc/userinfo",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| {
            Box::pin(
                async move { c.credify().userinfo(&"t".into(), &UserInfoReader::new(&KEY)).await.map(drop) },
            )
        },
    },
    Call {
        name: "credify::client::Client::sealed_userinfo",
        step: "",
        request: "GET /credify-oidc/userinfo",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Fixed,
        reads: Reads::AnyJson,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.credify().sealed_userinfo(&"t".into()).await.map(drop) }),
    },
    Call {
        name: "credify::webhook::Webhooks::ready",
        step: "",
        request: "GET /credify-api/v1/entity/public-key",
        idempotency: Idempotency::Idempotent,
        credentials: Credentials::Renewed,
        reads: Reads::Json,
        statuses: Statuses::Usual,
        signature: Signature::None,
        recovery: Recovery::None,
        run: |c| Box::pin(async move { c.webhooks().ready().await.map(drop) }),
    },
];

fn reference(text: &str) -> Reference {
    Reference::new(text).expect("a reference")
}

fn onsite(text: &str) -> VerificationRequest {
    VerificationRequest::onsite(reference(text)).document(Paper::ocr()).face(Face::new())
}

fn risk() -> RiskAssessmentRequest {
    RiskAssessmentRequest::new(reference("order-1"), "37rNhl", "jane.roe@example.com", "+447700900123")
}

fn progress() -> Progress {
    Progress::new(|_, _| {})
}

/// A request that the clients have no method for, and that must not be repeated.
fn post() -> Result<RawRequest, Error> {
    RawRequest::post(["anything"]).json(&json!({ "a": 1 }))
}

async fn swept(c: &Clients) -> Result<(), Error> {
    let unfinished = OpenVerification::new(reference("order-1"), SystemTime::UNIX_EPOCH);
    let mut swept = c.shuftipro().reconcile([unfinished], Duration::from_secs(60));
    match swept.next().await {
        Some((_, Reconciled::Failed(error))) => Err(error),
        _ => Ok(()),
    }
}

async fn proof(c: &Clients) -> Result<(), Error> {
    let status = c.shuftipro().status(&reference("proofs-1")).await?;
    let link = status.proofs().first().expect("a link").clone();
    c.shuftipro().download(link).max_bytes(64 * 1024).into(&mut Vec::new()).await.map(drop)
}

async fn document(c: &Clients) -> Result<(), Error> {
    let profile = c.maya().profile(&c.tokens()).await?;
    let link = profile.identity_documents().first().and_then(|document| document.front.clone());
    let link = link.expect("a link");
    c.maya().download(&link).max_bytes(64 * 1024).into(&mut Vec::new()).await.map(drop)
}

fn handle() -> HandleId {
    "02598397346".parse().expect("a Credo ID")
}

async fn validated(c: &Clients) -> Result<Ownership, Error> {
    let mut challenge = c.credo360().challenge(&handle(), &Method::Passcode).await?;
    c.credo360().validate(&mut challenge, &Response::passcode("783423")).await
}

fn paper() -> Document {
    Document::new(1, "image/jpeg", Upload::bytes("front")).name("front.jpg")
}

fn id_card() -> Attribute {
    Attribute::new("national_id", AttributeType::NationalId, json!({ "front": "$document-1" }))
        .document(paper())
}

fn first_name() -> Attribute {
    Attribute::new("first_name", AttributeType::FirstName, "Ada")
}

fn hint() -> Result<StatusHint, Error> {
    StatusHint::read(br#"{"applicationId":"A1","statusName":"Approved","statusCode":2}"#)
}

async fn nothing(_: UserFile) -> Result<serde_json::Value, Error> {
    Ok(serde_json::Value::Null)
}

async fn user_data(c: &Clients) -> Result<(), Error> {
    let token = Secret::new(unsigned_token(r#"{"sub":"u-1"}"#));
    c.reader().user_data(&token, "T1", &nothing).await.map(drop)
}

fn did() -> Did {
    SELFKEY_DID.parse().expect("a DID")
}

static KEY: LazyLock<DecryptionKey> = LazyLock::new(|| DecryptionKey::generate().expect("a key"));

fn claims() -> Claims {
    Claims::new().phone("+84381234567").email("jane.roe@example.com")
}

fn disbursement() -> Result<Claims, Error> {
    Claims::from_value(json!({ "bnpl_order:x:contract": {} }))
}

async fn push(c: &Clients) -> Result<(), Error> {
    let push = c.credify().claim_push("p-1", "e-1", &claims())?;
    c.credify().push(&push).await
}

fn money(text: &str) -> Result<Money, Error> {
    Money::new(text.parse().expect("a number"), Currency::Vnd)
}

fn order() -> Result<NewOrder, Error> {
    let recipient = PaymentRecipient::bank_account("Demo", "190", "", "Techcombank");
    Ok(NewOrder::new("1112", recipient).total_amount(money("30000000")?))
}

fn completion() -> Result<OrderCompletion, Error> {
    use kyckit::credify::money::{Duration, DurationUnit};
    let month = Duration::new(1_u64, DurationUnit::Month)?;
    Ok(OrderCompletion::new(money("1")?, 1.5, month.clone(), month, 0.5, "190", "e-1"))
}

fn person() -> EntityProfile {
    EntityProfile::new().name(EntityName::new("Jane", "Roe")).email("j@example.com").phone("+84", "1")
}
