//! No foreign type in a public signature: a new major version of a dependency is then not one of ours.
//!
//! Every `pub` item of every file is looked at, also where its module is private: a type may be reachable without a
//! path that names it. What is for the crate alone is `pub(crate)`.

use std::collections::BTreeSet;

use syn::{
    Attribute, Expr, Fields, ImplItem, Item, ItemImpl, Path, Signature, Token, TraitItem, Type, Visibility,
    punctuated::Punctuated,
    visit::{self, Visit},
};

use crate::report::REPORT;
use crate::source::{
    Facts, Module, Origin, Sources, Violation, assert_none, attributes, impl_attributes, implied, imports,
    parameters, trait_attributes, words,
};

/// What may be named, alone or with what is below it; where a feature is given, only behind that feature.
const ALLOWED: &[(&str, Option<&str>)] = &[
    ("alloc", None),
    ("core", None),
    ("std", None),
    // At 1.0 or later, and the ecosystem's common word for the thing.
    ("bytes", None),
    ("http", None),
    ("http_body::Body", None),
    ("url", None),
    ("serde::Deserialize", None),
    ("serde::Serialize", None),
    ("serde::de::DeserializeOwned", None),
    ("serde_json::Value", None),
    ("tokio::io::AsyncRead", None),
    ("tokio::io::AsyncWrite", None),
    // Aliases of `Pin<Box<dyn ..>>`; the standard library has no word for `Stream` yet.
    ("futures_util::Stream", None),
    ("futures_util::future::BoxFuture", None),
    ("futures_util::stream::BoxStream", None),
    ("futures_util::stream::Stream", None),
    // Below 1.0 since 2019, unchanged: the one trait that axum, hyper, tower and tonic mount.
    ("tower_service::Service", None),
    // Who turns the feature on has the crate already.
    ("axum", Some("feature:axum")),
    // Whoever serves has bound one.
    ("tokio::net::TcpListener", Some("feature:axum")),
    ("reqwest::Client", Some("feature:reqwest-client")),
    // What `tracing::subscriber::with_default` has to be given: the leak test is of no use without.
    ("tracing::Subscriber", Some("feature:tracing")),
];

/// Derives whose traits are the standard library's.
const DERIVES: &[&str] = &["thiserror::Error"];

#[test]
fn public_signatures_name_no_foreign_types() {
    assert!(REPORT.files > 20, "the source was not found");
    assert_none("a public signature names a type that is not on the list", &REPORT.foreign_types);
}

/// Every public item that names what it must not.
pub fn violations(sources: &Sources) -> Vec<Violation> {
    let mut found = Vec::new();
    for module in sources.modules() {
        for item in module.items {
            let facts = implied(attributes(item));
            if !facts.contains("test") {
                Scope::new(sources, &module, &facts, &mut found).item(item);
            }
        }
    }
    found
}

/// Where a signature stands: what its names mean there.
struct Scope<'a> {
    sources: &'a Sources,
    module: &'a Module<'a>,
    facts: Facts,
    parameters: BTreeSet<String>,
    found: &'a mut Vec<Violation>,
}

impl<'a> Scope<'a> {
    fn new(
        sources: &'a Sources,
        module: &'a Module<'a>,
        facts: &Facts,
        found: &'a mut Vec<Violation>,
    ) -> Self {
        let facts = module.facts.union(facts).cloned().collect();
        Self { sources, module, facts, parameters: BTreeSet::new(), found }
    }

    /// Runs with more type parameters in scope, and what holds behind more attributes.
    fn within(
        &mut self,
        generics: &syn::Generics,
        attributes: &[Attribute],
        act: impl FnOnce(&mut Scope<'_>),
    ) {
        let facts = self.facts.union(&implied(attributes)).cloned().collect::<Facts>();
        if facts.contains("test") {
            return;
        }
        let parameters = self.parameters.iter().cloned().chain(parameters(generics)).collect();
        let mut inner =
            Scope { sources: self.sources, module: self.module, facts, parameters, found: &mut *self.found };
        inner.visit_generics(generics);
        act(&mut inner);
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Const(item) if public(&item.vis) => self.visit_type(&item.ty),
            Item::Static(item) if public(&item.vis) => self.visit_type(&item.ty),
            Item::Fn(item) if public(&item.vis) => self.signature(&item.sig, &item.attrs),
            Item::Type(item) if public(&item.vis) => {
                self.within(&item.generics, &item.attrs, |scope| scope.visit_type(&item.ty));
            }
            Item::Struct(item) if public(&item.vis) => {
                self.derives(&item.attrs);
                self.within(&item.generics, &item.attrs, |scope| scope.fields(&item.fields, false));
            }
            Item::Enum(item) if public(&item.vis) => {
                self.derives(&item.attrs);
                self.within(&item.generics, &item.attrs, |scope| {
                    item.variants.iter().for_each(|variant| scope.fields(&variant.fields, true));
                });
            }
            Item::Trait(item) if public(&item.vis) => self.within(&item.generics, &item.attrs, |scope| {
                item.supertraits.iter().for_each(|bound| scope.visit_type_param_bound(bound));
                item.items.iter().for_each(|item| scope.trait_item(item));
            }),
            Item::Impl(item) => self.implementation(item),
            Item::Use(item) if public(&item.vis) => {
                for import in imports(&item.tree) {
                    let rooted = item.leading_colon.map(|_| "::".to_owned());
                    self.judge(&rooted.into_iter().chain(import.path).collect::<Vec<_>>(), import.line);
                }
            }
            Item::Macro(item) => self.macro_call(item),
            _ => {}
        }
    }

    fn signature(&mut self, signature: &Signature, attributes: &[Attribute]) {
        self.within(&signature.generics, attributes, |scope| {
            signature.inputs.iter().for_each(|input| scope.visit_fn_arg(input));
            scope.visit_return_type(&signature.output);
        });
    }

    fn fields(&mut self, fields: &Fields, all: bool) {
        for field in fields {
            // `#[from]` makes a public conversion of a private field.
            let converted = field.attrs.iter().any(|attribute| attribute.path().is_ident("from"));
            if all || converted || public(&field.vis) {
                self.visit_type(&field.ty);
            }
        }
    }

    fn trait_item(&mut self, item: &TraitItem) {
        let attributes = trait_attributes(item);
        match item {
            TraitItem::Fn(item) => self.signature(&item.sig, attributes),
            TraitItem::Const(item) => self.visit_type(&item.ty),
            TraitItem::Type(item) => self.within(&item.generics, attributes, |scope| {
                item.bounds.iter().for_each(|bound| scope.visit_type_param_bound(bound));
                item.default.iter().for_each(|(_, default)| scope.visit_type(default));
            }),
            _ => {}
        }
    }

    fn implementation(&mut self, item: &ItemImpl) {
        let hidden = self.is_private(&item.self_ty)
            || item.trait_.as_ref().is_some_and(|(path, _)| self.is_private_path(path));
        if hidden {
            return;
        }
        self.within(&item.generics, &item.attrs, |scope| {
            if let Some((path, _)) = &item.trait_ {
                scope.visit_path(path);
                scope.visit_type(&item.self_ty);
            }
            for inner in &item.items {
                match inner {
                    // The trait dictates the signatures of its methods; it is judged where it is named.
                    ImplItem::Fn(method) if item.trait_.is_none() && public(&method.vis) => {
                        scope.signature(&method.sig, impl_attributes(inner));
                    }
                    ImplItem::Const(constant) if item.trait_.is_none() && public(&constant.vis) => {
                        scope.visit_type(&constant.ty);
                    }
                    ImplItem::Type(associated) => {
                        scope.within(&associated.generics, impl_attributes(inner), |scope| {
                            scope.visit_type(&associated.ty)
                        })
                    }
                    _ => {}
                }
            }
        });
    }

    /// What a macro makes is not seen. What it is told is: paths beside a `pub`, of crates that no signature may name.
    fn macro_call(&mut self, item: &syn::ItemMacro) {
        let words = words(item.mac.tokens.clone());
        if !words.iter().any(|word| word.text == "pub") {
            return;
        }
        let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
        let joins = |at: usize| text(at) == ":" && text(at + 1) == ":";
        for (at, name) in words.iter().enumerate().filter(|(_, word)| is_name(&word.text)) {
            let goes_on = at > 2 && joins(at - 2) && is_name(text(at - 3));
            let is_variable = at > 0 && text(at - 1) == "$";
            if goes_on || is_variable || !joins(at + 1) {
                continue;
            }
            let path = [name.text.clone(), text(at + 3).to_owned()];
            let Origin::Foreign(origin) = self.sources.origin(&self.module.path, &path) else { continue };
            // Code in a macro uses more of a crate than a signature may name.
            let is_common = ALLOWED.iter().any(|(word, feature)| {
                feature.is_none() && word.split("::").next() == origin.first().map(String::as_str)
            });
            if !is_common && !self.allows(&origin) && origin[0] != "thiserror" {
                let what = format!("a macro that makes public items names `{}`", path.join("::"));
                self.found.push(self.module.source.violation(name.line, what));
            }
        }
    }

    fn derives(&mut self, attributes: &[Attribute]) {
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
            for path in paths.unwrap_or_default() {
                let allowed = matches!(self.origin(&path), Origin::Foreign(path)
                    if DERIVES.contains(&path.join("::").as_str()));
                if !allowed {
                    self.visit_path(&path);
                }
            }
        }
    }

    fn origin(&self, path: &Path) -> Origin {
        self.sources.origin(&self.module.path, &segments(path))
    }

    fn is_private(&self, of: &Type) -> bool {
        match of {
            Type::Path(path) if path.qself.is_none() => self.is_private_path(&path.path),
            Type::Reference(reference) => self.is_private(&reference.elem),
            _ => false,
        }
    }

    fn is_private_path(&self, path: &Path) -> bool {
        match self.origin(path) {
            Origin::Here(path) => self.sources.declared(&path).is_some_and(|declared| !declared.public),
            _ => false,
        }
    }

    fn judge(&mut self, path: &[String], line: usize) {
        let text = path.join("::");
        let what = match self.sources.origin(&self.module.path, path) {
            Origin::Foreign(origin) if self.allows(&origin) => return,
            Origin::Foreign(origin) => format!("`{text}` is the foreign `{}`", origin.join("::")),
            Origin::Unknown => format!("cannot tell where `{text}` comes from"),
            Origin::Here(here) => return self.alias(&here, line),
        };
        self.found.push(self.module.source.violation(line, what));
    }

    /// A private alias says nothing of its own: what it stands for is what is public.
    fn alias(&mut self, path: &[String], line: usize) {
        let Some(declared) = self.sources.declared(path).filter(|declared| !declared.public) else { return };
        let Some((parameters, meaning)) = declared.alias.clone() else { return };
        let modules = self.sources.modules();
        let Some(home) = modules.iter().find(|module| module.path == path[..path.len() - 1]) else { return };
        let mut found = Vec::new();
        let facts = self.facts.clone();
        Scope { sources: self.sources, module: home, facts, parameters, found: &mut found }
            .visit_type(&meaning);
        let source = self.module.source;
        self.found.extend(found.into_iter().map(|inner| source.violation(line, inner.what)));
    }

    fn allows(&self, origin: &[String]) -> bool {
        ALLOWED.iter().any(|(word, feature)| {
            word.split("::").zip(origin).filter(|(wanted, given)| wanted == given).count()
                == word.split("::").count()
                && feature.is_none_or(|feature| self.facts.contains(feature))
        })
    }
}

impl<'ast> Visit<'ast> for Scope<'_> {
    fn visit_path(&mut self, path: &'ast Path) {
        let segments = segments(path);
        let own = segments[0] == "Self" || self.parameters.contains(&segments[0]);
        if !own {
            self.judge(&segments, path.segments[0].ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    // What stands in these is not part of a signature's types.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_expr(&mut self, _: &'ast Expr) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

fn segments(path: &Path) -> Vec<String> {
    let rooted = path.leading_colon.map(|_| "::".to_owned());
    rooted.into_iter().chain(path.segments.iter().map(|segment| segment.ident.to_string())).collect()
}

/// Whether a token is written as crates and modules are.
fn is_name(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_ascii_lowercase())
}

fn public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found in a file `src/planted.rs` beside a small crate.
    fn found(text: &str) -> Vec<String> {
        let sources = Sources::planted(&[
            ("src/lib.rs", "mod planted; mod other; pub use other::Public;"),
            (
                "src/other.rs",
                "pub(crate) use reqwest::Response as Answer; pub struct Public; pub(crate) struct Own;",
            ),
            ("src/planted.rs", text),
        ]);
        violations(&sources).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_door_through_which_a_foreign_type_comes_is_watched() {
        for text in [
            "pub fn f(x: reqwest::Response) {}",
            "use reqwest::Response; pub async fn f() -> Result<Vec<Response>, ()> { todo!() }",
            "use reqwest::Response as R; pub fn f<T: Into<R>>(x: T) {}",
            "use reqwest::{self, Response}; pub fn f<T>(x: T) where T: From<Response> {}",
            "pub fn f() -> impl Iterator<Item = reqwest::Response> {}",
            "pub fn f(x: &dyn Fn(reqwest::Response)) {}",
            "pub fn f(x: [Option<&'static reqwest::Response>; 3]) {}",
            "pub fn f(x: super::other::Answer) {}",
            "use crate::other::*; pub fn f(x: Answer) {}",
            "type Private = Vec<reqwest::Response>; pub fn f(x: Private) {}",
            "pub struct S { pub x: reqwest::Response }",
            "pub struct S(pub reqwest::Response);",
            "pub struct S<T: reqwest::IntoUrl>(T);",
            "#[derive(Debug, thiserror::Error)] pub struct S { #[from] x: reqwest::Error }",
            "#[derive(zeroize::Zeroize)] pub struct S;",
            "pub enum E { A { x: reqwest::Response } }",
            "pub trait T: reqwest::IntoUrl {}",
            "pub trait T { fn f(&self) -> reqwest::Response; }",
            "pub trait T { type X: reqwest::IntoUrl; }",
            "pub trait T { const X: reqwest::Version; }",
            "pub type X = reqwest::Response;",
            "pub const X: Option<reqwest::Version> = None;",
            "pub static X: Option<reqwest::Version> = None;",
            "pub use reqwest::Response;",
            "pub use ::reqwest::*;",
            "pub struct S; impl S { pub fn f(&self, x: ::reqwest::Response) {} }",
            "pub struct S; impl S { pub const X: Option<reqwest::Version> = None; }",
            "pub struct S; impl From<reqwest::Error> for S {}",
            "pub struct S; impl reqwest::IntoUrl for S {}",
            "pub struct S; impl Iterator for S { type Item = reqwest::Response; }",
            "use crate::Public; impl reqwest::IntoUrl for Public {}",
            "impl<T: crate::Tr> reqwest::IntoUrl for T {}",
            "made! { pub struct S { pub x: reqwest::Response } }",
            "pub mod inner { pub fn f(x: reqwest::Response) {} }",
            "pub fn f(x: Unheard) {}",
            "pub fn f(x: serde_json::Map<String, ()>) {}",
            "pub fn f(x: tokio::task::JoinHandle<()>) {}",
        ] {
            let found = found(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].starts_with("src/planted.rs:1: "), "{found:?}");
        }
    }

    #[test]
    fn what_is_not_public_or_on_the_list_is_left_alone() {
        for text in [
            "fn f(x: reqwest::Response) {} pub(crate) fn g(x: reqwest::Response) {}",
            "pub struct S { x: reqwest::Response } struct P; impl reqwest::IntoUrl for P {}",
            "trait P {} pub struct S; impl P for reqwest::Response {}",
            "use crate::other::Own; impl Own { pub fn f(x: reqwest::Response) {} }",
            "#[cfg(test)] mod tests { pub fn f(x: reqwest::Response) {} }",
            "#[cfg(test)] pub fn f(x: reqwest::Response) {}",
            "pub fn f<T, const N: usize>(x: T, y: [T; N]) -> T::Item where T: Iterator { let x: reqwest::Response; }",
            "use std::fmt; pub struct S; impl fmt::Debug for S { fn fmt(&self, f: &mut fmt::Formatter<'_>) {} }",
            "use serde::{Deserialize, Serialize}; #[derive(Clone, Serialize, Deserialize)] pub struct S(bool);",
            "use futures_util::future::BoxFuture; pub trait T { fn f(&self) -> BoxFuture<'_, http::HeaderMap>; }",
            "open! { pub enum Word { A = \"a\" } } pub fn f(x: Word, y: crate::Public) -> Self::X {}",
            "pub fn f(x: &mut (impl tokio::io::AsyncWrite + Send), y: serde_json::Value, z: url::Url) {}",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn a_feature_opens_its_own_word_and_no_other() {
        let client = "pub fn f(x: reqwest::Client) {}";
        assert_eq!(found(client).len(), 1);
        assert!(found(&format!("#[cfg(feature = \"reqwest-client\")] {client}")).is_empty());
        assert_eq!(found(&format!("#[cfg(feature = \"axum\")] {client}")).len(), 1);
        assert_eq!(found(&format!("#[cfg(any(feature = \"reqwest-client\", test))] {client}")).len(), 1);
        assert!(
            found("#[cfg(all(feature = \"axum\", unix))] pub mod m { pub fn f() -> axum::Router {} }")
                .is_empty()
        );
        assert_eq!(found("#[cfg(feature = \"reqwest-client\")] pub fn f(x: reqwest::Response) {}").len(), 1);
        let method =
            "pub struct S; impl S { #[cfg(feature = \"reqwest-client\")] pub fn f(x: reqwest::Client) {} }";
        assert!(found(method).is_empty());
    }

    #[test]
    fn the_line_is_that_of_the_path() {
        assert_eq!(
            found("\n\npub fn f(\n    x: Vec<\n        reqwest::Response,\n    >,\n) {}"),
            ["src/planted.rs:5: `reqwest::Response` is the foreign `reqwest::Response`"]
        );
    }
}
