//! Where the API is.

/// The regions of the API. A region must be enabled for the account and has its own client id and secret key.
///
/// Source: `docs/local_data_processing`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Region {
    /// `https://api.shuftipro.com/`: Europe, and the default.
    #[default]
    Europe,
    /// `https://om-api.shuftipro.com/`
    Oman,
    /// `https://qt-api.shuftipro.com/`
    Qatar,
    /// `https://uae-api.shuftipro.com/`
    UnitedArabEmirates,
    /// `https://us-api.shuftipro.com/`
    UnitedStates,
}

impl Region {
    /// The base URL.
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Europe => "https://api.shuftipro.com/",
            Self::Oman => "https://om-api.shuftipro.com/",
            Self::Qatar => "https://qt-api.shuftipro.com/",
            Self::UnitedArabEmirates => "https://uae-api.shuftipro.com/",
            Self::UnitedStates => "https://us-api.shuftipro.com/",
        }
    }
}
