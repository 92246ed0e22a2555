//! The stores as objects: each trait has a twin here with boxed futures.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use serde_json::Value;
use url::Url;

use super::{
    super::holder::Holder,
    applications::{Applications, Change, CreatedApplication, KycUser, Member, NewApplication},
    files::{FileInfo, FileSink, Files},
    templates::Templates,
    users::{Login, NewUser, Users},
};
use crate::{error::Error, privacy::Secret};

type Work<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// [`Users`] as an object.
pub(in super::super) trait DynUsers: Send + Sync {
    fn create<'a>(&'a self, holder: &'a Holder, user: NewUser) -> Work<'a, ()>;
    fn token<'a>(&'a self, holder: &'a Holder, meta: &'a Value) -> Work<'a, Option<Secret>>;
    fn login<'a>(&'a self, token: &'a Secret) -> Work<'a, Login>;
}

impl<S: Users> DynUsers for S {
    fn create<'a>(&'a self, holder: &'a Holder, user: NewUser) -> Work<'a, ()> {
        Box::pin(Users::create(self, holder, user))
    }

    fn token<'a>(&'a self, holder: &'a Holder, meta: &'a Value) -> Work<'a, Option<Secret>> {
        Box::pin(Users::token(self, holder, meta))
    }

    fn login<'a>(&'a self, token: &'a Secret) -> Work<'a, Login> {
        Box::pin(Users::login(self, token))
    }
}

/// [`Files`] as an object.
pub(in super::super) trait DynFiles: Send + Sync {
    fn begin<'a>(&'a self, holder: &'a Holder, file: FileInfo) -> Work<'a, Box<dyn DynFileSink>>;
    fn has<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, bool>;
    fn remove<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, ()>;
    fn link<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, Option<Url>>;
}

impl<S: Files> DynFiles for S {
    fn begin<'a>(&'a self, holder: &'a Holder, file: FileInfo) -> Work<'a, Box<dyn DynFileSink>> {
        Box::pin(async move {
            let sink = Files::begin(self, holder, file).await?;
            Ok(Box::new(sink) as Box<dyn DynFileSink>)
        })
    }

    fn has<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, bool> {
        Box::pin(Files::has(self, holder, id))
    }

    fn remove<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, ()> {
        Box::pin(Files::remove(self, holder, id))
    }

    fn link<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, Option<Url>> {
        Box::pin(Files::link(self, holder, id))
    }
}

/// [`FileSink`] as an object.
pub(in super::super) trait DynFileSink: Send {
    fn write(&mut self, piece: Bytes) -> Work<'_, ()>;
    fn commit(self: Box<Self>) -> Work<'static, String>;
}

impl<S: FileSink + 'static> DynFileSink for S {
    fn write(&mut self, piece: Bytes) -> Work<'_, ()> {
        Box::pin(FileSink::write(self, piece))
    }

    fn commit(self: Box<Self>) -> Work<'static, String> {
        Box::pin(FileSink::commit(*self))
    }
}

/// [`Applications`] as an object.
pub(in super::super) trait DynApplications: Send + Sync {
    fn create<'a>(&'a self, holder: &'a Holder, new: NewApplication) -> Work<'a, CreatedApplication>;
    fn list<'a>(&'a self, holder: &'a Holder) -> Work<'a, Vec<Value>>;
    fn get<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, Option<Value>>;
    fn change<'a>(&'a self, holder: &'a Holder, id: &'a str, change: Change) -> Work<'a, Option<Value>>;
    fn messages<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, Option<Vec<Value>>>;
    fn add_member<'a>(&'a self, holder: &'a Holder, id: &'a str, member: Member) -> Work<'a, Option<String>>;
    fn kyc_user<'a>(&'a self, holder: &'a Holder) -> Work<'a, Option<Value>>;
    fn create_kyc_user<'a>(&'a self, holder: &'a Holder, user: KycUser) -> Work<'a, Value>;
    fn access_token<'a>(&'a self, holder: &'a Holder) -> Work<'a, Option<Secret>>;
}

impl<S: Applications> DynApplications for S {
    fn create<'a>(&'a self, holder: &'a Holder, new: NewApplication) -> Work<'a, CreatedApplication> {
        Box::pin(Applications::create(self, holder, new))
    }

    fn list<'a>(&'a self, holder: &'a Holder) -> Work<'a, Vec<Value>> {
        Box::pin(Applications::list(self, holder))
    }

    fn get<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, Option<Value>> {
        Box::pin(Applications::get(self, holder, id))
    }

    fn change<'a>(&'a self, holder: &'a Holder, id: &'a str, change: Change) -> Work<'a, Option<Value>> {
        Box::pin(Applications::change(self, holder, id, change))
    }

    fn messages<'a>(&'a self, holder: &'a Holder, id: &'a str) -> Work<'a, Option<Vec<Value>>> {
        Box::pin(Applications::messages(self, holder, id))
    }

    fn add_member<'a>(&'a self, holder: &'a Holder, id: &'a str, member: Member) -> Work<'a, Option<String>> {
        Box::pin(Applications::add_member(self, holder, id, member))
    }

    fn kyc_user<'a>(&'a self, holder: &'a Holder) -> Work<'a, Option<Value>> {
        Box::pin(Applications::kyc_user(self, holder))
    }

    fn create_kyc_user<'a>(&'a self, holder: &'a Holder, user: KycUser) -> Work<'a, Value> {
        Box::pin(Applications::create_kyc_user(self, holder, user))
    }

    fn access_token<'a>(&'a self, holder: &'a Holder) -> Work<'a, Option<Secret>> {
        Box::pin(Applications::access_token(self, holder))
    }
}

/// [`Templates`] as an object.
pub(in super::super) trait DynTemplates: Send + Sync {
    fn list(&self) -> Work<'_, Vec<Value>>;
    fn get<'a>(&'a self, id: &'a str) -> Work<'a, Option<Value>>;
}

impl<S: Templates> DynTemplates for S {
    fn list(&self) -> Work<'_, Vec<Value>> {
        Box::pin(Templates::list(self))
    }

    fn get<'a>(&'a self, id: &'a str) -> Work<'a, Option<Value>> {
        Box::pin(Templates::get(self, id))
    }
}
