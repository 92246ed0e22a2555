//! Text from outside in errors and logs.

use std::fmt;

/// A word that came from outside, shown only while it looks like one: letters, digits and `._-[]/`, 80 characters.
pub(crate) struct Sanitized<'a>(pub &'a str);

impl fmt::Display for Sanitized<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = self.0.len() <= 80
            && self.0.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-[]/".contains(&byte));
        f.write_str(if fits { self.0 } else { "[redacted]" })
    }
}

impl fmt::Debug for Sanitized<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
