//! Guarded fetches: every URL that a provider or a caller hands over goes through here.
//!
//! Such a URL is foreign. It is opened only when its host is on the list, over https, at a public address that is
//! checked where it is connected to, without credentials of ours, without redirects, and up to a size.

use std::time::Duration;

use http::{HeaderMap, Method};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use url::{Host, Url};

use super::{AddressPolicy, ApiClient, Limits, Payload, Progress, StreamingResponse, form};
use crate::error::{Effect, Error, ErrorKind};

/// Which foreign URLs may be opened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Guard {
    /// Domains that may be opened with all hosts below them; compared label by label.
    domains: Vec<String>,
    /// Origins that may be opened whatever their scheme and address: the application's own configuration.
    origins: Vec<url::Origin>,
}

impl Guard {
    pub(crate) fn new(domains: &[&str]) -> Self {
        Self { domains: domains.iter().map(|domain| (*domain).to_owned()).collect(), origins: Vec::new() }
    }

    pub(crate) fn allow_domain(&mut self, domain: &str) {
        // As hosts of URLs are written: in lower case, and other letters than those of ASCII as `xn--…`.
        let domain = domain.trim().trim_matches('.');
        let host =
            Url::parse(&format!("https://{domain}/")).ok().and_then(|url| url.host_str().map(str::to_owned));
        self.domains.push(host.unwrap_or_else(|| domain.to_ascii_lowercase()));
    }

    pub(crate) fn allow_origin(&mut self, url: &Url) {
        self.origins.push(url.origin());
    }

    /// Says whether a URL may be opened, and at which addresses.
    pub(crate) fn check(&self, url: &Url) -> Result<AddressPolicy, Error> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("fetch.credentials", "the URL holds a user or a password"));
        }
        if self.origins.contains(&url.origin()) {
            return Ok(AddressPolicy::Any);
        }
        if url.scheme() != "https" {
            return Err(refused("fetch.scheme", "the URL is not https"));
        }
        if url.port().is_some() {
            return Err(refused("fetch.port", "the URL names a port of its own"));
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err(refused("fetch.host", "the URL's host is not a name"));
        };
        let host = host.trim_end_matches('.');
        let listed = self.domains.iter().any(|domain| {
            host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        });
        if listed {
            Ok(AddressPolicy::Public)
        } else {
            Err(refused("fetch.host", "the URL's host is not on the list"))
        }
    }
}

fn refused(check: &'static str, what: &'static str) -> Error {
    Error::configuration(what)
        .with_check(check)
        .with_hint("it was not opened; allow the host on the client's builder if it is the provider's")
}

/// What to fetch and how far to go.
pub(crate) struct Fetch<'a> {
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) payload: Payload,
    pub(crate) limits: Limits,
    pub(crate) progress: Option<&'a Progress>,
    /// A look at the headers before the first byte is written.
    pub(crate) inspect: &'a (dyn Fn(&HeaderMap) -> Result<(), Error> + Send + Sync),
}

impl ApiClient {
    /// Fetches a foreign URL into a writer and gives back its headers and how many bytes were written.
    ///
    /// Nothing is written before the status and the headers are found good; what was written when an error comes is
    /// a part and must be thrown away.
    pub(crate) async fn fetch(
        &self,
        guard: &Guard,
        fetch: Fetch<'_>,
        into: &mut (dyn AsyncWrite + Send + Unpin),
    ) -> Result<(HeaderMap, u64), Error> {
        let addresses = guard.check(&fetch.url)?;
        let limits = fetch.limits;
        let call =
            self.call_url(fetch.operation, fetch.method, fetch.url).payload(fetch.payload).accept("*/*");
        let mut incoming = call.idempotent().limits(limits).addresses(addresses).open().await?;
        let whole = announced(&incoming.headers);
        let checked = (fetch.inspect)(&incoming.headers).and_then(|()| match whole {
            Some(length) if length > limits.bytes as u64 => Err(too_large()),
            _ => Ok(()),
        });
        if let Err(error) = checked {
            return Err(incoming.context.complete(error));
        }
        let written = copy(&mut incoming, limits, whole, fetch.progress, into).await;
        match written {
            Ok(written) => Ok((incoming.headers, written)),
            Err(error) => Err(incoming.context.complete(error).with_effect(Effect::None)),
        }
    }
}

async fn copy(
    incoming: &mut StreamingResponse,
    limits: Limits,
    whole: Option<u64>,
    progress: Option<&Progress>,
    into: &mut (dyn AsyncWrite + Send + Unpin),
) -> Result<u64, Error> {
    let stalled = |within: Duration| {
        Error::new(ErrorKind::Timeout, "the file stopped coming")
            .with_hint(format!("nothing for {} s", within.as_secs()))
    };
    let moving = async {
        let mut written = 0_u64;
        // The beginning is held back until it is seen to be no page.
        let mut beginning = Some(Vec::new());
        loop {
            let next = tokio::time::timeout(limits.attempt, incoming.body.next());
            let Some(piece) = next.await.map_err(|_| stalled(limits.attempt))?.transpose()? else { break };
            written += piece.len() as u64;
            if written > limits.bytes as u64 {
                return Err(too_large());
            }
            match &mut beginning {
                None => into.write_all(&piece).await.map_err(Error::store)?,
                Some(seen) => {
                    seen.extend_from_slice(&piece);
                    if !form::is_conclusive(seen) {
                        continue;
                    }
                    form::is_file(&incoming.headers, seen)?;
                    into.write_all(seen).await.map_err(Error::store)?;
                    beginning = None;
                }
            }
            if let Some(progress) = progress {
                progress.report(written, whole);
            }
        }
        if let Some(seen) = beginning {
            form::is_file(&incoming.headers, &seen)?;
            into.write_all(&seen).await.map_err(Error::store)?;
            if let Some(progress) = progress {
                progress.report(written, whole);
            }
        }
        into.flush().await.map_err(Error::store)?;
        Ok(written)
    };
    tokio::time::timeout(incoming.left, moving)
        .await
        .map_err(|_| Error::new(ErrorKind::Timeout, "the deadline passed in the middle of the file"))?
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, "the file is larger than the limit")
        .with_hint("raise the limit if that is expected")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_hosts_are_opened() {
        let mut guard = Guard::new(&["shuftipro.com"]);
        guard.allow_origin(&"http://127.0.0.1:4804/".parse().expect("URL"));
        let check = |url: &str| guard.check(&url.parse().expect("URL")).map_err(|error| error.check());
        assert_eq!(check("https://ns.shuftipro.com/api/pea/1"), Ok(AddressPolicy::Public));
        assert_eq!(check("https://shuftipro.com./x"), Ok(AddressPolicy::Public));
        assert_eq!(check("http://127.0.0.1:4804/x"), Ok(AddressPolicy::Any));
        for (url, why) in [
            ("http://ns.shuftipro.com/x", "fetch.scheme"),
            ("https://ns.shuftipro.com:8443/x", "fetch.port"),
            ("https://evilshuftipro.com/x", "fetch.host"),
            ("https://shuftipro.com.evil.example/x", "fetch.host"),
            ("https://10.0.0.1/x", "fetch.host"),
            ("https://[::1]/x", "fetch.host"),
            ("https://u:p@ns.shuftipro.com/x", "fetch.credentials"),
            ("https://u@ns.shuftipro.com/x", "fetch.credentials"),
            ("https://:p@ns.shuftipro.com/x", "fetch.credentials"),
            ("http://127.0.0.1:4805/x", "fetch.scheme"),
            ("file:///etc/passwd", "fetch.scheme"),
        ] {
            assert_eq!(check(url), Err(Some(why)), "{url}");
        }
    }

    #[test]
    fn a_domain_is_known_in_whatever_letters_it_was_given() {
        for (domain, host) in [
            ("Dateien.B\u{fc}cher.example", "dateien.xn--bcher-kva.example"),
            ("dateien.xn--bcher-kva.example", "dateien.b\u{fc}cher.example"),
            ("b\u{fc}cher.example.", "x.B\u{dc}CHER.example"),
        ] {
            let mut guard = Guard::new(&[]);
            guard.allow_domain(domain);
            let url = format!("https://{host}/x").parse().expect("URL");
            assert_eq!(
                guard.check(&url).map_err(|error| error.check()),
                Ok(AddressPolicy::Public),
                "{domain}"
            );
            let other = "https://bucher.example/x".parse().expect("URL");
            assert!(guard.check(&other).is_err(), "{domain}");
        }
    }
}
