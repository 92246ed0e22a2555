//! URLs and addresses: which base may be called, how a path is put together, which addresses are public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::{Host, Url};

use crate::error::Error;

/// Checks a base URL: https, or http on loopback, or http where the builder allows it by name; no user, query or
/// fragment. The path ends in a slash afterwards.
pub(crate) fn base_url(text: &str, allow_plain: bool) -> Result<Url, Error> {
    let mut url = Url::parse(text).map_err(|_| {
        Error::configuration("the base URL is not a URL").with_hint("give it with its scheme: https://…")
    })?;
    match url.scheme() {
        "https" => {}
        "http" if allow_plain || is_loopback(&url) => {}
        "http" => {
            return Err(Error::configuration("the base URL is not https").with_hint(
                "use https; http is for loopback, or say that credentials may travel in the clear",
            ));
        }
        _ => return Err(Error::configuration("the base URL is neither https nor http")),
    }
    if url.host().is_none() || url.cannot_be_a_base() {
        return Err(Error::configuration("the base URL has no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::configuration("the base URL holds a user or a password")
            .with_hint("give credentials to the builder"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::configuration("the base URL holds a query or a fragment"));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// The base with path segments behind it, each percent-encoded by itself, so that none can become two or climb up. An
/// empty last segment gives a trailing slash.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with the field `path`, as [`one_segment`] has it. Whoever knows
/// the name of what stands in the path checks it there first.
pub(crate) fn join(base: &Url, segments: &[&str]) -> Result<Url, Error> {
    check(segments)?;
    let mut url = base.clone();
    let mut path = url.path_segments_mut().map_err(|()| Error::configuration("the base URL has no path"))?;
    path.pop_if_empty();
    path.extend(segments);
    if segments.is_empty() {
        path.push("");
    }
    drop(path);
    arrives(base, segments, url)
}

/// [`join`] with each segment percent-encoded down to the unreserved characters (RFC 3986 section 2.3), for a provider
/// that documents no alphabet: servers differ on what `+` means.
pub(crate) fn join_unreserved(base: &Url, segments: &[&str]) -> Result<Url, Error> {
    check(segments)?;
    let mut path = base.path().trim_end_matches('/').to_owned();
    for segment in segments {
        path.push('/');
        path.extend(utf8_percent_encode(segment, BEYOND_UNRESERVED));
    }
    let mut url = base.clone();
    url.set_path(&path);
    arrives(base, segments, url)
}

/// What is encoded of a text that shall keep nothing but unreserved characters.
const BEYOND_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn check(segments: &[&str]) -> Result<(), Error> {
    let last = segments.len().saturating_sub(1);
    let mut named =
        segments.iter().enumerate().filter(|(index, segment)| *index < last || !segment.is_empty());
    named.try_for_each(|(_, segment)| one_segment("path", segment).map(drop))
}

/// The last word, on the URL as it will be sent: its path is that of the base and then what was asked for, segment by
/// segment. Whatever a library does to a path between the two, now or later, cannot lead elsewhere.
fn arrives(base: &Url, segments: &[&str], url: Url) -> Result<Url, Error> {
    let sent = url.path().strip_prefix(base.path().trim_end_matches('/'));
    let sent = sent.and_then(|rest| rest.strip_prefix('/')).map(|rest| rest.split('/'));
    let asked = if segments.is_empty() { &[""] } else { segments };
    let same = sent.is_some_and(|sent| {
        sent.map(|part| percent_decode_str(part).collect::<Vec<u8>>())
            .eq(asked.iter().map(|part| part.as_bytes().to_vec()))
    });
    if same && url.origin() == base.origin() {
        return Ok(url);
    }
    Err(Error::invalid("path", "the path would not arrive as it was asked for; nothing was sent"))
}

/// Gives a value back that arrives as exactly one segment of a path when it is percent-encoded, and means the same to
/// every server, proxy and library on its way.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with the field's name for a value that is empty, holds a control
/// character, or is a dot segment in any spelling, encoded any number of times: `.`, `..`, `%2e`, `.%2E`, `%252e`.
pub(crate) fn one_segment<'a>(field: &str, value: &'a str) -> Result<&'a str, Error> {
    filled(field, value)?;
    // A proxy may decode once more than it should, so every spelling is undone.
    let mut plain = value.to_owned();
    loop {
        // Some servers cut parameters off a segment before they look at it, and some parsers drop control characters.
        let bare = plain.split(';').next().unwrap_or_default();
        let bare: String = bare.chars().filter(|char| !char.is_control()).collect();
        if matches!(bare.as_str(), "." | "..") {
            return Err(Error::invalid(
                field,
                "it is a dot segment, which climbs up in a path; nothing was sent",
            ));
        }
        let once_more = percent_decode_str(&plain).decode_utf8_lossy().into_owned();
        // Each pass that changes anything makes the text shorter, or it was not text.
        if once_more.len() >= plain.len() {
            return Ok(value);
        }
        plain = once_more;
    }
}

/// Gives a value back that is there and is text: no control character, which libraries drop, trim or take for an end.
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) with the field's name.
pub(crate) fn filled<'a>(field: &str, value: &'a str) -> Result<&'a str, Error> {
    if value.is_empty() {
        return Err(Error::invalid(field, "it is empty, and would ask for something else; nothing was sent"));
    }
    if value.chars().any(char::is_control) {
        return Err(Error::invalid(field, "it holds a control character; nothing was sent")
            .with_hint("look for a line break or a tab at its end"));
    }
    Ok(value)
}

/// A value for a header that arrives as it is: servers take blanks at either end off, and libraries let a tab pass.
///
/// # Errors
///
/// [`Configuration`](crate::ErrorKind::Configuration) with `what` as the text.
pub(crate) fn header_value(text: &[u8], what: &'static str) -> Result<HeaderValue, Error> {
    let refused = || {
        Error::configuration(what)
            .with_hint("look for a blank or a line break at its end, as files leave one")
    };
    let is_trimmed = |byte: Option<&u8>| byte.is_none_or(|byte| *byte != b' ');
    if text.contains(&b'\t') || !is_trimmed(text.first()) || !is_trimmed(text.last()) {
        return Err(refused());
    }
    HeaderValue::from_bytes(text).map_err(|_| refused())
}

/// True when the URL's host is this machine by its very name or number.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The number in a URL's host, if it is one.
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

/// True when an address is one of the public internet (RFC 6890 and the registries behind it).
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, ..] = address.segments();
    // Forms that carry an IPv4 address are as public as that address.
    let low = u32::from_be_bytes([
        address.octets()[12],
        address.octets()[13],
        address.octets()[14],
        address.octets()[15],
    ]);
    if address.to_ipv4_mapped().is_some() || (a == 0x64 && b == 0xff9b && c == 0) {
        return is_public_v4(Ipv4Addr::from_bits(low));
    }
    if a == 0x2002 {
        return is_public_v4(Ipv4Addr::from_bits(u32::from(b) << 16 | u32::from(c)));
    }
    // Only 2000::/3 is handed out; of it, 2001::/23 and 2001:db8::/32 and 3fff::/20 are for special use.
    a & 0xe000 == 0x2000
        && !(a == 0x2001 && b < 0x200)
        && !(a == 0x2001 && b == 0xdb8)
        && !(a == 0x3fff && b < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_https_or_loopback_and_carries_nothing_else() {
        for good in [
            "https://api.example.com",
            "https://api.example.com/",
            "http://127.0.0.1:8080",
            "http://localhost/x",
            "http://a.localhost:8080",
            "http://[::1]:8080/x/",
        ] {
            assert!(base_url(good, false).expect(good).path().ends_with('/'));
        }
        assert!(base_url("http://api.example.com", true).is_ok());
        for bad in [
            "http://api.example.com",
            "api.example.com",
            "ftp://127.0.0.1/",
            "https://u:p@example.com",
            "https://u@example.com",
            "https://example.com/?a=1",
            "https://example.com/#a",
            "data:text/plain,x",
            "http://127.0.0.1.example.com/",
            "http://notlocalhost/",
            "http://[2606:4700::1111]/",
            "http://8.8.8.8/",
        ] {
            let error = base_url(bad, false).expect_err(bad);
            assert_eq!(error.kind(), crate::ErrorKind::Configuration, "{bad}");
        }
        let plain = base_url("http://api.example.com", false).expect_err("in the clear");
        assert!(plain.to_string().contains("is not https"), "{plain}");
    }

    #[test]
    fn segments_are_encoded_one_by_one() {
        let base = base_url("https://example.com/v1", false).expect("base");
        let path = |segments: &[&str]| join(&base, segments).map(|url| url.path().to_owned());
        assert_eq!(path(&["users", "a/b ?#%"]).expect("path"), "/v1/users/a%2Fb%20%3F%23%25");
        assert_eq!(path(&["account", "info", ""]).expect("path"), "/v1/account/info/");
        assert_eq!(path(&[]).expect("path"), "/v1/");
        for bad in [&["..", "x"][..], &[".", "x"], &["", "x"]] {
            assert!(path(bad).is_err());
        }
    }

    /// What `url` does to a path before it is sent: it drops TAB, CR and LF, and takes `%2e` for a dot.
    const HOSTILE: [&str; 20] = [
        ".", "..", ".\t.", "\t..", "..\r", ".\n", "%2e", "%2E.", ".%2e", "%2e%2E", "%252e", "%25252e.",
        "..;v=1", ".%09.", "a\nb", "\tab", "ab\r\n", "a\u{0}b", "a\u{7f}", "\u{85}a",
    ];

    #[test]
    fn what_a_library_below_would_change_is_refused_with_the_field() {
        let base = base_url("https://example.com/v1", false).expect("base");
        for hostile in HOSTILE {
            let named = one_segment("order_id", hostile).expect_err(hostile);
            assert_eq!(named.kind(), crate::ErrorKind::InvalidRequest, "{hostile:?}");
            assert_eq!(named.fields()[0].field, "order_id");
            for segments in [&["orders", hostile][..], &["orders", hostile, "complete"], &[hostile]] {
                for join in [join, join_unreserved] {
                    let error = join(&base, segments).expect_err(hostile);
                    assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest, "{hostile:?}");
                    assert_eq!(error.fields()[0].field, "path");
                }
            }
        }
        assert_eq!(one_segment("id", "").expect_err("empty").fields()[0].field, "id");
    }

    #[test]
    fn everything_else_arrives_as_one_segment() {
        let base = base_url("https://example.com/v1/", false).expect("base");
        for odd in [
            "a/b",
            "/",
            "//",
            "../x",
            "..\\..",
            "%2e%2e%2f",
            "%2f",
            "a?b#c",
            "...",
            ". .",
            " ",
            "%",
            "%zz",
            "%ff",
            ";v=1",
            "é",
            "\u{202e}x",
            "did:key:z6Mk",
            "a+b",
            "\\",
            "c:",
            "|",
            "http://x/",
        ] {
            for join in [join, join_unreserved] {
                let url = join(&base, &["ids", odd, "x"]).expect(odd);
                let sent: Vec<_> = url.path_segments().expect("segments").collect();
                assert_eq!((sent.len(), sent[0], sent[1], sent[3]), (4, "v1", "ids", "x"), "{odd}");
                assert_eq!(percent_decode_str(sent[2]).decode_utf8().expect("text"), odd);
                assert_eq!((url.query(), url.fragment(), url.host_str()), (None, None, Some("example.com")));
            }
        }
    }

    #[test]
    fn a_url_that_leads_elsewhere_is_not_called() {
        let base = base_url("https://example.com/v1", false).expect("base");
        let arrives = |segments: &[&str], url: &str| {
            super::arrives(&base, segments, url.parse().expect(url)).map(|url| url.to_string())
        };
        for (segments, url) in [
            (&["a", "b c"][..], "https://example.com/v1/a/b%20c"),
            (&[], "https://example.com/v1/"),
            (&["a", ""], "https://example.com/v1/a/"),
        ] {
            assert_eq!(arrives(segments, url).expect(url), url);
        }
        for (segments, url) in [
            (&["a"][..], "https://example.org/v1/a"),
            (&["a"], "http://example.com/v1/a"),
            (&["a"], "https://example.com:8443/v1/a"),
            (&["a"], "https://example.com/v2/a"),
            (&["a"], "https://example.com/v1a"),
            (&["a"], "https://example.com/v1/a/b"),
            (&["a", "b"], "https://example.com/v1/a%2Fb"),
            (&["a", "b"], "https://example.com/v1/a"),
            (&["a"], "https://example.com/v1/"),
            (&[], "https://example.com/v1/a"),
        ] {
            let error = arrives(segments, url).expect_err(url);
            assert_eq!(error.kind(), crate::ErrorKind::InvalidRequest, "{url}");
            assert_eq!(error.fields()[0].field, "path");
        }
    }

    #[test]
    fn a_number_in_a_url_is_found() {
        let found = |url: &str| literal(&url.parse().expect(url));
        assert_eq!(found("https://10.0.0.1/x"), Some(Ipv4Addr::new(10, 0, 0, 1).into()));
        assert_eq!(found("https://[::1]/x"), Some(Ipv6Addr::LOCALHOST.into()));
        assert_eq!(found("https://example.com/x"), None);
        assert_eq!(found("data:text/plain,x"), None);
    }

    #[test]
    fn a_header_value_arrives_as_it_is_or_not_at_all() {
        assert_eq!(header_value(b"a b", "x").expect("a value"), "a b");
        for bad in ["a\t", "\ta", "a\tb", " a", "a ", "a\n", "a\r", "a\u{0}"] {
            let error = header_value(bad.as_bytes(), "the key fits no header").expect_err(bad);
            assert_eq!(error.kind(), crate::ErrorKind::Configuration, "{bad:?}");
        }
    }

    #[test]
    fn addresses_that_are_not_of_the_internet_are_told() {
        for private in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "192.0.0.8",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
            "::7f00:1",
            "3fff::1",
            // The last of each block.
            "100.127.255.255",
            "192.0.0.255",
            "192.88.99.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "0.255.255.255",
            "239.255.255.255",
            "64:ff9b:1::808:808",
            "64:1::808:808",
            "2001:1ff:ffff::1",
            "2001:db8:ffff::1",
            "2002:7f00:1::",
            "3fff:fff::1",
            "1fff::1",
            "4000::1",
            "6000::1",
        ] {
            assert!(!is_public(private.parse().expect(private)), "{private}");
        }
        for public in [
            "142.132.144.101",
            "8.8.8.8",
            "2606:4700::1111",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2a01:4f8::1",
            // The neighbours of each block, and what shares a part with one.
            "1.0.0.1",
            "223.255.255.255",
            "100.63.255.255",
            "100.128.0.1",
            "99.64.0.1",
            "192.0.1.1",
            "192.1.0.1",
            "8.0.0.1",
            "192.88.98.1",
            "192.88.100.1",
            "192.87.99.1",
            "8.88.99.1",
            "198.17.255.255",
            "198.20.0.1",
            "199.18.0.1",
            "199.19.0.1",
            "2001:200::1",
            "2001:db7::1",
            "2001:db9::1",
            "2606:db8::1",
            "2606:1::1",
            "2002:808:808::",
            "3ffe::1",
            "3fff:1000::1",
            "2000::1",
        ] {
            assert!(is_public(public.parse().expect(public)), "{public}");
        }
    }
}
