//! SelfKey for wallets, and KYC-Chain.

use std::future::Ready;

use futures_util::future::BoxFuture;
use kyckit::{
    Error,
    privacy::{Pii, Secret},
    selfkey::{
        Client, Did, ErrorBody, NewMember, RelyingPartyConfig, Subject, WalletKey, WalletSignature,
        attribute::{Attribute, Document, FileObject, Requirement, SchemaId, resolve_files},
        kyc_chain::{
            self, Attachment, Filters, NewAttribute, NewQuestion,
            user_data::{self, UserFile},
            webhook::StatusHint,
        },
        model::{
            Application, ApplicationUpdate, KycUser, NewKycUser, Status, Template, TemplateId,
            UnverifiedToken, UserToken,
        },
        wallet::Builder,
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
        kyc_chain::Client, user_data::Reader,
    );
    each!([Send + Sync + 'static] Builder, kyc_chain::Builder, user_data::Builder);
}

type Resolved = fn(FileObject) -> Ready<Result<Value, Error>>;
type Processed = fn(UserFile) -> BoxFuture<'static, Result<Value, Error>>;
type Values = Vec<(String, Pii<Value>)>;

futures! {
    "selfkey::model::attribute::files::resolve_files" =
        fn(value: Value, processor: &Resolved) resolve_files(value, processor);
    "selfkey::wallet::client::Client::log_in" = fn(client: &Client) client.log_in();
    "selfkey::wallet::client::Client::raw" = fn(client: &Client, request: RawRequest) client.raw(request);
    "selfkey::wallet::client::Client::create_application" =
        fn(client: &Client, template: TemplateId, attributes: &[Attribute])
            client.create_application(template, attributes);
    "selfkey::wallet::client::Client::applications" = fn(client: &Client) client.applications();
    "selfkey::wallet::client::Client::application" = fn(client: &Client, id: &str) client.application(id);
    "selfkey::wallet::client::Client::update_application" =
        fn(client: &Client, id: &str, update: &ApplicationUpdate) client.update_application(id, update);
    "selfkey::wallet::client::Client::record_payment" =
        fn(client: &Client, id: &str, hash: &str) client.record_payment(id, hash);
    "selfkey::wallet::client::Client::messages" = fn(client: &Client, id: &str) client.messages(id);
    "selfkey::wallet::client::Client::post_message" =
        fn(client: &Client, id: &str, message: &str) client.post_message(id, message);
    "selfkey::wallet::client::Client::change_status" =
        fn(client: &Client, id: &str, status: Status) client.change_status(id, status, None);
    "selfkey::wallet::client::Client::cancel_application" =
        fn(client: &Client, id: &str) client.cancel_application(id, None);
    "selfkey::wallet::client::Client::add_requirement" =
        fn(client: &Client, id: &str, schema: SchemaId) client.add_requirement(id, schema);
    "selfkey::wallet::client::Client::upload_additional_files" =
        fn(client: &Client, id: &str, attributes: &[Attribute]) client.upload_additional_files(id, attributes);
    "selfkey::wallet::client::Client::add_member" =
        fn(client: &Client, id: &str, member: &NewMember) client.add_member(id, member);
    "selfkey::wallet::client::Client::upload_file" =
        fn(client: &Client, document: &Document, progress: Progress)
            client.upload_file(document, Some(progress));
    "selfkey::wallet::client::Client::upload_user_file" =
        fn(client: &Client, document: &Document) client.upload_user_file(document, None);
    "selfkey::wallet::client::Client::file_link" = fn(client: &Client, id: &str) client.file_link(id);
    "selfkey::wallet::client::Client::kyc_user" = fn(client: &Client) client.kyc_user();
    "selfkey::wallet::client::Client::create_kyc_user" =
        fn(client: &Client, user: &NewKycUser) client.create_kyc_user(user);
    "selfkey::wallet::client::Client::access_token" = fn(client: &Client) client.access_token();
    "selfkey::wallet::client::Client::templates" = fn(client: &Client) client.templates();
    "selfkey::wallet::client::Client::template" = fn(client: &Client, id: &TemplateId) client.template(id);
    "selfkey::wallet::client::Client::create_user" =
        fn(client: &Client, attributes: &[Attribute]) client.create_user(attributes);
    "selfkey::wallet::client::Client::create_user_with" =
        fn(client: &Client, attributes: &[Attribute], meta: Value) client.create_user_with(attributes, meta);
    "selfkey::wallet::client::Client::user_token" = fn(client: &Client) client.user_token();
    "selfkey::wallet::client::Client::user_token_with" =
        fn(client: &Client, meta: &Value) client.user_token_with(meta);
    "selfkey::wallet::client::Client::log_in_user" =
        fn(client: &Client, token: &UserToken) client.log_in_user(token);
    "selfkey::kyc_chain::client::Client::applications" =
        fn(client: &kyc_chain::Client, filters: &Filters, fields: &[&str])
            client.applications(filters, fields);
    "selfkey::kyc_chain::client::Client::application" =
        fn(client: &kyc_chain::Client, id: &str, fields: &[&str]) client.application(id, fields);
    "selfkey::kyc_chain::client::Client::review" =
        fn(client: &kyc_chain::Client, id: &str) client.review(id);
    "selfkey::kyc_chain::client::Client::update_application" =
        fn(client: &kyc_chain::Client, id: &str, values: Values) client.update_application(id, values);
    "selfkey::kyc_chain::client::Client::change_status" =
        fn(client: &kyc_chain::Client, id: &str, status: Status) client.change_status(id, status, None);
    "selfkey::kyc_chain::client::Client::add_attribute" =
        fn(client: &kyc_chain::Client, id: &str, attribute: &NewAttribute)
            client.add_attribute(id, attribute);
    "selfkey::kyc_chain::client::Client::invalidate_attributes" =
        fn(client: &kyc_chain::Client, id: &str, ids: &[&str]) client.invalidate_attributes(id, ids);
    "selfkey::kyc_chain::client::Client::add_question" =
        fn(client: &kyc_chain::Client, id: &str, question: &NewQuestion) client.add_question(id, question);
    "selfkey::kyc_chain::client::Client::invalidate_questions" =
        fn(client: &kyc_chain::Client, id: &str, ids: &[&str]) client.invalidate_questions(id, ids);
    "selfkey::kyc_chain::client::Client::add_attachment" =
        fn(client: &kyc_chain::Client, id: &str, attachment: &Attachment)
            client.add_attachment(id, "credential", attachment);
    "selfkey::kyc_chain::client::Client::file" =
        fn(client: &kyc_chain::Client, id: &str) client.file(id);
    "selfkey::kyc_chain::client::Client::users" =
        fn(client: &kyc_chain::Client, filters: &Filters, fields: &[&str]) client.users(filters, fields);
    "selfkey::kyc_chain::client::Client::user" =
        fn(client: &kyc_chain::Client, id: &str, fields: &[&str]) client.user(id, fields);
    "selfkey::kyc_chain::client::Client::raw" =
        fn(client: &kyc_chain::Client, request: RawRequest) client.raw(request);
    "selfkey::kyc_chain::user_data::reader::Reader::user_data" =
        fn(reader: &user_data::Reader, token: &Secret, processor: &Processed)
            reader.user_data(token, "T1", processor);
    "selfkey::kyc_chain::webhook::StatusHint::confirm" =
        fn(hint: &StatusHint, client: &kyc_chain::Client) hint.confirm(client, &[]);
}
