//! Which checks an error can have: every text that reaches `with_check`, also by a constant, a helper, a closure, a
//! method that names it, a member, or a variable.
//!
//! It follows names and not types, and rather finds too much: a way that it cannot follow is reported, not left out.

use std::collections::{BTreeMap, BTreeSet};

use syn::{
    Expr, FnArg, ImplItem, Item, Pat, ReturnType, Visibility,
    visit::{self, Visit},
};

use crate::source::{Source, Sources, Violation, attributes, impl_attributes, implied};

/// The setter that gives an error its check.
const SETTER: &str = "with_check";

/// The checks of a source, and what could not be followed.
#[derive(Default)]
pub struct Checks {
    pub words: BTreeSet<String>,
    pub lost: Vec<Violation>,
}

/// A function of the source, without its receiver.
struct Function<'a> {
    file: usize,
    /// The type that it belongs to.
    owner: Option<String>,
    name: String,
    parameters: Vec<Option<String>>,
    /// The beginnings of the paths of the files that can call it.
    seen_by: Vec<String>,
    gives_text: bool,
    body: &'a syn::Block,
}

/// A place from which a check comes: an argument of a function.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Sink {
    owner: Option<String>,
    name: String,
    argument: usize,
    /// Where it is declared, and which files can call it.
    file: Option<usize>,
    seen_by: Vec<String>,
    /// For a closure: within this function alone.
    function: Option<usize>,
}

/// Its file, its inline module, its value.
type Constant<'a> = (usize, Option<String>, &'a Expr);

struct Finder<'a> {
    files: Vec<&'a Source>,
    functions: Vec<Function<'a>>,
    /// The value of a constant by its name: with its file and its inline module.
    constants: BTreeMap<String, Vec<Constant<'a>>>,
    found: Checks,
    sinks: Vec<Sink>,
}

/// All that can reach an error as its check.
pub fn checks(sources: &Sources) -> Checks {
    // The test kit's fake provider is no trouble of an application.
    let is_ours = |source: &&Source| !source.is_test() && !source.path.contains("/testkit/");
    let mut finder = Finder {
        files: sources.files.iter().filter(is_ours).collect(),
        functions: Vec::new(),
        constants: BTreeMap::new(),
        found: Checks::default(),
        sinks: vec![Sink {
            owner: Some("Error".to_owned()),
            name: SETTER.to_owned(),
            argument: 0,
            file: None,
            seen_by: vec![String::new()],
            function: None,
        }],
    };
    for file in 0..finder.files.len() {
        let source = finder.files[file];
        finder.collect(file, None, &source.syntax.items);
    }
    let mut next = 0;
    while let Some(sink) = finder.sinks.get(next).cloned() {
        finder.follow(&sink);
        next += 1;
    }
    finder.macros();
    finder.found
}

impl<'a> Finder<'a> {
    fn collect(&mut self, file: usize, module: Option<&str>, items: &'a [Item]) {
        for item in items.iter().filter(|item| !implied(attributes(item)).contains("test")) {
            match item {
                Item::Fn(item) => self.function(file, None, (&item.vis, &item.sig), &item.block),
                Item::Const(item) => {
                    let value = (file, module.map(str::to_owned), &*item.expr);
                    self.constants.entry(item.ident.to_string()).or_default().push(value);
                }
                Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        self.collect(file, Some(&item.ident.to_string()), items);
                    }
                }
                Item::Impl(item) => {
                    for inner in
                        item.items.iter().filter(|inner| !implied(impl_attributes(inner)).contains("test"))
                    {
                        match inner {
                            ImplItem::Fn(inner) => {
                                // What a trait asks for is called from anywhere.
                                let shown = Visibility::Public(Default::default());
                                let seen = if item.trait_.is_some() { &shown } else { &inner.vis };
                                let owner = last_name(&item.self_ty);
                                self.function(file, owner, (seen, &inner.sig), &inner.block);
                            }
                            ImplItem::Const(inner) => {
                                let value = (file, None, &inner.expr);
                                self.constants.entry(inner.ident.to_string()).or_default().push(value);
                            }
                            _ => {}
                        }
                    }
                }
                Item::Trait(item) => {
                    for inner in &item.items {
                        if let syn::TraitItem::Fn(syn::TraitItemFn { sig, default: Some(block), .. }) = inner
                        {
                            let shown = Visibility::Public(Default::default());
                            let owner = Some(item.ident.to_string());
                            self.function(file, owner, (&shown, sig), block);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn function(
        &mut self,
        file: usize,
        owner: Option<String>,
        (seen, signature): (&Visibility, &syn::Signature),
        body: &'a syn::Block,
    ) {
        let parameters = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(input) => Some(bound(&input.pat)),
        });
        let gives_text = match &signature.output {
            ReturnType::Type(_, of) => {
                let text = text_of(of);
                text.contains("str") && !text.contains("Error")
            }
            ReturnType::Default => false,
        };
        self.functions.push(Function {
            file,
            owner,
            name: signature.ident.to_string(),
            parameters: parameters.collect(),
            seen_by: seen_by(&self.files[file].path, seen),
            gives_text,
            body,
        });
    }

    /// Every call of a sink, and what it is given.
    fn follow(&mut self, sink: &Sink) {
        let mut given: Vec<(usize, &'a Expr)> = Vec::new();
        for (at, function) in self.functions.iter().enumerate() {
            let path = &self.files[function.file].path;
            if !sink.seen_by.iter().any(|place| path.starts_with(place))
                || sink.function.is_some_and(|only| only != at)
            {
                continue;
            }
            // A file's own function of the name, or a closure's, hides that of another file.
            let is_hidden = sink.file.is_some_and(|file| file != function.file)
                && (self.functions.iter().any(|other| {
                    other.file == function.file && other.name == sink.name && other.owner == sink.owner
                }) || has_closure(function.body, &sink.name));
            if is_hidden {
                continue;
            }
            let mut calls = Calls { sink, found: Vec::new() };
            calls.visit_block(function.body);
            given.extend(calls.found.into_iter().map(|argument| (at, argument)));
        }
        for (function, argument) in given {
            self.resolve(function, argument, 0);
        }
    }

    /// The texts that an expression within a function can be.
    fn resolve(&mut self, at: usize, value: &'a Expr, depth: usize) {
        if depth > 16 {
            return self.lose(at, value);
        }
        match value {
            Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => {
                self.found.words.insert(text.value());
            }
            Expr::Paren(inner) => self.resolve(at, &inner.expr, depth + 1),
            Expr::Group(inner) => self.resolve(at, &inner.expr, depth + 1),
            Expr::Reference(inner) => self.resolve(at, &inner.expr, depth + 1),
            Expr::Block(inner) => self.tail(at, &inner.block, depth),
            Expr::If(inner) => {
                self.tail(at, &inner.then_branch, depth);
                match &inner.else_branch {
                    Some((_, other)) => self.resolve(at, other, depth + 1),
                    None => self.lose(at, value),
                }
            }
            Expr::Match(inner) => {
                for arm in &inner.arms {
                    self.resolve(at, &arm.body, depth + 1);
                }
            }
            // These leave.
            Expr::Return(_) | Expr::Continue(_) | Expr::Break(_) => {}
            Expr::Path(path) => self.name(at, value, &path.path, depth),
            Expr::Field(field) => self.member(at, value, &field.member),
            Expr::Call(call) => {
                let Expr::Path(path) = &*call.func else { return self.lose(at, value) };
                let name = path.path.segments.last().expect("a name").ident.to_string();
                self.named_by(at, value, &name);
            }
            Expr::MethodCall(call) => self.named_by(at, value, &call.method.to_string()),
            _ => self.lose(at, value),
        }
    }

    fn tail(&mut self, at: usize, block: &'a syn::Block, depth: usize) {
        if let Some(syn::Stmt::Expr(value, None)) = block.stmts.last() {
            self.resolve(at, value, depth + 1);
        }
    }

    /// A constant, a parameter of the function or of a closure in it, or a variable.
    fn name(&mut self, at: usize, value: &'a Expr, path: &'a syn::Path, depth: usize) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let (name, file) = (names.last().expect("a name").clone(), self.functions[at].file);
        if let Some(all) = self.constants.get(&name).cloned() {
            // The nearest ones: of the module that is named, of the file, or else all of the name.
            let module = names.len().checked_sub(2).map(|before| names[before].clone());
            let named: Vec<_> = all
                .iter()
                .filter(|(of, inside, _)| match (&module, inside) {
                    (Some(module), Some(inside)) => module == inside,
                    (Some(module), None) => {
                        module == "Self" && *of == file
                            || self.files[*of].path.ends_with(&format!("/{module}.rs"))
                    }
                    (None, _) => *of == file,
                })
                .collect();
            let chosen = if named.is_empty() { all.iter().collect() } else { named };
            for (_, _, constant) in chosen {
                self.resolve(at, constant, depth + 1);
            }
            return;
        }
        let function = &self.functions[at];
        let mut locals = Locals { name: &name, values: Vec::new(), closures: Vec::new() };
        locals.visit_block(function.body);
        if let Some(argument) =
            function.parameters.iter().position(|parameter| parameter.as_ref() == Some(&name))
        {
            let sink = Sink {
                owner: function.owner.clone(),
                name: function.name.clone(),
                argument,
                file: Some(function.file),
                seen_by: function.seen_by.clone(),
                function: None,
            };
            if !self.sinks.contains(&sink) {
                self.sinks.push(sink);
            }
            return;
        }
        if locals.values.is_empty() && locals.closures.is_empty() {
            return self.lose(at, value);
        }
        for (closure, argument) in locals.closures {
            let seen_by = vec![self.files[file].path.clone()];
            let sink =
                Sink { owner: None, name: closure, argument, file: Some(file), seen_by, function: Some(at) };
            if !self.sinks.contains(&sink) {
                self.sinks.push(sink);
            }
        }
        // A pattern may take a part of what it is bound to, so all texts in it count.
        for bound in locals.values {
            self.texts_in(at, bound);
        }
    }

    /// A member: whatever any value of the source is given under its name.
    fn member(&mut self, at: usize, value: &'a Expr, member: &syn::Member) {
        let syn::Member::Named(name) = member else { return self.lose(at, value) };
        let mut members = Members { name: name.to_string(), values: Vec::new() };
        let mut given = Vec::new();
        for (other, function) in self.functions.iter().enumerate() {
            members.visit_block(function.body);
            given.extend(members.values.drain(..).map(|value| (other, value)));
        }
        if given.is_empty() {
            return self.lose(at, value);
        }
        for (other, value) in given {
            self.resolve(other, value, 8);
        }
    }

    /// A function or method that gives the text: all texts in it count.
    fn named_by(&mut self, at: usize, value: &'a Expr, name: &str) {
        let named = self.functions.iter().filter(|function| function.name == name && function.gives_text);
        let bodies: Vec<_> = named.map(|function| function.body).collect();
        if bodies.is_empty() {
            return self.lose(at, value);
        }
        for body in bodies {
            let mut texts = Texts::default();
            texts.visit_block(body);
            self.add(texts);
        }
    }

    fn texts_in(&mut self, at: usize, value: &'a Expr) {
        let mut texts = Texts::default();
        texts.visit_expr(value);
        let calls = std::mem::take(&mut texts.calls);
        self.add(texts);
        for name in calls {
            let found = self.functions.iter().any(|function| function.name == name && function.gives_text);
            if found {
                self.named_by(at, value, &name);
            }
        }
    }

    /// Among them may be what is no check: those that have the form of one count.
    fn add(&mut self, texts: Texts<'a>) {
        self.found.words.extend(texts.literals.into_iter().filter(|text| is_check(text)));
        for path in texts.paths {
            let name = &path.path.segments.last().expect("a name").ident.to_string();
            let is_text =
                |value: &Expr| matches!(value, Expr::Lit(text) if matches!(text.lit, syn::Lit::Str(_)));
            let is_constant =
                self.constants.get(name).is_some_and(|all| all.iter().any(|(_, _, value)| is_text(value)));
            if is_constant {
                let all = self.constants.get(name).cloned().unwrap_or_default();
                for (_, _, value) in all {
                    if let Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = value
                        && is_check(&text.value())
                    {
                        self.found.words.insert(text.value());
                    }
                }
            }
        }
    }

    fn lose(&mut self, at: usize, value: &Expr) {
        let function = &self.functions[at];
        let source = self.files[function.file];
        let line = syn::spanned::Spanned::span(value).start().line;
        self.found.lost.push(source.violation(
            line,
            format!("`{}` gives an error a check in a way that this gate cannot follow", function.name),
        ));
    }

    /// Macros are tokens: a setter in one is out of sight.
    fn macros(&mut self) {
        struct Macros(Vec<usize>);
        impl<'ast> Visit<'ast> for Macros {
            fn visit_macro(&mut self, call: &'ast syn::Macro) {
                let words = crate::source::words(call.tokens.clone());
                self.0.extend(words.iter().filter(|word| word.text == SETTER).map(|word| word.line));
            }
            // The setter as a function value is out of sight too.
            fn visit_path(&mut self, path: &'ast syn::Path) {
                self.0.extend(
                    path.segments
                        .iter()
                        .filter(|segment| segment.ident == SETTER)
                        .map(|segment| segment.ident.span().start().line),
                );
                visit::visit_path(self, path);
            }
        }
        let mut found = Vec::new();
        for function in &self.functions {
            let mut macros = Macros(Vec::new());
            macros.visit_block(function.body);
            found.extend(macros.0.into_iter().map(|line| (function.file, line)));
        }
        for (file, line) in found {
            let source = self.files[file];
            self.found.lost.push(source.violation(line, "a setter of checks within a macro, or as a value"));
        }
    }
}

/// The beginnings of the paths of the files that can call a function of this visibility in this file.
fn seen_by(path: &str, seen: &Visibility) -> Vec<String> {
    let stem = path.trim_end_matches(".rs").trim_end_matches("/mod");
    let inside = |stem: &str| vec![format!("{stem}.rs"), format!("{stem}/")];
    match seen {
        Visibility::Inherited => inside(stem),
        Visibility::Restricted(within) if within.path.is_ident("super") => {
            inside(stem.rsplit_once('/').map_or("", |(above, _)| above))
        }
        _ => vec![String::new()],
    }
}

/// Whether a function gives a closure this name.
fn has_closure(body: &syn::Block, name: &str) -> bool {
    struct Closures<'a>(&'a str, bool);
    impl<'ast> Visit<'ast> for Closures<'_> {
        fn visit_local(&mut self, local: &'ast syn::Local) {
            let is_closure = local.init.as_ref().is_some_and(|init| matches!(&*init.expr, Expr::Closure(_)));
            self.1 |= is_closure && bound(&local.pat).as_deref() == Some(self.0);
            visit::visit_local(self, local);
        }
    }
    let mut closures = Closures(name, false);
    closures.visit_block(body);
    closures.1
}

/// `family.word`.
fn is_check(text: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    text.split_once('.').is_some_and(|(family, word)| is_word(family) && is_word(word))
}

/// The name that a pattern binds, if it is one alone.
fn bound(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Type(typed) => bound(&typed.pat),
        _ => None,
    }
}

/// Whether a pattern binds a name anywhere.
fn binds(pattern: &Pat, name: &str) -> bool {
    struct Names<'a>(&'a str, bool);
    impl<'ast> Visit<'ast> for Names<'_> {
        fn visit_pat_ident(&mut self, pattern: &'ast syn::PatIdent) {
            self.1 |= pattern.ident == self.0;
            visit::visit_pat_ident(self, pattern);
        }
    }
    let mut names = Names(name, false);
    names.visit_pat(pattern);
    names.1
}

/// What the calls of a sink are given.
struct Calls<'s, 'a> {
    sink: &'s Sink,
    found: Vec<&'a Expr>,
}

impl Calls<'_, '_> {
    /// `Type::name` is a function of that type; `name` and `module::name` are none of a type.
    fn is_owners(&self, path: &syn::Path) -> bool {
        let before = path.segments.iter().rev().nth(1).map(|segment| segment.ident.to_string());
        let of_type = before.filter(|name| name.starts_with(char::is_uppercase));
        match (&self.sink.owner, of_type) {
            (None, of_type) => of_type.is_none(),
            (Some(_), None) => false,
            (Some(owner), Some(named)) => named == "Self" || named == *owner,
        }
    }
}

impl<'a> Visit<'a> for Calls<'_, 'a> {
    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        if let Expr::Path(path) = &*call.func
            && path.path.segments.last().is_some_and(|last| last.ident == self.sink.name)
            && self.sink.name != SETTER
            && self.is_owners(&path.path)
        {
            self.found.extend(call.args.iter().nth(self.sink.argument));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        if call.method == self.sink.name {
            self.found.extend(call.args.iter().nth(self.sink.argument));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// What a name stands for within a function: bindings of patterns, and parameters of closures that have a name.
struct Locals<'s, 'a> {
    name: &'s str,
    values: Vec<&'a Expr>,
    closures: Vec<(String, usize)>,
}

impl<'a> Visit<'a> for Locals<'_, 'a> {
    fn visit_local(&mut self, local: &'a syn::Local) {
        if let Some(init) = &local.init {
            if let (Expr::Closure(closure), Some(name)) = (&*init.expr, bound(&local.pat)) {
                let at = closure.inputs.iter().position(|input| bound(input).as_deref() == Some(self.name));
                self.closures.extend(at.map(|at| (name, at)));
            } else if binds(&local.pat, self.name) {
                self.values.push(&init.expr);
            }
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_let(&mut self, condition: &'a syn::ExprLet) {
        if binds(&condition.pat, self.name) {
            self.values.push(&condition.expr);
        }
        visit::visit_expr_let(self, condition);
    }

    fn visit_expr_match(&mut self, choice: &'a syn::ExprMatch) {
        if choice.arms.iter().any(|arm| binds(&arm.pat, self.name)) {
            self.values.push(&choice.expr);
        }
        visit::visit_expr_match(self, choice);
    }

    fn visit_expr_for_loop(&mut self, each: &'a syn::ExprForLoop) {
        if binds(&each.pat, self.name) {
            self.values.push(&each.expr);
        }
        visit::visit_expr_for_loop(self, each);
    }
}

/// What members of a name are given.
struct Members<'a> {
    name: String,
    values: Vec<&'a Expr>,
}

impl<'a> Visit<'a> for Members<'a> {
    fn visit_expr_struct(&mut self, made: &'a syn::ExprStruct) {
        let same = |field: &&syn::FieldValue| matches!(&field.member, syn::Member::Named(name) if *name == self.name);
        let given: Vec<&'a Expr> = made.fields.iter().filter(same).map(|field| &field.expr).collect();
        self.values.extend(given);
        visit::visit_expr_struct(self, made);
    }
}

/// The texts, constants and calls in an expression; what is only compared with, in patterns, is not among them.
#[derive(Default)]
struct Texts<'a> {
    literals: Vec<String>,
    paths: Vec<&'a syn::ExprPath>,
    calls: Vec<String>,
}

impl<'a> Visit<'a> for Texts<'a> {
    fn visit_expr_lit(&mut self, literal: &'a syn::ExprLit) {
        if let syn::Lit::Str(text) = &literal.lit {
            self.literals.push(text.value());
        }
    }
    fn visit_expr_path(&mut self, path: &'a syn::ExprPath) {
        self.paths.push(path);
    }
    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        self.calls.push(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }
    fn visit_pat(&mut self, _: &'a Pat) {}
}

/// The name of a type without its module.
fn last_name(of: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = of else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// The names in a type, one after the other.
fn text_of(of: &syn::Type) -> String {
    struct Names(String);
    impl<'ast> Visit<'ast> for Names {
        fn visit_ident(&mut self, name: &'ast proc_macro2::Ident) {
            self.0.push_str(&name.to_string());
            self.0.push(' ');
        }
    }
    let mut names = Names(String::new());
    names.visit_type(of);
    names.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> (Vec<String>, usize) {
        let found = checks(&Sources::planted(files));
        (found.words.into_iter().collect(), found.lost.len())
    }

    #[test]
    fn a_check_is_found_by_whatever_way_it_comes() {
        for (way, text) in [
            ("a literal", r#"fn f() -> Error { Error::new().with_check("a.b") }"#),
            ("a constant", r#"const C: &str = "a.b"; fn f() -> Error { e().with_check(C) }"#),
            (
                "a constant of a module",
                r#"mod check { pub const C: &str = "a.b"; } mod other { pub const C: &str = "c.d"; }
                fn f() -> Error { e().with_check(check::C) }"#,
            ),
            (
                "a helper",
                r#"fn no(what: &str, check: &'static str) -> Error { e().with_check(check) }
                fn f() -> Error { no("x.y", "a.b") }"#,
            ),
            (
                "a helper of a helper, with a constant",
                r#"const C: &str = "a.b";
                fn no(check: &'static str) -> Error { e().with_check(check) }
                fn nope(what: u8, check: &'static str) -> Error { no(check) }
                fn f() -> Error { nope(1, C) }"#,
            ),
            (
                "a method with a receiver",
                r#"impl A { fn no(&self, check: &'static str) -> Error { e().with_check(check) }
                fn f(&self) -> Error { self.no("a.b") } }"#,
            ),
            ("a closure", r#"fn f() -> Error { let no = |check| e().with_check(check); no("a.b") }"#),
            (
                "a method that names it",
                r#"impl A { fn check(self) -> &'static str { match self { A::B => "a.b" } }
                fn error(self) -> Error { e().with_check(self.check()) } }"#,
            ),
            (
                "a method that names it by a constant",
                r#"const C: &str = "a.b"; impl A { fn check(self) -> &'static str { C }
                fn error(self) -> Error { e().with_check(self.check()) } }"#,
            ),
            (
                "a variable",
                r#"fn f(x: bool) -> Error { let (check, what) = if x { ("a.b", 1) } else { ("a.b", 2) };
                e().with_check(check) }"#,
            ),
            (
                "a choice",
                r#"fn f(x: bool) -> Error { e().with_check(match x { true => "a.b", false => "a.b" }) }"#,
            ),
            (
                "a member",
                r#"fn f() -> A { A { check: "a.b" } } impl A { fn g(self) -> Error { e().with_check(self.check) } }"#,
            ),
        ] {
            assert_eq!(found(&[("src/a.rs", text)]), (vec!["a.b".to_owned()], 0), "{way}");
        }
        // From another file, too.
        let files = [
            ("src/a/mod.rs", "pub(crate) fn no(check: &'static str) -> Error { e().with_check(check) }"),
            ("src/b.rs", r#"use crate::a::no; fn f() -> Error { no("a.b") }"#),
        ];
        assert_eq!(found(&files), (vec!["a.b".to_owned()], 0));
    }

    #[test]
    fn what_cannot_be_followed_is_reported() {
        for text in [
            "fn f(texts: &[&'static str]) -> Error { e().with_check(texts[0]) }",
            "fn f() -> Error { e().with_check(elsewhere()) }",
            r#"fn f() { show!(e().with_check("a.b")); }"#,
            "fn f() { let set = Error::with_check; }",
        ] {
            assert_eq!(found(&[("src/a.rs", text)]).1, 1, "{text}");
        }
        // Tests give errors whatever they like.
        let text = r#"#[cfg(test)] mod tests { fn f() -> Error { e().with_check("a.b") } }"#;
        assert_eq!(found(&[("src/a.rs", text)]), (vec![], 0));
    }
}
