//! The profile: what Maya knows of a customer, as far as the client's scopes reach.
//!
//! Source: "Profile Sharing". Only `id` is mandatory; absent and `null` mean the same; an unknown member is passed
//! over; a member of another JSON type is an error that names its path.

mod date;
mod item;
mod profile;
#[cfg(test)]
mod tests;
mod words;

pub use date::ProfileDate;
pub use item::{ProfileItem, Scope};
pub use profile::{Address, BirthDetails, Contact, IdentityDocument, Name, Profile, WorkDetails};
pub use words::{AddressType, ContactSubtype, ContactType, KycStatus, VerificationStatus};
