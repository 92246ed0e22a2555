//! The application's users.

use serde_json::Value;

use super::super::{holder::Holder, submitted::SubmittedAttribute};
use crate::{error::Error, privacy::Secret};

/// The application's users.
///
/// ```
/// use kyckit::{
///     Error,
///     privacy::Secret,
///     selfkey::relying_party::{Holder, Login, NewUser, Users},
/// };
/// use serde_json::Value;
///
/// struct Accounts;
///
/// impl Users for Accounts {
///     async fn create(&self, holder: &Holder, user: NewUser) -> Result<(), Error> {
///         // Write user.attributes under holder.key().
///         Ok(())
///     }
///
///     async fn token(
///         &self,
///         holder: &Holder,
///         meta: &Value,
///     ) -> Result<Option<Secret>, Error> {
///         Ok(Some(Secret::from("a random token that works once")))
///     }
///
///     async fn login(&self, token: &Secret) -> Result<Login, Error> {
///         Ok(Login::Accepted { redirect_to: "/welcome".to_owned() })
///     }
/// }
/// ```
pub trait Users: Send + Sync {
    /// Creates the user of this holder, or updates the one there is.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest), with the fields at fault, is 422 `invalid_attributes`;
    /// [`Conflict`](crate::ErrorKind::Conflict) is 400 `could_not_create`; [`Permission`](crate::ErrorKind::Permission)
    /// is 403. Everything else is 500.
    fn create(&self, holder: &Holder, user: NewUser) -> impl Future<Output = Result<(), Error>> + Send;

    /// A token with which the holder's browser logs in once; `None` when there is no such user. `meta` is what the
    /// wallet passed on from the website's configuration.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create).
    fn token(
        &self,
        holder: &Holder,
        meta: &Value,
    ) -> impl Future<Output = Result<Option<Secret>, Error>> + Send;

    /// Takes a token back from the browser. It must work once.
    ///
    /// # Errors
    ///
    /// When it could not be found out.
    fn login(&self, token: &Secret) -> impl Future<Output = Result<Login, Error>> + Send;
}

/// What a wallet signs up with. Attributes were matched with what is asked for, files are kept already.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewUser {
    /// Attributes, also those that were not asked for; files in them are named by their ids.
    pub attributes: Vec<SubmittedAttribute>,
    /// What the wallet passed on from the website's configuration.
    pub meta: Value,
}

/// What comes of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Login {
    /// The token is good: the page goes there, to a URL or a path.
    Accepted {
        /// Where to.
        redirect_to: String,
    },
    /// The token is not, or not any more.
    Refused {
        /// Where the page goes instead, if anywhere.
        redirect_to: Option<String>,
    },
}
