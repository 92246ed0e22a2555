//! A user of the market.

use crate::credify::claims::Claims;

/// A user, with all that the market may ever share.
#[derive(Clone, Default)]
#[allow(clippy::exhaustive_structs, reason = "the application fills in all of it")]
pub struct User {
    /// The market's own id.
    pub local_id: String,
    /// The Credify id; none before the user was connected.
    pub credify_id: Option<String>,
    /// Country code of the telephone number, such as `+84`.
    pub phone_country_code: Option<String>,
    /// Telephone number without the country code.
    pub phone_number: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Family name. The application splits a name that it keeps as one text.
    pub family_name: Option<String>,
    /// Given name.
    pub given_name: Option<String>,
    /// Date of birth, `YYYY-MM-DD`.
    pub birthdate: Option<String>,
    /// `male` or `female`.
    pub gender: Option<String>,
    /// The address as one text.
    pub address: Option<String>,
    /// Custom scopes with their claims, without commitments. The UUIDs of scope and claim need not be the same.
    pub custom: Claims,
}

crate::privacy::redacted_debug!(User { custom, .. });
