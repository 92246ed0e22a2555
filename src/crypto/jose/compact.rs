//! The compact form (RFC 7515 section 7.1, RFC 7516 section 7.1): parts of base64url with dots between them.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// Splits a token into exactly `N` parts, each of them base64url as RFC 7515 section 2 has it: no padding, no blanks,
/// no other alphabet, no bits left over.
pub(super) fn split<const N: usize>(token: &[u8]) -> Option<[&[u8]; N]> {
    let mut parts = [&[] as &[u8]; N];
    let mut rest = token.split(|byte| *byte == b'.');
    for part in &mut parts {
        *part = rest.next().filter(|part| is_base64url(part))?;
    }
    rest.next().is_none().then_some(parts)
}

/// The bytes of a part that [`split`] let through.
pub(super) fn decode(part: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

fn is_base64url(part: &[u8]) -> bool {
    // Two characters hold one byte and four bits that must be zero, three hold two bytes and two bits.
    let nothing_left_over = match (part.len() % 4, part.last()) {
        (0, _) => true,
        (2, Some(last)) => b"AQgw".contains(last),
        (3, Some(last)) => b"AEIMQUYcgkosw048".contains(last),
        _ => false,
    };
    // Comparisons without a table and without an early end: the compiler looks at sixteen bytes at once.
    nothing_left_over && part.iter().fold(0, |others, byte| others | u8::from(!is_in_alphabet(*byte))) == 0
}

fn is_in_alphabet(byte: u8) -> bool {
    let is_digit = byte.wrapping_sub(b'0') < 10;
    let is_letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    is_digit | is_letter | (byte == b'-') | (byte == b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_part_passes_exactly_when_the_decoder_takes_it(part in "[-_A-Za-z0-9=+/ ]{0,9}") {
            prop_assert_eq!(is_base64url(part.as_bytes()), decode(part.as_bytes()).is_some());
        }
    }

    #[test]
    fn the_alphabet_is_that_of_the_decoder() {
        for byte in 0..=u8::MAX {
            let is_decoded = decode(&[byte, b'A', b'A', b'A']).is_some();
            assert_eq!(is_in_alphabet(byte), is_decoded, "{byte}");
        }
    }

    #[test]
    fn the_number_of_parts_is_exact() {
        assert_eq!(split(b"YQ.YWI.YWJj"), Some([b"YQ".as_slice(), b"YWI", b"YWJj"]));
        for token in ["", "YQ", "YQ.YQ", "YQ.YQ.YQ.YQ", "YQ.YQ.YQ.", "YR.YQ.YQ", "YQ.YQ=.YQ", " YQ.YQ.YQ"] {
            assert_eq!(split::<3>(token.as_bytes()), None, "{token}");
        }
    }
}
