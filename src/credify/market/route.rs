//! Which path is which endpoint: the current paths, and those of older servers.

use http::Method;

use super::endpoint::Endpoint;
use crate::credify::server::rejection::Rejection;

/// Finds endpoints under the prefix of a market.
pub(super) struct Routes {
    pub(super) prefix: String,
}

impl Routes {
    /// The endpoint of a path, and the id in the path.
    pub(super) fn find<'a>(&self, method: &Method, path: &'a str) -> Result<(Endpoint, &'a str), Rejection> {
        let within = match path.strip_prefix(self.prefix.as_str()) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
            _ if path == "/" => path,
            _ => return Err(Rejection::NOT_FOUND),
        };
        find(method, within)
    }
}

/// An endpoint with the id in its path; empty where there is none.
type Found<'a> = Option<(Endpoint, &'a str)>;

/// The endpoint of a path without its prefix, and the id in the path.
fn find<'a>(method: &Method, path: &'a str) -> Result<(Endpoint, &'a str), Rejection> {
    use Endpoint as E;

    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    let parts: Vec<&str> = path.splitn(7, '/').collect();
    let (get, post): (Found<'_>, Found<'_>) = match parts.as_slice() {
        [""] => (Some((E::Health, "")), None),
        ["api", "claims", "push"] | ["push-claims"] => (None, Some((E::PushClaims, ""))),
        ["api", "offers", "filter"] | ["offers-filtering"] => (None, Some((E::FilterOffers, ""))),
        ["api", "offers", "segment"] | ["user-counts"] => (None, Some((E::UserSegment, ""))),
        ["api", "offers", "evaluate"] | ["offer-evaluation"] => (None, Some((E::EvaluateOffer, ""))),
        ["api", "claims", "request"] | ["encrypted-claims"] => (None, Some((E::EncryptedClaims, ""))),
        ["api", "bnpl", "orders" | "order", id, "redirect"]
        | ["bnpl", "orders" | "order", id, "redirect"] => (Some((E::BnplRedirect, id)), None),
        ["api", "bnpl", "orders", id, "disbursement-requirements"]
        | ["bnpl", "orders", id, "disbursement-requirements"] => (None, Some((E::DisbursementDocuments, id))),
        ["webhook"] => (None, Some((E::Webhook, ""))),
        ["push-disbursement-claims"] => (None, Some((E::PushDisbursementClaims, ""))),
        ["simulation"] => (None, Some((E::Simulation, ""))),
        ["orders"] => (Some((E::Orders, "")), Some((E::CreateOrder, ""))),
        ["orders", "credify", id] => (Some((E::OrdersOfUser, id)), None),
        ["orders", id, "cancel"] => (None, Some((E::CancelOrder, id))),
        ["orders", id, "disburse"] => (None, Some((E::DisburseOrder, id))),
        ["intents"] => (None, Some((E::Intent, ""))),
        ["product"] => (None, Some((E::Product, ""))),
        ["offers"] => (None, Some((E::OwnOffers, ""))),
        ["claims"] => (None, Some((E::ClaimsValue, ""))),
        _ => (None, None),
    };
    let unknown = Rejection::NOT_FOUND;
    let found = match (&get, &post) {
        (None, None) => return Err(unknown),
        _ if *method == Method::GET => get.ok_or(Rejection::Method("POST"))?,
        _ if *method == Method::POST => post.ok_or(Rejection::Method("GET"))?,
        (Some(_), Some(_)) => return Err(Rejection::Method("GET, POST")),
        (Some(_), None) => return Err(Rejection::Method("GET")),
        (None, Some(_)) => return Err(Rejection::Method("POST")),
    };
    if matches!(found, (E::Health, "")) || is_id(found.1) || !has_id(found.0) {
        Ok(found)
    } else {
        Err(unknown)
    }
}

fn has_id(endpoint: Endpoint) -> bool {
    matches!(
        endpoint,
        Endpoint::BnplRedirect
            | Endpoint::DisbursementDocuments
            | Endpoint::OrdersOfUser
            | Endpoint::CancelOrder
            | Endpoint::DisburseOrder
    )
}

/// Ids are UUIDs; whatever a URL holds without an escape is let through, and nothing that climbs out of its place.
fn is_id(text: &str) -> bool {
    (1..=200).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:~".contains(&byte))
        && text.bytes().any(|byte| byte != b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn current_and_older_paths_are_known() {
        let find = |method: Method, path: &'static str| {
            find(&method, path).map_err(|rejection| rejection.status().as_u16())
        };
        for (method, path, endpoint, id) in [
            (Method::GET, "/", Endpoint::Health, ""),
            (Method::GET, "", Endpoint::Health, ""),
            (Method::POST, "/api/claims/push", Endpoint::PushClaims, ""),
            (Method::POST, "/push-claims", Endpoint::PushClaims, ""),
            (Method::POST, "/api/claims/push/", Endpoint::PushClaims, ""),
            (Method::POST, "/user-counts", Endpoint::UserSegment, ""),
            (Method::GET, "/api/bnpl/order/:orderId/redirect", Endpoint::BnplRedirect, ":orderId"),
            (Method::GET, "/bnpl/orders/o-1/redirect", Endpoint::BnplRedirect, "o-1"),
            (Method::GET, "/orders", Endpoint::Orders, ""),
            (Method::POST, "/orders", Endpoint::CreateOrder, ""),
            (Method::GET, "/orders/credify/u-1", Endpoint::OrdersOfUser, "u-1"),
        ] {
            assert_eq!(find(method, path), Ok((endpoint, id)), "{path}");
        }
        for (method, path, status) in [
            (Method::GET, "/api/claims/push", 405),
            (Method::DELETE, "/orders", 405),
            (Method::POST, "/", 405),
            (Method::GET, "/nothing", 404),
            (Method::POST, "/orders//cancel", 404),
            (Method::POST, "/orders/../cancel", 404),
            (Method::POST, "/orders/%2e%2e/cancel", 404),
            (Method::POST, "/orders/a/cancel/b", 404),
        ] {
            assert_eq!(find(method, path), Err(status), "{path}");
        }
    }
}
