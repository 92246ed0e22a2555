//! What a log-in needs, and every other call too.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{endpoints::Endpoints, signer::DynWalletSigner, subject::Subject};
use crate::{
    error::Error,
    selfkey::model::KycUser,
    transport::{ApiClient, BufferedResponse},
};

/// What a log-in needs, and every other call too.
pub(super) struct Core {
    pub(super) endpoints: Endpoints,
    /// Without credentials.
    pub(super) api: ApiClient,
    pub(super) subject: Subject,
    pub(super) signer: Arc<dyn DynWalletSigner>,
    pub(super) skew: Duration,
    /// Found by the last log-in.
    pub(super) kyc_user: Mutex<Option<KycUser>>,
}

impl Core {
    /// Makes sure that a user who names an identity is the subject's.
    pub(super) fn check_user(&self, response: &BufferedResponse, user: &KycUser) -> Result<(), Error> {
        let asked = self.subject.text().to_ascii_lowercase();
        let named = user.did.as_ref().map(|did| did.expose().to_ascii_lowercase());
        // A subject that is a key alone has no DID to compare.
        if asked.starts_with("did:") {
            response.is_about("answer.object", &asked, named.as_deref())
        } else {
            Ok(())
        }
    }

    pub(super) fn remember(&self, user: Option<KycUser>) {
        *self.kyc_user.lock().unwrap_or_else(PoisonError::into_inner) = user;
    }

    pub(super) fn kyc_user(&self) -> Option<KycUser> {
        self.kyc_user.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
