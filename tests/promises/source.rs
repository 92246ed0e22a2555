//! The crate's source, parsed: what is compiled where, where a name comes from, and the tokens without documentation
//! and tests.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    ops::RangeInclusive,
    path::{Path as FilePath, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Attribute, Expr, ExprLit, ImplItem, Item, ItemMod, Lit, Meta, Token, TraitItem, Type, UseTree,
    Visibility,
    punctuated::Punctuated,
    spanned::Spanned,
    visit::{self, Visit},
};

/// The folder that holds `Cargo.toml`.
pub fn root() -> &'static FilePath {
    FilePath::new(env!("CARGO_MANIFEST_DIR"))
}

/// Something that breaks a promise, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    pub file: String,
    pub line: usize,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)
    }
}

/// Fails with one line for each violation.
#[track_caller]
pub fn assert_none(promise: &str, found: &[Violation]) {
    let lines: BTreeSet<String> = found.iter().map(ToString::to_string).collect();
    let lines: Vec<String> = lines.into_iter().collect();
    assert!(lines.is_empty(), "{promise}; {} places:\n{}", lines.len(), lines.join("\n"));
}

/// What is known to be set where a piece of code is compiled: `test`, or the name of a feature behind `feature:`.
pub type Facts = BTreeSet<String>;

/// One file.
pub struct Source {
    /// Relative to the root, with forward slashes.
    pub path: String,
    pub text: String,
    pub syntax: syn::File,
    /// `["transport", "send"]`; empty for `lib.rs`.
    pub module: Vec<String>,
    pub facts: Facts,
    words: OnceCell<Vec<Word>>,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let facts = implied(&syntax.attrs);
        let stem = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let module = if stem == "lib" { Vec::new() } else { stem.split('/').map(str::to_owned).collect() };
        Self { path: path.to_owned(), text: text.to_owned(), syntax, module, facts, words: OnceCell::new() }
    }

    pub fn is_test(&self) -> bool {
        self.facts.contains("test")
    }

    /// A violation in this file.
    pub fn violation(&self, line: usize, what: impl Into<String>) -> Violation {
        Violation { file: self.path.clone(), line, what: what.into() }
    }

    /// The lines that are compiled for tests only.
    pub fn test_lines(&self) -> Vec<RangeInclusive<usize>> {
        struct Tests(Vec<RangeInclusive<usize>>);
        impl Tests {
            fn keep(&mut self, attributes: &[Attribute], whole: proc_macro2::Span) -> bool {
                let test = implied(attributes).contains("test");
                if test {
                    self.0.push(whole.start().line..=whole.end().line);
                }
                test
            }
        }
        impl<'ast> Visit<'ast> for Tests {
            fn visit_item(&mut self, item: &'ast Item) {
                if !self.keep(attributes(item), item.span()) {
                    visit::visit_item(self, item);
                }
            }
            fn visit_impl_item(&mut self, item: &'ast ImplItem) {
                if !self.keep(impl_attributes(item), item.span()) {
                    visit::visit_impl_item(self, item);
                }
            }
        }
        let mut tests = Tests(Vec::new());
        tests.visit_file(&self.syntax);
        tests.0
    }

    /// The tokens of what is compiled outside tests, without documentation.
    pub fn words(&self) -> &[Word] {
        self.words.get_or_init(|| {
            if self.is_test() {
                return Vec::new();
            }
            let mut words = words(self.text.parse().expect("it was parsed before"));
            let tests = self.test_lines();
            words.retain(|word| !tests.iter().any(|lines| lines.contains(&word.line)));
            words
        })
    }
}

/// One token. Groups are taken apart into their delimiters and what is between them.
#[derive(Debug)]
pub struct Word {
    pub text: String,
    pub line: usize,
    pub is_text_literal: bool,
}

/// The tokens of a stream, without documentation.
pub fn words(stream: TokenStream) -> Vec<Word> {
    let mut words = Vec::new();
    flatten(stream, &mut words);
    words
}

fn flatten(stream: TokenStream, into: &mut Vec<Word>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let mut push = |text: &str, line: usize| {
            into.push(Word { text: text.to_owned(), line, is_text_literal: false });
        };
        match tree {
            TokenTree::Ident(ident) => push(&ident.to_string(), line),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let is_text_literal = text.contains('"');
                into.push(Word { text, line, is_text_literal });
            }
            TokenTree::Punct(punct) => {
                push(&punct.as_char().to_string(), line);
                if punct.as_char() == '#' {
                    trees.next_if(|next| matches!(next, TokenTree::Punct(bang) if bang.as_char() == '!'));
                    trees.next_if(is_documentation);
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open, line);
                let end = group.span_close().start().line;
                flatten(group.stream(), into);
                into.push(Word { text: close.to_owned(), line: end, is_text_literal: false });
            }
        }
    }
}

fn is_documentation(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else { return false };
    matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(ident)) if ident == "doc")
}

/// Every place where the tokens follow each other; `::` is given as `":", ":"`.
pub fn places<'a>(words: &'a [Word], pattern: &'a [&'a str]) -> impl Iterator<Item = &'a Word> {
    words
        .windows(pattern.len())
        .filter(move |window| window.iter().zip(pattern).all(|(word, wanted)| word.text == *wanted))
        .map(|window| &window[0])
}

/// A module with its items: a file, or an inline module in one. Test modules are left out.
pub struct Module<'a> {
    pub source: &'a Source,
    pub path: Vec<String>,
    pub items: &'a [Item],
    pub facts: Facts,
}

/// Where a name comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum Origin {
    /// This crate: the path from its root.
    Here(Vec<String>),
    /// Another crate, named first.
    Foreign(Vec<String>),
    Unknown,
}

/// What a module brings into scope.
#[derive(Default)]
struct Names {
    uses: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    declared: BTreeMap<String, Declared>,
}

#[derive(Clone)]
pub struct Declared {
    pub public: bool,
    /// For a type alias: its parameters and what it stands for.
    pub alias: Option<(BTreeSet<String>, Type)>,
}

/// All files of `src/`.
pub struct Sources {
    pub files: Vec<Source>,
    names: BTreeMap<Vec<String>, Names>,
}

impl Sources {
    pub fn of_the_crate() -> Self {
        let mut paths = Vec::new();
        walk(&root().join("src"), &mut paths);
        let files = paths.iter().map(|path| {
            let text = fs::read_to_string(path).expect("a readable source file");
            let relative = path.strip_prefix(root()).expect("it is below the root");
            Source::new(&relative.to_string_lossy().replace('\\', "/"), &text)
        });
        Self::new(files.collect())
    }

    /// A crate of snippets, for tests of the gates themselves.
    pub fn planted(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().map(|(path, text)| Source::new(path, text)).collect())
    }

    fn new(mut files: Vec<Source>) -> Self {
        spread_facts(&mut files);
        let mut sources = Self { files, names: BTreeMap::new() };
        let names =
            sources.modules().into_iter().map(|module| (module.path, Names::of(module.items))).collect();
        sources.names = names;
        sources
    }

    /// The modules that are compiled outside tests.
    pub fn modules(&self) -> Vec<Module<'_>> {
        fn add<'a>(
            source: &'a Source,
            path: Vec<String>,
            items: &'a [Item],
            facts: Facts,
            into: &mut Vec<Module<'a>>,
        ) {
            for item in items {
                if let Item::Mod(ItemMod { attrs, ident, content: Some((_, items)), .. }) = item {
                    let facts: Facts = facts.union(&implied(attrs)).cloned().collect();
                    if !facts.contains("test") {
                        let path = path.iter().cloned().chain([ident.to_string()]).collect();
                        add(source, path, items, facts, into);
                    }
                }
            }
            into.push(Module { source, path, items, facts });
        }
        let mut modules = Vec::new();
        for source in self.files.iter().filter(|source| !source.is_test()) {
            let facts = source.facts.clone();
            add(source, source.module.clone(), &source.syntax.items, facts, &mut modules);
        }
        modules
    }

    /// What an absolute path of this crate declares.
    pub fn declared(&self, path: &[String]) -> Option<&Declared> {
        let (name, module) = path.split_last()?;
        self.names.get(module)?.declared.get(name)
    }

    /// Where a path comes from that is written in a module.
    pub fn origin(&self, module: &[String], path: &[String]) -> Origin {
        self.look_up(module, path, 0)
    }

    fn look_up(&self, module: &[String], path: &[String], depth: usize) -> Origin {
        let Some((first, rest)) = path.split_first() else { return Origin::Here(module.to_vec()) };
        match first.as_str() {
            "::" => Origin::Foreign(rest.to_vec()),
            "crate" => self.member(&[], rest, depth),
            "self" => self.member(module, rest, depth),
            "super" => self.look_up_from(&module[..module.len().saturating_sub(1)], rest, depth),
            _ => match self.in_scope(module, path, depth) {
                Some(origin) => origin,
                None if is_std(first) => Origin::Foreign(vec!["std".to_owned(), first.clone()]),
                None if rest.is_empty() => Origin::Unknown,
                None => Origin::Foreign(path.to_vec()),
            },
        }
    }

    /// After `super`, more of them may follow.
    fn look_up_from(&self, module: &[String], rest: &[String], depth: usize) -> Origin {
        match rest.first().map(String::as_str) {
            Some("super") => self.look_up(module, rest, depth),
            _ => self.member(module, rest, depth),
        }
    }

    /// A path that starts in a module and cannot leave it but through what the module imports.
    fn member(&self, module: &[String], path: &[String], depth: usize) -> Origin {
        if path.is_empty() {
            return Origin::Here(module.to_vec());
        }
        self.in_scope(module, path, depth).unwrap_or_else(|| Origin::Here([module, path].concat()))
    }

    fn in_scope(&self, module: &[String], path: &[String], depth: usize) -> Option<Origin> {
        const DEEPEST: usize = 16;
        let names = self.names.get(module).filter(|_| depth < DEEPEST)?;
        let (first, rest) = path.split_first()?;
        if names.declared.contains_key(first) {
            let inner = [module, std::slice::from_ref(first)].concat();
            let is_module = self.names.contains_key(&inner);
            return Some(if is_module {
                self.member(&inner, rest, depth + 1)
            } else {
                Origin::Here([module, path].concat())
            });
        }
        if let Some(target) = names.uses.get(first) {
            // `use time;` and the like name a crate by itself.
            if target.len() == 1 && target[0] == *first {
                return Some(Origin::Foreign(path.to_vec()));
            }
            return Some(self.look_up(module, &[target, rest].concat(), depth + 1));
        }
        names.globs.iter().find_map(|glob| match self.look_up(module, glob, depth + 1) {
            Origin::Here(other) if other != module => self.in_scope(&other, path, depth + 1),
            _ => None,
        })
    }
}

impl Names {
    fn of(items: &[Item]) -> Self {
        let mut names = Self::default();
        for item in items.iter().filter(|item| !implied(attributes(item)).contains("test")) {
            let mut declare = |ident: &syn::Ident, vis: &Visibility, alias| {
                let public = matches!(vis, Visibility::Public(_));
                // A name may be declared twice behind opposite conditions; the public one counts.
                let entry = names.declared.entry(ident.to_string()).or_insert(Declared { public, alias });
                entry.public |= public;
            };
            match item {
                Item::Const(item) => declare(&item.ident, &item.vis, None),
                Item::Enum(item) => declare(&item.ident, &item.vis, None),
                Item::Fn(item) => declare(&item.sig.ident, &item.vis, None),
                Item::Mod(item) => declare(&item.ident, &item.vis, None),
                Item::Static(item) => declare(&item.ident, &item.vis, None),
                Item::Struct(item) => declare(&item.ident, &item.vis, None),
                Item::Trait(item) => declare(&item.ident, &item.vis, None),
                Item::Union(item) => declare(&item.ident, &item.vis, None),
                Item::Type(item) => {
                    let parameters = parameters(&item.generics).collect();
                    declare(&item.ident, &item.vis, Some((parameters, (*item.ty).clone())));
                }
                Item::Macro(item) if item.ident.is_none() => {
                    for name in declared_by_macro(item.mac.tokens.clone()) {
                        names.declared.insert(name, Declared { public: true, alias: None });
                    }
                }
                Item::Use(item) => {
                    let rooted = item.leading_colon.is_some();
                    for import in imports(&item.tree) {
                        let mut path = import.path;
                        if rooted {
                            path.insert(0, "::".to_owned());
                        }
                        match import.name {
                            Some(name) => drop(names.uses.insert(name, path)),
                            None => names.globs.push(path),
                        }
                    }
                }
                _ => {}
            }
        }
        names
    }
}

/// One leaf of a `use`: the whole path, and the name that it gets; none for `*`.
pub struct Import {
    pub path: Vec<String>,
    pub name: Option<String>,
    pub line: usize,
}

pub fn imports(tree: &UseTree) -> Vec<Import> {
    fn add(tree: &UseTree, before: &[String], into: &mut Vec<Import>) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => add(&path.tree, &with(&path.ident), into),
            UseTree::Group(group) => group.items.iter().for_each(|tree| add(tree, before, into)),
            UseTree::Glob(glob) => {
                let line = glob.star_token.span().start().line;
                into.push(Import { path: before.to_vec(), name: None, line });
            }
            UseTree::Name(leaf) => {
                let line = leaf.ident.span().start().line;
                let path = if leaf.ident == "self" { before.to_vec() } else { with(&leaf.ident) };
                into.push(Import { name: path.last().cloned(), path, line });
            }
            UseTree::Rename(leaf) => {
                let line = leaf.ident.span().start().line;
                let path = if leaf.ident == "self" { before.to_vec() } else { with(&leaf.ident) };
                into.push(Import { path, name: Some(leaf.rename.to_string()), line });
            }
        }
    }
    let mut leaves = Vec::new();
    add(tree, &[], &mut leaves);
    leaves
}

/// The names of type and constant parameters.
pub fn parameters(generics: &syn::Generics) -> impl Iterator<Item = String> {
    let types = generics.type_params().map(|parameter| parameter.ident.to_string());
    types.chain(generics.const_params().map(|parameter| parameter.ident.to_string()))
}

/// The types that a macro such as `open_enum! { pub enum Name { .. } }` is told to declare.
fn declared_by_macro(tokens: TokenStream) -> Vec<String> {
    let declares = |word: &Word| matches!(word.text.as_str(), "enum" | "struct" | "trait" | "type");
    words(tokens).windows(2).filter(|pair| declares(&pair[0])).map(|pair| pair[1].text.clone()).collect()
}

fn is_std(name: &str) -> bool {
    const PRIMITIVES: &str = "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize";
    const PRELUDE: &str = "AsMut AsRef AsyncFn AsyncFnMut AsyncFnOnce Box Clone Copy Debug Default \
        DoubleEndedIterator Drop Eq ExactSizeIterator Extend Fn FnMut FnOnce From FromIterator Future Hash Into \
        IntoFuture IntoIterator Iterator Option Ord PartialEq PartialOrd Result Send Sized String Sync ToOwned \
        ToString TryFrom TryInto Unpin Vec";
    [PRIMITIVES, PRELUDE].iter().any(|list| list.split_whitespace().any(|known| known == name))
}

/// Gives each file what the `mod` lines above it say.
fn spread_facts(files: &mut [Source]) {
    let mut parents: BTreeMap<String, (String, Facts)> = BTreeMap::new();
    for file in files.iter() {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let below = match name {
            "lib.rs" | "mod.rs" => folder.to_owned(),
            _ => file.path.trim_end_matches(".rs").to_owned(),
        };
        for item in &file.syntax.items {
            let Item::Mod(ItemMod { attrs, ident, content: None, .. }) = item else { continue };
            let children = match attrs.iter().find_map(path_attribute) {
                Some(path) => vec![format!("{folder}/{path}")],
                None => vec![format!("{below}/{ident}.rs"), format!("{below}/{ident}/mod.rs")],
            };
            for child in children {
                parents.insert(child, (file.path.clone(), implied(attrs)));
            }
        }
    }
    for file in files.iter_mut() {
        let mut child = file.path.clone();
        while let Some((parent, facts)) = parents.get(&child) {
            file.facts.extend(facts.iter().cloned());
            child.clone_from(parent);
        }
    }
}

fn path_attribute(attribute: &Attribute) -> Option<String> {
    match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => text_of(&pair.value),
        _ => None,
    }
}

fn text_of(value: &Expr) -> Option<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

/// What must be set for something with these attributes to be compiled.
pub fn implied(attributes: &[Attribute]) -> Facts {
    let conditions = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list.parse_args::<Meta>().ok(),
        _ => None,
    });
    conditions.flat_map(|condition| implied_by(&condition)).collect()
}

fn implied_by(condition: &Meta) -> Facts {
    match condition {
        Meta::Path(path) if path.is_ident("test") || path.is_ident("doctest") => ["test".to_owned()].into(),
        Meta::NameValue(pair) if pair.path.is_ident("feature") => {
            text_of(&pair.value).map(|name| format!("feature:{name}")).into_iter().collect()
        }
        Meta::List(list) => {
            let parts =
                list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            let parts = parts.iter().map(implied_by);
            if list.path.is_ident("all") {
                parts.flatten().collect()
            } else if list.path.is_ident("any") {
                parts.reduce(|left, right| &left & &right).unwrap_or_default()
            } else {
                Facts::new()
            }
        }
        _ => Facts::new(),
    }
}

/// The attributes of an item, whatever it is.
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The attributes of what stands in an `impl`.
pub fn impl_attributes(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Fn(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        _ => &[],
    }
}

/// The attributes of what stands in a `trait`.
pub fn trait_attributes(item: &TraitItem) -> &[Attribute] {
    match item {
        TraitItem::Const(item) => &item.attrs,
        TraitItem::Fn(item) => &item.attrs,
        TraitItem::Type(item) => &item.attrs,
        TraitItem::Macro(item) => &item.attrs,
        _ => &[],
    }
}

/// All Rust files below a folder, in order.
pub fn walk(folder: &FilePath, into: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a readable folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

#[test]
fn names_are_followed_to_where_they_come_from() {
    let sources = Sources::planted(&[
        ("src/lib.rs", "mod a; pub mod b; pub use b::Open;"),
        (
            "src/a.rs",
            "pub(crate) use reqwest::Response as Answer; mod http { pub struct Own; } use bytes::Bytes;",
        ),
        (
            "src/b/mod.rs",
            "use super::a::{self, Answer}; use ::time::Date; mod c; open_enum! { pub enum Open { A } }",
        ),
        ("src/b/c.rs", "use super::*;"),
    ]);
    let origin = |module: &str, path: &str| {
        let parts = |text: &str, by: &str| -> Vec<String> {
            text.split(by).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        match sources.origin(&parts(module, "/"), &parts(path, "::")) {
            Origin::Here(path) => format!("here {}", path.join("::")),
            Origin::Foreign(path) => path.join("::"),
            Origin::Unknown => "unknown".to_owned(),
        }
    };
    assert_eq!(origin("b", "Answer"), "reqwest::Response");
    assert_eq!(origin("b", "a::Answer"), "reqwest::Response");
    assert_eq!(origin("b/c", "Answer"), "reqwest::Response");
    assert_eq!(origin("b/c", "super::super::a::Bytes"), "bytes::Bytes");
    assert_eq!(origin("", "crate::a::Answer"), "reqwest::Response");
    assert_eq!(origin("", "Open"), "here b::Open");
    assert_eq!(origin("b/c", "Open"), "here b::Open");
    assert_eq!(origin("a", "http::Own"), "here a::http::Own");
    assert_eq!(origin("b", "http::HeaderMap"), "http::HeaderMap");
    assert_eq!(origin("b", "Date"), "time::Date");
    assert_eq!(origin("b", "Vec"), "std::Vec");
    assert_eq!(origin("b", "Missing"), "unknown");
}

#[test]
fn conditions_spread_from_mod_lines_to_files() {
    let sources = Sources::planted(&[
        ("src/lib.rs", "#[cfg(feature = \"axum\")] mod a; #[cfg(test)] #[path = \"x_tests.rs\"] mod tests;"),
        ("src/a.rs", "#[cfg(any(feature = \"b\", all(feature = \"b\", feature = \"c\")))] mod inner;"),
        ("src/a/inner.rs", ""),
        ("src/x_tests.rs", ""),
        ("src/wired_by_nobody.rs", "#[cfg(not(feature = \"d\"))] fn f() {}"),
    ]);
    let facts = |path: &str| -> Vec<String> {
        let file = sources.files.iter().find(|file| file.path == path).expect("planted");
        file.facts.iter().cloned().collect()
    };
    assert_eq!(facts("src/a/inner.rs"), ["feature:axum", "feature:b"]);
    assert_eq!(facts("src/x_tests.rs"), ["test"]);
    assert!(facts("src/wired_by_nobody.rs").is_empty());
}
