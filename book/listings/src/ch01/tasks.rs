//! A task for each question, and one thread for all of them.

use std::time::Duration;

use executor::{spawn, time};

use super::answer::Answer;

/// Asks so many questions at once, on the thread that calls it.
pub fn ask_all(questions: u32, away: Duration) -> Vec<Answer> {
    executor::block_on(async {
        let tasks: Vec<_> = (0..questions).map(|number| spawn(ask(number, away))).collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("asking does not panic"));
        }
        answers
    })
}

/// Asks, and lets others have the thread until the answer is there.
async fn ask(number: u32, away: Duration) -> Answer {
    time::sleep(away).await;
    Answer::to(number)
}
