//! Comparing exact decimals as if they had been rounded to doubles first.
//!
//! PostgreSQL keeps JSON numbers as decimals of any length. The evaluator knows doubles alone: it rounds a claim, then
//! compares. Rounding keeps the order, so there is an exact decimal that parts those which round to a bound or below it
//! from the others: the middle between the bound and its neighbour. To compare with that is to compare rounded, and no
//! decimal is ever converted, which would fail the whole query for one that is no double.

use crate::credify::offer::Compare;

/// A comparison with an exact decimal.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exact {
    pub operator: &'static str,
    pub decimal: String,
}

/// The comparisons of a decimal that all hold when the rounded decimal compares so with a finite bound. None of them:
/// it always holds. `None`: it never does.
pub(super) fn exact(compare: Compare, bound: f64) -> Option<Vec<Exact>> {
    // The middle itself rounds to the even one of the two.
    let is_even = bound.to_bits() & 1 == 0;
    let above = || middle(bound, bound.next_up());
    let below = || middle(bound.next_down(), bound);
    let one = |operator, decimal: Option<String>| decimal.map(|decimal| Exact { operator, decimal });
    match compare {
        Compare::LessOrEqual => Some(one(if is_even { "<=" } else { "<" }, above()).into_iter().collect()),
        Compare::LargerOrEqual => Some(one(if is_even { ">=" } else { ">" }, below()).into_iter().collect()),
        Compare::Less => one(if is_even { "<" } else { "<=" }, below()).map(|one| vec![one]),
        Compare::Larger => one(if is_even { ">" } else { ">=" }, above()).map(|one| vec![one]),
        Compare::Equal => {
            let mut both = exact(Compare::LargerOrEqual, bound)?;
            both.extend(exact(Compare::LessOrEqual, bound)?);
            Some(both)
        }
    }
}

/// The decimal in the middle of two neighbours; none beyond the largest double.
fn middle(low: f64, high: f64) -> Option<String> {
    if !low.is_finite() || !high.is_finite() {
        return None;
    }
    // Of two neighbours the one nearer to zero decides how far they are apart.
    let (inner, is_negative) = if low >= 0.0 { (low, false) } else { (-high, true) };
    let bits = inner.to_bits();
    let (fraction, exponent) =
        (bits & ((1 << 52) - 1), i32::try_from(bits >> 52 & 0x7ff).unwrap_or_default());
    let (mantissa, power) =
        if exponent == 0 { (fraction, -1_074) } else { (fraction | 1 << 52, exponent - 1_075) };
    // Half a step further: (2 m + 1) · 2^(e - 1).
    let digits = decimal(2 * mantissa + 1, power - 1);
    Some(if is_negative { format!("-{digits}") } else { digits })
}

/// `number · 2^power`, in full.
fn decimal(number: u64, power: i32) -> String {
    const BASE: u64 = 1_000_000_000;
    // The lowest nine digits come first. Below one, 2^-n is 5^n with the point n digits from the right.
    let mut limbs = vec![number % BASE, number / BASE % BASE, number / BASE / BASE];
    let factor = if power < 0 { 5 } else { 2 };
    for _ in 0..power.unsigned_abs() {
        let mut carry = 0;
        for limb in &mut limbs {
            let product = *limb * factor + carry;
            *limb = product % BASE;
            carry = product / BASE;
        }
        if carry > 0 {
            limbs.push(carry);
        }
    }
    let digits: String = limbs.iter().rev().map(|limb| format!("{limb:09}")).collect();
    let point = if power < 0 { power.unsigned_abs() as usize } else { 0 };
    let digits = format!("{digits:0>width$}", width = point + 1);
    let (whole, fraction) = digits.split_at(digits.len() - point);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard library prints doubles in full and rounds decimals once: it knows both sides of each middle.
    #[test]
    fn a_middle_parts_what_rounds_down_from_what_rounds_up() {
        let numbers = [
            0.0,
            1.0,
            100.0,
            -100.0,
            0.1,
            1e21,
            9_007_199_254_740_992.0,
            9_007_199_254_740_994.0,
            f64::MIN_POSITIVE,
            5e-324,
            -5e-324,
            1e300,
            1.797e308,
            -1e-310,
            2.0_f64.powi(60),
            -(2.0_f64.powi(-60)),
        ];
        for low in numbers {
            let high = low.next_up();
            let middle = middle(low, high).expect("finite");
            let parsed: f64 = middle.parse().expect("a decimal");
            let even = if low.to_bits() & 1 == 0 { low } else { high };
            assert_eq!(parsed, even, "the middle of {low:e} is a tie");
            let beyond: f64 = format!("{middle}{}1", if middle.contains('.') { "" } else { ".0" })
                .parse()
                .expect("a decimal");
            assert_eq!(
                beyond,
                if low < 0.0 { low } else { high },
                "past the middle of {low:e}, away from zero"
            );
        }
        assert_eq!(middle(f64::MAX, f64::MAX.next_up()), None);
    }

    #[test]
    fn a_bound_between_even_and_odd_takes_its_ties() {
        let one = |compare, bound| {
            exact(compare, bound).map(|all| {
                all.into_iter().map(|one| format!("{} {}", one.operator, one.decimal)).collect::<Vec<_>>()
            })
        };
        let even = 9_007_199_254_740_992.0;
        assert_eq!(one(Compare::LessOrEqual, even), Some(vec!["<= 9007199254740993".to_owned()]));
        assert_eq!(one(Compare::Larger, even), Some(vec!["> 9007199254740993".to_owned()]));
        assert_eq!(
            one(Compare::Equal, even),
            Some(vec![">= 9007199254740991.5".to_owned(), "<= 9007199254740993".to_owned()])
        );
        let odd = 9_007_199_254_740_994.0;
        assert_eq!(one(Compare::Less, odd), Some(vec!["<= 9007199254740993".to_owned()]));
        assert_eq!(one(Compare::LargerOrEqual, odd), Some(vec!["> 9007199254740993".to_owned()]));
        assert_eq!(one(Compare::LessOrEqual, f64::MAX), Some(vec![]));
        assert_eq!(one(Compare::Larger, f64::MAX), None);
        assert_eq!(one(Compare::Less, f64::MIN), None);
    }
}
