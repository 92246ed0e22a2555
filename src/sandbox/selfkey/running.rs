//! A running fake.

use std::sync::Arc;

use url::Url;

use super::{
    instance::{DOCUMENTED_ROOT, Instance, ROOT},
    settings::{API_KEY, PRIVATE_KEY},
};
use crate::{
    privacy::Secret,
    sandbox::{Fault, ProviderInfo, Server},
    selfkey::{PROVIDER, relying_party::Memory},
};

/// A running fake KYC-Chain instance. It ends when this is dropped.
pub struct SelfKey {
    pub(super) server: Server,
    pub(super) instance: Arc<Instance>,
}

impl SelfKey {
    /// Returns the URL of the instance, as the KYC-Chain clients take it; with a slash at its end.
    pub fn instance_url(&self) -> &Url {
        self.server.base_url()
    }

    /// Returns the root endpoint of the relying party, as a wallet's configuration names it.
    pub fn root_endpoint(&self) -> Url {
        self.below(ROOT)
    }

    /// Returns the root endpoint of the same relying party in the dialect of the older API page.
    pub fn documented_root_endpoint(&self) -> Url {
        self.below(DOCUMENTED_ROOT)
    }

    fn below(&self, path: &str) -> Url {
        let mut url = self.instance_url().clone();
        url.set_path(path);
        url
    }

    /// Returns the key of the integrations API.
    pub fn api_key(&self) -> Secret {
        API_KEY.into()
    }

    /// Returns what the relying party holds: users, files, applications, templates. Changes of a status made here are not
    /// posted to the webhook.
    pub fn store(&self) -> &Memory {
        self.instance.store()
    }

    /// Moves an application on, as those who check do, and posts it to the webhook. False when there is none.
    pub fn set_status(&self, application: &str, code: i64, note: Option<&str>) -> bool {
        self.instance.set_status(application, code, note)
    }

    /// Returns the token that KYC-Chain gives a user's browser: what the internal API logs in with. `None` for a wallet that
    /// has not made itself known.
    pub fn user_token(&self, did: &str) -> Option<Secret> {
        self.instance.user_token(did)
    }

    pub(in crate::sandbox) fn info(&self) -> ProviderInfo {
        ProviderInfo {
            provider: PROVIDER,
            base_url: self.root_endpoint(),
            settings: vec![
                ("SELFKEY_BASE_URL", self.root_endpoint().as_str().into()),
                ("SELFKEY_PRIVATE_KEY", PRIVATE_KEY.into()),
            ],
        }
    }

    /// Returns the server: its log, its recordings, its faults.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Short for [`Server::inject`].
    pub fn inject(&self, fault: Fault) {
        self.server.inject(fault);
    }
}

crate::privacy::redacted_debug!(SelfKey { server, .. });
