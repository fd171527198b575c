//! How four servers spend their time over the same two clients, drawn from what each did.
//!
//! A comes first and says nothing; B says hello; A goes. Whether a server sleeps is not read off a clock: one that
//! asks the kernel in vain a hundred times and goes on does not.

use super::contract::{Outcome, VERSIONS, Version};
use super::running::{BRIEFLY, Client, LONG, Running};
use crate::picture::{Picture, Step};

/// A server, its clients, and where it is drawn.
struct Lane {
    lane: usize,
    running: Running,
    silent: Option<Client>,
    client: Option<Client>,
    known_busy: bool,
    known_stuck: bool,
}

/// The same three events for all four.
pub fn run() -> Picture {
    let names = VERSIONS.each_ref().map(|version| version.name);
    let lanes = ["clients", names[0], names[1], names[2], names[3]];
    let mut picture = Picture::new("ch02-waiting.svg", &lanes);
    picture.push(Step::at(0, "A connects, and is silent"));
    let mut servers: Vec<Lane> = VERSIONS.iter().enumerate().map(Lane::start).collect();
    for server in &mut servers {
        server.silent = Some(server.running.client(LONG));
        server.rest(&mut picture);
    }
    picture.push(Step::at(0, "B connects, says hello").loudly());
    for server in &mut servers {
        server.hello(&mut picture);
    }
    picture.push(Step::at(0, "A goes"));
    for mut server in servers {
        server.silent = None;
        if let Some(mut client) = server.client.take() {
            client.wait_for(LONG);
            assert!(client.hears(b"hello"), "once nobody is before it, it is heard");
            picture.push(Step::at(server.lane, "only now: hello to B").running());
            server.rest(&mut picture);
        }
        drop(server.running);
    }
    picture
}

impl Lane {
    fn start((number, version): (usize, &Version)) -> Lane {
        let known_stuck = version.outcomes.contains(&Outcome::Stuck);
        let known_busy = version.outcomes.contains(&Outcome::Busy);
        let running = Running::start(version.serve, 2);
        let lane = number + 1;
        Lane { lane, running, silent: None, client: None, known_busy, known_stuck }
    }

    /// What it does while nobody speaks.
    fn rest(&self, picture: &mut Picture) {
        let patience = if self.known_busy { LONG } else { BRIEFLY };
        picture.push(if self.running.is_busy(patience) {
            Step::at(self.lane, "asks, and asks, and asks").running()
        } else {
            Step::at(self.lane, "sleeps").waiting()
        });
    }

    /// What it does when B speaks.
    fn hello(&mut self, picture: &mut Picture) {
        let patience = if self.known_stuck { BRIEFLY } else { LONG };
        let mut client = self.running.client(patience);
        client.say(b"hello");
        if client.hears(b"hello") {
            picture.push(Step::at(self.lane, "hello to B").running());
            self.rest(picture);
        } else {
            picture.push(Step::at(self.lane, "sleeps on: it listens to A").loudly().waiting());
        }
        // It stays: B is still there when A goes.
        self.client = Some(client).filter(|_| self.known_stuck);
    }
}
