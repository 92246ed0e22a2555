//! Where a request comes from.

use std::net::IpAddr;

use http::HeaderMap;

use crate::error::Error;

/// Addresses of one header that are looked at.
const MOST_HOPS: usize = 32;

/// The proxies in front of the server that are trusted with the caller's address. Default: none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<(IpAddr, u32)>);

impl TrustedProxies {
    /// Addresses or networks, such as `10.0.0.7` or `10.0.0.0/8`.
    ///
    /// Each of them must add the address it was called from to `X-Forwarded-For`, at its end.
    ///
    /// # Errors
    ///
    /// [`Configuration`](crate::ErrorKind::Configuration) for what is neither.
    pub fn new<T: AsRef<str>>(networks: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let refused =
            || Error::configuration("a trusted proxy is an IP address, or a network such as 10.0.0.0/8");
        let read = |text: &str| {
            let (address, bits) = match text.split_once('/') {
                Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
                None => (text, None),
            };
            let address: IpAddr = address.parse().ok()?;
            let width = if address.is_ipv4() { 32 } else { 128 };
            Some((address, bits.unwrap_or(width))).filter(|(_, bits)| *bits <= width)
        };
        let networks = networks.into_iter().map(|network| read(network.as_ref()).ok_or_else(refused));
        networks.collect::<Result<_, _>>().map(Self)
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|(network, bits)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).checked_shr(32 - bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).checked_shr(128 - bits).unwrap_or(0) == 0
            }
            _ => false,
        })
    }

    /// The caller's address: the peer's, or, behind trusted proxies, the last one that none of them has.
    ///
    /// Whatever stands in front of it in the header was written by the caller and proves nothing.
    pub(super) fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut caller = peer.to_canonical();
        let values: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
        let hops = values.iter().rev().flat_map(|value| value.rsplit(','));
        for hop in hops.take(MOST_HOPS) {
            if !self.contains(caller) {
                break;
            }
            match hop_address(hop.trim()) {
                Some(address) => caller = address.to_canonical(),
                None => break,
            }
        }
        caller
    }
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn hop_address(text: &str) -> Option<IpAddr> {
    text.parse()
        .ok()
        .or_else(|| Some(text.parse::<std::net::SocketAddr>().ok()?.ip()))
        .or_else(|| text.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn caller(trusted: &[&str], peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(value));
        }
        let proxies = TrustedProxies::new(trusted).expect("proxies");
        proxies.caller(peer.parse().expect("address"), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_asked_and_only_for_what_it_saw() {
        let trusted = &["10.0.0.0/8", "::1"];
        for (peer, forwarded, expected) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("10.1.2.3", &["198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
            ("10.1.2.3", &["6.6.6.6", "198.51.100.1, 10.9.9.9"], "198.51.100.1"),
            ("::ffff:10.1.2.3", &["[2001:db8::1]:443"], "2001:db8::1"),
            ("::1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.1.2.3", &["198.51.100.1, unknown"], "10.1.2.3"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("11.1.2.3", &["198.51.100.1"], "11.1.2.3"),
        ] {
            assert_eq!(caller(trusted, peer, forwarded), expected, "{peer} {forwarded:?}");
        }
        assert_eq!(caller(&[], "10.1.2.3", &["198.51.100.1"]), "10.1.2.3");
        assert_eq!(caller(&["0.0.0.0/0"], "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0.0/33", "::/129", "proxy.example", "10.0.0.0/-1", "10.0.0.0/"] {
            assert!(TrustedProxies::new([text]).is_err(), "{text}");
        }
    }
}
