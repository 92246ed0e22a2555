//! The manual, in pages.
//!
//! | page | when to read it |
//! | --- | --- |
//! | [`choosing`] | before the first line of code: which provider proves what, and what it asks of the person |
//! | [`recipes`] | an afternoon's integration, one a provider and one for all of them |
//! | [`testing`] | before the first test: the sandbox, faults on demand, frozen time, stores that are proven |
//! | [`personal_data`] | before the first customer: what is kept where, what is logged, what can be erased |
//! | [`going_live`] | before the first day: the checklist |
//! | [`defaults`] | each limit, and the reason for its value |
//! | [`troubleshooting`] | after an error: its meaning, who has to act, what to do |
#![cfg_attr(
    not(any(docsrs, feature = "full")),
    allow(
        rustdoc::broken_intra_doc_links,
        reason = "the pages link to all features, also to those that are off"
    )
)]

#[doc = include_str!("choosing.md")]
pub mod choosing {}

#[doc = include_str!("defaults.md")]
pub mod defaults {}

#[doc = include_str!("going_live.md")]
pub mod going_live {}

#[doc = include_str!("personal_data.md")]
pub mod personal_data {}

pub mod recipes;

#[doc = include_str!("testing.md")]
pub mod testing {}

#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}
