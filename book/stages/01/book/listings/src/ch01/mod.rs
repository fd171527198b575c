//! Chapter 1: one workload, as far as the standard library goes. The tasks wait for an executor.

pub mod answer;
pub mod race;
pub mod sequential;
pub mod threads;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{sequential, threads};

    #[test]
    fn both_versions_answer_in_order() {
        for ask_all in [sequential::ask_all, threads::ask_all] {
            let answers = ask_all(4, Duration::from_millis(1));
            let squares: Vec<u32> = answers.iter().map(|answer| answer.square).collect();
            assert_eq!(squares, [0, 1, 4, 9]);
        }
    }
}
