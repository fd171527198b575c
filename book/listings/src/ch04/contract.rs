//! What a server of lines has to do, asked of every version.
//!
//! A server that does not hear of its bytes waits for ever. So each runs on a thread of its own, which
//! is left behind if the answer has not come in time.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use super::{v1_blocking, v2_one_read, v3_drain, v4_level};

/// A version.
pub type Serve = fn(UnixStream, &mut dyn FnMut()) -> io::Result<()>;

/// How long a version that is known to be wrong is waited for. It decides nothing for a right one.
const BRIEFLY: Duration = Duration::from_millis(300);

/// How long a version that is known to be right is waited for.
const LONG: Duration = Duration::from_secs(20);

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// The server waits for what it has been told of already.
    Hangs,
}

/// A version, and what it makes of each of the [`CLAIMS`].
pub struct Version {
    /// Its name in the book.
    pub name: &'static str,
    serve: Serve,
    /// What is known of it.
    pub outcomes: [Outcome; CLAIMS.len()],
}

/// All versions.
pub const VERSIONS: [Version; 4] = {
    use Outcome::{Hangs, Ok};
    [
        version("v1_blocking", v1_blocking::serve, [Hangs, Hangs, Hangs, Ok]),
        version("v2_one_read", v2_one_read::serve, [Ok, Hangs, Ok, Hangs]),
        version("v3_drain", v3_drain::serve, [Ok, Ok, Ok, Ok]),
        version("v4_level", v4_level::serve, [Ok, Ok, Ok, Ok]),
    ]
};

const fn version(name: &'static str, serve: Serve, outcomes: [Outcome; 4]) -> Version {
    Version { name, serve, outcomes }
}

/// One thing that a server has to do.
pub struct Claim {
    /// In words.
    pub words: &'static str,
    holds: fn(Trial) -> bool,
}

/// All claims.
pub const CLAIMS: [Claim; 4] = [
    Claim { words: "answers a short line", holds: answers_a_short_line },
    Claim { words: "answers one longer than a read", holds: answers_a_long_line },
    Claim { words: "may be told for nothing", holds: may_be_told_for_nothing },
    Claim { words: "answers last words, sees the end", holds: answers_last_words },
];

/// Tries a claim on a version.
pub fn outcome(claim: &Claim, version: &Version, known: Outcome) -> Outcome {
    let patience = if known == Outcome::Hangs { BRIEFLY } else { LONG };
    let trial = Trial { serve: version.serve, patience };
    if (claim.holds)(trial) { Outcome::Ok } else { Outcome::Hangs }
}

struct Trial {
    serve: Serve,
    patience: Duration,
}

impl Trial {
    /// Serves `stream`, and says so when that has ended.
    fn start(&self, stream: UnixStream, mut told: impl FnMut() + Send + 'static) -> Receiver<()> {
        let (serve, (sender, ended)) = (self.serve, mpsc::channel());
        thread::spawn(move || {
            // One that was given up may find that its peer has gone.
            let _ = serve(stream, &mut told);
            let _ = sender.send(());
        });
        ended
    }

    /// Whether the next line that the server sends is `expected`.
    fn hears(&self, mut peer: &UnixStream, expected: &str) -> bool {
        peer.set_read_timeout(Some(self.patience)).expect("a deadline");
        let mut answer = vec![0; expected.len()];
        match peer.read_exact(&mut answer) {
            Ok(()) => assert_eq!(String::from_utf8_lossy(&answer), expected),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
            Err(error) => panic!("the server answers or hangs, and does not end: {error}"),
        }
        true
    }
}

fn answers_a_short_line(trial: Trial) -> bool {
    line_and_answer(trial, "hi\n", "2\n")
}

fn answers_a_long_line(trial: Trial) -> bool {
    line_and_answer(trial, "hello, world\n", "12\n")
}

fn line_and_answer(trial: Trial, line: &str, answer: &str) -> bool {
    let (ours, mut peer) = UnixStream::pair().expect("a pair");
    trial.start(ours, || {});
    peer.write_all(line.as_bytes()).expect("it fits");
    trial.hears(&peer, answer)
}

/// Between the event and the read, somebody who has the same socket takes what is there.
fn may_be_told_for_nothing(trial: Trial) -> bool {
    let (ours, mut peer) = UnixStream::pair().expect("a pair");
    let mut rival = ours.try_clone().expect("a duplicate");
    let (sender, taken) = mpsc::channel();
    let mut first = true;
    trial.start(ours, move || {
        if std::mem::take(&mut first) {
            rival.read_exact(&mut [0; 3]).expect("it is there: we were told");
            sender.send(()).expect("it is waited for");
        }
    });
    peer.write_all(b"no\n").expect("it fits");
    taken.recv_timeout(LONG).expect("every version is told of the first bytes");
    peer.write_all(b"yes\n").expect("it fits");
    trial.hears(&peer, "3\n")
}

/// All is there before the server looks for the first time.
fn answers_last_words(trial: Trial) -> bool {
    let (ours, mut peer) = UnixStream::pair().expect("a pair");
    peer.write_all(b"bye\n").expect("it fits");
    peer.shutdown(Shutdown::Write).expect("the other direction stays");
    let ended = trial.start(ours, || {});
    trial.hears(&peer, "3\n") && ended.recv_timeout(trial.patience).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_does_what_the_book_says_of_it() {
        for version in &VERSIONS {
            for (claim, known) in CLAIMS.iter().zip(version.outcomes) {
                let found = outcome(claim, version, known);
                assert_eq!(found, known, "{}: {}", version.name, claim.words);
            }
        }
    }
}
