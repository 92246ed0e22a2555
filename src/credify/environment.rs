//! Where Credify is, and in which language it answers.

use std::{fmt, str::FromStr};

use crate::{error::Error, wire::open_enum};

/// One of the provider's installations: an API, an OpenID Connect core, and the ecosystem that signs webhooks.
///
/// Each address can be replaced on the client's builder.
///
/// Source: the provider's Node SDK 1.22.6.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// `production`: the live service.
    Production,
    /// `sandbox`: the provider's own sandbox, and the default.
    #[default]
    Sandbox,
    /// `tis-sandbox`
    TisSandbox,
    /// `tis-production`
    TisProduction,
    /// `uat`
    Uat,
    /// `sit`
    Sit,
    /// `development`
    Development,
    /// `local`: everything on this machine, in the clear.
    Local,
}

/// The ecosystem of every environment that is not live and is not `tis`.
const TEST_ECOSYSTEM: &str = "62fc5724-3751-4797-be79-605635fa6c93";

impl Environment {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Production,
        Self::Sandbox,
        Self::TisSandbox,
        Self::TisProduction,
        Self::Uat,
        Self::Sit,
        Self::Development,
        Self::Local,
    ];

    /// The provider's word for it, as in the setting `mode` of its SDK.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sandbox => "sandbox",
            Self::TisSandbox => "tis-sandbox",
            Self::TisProduction => "tis-production",
            Self::Uat => "uat",
            Self::Sit => "sit",
            Self::Development => "development",
            Self::Local => "local",
        }
    }

    /// The base of the API, with a slash at its end.
    pub const fn api_base(self) -> &'static str {
        match self {
            Self::Production => "https://api.credify.one/",
            Self::Sandbox => "https://sandbox-api.credify.dev/",
            Self::TisSandbox => "https://shirahama.credify.dev/",
            Self::TisProduction => "https://shirahama.credify.one/",
            Self::Uat => "https://uat-api.credify.dev/",
            Self::Sit => "https://sit-api.credify.ninja/",
            Self::Development => "https://dev-api.credify.ninja/",
            Self::Local => "http://localhost:8000/",
        }
    }

    /// The base of the OpenID Connect core, with a slash at its end: authorization URLs, tokens, userinfo.
    pub const fn oidc_base(self) -> &'static str {
        match self {
            Self::Production => "https://oidc-core.credify.one/",
            Self::Sandbox => "https://sandbox-oidc-core.credify.dev/",
            Self::TisSandbox => "https://tis-sandbox-oidc-core.credify.dev/",
            Self::TisProduction => "https://tis-oidc-core.credify.one/",
            Self::Uat => "https://uat-oidc-core.credify.dev/",
            Self::Sit => "https://sit-oidc-core.credify.ninja/",
            Self::Development => "https://dev-oidc-core.credify.ninja/",
            Self::Local => "http://localhost:4444/",
        }
    }

    /// The base of the pages on which people log in, with a slash at its end. No call goes there.
    pub const fn oidc_auth_base(self) -> &'static str {
        match self {
            Self::Production => "https://oidc-auth.credify.one/",
            Self::Sandbox => "https://sandbox-oidc-auth.credify.dev/",
            Self::TisSandbox => "https://tis-sandbox-oidc-auth.credify.dev/",
            Self::TisProduction => "https://tis-oidc-auth.credify.one/",
            Self::Uat => "https://uat-oidc-auth.credify.dev/",
            Self::Sit => "https://sit-oidc-auth.credify.ninja/",
            Self::Development => "https://dev-oidc-auth.credify.ninja/",
            Self::Local => "http://localhost:3000/",
        }
    }

    /// The entity that signs webhooks. None where the provider has published none: webhooks are then refused
    /// until the builder is given one.
    pub const fn ecosystem_id(self) -> Option<&'static str> {
        match self {
            Self::Production => Some("74e95121-0cd3-4613-9bf5-b9fa65b7a9e1"),
            Self::Sandbox | Self::Uat | Self::Sit | Self::Development | Self::Local => Some(TEST_ECOSYSTEM),
            Self::TisSandbox | Self::TisProduction => None,
        }
    }
}

impl FromStr for Environment {
    type Err = Error;

    fn from_str(mode: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|known| known.as_str() == mode).ok_or_else(|| {
            Error::configuration("no environment has this name").with_hint(
                "production, sandbox, tis-sandbox, tis-production, uat, sit, development or local; other addresses go \
                 on the builder",
            )
        })
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

open_enum! {
    /// The language of the provider's texts, sent as `Accept-Language`. It chooses the text of errors.
    pub enum Locale {
        /// English, the default:
        English = "en-US",
        /// Vietnamese:
        Vietnamese = "vi-VN",
        /// Japanese:
        Japanese = "ja-JP",
    }
}

// The macro writes the enum, so the derive that names a default variant cannot.
#[allow(clippy::derivable_impls)]
impl Default for Locale {
    fn default() -> Self {
        Self::English
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_is_read_by_its_word_and_by_no_other() {
        for environment in Environment::ALL {
            assert_eq!(environment.as_str().parse::<Environment>().expect("a mode"), environment);
            for base in [environment.api_base(), environment.oidc_base(), environment.oidc_auth_base()] {
                assert!(
                    crate::transport::base_url(base, false).is_ok_and(|url| url.as_str() == base),
                    "{base}"
                );
            }
        }
        assert!("Production".parse::<Environment>().is_err());
        assert!("".parse::<Environment>().is_err());
        assert_eq!(Environment::default(), Environment::Sandbox);
        assert_eq!(Locale::default().as_str(), "en-US");
    }
}
