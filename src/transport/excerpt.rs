//! A short, cleaned piece of a body for whoever asked to keep it.

const MAX_BYTES: usize = 2 * 1024;
const TOKEN_LIKE: usize = 16;

/// At most 2 KiB of the text, control characters as blanks, every run of 16 or more letters, digits and `-_.+/=%~`
/// taken out: a long word lost is cheaper than a token kept.
pub(crate) fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(4 * MAX_BYTES)]);
    let mut clean = String::new();
    let mut run = String::new();
    for char in text.chars().chain(Some(' ')) {
        if char.is_ascii_alphanumeric() || "-_.+/=%~".contains(char) {
            run.push(char);
            continue;
        }
        clean.push_str(if run.len() >= TOKEN_LIKE { "[redacted]" } else { &run });
        run.clear();
        clean.push(if char.is_control() { ' ' } else { char });
        if clean.len() >= MAX_BYTES {
            break;
        }
    }
    let mut end = clean.len().min(MAX_BYTES);
    while !clean.is_char_boundary(end) {
        end -= 1;
    }
    clean.truncate(end);
    clean.truncate(clean.trim_end().len());
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_out_and_the_rest_is_bounded() {
        let body = br#"{"error":"bad token eyJhbGciOiJIUzI1NiJ9.e30.abc","n":"x"}"#;
        assert_eq!(excerpt(body), r#"{"error":"bad token [redacted]","n":"x"}"#);
        assert_eq!(excerpt(b"<h1>524</h1>\r\n"), "<h1>524</h1>");
        assert!(excerpt("ä ".repeat(100_000).as_bytes()).len() <= MAX_BYTES);
        assert!(excerpt(&[0xff; 100_000]).len() <= MAX_BYTES);
        assert_eq!(excerpt("x".repeat(100_000).as_bytes()), "[redacted]");
    }
}
