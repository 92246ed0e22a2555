//! SelfKey for wallets, and KYC-Chain.

use std::future::Ready;

use futures_util::future::BoxFuture;
use kyckit::{
    Error,
    privacy::{Pii, Secret},
    selfkey::{
        Builder, Client, Did, ErrorBody, NewMember, RelyingPartyConfig, Subject, WalletKey, WalletSignature,
        WalletSigner,
        attribute::{Attribute, Document, FileObject, Requirement, SchemaId, resolve_files},
        kycc::{
            integrations::{self, Attachment, Filters, NewAttribute, NewQuestion},
            user_data::{self, UserFile},
            webhook::StatusHint,
        },
        model::{
            Application, ApplicationUpdate, KycUser, NewKycUser, Status, Template, TemplateId, UserToken,
        },
        token::UnverifiedToken,
    },
    transport::{Progress, RawRequest, Upload},
};
use serde_json::Value;

#[test]
fn values_are_shared_between_threads() {
    each!([Clone + Send + Sync + 'static]
        Application, Attachment, Attribute, Client, Did, Document, ErrorBody, FileObject, Filters, KycUser,
        NewAttribute, NewMember, NewQuestion, RelyingPartyConfig, Requirement, SchemaId, StatusHint, Subject,
        Template, UnverifiedToken, Upload, UserFile, UserToken, WalletKey, WalletSignature,
        integrations::Client, user_data::Reader,
    );
    each!([Send + Sync + 'static] Builder, dyn WalletSigner, integrations::Builder, user_data::Builder);
}

type Resolved = fn(FileObject) -> Ready<Result<Value, Error>>;
type Processed = fn(UserFile) -> BoxFuture<'static, Result<Value, Error>>;
type Values = Vec<(String, Pii<Value>)>;

futures! {
    "selfkey::attribute::files::resolve_files" =
        fn(value: Value, processor: &Resolved) resolve_files(value, processor);
    "selfkey::client::Client::log_in" = fn(client: &Client) client.log_in();
    "selfkey::client::Client::raw" = fn(client: &Client, request: RawRequest) client.raw(request);
    "selfkey::client::Client::create_application" =
        fn(client: &Client, template: TemplateId, attributes: &[Attribute])
            client.create_application(template, attributes);
    "selfkey::client::Client::applications" = fn(client: &Client) client.applications();
    "selfkey::client::Client::application" = fn(client: &Client, id: &str) client.application(id);
    "selfkey::client::Client::update_application" =
        fn(client: &Client, id: &str, update: &ApplicationUpdate) client.update_application(id, update);
    "selfkey::client::Client::record_payment" =
        fn(client: &Client, id: &str, hash: &str) client.record_payment(id, hash);
    "selfkey::client::Client::messages" = fn(client: &Client, id: &str) client.messages(id);
    "selfkey::client::Client::post_message" =
        fn(client: &Client, id: &str, message: &str) client.post_message(id, message);
    "selfkey::client::Client::change_status" =
        fn(client: &Client, id: &str, status: Status) client.change_status(id, status, None);
    "selfkey::client::Client::cancel_application" =
        fn(client: &Client, id: &str) client.cancel_application(id, None);
    "selfkey::client::Client::add_requirement" =
        fn(client: &Client, id: &str, schema: SchemaId) client.add_requirement(id, schema);
    "selfkey::client::Client::upload_additional_files" =
        fn(client: &Client, id: &str, attributes: &[Attribute]) client.upload_additional_files(id, attributes);
    "selfkey::client::Client::add_member" =
        fn(client: &Client, id: &str, member: &NewMember) client.add_member(id, member);
    "selfkey::client::Client::upload_file" =
        fn(client: &Client, document: &Document, progress: Progress)
            client.upload_file(document, Some(progress));
    "selfkey::client::Client::upload_user_file" =
        fn(client: &Client, document: &Document) client.upload_user_file(document, None);
    "selfkey::client::Client::file_link" = fn(client: &Client, id: &str) client.file_link(id);
    "selfkey::client::Client::kyc_user" = fn(client: &Client) client.kyc_user();
    "selfkey::client::Client::create_kyc_user" =
        fn(client: &Client, user: &NewKycUser) client.create_kyc_user(user);
    "selfkey::client::Client::access_token" = fn(client: &Client) client.access_token();
    "selfkey::client::Client::templates" = fn(client: &Client) client.templates();
    "selfkey::client::Client::template" = fn(client: &Client, id: &TemplateId) client.template(id);
    "selfkey::client::Client::create_user" =
        fn(client: &Client, attributes: &[Attribute]) client.create_user(attributes);
    "selfkey::client::Client::create_user_with" =
        fn(client: &Client, attributes: &[Attribute], meta: Value) client.create_user_with(attributes, meta);
    "selfkey::client::Client::user_token" = fn(client: &Client) client.user_token();
    "selfkey::client::Client::user_token_with" =
        fn(client: &Client, meta: &Value) client.user_token_with(meta);
    "selfkey::client::Client::log_in_user" =
        fn(client: &Client, token: &UserToken) client.log_in_user(token);
    "selfkey::kycc::integrations::Client::applications" =
        fn(client: &integrations::Client, filters: &Filters, fields: &[&str])
            client.applications(filters, fields);
    "selfkey::kycc::integrations::Client::application" =
        fn(client: &integrations::Client, id: &str, fields: &[&str]) client.application(id, fields);
    "selfkey::kycc::integrations::Client::review" =
        fn(client: &integrations::Client, id: &str) client.review(id);
    "selfkey::kycc::integrations::Client::update_application" =
        fn(client: &integrations::Client, id: &str, values: Values) client.update_application(id, values);
    "selfkey::kycc::integrations::Client::change_status" =
        fn(client: &integrations::Client, id: &str, status: Status) client.change_status(id, status, None);
    "selfkey::kycc::integrations::Client::add_attribute" =
        fn(client: &integrations::Client, id: &str, attribute: &NewAttribute)
            client.add_attribute(id, attribute);
    "selfkey::kycc::integrations::Client::invalidate_attributes" =
        fn(client: &integrations::Client, id: &str, ids: &[&str]) client.invalidate_attributes(id, ids);
    "selfkey::kycc::integrations::Client::add_question" =
        fn(client: &integrations::Client, id: &str, question: &NewQuestion) client.add_question(id, question);
    "selfkey::kycc::integrations::Client::invalidate_questions" =
        fn(client: &integrations::Client, id: &str, ids: &[&str]) client.invalidate_questions(id, ids);
    "selfkey::kycc::integrations::Client::add_attachment" =
        fn(client: &integrations::Client, id: &str, attachment: &Attachment)
            client.add_attachment(id, "credential", attachment);
    "selfkey::kycc::integrations::Client::file" =
        fn(client: &integrations::Client, id: &str) client.file(id);
    "selfkey::kycc::integrations::Client::users" =
        fn(client: &integrations::Client, filters: &Filters, fields: &[&str]) client.users(filters, fields);
    "selfkey::kycc::integrations::Client::user" =
        fn(client: &integrations::Client, id: &str, fields: &[&str]) client.user(id, fields);
    "selfkey::kycc::integrations::Client::raw" =
        fn(client: &integrations::Client, request: RawRequest) client.raw(request);
    "selfkey::kycc::user_data::Reader::user_data" =
        fn(reader: &user_data::Reader, token: &Secret, processor: &Processed)
            reader.user_data(token, "T1", processor);
    "selfkey::kycc::webhook::StatusHint::confirm" =
        fn(hint: &StatusHint, client: &integrations::Client) hint.confirm(client, &[]);
}
