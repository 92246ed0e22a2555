//! Whether a response is a failure, as each provider says it.

use http::StatusCode;

use super::BufferedResponse;
use crate::error::Error;

/// Decides whether a response is a failure in a provider's dialect, also behind a 200. A function is one.
pub(crate) trait ClassifyResponse: Send + Sync {
    /// Gives an error for a response that is no success.
    ///
    /// # Errors
    ///
    /// What the provider says is wrong.
    fn classify(&self, response: &BufferedResponse) -> Result<(), Error>;

    /// Whether fresh credentials may help against this failure: they are fetched and the call is sent once more. Default:
    /// the status is 401.
    fn refuses_credentials(&self, failure: &Error) -> bool {
        failure.status() == Some(StatusCode::UNAUTHORIZED)
    }
}

impl<F> ClassifyResponse for F
where
    F: Fn(&BufferedResponse) -> Result<(), Error> + Send + Sync,
{
    fn classify(&self, response: &BufferedResponse) -> Result<(), Error> {
        self(response)
    }
}

/// Classifies by the status alone, for providers that document no form of an error.
pub(crate) struct ByStatus;

impl ClassifyResponse for ByStatus {
    fn classify(&self, response: &BufferedResponse) -> Result<(), Error> {
        response.status_error().map_or(Ok(()), Err)
    }
}
