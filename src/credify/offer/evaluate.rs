//! The levels of an offer, and the rank that a user's claims reach.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use super::{
    claim,
    condition::{Compiler, Node, Paths, Place, Rules, invalid},
};
use crate::error::Result;

/// How many levels an offer may have.
const MOST: usize = 4_096;

/// Ranks one user. Compile [`Levels`] to rank many.
///
/// Each of the three may be null: the rank is then 0, without lists.
///
/// # Errors
///
/// As [`Levels::compile`].
pub fn evaluate(
    conditions: &Value,
    required_custom_scopes: &Value,
    claims: &Value,
) -> Result<Evaluation<'static>> {
    evaluate_with(conditions, required_custom_scopes, claims, &Rules::new())
}

/// The same by other rules.
pub(in crate::credify) fn evaluate_with(
    conditions: &Value,
    required_custom_scopes: &Value,
    claims: &Value,
    rules: &Rules,
) -> Result<Evaluation<'static>> {
    if claims.is_null() {
        return Ok(Evaluation { rank: 0, lists: None });
    }
    Ok(Levels::compile_with(conditions, required_custom_scopes, rules)?.evaluate(claims).into_owned())
}

/// The levels of an offer: level `i` asks for condition `i` and for the required custom scopes `i`.
///
/// Compiled once, it ranks any number of users, from any number of threads.
///
/// ```
/// use kyckit::credify::offer::Levels;
/// use serde_json::json;
///
/// let conditions = json!([
///     {
///         "kind": "IN_RANGE_CONDITION",
///         "claim": {"name": "points", "value_type": "INTEGER", "scope": {"name": "loyalty"}},
///         "value": 100,
///         "upper": 500,
///     },
/// ]);
/// let levels = Levels::compile(&conditions, &json!([["loyalty"], ["address"]]))?;
///
/// let evaluation = levels.evaluate(&json!({"loyalty": {"points": 150}}));
/// assert_eq!(evaluation.rank(), 1);
/// assert_eq!(
///     serde_json::to_value(&evaluation).ok(),
///     Some(json!({"rank": 1, "used_scopes": ["loyalty"], "requested_scopes": ["loyalty", "address"]})),
/// );
/// # Ok::<(), kyckit::Error>(())
/// ```
pub struct Levels {
    levels: Box<[Level]>,
    paths: Paths,
    /// What all levels ask for, each scope once. What the first levels use is the beginning of it.
    scopes: Box<[Arc<str>]>,
}

struct Level {
    condition: Node,
    required: Box<[Box<str>]>,
    /// How many scopes this level and those before it use.
    uses: usize,
}

impl Levels {
    /// Reads conditions and required custom scopes as the provider sends them.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) where the provider's evaluator fails on any claims, and
    /// where the input is nested deeper than 64 levels or too large. [`check`](crate::Error::check) is one of
    /// `condition.form`, `condition.claim`, `condition.scope`, `condition.name`, `condition.subconditions`,
    /// `condition.required`, `condition.depth` and `condition.size`; [`path`](crate::Error::path) says where.
    pub fn compile(conditions: &Value, required_custom_scopes: &Value) -> Result<Self> {
        Self::compile_with(conditions, required_custom_scopes, &Rules::new())
    }

    /// The same by other rules.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile).
    pub fn compile_with(conditions: &Value, required_custom_scopes: &Value, rules: &Rules) -> Result<Self> {
        let mut compiler = Compiler::new(rules);
        let mut levels = Vec::new();
        let mut asked = Asked::default();
        if let (Some(conditions), Some(required)) =
            (list(conditions, "conditions")?, list(required_custom_scopes, "required_custom_scopes")?)
        {
            for index in 0..conditions.len().max(required.len()) {
                let mut scopes = Vec::new();
                let condition = match conditions.get(index) {
                    Some(condition) => {
                        compiler.entry(condition, Place::Entry("conditions", index), &mut scopes)?
                    }
                    None => Node::Pass,
                };
                let required = required_scopes(required.get(index), index)?;
                scopes.into_iter().for_each(|scope| asked.add(&scope));
                required.iter().for_each(|scope| asked.add(scope));
                levels.push(Level { condition, required, uses: asked.list.len() });
            }
        }
        Ok(Self { levels: levels.into(), paths: compiler.paths, scopes: asked.list.into() })
    }

    /// How many levels there are: the highest rank.
    pub fn len(&self) -> usize {
        self.levels.len()
    }

    /// True when there is no level: every rank is 0.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// Ranks a user by the claims: an object that maps scopes to objects of claims. Allocates nothing.
    ///
    /// A claim that is missing, null or of another type lets a comparison fail, and nothing else. For a user without
    /// any claims (null) the rank is 0, without lists.
    pub fn evaluate(&self, claims: &Value) -> Evaluation<'_> {
        if self.levels.is_empty() || claims.is_null() {
            return Evaluation { rank: 0, lists: None };
        }
        let passes = |level: &Level| {
            level.condition.holds(&self.paths, claims)
                && level.required.iter().all(|scope| claim::has(claims, scope))
        };
        let rank = self.levels.iter().take_while(|level| passes(level)).count();
        let used = rank.checked_sub(1).map_or(0, |last| self.levels[last].uses);
        Evaluation { rank, lists: Some((Cow::Borrowed(&self.scopes), used)) }
    }
}

crate::privacy::redacted_debug!(Levels { len: |this| this.len(), .. });

/// Scopes in the order in which they are first asked for.
#[derive(Default)]
struct Asked {
    list: Vec<Arc<str>>,
    known: HashSet<Arc<str>>,
}

impl Asked {
    fn add(&mut self, scope: &str) {
        if !self.known.contains(scope) {
            let scope: Arc<str> = scope.into();
            self.list.push(Arc::clone(&scope));
            self.known.insert(scope);
        }
    }
}

/// A list, or nothing for null.
fn list<'v>(value: &'v Value, name: &'static str) -> Result<Option<&'v [Value]>> {
    match value {
        Value::Null => Ok(None),
        Value::Array(list) if list.len() <= MOST => Ok(Some(list)),
        Value::Array(_) => Err(invalid("condition.size", name, "there are too many entries")),
        _ => Err(invalid("condition.form", name, "is not a list")),
    }
}

/// The scopes of an entry of `required_custom_scopes`; none for null and for an entry that is not there.
pub(super) fn required_scopes(entry: Option<&Value>, index: usize) -> Result<Box<[Box<str>]>> {
    let at = Place::Entry("required_custom_scopes", index);
    match entry {
        None | Some(Value::Null) => Ok(Box::default()),
        Some(Value::Array(scopes)) if scopes.len() <= MOST => scopes
            .iter()
            .map(|scope| match scope {
                Value::String(name) => Ok(name.as_str().into()),
                _ => Err(invalid("condition.required", at, "a scope is named by a text")),
            })
            .collect(),
        Some(Value::Array(_)) => Err(invalid("condition.size", at, "there are too many scopes")),
        Some(_) => Err(invalid("condition.required", at, "the scopes are no list")),
    }
}

/// The rank of a user, with the scopes that were asked for and those that were used.
///
/// Serialises to the provider's form: `rank`, and where there are lists `used_scopes` and `requested_scopes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation<'a> {
    rank: usize,
    lists: Option<(Cow<'a, [Arc<str>]>, usize)>,
}

impl Evaluation<'_> {
    /// How many levels the user passed, from the first one on without a gap. 0: the offer is not for this user.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// The scopes that the passed levels use, each once. None where there was nothing to evaluate.
    pub fn used_scopes(&self) -> Option<&[Arc<str>]> {
        self.lists.as_ref().map(|(scopes, used)| &scopes[..*used])
    }

    /// The scopes that all levels ask for, each once. None where there was nothing to evaluate.
    pub fn requested_scopes(&self) -> Option<&[Arc<str>]> {
        self.lists.as_ref().map(|(scopes, _)| &**scopes)
    }

    /// The same with lists of its own.
    pub fn into_owned(self) -> Evaluation<'static> {
        let lists = self.lists.map(|(scopes, used)| (Cow::Owned(scopes.into_owned()), used));
        Evaluation { rank: self.rank, lists }
    }
}

impl Serialize for Evaluation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Names<'a>(&'a [Arc<str>]);

        impl Serialize for Names<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.iter().map(|name| &**name))
            }
        }

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("rank", &self.rank)?;
        if let (Some(used), Some(requested)) = (self.used_scopes(), self.requested_scopes()) {
            map.serialize_entry("used_scopes", &Names(used))?;
            map.serialize_entry("requested_scopes", &Names(requested))?;
        }
        map.end()
    }
}
