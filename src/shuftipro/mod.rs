//! Shufti Pro: documents, faces, addresses, phones, screening lists, companies and risk, verified by one API.
//!
//! # When to choose it
//!
//! When a person has to show a document and a face, when a person or a company has to be screened against lists, or when
//! the provider should host the page on which that happens. One request takes any mix of services.
//!
//! # How a verification goes
//!
//! *Onsite*: you send what to check, the person opens the URL of the answer, and the result comes by callback.
//!
//! ```no_run
//! # async fn run() -> kyckit::Result<()> {
//! use kyckit::shuftipro::{Client, request::{Document, Face, Name, Reference, VerificationRequest}};
//!
//! let client = Client::builder("client-id", "secret-key").build()?;
//! let request = VerificationRequest::onsite(Reference::new("onboarding-4711")?)
//!     .callback_url("https://backend.example/callbacks/shuftipro")
//!     .document(Document::new().name(Name::full("Jane Roe")).read_dob())
//!     .face(Face::new());
//! let pending = client.verify(&request).await?;
//! if let Some(url) = pending.verification_url() {
//!     println!("send the person to {}", url.expose());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! *Offsite*: you send the images yourself, and the answer is the result ([`proof::Proof`]).
//!
//! A decision can only be asked of a [`Verified<VerificationResponse>`](crate::verified::Verified): one with a checked signature.
//! It follows from the `event` alone, never from the single results.
//!
//! # Where to look
//!
//! | what | where |
//! | --- | --- |
//! | calls | [`Client`] |
//! | what is sent; absent, empty and given fields | [`request`] |
//! | what comes back | [`model`] |
//! | callbacks | [`Callbacks`], to be given to an [`Inbox`](crate::inbox::Inbox) |
//! | proofs: images and videos of a decided verification | [`Client::download`] |
//! | lost callbacks | [`Client::reconcile`] |
//! | the answer in words of no provider | [`into_report`](crate::verified::Verified::<VerificationResponse>::into_report) |
//! | signatures, also made for your own tests | [`signature`] |
//! | trying it without an account | [`sandbox`](crate::sandbox) |

mod builder;
mod client;
mod credentials;
pub mod decline;
pub(crate) mod download;
pub(crate) mod failure;
mod identity;
pub mod model;
pub mod proof;
mod reconcile;
mod region;
pub mod request;
pub mod signature;
mod webhook;

pub use builder::Builder;
pub use client::Client;
pub use credentials::Authentication;
pub use download::{Download, Downloaded};
pub use identity::CAPABILITIES;
pub use model::{Decision, Event, VerificationResponse};
pub use reconcile::{OpenVerification, ReconcileStream, Reconciled};
pub use region::Region;
pub use webhook::Callbacks;

use crate::provider::ProviderId;

/// The provider's name in errors, logs and evidence.
pub const PROVIDER: ProviderId = ProviderId::new("shuftipro");
