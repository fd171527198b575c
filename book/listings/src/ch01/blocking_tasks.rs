//! Tasks that keep the thread while they wait: wrong, though every word of it says `async`.

use std::thread;
use std::time::Duration;

use executor::spawn;

use super::answer::Answer;

/// Means to ask all at once, and does not.
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

/// Asks, and lets nobody have the thread.
async fn ask(number: u32, away: Duration) -> Answer {
    thread::sleep(away);
    Answer::to(number)
}
