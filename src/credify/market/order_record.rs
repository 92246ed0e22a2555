//! An order as the market keeps it.

use serde::{Deserialize, Serialize};

use crate::privacy::Pii;

/// An order as the market keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::exhaustive_structs, reason = "the application's database has all of it")]
pub struct OrderRecord {
    /// The provider's id.
    pub id: String,
    /// The market's own reference.
    pub reference_id: String,
    /// The market's own id of the user who ordered.
    pub local_id: Option<Pii<String>>,
    /// Its documents.
    #[serde(default)]
    pub documents: Vec<DocumentReference>,
}

/// The place of a document of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::exhaustive_structs, reason = "a name and a place")]
pub struct DocumentReference {
    /// Its kind in lower case: `invoice`, `down_payment`, `first_payment`, `delivery`.
    pub name: String,
    /// Its URL.
    pub url: Pii<String>,
}

crate::privacy::redacted_debug!(OrderRecord { id, .. });
