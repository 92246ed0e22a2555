//! What a request has to know of a service that it is sent with.

use crate::error::Error;

/// A service of a request, as far as the request checks it.
pub(super) trait ServiceRequest {
    /// Whether the service takes a proof.
    const PROOFS: Proofs;

    /// Whether a proof is given.
    fn has_proof(&self) -> bool {
        false
    }

    /// Checks the fields; `at` is the service's key.
    fn check(&self, at: &str) -> Result<(), Error>;
}

/// Whether a service takes a proof.
#[derive(Clone, Copy)]
pub(super) enum Proofs {
    /// It takes one: from the person onsite, from the request offsite.
    Taken,
    /// It takes none.
    None,
    /// It needs the person, so there is no offsite form.
    OnsiteOnly,
}
