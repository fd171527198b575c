//! Closed loops: who has no reply does not ask again.

use std::rc::Rc;
use std::time::Instant;

use executor::spawn;
use executor::time::now;

use super::goal::Goal;
use super::{Sender, gather};
use crate::measured::Measured;

/// Each connection sends as soon as it has its own replies.
pub(super) async fn free_running(
    senders: &mut Vec<Sender>,
    pipeline: usize,
    goal: &Rc<Goal>,
) -> Result<Measured, String> {
    let tasks = senders.drain(..).map(|mut sender| {
        let goal = Rc::clone(goal);
        spawn(async move {
            let mut measured = Measured::new();
            let mut out = Vec::new();
            while goal.take(pipeline as u64) {
                let begun = sender.send(&mut out, pipeline).await?;
                sender.receive(pipeline, begun, &mut measured).await?;
                goal.answered(pipeline as u64);
            }
            Ok((sender, measured))
        })
    });
    let tasks = tasks.collect();
    gather(tasks, senders).await
}

/// All connections send; when all have their replies, all send again.
pub(super) async fn lock_step(
    senders: &mut [Sender],
    pipeline: usize,
    goal: &Goal,
) -> Result<Measured, String> {
    let mut measured = Measured::new();
    let mut out = Vec::new();
    let mut begun = vec![now(); senders.len()];
    let turn = (senders.len() * pipeline) as u64;
    while goal.take(turn) {
        for (sender, begun) in senders.iter_mut().zip(&mut begun) {
            *begun = sender.send(&mut out, pipeline).await?;
        }
        // The last one first: when it is answered, so are the others, as a rule.
        for (sender, begun) in senders.iter_mut().zip(&begun).rev() {
            sender.receive(pipeline, *begun, &mut measured).await?;
        }
        goal.answered(turn);
    }
    Ok(measured)
}

impl Sender {
    /// Sends the next requests; says when. `out` is memory to make them in.
    async fn send(&mut self, out: &mut Vec<u8>, pipeline: usize) -> Result<Instant, String> {
        out.clear();
        for _ in 0..pipeline {
            self.traffic.append(out);
        }
        let begun = now();
        self.connection.send(out).await?;
        Ok(begun)
    }

    /// Waits for the replies to what was sent then.
    async fn receive(
        &mut self,
        pipeline: usize,
        begun: Instant,
        measured: &mut Measured,
    ) -> Result<(), String> {
        for _ in 0..pipeline {
            let reply = self.connection.replies.next().await?;
            measured.count(reply, now() - begun);
        }
        Ok(())
    }
}
