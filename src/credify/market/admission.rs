//! What is answered before a body is read, and how much of it is read for which caller.

use http::{HeaderMap, Method};

use super::{endpoint::Endpoint, server::Market};
use crate::{
    credify::{
        server::{bearer::bearer, rejection::Rejection, reply::Reply, request::path_and_query},
        webhook::Webhooks,
    },
    server::Caller,
};

/// Three tokens and an id.
const MAX_CLAIMS_REQUEST_BYTES: usize = 64 << 10;

/// A request with a body that is to be read.
pub(super) struct Admission {
    pub(super) caller: Caller,
    pub(super) max_bytes: usize,
}

impl Market {
    /// Checks everything in front of the body.
    ///
    /// # Errors
    ///
    /// The answer to a request in which the body changes nothing: to a path that is not there, and to a caller that
    /// presents nothing.
    pub(super) async fn admit(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
    ) -> Result<Admission, Reply> {
        let (path, _) = path_and_query(target);
        let (endpoint, _) = self.0.routes.find(method, path).map_err(|rejection| rejection.reply())?;
        let (mut caller, mut max_bytes) = (Caller::Unknown, self.max_body_bytes());
        let is_refused = match endpoint {
            Endpoint::FilterOffers
            | Endpoint::UserSegment
            | Endpoint::EvaluateOffer
            | Endpoint::DisbursementDocuments => bearer(headers).is_none(),
            Endpoint::EncryptedClaims => {
                max_bytes = max_bytes.min(MAX_CLAIMS_REQUEST_BYTES);
                bearer(headers).is_none()
            }
            Endpoint::Webhook => Webhooks::check_headers(headers).is_err(),
            own if own.is_for_own_callers() => match self.0.callers.is_known_by_headers(headers) {
                Some(false) => return Err(Rejection::Unauthorized.reply()),
                Some(true) => {
                    caller = Caller::Authenticated;
                    false
                }
                None => false,
            },
            _ => false,
        };
        // The endpoint itself has the words for it.
        if is_refused {
            Err(self.answer(method, target, headers, &[]).await)
        } else {
            Ok(Admission { caller, max_bytes })
        }
    }
}
