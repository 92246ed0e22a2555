//! The order of scope hashes: members sorted at every level, by UTF-16 code units.
//!
//! A list that stands in a list, or at the top, is written as an object with index keys. That is a slip of the
//! provider's own function, and part of every hash since.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::{
    canonical::{Member, begin_member, indices_first, string, write_scalar},
    depth::{DEEPEST, too_deep},
};
use crate::error::Error;

/// Writes a value as [`canonical`](super::canonical) does after sorting it for a scope hash.
///
/// ```
/// # fn main() -> kyckit::Result<()> {
/// let value = serde_json::json!({"b": [[3, 1]], "a": 2});
/// assert_eq!(kyckit::credify::json::unified(&value)?, r#"{"a":2,"b":[{"0":3,"1":1}]}"#);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`InvalidRequest`](crate::ErrorKind::InvalidRequest) for a value that is nested deeper than 128 levels.
pub fn unified(value: &Value) -> Result<String, Error> {
    let mut text = String::with_capacity(256);
    write(&mut text, value, Place::Element, DEEPEST)?;
    Ok(text)
}

/// [`unified`] of an object with one member added or replaced, without a copy of the others.
pub(crate) fn unified_object(
    members: &Map<String, Value>,
    added: Option<(&str, &str)>,
) -> Result<String, Error> {
    let mut text = String::with_capacity(256);
    object(&mut text, members, added, DEEPEST)?;
    Ok(text)
}

/// Where a list stands decides what it is written as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the top or in a list.
    Element,
    /// Under a name, also an index key.
    Member,
}

fn write(out: &mut String, value: &Value, place: Place, depth: usize) -> Result<(), Error> {
    match value {
        Value::Array(list) => {
            let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
            let (open, close, inner) = match place {
                Place::Element => ('{', '}', Place::Member),
                Place::Member => ('[', ']', Place::Element),
            };
            out.push(open);
            for (position, value) in list.iter().enumerate() {
                if place == Place::Element {
                    begin_member(out, position, &position.to_string());
                } else if position > 0 {
                    out.push(',');
                }
                write(out, value, inner, depth)?;
            }
            out.push(close);
            Ok(())
        }
        Value::Object(members) => object(out, members, None, depth),
        scalar => write_scalar(out, scalar),
    }
}

fn object(
    out: &mut String,
    members: &Map<String, Value>,
    added: Option<(&str, &str)>,
    depth: usize,
) -> Result<(), Error> {
    let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
    let replaced = added.map(|(name, _)| name);
    let mut all: Vec<(&str, Member<'_>)> = members
        .iter()
        .filter(|(name, _)| Some(name.as_str()) != replaced)
        .map(|(name, value)| (name.as_str(), Member::Value(value)))
        .chain(added.map(|(name, text)| (name, Member::Text(text))))
        .collect();
    all.sort_unstable_by(|(left, _), (right, _)| utf16_order(left, right));
    if all.iter().any(|(name, _)| name.starts_with(|first: char| first.is_ascii_digit())) {
        indices_first(&mut all);
    }
    out.push('{');
    for (position, (name, member)) in all.into_iter().enumerate() {
        begin_member(out, position, name);
        match member {
            Member::Text(text) => string(out, text),
            Member::Value(value) => write(out, value, Place::Member, depth)?,
        }
    }
    out.push('}');
    Ok(())
}

/// Compares as JavaScript compares texts.
///
/// Bytes of UTF-8 are in the order of code points. Code units of UTF-16 differ from that in one case: what is above
/// U+FFFF, four bytes in UTF-8, is written with surrogates, which come before U+E000.
fn utf16_order(left: &str, right: &str) -> Ordering {
    match left.bytes().zip(right.bytes()).find(|(left, right)| left != right) {
        None => left.len().cmp(&right.len()),
        Some((0xf0.., 0xee..0xf0)) => Ordering::Less,
        Some((0xee..0xf0, 0xf0..)) => Ordering::Greater,
        Some((left, right)) => left.cmp(&right),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn texts_are_in_the_order_of_their_code_units(left in ".{0,5}", right in ".{0,5}") {
            prop_assert_eq!(utf16_order(&left, &right), left.encode_utf16().cmp(right.encode_utf16()));
        }

        #[test]
        fn the_edges_of_the_planes_are_in_the_order_of_their_code_units(
            left in "[a\u{d7ff}\u{e000}\u{ff5e}\u{ffff}\u{10000}\u{1f600}\u{10ffff}]{0,4}",
            right in "[a\u{d7ff}\u{e000}\u{ff5e}\u{ffff}\u{10000}\u{1f600}\u{10ffff}]{0,4}",
        ) {
            prop_assert_eq!(utf16_order(&left, &right), left.encode_utf16().cmp(right.encode_utf16()));
        }

        /// The order in which members were added does not show.
        #[test]
        fn the_order_of_members_makes_no_difference(
            members in prop::collection::btree_map("[0-9]{1,3}|.{0,4}", any::<u8>(), 0..8),
            turns in 0_usize..8,
        ) {
            let mut turned: Vec<_> = members.clone().into_iter().collect();
            let turns = turns.checked_rem(turned.len()).unwrap_or_default();
            turned.rotate_left(turns);
            let object = |members: Vec<(String, u8)>| -> Value {
                Value::Object(members.into_iter().map(|(name, value)| (name, json!(value))).collect())
            };
            prop_assert_eq!(
                unified(&object(turned)).expect("written"),
                unified(&object(members.into_iter().collect())).expect("written")
            );
        }
    }

    #[test]
    fn lists_in_lists_become_objects_and_lists_in_those_are_lists_again() {
        for (value, text) in [
            (json!({"m": [[3, 1]]}), r#"{"m":[{"0":3,"1":1}]}"#),
            (json!({"m": [[[2, 1]]]}), r#"{"m":[{"0":[2,1]}]}"#),
            (json!([]), "{}"),
            (json!([1, [2]]), r#"{"0":1,"1":[2]}"#),
            (json!("x"), r#""x""#),
        ] {
            assert_eq!(unified(&value).expect("written"), text);
        }
    }

    #[test]
    fn an_added_member_is_sorted_in_and_replaces_one_of_its_name() {
        let Value::Object(members) = json!({"b": 1, "s:commitment": "old"}) else { panic!("an object") };
        assert_eq!(
            unified_object(&members, Some(("s:commitment", "new"))).expect("written"),
            r#"{"b":1,"s:commitment":"new"}"#
        );
        assert_eq!(
            unified_object(&members, Some(("a", "new"))).expect("written"),
            r#"{"a":"new","b":1,"s:commitment":"old"}"#
        );
    }

    #[test]
    fn a_value_nested_too_deep_is_refused() {
        let deep =
            (0..10_000).fold(json!(1), |inner, _| Value::Object(Map::from_iter([("a".to_owned(), inner)])));
        assert_eq!(unified(&deep).expect_err("refused").kind(), crate::ErrorKind::InvalidRequest);
        // To drop it takes more of the stack than a test's thread has.
        std::mem::forget(deep);
    }
}
