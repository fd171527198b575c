//! Fewer steps that still differ.

use std::time::{Duration, Instant};

use crate::generate::Step;
use crate::sides::Sides;

/// How long to look for fewer.
const SHRINKING: Duration = Duration::from_secs(30);

/// Leaves out steps, in halves, quarters, … down to single ones, and then commands of the
/// steps that are left in the same way, while it still differs.
pub(crate) fn shrink(sides: &mut Sides, steps: &[Step]) -> Vec<Step> {
    let begun = Instant::now();
    let mut fewest = steps.to_vec();
    let mut still_differs = |fewer: &mut Vec<Step>| match sides.first_difference(fewer) {
        Some((last, _)) => {
            fewer.truncate(last + 1);
            true
        }
        None => false,
    };
    let mut piece = fewest.len() / 2;
    while piece > 0 {
        let mut at = 0;
        while at < fewest.len() && begun.elapsed() < SHRINKING {
            let mut fewer = fewest.clone();
            fewer.drain(at..(at + piece).min(fewest.len()));
            match still_differs(&mut fewer) {
                true => fewest = fewer,
                false => at += piece,
            }
        }
        piece /= 2;
    }
    for at in (0..fewest.len()).rev() {
        let mut piece = fewest.get(at).map_or(0, |step| step.commands.len());
        while piece > 0 {
            let mut command = 0;
            while begun.elapsed() < SHRINKING
                && fewest.get(at).is_some_and(|step| command < step.commands.len())
            {
                let mut fewer = fewest.clone();
                let end = (command + piece).min(fewer[at].commands.len());
                fewer[at].commands.drain(command..end);
                match still_differs(&mut fewer) {
                    true => fewest = fewer,
                    false => command += piece,
                }
            }
            piece /= 2;
        }
    }
    // A step without its commands is one PING more, and tells nothing.
    fewest.retain(|step| !step.commands.is_empty() || !step.raw.is_empty());
    fewest
}
