//! URLs and addresses: which base may be called, how a path is put together, which addresses are public.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
pub(crate) fn join(base: &Url, segments: &[&str]) -> Result<Url, Error> {
    let mut url = base.clone();
    let mut path = url.path_segments_mut().map_err(|()| Error::configuration("the base URL has no path"))?;
    path.pop_if_empty();
    for (index, segment) in segments.iter().enumerate() {
        let last = index + 1 == segments.len();
        if (segment.is_empty() && !last) || matches!(*segment, "." | "..") {
            return Err(Error::invalid("path", "a path segment is empty, `.` or `..`"));
        }
        path.push(segment);
    }
    if segments.is_empty() {
        path.push("");
    }
    drop(path);
    Ok(url)
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
        ] {
            let error = base_url(bad, false).expect_err(bad);
            assert_eq!(error.kind(), crate::ErrorKind::Configuration, "{bad}");
        }
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
        ] {
            assert!(is_public(public.parse().expect(public)), "{public}");
        }
    }
}
