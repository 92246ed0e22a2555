//! The service provider's database of customers.

use crate::{credify::boxed::boxed_twin, error::Error, privacy::Pii};

/// Knows who is a customer already.
pub trait Customers: Send + Sync {
    /// Whether there is a customer with this telephone number, as Credify writes it: `+84381234567`.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn has_phone(&self, number: Pii<&str>) -> impl Future<Output = Result<bool, Error>> + Send;

    /// The same by the SHA-256 of the number, as the older endpoint asks; the text is the caller's. By default no
    /// customer is found.
    ///
    /// # Errors
    ///
    /// [`Error::store`].
    fn has_phone_hash(&self, hash: Pii<&str>) -> impl Future<Output = Result<bool, Error>> + Send {
        let _ = hash;
        std::future::ready(Ok(false))
    }
}

boxed_twin! {
    pub(super) trait DynCustomers: Customers {
        fn has_phone<'a>(&self, number: Pii<&'a str>) -> Result<bool, Error>;
        fn has_phone_hash<'a>(&self, hash: Pii<&'a str>) -> Result<bool, Error>;
    }
}
