//! Fan-out: each message to all subscribers.
//!
//! ```text
//!   publishers ──► `pipeline` messages each ──► server ──► every subscriber gets all of them
//!        ▲                                                              │
//!        └──────────────── when all have come, the next ◄───────────────┘
//! ```

//!
//! In the open loop the publishers do not wait: each message goes out at its time, and carries its number,
//! by which a subscriber knows when that time was. So what a slow server or a full socket holds up counts
//! in full, at every subscriber.

use std::rc::Rc;

use executor::time::now;
use executor::{join, spawn};

use super::goal::Goal;
use super::open::{Schedule, on_time};
use super::{Clients, Sender, gather};
use crate::connection::{Connection, Replies};
use crate::measured::Measured;
use crate::traffic::number_of;

/// Publishes until the goal is reached; one operation is one message at one subscriber.
pub(super) async fn run(
    clients: &mut Clients,
    pipeline: usize,
    goal: &Goal,
) -> Result<Measured, String> {
    let mut measured = Measured::new();
    let mut out = Vec::new();
    let Clients { senders, subscribers, channel, .. } = clients;
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

/// Publishes `rate` messages a second in all, evenly, until each subscriber has had as many as planned.
pub(super) async fn open(
    clients: &mut Clients,
    rate: u64,
    goal: &Rc<Goal>,
) -> Result<Measured, String> {
    let Clients { senders, subscribers, channel, .. } = clients;
    let publishers = senders.len() as u64;
    let whole = Schedule::whole(rate, goal.planned(rate, subscribers.len() as u64));
    let publishing = senders
        .drain(..)
        .zip(0..)
        .map(|(sender, index)| {
            spawn(publish(sender, whole.part(index, publishers), channel.clone()))
        })
        .collect();
    let listening = subscribers
        .drain(..)
        .map(|subscriber| spawn(listen(subscriber, whole, Rc::clone(goal))))
        .collect();
    // What a publisher finds comes first: without its messages, all subscribers wait.
    gather(publishing, senders).await?;
    gather(listening, subscribers).await
}

async fn publish(
    sender: Sender,
    schedule: Schedule,
    channel: String,
) -> Result<(Sender, Measured), String> {
    let Sender { connection: Connection { mut replies, mut requests }, mut traffic } = sender;
    let (sent, accepted) = join(
        on_time(&mut requests, schedule, |out, number| {
            traffic.append_numbered(out, &channel, schedule.number(number));
        }),
        accepted(&mut replies, schedule.count),
    )
    .await;
    sent?;
    accepted?;
    let connection = Connection { replies, requests };
    Ok((Sender { connection, traffic }, Measured::new()))
}

/// Takes the replies to a publisher, of which none may be an error: nobody would get that message.
async fn accepted(replies: &mut Replies, count: u64) -> Result<(), String> {
    for _ in 0..count {
        let reply = replies.next().await?;
        if reply.first() == Some(&b'-') {
            let said = String::from_utf8_lossy(&reply[1..]);
            return Err(format!("the server refuses PUBLISH: {}", said.trim_end()));
        }
    }
    Ok(())
}

async fn listen(
    mut subscriber: Connection,
    whole: Schedule,
    goal: Rc<Goal>,
) -> Result<(Connection, Measured), String> {
    let mut measured = Measured::new();
    for _ in 0..whole.count {
        let message = subscriber.replies.next().await?;
        let Some(number) = number_of(message).filter(|number| *number < whole.count) else {
            let shown = message[..message.len().min(80)].escape_ascii();
            return Err(format!("a subscriber was told what nobody published: {shown}"));
        };
        measured.count(message, now().saturating_duration_since(whole.due(number)));
        goal.answered(1);
    }
    Ok((subscriber, measured))
}
