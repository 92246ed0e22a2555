//! Many users in columns: what conditions read of them, and nothing else.
//!
//! Claims are looked up once, when a user is added. A count then runs over arrays, a thousand users at a time: each
//! comparison gives a mask with a bit a user, and a condition joins masks.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    claim::{self, ClaimPath},
    condition::{Bound, Compare, Node, Paths, Test},
    segments::Segments,
};
use crate::error::{Error, ErrorKind, Result};

/// Users that are looked at together: as many as keep a column's part in the processor's first cache.
const BLOCK: usize = 1_024;
const WORDS: usize = BLOCK / 64;

type Mask = [u64; WORDS];

/// Users in columns, to be counted again and again.
///
/// It keeps the claims that the given segments read. It holds personal data: `Debug` shows the number of users alone.
///
/// ```
/// use kyckit::credify::offer::{Population, Segments};
/// use serde_json::json;
///
/// let condition = json!({
///     "kind": "LARGER_THAN_CONDITION",
///     "claim": {"name": "points", "value_type": "INTEGER", "scope": {"name": "loyalty"}},
///     "value": 100,
/// });
/// let segments = Segments::compile(&[condition], &[json!([])])?;
/// let mut population = Population::of([&segments]);
/// for points in [50, 150, 250] {
///     population.add(&json!({"loyalty": {"points": points}}))?;
/// }
/// assert_eq!(population.count(&segments)?, [2]);
/// # Ok::<(), kyckit::Error>(())
/// ```
pub struct Population {
    users: usize,
    /// Users with claims that are not null at all.
    known: Vec<u64>,
    paths: Paths,
    columns: Vec<Column>,
    scopes: HashMap<Box<str>, usize>,
    held: Vec<Vec<u64>>,
}

impl Population {
    /// A population without users that keeps what these segments read.
    pub fn of<'a>(segments: impl IntoIterator<Item = &'a Segments>) -> Self {
        let (mut paths, mut scopes) = (Paths::default(), HashMap::new());
        for segments in segments {
            for path in &segments.paths.list {
                paths.add(path.clone());
            }
            for scope in segments.list.iter().flat_map(|segment| &segment.required) {
                let next = scopes.len();
                scopes.entry(scope.clone()).or_insert(next);
            }
        }
        let columns = paths.list.iter().map(|_| Column::default()).collect();
        let held = vec![Vec::new(); scopes.len()];
        Self { users: 0, known: Vec::new(), paths, columns, scopes, held }
    }

    /// Adds a user by the claims: an object that maps scopes to objects of claims.
    ///
    /// # Errors
    ///
    /// [`TooLarge`](ErrorKind::TooLarge) for more than four thousand million users.
    pub fn add(&mut self, claims: &Value) -> Result<()> {
        if self.users >= u32::MAX as usize - OTHERS as usize {
            return Err(Error::new(ErrorKind::TooLarge, "the population has too many users"));
        }
        for (path, column) in self.paths.list.iter().zip(&mut self.columns) {
            column.add(self.users, path, claims);
        }
        for (scope, index) in &self.scopes {
            set(&mut self.held[*index], self.users, claim::has(claims, scope));
        }
        set(&mut self.known, self.users, !claims.is_null());
        self.users += 1;
        Ok(())
    }

    /// How many users there are.
    pub fn len(&self) -> usize {
        self.users
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.users == 0
    }

    /// How many users belong to each segment.
    ///
    /// # Errors
    ///
    /// As [`prepare`](Self::prepare).
    pub fn count(&self, segments: &Segments) -> Result<Vec<u64>> {
        let mut counts = vec![0; segments.len()];
        self.prepare(segments)?.count(&mut counts);
        Ok(counts)
    }

    /// Binds segments to the columns: after that, counting allocates nothing.
    ///
    /// # Errors
    ///
    /// [`Configuration`](ErrorKind::Configuration) with the check `population.claim` when the segments read what is not
    /// kept here.
    pub fn prepare(&self, segments: &Segments) -> Result<CountStrategy<'_>> {
        let mut binder =
            Binder { population: self, paths: &segments.paths, probes: Vec::new(), known: HashMap::new() };
        let mut plans = Vec::with_capacity(segments.len());
        for segment in &segments.list {
            let mut parts = vec![Plan::Bits(&self.known), binder.plan(&segment.condition)?];
            for scope in &segment.required {
                let index = self.scopes.get(scope).ok_or_else(not_kept)?;
                parts.push(Plan::Bits(&self.held[*index]));
            }
            plans.push(Plan::All(parts.into()));
        }
        let masks = vec![[0; WORDS]; binder.probes.len()];
        Ok(CountStrategy { users: self.users, probes: binder.probes, plans, masks })
    }
}

crate::privacy::redacted_debug!(Population { len: |this| this.users, .. });

fn not_kept() -> Error {
    Error::configuration("the segments read a claim that the population does not keep")
        .with_check("population.claim")
        .with_hint("build the population of all segments that will be counted")
}

fn set(bits: &mut Vec<u64>, index: usize, bit: bool) {
    if index.is_multiple_of(64) {
        bits.push(0);
    }
    if let Some(last) = bits.last_mut() {
        *last |= u64::from(bit) << (index % 64);
    }
}

/// Codes of what is no number. Texts have the codes from [`OTHERS`] on.
const NOTHING: u32 = 0;
const FALSE: u32 = 1;
const TRUE: u32 = 2;
/// A text that equals no other and contains the empty one alone.
const HALF_LETTER: u32 = 3;
const OTHERS: u32 = 4;

/// One claim of all users. A part that no user needs stays empty.
#[derive(Default)]
struct Column {
    /// `NaN` for what is no number: JSON has none, and it fits no comparison.
    numbers: Vec<f64>,
    codes: Vec<u32>,
    texts: Vec<Box<str>>,
    known: HashMap<Box<str>, u32>,
}

impl Column {
    fn add(&mut self, users: usize, path: &ClaimPath, claims: &Value) {
        let found = path.find(claims);
        let number = found.and_then(claim::Found::number);
        if number.is_some() || !self.numbers.is_empty() {
            self.numbers.resize(users, f64::NAN);
            self.numbers.push(number.unwrap_or(f64::NAN));
        }
        let code = match found.and_then(claim::Found::boolean) {
            Some(true) => TRUE,
            Some(false) => FALSE,
            None => match found.and_then(claim::Found::text) {
                Some((text, true)) => self.code(text),
                Some((_, false)) => HALF_LETTER,
                None => NOTHING,
            },
        };
        if code != NOTHING || !self.codes.is_empty() {
            self.codes.resize(users, NOTHING);
            self.codes.push(code);
        }
    }

    fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        // There are no more texts than users, and their number is limited.
        #[allow(clippy::cast_possible_truncation)]
        let code = self.texts.len() as u32 + OTHERS;
        self.texts.push(text.into());
        self.known.insert(text.into(), code);
        code
    }
}

/// One comparison over a column.
enum Probe<'p> {
    Number(&'p [f64], Compare, f64),
    Between(&'p [f64], f64, f64),
    Code(&'p [u32], u32),
    /// Any of the codes with a bit that is set.
    Codes(&'p [u32], Box<[u64]>),
}

impl Probe<'_> {
    fn fill(&self, begin: usize, mask: &mut Mask) {
        match self {
            Self::Number(rows, compare, bound) => {
                let (rows, bound) = (block(rows, begin), *bound);
                // A loop for each, so that each is compiled to one that compares several rows at once.
                match compare {
                    Compare::Equal => fill(rows, mask, |row| Compare::Equal.holds(row, bound)),
                    Compare::Larger => fill(rows, mask, |row| row > bound),
                    Compare::LargerOrEqual => fill(rows, mask, |row| row >= bound),
                    Compare::Less => fill(rows, mask, |row| row < bound),
                    Compare::LessOrEqual => fill(rows, mask, |row| row <= bound),
                }
            }
            Self::Between(rows, low, high) => {
                let (low, high) = (*low, *high);
                fill(block(rows, begin), mask, |row| (low <= row) & (row <= high));
            }
            Self::Code(rows, code) => {
                let code = *code;
                fill(block(rows, begin), mask, |row| row == code);
            }
            Self::Codes(rows, codes) => {
                fill(block(rows, begin), mask, |row| {
                    codes.get(row as usize / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
                });
            }
        }
    }
}

/// A column's part of a block: shorter where the column ends.
fn block<T>(rows: &[T], begin: usize) -> &[T] {
    let rows = rows.get(begin..).unwrap_or_default();
    &rows[..rows.len().min(BLOCK)]
}

fn fill<T: Copy>(rows: &[T], mask: &mut Mask, test: impl Fn(T) -> bool) {
    *mask = [0; WORDS];
    let (whole, rest) = rows.as_chunks::<64>();
    let mut words = mask.iter_mut();
    for (rows, word) in whole.iter().zip(&mut words) {
        let mut bytes = [0_u8; 64];
        for (row, byte) in rows.iter().zip(&mut bytes) {
            *byte = u8::from(test(*row));
        }
        *word = bytes.as_chunks::<8>().0.iter().rev().fold(0, |bits, bytes| {
            // Gathers the lowest bits of eight bytes in the highest byte.
            let gathered = u64::from_le_bytes(*bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            bits << 8 | gathered
        });
    }
    if let Some(word) = words.next() {
        *word = rest.iter().rev().fold(0, |bits, row| bits << 1 | u64::from(test(*row)));
    }
}

/// A condition over masks.
enum Plan<'p> {
    Pass,
    Fail,
    Probe(usize),
    Bits(&'p [u64]),
    All(Box<[Self]>),
    Any(Box<[Self]>),
    Not(Box<Self>),
}

impl Plan<'_> {
    fn join(&self, masks: &[Mask], begin: usize) -> Mask {
        match self {
            Self::Pass => [u64::MAX; WORDS],
            Self::Fail => [0; WORDS],
            Self::Probe(index) => masks[*index],
            Self::Bits(bits) => {
                let mut mask = [0; WORDS];
                for (to, from) in mask.iter_mut().zip(bits.get(begin / 64..).unwrap_or_default()) {
                    *to = *from;
                }
                mask
            }
            Self::All(parts) => fold(parts, masks, begin, u64::MAX, |left, right| left & right),
            Self::Any(parts) => fold(parts, masks, begin, 0, |left, right| left | right),
            Self::Not(part) => part.join(masks, begin).map(|word| !word),
        }
    }
}

fn fold(
    parts: &[Plan<'_>],
    masks: &[Mask],
    begin: usize,
    start: u64,
    join: impl Fn(u64, u64) -> u64,
) -> Mask {
    let mut all = [start; WORDS];
    for part in parts {
        // The most common part is not copied first.
        let made;
        let mask = match part {
            Plan::Probe(index) => &masks[*index],
            part => {
                made = part.join(masks, begin);
                &made
            }
        };
        for (word, other) in all.iter_mut().zip(mask) {
            *word = join(*word, *other);
        }
    }
    all
}

struct Binder<'p, 's> {
    population: &'p Population,
    paths: &'s Paths,
    probes: Vec<Probe<'p>>,
    /// The same comparison is made once, however many segments ask for it.
    known: HashMap<(usize, &'s Test), usize>,
}

impl<'p, 's> Binder<'p, 's> {
    fn plan(&mut self, node: &'s Node) -> Result<Plan<'p>> {
        Ok(match node {
            Node::Pass => Plan::Pass,
            Node::Fail => Plan::Fail,
            Node::Leaf { path, test } => {
                let index = self.population.paths.get(&self.paths.list[*path]).ok_or_else(not_kept)?;
                self.probe(index, test)
            }
            Node::All(parts) => Plan::All(self.plans(parts)?),
            Node::Any(parts) => Plan::Any(self.plans(parts)?),
            Node::Not(part) => Plan::Not(Box::new(self.plan(part)?)),
        })
    }

    fn plans(&mut self, nodes: &'s [Node]) -> Result<Box<[Plan<'p>]>> {
        nodes.iter().map(|node| self.plan(node)).collect()
    }

    fn probe(&mut self, index: usize, test: &'s Test) -> Plan<'p> {
        if let Some(known) = self.known.get(&(index, test)) {
            return Plan::Probe(*known);
        }
        let column = &self.population.columns[index];
        let probe = match test {
            Test::Number(compare, Bound(bound)) => Probe::Number(&column.numbers, *compare, *bound),
            Test::Between(Bound(low), Bound(high)) => Probe::Between(&column.numbers, *low, *high),
            Test::Boolean(flag) => Probe::Code(&column.codes, if *flag { TRUE } else { FALSE }),
            Test::Text(text) => match column.known.get(text) {
                Some(code) => Probe::Code(&column.codes, *code),
                None => return Plan::Fail,
            },
            Test::Contains(needle) => Probe::Codes(&column.codes, containing(column, needle)),
        };
        self.probes.push(probe);
        self.known.insert((index, test), self.probes.len() - 1);
        Plan::Probe(self.probes.len() - 1)
    }
}

/// The codes of the texts that contain the needle, as bits: each text is searched once, however many users have it.
fn containing(column: &Column, needle: &str) -> Box<[u64]> {
    let mut bits = vec![0_u64; column.texts.len() / 64 + 1];
    let mut put = |code: usize| {
        if bits.len() <= code / 64 {
            bits.resize(code / 64 + 1, 0);
        }
        bits[code / 64] |= 1 << (code % 64);
    };
    if needle.is_empty() {
        put(HALF_LETTER as usize);
    }
    for (index, text) in column.texts.iter().enumerate() {
        if text.contains(needle) {
            put(index + OTHERS as usize);
        }
    }
    bits.into()
}

/// Segments that are bound to the columns of a [`Population`].
pub struct CountStrategy<'p> {
    users: usize,
    probes: Vec<Probe<'p>>,
    plans: Vec<Plan<'p>>,
    masks: Vec<Mask>,
}

impl CountStrategy<'_> {
    /// Writes how many users belong to each segment, in the order of the segments. Allocates nothing. Counts beyond the
    /// number of segments stay as they are.
    pub fn count(&mut self, counts: &mut [u64]) {
        for count in counts.iter_mut().take(self.plans.len()) {
            *count = 0;
        }
        for begin in (0..self.users).step_by(BLOCK) {
            for (probe, mask) in self.probes.iter().zip(&mut self.masks) {
                probe.fill(begin, mask);
            }
            for (plan, count) in self.plans.iter().zip(&mut *counts) {
                // Every plan asks for users that are there, so what a NOT sets beyond the last one is cleared.
                let mask = plan.join(&self.masks, begin);
                *count += mask.iter().map(|word| u64::from(word.count_ones())).sum::<u64>();
            }
        }
    }
}

crate::privacy::redacted_debug!(CountStrategy<'_> { segments: |this| this.plans.len(), .. });
