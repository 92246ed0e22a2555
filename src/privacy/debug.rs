//! `Debug` that lists what it prints.

/// Implements `Debug` for a type from the list of the fields that may be printed.
///
/// A derive prints a new field by default; with this macro a new field stays hidden until it is listed. A field is
/// listed by its name, or by the name to print and an expression over the value; `..` at the end prints as `..` and says
/// that there are more. A type without a list prints its name, and one with `= text` that text.
///
/// ```text
/// redacted_debug!(Client { host: |client| client.base.host_str(), options, .. });
/// redacted_debug!(<S> Registry<S> { providers, .. });
/// redacted_debug!(Webhooks);
/// redacted_debug!(SealedState = REDACTED);
/// ```
macro_rules! redacted_debug {
    (@field $debug:ident $self:ident $field:ident) => {
        $debug.field(stringify!($field), &$self.$field);
    };
    (@field $debug:ident $self:ident $field:ident |$this:ident| $value:expr) => {
        match $self {
            $this => $debug.field(stringify!($field), &$value),
        };
    };
    (
        $(<$($generic:tt),+>)? $name:ident $(<$($argument:tt),+>)?
        { $($field:ident $(: |$this:ident| $value:expr)?,)* .. }
    ) => {
        impl $(<$($generic),+>)? ::std::fmt::Debug for $name $(<$($argument),+>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut debug = f.debug_struct(stringify!($name));
                $($crate::privacy::redacted_debug!(@field debug self $field $(|$this| $value)?);)*
                debug.finish_non_exhaustive()
            }
        }
    };
    (
        $(<$($generic:tt),+>)? $name:ident $(<$($argument:tt),+>)?
        { $($field:ident $(: |$this:ident| $value:expr)?),* $(,)? }
    ) => {
        impl $(<$($generic),+>)? ::std::fmt::Debug for $name $(<$($argument),+>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                let mut debug = f.debug_struct(stringify!($name));
                $($crate::privacy::redacted_debug!(@field debug self $field $(|$this| $value)?);)*
                debug.finish()
            }
        }
    };
    ($(<$($generic:tt),+>)? $name:ident $(<$($argument:tt),+>)? = $text:expr) => {
        impl $(<$($generic),+>)? ::std::fmt::Debug for $name $(<$($argument),+>)? {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str($text)
            }
        }
    };
    ($(<$($generic:tt),+>)? $name:ident $(<$($argument:tt),+>)?) => {
        $crate::privacy::redacted_debug!($(<$($generic),+>)? $name $(<$($argument),+>)? = stringify!($name));
    };
}

pub(crate) use redacted_debug;

#[cfg(test)]
mod tests {
    use crate::privacy::REDACTED;

    struct Session<T> {
        id: u8,
        token: T,
    }
    struct Key;

    crate::privacy::redacted_debug!(<T> Session<T> { id, next: |session| session.id + 1, .. });
    crate::privacy::redacted_debug!(Key = REDACTED);

    #[test]
    fn only_listed_fields_are_printed() {
        let session = Session { id: 1, token: "secret" };
        assert_eq!(format!("{session:?}"), "Session { id: 1, next: 2, .. }");
        assert_eq!(session.token, "secret");
        assert_eq!(format!("{Key:?}"), "[redacted]");
    }
}
