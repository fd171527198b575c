//! One buffer, watched in two modes: what is in it, and who is told of it.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::Poller;

use crate::picture::{Picture, Step};

/// One thing that happened, and what was said when we asked after it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    /// Whether the peer did it; otherwise, we did.
    pub by_peer: bool,
    /// In words.
    pub what: &'static str,
    /// How many bytes were in the buffer after it.
    pub held: usize,
    /// Whether the end was in sight as well.
    pub ended: bool,
    /// Whether the poller said "readable", by level and by edge.
    pub told: [bool; 2],
}

struct Scope {
    ours: UnixStream,
    peer: UnixStream,
    pollers: [Poller; 2],
    held: usize,
    ended: bool,
    moments: Vec<Moment>,
}

/// The run of the chapter.
pub fn run() -> Vec<Moment> {
    let (ours, peer) = UnixStream::pair().expect("a pair");
    ours.set_nonblocking(true).expect("nonblocking");
    let pollers = [Mode::Level, Mode::Edge].map(|mode| {
        let poller = Poller::new().expect("a poller");
        poller.add(&ours, Token::new(0, 0), Interest::READABLE, mode).expect("it is not in");
        poller
    });
    let mut scope = Scope { ours, peer, pollers, held: 0, ended: false, moments: Vec::new() };
    scope.note(false, "ask: nothing yet");
    scope.write(b"abcd", "write 4 bytes");
    scope.note(false, "ask again");
    scope.read(2, "read 2 bytes");
    scope.write(b"ef", "write 2 more");
    scope.drain("read until EAGAIN");
    scope.peer.shutdown(Shutdown::Write).expect("the peer ends its direction");
    scope.ended = true;
    scope.note(true, "end");
    scope.note(false, "ask again");
    scope.moments
}

impl Scope {
    fn write(&mut self, bytes: &[u8], what: &'static str) {
        self.peer.write_all(bytes).expect("it fits");
        self.held += bytes.len();
        self.note(true, what);
    }

    fn read(&mut self, count: usize, what: &'static str) {
        self.ours.read_exact(&mut vec![0; count]).expect("it is there");
        self.held -= count;
        self.note(false, what);
    }

    fn drain(&mut self, what: &'static str) {
        loop {
            match self.ours.read(&mut [0; 3]) {
                Ok(count) => self.held -= count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => panic!("a read of a local socket: {error}"),
            }
        }
        self.note(false, what);
    }

    /// Asks both pollers, without waiting: what one end did is at the other by now.
    fn note(&mut self, by_peer: bool, what: &'static str) {
        let told = self.pollers.each_ref().map(|poller| {
            let mut events = Events::new();
            poller.wait(&mut events, Some(Duration::ZERO)).expect("a wait");
            events.iter().any(|event| event.is_readable())
        });
        let (held, ended) = (self.held, self.ended);
        self.moments.push(Moment { by_peer, what, held, ended, told });
    }
}

impl Moment {
    /// The buffer as a bar.
    pub fn bar(&self) -> String {
        let end = if self.ended { "▌end" } else { "" };
        "█".repeat(self.held) + end
    }
}

/// The run, with time going down.
pub fn text() -> String {
    let mut text = format!("{:<24}{:<8}{:<10}edge\n", "", "buffer", "level");
    for moment in run() {
        let who = if moment.by_peer { "peer" } else { "we" };
        let [level, edge] = moment.told.map(|told| if told { "readable" } else { "·" });
        let did = format!("{who:<6}{}", moment.what);
        let line = format!("{did:<24}{:<8}{level:<10}{edge}", format!("│{}", moment.bar()));
        text += &(line + "\n");
    }
    text
}

/// The run, step by step.
pub fn picture() -> Picture {
    const LEVEL: usize = 2;
    let lanes = ["the peer", "we", "told by level", "told by edge"];
    let mut picture = Picture::new("ch04-waveform.svg", &lanes).headed("the buffer");
    for moment in run() {
        let bar = if moment.held > 0 || moment.ended { moment.bar() } else { "empty".to_owned() };
        picture.push(Step::at(usize::from(!moment.by_peer), moment.what).then(&bar));
        for (mode, told) in moment.told.into_iter().enumerate() {
            if told {
                picture.push(Step::at(LEVEL + mode, "readable").to(1).loudly().then(&bar));
            }
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_is_told_while_there_is_something_to_read_and_edge_when_something_came() {
        let mut before = 0;
        let mut ended = false;
        for moment in run() {
            let something = moment.held > 0 || moment.ended;
            let came = moment.held > before || (moment.ended && !ended);
            assert_eq!(moment.told, [something, came], "{moment:?}");
            (before, ended) = (moment.held, moment.ended);
        }
    }
}
