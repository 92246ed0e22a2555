//! Offers: evaluations against the official package, counts of users in memory, and the same counts in SQL.
//!
//! `benches/peers/credify_offers` is the official package on Node; `npm install --ignore-scripts` there brings it.
//! PostgreSQL is started on loopback where Debian's package is installed. Without either its lines are left out.

#![allow(clippy::expect_used, clippy::panic)]

#[path = "../tests/credify/databases.rs"]
mod databases;
#[path = "../tests/credify/generated.rs"]
mod generated;
#[path = "../tests/credify/postgres.rs"]
mod postgres;
mod support;

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use databases::{Documents, Postgresql, Sqlite};
use generated::{Random, User};
use kyckit::credify::{
    offer::{Levels, Population, Segments},
    segment::{Dialect, Query},
};
use serde_json::{Value, json};
use support::{Candidate, Peer, compare, median};

/// Users that the official package counts.
const FEW: usize = 5_000;
const MANY: [usize; 3] = [10_000, 100_000, 1_000_000];

fn main() {
    let cases = cases();
    let segments = segments();
    let mut random = Random::new(generated::seed());
    let few: Vec<Value> = generated::users(&mut random, FEW).into_iter().map(|user| user.claims).collect();
    let compiled = compile(&segments);
    let mut counts = vec![0; segments.len()];
    few.iter().for_each(|claims| compiled.count_user(claims, &mut counts));

    let setup = json!({
        "cases": cases
            .iter()
            .map(|case| json!({
                "conditions": case.conditions,
                "required": case.required,
                "claims": case.claims,
                "rank": case.levels.evaluate(&case.claims).rank(),
            }))
            .collect::<Vec<_>>(),
        "segments": segments,
        "users": few,
        "counts": counts,
    });
    let peer = Peer::start("credify_offers", &setup);
    evaluations(peer.as_ref(), &cases);
    small_counts(peer.as_ref(), &compiled, &few);
    drop((peer, setup, few));
    large_counts(&compiled);
}

struct Case {
    conditions: Value,
    required: Value,
    claims: Value,
    levels: Levels,
}

/// The vectors that have a rank and lists.
fn cases() -> Vec<Case> {
    let file: Value =
        serde_json::from_str(include_str!("../tests/vectors/credify/offer-evaluation.json")).expect("JSON");
    let cases = file["cases"].as_array().expect("a list").iter();
    let cases = cases.filter(|case| case["expect"]["used_scopes"].is_array()).map(|case| {
        let (conditions, required) = (case["conditions"].clone(), case["required_custom_scopes"].clone());
        let levels = Levels::compile(&conditions, &required).expect("well formed");
        Case { conditions, required, claims: case["claims"].clone(), levels }
    });
    cases.collect()
}

/// Twenty conditions as offers have them: two or three comparisons joined, a few alone, a few with a required scope.
fn segments() -> Vec<(Value, Value)> {
    let leaf = |kind: &str, scope: &str, name: &str, value_type: &str, value: Value| {
        json!({
            "kind": kind,
            "claim": {"name": name, "value_type": value_type, "scope": {"name": scope}},
            "value": value,
        })
    };
    (0..20_i32)
        .map(|index| {
            let mut age = leaf("IN_RANGE_CONDITION", "loyalty", "age", "INTEGER", json!(18 + index));
            age["claim"]["main"] = json!({"name": "profile"});
            age["upper"] = json!(60 + 2 * index);
            let points = leaf("LARGER_THAN_CONDITION", "loyalty", "points", "FLOAT", json!(index * 7));
            let tier = ["gold", "old", "%", "Minh", "a"][index as usize % 5];
            let tier = leaf("CONTAIN_CONDITION", "loyalty", "tier", "TEXT", json!(tier));
            let active = leaf("EQUALITY_CONDITION", "loyalty", "active", "BOOLEAN", json!(true));
            let balance =
                leaf("LESS_THAN_OR_EQUAL_CONDITION", "p:bank", "balance", "INTEGER", json!(1_000 - index));
            let parts = match index % 4 {
                0 => vec![points, tier],
                1 => vec![age, points, active],
                2 => vec![balance],
                _ => vec![age, tier, balance],
            };
            let condition = json!({"kind": "AND_CONDITION", "subconditions": parts});
            (condition, if index % 3 == 0 { json!(["loyalty"]) } else { json!([]) })
        })
        .collect()
}

fn compile(segments: &[(Value, Value)]) -> Segments {
    let (conditions, required): (Vec<_>, Vec<_>) = segments.iter().cloned().unzip();
    Segments::compile(&conditions, &required).expect("well formed")
}

fn evaluations(peer: Option<&Peer>, cases: &[Case]) {
    let mut candidates = Vec::new();
    if let Some(peer) = peer {
        candidates.push(Candidate::new("the official package on Node", || {
            peer.run("evaluate", 4) * cases.len() as u64
        }));
    }
    candidates.push(Candidate::new("kyckit: rank, both lists made", || {
        for case in cases {
            let evaluation = case.levels.evaluate(&case.claims);
            let list = |scopes: Option<&[std::sync::Arc<str>]>| scopes.map(|scopes| scopes.to_vec());
            black_box((
                evaluation.rank(),
                list(evaluation.used_scopes()),
                list(evaluation.requested_scopes()),
            ));
        }
        cases.len() as u64
    }));
    candidates.push(Candidate::new("kyckit: rank, both lists borrowed", || {
        for case in cases {
            black_box(case.levels.evaluate(&case.claims));
        }
        cases.len() as u64
    }));
    compare(
        &format!("an evaluation, over {} cases of the vectors", cases.len()),
        9,
        Duration::from_millis(250),
        candidates,
    );
}

fn small_counts(peer: Option<&Peer>, segments: &Segments, users: &[Value]) {
    let population = population(segments, users.iter());
    let mut counting = population.prepare(segments).expect("bound");
    let mut counts = vec![0; segments.len()];
    let mut other = counts.clone();
    let mut candidates = Vec::new();
    if let Some(peer) = peer {
        candidates.push(Candidate::new("the official package on Node", || {
            peer.run("count", 1) * users.len() as u64
        }));
    }
    candidates.push(Candidate::new("kyckit: parsed claims, as they pass by", || {
        users.iter().for_each(|claims| segments.count_user(claims, &mut counts));
        users.len() as u64
    }));
    candidates.push(Candidate::new("kyckit: claims in columns", || {
        counting.count(&mut other);
        black_box(&other);
        users.len() as u64
    }));
    compare(
        &format!("a user of {}, counted for {} conditions", users.len(), segments.len()),
        5,
        Duration::from_millis(400),
        candidates,
    );
}

fn population<'a>(segments: &Segments, users: impl Iterator<Item = &'a Value>) -> Population {
    let mut population = Population::of([segments]);
    users.for_each(|claims| population.add(claims).expect("not too many"));
    population
}

/// The median time of a few runs, in milliseconds.
fn timed(runs: usize, mut run: impl FnMut()) -> f64 {
    let times = (0..runs).map(|_| {
        let begun = Instant::now();
        run();
        begun.elapsed().as_secs_f64() * 1e3
    });
    median(&mut times.collect::<Vec<_>>())
}

/// Counts over growing populations: columns in memory, and the same columns in databases.
fn large_counts(segments: &Segments) {
    let mapping = generated::typed("users");
    let query = |dialect| mapping.count(segments, dialect).expect("typed columns");
    let (for_sqlite, for_postgres) = (query(Dialect::Sqlite), query(Dialect::Postgres));
    let mut random = Random::new(generated::seed() ^ 3);
    let sqlite = Sqlite::new();
    let postgres = Postgresql::connect("bench");
    if let Some(postgres) = &postgres {
        postgres.create();
        postgres.run("SET max_parallel_workers_per_gather = 0");
    }
    let mut population = Population::of([segments]);
    println!("\n{} conditions over all users, one core, milliseconds", segments.len());
    let mut begin = Duration::ZERO;
    for size in MANY {
        while population.len() < size {
            let users: Vec<User> = generated::users(&mut random, (size - population.len()).min(10_000));
            let begun = Instant::now();
            users.iter().for_each(|user| population.add(&user.claims).expect("not too many"));
            begin += begun.elapsed();
            sqlite.add(&users, Documents::LeftOut);
            if let Some(postgres) = &postgres {
                postgres.add(&users, Documents::LeftOut);
            }
        }
        let mut counting = population.prepare(segments).expect("bound");
        let mut counts = vec![0; segments.len()];
        let bare = timed(9, || counting.count(&mut counts));
        let bound = timed(3, || counts = population.count(segments).expect("bound"));
        println!("  {size:>9} users: in memory {bare:>9.3}, with binding {bound:>9.3}");
        against("SQLite", bound, &for_sqlite, &counts, |query| sqlite.count(query));
        if let Some(postgres) = &postgres {
            postgres.run("ANALYZE users");
            against("PostgreSQL", bound, &for_postgres, &counts, |query| postgres.count(query));
        }
    }
    println!(
        "  putting a user's claims into columns takes {:.2} µs",
        begin.as_secs_f64() * 1e6 / population.len() as f64
    );
}

fn against(engine: &str, memory: f64, query: &Query, expected: &[u64], count: impl Fn(&Query) -> Vec<u64>) {
    let time = timed(3, || assert_eq!(count(query), expected, "{engine}"));
    println!("    {engine:<10} {time:>9.1}, {:.0} times the time in memory", time / memory);
}
