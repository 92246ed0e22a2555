//! The few shapes of DER (ITU-T X.690) that key files are made of, read without trust in any length.

/// `INTEGER`
pub(super) const INTEGER: u8 = 0x02;
/// `OCTET STRING`
pub(super) const OCTET_STRING: u8 = 0x04;
/// `NULL`
pub(super) const NULL: u8 = 0x05;
/// `OBJECT IDENTIFIER`
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
/// `SEQUENCE`
pub(super) const SEQUENCE: u8 = 0x30;

/// Remaining bytes.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Takes the content of the next element, which must have this tag.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (length, rest) = length(rest)?;
        if found != tag || length > rest.len() {
            return None;
        }
        let (content, rest) = rest.split_at(length);
        self.0 = rest;
        Some(content)
    }

    /// Takes the next element if it has this tag.
    pub(super) fn take_if(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() == Some(&tag) { self.take(tag) } else { None }
    }

    /// Goes into the next `SEQUENCE`.
    pub(super) fn sequence(&mut self) -> Option<Reader<'a>> {
        self.take(SEQUENCE).map(Reader)
    }

    /// Takes a number of at most 32 bits that is not negative.
    pub(super) fn small_integer(&mut self) -> Option<u32> {
        let content = self.take(INTEGER)?;
        let significant = content.strip_prefix(&[0]).unwrap_or(content);
        if content.is_empty() || content[0] >= 0x80 || significant.len() > 4 {
            return None;
        }
        Some(significant.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }
}

/// A length in its shortest form, and what stands behind it.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > 3 || rest.len() < count {
        return None;
    }
    let (digits, rest) = rest.split_at(count);
    let value = digits.iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
    (digits[0] != 0 && value >= 0x80).then_some((value, rest))
}

/// Writes one element.
pub(super) fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum::<usize>();
    let mut bytes = Vec::with_capacity(length + 5);
    bytes.push(tag);
    let digits = length.to_be_bytes();
    let digits = &digits[digits.iter().take_while(|digit| **digit == 0).count()..];
    match digits {
        [] => bytes.push(0),
        [short] if *short < 0x80 => bytes.push(*short),
        long => {
            // A `usize` has at most eight digits.
            bytes.push(0x80 | long.len() as u8);
            bytes.extend_from_slice(long);
        }
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_as_they_were_written() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let bytes = element(OCTET_STRING, &[&content]);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.take(OCTET_STRING), Some(content.as_slice()), "{length}");
            assert!(reader.is_empty());
        }
    }

    #[test]
    fn lengths_that_lie_are_refused() {
        // X.690 section 10.1: the definite form, in the fewest octets.
        for bytes in [
            &[0x04, 0x05, 1, 2][..],
            &[0x04, 0x81, 0x05, 1, 2, 3, 4, 5],
            &[0x04, 0x80, 0, 0],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x04],
            &[],
        ] {
            assert_eq!(Reader::new(bytes).take(OCTET_STRING), None, "{bytes:?}");
        }
        assert_eq!(Reader::new(&[2, 1, 0x80]).small_integer(), None);
        assert_eq!(Reader::new(&[2, 3, 0, 0x80, 1]).small_integer(), Some(0x8001));
        assert_eq!(Reader::new(&[2, 5, 1, 0, 0, 0, 0]).small_integer(), None);
    }
}
