//! Key files as people paste them: PEM (RFC 7468) with blanks around it, indented, or with its line ends written as the
//! two characters `\n`, as environment variables often hold it.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use crate::error::Error;

/// No key file is longer: an RSA key of 16,384 bits has about 13,000 characters.
const MAX_LEN: usize = 64 * 1024;

/// Label of a PEM block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// PKCS#8, password-protected (RFC 5958 section 3).
    EncryptedPrivateKey,
    /// PKCS#8 (RFC 5958 section 2).
    PrivateKey,
    /// SubjectPublicKeyInfo (RFC 5280 section 4.1).
    PublicKey,
    /// PKCS#1 (RFC 8017 appendix A.1.2).
    RsaPrivateKey,
    /// PKCS#1 (RFC 8017 appendix A.1.1).
    RsaPublicKey,
    /// Known by name, so that the error can say what was found; never read.
    Foreign(&'static str),
}

impl Label {
    const FOREIGN: [&'static str; 6] = [
        "CERTIFICATE",
        "CERTIFICATE REQUEST",
        "EC PARAMETERS",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ];

    fn read(text: &str) -> Self {
        match text {
            "ENCRYPTED PRIVATE KEY" => Self::EncryptedPrivateKey,
            "PRIVATE KEY" => Self::PrivateKey,
            "PUBLIC KEY" => Self::PublicKey,
            "RSA PRIVATE KEY" => Self::RsaPrivateKey,
            "RSA PUBLIC KEY" => Self::RsaPublicKey,
            // What stands there may be anything, a misplaced secret too: only names from this list are repeated.
            text => Self::Foreign(
                Self::FOREIGN.into_iter().find(|known| *known == text).unwrap_or("(an unknown label)"),
            ),
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::EncryptedPrivateKey => "ENCRYPTED PRIVATE KEY",
            Self::PrivateKey => "PRIVATE KEY",
            Self::PublicKey => "PUBLIC KEY",
            Self::RsaPrivateKey => "RSA PRIVATE KEY",
            Self::RsaPublicKey => "RSA PUBLIC KEY",
            Self::Foreign(name) => name,
        }
    }
}

/// The content of one PEM block.
pub(crate) struct Block {
    pub(crate) label: Label,
    pub(crate) der: Zeroizing<Vec<u8>>,
}

/// Finds the first block with one of the wanted labels.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration), naming the labels that were found and those that were wanted.
pub(crate) fn read(text: &str, wanted: &[Label]) -> Result<Block, Error> {
    if text.len() > MAX_LEN {
        return Err(Error::configuration("the key file is longer than 64 KiB"));
    }
    let text = unescaped(text);
    let mut rest: &str = &text;
    let mut found = Vec::new();
    while let Some((label, body, behind)) = next_block(rest) {
        if wanted.contains(&label) {
            return Ok(Block { label, der: decoded(body)? });
        }
        found.push(label.as_str());
        rest = behind;
    }
    let wanted = wanted.iter().map(|label| label.as_str()).collect::<Vec<_>>().join(" or ");
    Err(Error::configuration(if found.is_empty() {
        format!("the key is not PEM: no complete block was found where {wanted} is wanted")
    } else {
        format!("the PEM holds {} where {wanted} is wanted", found.join(", "))
    }))
}

/// Writes a block in lines of `columns` characters, without a line end behind it.
pub(crate) fn write(label: Label, der: &[u8], columns: usize) -> Zeroizing<String> {
    let body = Zeroizing::new(STANDARD.encode(der));
    let label = label.as_str();
    let mut text =
        Zeroizing::new(String::with_capacity(body.len() + body.len() / columns + 2 * label.len() + 40));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    for (index, char) in body.chars().enumerate() {
        if index > 0 && index % columns == 0 {
            text.push('\n');
        }
        text.push(char);
    }
    text.push_str("\n-----END ");
    text.push_str(label);
    text.push_str("-----");
    text
}

fn unescaped(text: &str) -> Zeroizing<String> {
    let text: Cow<'_, str> =
        if text.contains('\\') { text.replace("\\r", "").replace("\\n", "\n").into() } else { text.into() };
    Zeroizing::new(text.into_owned())
}

/// The label and the body of the next block, and what stands behind it.
fn next_block(text: &str) -> Option<(Label, &str, &str)> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, rest) = rest.split_once("-----END ")?;
    let rest = rest.strip_prefix(label)?.strip_prefix("-----")?;
    Some((Label::read(label), body, rest))
}

fn decoded(body: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    if body.contains("Proc-Type:") {
        return Err(Error::configuration("the key is protected in the traditional PEM form")
            .with_hint("convert it with `openssl pkcs8 -topk8`"));
    }
    let compact = Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect::<Vec<_>>());
    STANDARD
        .decode(compact.as_slice())
        .map(Zeroizing::new)
        .map_err(|_| Error::configuration("the body of the PEM block is not base64"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const BODY: &str = "MCowBQYDK2VwAyEAfMZuEAjsoPr5GopucNfoY8ecwfsZ3XSXsY3zdG6ujCM=";

    #[test]
    fn pem_is_read_however_it_was_pasted() {
        let plain = format!("-----BEGIN PUBLIC KEY-----\n{BODY}\n-----END PUBLIC KEY-----");
        for text in [
            plain.clone(),
            format!("\n\n  {plain}\n\n"),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\\n"),
            plain.replace('\n', "\\r\\n"),
            plain.replace('\n', "\n\t  "),
            format!("\"{}\"", plain.replace('\n', "\\n")),
            format!("Bag Attributes\n{}\n{plain}", plain.replace("PUBLIC KEY", "CERTIFICATE")),
        ] {
            let block = read(&text, &[Label::PublicKey]).expect("read");
            assert_eq!(block.label, Label::PublicKey);
            assert_eq!(STANDARD.encode(&*block.der), BODY);
        }
    }

    #[test]
    fn the_label_that_was_found_and_the_one_wanted_are_named() {
        let text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n\
                    -----BEGIN s3cr3t-----\nAAAA\n-----END s3cr3t-----";
        let error = read(text, &[Label::PrivateKey, Label::RsaPrivateKey]).err().expect("refused");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(
            error
                .to_string()
                .contains("CERTIFICATE, (an unknown label) where PRIVATE KEY or RSA PRIVATE KEY is wanted"),
            "{error}"
        );
        assert!(!error.to_string().contains("s3cr3t"));
        let error = read(BODY, &[Label::PublicKey]).err().expect("refused");
        assert!(error.to_string().contains("not PEM") && !error.to_string().contains("MCow"), "{error}");
    }

    #[test]
    fn what_is_not_a_block_is_refused() {
        for text in [
            "-----BEGIN PUBLIC KEY-----\n????\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----",
            "",
        ] {
            assert!(read(text, &[Label::PublicKey]).is_err(), "{text}");
        }
        assert!(read(&" ".repeat(MAX_LEN + 1), &[Label::PublicKey]).is_err());
    }

    #[test]
    fn lines_are_as_long_as_asked() {
        let text = write(Label::PublicKey, &[0; 96], 64);
        assert_eq!(text.lines().map(str::len).collect::<Vec<_>>(), [26, 64, 64, 24]);
        assert_eq!(*read(&text, &[Label::PublicKey]).expect("read").der, [0; 96]);
    }
}
