//! What is answered before a body is read, and how much of it is read for whom.

use http::{HeaderMap, Method};

use super::{
    Endpoint, Market, bearer,
    reply::{Refusal, Reply},
};
use crate::{credify::webhook::Webhooks, server::Caller};

/// Three tokens and an id.
const MAX_CLAIMS_REQUEST_BYTES: usize = 64 << 10;

/// A call that may go on to its body.
pub(super) struct Admission {
    pub(super) caller: Caller,
    pub(super) max_bytes: usize,
}

impl Market {
    /// Looks at everything in front of the body.
    ///
    /// # Errors
    ///
    /// The answer of a call whose body changes nothing: to a path that is not there, and to a caller that presents
    /// nothing.
    pub(super) async fn admit(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
    ) -> Result<Admission, Reply> {
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        let (endpoint, _) = self.0.find(method, path).map_err(|refusal| refusal.reply())?;
        let (mut caller, mut max_bytes) = (Caller::Unknown, self.body_limit());
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
                Some(false) => return Err(Refusal::Unauthorized.reply()),
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
