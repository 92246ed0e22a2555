//! The backend: a client for each provider, one registry over all of them, and where callbacks are kept.

use std::sync::Arc;

use kyckit::{
    clock::Clock,
    credify::{self, keys::DecryptionKey},
    credo360,
    flow::{self, Attempt, CallbackNotifier, PersonId, Registry, StateKeys},
    inbox::Inbox,
    maya::{self, CustomerTokens, webhook::Sessions},
    privacy::Secret,
    provider::{Capabilities, ProviderId},
    selfkey::{self, did::Resolver, kyc_chain, relying_party::SignatureVerifier},
    shuftipro,
    storage::{MemoryInbox, MemoryOneTime},
};
use url::Url;

use super::visit::LIFE;

/// Where Shufti Pro's callbacks come to.
pub const SHUFTIPRO_CALLBACKS: &str = "/callbacks/shuftipro";

/// What the settings of a service give: a client for each provider.
pub struct Clients {
    pub shuftipro: shuftipro::Client,
    pub credo360: credo360::Client,
    pub maya: maya::Client,
    pub selfkey: kyc_chain::Client,
    pub credify: credify::Client,
    /// The service's id at Credify, the key that opens what is shared, and the market that signs it.
    pub credify_service: (String, DecryptionKey, String),
}

/// Made once, shared by all requests.
pub struct Backend {
    /// In production the store is a database that all machines share.
    pub registry: Registry<MemoryOneTime>,
    pub bells: CallbackNotifier,
    pub inbox: Arc<Inbox<MemoryInbox>>,
    pub sessions: Arc<Sessions<MemoryOneTime>>,
    pub shuftipro: shuftipro::Client,
    /// Where Maya pushes tokens. Nothing authenticates a push, so the path is a secret.
    pub maya_session_path: String,
    pub clock: Clock,
    attempts: Secret,
}

impl Backend {
    pub fn new(clients: Clients, base: &Url) -> Result<Self, Box<dyn std::error::Error>> {
        let clock = Clock::system();
        let sessions = Arc::new(Sessions::new(MemoryOneTime::new()));
        let keep = |_: PersonId, _: CustomerTokens| async {
            // In place of a database, encrypted.
            Ok(())
        };
        let (organisation, decryption_key, market) = clients.credify_service;
        let client = clients.shuftipro;
        // A key that outlives the process comes from your settings.
        let registry = Registry::new(StateKeys::new(clock.random()?), MemoryOneTime::new())
            // A state is of no use after its visit.
            .state_ttl(LIFE)
            .with(
                flow::shuftipro::ShuftiProFlow::new(client.clone())
                    .callback_url(base.join(SHUFTIPRO_CALLBACKS)?)
                    .redirect_url(return_url(base, shuftipro::PROVIDER)?),
            )
            .with(flow::credo360::Credo360Flow::new(clients.credo360))
            .with(flow::maya::MayaFlow::new(clients.maya, Arc::clone(&sessions), keep))
            .with(flow::selfkey::SelfKeyFlow::new(clients.selfkey, SignatureVerifier::new(Resolver::new())))
            .with(
                flow::credify::CredifyFlow::new(
                    clients.credify,
                    organisation,
                    return_url(base, credify::PROVIDER)?,
                    decryption_key,
                )
                .signed_by(market),
            );
        Ok(Self {
            registry,
            bells: CallbackNotifier::new(),
            inbox: Arc::new(Inbox::new(MemoryInbox::new())),
            sessions,
            shuftipro: client,
            maya_session_path: format!("/callbacks/maya/{}", hex::encode(clock.random::<16>()?)),
            attempts: hex::encode(clock.random::<32>()?).into(),
            clock,
        })
    }

    /// The same for the same number: a start that is repeated asks for the same verification, not for a second one.
    pub fn attempt(&self, person: &PersonId, number: u32) -> Attempt {
        Attempt::derive(&self.attempts, person, number)
    }

    /// The configured provider of this name.
    pub fn provider(&self, name: &str) -> Option<ProviderId> {
        self.registry.providers().find(|provider| provider.as_str() == name)
    }

    /// What the configured providers can do, in their order.
    pub fn capabilities(&self) -> Vec<&'static Capabilities> {
        let known = [
            &shuftipro::CAPABILITIES,
            &credo360::CAPABILITIES,
            &maya::CAPABILITIES,
            &selfkey::CAPABILITIES,
            &credify::CAPABILITIES,
        ];
        let of = |provider| known.into_iter().find(|capabilities| capabilities.provider == provider);
        self.registry.providers().filter_map(of).collect()
    }
}

/// Where the person's browser comes back to.
pub fn return_url(base: &Url, provider: ProviderId) -> Result<Url, url::ParseError> {
    base.join(&format!("/return/{provider}"))
}

/// The name that a provider goes by.
pub fn name_of(provider: &str) -> &str {
    match provider {
        "credify" => "Credify",
        "credo360" => "Credo360",
        "maya" => "Maya",
        "selfkey" => "SelfKey",
        "shuftipro" => "Shufti Pro",
        other => other,
    }
}
