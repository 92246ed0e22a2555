//! Routing table: method and path to what answers them, over `matchit`.

use std::collections::BTreeMap;

use http::{HeaderValue, Method};
use matchit::{Params, Router};

use crate::error::Error;

/// A table of routes. A path has parameters in the form `/users/{id}`, and `{*rest}` at its end for all that is below.
pub(crate) struct Routes<T> {
    router: Router<Vec<(Method, T)>>,
}

/// Why a request has no route.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoRoute {
    /// 404
    Path,
    /// 405, with the methods that the path has, as the `Allow` header names them.
    Method(HeaderValue),
}

impl<T> Routes<T> {
    /// Builds the table.
    ///
    /// # Errors
    ///
    /// [`Error::configuration`] for a path that contradicts another, or is none.
    pub(crate) fn new(routes: impl IntoIterator<Item = (Method, String, T)>) -> Result<Self, Error> {
        let mut paths: BTreeMap<String, Vec<(Method, T)>> = BTreeMap::new();
        for (method, path, target) in routes {
            paths.entry(path).or_default().push((method, target));
        }
        let mut router = Router::new();
        for (path, targets) in paths {
            router.insert(path, targets).map_err(|_| Error::configuration("two routes have one path"))?;
        }
        Ok(Self { router })
    }

    /// The target of a request, with the path's parameters as they stand in the path, not decoded.
    pub(crate) fn find<'t, 'p>(
        &'t self,
        method: &Method,
        path: &'p str,
    ) -> Result<(&'t T, Params<'t, 'p>), NoRoute> {
        let found = self.router.at(path).map_err(|_| NoRoute::Path)?;
        match found.value.iter().find(|(known, _)| known == method) {
            Some((_, target)) => Ok((target, found.params)),
            None => {
                let mut methods: Vec<&str> = found.value.iter().map(|(known, _)| known.as_str()).collect();
                methods.sort_unstable();
                let allow = HeaderValue::try_from(methods.join(", "));
                Err(allow.map_or(NoRoute::Path, NoRoute::Method))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes<&'static str> {
        let route = |method, path: &str, target| (method, path.to_owned(), target);
        Routes::new([
            route(Method::GET, "/offers", "list"),
            route(Method::POST, "/offers", "create"),
            route(Method::GET, "/offers/{id}", "read"),
            route(Method::GET, "/offers/latest", "latest"),
        ])
        .expect("a table")
    }

    #[test]
    fn a_route_is_found_by_method_and_path() {
        let routes = routes();
        let find = |method, path| routes.find(&method, path).map(|(target, _)| *target);
        assert_eq!(find(Method::GET, "/offers"), Ok("list"));
        assert_eq!(find(Method::POST, "/offers"), Ok("create"));
        assert_eq!(find(Method::GET, "/offers/latest"), Ok("latest"));
        for path in ["", "/", "/offers/", "/offer", "/offers/1/2", "//offers", "/OFFERS"] {
            assert_eq!(find(Method::GET, path), Err(NoRoute::Path), "{path}");
        }
        let allow = NoRoute::Method(HeaderValue::from_static("GET, POST"));
        assert_eq!(find(Method::PUT, "/offers"), Err(allow));
    }

    #[test]
    fn a_parameter_is_given_as_it_stands_in_the_path() {
        let routes = routes();
        for id in ["7", "%2e%2e", "a%2Fb", "..", "%00"] {
            let path = format!("/offers/{id}");
            let (target, parameters) = routes.find(&Method::GET, &path).expect("a route");
            assert_eq!((*target, parameters.get("id")), ("read", Some(id)));
        }
    }

    #[test]
    fn contradicting_paths_are_refused_when_the_table_is_built() {
        let route = |path: &str| (Method::GET, path.to_owned(), ());
        assert!(Routes::new([route("/a/{x}"), route("/a/{y}")]).is_err());
        assert!(Routes::new([route("/a/{")]).is_err());
    }
}
