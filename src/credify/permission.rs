//! The provider's words for who may do what.
//!
//! [`api_key`] is what an API key can do, [`presented`] what the tokens that Credify shows to a market must hold,
//! [`oidc`] what a person is asked to share.

/// Scopes of an API key; the access token that it is exchanged for has the same.
///
/// Source: the provider's OpenAPI types 1.0.0.
pub mod api_key {
    /// Everything an organisation may do.
    pub const ORGANIZATION: &str = "organization";
    /// Reading the public keys of entities: webhooks and the validation of requests need it.
    pub const READ_PUBLIC_KEY: &str = "organization:read_pub_key";
    /// Starting an authorization.
    pub const START_OIDC: &str = "organization:start_oidc";
    /// Introspecting the tokens that others present.
    pub const INTROSPECT_TOKEN: &str = "organization:introspect_token";
    /// Everything a service provider may do.
    pub const OIDC_CLIENT: &str = "oidc_client";
    /// Exchanging an authorization code.
    pub const OIDC_CLIENT_TOKEN: &str = "oidc_client:token";
    /// Reading userinfo.
    pub const OIDC_CLIENT_USERINFO: &str = "oidc_client:userinfo";
    /// Everything an identity provider may do.
    pub const IDPASS_PROVIDER: &str = "idpass_provider";
    /// Vouching for a person's papers.
    pub const PASSPORTING: &str = "idpass_provider:passporting";
    /// Everything a market may do.
    pub const CLAIM_PROVIDER: &str = "claim_provider";
    /// Listing offers.
    pub const READ_FILTERED_OFFERS: &str = "claim_provider:read_filtered_offers";
    /// Pushing claim tokens.
    pub const WRITE_CLAIM_TOKEN: &str = "claim_provider:write_claim_token";
    /// Everything a wallet may do.
    pub const WALLET_PROXY: &str = "wallet_proxy";
    /// Reading a wallet's currencies.
    pub const GET_CURRENCIES: &str = "wallet_proxy:get_currencies";
    /// Reading a wallet's transactions.
    pub const GET_TRANSACTIONS: &str = "wallet_proxy:get_transactions";
    /// Moving what is in a wallet.
    pub const TRANSFER: &str = "wallet_proxy:transfer";
}

/// Scopes that the tokens must hold which Credify presents to a market or a service provider.
///
/// Source: the provider's reference servers.
pub mod presented {
    /// For the user segment endpoint.
    pub const READ_USER_COUNTS: &str = "oidc_client:read_user_counts";
    /// For the offer evaluation endpoint.
    pub const READ_EVALUATED_OFFER: &str = "individual:read_evaluated_offer";
    /// For the encrypted claims endpoint.
    pub const READ_ENCRYPTED_CLAIMS: &str = "oidc_client:read_encrypted_claims";
    /// For the offer filtering endpoint.
    pub const READ_FILTERED_OFFERS: &str = "claim_provider:read_filtered_offers";
    /// For a service provider's user existence endpoint, older form.
    pub const READ_USER_EXISTENCE: &str = "claim_provider:read_user_existence";
    /// Contained in the scopes for a service provider's user existence endpoint.
    pub const CLAIM_PROVIDER: &str = "claim_provider";
}

/// Scopes of an authorization. A custom scope is `<provider's uuid>:<name>`; its name may hold percent escapes, which
/// are literal.
pub mod oidc {
    /// Mandatory.
    pub const OPENID: &str = "openid";
    /// A refresh token as well.
    pub const OFFLINE_ACCESS: &str = "offline_access";
    /// Name, birth date, gender.
    pub const PROFILE: &str = "profile";
    /// Telephone number.
    pub const PHONE: &str = "phone";
    /// Mail address.
    pub const EMAIL: &str = "email";
    /// Postal address.
    pub const ADDRESS: &str = "address";
    /// The person's id on the chain.
    pub const BLOCKCHAIN_ID: &str = "blockchain_id";
    /// What an identity check found.
    pub const EKYC: &str = "ekyc";

    /// What the pseudo-scope of an offer begins with.
    pub const OFFER_PREFIX: &str = "offer:";
    /// What the pseudo-scope of a DOP begins with.
    pub const DOP_PREFIX: &str = "dop:";
    /// What the pseudo-scope of an order begins with.
    pub const BNPL_ORDER_PREFIX: &str = "bnpl_order:";

    /// True for a pseudo-scope, which names what the authorization is about and holds no claims.
    pub fn is_pseudo(scope: &str) -> bool {
        [OFFER_PREFIX, DOP_PREFIX, BNPL_ORDER_PREFIX].iter().any(|prefix| scope.starts_with(prefix))
    }
}
