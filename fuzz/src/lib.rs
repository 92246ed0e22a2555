//! What the targets share: each is a function of the crate's `__private`, by its name.

#[doc(hidden)]
pub use {kyckit, libfuzzer_sys};

/// A target: the function of this name.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::kyckit::__private::$name(bytes));
    };
}
