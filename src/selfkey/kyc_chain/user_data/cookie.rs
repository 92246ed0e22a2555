//! The cookies of the login.

use std::time::SystemTime;

use cookie::Cookie;
use http::{HeaderMap, HeaderValue, header::SET_COOKIE};
use url::{Host, Url};

use crate::{
    error::{Error, ErrorKind},
    transport,
};

/// The cookies of a response as they go back below `base` (RFC 6265, sections 5.3 and 5.4): the last of a name counts,
/// and what is deleted by it, is over, or is for another path or host does not go back.
pub(super) fn cookie(headers: &HeaderMap, base: &Url, now: SystemTime) -> Result<HeaderValue, Error> {
    let mut kept: Vec<(String, String, String)> = Vec::new();
    for line in headers.get_all(SET_COOKIE) {
        let Some(cookie) = line.to_str().ok().and_then(|line| Cookie::parse(line).ok()) else { continue };
        let (name, value) = cookie.name_value();
        // Without a path of its own it is for where the login is, which is below the base, too.
        let path = cookie.path().filter(|path| path.starts_with('/')).unwrap_or("/");
        if !is_for_host(cookie.domain(), base) || !is_for_path(path, base.path()) {
            continue;
        }
        kept.retain(|(kept, at, _)| kept != name || at != path);
        let over = match (cookie.max_age(), cookie.expires_datetime()) {
            (Some(age), _) => !age.is_positive(),
            (None, Some(end)) => SystemTime::from(end) <= now,
            (None, None) => false,
        };
        if !over {
            kept.push((name.to_owned(), path.to_owned(), value.to_owned()));
        }
    }
    if kept.is_empty() {
        return Err(Error::new(ErrorKind::Decode, "the login gave no cookie").with_path("Set-Cookie"));
    }
    // Those of longer paths come first.
    kept.sort_by_key(|(_, path, _)| std::cmp::Reverse(path.len()));
    let pairs: Vec<_> = kept.into_iter().map(|(name, _, value)| format!("{name}={value}")).collect();
    let mut value = transport::header_value(pairs.join("; ").as_bytes(), "a cookie does not fit a header")
        .map_err(|_| {
            Error::new(ErrorKind::Decode, "a cookie does not fit a header").with_path("Set-Cookie")
        })?;
    value.set_sensitive(true);
    Ok(value)
}

/// RFC 6265, section 5.1.3; without a domain of its own a cookie is for the host that set it.
fn is_for_host(domain: Option<&str>, base: &Url) -> bool {
    let (Some(domain), Some(host)) = (domain, base.host_str()) else { return true };
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    let is_name = matches!(base.host(), Some(Host::Domain(_)));
    host.strip_suffix(&domain).is_some_and(|rest| rest.is_empty() || (is_name && rest.ends_with('.')))
}

/// RFC 6265, section 5.1.4: every call goes below the base, so its path has to be the cookie's or below it.
fn is_for_path(path: &str, base: &str) -> bool {
    base.strip_prefix(path.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::Clock;

    fn sent_back(cookies: &[&str]) -> Option<String> {
        let lines = cookies.iter().map(|line| (SET_COOKIE, HeaderValue::from_str(line).expect("a value")));
        let mut headers = HeaderMap::new();
        lines.for_each(|(name, line)| _ = headers.append(name, line));
        let base = Url::parse("https://kyc.example/api/v2/").expect("a URL");
        let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000));
        cookie(&headers, &base, clock.now()).ok().map(|value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn cookies_go_back_as_rfc_6265_has_it() {
        for (lines, back) in [
            (&["sid=1; Path=/; HttpOnly"][..], Some("sid=1")),
            (&["sid=1; Path=/", "sid=2; path=/"], Some("sid=2")),
            (&["sid=1", "SID=2"], Some("sid=1; SID=2")),
            (&["sid=1; Path=/", "sid=2; Path=/api"], Some("sid=2; sid=1")),
            (&["sid=1; Path=/", "old=x; Path=/; Max-Age=0"], Some("sid=1")),
            (&["sid=1; Path=/", "sid=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], None),
            (&["sid=1; Max-Age=-1"], None),
            (&["sid=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], Some("sid=1")),
            (&["sid=1; Expires=Fri, 31 Dec 2100 00:00:00 GMT"], Some("sid=1")),
            (&["sid=1; Path=/admin", "b=2; Path=/api/v2"], Some("b=2")),
            (&["a=1; Path=/api/v2/", "b=2; Path=/ap", "c=3; Path=/api/v20"], Some("a=1")),
            (
                &["a=1; Domain=kyc.example", "b=2; Domain=.example", "c=3; Domain=other.example"],
                Some("a=1; b=2"),
            ),
            (&["a=1; Domain=yc.example", "b=2; Domain=www.kyc.example"], None),
            (&["nonsense", "=x", "a=\"q\"; Secure"], Some("a=\"q\"")),
            (&[], None),
        ] {
            assert_eq!(sent_back(lines).as_deref(), back, "{lines:?}");
        }
    }
}
