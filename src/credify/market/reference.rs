//! The statuses of the provider's reference server.

use crate::credify::server::rejection::Rejection;

/// Whether 500 is answered where the provider's reference server answers 500.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ReferenceStatuses(pub(super) bool);

impl ReferenceStatuses {
    /// The rejection itself, or 500 in its place.
    pub(super) fn of(self, rejection: Rejection) -> Rejection {
        if self.0 { rejection.as_reference() } else { rejection }
    }
}
