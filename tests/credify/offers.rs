//! Offers are evaluated as the provider does, and bad ones are refused without harm.

use kyckit::{
    Error, ErrorKind,
    credify::offer::{Levels, Population, Rules, Segments, evaluate},
};
use serde_json::{Value, json};

use super::generated::{self, Random, Reads};

fn leaf(kind: &str, value_type: &str, value: Value) -> Value {
    json!({
        "kind": kind,
        "claim": {"name": "points", "value_type": value_type, "scope": {"name": "loyalty"}},
        "value": value,
    })
}

fn and(parts: Vec<Value>) -> Value {
    json!({"kind": "AND_CONDITION", "subconditions": parts})
}

fn rank(condition: Value, points: Value) -> usize {
    let claims = json!({"loyalty": {"points": points}});
    evaluate(&json!([condition]), &json!([]), &claims).expect("well formed").rank()
}

fn refused(condition: Value) -> Error {
    let error = Levels::compile(&json!([condition]), &json!([])).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
    error
}

#[test]
fn conditions_ten_thousand_deep_are_refused_on_a_small_stack() {
    // Of subconditions, of claims around claims, of lists. Put together by hand: `json!` copies what it is given.
    let object = |members: Vec<(&str, Value)>| {
        Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let mut conditions = leaf("EQUALITY_CONDITION", "INTEGER", json!(1));
    let mut claim = json!({"name": "a"});
    let mut upper = json!(5);
    for _ in 0..10_000 {
        conditions =
            object(vec![("kind", json!("AND_CONDITION")), ("subconditions", Value::Array(vec![conditions]))]);
        claim = object(vec![("name", json!("a")), ("main", claim)]);
        upper = Value::Array(vec![upper]);
    }
    claim["value_type"] = json!("INTEGER");
    claim["scope"] = json!({"name": "s"});
    let nested = object(vec![("kind", json!("EQUALITY_CONDITION")), ("claim", claim), ("value", json!(1))]);
    let mut range = leaf("IN_RANGE_CONDITION", "FLOAT", json!(1));
    range["upper"] = upper;
    let inputs = [conditions, nested, range].map(|condition| Value::Array(vec![condition]));
    let inputs = std::thread::Builder::new()
        .stack_size(512 * 1024)
        .spawn(move || {
            let claims = json!({"loyalty": {"points": 2}});
            for input in &inputs[..2] {
                let error = evaluate(input, &json!([]), &claims).expect_err("too deep");
                assert_eq!(error.check(), Some("condition.depth"), "{error}");
                assert_eq!(error.path(), Some("conditions[0]"));
                assert!(error.to_string().len() < 200, "{error}");
            }
            // Lists within lists are no number at this depth: no user fits.
            assert_eq!(evaluate(&inputs[2], &json!([]), &claims).expect("well formed").rank(), 0);
            inputs
        })
        .expect("a thread")
        .join()
        .expect("no overflow");
    // The values themselves are freed level by level, on a stack that is large enough.
    std::thread::Builder::new()
        .stack_size(256 << 20)
        .spawn(move || drop(inputs))
        .expect("a thread")
        .join()
        .expect("freed");

    // As text they do not come so far: the reader has a limit of its own.
    let text = format!(
        "{}{}{}",
        r#"{"kind":"AND_CONDITION","subconditions":["#.repeat(10_000),
        "{}",
        "]}".repeat(10_000)
    );
    assert!(serde_json::from_str::<Value>(&text).is_err());
}

#[test]
fn sixty_four_levels_are_read_and_one_more_is_not() {
    let nested = |levels: usize| {
        (1..levels).fold(leaf("EQUALITY_CONDITION", "INTEGER", json!(1)), |inner, _| and(vec![inner]))
    };
    assert_eq!(rank(nested(64), json!(1)), 1);
    assert_eq!(rank(nested(64), json!(2)), 0);
    assert_eq!(refused(nested(65)).check(), Some("condition.depth"));
}

#[test]
fn what_is_too_large_is_refused() {
    let equal = |text: String| leaf("EQUALITY_CONDITION", "TEXT", json!(text));
    assert_eq!(rank(equal("x".repeat(65_536)), json!("x".repeat(65_536))), 1);
    assert_eq!(refused(equal("x".repeat(65_537))).check(), Some("condition.size"));
    let many = |parts| and(vec![leaf("LARGER_THAN_CONDITION", "FLOAT", json!(0)); parts]);
    assert_eq!(rank(many(4_095), json!(1)), 1);
    assert_eq!(refused(many(4_096)).check(), Some("condition.size"));
    let levels = |number: usize| Levels::compile(&json!(vec![json!(null); number]), &json!([]));
    assert_eq!(levels(4_096).expect("many").len(), 4_096);
    assert_eq!(levels(4_097).expect_err("too many").check(), Some("condition.size"));
}

#[test]
fn a_broken_condition_is_an_error_wherever_it_stands_that_says_where() {
    let good = || leaf("EQUALITY_CONDITION", "INTEGER", json!(1));
    let without = |member: &str| {
        let mut condition = good();
        condition.as_object_mut().expect("an object").remove(member);
        condition
    };
    let with = |pointer: &str, value: Value| {
        let mut condition = good();
        *condition.pointer_mut(pointer).expect("there") = value;
        condition
    };
    let at = "conditions[0]";
    for (condition, check, path) in [
        (json!("text"), "condition.form", at),
        (json!([1]), "condition.form", at),
        (without("claim"), "condition.claim", at),
        (with("/claim", json!("points")), "condition.claim", at),
        (json!({"kind": "OR_CONDITION"}), "condition.claim", at),
        (json!({"subconditions": [good()]}), "condition.claim", at),
        (with("/claim/scope", json!(null)), "condition.scope", at),
        (with("/claim/scope", json!("loyalty")), "condition.scope", "conditions[0].claim.scope"),
        // The official evaluator makes lists of five holes of it.
        (with("/claim/scope/name", json!(5)), "condition.name", "conditions[0].claim.scope.name"),
        (with("/claim/name", json!(5)), "condition.name", "conditions[0].claim.name"),
        (and(vec![good(), json!(null)]), "condition.form", "conditions[0].subconditions[1]"),
        (and(vec![json!({})]), "condition.claim", "conditions[0].subconditions[0]"),
        (
            and(vec![good(), and(vec![json!(7)])]),
            "condition.form",
            "conditions[0].subconditions[1].subconditions[0]",
        ),
        (json!({"kind": "AND_CONDITION", "subconditions": ""}), "condition.subconditions", at),
    ] {
        let error = refused(condition.clone());
        assert_eq!((error.check(), error.path()), (Some(check), Some(path)), "{condition}");
    }
    // Behind a level that fails, too.
    let conditions = json!([leaf("EQUALITY_CONDITION", "INTEGER", json!(2)), without("claim")]);
    let error = evaluate(&conditions, &json!([]), &json!({})).expect_err("eager");
    assert_eq!(error.path(), Some("conditions[1]"));
    for required in [json!({}), json!("loyalty"), json!(["loyalty"]), json!([[5]]), json!([false])] {
        assert!(Levels::compile(&json!([]), &required).is_err(), "{required}");
    }
    // Without claims nothing is looked at.
    assert_eq!(evaluate(&conditions, &json!([]), &json!(null)).expect("nothing").requested_scopes(), None);
}

#[test]
fn unknown_kinds_and_types_match_nobody_and_are_no_error() {
    for (condition, points) in [
        (leaf("SOMETHING_NEW", "INTEGER", json!(1)), json!(1)),
        (leaf("OR_CONDITION", "INTEGER", json!(1)), json!(1)),
        (leaf("NOT_CONDITION", "INTEGER", json!(1)), json!(2)),
        (leaf("EQUALITY_CONDITION", "Integer", json!(1)), json!(1)),
        (leaf("EQUALITY_CONDITION", "INTEGER", json!("1")), json!("1")),
        (leaf("LARGER_THAN_CONDITION", "INTEGER", json!("1")), json!(2)),
        (leaf("LARGER_THAN_CONDITION", "INTEGER", json!(1)), json!("2")),
        (leaf("LARGER_THAN_CONDITION", "INTEGER", json!(-1)), json!(null)),
        (and(vec![]), json!(1)),
    ] {
        assert_eq!(rank(condition.clone(), points), 0, "{condition}");
    }
}

#[test]
fn of_several_spellings_of_a_key_the_last_one_counts() {
    let spelled = |types: Value| {
        let mut claim = json!({"name": "points", "scope": {"name": "loyalty"}});
        claim.as_object_mut().expect("an object").extend(types.as_object().expect("an object").clone());
        json!({"kind": "EQUALITY_CONDITION", "claim": claim, "value": 1})
    };
    for key in ["value_type", "valueType", "value-type", "value_Type"] {
        assert_eq!(rank(spelled(json!({key: "INTEGER"})), json!(1)), 1, "{key}");
    }
    for key in ["valuetype", "ValueType", "value__type", "value type"] {
        assert_eq!(rank(spelled(json!({key: "INTEGER"})), json!(1)), 0, "{key}");
    }
    assert_eq!(rank(spelled(json!({"value_type": "TEXT", "valueType": "INTEGER"})), json!(1)), 1);
    assert_eq!(rank(spelled(json!({"valueType": "INTEGER", "value_type": "TEXT"})), json!(1)), 0);
}

#[test]
fn numeric_texts_are_bounds_when_they_are_asked_to_be() {
    let rules = Rules::new().coerce_numeric_text(true);
    let rank = |condition: Value, points: Value| {
        let levels = Levels::compile_with(&json!([condition]), &json!([]), &rules).expect("well formed");
        levels.evaluate(&json!({"loyalty": {"points": points}})).rank()
    };
    assert_eq!(rank(leaf("LARGER_THAN_CONDITION", "INTEGER", json!("100")), json!(150)), 1);
    assert_eq!(rank(leaf("LARGER_THAN_CONDITION", "INTEGER", json!(" 1e2 ")), json!(100)), 0);
    assert_eq!(rank(leaf("EQUALITY_CONDITION", "FLOAT", json!("0.1")), json!(0.1)), 1);
    // A text in the claims stays one, and so does what is no number.
    assert_eq!(rank(leaf("EQUALITY_CONDITION", "INTEGER", json!("1")), json!("1")), 0);
    assert_eq!(rank(leaf("EQUALITY_CONDITION", "INTEGER", json!("")), json!(0)), 0);
    assert_eq!(rank(leaf("EQUALITY_CONDITION", "TEXT", json!("1")), json!("1")), 1);
}

#[test]
fn or_and_not_mean_something_when_they_are_asked_to() {
    let rules = Rules::new().or_and_not(true);
    let equal = |value: i32| leaf("EQUALITY_CONDITION", "INTEGER", json!(value));
    let compile = |kind: &str, parts: Vec<Value>| {
        let condition = json!({"kind": kind, "subconditions": parts});
        Levels::compile_with(&json!([condition]), &json!([]), &rules)
    };
    let rank = |kind: &str, parts: Vec<Value>, claims: Value| {
        compile(kind, parts).expect("well formed").evaluate(&claims).rank()
    };
    let claims = |points: i32| json!({"loyalty": {"points": points}});
    assert_eq!(rank("OR_CONDITION", vec![equal(1), equal(2)], claims(2)), 1);
    assert_eq!(rank("OR_CONDITION", vec![equal(1), equal(2)], claims(3)), 0);
    assert_eq!(rank("OR_CONDITION", vec![], claims(3)), 0);
    assert_eq!(rank("NOT_CONDITION", vec![equal(1)], claims(2)), 1);
    assert_eq!(rank("NOT_CONDITION", vec![equal(1)], claims(1)), 0);
    assert_eq!(rank("NOT_CONDITION", vec![equal(1)], json!({})), 1);
    for parts in [vec![], vec![equal(1), equal(2)]] {
        assert_eq!(
            compile("NOT_CONDITION", parts).expect_err("one part").check(),
            Some("condition.subconditions")
        );
    }
    let levels = compile("OR_CONDITION", vec![equal(1), equal(2)]).expect("well formed");
    assert_eq!(levels.evaluate(&claims(1)).used_scopes().map(<[_]>::len), Some(1));
}

#[test]
fn columns_count_what_the_evaluator_counts_user_by_user() {
    let mut random = Random::new(generated::seed() ^ 2);
    // More than a block, and not a multiple of anything.
    let users = generated::users(&mut random, 1_501);
    for reads in [Reads::Columns, Reads::Documents, Reads::Both] {
        let segments: Vec<_> = (0..120).map(|_| generated::segment(&mut random, reads)).collect();
        let segments = generated::compile(&segments);
        let mut expected = vec![0; segments.len()];
        users.iter().for_each(|user| segments.count_user(&user.claims, &mut expected));
        assert_eq!(generated::counted(&segments, &users), expected);
    }
}

#[test]
fn a_population_knows_lists_texts_and_users_without_claims() {
    let condition = |name: &str, kind: &str, value_type: &str, value: Value| {
        json!({
            "kind": kind,
            "claim": {"name": name, "value_type": value_type, "scope": {"name": "s"}, "main": {"name": "m"}},
            "value": value,
        })
    };
    let conditions = [
        condition("0", "CONTAIN_CONDITION", "TEXT", json!("")),
        condition("0", "CONTAIN_CONDITION", "TEXT", json!("a")),
        condition("0", "EQUALITY_CONDITION", "TEXT", json!("")),
        condition("length", "EQUALITY_CONDITION", "INTEGER", json!(2)),
        json!(null),
    ];
    let segments = Segments::compile(&conditions, &vec![json!([]); 5]).expect("well formed");
    let users = [
        json!({"s": {"m": ["a", 1]}}),
        json!({"s": {"m": "ab"}}),
        // Half a character: a text that contains nothing but the empty one.
        json!({"s": {"m": "😀"}}),
        json!({"s": {"m": ""}}),
        json!({}),
        json!(null),
    ];
    let mut population = Population::of([&segments]);
    let mut expected = [0; 5];
    for user in &users {
        population.add(user).expect("not too many");
        segments.count_user(user, &mut expected);
    }
    assert_eq!(expected, [3, 2, 0, 3, 5]);
    let mut counting = population.prepare(&segments).expect("what it was built for");
    for _ in 0..2 {
        let mut counts = [9; 6];
        counting.count(&mut counts);
        assert_eq!(counts, [3, 2, 0, 3, 5, 9]);
    }
    let other = condition("1", "EQUALITY_CONDITION", "TEXT", json!("b"));
    let other = Segments::compile(&[other], &[json!([])]).expect("well formed");
    assert_eq!(population.count(&other).expect_err("not kept").check(), Some("population.claim"));
    let scope = Segments::compile(&[json!(null)], &[json!(["t"])]).expect("well formed");
    assert_eq!(population.count(&scope).expect_err("not kept").check(), Some("population.claim"));
    let uneven = Segments::compile(&[json!(null)], &[]).expect_err("uneven");
    assert_eq!(uneven.check(), Some("condition.length"));
}

#[test]
fn nothing_of_claims_and_conditions_is_printed() {
    let conditions = json!([leaf("EQUALITY_CONDITION", "TEXT", json!("Jane Roe"))]);
    let levels = Levels::compile(&conditions, &json!([])).expect("well formed");
    let segments = Segments::compile(&[conditions[0].clone()], &[json!([])]).expect("well formed");
    let mut population = Population::of([&segments]);
    population.add(&json!({"loyalty": {"points": "Jane Roe"}})).expect("one");
    let counting = population.prepare(&segments).expect("bound");
    for text in
        [format!("{levels:?}"), format!("{segments:?}"), format!("{population:?}"), format!("{counting:?}")]
    {
        assert!(!text.contains("Jane"), "{text}");
    }
    let broken = json!([and(vec![json!("Jane Roe")])]);
    let error = Levels::compile(&broken, &json!([])).expect_err("broken");
    assert!(!format!("{error} {error:?}").contains("Jane"), "{error}");
}
