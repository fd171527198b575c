//! Medians and quartiles.

use serde_json::{Value, json};

/// The middle of some numbers, and how far they spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) lower: f64,
    pub(crate) median: f64,
    pub(crate) upper: f64,
}

impl Summary {
    /// `None` of no numbers.
    pub(crate) fn of(numbers: &[f64]) -> Option<Summary> {
        let mut sorted = numbers.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Summary {
            lower: quantile(&sorted, 0.25)?,
            median: quantile(&sorted, 0.5)?,
            upper: quantile(&sorted, 0.75)?,
        })
    }

    pub(crate) fn json(self) -> Value {
        json!({ "median": self.median, "quartiles": [self.lower, self.upper] })
    }
}

/// Between two neighbours, in proportion.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let at = share * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(below + (above - below) * at.fract())
}

/// Each number to the one of the same round.
pub(crate) fn ratios(numbers: &[f64], reference: &[f64]) -> Vec<f64> {
    numbers.iter().zip(reference).map(|(number, reference)| number / reference).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_neighbours_and_one_wild_number_moves_no_median() {
        assert_eq!(Summary::of(&[]), None);
        let one = Summary::of(&[3.0]).expect("a number");
        assert_eq!((one.lower, one.median, one.upper), (3.0, 3.0, 3.0));
        let four = Summary::of(&[4.0, 1.0, 3.0, 2.0]).expect("numbers");
        assert_eq!((four.lower, four.median, four.upper), (1.75, 2.5, 3.25));
        let wild = Summary::of(&[1.0, 1.0, 1.0, 1.0, 900.0]).expect("numbers");
        assert_eq!((wild.median, wild.upper), (1.0, 1.0));
    }

    #[test]
    fn ratios_are_taken_pair_by_pair() {
        // The machine was three times slower in the second round, for both.
        let both = ratios(&[0.9, 2.7], &[1.0, 3.0]);
        assert!(both.iter().all(|ratio| (ratio - 0.9).abs() < 1e-12), "{both:?}");
    }
}
