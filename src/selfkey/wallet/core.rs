//! What a log-in needs, and every other call too.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{endpoints::Endpoints, signer::DynWalletSigner, subject::Subject};
use crate::{selfkey::model::KycUser, transport::ApiClient};

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
    pub(super) fn remember(&self, user: Option<KycUser>) {
        *self.kyc_user.lock().unwrap_or_else(PoisonError::into_inner) = user;
    }

    pub(super) fn kyc_user(&self) -> Option<KycUser> {
        self.kyc_user.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
