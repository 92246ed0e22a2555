//! What the crate promises about itself, checked on its own source, manifest and types. No network, no provider.
//!
//! | module | promise |
//! | --- | --- |
//! | `prose` | code and documents use plain words, and the architecture names paths that exist |
//! | `public_api` | no foreign type in a public signature, beyond a short written list |
//! | `source_rules` | arrows between rooms point one way, no panics, nothing unfinished, nothing private in the files |
//! | `unverified` | nothing unverified passes for verified |
//! | `secrets` | secrets and personal data have no way to be printed or compared by accident |
//! | `threads` | clients are shared between threads, and their futures move between them |
//! | `checks` | which checks an error can have, by whatever way they reach it |
//! | `msrv` | no dependency asks for a newer Rust than the crate does |
//! | `manual` | what the manual and the README say is what the code and the manifest have |
//! | `manifest` | features, dependencies and the package are what the documents say |
//!
//! The gates that scan source are tested themselves: each has planted violations that it must find.

#![allow(clippy::expect_used, clippy::panic, reason = "a gate that cannot look fails")]

mod cargo;
mod checks;
mod manifest;
mod manual;
mod msrv;
mod prose;
mod public_api;
mod report;
mod secrets;
mod source;
mod source_rules;
mod threads;
mod unverified;

/// Whether a type implements a trait, as a value: an inherent constant hides the one of the blanket trait, where its
/// bounds hold.
macro_rules! implements {
    ($type:ty: $($bound:tt)+) => {{
        #[allow(dead_code)]
        trait Otherwise {
            const ANSWER: bool = false;
        }
        impl<T: ?Sized> Otherwise for T {}
        struct Probe<T: ?Sized>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        impl<T: ?Sized + $($bound)+> Probe<T> {
            const ANSWER: bool = true;
        }
        <Probe<$type>>::ANSWER
    }};
}
pub(crate) use implements;

#[test]
fn the_probe_tells_what_is_implemented_from_what_is_not() {
    assert!(implements!(String: std::fmt::Display));
    assert!(implements!(String: From<&'static str>));
    assert!(!implements!(Vec<u8>: std::fmt::Display));
    assert!(!implements!(std::rc::Rc<u8>: Send));
}
