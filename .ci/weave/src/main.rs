//! Puts many mutants of a source tree into one build, each behind a switch that is read from the environment.
//!
//! ```text
//! weave mutants.json tree dropped.txt
//! ```
//!
//! `mutants.json` is what `cargo mutants --list --json` prints, with a number `id` in each entry. Their files under `tree`
//! are rewritten in place. What cannot be put behind a switch is printed, one id a line; what `dropped.txt` names is left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    ops::Range,
};

use proc_macro2::LineColumn;
use serde_json::Value;
use syn::{
    BinOp, Expr,
    spanned::Spanned,
    visit::{self, Visit},
};

/// A place in a file: line from 1, column from 1, as the list has it.
type Place = (usize, usize);

struct Mutant {
    id: usize,
    genre: String,
    from: Place,
    to: Place,
    with: String,
}

enum Shape {
    /// Text that goes in as it is.
    Insert,
    And,
    Or,
    /// A comparison for (in)equality, which the switch turns round.
    Equal,
    /// Any other operator: the expression once with each operator.
    Either,
    Not,
    Field(Range<usize>),
}

struct Edit {
    range: Range<usize>,
    shape: Shape,
    /// The operands and the operator's own text.
    parts: Vec<Range<usize>>,
    /// The ids and their replacements.
    ids: Vec<(usize, String)>,
    text: String,
}

struct Weaver<'a> {
    source: &'a str,
    lines: Vec<usize>,
    mutants: Vec<Mutant>,
    edits: Vec<Edit>,
    done: BTreeSet<usize>,
    /// Inside of what is computed at compile time, where no switch can be read.
    constant: usize,
}

fn on(id: usize) -> String {
    format!("crate::mutant_switch::on({id})")
}

impl Weaver<'_> {
    fn offset(&self, at: LineColumn) -> usize {
        let line = self.lines[at.line - 1];
        self.source[line..].char_indices().nth(at.column).map_or(self.source.len(), |(index, _)| line + index)
    }

    fn range(&self, node: &impl Spanned) -> Range<usize> {
        let span = node.span();
        self.offset(span.start())..self.offset(span.end())
    }

    fn at(&mut self, genres: &[&str], range: &Range<usize>) -> Vec<(usize, String)> {
        if self.constant > 0 {
            return Vec::new();
        }
        let mut found = Vec::new();
        for mutant in &self.mutants {
            let offset = |(line, column): Place| {
                self.offset(LineColumn { line, column: column - 1 })
            };
            if genres.contains(&mutant.genre.as_str())
                && offset(mutant.from) == range.start
                && offset(mutant.to) == range.end
            {
                found.push((mutant.id, mutant.with.clone()));
            }
        }
        self.done.extend(found.iter().map(|(id, _)| *id));
        found
    }

    fn edit(&mut self, range: Range<usize>, shape: Shape, parts: Vec<Range<usize>>, ids: Vec<(usize, String)>) {
        self.edits.push(Edit { range, shape, parts, ids, text: String::new() });
    }

    fn insert(&mut self, at: usize, text: String) {
        self.edits.push(Edit { range: at..at, shape: Shape::Insert, parts: vec![], ids: vec![], text });
    }

    fn body(&mut self, block: &syn::Block) {
        let braces = block.brace_token.span;
        let open = self.offset(braces.open().end());
        let (Some(first), Some(last)) = (block.stmts.first(), block.stmts.last()) else { return };
        let range = self.range(first).start..self.range(last).end;
        let mut ids = self.at(&["FnValue"], &range);
        let whole = self.range(block);
        ids.extend(self.at(&["FnValue"], &whole));
        for (id, with) in ids {
            self.insert(open, format!("\nif {} {{ return {with}; }}\n", on(id)));
        }
    }

    /// The text of a range with the edits in it.
    fn render(&self, range: Range<usize>, within: Option<usize>) -> String {
        let mut text = String::new();
        let mut at = range.start;
        let mut inside: Vec<usize> = (0..self.edits.len())
            .filter(|index| Some(*index) != within)
            .filter(|index| {
                let edit = &self.edits[*index].range;
                edit.start >= range.start && edit.end <= range.end
                    && within.is_none_or(|outer| {
                        // What goes in before an expression stands outside of it.
                        !(edit.is_empty() && edit.start == range.start)
                            && (*edit != self.edits[outer].range || *index > outer)
                    })
            })
            .collect();
        // The outermost first; an insertion before what starts at the same place.
        inside.sort_by_key(|index| {
            let edit = &self.edits[*index];
            (edit.range.start, !edit.range.is_empty(), usize::MAX - edit.range.end, *index)
        });
        for index in inside {
            let edit = &self.edits[index];
            if edit.range.start < at {
                continue;
            }
            text.push_str(&self.source[at..edit.range.start]);
            text.push_str(&self.apply(index));
            at = edit.range.end;
        }
        text.push_str(&self.source[at..range.end]);
        text
    }

    fn apply(&self, index: usize) -> String {
        let edit = &self.edits[index];
        let part = |number: usize| self.render(edit.parts[number].clone(), Some(index));
        match &edit.shape {
            Shape::Insert => edit.text.clone(),
            Shape::And => {
                let switch = on(edit.ids[0].0);
                format!("(if {switch} ^ ({}) {{ {} }} else {{ {switch} }})", part(0), part(1))
            }
            Shape::Or => {
                let switch = on(edit.ids[0].0);
                format!("(if {switch} ^ ({}) {{ !{switch} }} else {{ {} }})", part(0), part(1))
            }
            Shape::Equal => {
                let operator = &self.source[edit.parts[2].clone()];
                format!("((({}) {operator} ({})) ^ {})", part(0), part(1), on(edit.ids[0].0))
            }
            Shape::Either => {
                let (left, right) = (part(0), part(1));
                let operator = &self.source[edit.parts[2].clone()];
                let mut text = String::from("(");
                for (id, with) in &edit.ids {
                    text.push_str(&format!("if {} {{ {left} {with} {right} }} else ", on(*id)));
                }
                text.push_str(&format!("{{ {left} {operator} {right} }})"));
                text
            }
            Shape::Not => {
                let operator = &self.source[edit.parts[1].clone()];
                let inner = part(0);
                format!("(if {} {{ {inner} }} else {{ {operator}{inner} }})", on(edit.ids[0].0))
            }
            Shape::Field(rest) => {
                let rest = &self.source[rest.clone()];
                let name = &edit.text;
                format!("(if {} {{ ({rest}).{name} }} else {{ {} }})", on(edit.ids[0].0), part(0))
            }
        }
    }
}

/// Whether a condition binds something, so that it cannot stand anywhere else.
fn binds(expr: &Expr) -> bool {
    match expr {
        Expr::Let(_) => true,
        Expr::Binary(binary) if matches!(binary.op, BinOp::And(_)) => binds(&binary.left) || binds(&binary.right),
        _ => false,
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|ident| ident == "test")
    })
}

impl<'ast> Visit<'ast> for Weaver<'_> {
    fn visit_item_mod(&mut self, node: &'ast syn::ItemMod) {
        if !is_test(&node.attrs) {
            visit::visit_item_mod(self, node);
        }
    }

    fn visit_item_const(&mut self, node: &'ast syn::ItemConst) {
        self.constant += 1;
        visit::visit_item_const(self, node);
        self.constant -= 1;
    }

    fn visit_impl_item_const(&mut self, node: &'ast syn::ImplItemConst) {
        self.constant += 1;
        visit::visit_impl_item_const(self, node);
        self.constant -= 1;
    }

    fn visit_item_static(&mut self, node: &'ast syn::ItemStatic) {
        self.constant += 1;
        visit::visit_item_static(self, node);
        self.constant -= 1;
    }

    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        let constant = usize::from(node.sig.constness.is_some());
        self.constant += constant;
        self.body(&node.block);
        visit::visit_item_fn(self, node);
        self.constant -= constant;
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        let constant = usize::from(node.sig.constness.is_some());
        self.constant += constant;
        self.body(&node.block);
        visit::visit_impl_item_fn(self, node);
        self.constant -= constant;
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        if let Some(block) = &node.default {
            self.body(block);
        }
        visit::visit_trait_item_fn(self, node);
    }

    fn visit_expr_binary(&mut self, node: &'ast syn::ExprBinary) {
        let operator = self.range(&node.op);
        if !binds(&node.left) && !binds(&node.right) {
            let ids = self.at(&["BinaryOperator"], &operator);
            if !ids.is_empty() {
                let range = self.range(node);
                let parts = vec![self.range(&*node.left), self.range(&*node.right), operator];
                let only = |with: &str| ids.len() == 1 && ids[0].1.trim() == with;
                let shape = match node.op {
                    BinOp::And(_) if only("||") => Shape::And,
                    BinOp::Or(_) if only("&&") => Shape::Or,
                    BinOp::Eq(_) if only("!=") => Shape::Equal,
                    BinOp::Ne(_) if only("==") => Shape::Equal,
                    _ => Shape::Either,
                };
                self.edit(range, shape, parts, ids);
            }
        }
        visit::visit_expr_binary(self, node);
    }

    fn visit_expr_unary(&mut self, node: &'ast syn::ExprUnary) {
        let operator = self.range(&node.op);
        let range = self.range(node);
        let mut ids = self.at(&["UnaryOperator"], &operator);
        ids.extend(self.at(&["UnaryOperator"], &range));
        if !ids.is_empty() {
            self.edit(range, Shape::Not, vec![self.range(&*node.expr), operator], ids);
        }
        visit::visit_expr_unary(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast syn::ExprMatch) {
        for arm in &node.arms {
            let whole = self.range(arm);
            let gone = self.at(&["MatchArm"], &whole);
            let deleted: Vec<String> = gone.iter().map(|(id, _)| format!("!{}", on(*id))).collect();
            match &arm.guard {
                None if !deleted.is_empty() => {
                    let end = self.range(&arm.pat).end;
                    self.insert(end, format!(" if {}", deleted.join(" && ")));
                }
                None => {}
                Some((_, guard)) if binds(guard) => {
                    for (id, _) in gone {
                        self.done.remove(&id);
                    }
                }
                Some((_, guard)) => {
                    let range = self.range(&**guard);
                    let replaced = self.at(&["MatchArmGuard"], &range);
                    let mut before = deleted;
                    let mut yes = Vec::new();
                    for (id, with) in replaced {
                        match with.trim() {
                            "true" => yes.push(on(id)),
                            _ => before.push(format!("!{}", on(id))),
                        }
                    }
                    if before.is_empty() && yes.is_empty() {
                        continue;
                    }
                    before.push(String::new());
                    yes.push(String::new());
                    self.insert(range.start, format!("{}({}(", before.join(" && "), yes.join(" || ")));
                    self.insert_after(range.end, "))");
                }
            }
        }
        visit::visit_expr_match(self, node);
    }

    fn visit_expr_struct(&mut self, node: &'ast syn::ExprStruct) {
        if let Some(rest) = &node.rest {
            let rest = self.range(&**rest);
            for field in &node.fields {
                let whole = self.range(field);
                let ids = self.at(&["StructField"], &whole);
                if !ids.is_empty() && field.colon_token.is_some() {
                    let range = self.range(&field.expr);
                    let syn::Member::Named(name) = &field.member else { continue };
                    self.edits.push(Edit {
                        range: range.clone(),
                        shape: Shape::Field(rest.clone()),
                        parts: vec![range],
                        ids,
                        text: name.to_string(),
                    });
                }
            }
        }
        visit::visit_expr_struct(self, node);
    }
}

impl Weaver<'_> {
    /// After what ends at the same place: the end of a guard is a blank before `=>`.
    fn insert_after(&mut self, at: usize, text: &str) {
        let at = at + 1;
        let text = text.to_owned();
        self.insert(at, text);
    }
}

const SWITCH: &str = r#"
#[doc(hidden)]
#[allow(missing_docs, clippy::all)]
pub mod mutant_switch {
    use std::{cell::RefCell, collections::HashSet, io::Write, sync::OnceLock};
    static CHOSEN: OnceLock<usize> = OnceLock::new();
    static LOG: OnceLock<Option<std::ffi::OsString>> = OnceLock::new();
    thread_local! { static SEEN: RefCell<HashSet<usize>> = RefCell::default(); }
    pub fn on(id: usize) -> bool {
        let chosen = *CHOSEN.get_or_init(|| {
            std::env::var("MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(usize::MAX)
        });
        if let Some(path) = LOG.get_or_init(|| std::env::var_os("MUTANTS_REACHED"))
            && SEEN.try_with(|seen| seen.borrow_mut().insert(id)).unwrap_or(false)
            && let Ok(mut file) = std::fs::OpenOptions::new().append(true).create(true).open(path)
        {
            // The test harness names each thread after its test.
            let thread = std::thread::current();
            let _ = file.write_all(format!("{id}\t{}\n", thread.name().unwrap_or("-")).as_bytes());
        }
        chosen == id
    }
}
"#;

fn place(value: &Value) -> Option<Place> {
    let number = |name: &str| value.get(name)?.as_u64().and_then(|number| usize::try_from(number).ok());
    Some((number("line")?, number("column")?))
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let [_, list, tree, dropped] = &arguments[..] else { panic!("weave mutants.json tree dropped.txt") };
    let list: Vec<Value> = serde_json::from_slice(&fs::read(list).expect("the list")).expect("a JSON list");
    let dropped: BTreeSet<usize> = fs::read_to_string(dropped)
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.trim().parse().ok())
        .collect();
    let mut files: BTreeMap<String, Vec<Mutant>> = BTreeMap::new();
    for entry in &list {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let id = entry["id"].as_u64().expect("an id") as usize;
        let span = &entry["span"];
        let (Some(from), Some(to)) = (place(&span["start"]), place(&span["end"])) else { continue };
        if dropped.contains(&id) {
            continue;
        }
        let mutant = Mutant { id, genre: text("genre"), from, to, with: text("replacement") };
        files.entry(text("file")).or_default().push(mutant);
    }
    for (file, mutants) in files {
        let path = format!("{tree}/{file}");
        let source = fs::read_to_string(&path).expect(&path);
        let parsed = syn::parse_file(&source).expect(&path);
        let lines = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut weaver = Weaver {
            source: &source,
            lines,
            mutants,
            edits: Vec::new(),
            done: BTreeSet::new(),
            constant: 0,
        };
        weaver.visit_file(&parsed);
        for mutant in weaver.mutants.iter().filter(|mutant| !weaver.done.contains(&mutant.id)) {
            println!("{}", mutant.id);
        }
        fs::write(&path, weaver.render(0..source.len(), None)).expect(&path);
    }
    let lib = format!("{tree}/src/lib.rs");
    let text = fs::read_to_string(&lib).expect(&lib);
    fs::write(&lib, text + SWITCH).expect(&lib);
}
