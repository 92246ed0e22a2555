//! A condition: read from JSON once, checked once, evaluated often.

use std::{borrow::Cow, collections::HashMap, fmt};

use serde_json::{Map, Value};

use super::{
    claim::{ClaimPath, Found},
    number,
};
use crate::error::{Error, ErrorKind, Result};

/// How deep conditions and claims may be nested.
pub(super) const DEEPEST: usize = 64;
/// How many conditions one tree may have.
const MOST: usize = 4_096;
/// How many bytes a name or a text to compare with may have.
const LONGEST: usize = 65_536;

/// How conditions are read. The default is what the provider does.
///
/// ```
/// use kyckit::credify::offer::{Levels, Rules};
/// use serde_json::json;
///
/// let condition = json!({
///     "kind": "LARGER_THAN_CONDITION",
///     "claim": {"name": "points", "value_type": "INTEGER", "scope": {"name": "loyalty"}},
///     "value": "100",
/// });
/// let claims = json!({"loyalty": {"points": 150}});
/// let (conditions, required) = (json!([condition]), json!([]));
///
/// // A text is no number: no user fits.
/// assert_eq!(Levels::compile(&conditions, &required)?.evaluate(&claims).rank(), 0);
/// let rules = Rules::new().coerce_numeric_text(true);
/// assert_eq!(Levels::compile_with(&conditions, &required, &rules)?.evaluate(&claims).rank(), 1);
/// # Ok::<(), kyckit::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Rules {
    coerce_numeric_text: bool,
    or_and_not: bool,
}

impl Rules {
    /// What the provider does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a `value` such as `"100"` as a number where the claim is `INTEGER` or `FLOAT`. The provider's older API
    /// shows bounds in this form; its evaluator lets them match nothing. Claims are never converted.
    #[must_use]
    pub fn coerce_numeric_text(mut self, on: bool) -> Self {
        self.coerce_numeric_text = on;
        self
    }

    /// Gives `OR_CONDITION` and `NOT_CONDITION` a meaning. The provider's older API lists them; its evaluator lets
    /// them match nothing, or fails.
    ///
    /// An OR holds when one of its subconditions does, and not when it has none. A NOT has one subcondition, and holds
    /// when that does not: also where the claim is missing. Both use the scopes of all that is below them.
    #[must_use]
    pub fn or_and_not(mut self, on: bool) -> Self {
        self.or_and_not = on;
        self
    }
}

/// A checked condition. Its claims are numbers into the [`Paths`] that were filled along with it.
#[derive(PartialEq, Eq, Hash)]
pub(crate) enum Node {
    Pass,
    Fail,
    Leaf { path: usize, test: Test },
    All(Box<[Self]>),
    Any(Box<[Self]>),
    Not(Box<Self>),
}

// What is compared with may tell of a person.
crate::privacy::redacted_debug!(Node);

impl Node {
    pub(super) fn holds(&self, paths: &Paths, claims: &Value) -> bool {
        match self {
            Self::Pass => true,
            Self::Fail => false,
            Self::Leaf { path, test } => {
                paths.list[*path].find(claims).is_some_and(|found| test.holds(found))
            }
            Self::All(parts) => parts.iter().all(|part| part.holds(paths, claims)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(paths, claims)),
            Self::Not(part) => !part.holds(paths, claims),
        }
    }
}

/// What is asked of one claim. The types are checked already: a bound of another type is [`Node::Fail`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    Number(Compare, Bound),
    /// Both ends belong to it.
    Between(Bound, Bound),
    Text(Box<str>),
    Boolean(bool),
    Contains(Box<str>),
}

impl Test {
    fn holds(&self, found: Found<'_>) -> bool {
        match self {
            Self::Number(compare, bound) => {
                found.number().is_some_and(|number| compare.holds(number, bound.0))
            }
            Self::Between(low, high) => {
                found.number().is_some_and(|number| low.0 <= number && number <= high.0)
            }
            Self::Text(wanted) => found.text().is_some_and(|(text, is_whole)| is_whole && *text == **wanted),
            Self::Boolean(wanted) => found.boolean() == Some(*wanted),
            Self::Contains(needle) => found.text().is_some_and(|(text, _)| text.contains(&**needle)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Compare {
    Equal,
    Larger,
    LargerOrEqual,
    Less,
    LessOrEqual,
}

impl Compare {
    #[allow(clippy::float_cmp, reason = "the provider compares exactly")]
    pub(super) fn holds(self, number: f64, bound: f64) -> bool {
        match self {
            Self::Equal => number == bound,
            Self::Larger => number > bound,
            Self::LargerOrEqual => number >= bound,
            Self::Less => number < bound,
            Self::LessOrEqual => number <= bound,
        }
    }
}

/// A number that is not `NaN`, with one zero: equal bounds are the same bound.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Bound(pub f64);

impl Bound {
    fn new(number: f64) -> Option<Self> {
        (!number.is_nan()).then_some(Self(number + 0.0))
    }
}

impl Eq for Bound {}

impl std::hash::Hash for Bound {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// The claims that conditions read, each once.
#[derive(Default)]
pub(crate) struct Paths {
    pub list: Vec<ClaimPath>,
    known: HashMap<ClaimPath, usize>,
}

impl Paths {
    pub(super) fn add(&mut self, path: ClaimPath) -> usize {
        let next = self.list.len();
        let number = *self.known.entry(path.clone()).or_insert(next);
        if number == next {
            self.list.push(path);
        }
        number
    }

    pub(super) fn get(&self, path: &ClaimPath) -> Option<usize> {
        self.known.get(path).copied()
    }
}

/// Where in the input something is; spelled out only when it is at fault.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Entry(&'static str, usize),
    Below(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(list, index) => write!(f, "{list}[{index}]"),
            Self::Below(above, index) => write!(f, "{above}.subconditions[{index}]"),
        }
    }
}

/// What the provider's evaluator throws on, and what is beyond our limits.
pub(super) fn invalid(
    check: &'static str,
    at: impl fmt::Display,
    what: impl Into<Cow<'static, str>>,
) -> Error {
    Error::new(ErrorKind::InvalidRequest, what).with_check(check).with_path(at.to_string())
}

/// Reads conditions. One serves all conditions that share their [`Paths`].
pub(super) struct Compiler<'a> {
    rules: &'a Rules,
    pub paths: Paths,
    /// How many more conditions the tree may have.
    left: usize,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(rules: &'a Rules) -> Self {
        Self { rules, paths: Paths::default(), left: MOST }
    }

    /// Reads an entry of a list of conditions, and adds the scopes that it asks for, in their order.
    ///
    /// Whatever JavaScript takes for nothing passes.
    pub(super) fn entry(&mut self, value: &Value, at: Place<'_>, scopes: &mut Vec<String>) -> Result<Node> {
        self.left = MOST;
        let is_nothing = match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(members) => members.is_empty(),
        };
        if is_nothing { Ok(Node::Pass) } else { self.condition(value, at, 0, scopes) }
    }

    fn condition(
        &mut self,
        value: &Value,
        at: Place<'_>,
        depth: usize,
        scopes: &mut Vec<String>,
    ) -> Result<Node> {
        let Value::Object(members) = value else {
            return Err(invalid("condition.form", at, "a condition is an object"));
        };
        if depth >= DEEPEST {
            // The place is as deep as what is refused: its first part says enough.
            let entry = at.to_string().split('.').next().unwrap_or_default().to_owned();
            return Err(invalid("condition.depth", entry, "the conditions are nested too deep"));
        }
        let Some(left) = self.left.checked_sub(1) else {
            return Err(invalid("condition.size", at, "the condition has too many parts"));
        };
        self.left = left;
        // Among the members that are read, `value_type` alone has more than one spelling after the provider's change
        // of keys.
        match members.get("kind").and_then(Value::as_str) {
            Some("AND_CONDITION") => {
                let parts = self.parts(members, at, depth, scopes)?;
                Ok(if parts.is_empty() { Node::Fail } else { Node::All(parts) })
            }
            Some("OR_CONDITION") if self.rules.or_and_not => {
                Ok(Node::Any(self.parts(members, at, depth, scopes)?))
            }
            Some("NOT_CONDITION") if self.rules.or_and_not => {
                let mut parts = self.parts(members, at, depth, scopes)?.into_iter();
                match (parts.next(), parts.next()) {
                    (Some(part), None) => Ok(Node::Not(Box::new(part))),
                    _ => Err(invalid("condition.subconditions", at, "a NOT has one subcondition")),
                }
            }
            kind => self.leaf(kind.unwrap_or_default(), members, at, scopes),
        }
    }

    fn parts(
        &mut self,
        members: &Map<String, Value>,
        at: Place<'_>,
        depth: usize,
        scopes: &mut Vec<String>,
    ) -> Result<Box<[Node]>> {
        match members.get("subconditions") {
            None | Some(Value::Null) => Ok(Box::default()),
            Some(Value::Array(parts)) => parts
                .iter()
                .enumerate()
                .map(|(index, part)| self.condition(part, Place::Below(&at, index), depth + 1, scopes))
                .collect(),
            Some(_) => Err(invalid("condition.subconditions", at, "the subconditions are no list")),
        }
    }

    fn leaf(
        &mut self,
        kind: &str,
        members: &Map<String, Value>,
        at: Place<'_>,
        scopes: &mut Vec<String>,
    ) -> Result<Node> {
        let Some(Value::Object(claim)) = members.get("claim") else {
            return Err(invalid("condition.claim", at, "the condition has no claim"));
        };
        let scope = scope(claim, at)?;
        if let Some(Some(name)) = scope
            && !name.is_empty()
        {
            scopes.push(name.to_owned());
        }
        let Some(test) = self.test(kind, claim, members, at)? else {
            return Ok(Node::Fail);
        };
        // Only a comparison that is reached needs the scope.
        let Some(scope) = scope else {
            return Err(invalid("condition.scope", at, "the claim has no scope"));
        };
        let (Some(test), Some(scope), Some(names)) = (test, scope, names(claim, at)?) else {
            return Ok(Node::Fail);
        };
        Ok(Node::Leaf { path: self.paths.add(ClaimPath { scope: scope.into(), names }), test })
    }

    /// What is compared. The outer `None`: this kind does not compare this type; the inner one: no claim fits.
    fn test(
        &self,
        kind: &str,
        claim: &Map<String, Value>,
        members: &Map<String, Value>,
        at: Place<'_>,
    ) -> Result<Option<Option<Test>>> {
        let value = members.get("value");
        let number = || match value {
            Some(Value::Number(number)) => number.as_f64(),
            Some(Value::String(text)) if self.rules.coerce_numeric_text && !text.trim().is_empty() => {
                number::from_text(text)
            }
            _ => None,
        };
        let bound = || number().and_then(Bound::new);
        let text = || match value {
            Some(Value::String(text)) if text.len() > LONGEST => {
                Err(invalid("condition.size", at, "the text to compare with is too long"))
            }
            Some(Value::String(text)) => Ok(Some(text.as_str().into())),
            _ => Ok(None),
        };
        let order = |compare| Some(bound().map(|bound| Test::Number(compare, bound)));
        Ok(match (kind, value_type(claim)) {
            ("CONTAIN_CONDITION", _) => Some(text()?.map(Test::Contains)),
            ("EQUALITY_CONDITION", "TEXT") => Some(text()?.map(Test::Text)),
            ("EQUALITY_CONDITION", "BOOLEAN") => Some(value.and_then(Value::as_bool).map(Test::Boolean)),
            ("EQUALITY_CONDITION", "INTEGER" | "FLOAT") => order(Compare::Equal),
            ("LARGER_THAN_CONDITION", "INTEGER" | "FLOAT") => order(Compare::Larger),
            ("LARGER_THAN_OR_EQUAL_CONDITION", "INTEGER" | "FLOAT") => order(Compare::LargerOrEqual),
            ("LESS_THAN_CONDITION", "INTEGER" | "FLOAT") => order(Compare::Less),
            ("LESS_THAN_OR_EQUAL_CONDITION", "INTEGER" | "FLOAT") => order(Compare::LessOrEqual),
            ("IN_RANGE_CONDITION", "INTEGER" | "FLOAT") => {
                let upper = members.get("upper").and_then(number::number).and_then(Bound::new);
                Some(bound().zip(upper).map(|(low, high)| Test::Between(low, high)))
            }
            _ => None,
        })
    }
}

/// The scope's name. The outer `None`: there is no scope; the inner one: it has no name, and matches no claims.
fn scope<'v>(claim: &'v Map<String, Value>, at: Place<'_>) -> Result<Option<Option<&'v str>>> {
    match claim.get("scope") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(scope)) => name(scope, at, "claim.scope.name").map(Some),
        Some(_) => Err(invalid("condition.scope", format_args!("{at}.claim.scope"), "a scope is an object")),
    }
}

fn name<'v>(members: &'v Map<String, Value>, at: Place<'_>, below: &str) -> Result<Option<&'v str>> {
    match members.get("name") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(name)) if name.len() <= LONGEST => Ok(Some(name)),
        Some(Value::String(_)) => {
            Err(invalid("condition.size", format_args!("{at}.{below}"), "the name is too long"))
        }
        Some(_) => Err(invalid("condition.name", format_args!("{at}.{below}"), "a name is a text")),
    }
}

/// The names from the outermost claim down. None where a part has no name: no claim is found there.
fn names(claim: &Map<String, Value>, at: Place<'_>) -> Result<Option<Box<[Box<str>]>>> {
    let mut names = Vec::new();
    let mut claim = claim;
    loop {
        if names.len() >= DEEPEST {
            return Err(invalid("condition.depth", at, "the claims are nested too deep"));
        }
        match name(claim, at, "claim.name")? {
            Some(name) => names.push(name.into()),
            None => return Ok(None),
        }
        match claim.get("main") {
            None | Some(Value::Null) => break,
            Some(Value::Object(main)) => claim = main,
            Some(_) => return Ok(None),
        }
    }
    names.reverse();
    Ok(Some(names.into()))
}

/// The claim's type: of several spellings the last one counts, as when the provider changes the keys.
fn value_type(claim: &Map<String, Value>) -> &str {
    let spells =
        |key: &str| matches!(key, "valueType" | "value_type" | "value-type" | "value_Type" | "value-Type");
    let last = claim.iter().rev().find(|(key, _)| spells(key)).map(|(_, value)| value);
    last.and_then(Value::as_str).unwrap_or_default()
}
