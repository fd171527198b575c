//! Fan-out: each message to all subscribers.
//!
//! ```text
//!   publishers ──► `pipeline` messages each ──► server ──► every subscriber gets all of them
//!        ▲                                                              │
//!        └──────────────── when all have come, the next ◄───────────────┘
//! ```

use executor::time::now;

use super::Clients;
use super::goal::Goal;
use crate::measured::Measured;

/// Publishes until the goal is reached; one operation is one message at one subscriber.
pub(super) async fn run(
    clients: &mut Clients,
    pipeline: usize,
    goal: &Goal,
) -> Result<Measured, String> {
    let mut measured = Measured::new();
    let mut out = Vec::new();
    let Clients { senders, subscribers, channel } = clients;
    let each = senders.len() * pipeline;
    let all = (each * subscribers.len()) as u64;
    while goal.take(all) {
        let begun = now();
        for sender in senders.iter_mut() {
            out.clear();
            for _ in 0..pipeline {
                sender.traffic.append_message(&mut out, channel);
            }
            sender.connection.send(&out).await?;
        }
        for sender in senders.iter_mut() {
            for _ in 0..pipeline {
                measured.look_for_error(sender.connection.replies.next().await?);
            }
        }
        for subscriber in subscribers.iter_mut().rev() {
            for _ in 0..each {
                let message = subscriber.replies.next().await?;
                measured.count(message, now() - begun);
            }
        }
        goal.answered(all);
    }
    Ok(measured)
}
