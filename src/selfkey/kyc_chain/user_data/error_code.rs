//! Why there is no data.

use crate::error::{Error, ErrorKind};

/// The reason why there is no data. [`Error::check`] has the same word behind `user_data.`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// No instance was named.
    NoInstance,
    /// There is no token.
    NoToken,
    /// No template was named.
    NoTemplateId,
    /// KYC-Chain does not take the token, or logged another user in.
    InvalidToken,
    /// The user has no application for the template.
    InvalidUser,
}

impl ErrorCode {
    const ALL: [Self; 5] =
        [Self::NoInstance, Self::NoToken, Self::NoTemplateId, Self::InvalidToken, Self::InvalidUser];

    /// Reads it from an error. None: a failure of the network, of KYC-Chain or of the processor.
    pub fn of(error: &Error) -> Option<Self> {
        let check = error.check()?;
        Self::ALL.into_iter().find(|code| code.check() == check)
    }

    /// Returns a stable word.
    pub fn as_str(self) -> &'static str {
        self.check().strip_prefix("user_data.").unwrap_or_default()
    }

    fn check(self) -> &'static str {
        match self {
            Self::NoInstance => "user_data.no_instance",
            Self::NoToken => "user_data.no_token",
            Self::NoTemplateId => "user_data.no_template_id",
            Self::InvalidToken => "user_data.invalid_token",
            Self::InvalidUser => "user_data.invalid_user",
        }
    }

    pub(super) fn error(self) -> Error {
        let (kind, what) = match self {
            Self::NoInstance => (ErrorKind::Configuration, "no instance was named"),
            Self::NoToken => (ErrorKind::InvalidRequest, "there is no token"),
            Self::NoTemplateId => (ErrorKind::InvalidRequest, "no template was named"),
            Self::InvalidToken => {
                (ErrorKind::Authentication, "the token is not that of the user who was logged in")
            }
            Self::InvalidUser => (ErrorKind::NotFound, "the user has no application for the template"),
        };
        Error::new(kind, what).with_check(self.check())
    }
}
