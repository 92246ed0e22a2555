//! Which offers fit a user, and how many users fit an offer.
//!
//! An offer has levels. Each asks for a condition over the user's claims and for scopes that the user must have; the
//! rank of a user is the number of levels passed, from the first one on. Conditions come from the provider as JSON.
//! They are compiled once, and then nothing is allocated for a user:
//!
//! | question | answer |
//! | --- | --- |
//! | what rank has this user, once | [`evaluate`] |
//! | what rank has each of many users | [`Levels`] |
//! | how many users fit each of these conditions, while they pass by | [`Segments::count_user`] |
//! | the same again and again over users in memory | [`Population`] |
//! | the same where the users are too many for one machine | `credify::segment`, with the feature `sql` |
//!
//! # What a condition is
//!
//! | kind | claim's type | holds when |
//! | --- | --- | --- |
//! | `EQUALITY_CONDITION` | `BOOLEAN`, `INTEGER`, `FLOAT`, `TEXT` | both are of the type, and equal; texts to the letter |
//! | `LARGER_THAN_CONDITION`, `LARGER_THAN_OR_EQUAL_CONDITION`, `LESS_THAN_CONDITION`, `LESS_THAN_OR_EQUAL_CONDITION` | `INTEGER`, `FLOAT` | both are numbers, and so ordered |
//! | `IN_RANGE_CONDITION` | `INTEGER`, `FLOAT` | `value <= claim <= upper`; `upper` is converted as JavaScript does |
//! | `CONTAIN_CONDITION` | any | both are texts, and the claim contains the value |
//! | `AND_CONDITION` | – | there are subconditions, and all hold |
//! | any other | any | never |
//!
//! Numbers are 64-bit floating point. A claim that is missing, null or of another type fails, and is no error. A
//! condition without a claim is one, wherever it stands: whether an offer is broken does not depend on the user.
//!
//! Source: the provider's Node package 1.22.6, of which a table of 492 results is part of this crate's tests.

mod claim;
mod condition;
mod evaluate;
mod number;
mod population;
mod segments;

pub use condition::Rules;
pub(in crate::credify) use evaluate::evaluate_with;
pub use evaluate::{Evaluation, Levels, evaluate};
pub use population::{CountStrategy, Population};
pub use segments::Segments;

#[cfg(feature = "sql")]
pub(crate) use {
    claim::index,
    condition::{Bound, Compare, Node, Test},
    segments::Segment,
};
