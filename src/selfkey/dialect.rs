//! The two protocols of relying parties.

/// Which protocol is spoken: the one that wallets and relying parties speak today, or the endpoint list of January
/// 2019 taken at its word.
///
/// | | current | documented |
/// | --- | --- | --- |
/// | challenge | `GET /auth/challenge/{subject}` | `GET /auth/challenge` |
/// | reply | `{"signature":{"value","keyId"}}` | `{"signature":"…"}` |
/// | users | uploads, then JSON | one multipart request |
/// | user token | `GET /users/token?meta=…` | `GET /auth/token` |
/// | login | no credentials, `redirectTo` | wallet token, `redirectUrl` |
/// | template | `GET /templates/{id}` | `GET /templates/{id}/schema.json` |
/// | file | part `document`, `id` | part `file`, `fileId` |
/// | application | `attributes`, `templateId` | and `files` |
/// | user agent | `SelfKeyIDW/…` | `SelfkeyIDW/…` |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// What the provider's wallet and library do.
    #[default]
    Current,
    /// The nine calls exactly as the published endpoint list prints them.
    Documented,
}
