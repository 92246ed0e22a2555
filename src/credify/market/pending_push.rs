//! A push of claims that is under way.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::order_record::DocumentReference;
use crate::{clock::Clock, credify::token::claim::Commitments, error::Error, privacy::Pii};

/// A push that was written down before it left. It serialises to JSON and back, for a store to keep.
#[derive(Clone, Serialize, Deserialize)]
pub struct PendingPush {
    id: String,
    credify_id: Pii<String>,
    subject: Subject,
    tokens: Vec<Pii<String>>,
    commitments: Commitments,
}

/// What a push is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Subject {
    /// The claims of a user.
    User { local_id: Pii<String> },
    /// The documents of an order.
    Order { order_id: String, documents: Vec<DocumentReference> },
}

/// The slot of a user's claims; the documents of an order have a slot of their own.
pub(super) const USER_SLOT: &str = "user";

impl PendingPush {
    pub(super) fn new(
        clock: &Clock,
        credify_id: &str,
        subject: Subject,
        tokens: Vec<Pii<String>>,
        commitments: Commitments,
    ) -> Result<Self, Error> {
        let id = clock
            .random::<16>()
            .map_err(|source| Error::configuration("no push could be named").with_source(source))?;
        let credify_id = Pii::new(credify_id.to_owned());
        Ok(Self { id: hex::encode(id), credify_id, subject, tokens, commitments })
    }

    /// Tells pushes apart: 32 hexadecimal digits.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The Credify id of the user with these claims.
    pub fn credify_id(&self) -> &str {
        self.credify_id.expose()
    }

    /// The key of the commitments beside the Credify id: `user` for the user's claims, `order:<id>` for
    /// the documents of an order.
    pub fn slot(&self) -> Cow<'_, str> {
        match &self.subject {
            Subject::User { .. } => USER_SLOT.into(),
            Subject::Order { order_id, .. } => order_slot(order_id).into(),
        }
    }

    /// The commitments, by scope.
    pub fn commitments(&self) -> &Commitments {
        &self.commitments
    }

    /// The tokens, in the order of the scopes.
    pub fn tokens(&self) -> &[Pii<String>] {
        &self.tokens
    }

    pub(super) fn subject(&self) -> &Subject {
        &self.subject
    }
}

pub(super) fn order_slot(order_id: &str) -> String {
    format!("order:{order_id}")
}

crate::privacy::redacted_debug!(PendingPush { id, .. });
