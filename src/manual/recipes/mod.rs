//! Complete integrations, without your database and web framework.
//!
//! Each page goes from the settings to the decision, says what to do when something fails, and what to keep. All are
//! tests of this crate, and each ends with its own run against the sandbox. Copy one, replace what is called `mine`,
//! and keep the run as your first test. None needs a framework; with the feature `axum` the routes that a page names
//! are ready-made.
//!
//! | recipe | the person |
//! | --- | --- |
//! | `shuftipro` | opens a page, shows papers and face; the result comes by callback |
//! | `maya` | opens your Mini App inside of Maya; the profile is read |
//! | `credo360` | types a passcode; the owner of the Credo ID is known |
//! | `selfkey` | signs in a wallet and submits an application; KYC-Chain decides |
//! | `credify` | consents on Credify's page; shared claims are read |
//! | `flow` | any of them, by one flow |

#[cfg(feature = "credify")]
#[doc = include_str!("credify.md")]
pub mod credify {}

#[cfg(feature = "credo360")]
#[doc = include_str!("credo360.md")]
pub mod credo360 {}

#[cfg(all(
    feature = "credify",
    feature = "credo360",
    feature = "flow",
    feature = "maya",
    feature = "selfkey",
    feature = "shuftipro"
))]
#[doc = include_str!("flow.md")]
pub mod flow {}

#[cfg(feature = "maya")]
#[doc = include_str!("maya.md")]
pub mod maya {}

#[cfg(all(feature = "flow", feature = "selfkey"))]
#[doc = include_str!("selfkey.md")]
pub mod selfkey {}

#[cfg(feature = "shuftipro")]
#[doc = include_str!("shuftipro.md")]
pub mod shuftipro {}
