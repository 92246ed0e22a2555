//! The market's database of users.

use std::sync::Arc;

use super::{disclosure::DisclosurePolicy, user::User};
use crate::{
    credify::{boxed::boxed_twin, offer::Segments},
    error::Error,
};

/// The market's database of users.
///
/// A Credify id that two users have belongs to none of them: [`by_credify_id`](Self::by_credify_id) then gives `None`.
pub trait Users: Send + Sync {
    /// Finds a user by the market's own id.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn by_local_id(&self, local_id: &str) -> impl Future<Output = Result<Option<User>, Error>> + Send;

    /// Finds a user by the Credify id, when exactly one has it.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn by_credify_id(&self, credify_id: &str) -> impl Future<Output = Result<Option<User>, Error>> + Send;

    /// Keeps that the user has this Credify id, in place of another one. Doing it again changes nothing. A user who is
    /// not there any more is no error.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn connect(&self, local_id: &str, credify_id: &str) -> impl Future<Output = Result<(), Error>> + Send;

    /// Counts the users that belong to each segment; users with a Credify id among `without` are left out.
    ///
    /// Where users are many, this is a query of the database: see `credify::segment`, with the feature `sql`. Where
    /// they are few, it is [`Segments::count_user`] for each, over the claims that [`DisclosurePolicy::claims`] composes.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn count(
        &self,
        segments: &Segments,
        without: &[String],
        disclosure: &DisclosurePolicy,
    ) -> impl Future<Output = Result<Vec<u64>, Error>> + Send;
}

impl<U: Users> Users for Arc<U> {
    async fn by_local_id(&self, local_id: &str) -> Result<Option<User>, Error> {
        (**self).by_local_id(local_id).await
    }

    async fn by_credify_id(&self, credify_id: &str) -> Result<Option<User>, Error> {
        (**self).by_credify_id(credify_id).await
    }

    async fn connect(&self, local_id: &str, credify_id: &str) -> Result<(), Error> {
        (**self).connect(local_id, credify_id).await
    }

    async fn count(
        &self,
        segments: &Segments,
        without: &[String],
        disclosure: &DisclosurePolicy,
    ) -> Result<Vec<u64>, Error> {
        (**self).count(segments, without, disclosure).await
    }
}

boxed_twin! {
    pub(super) trait DynUsers: Users {
        fn by_local_id<'a>(&self, local_id: &'a str) -> Result<Option<User>, Error>;
        fn by_credify_id<'a>(&self, credify_id: &'a str) -> Result<Option<User>, Error>;
        fn connect<'a>(&self, local_id: &'a str, credify_id: &'a str) -> Result<(), Error>;
        fn count<'a>(
            &self,
            segments: &'a Segments,
            without: &'a [String],
            disclosure: &'a DisclosurePolicy,
        ) -> Result<Vec<u64>, Error>;
    }
}
