//! One question after the other.

use std::time::Duration;

use super::answer::{Answer, ask};

/// Asks so many questions, and waits for each answer before it asks the next.
pub fn ask_all(questions: u32, away: Duration) -> Vec<Answer> {
    (0..questions).map(|number| ask(number, away)).collect()
}
