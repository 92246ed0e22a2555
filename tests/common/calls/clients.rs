//! Clients of all providers at one origin.

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use kyckit::{
    credify::{self, keys::SigningKey},
    credo360, maya,
    privacy::Secret,
    selfkey::{self, RelyingPartyConfig, WalletKey, did::HttpResolver, kyc_chain},
    shuftipro,
    transport::Options,
};
use serde_json::Value;

pub const SHUFTIPRO_SECRET: &str = "$2y$10$abc/def.ghi";
/// RFC 8032 section 7.1, test 2.
const SEED: &str = "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs";
/// Test material of the contract's vectors.
const WALLET: &str = "4b3f2c17e0afc63560dafb5d108da9f0b722dfc3354545af1caf0deda4d901b4";

/// Where the clients send, and how.
#[derive(Clone)]
pub struct Target {
    /// Scheme, host and port.
    pub origin: String,
    pub options: Options,
}

/// The clients, each built when it is first used.
pub struct Clients {
    pub target: Target,
    shuftipro: OnceLock<shuftipro::Client>,
    maya: OnceLock<maya::Client>,
    customer: OnceLock<maya::Customer>,
    credo360: OnceLock<credo360::Client>,
    selfkey: OnceLock<selfkey::Client>,
    kycc: OnceLock<kyc_chain::Client>,
    reader: OnceLock<kyc_chain::user_data::Reader>,
    resolver: OnceLock<HttpResolver>,
    credify: OnceLock<credify::Client>,
    webhooks: OnceLock<credify::webhook::Webhooks>,
}

impl Clients {
    pub fn new(target: Target) -> Self {
        Self {
            target,
            shuftipro: OnceLock::new(),
            maya: OnceLock::new(),
            customer: OnceLock::new(),
            credo360: OnceLock::new(),
            selfkey: OnceLock::new(),
            kycc: OnceLock::new(),
            reader: OnceLock::new(),
            resolver: OnceLock::new(),
            credify: OnceLock::new(),
            webhooks: OnceLock::new(),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.target.origin)
    }

    fn options(&self) -> Options {
        self.target.options.clone()
    }

    pub fn shuftipro(&self) -> &shuftipro::Client {
        self.shuftipro.get_or_init(|| {
            shuftipro::Client::builder("client-id", SHUFTIPRO_SECRET)
                .base_url(self.url("/shuftipro/"))
                .risk_base_url(self.url("/shuftipro-risk/"))
                .options(self.options())
                .build()
                .expect("good settings")
        })
    }

    pub fn maya(&self) -> &maya::Client {
        self.maya.get_or_init(|| {
            let keys: Value =
                serde_json::from_str(include_str!("../../vectors/maya/keys.json")).expect("keys");
            maya::Client::builder("client-1", "s3cret")
                .base_url(self.url("/maya/"))
                .token_url(self.url("/maya-connect/token"))
                .keys(keys["jwe_private_jwk"].to_string(), keys["jws_secret_jwk"].to_string())
                .options(self.options())
                .build()
                .expect("good settings")
        })
    }

    /// Tokens that are good for an hour.
    pub fn tokens(&self) -> maya::CustomerTokens {
        tokens(3600)
    }

    /// A customer with tokens that are good for an hour; new ones are kept nowhere.
    pub fn customer(&self) -> &maya::Customer {
        self.customer.get_or_init(|| self.maya().customer(tokens(3600), |_| async { Ok(()) }))
    }

    /// A customer with tokens that have to be refreshed.
    pub fn customer_past_its_time(&self) -> maya::Customer {
        self.maya().customer(tokens(-3600), |_| async { Ok(()) })
    }

    pub fn credo360(&self) -> &credo360::Client {
        self.credo360.get_or_init(|| {
            credo360::Client::builder("client-4711")
                .base_url(self.url("/credo360/"))
                .options(self.options())
                .build()
                .expect("good settings")
        })
    }

    pub fn selfkey(&self) -> &selfkey::Client {
        self.selfkey.get_or_init(|| {
            let key = WalletKey::from_hex(WALLET).expect("a key");
            let config = RelyingPartyConfig::new(self.url("/selfkey"));
            selfkey::Client::builder(config, key.did().clone(), key)
                .options(self.options())
                .build()
                .expect("good settings")
        })
    }

    pub fn kycc(&self) -> &kyc_chain::Client {
        self.kycc.get_or_init(|| {
            kyc_chain::Client::builder(self.url("/kycc/"), "api-key")
                .options(self.options())
                .build()
                .expect("good settings")
        })
    }

    pub fn reader(&self) -> &kyc_chain::user_data::Reader {
        self.reader.get_or_init(|| {
            kyc_chain::user_data::Reader::builder(self.url("/kycc/"))
                .options(self.options())
                .build()
                .expect("good settings")
        })
    }

    pub fn resolver(&self) -> &HttpResolver {
        self.resolver.get_or_init(|| {
            HttpResolver::new(&self.url("/resolver/"), self.options()).expect("good settings")
        })
    }

    pub fn credify(&self) -> &credify::Client {
        self.credify.get_or_init(|| {
            credify::Client::builder("api-key")
                .api_base(self.url("/credify-api"))
                .oidc_base(self.url("/credify-oidc"))
                .ecosystem_id("eco")
                .signing_key(signing_key())
                .options(self.options())
                .build()
                .expect("good settings")
        })
    }

    pub fn webhooks(&self) -> &credify::webhook::Webhooks {
        self.webhooks.get_or_init(|| {
            let url = "https://market.example/webhook";
            self.credify().webhooks(url).expect("good settings")
        })
    }
}

/// The organisation's key, which signs what it sends; here it is the ecosystem's key as well.
pub fn signing_key() -> SigningKey {
    SigningKey::from_seed(&Secret::from(SEED)).expect("a key")
}

fn tokens(seconds_left: i64) -> maya::CustomerTokens {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let end = now.as_secs().saturating_add_signed(seconds_left);
    maya::CustomerTokens::new("j.w.e.1.x", "r.0.1", end).expect("tokens")
}
