//! The application's applications.

use serde_json::Value;

use super::super::{holder::Holder, submitted::SubmittedAttribute};
use crate::{
    error::{Error, ErrorKind},
    privacy::{Pii, Secret},
};

/// The application's applications.
///
/// What is given back is JSON, since relying parties add members of their own: `id`, `template`, `currentStatus`,
/// `statusName`, `attributes` (a map by requirement), `questions`, `payments`, `statusLog`, `owner`, `createdAt`,
/// `updatedAt`. Whatever a function is given was checked: files are the holder's own, attributes meet the template.
///
/// An application that is not this holder's is none: `None`, never that of another holder. An error with
/// [`InvalidRequest`](ErrorKind::InvalidRequest) is 422, [`Permission`](ErrorKind::Permission) 403,
/// [`NotFound`](ErrorKind::NotFound) 404; everything else is 500. What has a default here is answered with 404.
pub trait Applications: Send + Sync {
    /// Takes in an application.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn create(
        &self,
        holder: &Holder,
        application: NewApplication,
    ) -> impl Future<Output = Result<CreatedApplication, Error>> + Send;

    /// The holder's applications, newest first.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn list(&self, holder: &Holder) -> impl Future<Output = Result<Vec<Value>, Error>> + Send;

    /// One of the holder's applications.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn get(&self, holder: &Holder, id: &str) -> impl Future<Output = Result<Option<Value>, Error>> + Send;

    /// Changes one of the holder's applications. Gives it back as it is then.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn change(
        &self,
        holder: &Holder,
        id: &str,
        change: Change,
    ) -> impl Future<Output = Result<Option<Value>, Error>> + Send {
        let _ = (holder, id, change);
        not_served()
    }

    /// The messages of an application.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn messages(
        &self,
        holder: &Holder,
        id: &str,
    ) -> impl Future<Output = Result<Option<Vec<Value>>, Error>> + Send {
        let _ = (holder, id);
        not_served()
    }

    /// Takes in the application of a member of the company, and gives its id. `id` is the company's application.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn add_member(
        &self,
        holder: &Holder,
        id: &str,
        member: Member,
    ) -> impl Future<Output = Result<Option<String>, Error>> + Send {
        let _ = (holder, id, member);
        not_served()
    }

    /// Who the holder is to the checking service; `None` when it does not know.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn kyc_user(&self, holder: &Holder) -> impl Future<Output = Result<Option<Value>, Error>> + Send {
        let _ = holder;
        not_served()
    }

    /// Creates the holder at the checking service, and gives back what it then knows.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn create_kyc_user(
        &self,
        holder: &Holder,
        user: KycUser,
    ) -> impl Future<Output = Result<Value, Error>> + Send {
        let _ = (holder, user);
        not_served()
    }

    /// A token that opens the checking service's own pages in the holder's browser.
    ///
    /// # Errors
    ///
    /// See the trait.
    fn access_token(&self, holder: &Holder) -> impl Future<Output = Result<Option<Secret>, Error>> + Send {
        let _ = holder;
        not_served()
    }
}

/// What an application is made of.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewApplication {
    /// The template that it answers.
    pub template_id: String,
    /// Attributes, also those that the template does not ask for.
    pub attributes: Vec<SubmittedAttribute>,
    /// Ids of files that belong to it. Only the documented dialect names any.
    pub files: Vec<String>,
}

/// An application that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CreatedApplication {
    /// Its id.
    pub id: String,
    /// Where the applicant sees it.
    pub url: Option<String>,
}

impl CreatedApplication {
    /// Creates one with this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), url: None }
    }
}

/// One change of an application.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Change {
    /// Answers to what was asked for, also later.
    Answers {
        /// Attributes; their ids are those of the requirements.
        attributes: Vec<SubmittedAttribute>,
        /// Answers to questions, as the wallet sent them.
        questions: Pii<Value>,
    },
    /// A payment on the chain.
    Payment {
        /// The hash of the transaction. Nothing of it is proven.
        transaction_hash: String,
    },
    /// Another status: a wallet sends 8 (cancelled) only.
    Status {
        /// The code.
        code: i64,
        /// Why.
        note: Option<Pii<String>>,
    },
    /// A message to those who check.
    Message(Pii<String>),
    /// One attribute more is asked for, such as a document to be notarised.
    Requirement {
        /// The schema's URL.
        schema_id: String,
        /// The title for people.
        title: Option<String>,
    },
}

/// The application of one member of a company.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Member {
    /// What is handed in for the member.
    pub application: NewApplication,
    /// What the member is: `director_ltd`, `shareholder`, …
    pub roles: Vec<String>,
    /// The share in percent.
    pub shares: f64,
}

/// Who a holder is to the checking service.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KycUser {
    /// The e-mail address.
    pub email: Pii<String>,
    /// The person's or the company's name.
    pub name: Pii<String>,
    /// The legal form of a company.
    pub entity_type: Option<String>,
}

async fn not_served<T>() -> Result<T, Error> {
    Err(Error::new(ErrorKind::NotFound, "this call is not served"))
}
