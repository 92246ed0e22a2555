//! Reading an authentic message although a side member of it is not of the documented type.
//!
//! A provider that sends `false` for a missing text in one corner of a signed decision must not make the decision
//! unreadable. What a decision, a reference, an amount, a token or the identity of an object rests on is named by each
//! message as *strict*: it has to be there and of its type, else the message is refused with the path of the member.
//! Any other member that cannot be read becomes absent, and is kept as an [`UnreadMember`].
//!
//! A message in which everything is as documented is parsed once, straight into its type. Only when that fails, the
//! text is parsed into a tree; the member that the failure names is taken out, and the rest is read again.

use std::{collections::BTreeMap, fmt};

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use super::{json::Checked, unique};
use crate::{error::Sanitized, privacy::Pii};

/// After so many unread members, whole members of the message are taken out instead of single places in them.
const MAX_SINGLE: usize = 64;

/// After so many, the message is refused: it has nothing in common with the documented one.
const MAX_UNREAD: usize = 128;

/// A member of a message that could not be read as what it is documented to be, and that nothing rests on.
///
/// `Debug` shows the path; names that do not look like names of members are redacted in it.
///
/// ```
/// use kyckit::UnreadMember;
///
/// fn report(unread: &[UnreadMember]) {
///     for member in unread {
///         println!("not as documented: {}", member.path());
///     }
/// }
/// # report(&[]);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct UnreadMember {
    path: String,
    json: Pii<Value>,
}

impl UnreadMember {
    /// Path of the member, such as `info.geolocation.host` or `verifications[0].score`. A name in it may come from the
    /// message and be anything.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the unread value.
    pub fn json(&self) -> &Pii<Value> {
        &self.json
    }
}

impl fmt::Debug for UnreadMember {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UnreadMember").field(&format_args!("{}", Sanitized(&self.path))).finish()
    }
}

/// The members of a message that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unread(Vec<UnreadMember>);

impl Unread {
    pub(crate) fn members(&self) -> &[UnreadMember] {
        &self.0
    }

    /// Returns the members at a place or below it, with paths from there.
    pub(crate) fn below(&self, place: &str) -> Self {
        let below = self.0.iter().filter_map(|member| {
            let path = member.path.strip_prefix(place)?;
            let is_below = path.is_empty() || path.starts_with(['.', '[']);
            let path = path.strip_prefix('.').unwrap_or(path);
            is_below.then(|| UnreadMember { path: path.to_owned(), json: member.json.clone() })
        });
        Self(below.collect())
    }

    /// Adds one member.
    pub(crate) fn push(&mut self, path: impl Into<String>, json: Value) {
        self.0.push(UnreadMember { path: path.into(), json: Pii::new(json) });
    }
}

/// A message that is read although side members of it cannot be.
pub(crate) trait Message: DeserializeOwned {
    /// The paths of what has to be of its type: `event`, `data.id`, `items[].id`, `names.*.first`. Everything below
    /// such a place is strict as well, and so is what is above it: without it the strict member would be absent. In
    /// `data?.id` a `data` that is no object at all may become absent, since the message may come without it.
    const STRICT: &'static [&'static str];

    /// Where the message keeps what could not be read of it.
    fn unread_mut(&mut self) -> &mut Unread;
}

/// Why a message cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is no JSON document.
    Syntax,
    /// A member is named twice.
    Repeated,
    /// A strict member is missing or of another type.
    Strict(String),
}

/// Reads a message. See the [module](self).
pub(crate) fn read<T: DeserializeOwned>(
    text: &Checked<'_>,
    strict: &[&str],
) -> Result<(T, Unread), Unreadable> {
    match text.parse() {
        Ok(message) => Ok((message, Unread::default())),
        Err(_) => {
            let tree: Value = text.parse().map_err(|_| Unreadable::Syntax)?;
            // A tree keeps the last of two members with one name; another reader may keep the first.
            if !unique::is_unique(text) {
                return Err(Unreadable::Repeated);
            }
            read_value(tree, strict)
        }
    }
}

/// Reads a message, or a part of one, that is parsed already.
pub(crate) fn read_value<T: DeserializeOwned>(
    mut tree: Value,
    strict: &[&str],
) -> Result<(T, Unread), Unreadable> {
    let strict: Vec<Strict<'_>> = strict.iter().map(|path| Strict::new(path)).collect();
    let is_strict = |place: &[Step]| strict.iter().any(|strict| strict.covers(place));
    let is_optional = |place: &[Step]| {
        let mut strict = strict.iter().filter(|strict| strict.covers(place)).peekable();
        strict.peek().is_some() && strict.all(|strict| strict.optional.contains(&place.len()))
    };
    let mut removed = Removed::default();
    let mut unread = Unread::default();
    loop {
        let fault = match attempt(&tree) {
            Ok(message) => return Ok((message, unread)),
            Err(fault) => fault,
        };
        let refused = || Unreadable::Strict(display(&removed.original(&fault.named())));
        // A missing member that is strict is at fault itself; one that is not, its object.
        if fault.missing.is_some() && is_strict(&fault.named()) {
            return Err(refused());
        }
        // Some readers lose the path below an object: which of its members is it?
        let mut place = match culprit::<T>(&mut tree, &fault, &is_strict) {
            Some(place) => place,
            None if fault.place.is_empty() => return Err(refused()),
            None if is_strict(&fault.place) && !is_optional(&fault.place) => return Err(refused()),
            None => fault.place.clone(),
        };
        if unread.0.len() >= MAX_SINGLE
            && let Some(whole) =
                (1..place.len()).map(|length| &place[..length]).find(|place| !is_strict(place))
        {
            place = whole.to_vec();
        }
        if unread.0.len() >= MAX_UNREAD {
            return Err(refused());
        }
        let original = display(&removed.original(&place));
        let Some((_, json)) = take(&mut tree, &place) else { return Err(refused()) };
        removed.add(&place);
        unread.push(original, json);
    }
}

/// What a member that a reader picks out of a tree is documented to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A text, or a number in its place.
    Text,
    Flag,
    Object,
    List,
    TextOrObject,
}

impl Shape {
    fn fits(self, value: &Value) -> bool {
        match self {
            _ if value.is_null() => true,
            Self::Text => value.is_string() || value.is_number(),
            Self::Flag => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::List => value.is_array(),
            Self::TextOrObject => Self::Text.fits(value) || value.is_object(),
        }
    }
}

/// Takes the members out of a tree that are not what they are documented to be, for readers that pick members out of a
/// tree and pass over what does not fit.
pub(crate) fn prune(tree: &mut Value, shapes: &[(&str, Shape)]) -> Unread {
    let mut faulty: BTreeMap<Vec<Step>, Value> = BTreeMap::new();
    for (path, shape) in shapes {
        let mut places = vec![(Vec::new(), &*tree)];
        for pattern in Strict::new(path).steps {
            places = places.into_iter().flat_map(|(place, value)| below(&place, value, pattern)).collect();
        }
        let unfit = places.into_iter().filter(|(_, value)| !shape.fits(value));
        faulty.extend(unfit.map(|(place, value)| (place, value.clone())));
    }
    let mut unread = Unread::default();
    // From the end, so that the places in a list stay what they are.
    for place in faulty.keys().rev() {
        take(tree, place);
    }
    for (place, json) in faulty {
        unread.push(display(&place), json);
    }
    unread
}

fn below<'a>(place: &[Step], value: &'a Value, pattern: Pattern<'_>) -> Vec<(Vec<Step>, &'a Value)> {
    let at = |step, value| (place.iter().cloned().chain([step]).collect(), value);
    match (value, pattern) {
        (Value::Object(members), Pattern::Name(name)) => {
            members.get(name).map(|value| at(Step::Name(name.to_owned()), value)).into_iter().collect()
        }
        (Value::Object(members), Pattern::AnyName) => {
            members.iter().map(|(name, value)| at(Step::Name(name.clone()), value)).collect()
        }
        (Value::Array(list), Pattern::AnyIndex) => {
            list.iter().enumerate().map(|(index, value)| at(Step::Index(index), value)).collect()
        }
        _ => Vec::new(),
    }
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Name(String),
    Index(usize),
}

#[derive(Debug)]
struct Fault {
    place: Vec<Step>,
    /// The name of a member that is missing there.
    missing: Option<String>,
}

impl Fault {
    /// The path of what is at fault.
    fn named(&self) -> Vec<Step> {
        self.place.iter().cloned().chain(self.missing.clone().map(Step::Name)).collect()
    }
}

fn attempt<T: DeserializeOwned>(tree: &Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(tree).map_err(|error| {
        let place = error
            .path()
            .iter()
            .map_while(|segment| match segment {
                Segment::Seq { index } => Some(Step::Index(*index)),
                Segment::Map { key } => Some(Step::Name(key.clone())),
                // Behind these the path is not one of the tree.
                Segment::Enum { .. } | Segment::Unknown => None,
            })
            .collect();
        Fault { place, missing: missing_field(error.inner()) }
    })
}

/// serde says "missing field `x`" and places the error at the parent.
pub(crate) fn missing_field(error: &serde_json::Error) -> Option<String> {
    if !error.is_data() {
        return None;
    }
    let text = error.to_string();
    let name = text.strip_prefix("missing field `")?.split('`').next()?;
    Some(name.to_owned())
}

/// Some readers report the object around a member that they cannot read: the smallest place below, without which the
/// reader comes further.
fn culprit<T: DeserializeOwned>(
    tree: &mut Value,
    fault: &Fault,
    is_strict: &dyn Fn(&[Step]) -> bool,
) -> Option<Vec<Step>> {
    let mut place = fault.place.clone();
    let mut found = None;
    while let Some(child) = children(tree, &place).into_iter().find(|child| {
        if is_strict(child) {
            return false;
        }
        let Some((at, json)) = take(tree, child) else { return false };
        let after = attempt::<T>(tree);
        put(tree, child, at, json);
        after.map_or_else(|after| after.place != fault.place, |_| true)
    }) {
        found = Some(child.clone());
        place = child;
    }
    found
}

/// The places one step below, of what is not too large to be tried one by one.
fn children(tree: &Value, place: &[Step]) -> Vec<Vec<Step>> {
    let below = |step| place.iter().cloned().chain([step]).collect();
    match get(tree, place) {
        // Readers of lists do not lose the path; and an object without its only member may be read as nothing at all.
        Some(Value::Object(members)) if (2..=MAX_SINGLE).contains(&members.len()) => {
            members.keys().map(|name| below(Step::Name(name.clone()))).collect()
        }
        _ => Vec::new(),
    }
}

fn get<'a>(tree: &'a Value, place: &[Step]) -> Option<&'a Value> {
    place.iter().try_fold(tree, |value, step| match step {
        Step::Name(name) => value.get(name),
        Step::Index(index) => value.get(index),
    })
}

fn parent<'a, 'b>(tree: &'a mut Value, place: &'b [Step]) -> Option<(&'a mut Value, &'b Step)> {
    let (last, parents) = place.split_last()?;
    let parent = parents.iter().try_fold(tree, |value, step| match step {
        Step::Name(name) => value.get_mut(name),
        Step::Index(index) => value.get_mut(index),
    })?;
    Some((parent, last))
}

/// Takes a value out, with its position.
fn take(tree: &mut Value, place: &[Step]) -> Option<(usize, Value)> {
    match parent(tree, place)? {
        (Value::Object(members), Step::Name(name)) => {
            let at = members.keys().position(|key| key == name)?;
            Some((at, members.shift_remove(name)?))
        }
        (Value::Array(list), Step::Index(index)) if *index < list.len() => {
            Some((*index, list.remove(*index)))
        }
        _ => None,
    }
}

/// Puts a value back where it was taken from.
fn put(tree: &mut Value, place: &[Step], at: usize, json: Value) {
    match parent(tree, place) {
        Some((Value::Object(members), Step::Name(name))) => {
            members.shift_insert(at, name.clone(), json);
        }
        Some((Value::Array(list), Step::Index(_))) => list.insert(at, json),
        _ => {}
    }
}

/// What was taken out of lists: an element's place in the message is another than the one in what is left of it.
#[derive(Default)]
struct Removed(BTreeMap<Vec<Step>, Vec<usize>>);

impl Removed {
    fn add(&mut self, place: &[Step]) {
        let original = self.original(place);
        if let Some((Step::Index(index), parents)) = original.split_last() {
            let removed = self.0.entry(parents.to_vec()).or_default();
            removed.push(*index);
            removed.sort_unstable();
        }
    }

    /// A place in the message as it came.
    fn original(&self, place: &[Step]) -> Vec<Step> {
        let mut original = Vec::with_capacity(place.len());
        for step in place {
            let step = match step {
                Step::Name(name) => Step::Name(name.clone()),
                Step::Index(index) => {
                    let removed = self.0.get(&original).map(Vec::as_slice).unwrap_or_default();
                    Step::Index(
                        removed.iter().fold(*index, |index, gone| index + usize::from(*gone <= index)),
                    )
                }
            };
            original.push(step);
        }
        original
    }
}

fn display(place: &[Step]) -> String {
    let mut path = String::new();
    for step in place {
        match step {
            Step::Index(index) => path.push_str(&format!("[{index}]")),
            Step::Name(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
        }
    }
    if path.is_empty() { ".".to_owned() } else { path }
}

/// One step of a strict path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pattern<'a> {
    Name(&'a str),
    AnyName,
    AnyIndex,
}

/// A strict path.
struct Strict<'a> {
    steps: Vec<Pattern<'a>>,
    /// The lengths of the beginnings that the message may come without.
    optional: Vec<usize>,
}

impl<'a> Strict<'a> {
    fn new(path: &'a str) -> Self {
        let (mut steps, mut optional) = (Vec::new(), Vec::new());
        for part in path.split('.') {
            let (name, marks) = part.split_at(part.find(['[', '?']).unwrap_or(part.len()));
            match name {
                "" => {}
                "*" => steps.push(Pattern::AnyName),
                name => steps.push(Pattern::Name(name)),
            }
            for mark in marks.chars() {
                match mark {
                    '[' => steps.push(Pattern::AnyIndex),
                    '?' => optional.push(steps.len()),
                    _ => {}
                }
            }
        }
        Self { steps, optional }
    }

    /// Whether a place is the strict one, below it, or above it.
    fn covers(&self, place: &[Step]) -> bool {
        self.steps.iter().zip(place).all(|(pattern, step)| match (pattern, step) {
            (Pattern::Name(expected), Step::Name(name)) => expected == name,
            (Pattern::AnyName, Step::Name(_)) | (Pattern::AnyIndex, Step::Index(_)) => true,
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;
    use crate::wire::{self, json::check};

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Outer {
        event: String,
        age: Option<u32>,
        #[serde(deserialize_with = "wire::object")]
        info: Info,
        names: Vec<String>,
        items: Vec<Item>,
        either: Option<Either>,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Info {
        host: Option<String>,
        ports: Vec<u16>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Item {
        id: String,
        #[serde(default)]
        score: Option<f64>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Either {
        Named { name: String, size: Option<u32> },
        Bare(String),
    }

    const STRICT: &[&str] = &["event", "items[].id", "info?.ports[]"];

    fn read(body: Value) -> (Outer, Vec<(String, Value)>) {
        let text = body.to_string();
        let (outer, unread) = super::read(&check(text.as_bytes()).expect("JSON"), STRICT).expect("read");
        (outer, unread.0.into_iter().map(|member| (member.path, member.json.into_exposed())).collect())
    }

    fn refused(text: &str) -> Unreadable {
        super::read::<Outer>(&check(text.as_bytes()).expect("checked"), STRICT).expect_err("refused")
    }

    #[test]
    fn a_side_member_that_does_not_fit_becomes_absent_and_is_kept() {
        let (outer, unread) =
            read(json!({"event": "a", "age": "N/A", "info": {"host": false, "ports": [1]}}));
        assert_eq!((outer.event.as_str(), outer.age, outer.info.host), ("a", None, None));
        assert_eq!(outer.info.ports, [1]);
        assert_eq!(unread, [("age".into(), json!("N/A")), ("info.host".into(), json!(false))]);
        let (_, unread) = read(json!({"event": "a", "info": 7}));
        assert_eq!(unread, [("info".into(), json!(7))]);
    }

    #[test]
    fn places_in_lists_are_those_of_the_message() {
        let (outer, unread) = read(json!({"event": "a", "names": ["x", 1, "y", {}, 2, "z"]}));
        assert_eq!(outer.names, ["x", "y", "z"]);
        assert_eq!(
            unread.into_iter().map(|(path, _)| path).collect::<Vec<_>>(),
            ["names[1]", "names[3]", "names[4]"]
        );
    }

    #[test]
    fn where_a_reader_loses_the_path_the_smallest_place_is_found() {
        let (outer, unread) = read(json!({"event": "a", "either": {"name": "n", "size": "large"}}));
        assert_eq!(outer.either, Some(Either::Named { name: "n".into(), size: None }));
        assert_eq!(unread, [("either.size".into(), json!("large"))]);
        let (outer, unread) = read(json!({"event": "a", "either": 7}));
        assert_eq!((outer.either, unread), (None, vec![("either".into(), json!(7))]));
    }

    #[test]
    fn a_strict_member_is_an_error_with_its_path() {
        assert_eq!(refused(r#"{"event":7,"age":"x"}"#), Unreadable::Strict("event".into()));
        assert_eq!(refused(r#"{"items":[{"id":"a"},{"id":1}]}"#), Unreadable::Strict("items[1].id".into()));
        assert_eq!(refused(r#"{"items":[{"score":1}]}"#), Unreadable::Strict("items[0].id".into()));
        assert_eq!(refused(r#"{"items":{}}"#), Unreadable::Strict("items".into()));
        assert_eq!(refused(r#"{"items":["x"]}"#), Unreadable::Strict("items[0]".into()));
        assert_eq!(refused(r#"{"info":{"ports":[1,"x"]}}"#), Unreadable::Strict("info.ports[1]".into()));
        assert_eq!(refused(r#"{"info":{"ports":{}}}"#), Unreadable::Strict("info.ports".into()));
        assert_eq!(refused("[]x"), Unreadable::Syntax);
        assert_eq!(refused("7"), Unreadable::Strict(".".into()));
        let (outer, unread) = read(json!({"event": "a", "items": [{"id": "i", "score": "high"}]}));
        assert_eq!(outer.items[0].id, "i");
        assert_eq!(unread, [("items[0].score".into(), json!("high"))]);
    }

    #[test]
    fn a_member_named_twice_is_refused_and_not_repaired() {
        assert_eq!(refused(r#"{"event":"a","event":"b"}"#), Unreadable::Repeated);
        assert_eq!(refused(r#"{"event":"a","age":false,"info":{"x":1,"x":2}}"#), Unreadable::Repeated);
    }

    #[test]
    fn a_message_full_of_faults_ends() {
        let (outer, unread) = read(json!({"event": "a", "names": vec![1; 1000]}));
        assert!(outer.names.is_empty());
        assert_eq!(unread.len(), MAX_SINGLE + 1);
        assert_eq!(unread.last().map(|(path, _)| path.as_str()), Some("names"));
        let info: serde_json::Map<_, _> =
            (0..300).map(|number| (format!("host{number}"), json!(number))).collect();
        assert!(read(json!({"event": "a", "info": info})).1.is_empty());
    }

    #[test]
    fn debug_shows_no_value() {
        let (_, unread) = super::read::<Outer>(
            &check(br#"{"event":"a","info":{"host":["Jane Roe"]}}"#).expect("JSON"),
            STRICT,
        )
        .expect("read");
        assert_eq!(format!("{unread:?}"), "Unread([UnreadMember(info.host)])");
    }
}

/// The property that holds for every message: for tests of the providers.
#[cfg(test)]
pub(crate) mod property {
    use proptest::{
        prelude::*,
        strategy::ValueTree,
        test_runner::{Config, TestRunner},
    };
    use serde_json::json;

    use super::*;
    use crate::{Error, ErrorKind};

    /// Texts that no `Value` can hold, by what stands for them until the message is printed.
    const SPELLED: [(&str, &str); 3] =
        [("<half>", r#""\ud800""#), ("<halves>", r#""a\udc00\ud800b""#), ("<huge>", "1e400")];

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e6..1e6).prop_map(Value::from),
            Just(json!(0)),
            Just(json!(1)),
            ".{0,12}".prop_map(Value::from),
            "[0-9]{1,4}".prop_map(Value::from),
            Just(json!("")),
            Just(json!("N/A")),
            Just(json!("98%")),
            Just(json!("$serde_json::private::RawValue")),
            Just(Value::from("x".repeat(20_000))),
            prop::sample::select(SPELLED.map(|(stand_in, _)| Value::from(stand_in)).to_vec()),
        ];
        let tree = leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-z0-9_]{0,5}", inner, 0..3).prop_map(|map| json!(map)),
            ]
        });
        prop_oneof![
            20 => tree,
            1 => (1_usize..50).prop_map(|depth| (0..depth).fold(json!("deep"), |value, _| json!([value]))),
            1 => (1_usize..50).prop_map(|depth| (0..depth).fold(json!("deep"), |value, _| json!({ "a": value }))),
        ]
    }

    /// All places of a message below its root.
    fn places(value: &Value, above: &[Step], found: &mut Vec<Vec<Step>>) {
        let below: Vec<(Step, &Value)> = match value {
            Value::Object(members) => {
                members.iter().map(|(name, value)| (Step::Name(name.clone()), value)).collect()
            }
            Value::Array(list) => {
                list.iter().enumerate().map(|(index, value)| (Step::Index(index), value)).collect()
            }
            _ => Vec::new(),
        };
        for (step, value) in below {
            let place: Vec<_> = above.iter().cloned().chain([step]).collect();
            places(value, &place, found);
            found.push(place);
        }
    }

    fn spelled(message: &Value) -> String {
        SPELLED.iter().fold(message.to_string(), |text, (stand_in, spelling)| {
            text.replace(&format!("\"{stand_in}\""), spelling)
        })
    }

    fn related(one: &str, other: &str) -> bool {
        let below = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        below(one, other) || below(other, one)
    }

    /// Replaces one member of one of the messages by any JSON, many times. Where nothing rests on the member, the
    /// message is read: either the new value counts as one of the documented forms, or the member is absent and listed.
    /// Where something rests on it, the message is read or refused with the path.
    ///
    /// `shown` is what an application sees of a message. It must be the same for a message with an unread member and
    /// for one without the member.
    pub(crate) fn holds<T>(
        messages: &[Value],
        strict: &[impl AsRef<str>],
        read: impl Fn(&[u8]) -> Result<T, Error>,
        unread: impl Fn(&T) -> &[UnreadMember],
        shown: impl Fn(&T) -> String,
    ) {
        let strict: Vec<_> = strict.iter().map(|path| Strict::new(path.as_ref())).collect();
        let all: Vec<_> = messages
            .iter()
            .map(|message| {
                let (mut places_of, none) = (Vec::new(), read(message.to_string().as_bytes()));
                assert!(none.is_ok_and(|message| unread(&message).is_empty()), "read as it is: {message}");
                places(message, &[], &mut places_of);
                (message, places_of)
            })
            .collect();
        let mut runner = TestRunner::deterministic();
        let config = Config { cases: 10_000, ..Config::default() };
        let replacements = any_json();
        let (mut absent, mut refused, mut taken) = (0, 0, 0);
        for _ in 0..config.cases {
            let (message, places) = &all[(0..all.len()).new_tree(&mut runner).expect("a tree").current()];
            let place = &places[(0..places.len()).new_tree(&mut runner).expect("a tree").current()];
            let json = replacements.new_tree(&mut runner).expect("a tree").current();
            let mut changed = (*message).clone();
            if let Some((parent, last)) = parent(&mut changed, place) {
                match last {
                    Step::Name(name) => parent[name.as_str()] = json,
                    Step::Index(index) => parent[*index] = json,
                }
            }
            let (text, path) = (spelled(&changed), display(place));
            match read(text.as_bytes()) {
                Ok(message) => match unread(&message) {
                    [] => taken += 1,
                    [one] if one.path() == path => {
                        absent += 1;
                        take(&mut changed, place);
                        let without = read(spelled(&changed).as_bytes()).expect("without the member");
                        assert_eq!(shown(&message), shown(&without), "{path}: {text}");
                    }
                    several => {
                        absent += 1;
                        assert!(
                            several.iter().any(|member| related(member.path(), &path)),
                            "{path}: {several:?}: {text}"
                        );
                    }
                },
                Err(error) => {
                    refused += 1;
                    assert_eq!(error.kind(), ErrorKind::Decode, "{path}: {text}");
                    assert!(strict.iter().any(|strict| strict.covers(place)), "{path}: {error}: {text}");
                    assert!(related(error.path().unwrap_or_default(), &path), "{path}: {error}: {text}");
                }
            }
        }
        // A run that saw none of one kind has tested nothing.
        assert!(absent > 100 && taken > 100, "{absent} absent, {taken} taken, {refused} refused");
    }
}
