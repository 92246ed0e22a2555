//! From compiled conditions to text and values.

use std::fmt::Write;

use super::{
    dialect::Dialect,
    mapping::{Mapping, Place},
    midpoint::exact,
    query::{Query, SqlValue},
};
use crate::{
    credify::offer::{Bound, Compare, Node, Segment, Segments, Test, index},
    error::{Error, ErrorKind, Result},
};

/// SQLite answers with at most 2,000 columns, PostgreSQL with 1,664.
const MAX_SEGMENTS: usize = 1_000;
/// SQLite takes 32,766 values, PostgreSQL 65,535.
const MAX_VALUES: usize = 30_000;
/// SQLite takes a text of 1,000,000 bytes.
const MAX_TEXT_BYTES: usize = 900_000;
/// What all texts among the values may have in bytes.
const MAX_VALUE_BYTES: usize = 16 << 20;

const TRUE: &str = "(1 = 1)";
const FALSE: &str = "(1 = 0)";

pub(super) struct Renderer<'a> {
    mapping: &'a Mapping,
    segments: &'a Segments,
    dialect: Dialect,
    text: String,
    values: Vec<SqlValue>,
    bound: usize,
}

impl<'a> Renderer<'a> {
    pub(super) fn new(mapping: &'a Mapping, segments: &'a Segments, dialect: Dialect) -> Self {
        Self { mapping, segments, dialect, text: String::new(), values: Vec::new(), bound: 0 }
    }

    pub(super) fn render(mut self, without: &[&str]) -> Result<Query> {
        let segments = self.segments;
        if segments.is_empty() {
            return Err(refused("segment.empty", "there is no segment to count"));
        }
        if segments.len() > MAX_SEGMENTS {
            return Err(refused("segment.size", "there are too many segments for one query"));
        }
        self.text.push_str("SELECT ");
        for (index, segment) in segments.list.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self.text.push_str("COUNT(CASE WHEN ");
            self.segment(segment).map_err(|error| error.with_path(format!("conditions[{index}]")))?;
            self.put(format_args!(" THEN 1 END) AS c{index}"));
        }
        self.put(format_args!(" FROM {} AS u", self.mapping.table()));
        let mut filters = 0;
        if let Some(document) = self.mapping.whole_document() {
            self.put(format_args!(" WHERE {document} IS NOT NULL"));
            filters += 1;
        }
        if !without.is_empty() {
            self.text.push_str(if filters > 0 { " AND " } else { " WHERE " });
            self.leave_out(without)?;
        }
        self.within_limits()?;
        Ok(Query { text: self.text, values: self.values })
    }

    /// A row without an id is none of the users that were named.
    fn leave_out(&mut self, ids: &[&str]) -> Result<()> {
        let Some(column) = self.mapping.id_column() else {
            return Err(Error::configuration("users are to be left out, and no column holds their ids")
                .with_check("segment.user_id"));
        };
        self.put(format_args!("({column} IS NULL OR {column} NOT IN ("));
        for (index, id) in ids.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self.bind_text(id)?;
        }
        self.text.push_str("))");
        Ok(())
    }

    fn segment(&mut self, segment: &Segment) -> Result<()> {
        let mut parts = vec![Part::Node(&segment.condition)];
        parts.extend(segment.required.iter().map(|scope| Part::Scope(scope)));
        self.join(&parts, "AND")
    }

    /// Joins in halves: in a row, a thousand parts would be as deep an expression as SQLite takes.
    fn join(&mut self, parts: &[Part<'_>], word: &str) -> Result<()> {
        match parts {
            // An AND without parts fails, and was compiled to that.
            [] => self.text.push_str(FALSE),
            [Part::Node(node)] => self.node(node)?,
            [Part::Scope(scope)] => self.scope(scope)?,
            parts => {
                let (left, right) = parts.split_at(parts.len() / 2);
                self.text.push('(');
                self.join(left, word)?;
                self.put(format_args!(" {word} "));
                self.join(right, word)?;
                self.text.push(')');
            }
        }
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<()> {
        self.within_limits()?;
        match node {
            Node::Pass => self.text.push_str(TRUE),
            Node::Fail => self.text.push_str(FALSE),
            Node::Leaf { path, test } => self.leaf(*path, test)?,
            Node::All(all) => self.join(&all.iter().map(Part::Node).collect::<Vec<_>>(), "AND")?,
            Node::Any(any) => self.join(&any.iter().map(Part::Node).collect::<Vec<_>>(), "OR")?,
            Node::Not(inner) => {
                // What is unknown is false, and its opposite true: NOT would leave it unknown.
                self.text.push_str("(CASE WHEN ");
                self.node(inner)?;
                self.text.push_str(" THEN 0 ELSE 1 END = 1)");
            }
        }
        Ok(())
    }

    fn scope(&mut self, scope: &str) -> Result<()> {
        self.within_limits()?;
        let Some(place) = self.mapping.who_has(scope) else {
            return Err(
                Error::configuration("nothing says who has a required scope").with_check("segment.scope")
            );
        };
        match place {
            None => self.text.push_str(TRUE),
            Some(Place::Column(column) | Place::WholeNumber(column)) => {
                self.put(format_args!("{column} = "));
                self.bind(SqlValue::Boolean(true));
            }
            Some(Place::Json { column, scope: None, .. }) => self.put(format_args!("{column} IS NOT NULL")),
            Some(place @ Place::Json { .. }) => {
                // Null in the document is there; what is not in it is NULL.
                if self.dialect == Dialect::Sqlite {
                    self.json_type(place)?
                } else {
                    self.operand(place)?
                }
                self.text.push_str(" IS NOT NULL");
            }
        }
        Ok(())
    }

    fn leaf(&mut self, path: usize, test: &Test) -> Result<()> {
        let segments = self.segments;
        let path = &segments.paths.list[path];
        let Some(place) = self.mapping.place(&path.scope, &path.names, test) else {
            return Err(Error::configuration(
                "a claim has no column of the type that is compared, and no document",
            )
            .with_check("segment.claim"));
        };
        if let Place::Json { .. } = place
            && path.names.iter().any(|name| &**name == "length" || index(name).is_some())
        {
            return Err(refused(
                "segment.json_name",
                "a claim is read from a list or the length of something",
            ));
        }
        match test {
            Test::Number(compare, bound) => self.number(place, &[(*compare, *bound)]),
            Test::Between(low, high) => {
                self.number(place, &[(Compare::LargerOrEqual, *low), (Compare::LessOrEqual, *high)])
            }
            Test::Text(text) => self.text(place, text),
            Test::Contains(needle) if needle.is_empty() => self.is_text(place),
            Test::Contains(needle) => self.contains(place, needle),
            Test::Boolean(flag) => self.boolean(place, *flag),
        }
    }

    /// A number for which all comparisons hold.
    fn number(&mut self, place: Place<'_>, comparisons: &[(Compare, Bound)]) -> Result<()> {
        let mut finite = Vec::new();
        for (compare, Bound(bound)) in comparisons {
            let is_upper = matches!(compare, Compare::Less | Compare::LessOrEqual);
            let is_lower = matches!(compare, Compare::Larger | Compare::LargerOrEqual);
            if bound.is_finite() {
                finite.push((*compare, *bound));
            } else if !(is_upper && *bound > 0.0 || is_lower && *bound < 0.0) {
                self.text.push_str(FALSE);
                return Ok(());
            }
        }
        match place {
            Place::Column(_) | Place::WholeNumber(_) if finite.is_empty() => {
                self.operand(place)?;
                self.text.push_str(" IS NOT NULL");
                Ok(())
            }
            Place::Column(_) | Place::WholeNumber(_) => self.number_of(place, &finite),
            Place::Json { .. } if self.dialect == Dialect::Postgres => self.exact_number(place, &finite),
            Place::Json { .. } => {
                self.text.push('(');
                self.json_type(place)?;
                self.text.push_str(" IN ('integer', 'real')");
                if !finite.is_empty() {
                    self.text.push_str(" AND ");
                    self.number_of(place, &finite)?;
                }
                self.text.push(')');
                Ok(())
            }
        }
    }

    /// Comparisons of an operand that is a number. An engine may hold -0 to be less than 0, so a bound of zero is the
    /// one of the two that parts them from the rest.
    fn number_of(&mut self, place: Place<'_>, comparisons: &[(Compare, f64)]) -> Result<()> {
        let mut simple = Vec::new();
        for (compare, bound) in comparisons {
            match compare {
                Compare::Equal if *bound == 0.0 => simple.extend([(">=", -0.0), ("<=", 0.0)]),
                Compare::Equal => simple.push(("=", *bound)),
                Compare::Larger => simple.push((">", *bound)),
                Compare::LessOrEqual => simple.push(("<=", *bound)),
                Compare::Less => simple.push(("<", if *bound == 0.0 { -0.0 } else { *bound })),
                Compare::LargerOrEqual => simple.push((">=", if *bound == 0.0 { -0.0 } else { *bound })),
            }
        }
        let is_list = simple.len() > 1;
        self.text.push_str(if is_list { "(" } else { "" });
        for (index, (operator, bound)) in simple.into_iter().enumerate() {
            self.text.push_str(if index > 0 { " AND " } else { "" });
            match place {
                Place::Json { .. } => {
                    self.text.push_str("CAST(");
                    self.operand(place)?;
                    self.text.push_str(" AS REAL)");
                }
                place => self.operand(place)?,
            }
            self.put(format_args!(" {operator} "));
            self.bind(SqlValue::Number(bound));
        }
        self.text.push_str(if is_list { ")" } else { "" });
        Ok(())
    }

    fn exact_number(&mut self, place: Place<'_>, comparisons: &[(Compare, f64)]) -> Result<()> {
        self.text.push_str("(jsonb_typeof(");
        self.operand(place)?;
        self.text.push_str(") = 'number'");
        for (compare, bound) in comparisons {
            let Some(exact) = exact(*compare, *bound) else {
                self.put(format_args!(" AND {FALSE}"));
                continue;
            };
            for one in exact {
                self.text.push_str(" AND ");
                self.operand(place)?;
                self.put(format_args!(" {} ", one.operator));
                self.bind(SqlValue::Text(one.decimal));
                self.text.push_str("::jsonb");
            }
        }
        self.text.push(')');
        Ok(())
    }

    fn text(&mut self, place: Place<'_>, text: &str) -> Result<()> {
        match place {
            Place::Json { .. } if self.dialect == Dialect::Postgres => {
                self.operand(place)?;
                self.text.push_str(" = to_jsonb(");
                self.bind_text(text)?;
                self.text.push(')');
            }
            Place::Json { .. } => {
                self.text.push('(');
                self.is_text(place)?;
                self.text.push_str(" AND ");
                self.operand(place)?;
                self.text.push_str(" = ");
                self.bind_text(text)?;
                self.text.push(')');
            }
            place => {
                self.operand(place)?;
                self.text.push_str(" = ");
                self.bind_text(text)?;
            }
        }
        Ok(())
    }

    /// Never LIKE: its rule for letters differs between engines. What holds the needle is shorter without it.
    fn contains(&mut self, place: Place<'_>, needle: &str) -> Result<()> {
        let is_json = matches!(place, Place::Json { .. });
        if is_json {
            self.text.push('(');
            self.is_text(place)?;
            self.text.push_str(" AND ");
        }
        self.text.push_str("replace(");
        self.text_operand(place)?;
        self.text.push_str(", ");
        self.bind_text(needle)?;
        self.text.push_str(", '') <> ");
        self.text_operand(place)?;
        self.text.push_str(if is_json { ")" } else { "" });
        Ok(())
    }

    fn is_text(&mut self, place: Place<'_>) -> Result<()> {
        match place {
            Place::Json { .. } if self.dialect == Dialect::Postgres => {
                self.text.push_str("jsonb_typeof(");
                self.operand(place)?;
                self.text.push_str(") = 'string'");
            }
            Place::Json { .. } => {
                self.json_type(place)?;
                self.text.push_str(" = 'text'");
            }
            place => {
                self.operand(place)?;
                self.text.push_str(" IS NOT NULL");
            }
        }
        Ok(())
    }

    fn boolean(&mut self, place: Place<'_>, flag: bool) -> Result<()> {
        match place {
            Place::Json { .. } if self.dialect == Dialect::Postgres => {
                self.operand(place)?;
                self.text.push_str(" = to_jsonb(");
                self.bind(SqlValue::Boolean(flag));
                self.text.push(')');
            }
            Place::Json { .. } => {
                self.json_type(place)?;
                self.text.push_str(if flag { " = 'true'" } else { " = 'false'" });
            }
            place => {
                self.operand(place)?;
                self.text.push_str(" = ");
                self.bind(SqlValue::Boolean(flag));
            }
        }
        Ok(())
    }

    /// The claim as a text, where it is known to be one.
    fn text_operand(&mut self, place: Place<'_>) -> Result<()> {
        let is_jsonb = matches!(place, Place::Json { .. }) && self.dialect == Dialect::Postgres;
        self.text.push_str(if is_jsonb { "(" } else { "" });
        self.operand(place)?;
        self.text.push_str(if is_jsonb { " #>> '{}')" } else { "" });
        Ok(())
    }

    fn operand(&mut self, place: Place<'_>) -> Result<()> {
        match place {
            Place::Column(column) => self.text.push_str(column),
            // A sum with a fraction is no integer any more, and compares as the nearest double does.
            Place::WholeNumber(column) => self.put(format_args!("({column} + 0.0)")),
            Place::Json { column, scope, names } => match self.dialect {
                Dialect::Sqlite => self.json_call("json_extract", column, scope, names)?,
                Dialect::Postgres => {
                    self.put(format_args!("({column}"));
                    for name in scope.into_iter().chain(names.iter().map(|name| &**name)) {
                        self.text.push_str(" -> ");
                        self.bind_text(name)?;
                    }
                    self.text.push(')');
                }
                Dialect::DataFusion | Dialect::Spark => {
                    let what = "this engine has no documents: give the claim a column";
                    return Err(refused("segment.json_engine", what));
                }
            },
        }
        Ok(())
    }

    /// The kind of what is in a document, in SQLite.
    fn json_type(&mut self, place: Place<'_>) -> Result<()> {
        match place {
            Place::Json { column, scope, names } if self.dialect == Dialect::Sqlite => {
                self.json_call("json_type", column, scope, names)
            }
            place => self.operand(place),
        }
    }

    fn json_call(
        &mut self,
        function: &str,
        column: &str,
        scope: Option<&str>,
        names: &[Box<str>],
    ) -> Result<()> {
        let mut path = "$".to_owned();
        for name in scope.into_iter().chain(names.iter().map(|name| &**name)) {
            if name.contains(|letter: char| matches!(letter, '"' | '\\') || letter.is_control()) {
                return Err(refused("segment.json_name", "a name cannot be said in a path of SQLite"));
            }
            path.push_str(".\"");
            path.push_str(name);
            path.push('"');
        }
        self.put(format_args!("{function}({column}, "));
        self.bind_text(&path)?;
        self.text.push(')');
        Ok(())
    }

    fn bind_text(&mut self, text: &str) -> Result<()> {
        if text.contains('\0') {
            return Err(refused("segment.nul", "not every engine takes a text with NUL"));
        }
        self.bound += text.len();
        self.bind(SqlValue::Text(text.to_owned()));
        self.within_limits()
    }

    fn bind(&mut self, value: SqlValue) {
        let placeholder = self.dialect.placeholder(self.values.len() + 1, &value);
        self.text.push_str(&placeholder);
        self.values.push(value);
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a text does not fail.
        let _ = self.text.write_fmt(text);
    }

    fn within_limits(&self) -> Result<()> {
        if self.values.len() > MAX_VALUES || self.text.len() > MAX_TEXT_BYTES || self.bound > MAX_VALUE_BYTES
        {
            return Err(refused(
                "segment.size",
                "the query would be too large: render fewer segments at once",
            ));
        }
        Ok(())
    }
}

enum Part<'a> {
    Node(&'a Node),
    Scope(&'a str),
}

fn refused(check: &'static str, what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidRequest, what).with_check(check)
}
