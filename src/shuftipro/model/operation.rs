//! The calls of the provider's API.

/// A call of the provider's interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `POST /`: verify.
    Verify,
    /// `POST` on the risk assessment base.
    RiskAssessment,
    /// `POST /status`.
    Status,
    /// `POST /delete`.
    Delete,
    /// `POST /get/access/token`.
    AccessToken,
    /// `GET /account/info/`.
    AccountInfo,
    /// `GET /decline/reasons/`.
    DeclineReasons,
}

impl Operation {
    /// Whether it makes or removes something, so that a lost answer leaves its effect unknown.
    pub(crate) fn has_effect(self) -> bool {
        matches!(self, Self::Verify | Self::RiskAssessment | Self::Delete)
    }
}
