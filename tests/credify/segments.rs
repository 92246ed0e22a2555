//! Segments in SQL count what the evaluator counts, whatever is in names and values.

use std::{cell::RefCell, collections::BTreeMap, fmt};

use kyckit::credify::{
    offer::Segments,
    segment::{Dialect, Mapping, Query, SqlValue},
};
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use super::{
    databases::{Postgresql, Sqlite},
    generated::{self, Random, Reads, counted},
};

const TREES: usize = 2_000;
const USERS: usize = 5_000;
/// Segments in one query.
const TOGETHER: usize = 100;

/// Why segments were refused, and how many for each reason.
type Refused = BTreeMap<&'static str, usize>;

/// Segments of which the mapping can say all, with the reasons why the others were refused.
fn renderable(
    random: &mut Random,
    reads: Reads,
    trees: usize,
    mapping: &Mapping,
) -> (Vec<(Value, Value)>, Refused) {
    let (mut rendered, mut refused) = (Vec::new(), Refused::new());
    for _ in 0..trees {
        let segment = generated::segment(random, reads);
        match mapping.count(&generated::compile(std::slice::from_ref(&segment)), Dialect::Sqlite) {
            Ok(_) => rendered.push(segment),
            Err(error) => *refused.entry(error.check().expect("a reason")).or_default() += 1,
        }
    }
    (rendered, refused)
}

fn compare(
    engine: &str,
    dialect: Dialect,
    mapping: &Mapping,
    segments: &[(Value, Value)],
    expected: &[u64],
    count: impl Fn(&Query) -> Vec<u64>,
) {
    for (segments, expected) in segments.chunks(TOGETHER).zip(expected.chunks(TOGETHER)) {
        let query = mapping.count(&generated::compile(segments), dialect).expect("it was rendered before");
        let found = count(&query);
        for ((segment, expected), found) in segments.iter().zip(expected).zip(found) {
            assert_eq!(found, *expected, "{engine}: {} with {}", segment.0, segment.1);
        }
    }
}

/// `cargo test --features full --test credify two_thousand -- --nocapture` shows what it printed, also when it passes.
#[test]
fn two_thousand_trees_count_the_same_in_memory_and_in_sql() {
    let seed = generated::seed();
    println!("KYCKIT_SEED={seed}");
    let mut random = Random::new(seed);
    let users = generated::users(&mut random, USERS);
    let mapping = generated::typed("users").scope_document("address", "address").expect("a name");
    let (segments, refused) = renderable(&mut random, Reads::Both, TREES, &mapping);
    let expected = counted(&generated::compile(&segments), &users);
    let between = expected.iter().filter(|count| (1..USERS as u64).contains(count)).count();
    println!(
        "{} of {TREES} trees rendered, {between} counts strictly between 0 and {USERS}, refused: {refused:?}",
        segments.len()
    );
    assert!(segments.len() * 10 >= TREES * 9, "too few trees were rendered: {refused:?}");
    assert!(between * 2 >= TREES, "too few trees part the users: {between}");
    assert_eq!(segments.len() + refused.values().sum::<usize>(), TREES);

    let sqlite = Sqlite::with(&users);
    compare("SQLite", Dialect::Sqlite, &mapping, &segments, &expected, |query| sqlite.count(query));
    println!("SQLite counts the same");
    if let Some(postgres) = Postgresql::connect("trees") {
        postgres.fill(&users);
        compare("PostgreSQL", Dialect::Postgres, &mapping, &segments, &expected, |query| {
            postgres.count(query)
        });
        println!("PostgreSQL counts the same");
    }
}

#[test]
fn documents_count_as_columns_do() {
    let seed = generated::seed();
    println!("KYCKIT_SEED={seed}");
    let mut random = Random::new(seed ^ 1);
    let users = generated::users(&mut random, 400);
    let mapping = Mapping::new("users").and_then(|mapping| mapping.document("claims")).expect("names");
    let (segments, refused) = renderable(&mut random, Reads::Documents, 400, &mapping);
    // What SQLite's paths cannot say is refused, and nothing else.
    assert!(refused.keys().all(|check| matches!(*check, "segment.json_name" | "segment.nul")), "{refused:?}");
    assert!(segments.len() > 250, "{refused:?}");
    let expected = counted(&generated::compile(&segments), &users);
    assert!(expected.iter().filter(|count| (1..400).contains(*count)).count() > 150, "{expected:?}");
    let sqlite = Sqlite::with(&users);
    compare("SQLite", Dialect::Sqlite, &mapping, &segments, &expected, |query| sqlite.count(query));
    if let Some(postgres) = Postgresql::connect("documents") {
        postgres.fill(&users);
        compare("PostgreSQL", Dialect::Postgres, &mapping, &segments, &expected, |query| {
            postgres.count(query)
        });
    }
}

#[test]
fn users_are_left_out_by_their_ids() {
    let mut random = Random::new(7);
    let users = generated::users(&mut random, 20);
    let mapping = generated::typed("users").user_id("id").expect("a name");
    let segments = Segments::compile(&[json!(null)], &[json!([])]).expect("nothing is asked");
    let hostile = "user-1') OR 1=1; --";
    let count = |dialect, ids: &[&str]| mapping.count_without(&segments, dialect, ids).expect("a query");
    let sqlite = Sqlite::with(&users);
    sqlite.0.execute("UPDATE users SET id = NULL WHERE id = 'user-9'", []).expect("updated");
    assert_eq!(sqlite.count(&count(Dialect::Sqlite, &[])), [20]);
    assert_eq!(sqlite.count(&count(Dialect::Sqlite, &["user-3", "user-3", "user-9", hostile])), [19]);
    if let Some(postgres) = Postgresql::connect("without") {
        postgres.fill(&users);
        postgres.run("UPDATE users SET id = NULL WHERE id = 'user-9'");
        assert_eq!(postgres.count(&count(Dialect::Postgres, &["user-3", "user-3", "user-9", hostile])), [19]);
    }
    let nameless = generated::typed("users");
    let error = nameless.count_without(&segments, Dialect::Sqlite, &["user-3"]).expect_err("no column");
    assert_eq!(error.check(), Some("segment.user_id"));
}

/// Texts of what is special in SQL, in JSON paths and in patterns.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("'"),
        Just("\""),
        Just("''"),
        Just(";"),
        Just("--"),
        Just("/*"),
        Just("*/"),
        Just("%"),
        Just("_"),
        Just("\\"),
        Just("\0"),
        Just("$"),
        Just("$1"),
        Just("?"),
        Just("?1"),
        Just(":a"),
        Just("@a"),
        Just("."),
        Just("["),
        Just("]"),
        Just("{"),
        Just("}"),
        Just("#"),
        Just("`"),
        Just("\n"),
        Just("\t"),
        Just("\u{7f}"),
        Just(" "),
        Just("a"),
        Just("B"),
        Just("é"),
        Just("😀"),
        Just("0"),
        Just("-1"),
        Just("length"),
        Just("' OR '1'='1"),
        Just("\"; DROP TABLE users; --"),
        Just("\u{2028}"),
        Just("NULL"),
        Just("u"),
    ];
    proptest::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

/// A condition over hostile names and values, and users of whom some fit.
#[derive(Clone, Debug)]
struct Hostile {
    scope: String,
    names: Vec<String>,
    value: String,
    is_equality: bool,
    held: Vec<String>,
}

impl Hostile {
    fn any() -> impl Strategy<Value = Self> {
        let names = proptest::collection::vec(hostile(), 1..3);
        let around = proptest::collection::vec((hostile(), 0..4_u8, hostile()), 6);
        (hostile(), names, hostile(), any::<bool>(), around).prop_map(
            |(scope, names, value, is_equality, around)| {
                let held = around.into_iter().map(|(before, how, after)| match how {
                    0 => value.clone(),
                    1 => format!("{before}{value}{after}"),
                    2 => value.to_lowercase(),
                    _ => before,
                });
                Self { held: held.collect(), scope, names, value, is_equality }
            },
        )
    }

    fn segments(&self) -> Segments {
        let mut claim = json!({"name": self.names[0]});
        for name in &self.names[1..] {
            claim = json!({"name": name, "main": claim});
        }
        claim["scope"] = json!({"name": self.scope});
        claim["value_type"] = json!("TEXT");
        let kind = if self.is_equality { "EQUALITY_CONDITION" } else { "CONTAIN_CONDITION" };
        let condition = json!({"kind": kind, "claim": claim, "value": self.value});
        Segments::compile(&[condition], &[json!([self.scope])]).expect("well formed")
    }

    fn claims(&self, held: &str) -> Value {
        let inner = self.names.iter().rev().fold(json!(held), |value, name| json!({name: value}));
        json!({&self.scope: inner})
    }

    fn expected(&self, held: &[&String]) -> u64 {
        let segments = self.segments();
        let mut counts = [0];
        for held in held {
            segments.count_user(&self.claims(held), &mut counts);
        }
        counts[0]
    }

    /// The mappings: to a typed column, and to a document.
    fn mappings(&self) -> [Mapping; 2] {
        let users = || Mapping::new("users").expect("a name");
        let typed = users()
            .text(&self.scope, &self.names, "held")
            .and_then(|mapping| mapping.scope(&self.scope, "has"));
        [typed.expect("names"), users().document("claims").expect("a name")]
    }

    fn check(
        &self,
        dialect: Dialect,
        held: &[&String],
        tally: &RefCell<Tally>,
        count: impl Fn(&Query) -> Vec<u64>,
    ) -> Result<(), TestCaseError> {
        for (mapping, is_document) in self.mappings().iter().zip([false, true]) {
            match mapping.count(&self.segments(), dialect) {
                Ok(query) => {
                    // Nothing of what came with the condition is in the text.
                    let text = query.text();
                    let is_plain = |letter: char| {
                        letter.is_ascii_alphanumeric() || " _.,()\"'<>=#{}?$:-".contains(letter)
                    };
                    prop_assert!(
                        text.chars().all(is_plain) && !text.contains("--") && !text.contains("DROP"),
                        "{text}"
                    );
                    let expected = self.expected(held);
                    prop_assert_eq!(count(&query), [expected], "{}", text);
                    tally.borrow_mut().rendered += 1;
                    tally.borrow_mut().between += usize::from((1..held.len() as u64).contains(&expected));
                }
                Err(error) => {
                    let check = error.check().unwrap_or_default();
                    let texts = || self.names.iter().chain([&self.scope]);
                    let expected = match check {
                        "segment.nul" => {
                            self.value.contains('\0')
                                || is_document && texts().any(|text| text.contains('\0'))
                        }
                        "segment.json_name" => is_document,
                        _ => false,
                    };
                    prop_assert!(expected, "{error}");
                    *tally.borrow_mut().refused.entry(error.check().expect("a reason")).or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

/// What became of the hostile conditions: each is rendered over a typed column and over a document.
#[derive(Default)]
struct Tally {
    rendered: usize,
    between: usize,
    refused: Refused,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rendered, between, refused } = self;
        write!(
            f,
            "{rendered} queries rendered, {between} counts strictly between none and all, refused: {refused:?}"
        )
    }
}

/// Runs so many hostile cases, the same for the same seed. What it prints is shown with `-- --nocapture`.
fn try_hostile(
    engine: &str,
    cases: u32,
    test: impl Fn(Hostile, &RefCell<Tally>) -> Result<(), TestCaseError>,
) {
    let seed = generated::seed();
    println!("KYCKIT_SEED={seed}");
    let bytes: Vec<u8> = (0..4).flat_map(|part: u64| (seed ^ part).to_le_bytes()).collect();
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let tally = RefCell::new(Tally::default());
    TestRunner::new_with_rng(config, random)
        .run(&Hostile::any(), |hostile| test(hostile, &tally))
        .expect("every case holds");
    let tally = tally.into_inner();
    println!("{engine}, {cases} hostile conditions: {tally}");
    assert!(tally.rendered >= cases as usize && tally.between * 4 >= tally.rendered, "{tally}");
}

#[test]
fn metacharacters_are_letters_like_others_in_sqlite() {
    let connection = rusqlite::Connection::open_in_memory().expect("SQLite");
    connection.execute_batch("CREATE TABLE users (held TEXT, has INTEGER, claims TEXT)").expect("a table");
    let sqlite = Sqlite(connection);
    try_hostile("SQLite", 256, |hostile, tally| {
        // A document with NUL is beyond what SQLite's functions take.
        let held: Vec<_> = hostile.held.iter().filter(|held| !held.contains('\0')).collect();
        sqlite.0.execute("DELETE FROM users", []).expect("emptied");
        for held in &held {
            let claims = hostile.claims(held).to_string();
            let row = rusqlite::params![held, true, claims];
            sqlite.0.execute("INSERT INTO users VALUES (?, ?, ?)", row).expect("a row");
        }
        hostile.check(Dialect::Sqlite, &held, tally, |query| sqlite.count(query))
    });
}

#[test]
fn metacharacters_are_letters_like_others_in_postgresql() {
    let Some(postgres) = Postgresql::connect("hostile") else { return };
    postgres.run("CREATE TABLE users (held text, has boolean, claims jsonb)");
    try_hostile("PostgreSQL", 96, |hostile, tally| {
        // PostgreSQL has no NUL: neither in a text nor in a document.
        let has_names = !hostile.names.iter().chain([&hostile.scope]).any(|name| name.contains('\0'));
        let held: Vec<_> = hostile.held.iter().filter(|held| has_names && !held.contains('\0')).collect();
        postgres.run("TRUNCATE users");
        for held in &held {
            postgres.insert(held, &hostile.claims(held).to_string());
        }
        hostile.check(Dialect::Postgres, &held, tally, |query| postgres.count(query))
    });
}

fn compiled(condition: Value) -> Segments {
    Segments::compile(&[condition], &[json!([])]).expect("well formed")
}

fn text_condition(scope: &str, name: &str, value: &str) -> Value {
    json!({
        "kind": "EQUALITY_CONDITION",
        "claim": {"name": name, "value_type": "TEXT", "scope": {"name": scope}},
        "value": value,
    })
}

#[test]
fn what_sql_cannot_say_equally_is_refused_with_the_reason() {
    let users = || Mapping::new("users").expect("a name");
    let typed = users().text("s", ["a"], "a").expect("a name");
    let document = users().document("claims").expect("a name");
    let refused = |mapping: &Mapping, condition: Value, dialect| {
        let error = mapping.count(&compiled(condition), dialect).expect_err("refused");
        assert_eq!(error.path(), Some("conditions[0]"), "{error}");
        error.check().expect("a reason")
    };
    // A claim without a column of the type: that does not mean that there is no number.
    let number = json!({
        "kind": "EQUALITY_CONDITION",
        "claim": {"name": "a", "value_type": "INTEGER", "scope": {"name": "s"}},
        "value": 1,
    });
    assert_eq!(refused(&typed, number.clone(), Dialect::Sqlite), "segment.claim");
    assert_eq!(refused(&typed, text_condition("s", "b", "x"), Dialect::Sqlite), "segment.claim");
    assert_eq!(refused(&typed, text_condition("s", "a", "x\0"), Dialect::Sqlite), "segment.nul");
    for name in ["length", "0", "17"] {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            assert_eq!(refused(&document, text_condition("s", name, "x"), dialect), "segment.json_name");
        }
    }
    for name in ["a\"b", "a\\b", "a\nb"] {
        assert_eq!(refused(&document, text_condition("s", name, "x"), Dialect::Sqlite), "segment.json_name");
        assert!(document.count(&compiled(text_condition("s", name, "x")), Dialect::Postgres).is_ok());
    }
    for dialect in [Dialect::DataFusion, Dialect::Spark] {
        assert_eq!(refused(&document, number.clone(), dialect), "segment.json_engine");
    }
    // A comparison that no claims can fit needs no column.
    let never =
        json!({"kind": "EQUALITY_CONDITION", "claim": {"name": "z", "scope": {"name": "s"}}, "value": 1});
    assert!(typed.count(&compiled(never), Dialect::Spark).is_ok());
    let required = Segments::compile(&[json!(null)], &[json!(["s"])]).expect("well formed");
    assert_eq!(typed.count(&required, Dialect::Sqlite).expect_err("unknown").check(), Some("segment.scope"));
    let none = Segments::compile(&[], &[]).expect("none");
    assert_eq!(typed.count(&none, Dialect::Sqlite).expect_err("nothing").check(), Some("segment.empty"));
    let many = vec![json!(null); 1_001];
    let many = Segments::compile(&many, &many).expect("many");
    assert_eq!(typed.count(&many, Dialect::Sqlite).expect_err("many").check(), Some("segment.size"));
    let wide = json!({"kind": "AND_CONDITION", "subconditions": vec![text_condition("s", "a", "x"); 4_000]});
    let wide = Segments::compile(&vec![wide; 8], &vec![json!([]); 8]).expect("wide");
    assert_eq!(typed.count(&wide, Dialect::Sqlite).expect_err("wide").check(), Some("segment.size"));
}

#[test]
fn values_are_limited_in_all() {
    let mapping = Mapping::new("users").and_then(|mapping| mapping.text("s", ["a"], "a")).expect("names");
    let long = text_condition("s", "a", &"x".repeat(60_000));
    let segments =
        |number| Segments::compile(&vec![long.clone(); number], &vec![json!([]); number]).expect("long");
    assert!(mapping.count(&segments(250), Dialect::Sqlite).is_ok());
    assert_eq!(
        mapping.count(&segments(300), Dialect::Sqlite).expect_err("long").check(),
        Some("segment.size")
    );
}

#[test]
fn names_of_tables_and_columns_are_checked() {
    for name in ["", "1a", "a b", "a\"", "a;b", "é", "a-b", "a.b.c.d", ".", "a.", &"a".repeat(64)] {
        let error = Mapping::new(name).expect_err(name);
        assert_eq!(error.check(), Some("segment.name"), "{name}");
    }
    let mapping = Mapping::new("warehouse.public.users").expect("three parts");
    for column in ["", "a.b", "a\" OR \"1", "a'"] {
        let error = mapping.clone().text("s", ["a"], column).expect_err(column);
        assert_eq!(error.check(), Some("segment.name"), "{column}");
    }
    let twice = mapping.text("s", ["a"], "a").and_then(|mapping| mapping.text("s", ["a"], "b"));
    assert_eq!(twice.expect_err("twice").check(), Some("segment.twice"));
}

#[test]
fn the_text_is_the_same_for_every_engine_but_for_placeholders() {
    let mut random = Random::new(11);
    let mapping = generated::typed("users");
    let (segments, _) = renderable(&mut random, Reads::Columns, 200, &mapping);
    let segments = generated::compile(&segments);
    let bare = |dialect| {
        let query = mapping.count(&segments, dialect).expect("rendered");
        let mut text = query.text().to_owned();
        for number in (1..=query.values().len()).rev() {
            for kind in ["::text", "::boolean", "::double precision", ""] {
                text = text.replace(&format!("${number}{kind}"), "?");
            }
            text = text.replace(&format!("?{number}"), "?");
        }
        text
    };
    let spark = bare(Dialect::Spark);
    assert!(spark.contains(" > ?") && spark.contains("replace("), "{spark}");
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::DataFusion] {
        assert_eq!(bare(dialect), spark, "{dialect:?}");
    }
}

#[test]
fn what_a_condition_compares_with_is_not_printed() {
    let mapping = Mapping::new("users").and_then(|mapping| mapping.text("s", ["a"], "a")).expect("names");
    let segments = compiled(text_condition("s", "a", "Jane Roe"));
    let query = mapping.count(&segments, Dialect::Sqlite).expect("rendered");
    assert_eq!(query.values(), [SqlValue::Text("Jane Roe".into())]);
    for text in [format!("{segments:?}"), format!("{query:?}")] {
        assert!(!text.contains("Jane"), "{text}");
    }
}
