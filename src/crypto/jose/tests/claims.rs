//! Claims.

use std::time::{Duration, SystemTime};

use super::super::claims::{Cause, ClaimRules, Claims, Refusal};
use crate::{ErrorKind, clock::Clock, error::Error};

const NOW: u64 = 1_700_000_000;

fn check(payload: &str, rules: &ClaimRules) -> Result<(), Refusal> {
    let (clock, _) = Clock::frozen(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW));
    Claims::read(payload.as_bytes()).expect("an object").check(rules, &clock)
}

fn cause(payload: &str, rules: &ClaimRules) -> Option<(&'static str, Cause)> {
    check(payload, rules).err().map(|refusal| (refusal.claim, refusal.cause))
}

#[test]
fn required_claims_that_are_missing_are_refused_the_audience_too() {
    let rules = ClaimRules::new().require(["exp", "sub"]);
    assert_eq!(cause("{}", &rules), Some(("exp", Cause::Missing)));
    assert_eq!(cause(r#"{"exp":1800000000}"#, &rules), Some(("sub", Cause::Missing)));
    assert_eq!(cause(r#"{"exp":1800000000,"sub":"x"}"#, &rules), None);
    assert_eq!(cause("{}", &ClaimRules::new().audience("me")), Some(("aud", Cause::Missing)));
    assert_eq!(cause("{}", &ClaimRules::new().issuer("you")), Some(("iss", Cause::Missing)));
    assert_eq!(
        cause("{}", &ClaimRules::new().longest_life(Duration::from_secs(1))),
        Some(("iat", Cause::Missing))
    );
    assert_eq!(cause("{}", &ClaimRules::new()), None);
}

#[test]
fn dates_are_checked_to_the_second_and_leeway_counts_on_both_sides() {
    let strict = ClaimRules::new();
    let lenient = ClaimRules::new().leeway(Duration::from_secs(60));
    for (payload, by_strict, by_lenient) in [
        (r#"{"exp":1700000001}"#, None, None),
        (r#"{"exp":1700000000}"#, Some(Cause::Expired), None),
        (r#"{"exp":1700000000.5}"#, None, None),
        (r#"{"exp":1699999941}"#, Some(Cause::Expired), None),
        (r#"{"exp":1699999940}"#, Some(Cause::Expired), Some(Cause::Expired)),
        (r#"{"exp":0}"#, Some(Cause::Expired), Some(Cause::Expired)),
        (r#"{"exp":-1}"#, Some(Cause::Expired), Some(Cause::Expired)),
        (r#"{"nbf":1700000000}"#, None, None),
        (r#"{"nbf":1700000001}"#, Some(Cause::Early), None),
        (r#"{"nbf":1700000060}"#, Some(Cause::Early), None),
        (r#"{"nbf":1700000061}"#, Some(Cause::Early), Some(Cause::Early)),
        (r#"{"iat":1800000000}"#, None, None),
    ] {
        assert_eq!(cause(payload, &strict).map(|(_, cause)| cause), by_strict, "{payload}");
        assert_eq!(cause(payload, &lenient).map(|(_, cause)| cause), by_lenient, "{payload}");
    }
    let past = ClaimRules::new().issued_in_the_past();
    assert_eq!(cause(r#"{"iat":1700000000}"#, &past), None);
    assert_eq!(cause(r#"{"iat":1700000001}"#, &past), Some(("iat", Cause::Early)));
    let hour = ClaimRules::new().longest_life(Duration::from_secs(3_600));
    assert_eq!(cause(r#"{"iat":1699996401}"#, &hour), None);
    assert_eq!(cause(r#"{"iat":1699996400}"#, &hour), Some(("iat", Cause::Expired)));
}

#[test]
fn dates_out_of_range_or_of_another_type_are_refused_without_a_panic() {
    for claim in ["exp", "nbf", "iat"] {
        for number in [
            "1e300",
            "-1e300",
            "18446744073709551615",
            "-9223372036854775808",
            "9007199254740994",
            // Now, in milliseconds, and the first second of the year 10000.
            "1800000000000",
            "253402300800",
        ] {
            let payload = format!(r#"{{"{claim}":{number}}}"#);
            assert_eq!(cause(&payload, &ClaimRules::new()), Some((claim, Cause::OutOfRange)), "{payload}");
        }
        for value in [r#""1800000000""#, "null", "true", "[]", "{}"] {
            let payload = format!(r#"{{"{claim}":{value}}}"#);
            assert_eq!(cause(&payload, &ClaimRules::new()), Some((claim, Cause::Malformed)), "{payload}");
        }
    }
    // The maximum that is a date: no overflow.
    let rules = ClaimRules::new().leeway(Duration::MAX).longest_life(Duration::MAX).issued_in_the_past();
    assert_eq!(cause(r#"{"exp":-253402300799,"nbf":253402300799,"iat":253402300799}"#, &rules), None);
    assert!(Claims::read(br#"{"exp":1e999}"#).is_err());
}

#[test]
fn issuer_and_audience_fit_exactly() {
    let rules = ClaimRules::new().issuer("https://idp").audience("me");
    for (payload, expected) in [
        (r#"{"iss":"https://idp","aud":"me"}"#, None),
        (r#"{"iss":"https://idp","aud":["you","me"]}"#, None),
        (r#"{"iss":"https://idp/","aud":"me"}"#, Some(("iss", Cause::Mismatch))),
        (r#"{"iss":["https://idp"],"aud":"me"}"#, Some(("iss", Cause::Malformed))),
        (r#"{"iss":"https://idp","aud":"ME"}"#, Some(("aud", Cause::Mismatch))),
        (r#"{"iss":"https://idp","aud":[]}"#, Some(("aud", Cause::Mismatch))),
        (r#"{"iss":"https://idp","aud":[["me"]]}"#, Some(("aud", Cause::Mismatch))),
        (r#"{"iss":"https://idp","aud":7}"#, Some(("aud", Cause::Malformed))),
    ] {
        assert_eq!(cause(payload, &rules), expected, "{payload}");
    }
}

#[test]
fn an_error_names_the_claim_and_never_its_value() {
    let rules = ClaimRules::new().issuer("expected-issuer").audience("expected-audience");
    let payload = r#"{"iss":"s3cr3t-issuer","aud":"s3cr3t-audience"}"#;
    let error = Error::from(check(payload, &rules).expect_err("refused"));
    assert_eq!(
        (error.kind(), error.check(), error.path()),
        (ErrorKind::Signature, Some("claim.mismatch"), Some("iss"))
    );
    let text = format!("{error} {error:?}");
    assert!(!text.contains("s3cr3t") && !text.contains("expected-"), "{text}");
    let claims = Claims::read(payload.as_bytes()).expect("claims");
    assert!(!format!("{claims:?}").contains("s3cr3t"));

    for (payload, kind, word) in [
        (r#"{"exp":1}"#, ErrorKind::Expired, "claim.expired"),
        (r#"{"nbf":1800000000}"#, ErrorKind::Signature, "claim.early"),
        (r#"{"exp":"1"}"#, ErrorKind::Decode, "claim.malformed"),
        (r#"{"exp":1e300}"#, ErrorKind::Decode, "claim.out_of_range"),
    ] {
        let error = Error::from(check(payload, &ClaimRules::new()).expect_err("refused"));
        assert_eq!((error.kind(), error.check()), (kind, Some(word)));
    }
    let error = Error::from(check("{}", &ClaimRules::new().require(["exp"])).expect_err("refused"));
    assert_eq!((error.kind(), error.check()), (ErrorKind::Decode, Some("claim.missing")));
}

#[test]
fn a_clock_that_is_behind_is_named() {
    let refusal = check(r#"{"iat":1700000090,"nbf":1700000090}"#, &ClaimRules::new()).expect_err("refused");
    assert_eq!(refusal.clock_skew, Some(-90));
    let error = Error::from(refusal);
    assert_eq!(error.clock_skew(), Some(-90));
    assert!(error.to_string().contains("90 s behind"), "{error}");
    // A start in the future, issued in the past, says nothing about the clocks.
    let refusal = check(r#"{"iat":1699999000,"nbf":1700000090}"#, &ClaimRules::new()).expect_err("refused");
    assert_eq!(refusal.clock_skew, None);
}

#[test]
fn a_payload_is_an_object_that_names_each_member_once() {
    for payload in ["", "null", "[]", r#""x""#, "7", r#"{"exp":1,"exp":2}"#, "{} {}", "\u{feff}{}"] {
        let error = Claims::read(payload.as_bytes()).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Decode, "{payload}");
    }
    assert!(Claims::read(b"{\"a\":\"\xff\"}").is_err());
    let claims = Claims::read(br#"{"b":1,"a":2}"#).expect("claims");
    assert_eq!(claims.get("a"), Some(&2.into()));
    assert_eq!(claims.into_map().keys().collect::<Vec<_>>(), ["b", "a"], "in the order that was signed");
}

#[test]
fn a_token_that_is_issued_now_says_nothing_of_the_clocks() {
    let skew = |issued: u64| {
        let refused = check(&format!(r#"{{"nbf":1800000000,"iat":{issued}}}"#), &ClaimRules::new());
        refused.expect_err("early").clock_skew
    };
    assert_eq!((skew(NOW - 1), skew(NOW), skew(NOW + 60)), (None, None, Some(-60)));
}
