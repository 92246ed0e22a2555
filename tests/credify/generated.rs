//! Users and conditions from a seed: in memory, in columns and in documents.
//!
//! Nothing here is read by the code under test but JSON: what a column holds is taken from the claims by pointers.

#![allow(dead_code, reason = "the engines' project uses a part")]

use kyckit::credify::{
    offer::{Population, Rules, Segments},
    segment::Mapping,
};
use serde_json::{Map, Value, json};

/// SplitMix64: the same numbers from the same seed everywhere.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// The seed of this run: `KYCKIT_SEED`, or always the same.
pub fn seed() -> u64 {
    std::env::var("KYCKIT_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(20_220_530)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Number,
    Whole,
    Text,
    Boolean,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Number(Option<f64>),
    Whole(Option<i64>),
    Text(Option<String>),
    Boolean(Option<bool>),
}

const LOYALTY: &str = "loyalty";
const BANK: &str = "p:bank";
const HOSTILE: &str = "o'ops\"; DROP TABLE users; -- %_\\?$1";
/// Its claims are in a document of their own.
const ADDRESS: &str = "address";
/// Nothing but a document of all claims knows it.
const PREFERENCES: &str = "preferences";

const SCOPES: [&str; 5] = [LOYALTY, BANK, HOSTILE, ADDRESS, PREFERENCES];

/// A claim: where it is, of which kind its values mostly are, and which columns it has.
struct Claim {
    scope: &'static str,
    path: &'static [&'static str],
    kind: Kind,
    columns: &'static [(Kind, &'static str)],
}

const CLAIMS: &[Claim] = &[
    Claim {
        scope: LOYALTY,
        path: &["points"],
        kind: Kind::Number,
        columns: &[(Kind::Number, "points"), (Kind::Text, "points_text"), (Kind::Boolean, "points_flag")],
    },
    Claim {
        scope: LOYALTY,
        path: &["tier"],
        kind: Kind::Text,
        columns: &[(Kind::Number, "tier_number"), (Kind::Text, "tier"), (Kind::Boolean, "tier_flag")],
    },
    Claim {
        scope: LOYALTY,
        path: &["active"],
        kind: Kind::Boolean,
        columns: &[(Kind::Number, "active_number"), (Kind::Text, "active_text"), (Kind::Boolean, "active")],
    },
    Claim {
        scope: LOYALTY,
        path: &["profile", "age"],
        kind: Kind::Number,
        columns: &[(Kind::Number, "age"), (Kind::Text, "age_text"), (Kind::Boolean, "age_flag")],
    },
    Claim {
        scope: BANK,
        path: &["balance"],
        kind: Kind::Whole,
        columns: &[(Kind::Whole, "balance"), (Kind::Text, "balance_text"), (Kind::Boolean, "balance_flag")],
    },
    Claim {
        scope: BANK,
        path: &["product name"],
        kind: Kind::Text,
        columns: &[
            (Kind::Number, "product_number"),
            (Kind::Text, "product"),
            (Kind::Boolean, "product_flag"),
        ],
    },
    Claim {
        scope: HOSTILE,
        path: &["cl%aim'\"--", "nul\0name"],
        kind: Kind::Text,
        columns: &[
            (Kind::Number, "hostile_number"),
            (Kind::Text, "hostile"),
            (Kind::Boolean, "hostile_flag"),
        ],
    },
    Claim {
        scope: HOSTILE,
        path: &["UPPER; lower"],
        kind: Kind::Number,
        columns: &[(Kind::Number, "upper_number"), (Kind::Text, "upper_text"), (Kind::Boolean, "upper_flag")],
    },
];

const DOCUMENTED: &[Claim] = &[
    Claim { scope: ADDRESS, path: &["city"], kind: Kind::Text, columns: &[] },
    Claim { scope: ADDRESS, path: &["since", "year"], kind: Kind::Number, columns: &[] },
    Claim { scope: ADDRESS, path: &["owner '%;"], kind: Kind::Boolean, columns: &[] },
    Claim { scope: PREFERENCES, path: &["language"], kind: Kind::Text, columns: &[] },
    Claim { scope: PREFERENCES, path: &["level"], kind: Kind::Number, columns: &[] },
];

const TEXTS: &[&str] = &[
    "",
    "gold",
    "Gold",
    "GOLD",
    "golden",
    "silver",
    "bronze",
    "old",
    "100%",
    "%",
    "_",
    "a_b",
    "a%b",
    "'",
    "''",
    "\"",
    "O'Brien",
    "x'; DROP TABLE users; --",
    "\\",
    "a\\b",
    "é",
    "e\u{301}",
    "đồng",
    "Nguyễn Minh Long",
    "Minh",
    "😀",
    "a😀b",
    " gold",
    "gold ",
    "1",
    "true",
    "null",
    "\t",
    "a\nb",
    "ß",
    "SS",
    "\u{feff}",
    "\u{a0}",
    "$1",
    "?1",
    "{}",
];

const NUMBERS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1,
    0.2,
    0.300_000_000_000_000_04,
    0.3,
    18.0,
    21.0,
    42.0,
    64.5,
    99.0,
    100.0,
    100.5,
    1e6,
    -1e6,
    1e21,
    1e-7,
    9_007_199_254_740_992.0,
    9_007_199_254_740_994.0,
    5e-324,
    1e300,
    -1e300,
];

const WHOLES: &[i64] = &[
    0,
    1,
    -1,
    2,
    7,
    18,
    42,
    100,
    1_000,
    1_000_000,
    9_007_199_254_740_991,
    9_007_199_254_740_992,
    9_007_199_254_740_993,
    9_007_199_254_740_994,
    -9_007_199_254_740_993,
    9_223_372_036_854_775_807,
    -9_223_372_036_854_775_808,
    1_152_921_504_606_847_041,
];

fn number(random: &mut Random) -> Value {
    match random.below(4) {
        0 => json!(random.pick(NUMBERS)),
        1 => json!(random.below(200)),
        2 => json!(random.below(20_000) as f64 / 100.0),
        _ => json!(random.below(100) as i64 - 20),
    }
}

fn whole(random: &mut Random) -> Value {
    if random.percent(50) { json!(random.pick(WHOLES)) } else { json!(random.below(2_000) as i64 - 500) }
}

fn value(random: &mut Random, kind: Kind) -> Value {
    match kind {
        Kind::Number => number(random),
        Kind::Whole => whole(random),
        Kind::Text => json!(random.pick(TEXTS)),
        Kind::Boolean => json!(random.percent(60)),
    }
}

/// What a claim holds: mostly of its kind, at times null, of another type, or no value at all.
fn held(random: &mut Random, claim: &Claim) -> Option<Value> {
    match random.below(20) {
        0 => None,
        1 => Some(Value::Null),
        // An integer column takes no other numbers.
        2 if claim.kind != Kind::Whole => Some(number(random)),
        2 | 3 => Some(json!(random.pick(TEXTS))),
        4 => Some(json!(random.percent(50))),
        5 => Some(random.pick(&[json!([]), json!({}), json!(["gold"]), json!({"gold": 1})]).clone()),
        _ => Some(value(random, claim.kind)),
    }
}

fn put(members: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [name] => {
            members.insert((*name).to_owned(), value);
        }
        [name, rest @ ..] => {
            let inner = members.entry(*name).or_insert_with(|| json!({}));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
        [] => {}
    }
}

/// The claims of a user.
fn claims(random: &mut Random) -> Value {
    let mut claims = Map::new();
    for scope in SCOPES {
        match random.below(20) {
            0 => continue,
            1 => {
                claims.insert(scope.to_owned(), Value::Null);
                continue;
            }
            _ => {}
        }
        let mut members = Map::new();
        for claim in CLAIMS.iter().chain(DOCUMENTED).filter(|claim| claim.scope == scope) {
            if let Some(value) = held(random, claim) {
                // A claim around another one may be something else itself.
                if claim.path.len() > 1 && random.percent(4) {
                    members.insert(claim.path[0].to_owned(), value);
                } else {
                    put(&mut members, claim.path, value);
                }
            }
        }
        claims.insert(scope.to_owned(), Value::Object(members));
    }
    Value::Object(claims)
}

/// A user: the claims, and what the columns hold.
pub struct User {
    pub claims: Value,
    pub cells: Vec<Cell>,
    /// The claims of the scope that has a document; none where the scope is not there.
    pub address: Option<String>,
}

impl User {
    fn new(claims: Value) -> Self {
        let mut cells = Vec::new();
        for claim in CLAIMS {
            let found = claim.path.iter().try_fold(&claims[claim.scope], |at, name| at.get(name));
            for (kind, _) in claim.columns {
                cells.push(match kind {
                    Kind::Number => Cell::Number(found.and_then(Value::as_f64)),
                    Kind::Whole => Cell::Whole(found.and_then(Value::as_i64)),
                    Kind::Text => Cell::Text(found.and_then(Value::as_str).map(str::to_owned)),
                    Kind::Boolean => Cell::Boolean(found.and_then(Value::as_bool)),
                });
            }
        }
        for scope in HELD {
            cells.push(Cell::Boolean(Some(claims.get(scope).is_some())));
        }
        let address = claims.get(ADDRESS).map(Value::to_string);
        Self { claims, cells, address }
    }
}

/// Scopes of which a column says who has them.
const HELD: [&str; 3] = [LOYALTY, BANK, HOSTILE];

/// The columns in the order of a user's cells.
pub fn columns() -> Vec<(String, Kind)> {
    let of_claims =
        CLAIMS.iter().flat_map(|claim| claim.columns).map(|(kind, name)| ((*name).to_owned(), *kind));
    of_claims.chain((0..HELD.len()).map(|index| (format!("has_{index}"), Kind::Boolean))).collect()
}

pub fn users(random: &mut Random, number: usize) -> Vec<User> {
    (0..number).map(|_| User::new(claims(random))).collect()
}

/// Typed columns alone: what every engine can hold.
pub fn typed(table: &str) -> Mapping {
    let mut mapping = Mapping::new(table).expect("a name");
    for claim in CLAIMS {
        for (kind, column) in claim.columns {
            let path = claim.path.iter();
            mapping = match kind {
                Kind::Number => mapping.number(claim.scope, path, column),
                Kind::Whole => mapping.whole_number(claim.scope, path, column),
                Kind::Text => mapping.text(claim.scope, path, column),
                Kind::Boolean => mapping.boolean(claim.scope, path, column),
            }
            .expect("a name");
        }
    }
    HELD.iter().enumerate().fold(mapping, |mapping, (index, scope)| {
        mapping.scope(scope, &format!("has_{index}")).expect("a name")
    })
}

/// Which claims conditions ask for.
#[derive(Clone, Copy)]
pub enum Reads {
    /// Those with columns, and at times another.
    Columns,
    /// Those of documents alone.
    Documents,
    /// Those with columns, and at times one of the scope with a document.
    Both,
}

fn claim(random: &mut Random, reads: Reads) -> &'static Claim {
    let documented = match reads {
        Reads::Columns => random.below(1_000) < 15,
        Reads::Documents => random.percent(80),
        Reads::Both => random.percent(6),
    };
    match (documented, reads) {
        // The last scope has no column and no document of its own: it is refused.
        (true, Reads::Both) if random.percent(80) => random.pick(&DOCUMENTED[..3]),
        (true, _) => random.pick(DOCUMENTED),
        (false, _) => random.pick(CLAIMS),
    }
}

fn leaf(random: &mut Random, reads: Reads) -> Value {
    let claim = claim(random, reads);
    let kind = if random.percent(90) {
        claim.kind
    } else {
        *random.pick(&[Kind::Number, Kind::Text, Kind::Boolean])
    };
    let value_type = match kind {
        Kind::Number | Kind::Whole if random.percent(50) => "FLOAT",
        Kind::Number | Kind::Whole => "INTEGER",
        Kind::Text => "TEXT",
        Kind::Boolean => "BOOLEAN",
    };
    let value_type =
        if random.percent(3) { random.pick(&["OBJECT", "Integer", "TEXT", "FLOAT"]) } else { value_type };
    let mut described = json!({"name": claim.path[claim.path.len() - 1], "scope": {"name": claim.scope}});
    described[*random.pick(&["value_type", "valueType", "value-type"])] = json!(value_type);
    for (depth, name) in claim.path[..claim.path.len() - 1].iter().rev().enumerate() {
        let at = format!("{}/main", "/main".repeat(depth));
        let (above, _) = at.rsplit_once('/').expect("a path");
        let above = above.to_owned();
        described.pointer_mut(&above).expect("made before")["main"] = json!({"name": name});
    }
    let mut wanted = value(random, kind);
    if random.below(1_000) < 5 {
        wanted = json!("a\0b");
    }
    let mut condition = json!({"claim": described, "value": wanted});
    condition["kind"] = json!(match kind {
        _ if random.percent(2) => "SOMETHING_ELSE",
        Kind::Boolean => "EQUALITY_CONDITION",
        Kind::Text if random.percent(70) => "CONTAIN_CONDITION",
        Kind::Text => "EQUALITY_CONDITION",
        Kind::Number | Kind::Whole => *random.pick(&[
            "EQUALITY_CONDITION",
            "LARGER_THAN_CONDITION",
            "LARGER_THAN_OR_EQUAL_CONDITION",
            "LESS_THAN_CONDITION",
            "LESS_THAN_OR_EQUAL_CONDITION",
            "IN_RANGE_CONDITION",
            "IN_RANGE_CONDITION",
        ]),
    });
    if condition["kind"] == "IN_RANGE_CONDITION" {
        let upper = match random.below(12) {
            0 => json!("Infinity"),
            1 => json!(" 0x64 "),
            2 => json!([100]),
            3 => json!(null),
            4 => json!("abc"),
            _ => number(random),
        };
        if condition["value"].as_f64() > upper.as_f64() && upper.is_number() {
            condition["value"] = upper;
            condition["upper"] = wanted;
        } else {
            condition["upper"] = upper;
        }
    }
    condition
}

/// A tree of conditions.
pub fn tree(random: &mut Random, reads: Reads, depth: usize) -> Value {
    if depth == 0 || random.percent(35) {
        return leaf(random, reads);
    }
    let kind =
        *random.pick(&["AND_CONDITION", "AND_CONDITION", "OR_CONDITION", "OR_CONDITION", "NOT_CONDITION"]);
    let parts = match kind {
        "NOT_CONDITION" => 1,
        _ if random.percent(2) => 0,
        _ => 2 + random.below(2),
    };
    let parts: Vec<_> = (0..parts).map(|_| tree(random, reads, depth - 1)).collect();
    json!({"kind": kind, "subconditions": parts})
}

/// A tree, and the scopes that are required beside it.
pub fn segment(random: &mut Random, reads: Reads) -> (Value, Value) {
    let scopes: &[&str] = match reads {
        Reads::Columns => &HELD,
        Reads::Documents => &SCOPES,
        Reads::Both => &SCOPES[..4],
    };
    let required = match random.below(10) {
        0 => json!([random.pick(scopes)]),
        1 => json!([random.pick(scopes), random.pick(scopes)]),
        2 => json!(null),
        _ => json!([]),
    };
    let condition = if random.percent(1) { json!(null) } else { tree(random, reads, 3) };
    (condition, required)
}

/// By the rules under which an OR and a NOT mean something.
pub fn compile(segments: &[(Value, Value)]) -> Segments {
    let (conditions, required): (Vec<_>, Vec<_>) = segments.iter().cloned().unzip();
    Segments::compile_with(&conditions, &required, &Rules::new().or_and_not(true)).expect("well formed")
}

/// What the evaluator counts.
pub fn counted(segments: &Segments, users: &[User]) -> Vec<u64> {
    let mut population = Population::of([segments]);
    for user in users {
        population.add(&user.claims).expect("not too many");
    }
    population.count(segments).expect("what it was built for")
}
