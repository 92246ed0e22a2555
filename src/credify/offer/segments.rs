//! Segments: how many users fit each of several conditions.

use serde_json::Value;

use super::{
    claim,
    condition::{Compiler, Node, Paths, Place, Rules, invalid},
    evaluate::required_scopes,
};
use crate::error::Result;

/// How many segments are counted at once.
const MOST: usize = 4_096;

/// Conditions of which each stands for a segment: the users who satisfy it and hold the scopes that are required beside
/// it.
///
/// Unlike the [levels](super::Levels) of an offer, segments do not build on each other.
///
/// ```
/// use kyckit::credify::offer::Segments;
/// use serde_json::json;
///
/// let condition = json!({
///     "kind": "CONTAIN_CONDITION",
///     "claim": {"name": "tier", "value_type": "TEXT", "scope": {"name": "loyalty"}},
///     "value": "gold",
/// });
/// let segments = Segments::compile(&[condition, json!(null)], &[json!([]), json!(["address"])])?;
/// let mut counts = [0; 2];
/// for claims in [json!({"loyalty": {"tier": "gold plus"}, "address": {}}), json!({"loyalty": {"tier": "gold"}})] {
///     segments.count_user(&claims, &mut counts);
/// }
/// assert_eq!(counts, [2, 1]);
/// # Ok::<(), kyckit::Error>(())
/// ```
pub struct Segments {
    pub(crate) list: Box<[Segment]>,
    pub(crate) paths: Paths,
}

pub(crate) struct Segment {
    pub condition: Node,
    pub required: Box<[Box<str>]>,
}

impl Segments {
    /// Reads conditions, and for each of them the required custom scopes, as the provider sends them. An entry that is
    /// null, or otherwise nothing to JavaScript, asks for nothing.
    ///
    /// # Errors
    ///
    /// As [`Levels::compile`](super::Levels::compile), and `condition.length` when the two lists differ in length.
    pub fn compile(conditions: &[Value], required_custom_scopes: &[Value]) -> Result<Self> {
        Self::compile_with(conditions, required_custom_scopes, &Rules::new())
    }

    /// The same by other rules.
    ///
    /// # Errors
    ///
    /// As [`compile`](Self::compile).
    pub fn compile_with(
        conditions: &[Value],
        required_custom_scopes: &[Value],
        rules: &Rules,
    ) -> Result<Self> {
        if conditions.len() != required_custom_scopes.len() {
            let what = "conditions and required scopes must be of one length";
            return Err(invalid("condition.length", "required_custom_scopes", what));
        }
        if conditions.len() > MOST {
            return Err(invalid("condition.size", "conditions", "there are too many entries"));
        }
        let mut compiler = Compiler::new(rules);
        let list = conditions.iter().zip(required_custom_scopes).enumerate();
        let list = list.map(|(index, (condition, required))| {
            let condition = compiler.entry(condition, Place::Entry("conditions", index), &mut Vec::new())?;
            Ok(Segment { condition, required: required_scopes(Some(required), index)? })
        });
        let list = list.collect::<Result<_>>()?;
        Ok(Self { list, paths: compiler.paths })
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds one to the count of each segment that a user belongs to. Allocates nothing. Counts beyond the number of
    /// segments stay as they are.
    ///
    /// A user without any claims (null) belongs to none.
    pub fn count_user(&self, claims: &Value, counts: &mut [u64]) {
        if claims.is_null() {
            return;
        }
        for (segment, count) in self.list.iter().zip(counts) {
            let fits = segment.condition.holds(&self.paths, claims)
                && segment.required.iter().all(|scope| claim::has(claims, scope));
            *count += u64::from(fits);
        }
    }
}

crate::privacy::redacted_debug!(Segments { len: |this| this.len(), .. });
