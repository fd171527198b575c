//! What an echo server has to do, asked of every version.

use std::thread;

use super::running::{BRIEFLY, LONG, Running, Serve};
use super::{v1_blocking, v2_threads, v3_busy, v4_event_loop};

/// So many are many enough.
pub const MANY: usize = 20;

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// Somebody waits for ever.
    Stuck,
    /// The processor is kept busy with nothing.
    Busy,
}

/// A version, and what it makes of each of the [`CLAIMS`].
pub struct Version {
    /// Its name in the book.
    pub name: &'static str,
    /// Itself.
    pub serve: Serve,
    /// What is known of it.
    pub outcomes: [Outcome; CLAIMS.len()],
    /// How many threads it needs for [`MANY`] clients.
    pub threads: usize,
}

/// One thing that an echo server has to do.
pub struct Claim {
    /// In words.
    pub words: &'static str,
    holds: fn(Serve, Outcome) -> Outcome,
}

/// All versions.
pub const VERSIONS: [Version; 4] = {
    use Outcome::{Busy, Ok, Stuck};
    [
        version("v1_blocking", v1_blocking::serve, [Ok, Ok, Stuck, Stuck, Ok], 1),
        version("v2_threads", v2_threads::serve, [Ok; 5], 1 + MANY),
        version("v3_busy", v3_busy::serve, [Ok, Ok, Ok, Ok, Busy], 1),
        version("v4_event_loop", v4_event_loop::serve, [Ok; 5], 1),
    ]
};

const fn version(
    name: &'static str,
    serve: Serve,
    outcomes: [Outcome; 5],
    threads: usize,
) -> Version {
    Version { name, serve, outcomes, threads }
}

/// All claims.
pub const CLAIMS: [Claim; 5] = [
    Claim { words: "echoes what a client says", holds: echoes },
    Claim { words: "a long message comes back whole", holds: a_long_message_comes_back_whole },
    Claim { words: "many speak by turns", holds: many_speak_by_turns },
    Claim { words: "a silent client stops nobody", holds: a_silent_client_stops_nobody },
    Claim { words: "sleeps while nobody speaks", holds: sleeps_while_nobody_speaks },
];

/// Tries a claim on a version; `known` only decides how long it is waited for.
pub fn outcome(claim: &Claim, version: &Version, known: Outcome) -> Outcome {
    (claim.holds)(version.serve, known)
}

fn heard(yes: bool) -> Outcome {
    if yes { Outcome::Ok } else { Outcome::Stuck }
}

fn echoes(serve: Serve, _: Outcome) -> Outcome {
    let running = Running::start(serve, 1);
    let mut client = running.client(LONG);
    for word in [b"one".as_slice(), b"two"] {
        client.say(word);
        assert!(client.hears(word), "somebody who is alone is heard");
    }
    drop(client);
    running.end();
    Outcome::Ok
}

/// Sixteen megabytes, to a client who reads nothing for a while: more than the kernel keeps for it, so that
/// the server has to hold back.
fn a_long_message_comes_back_whole(serve: Serve, known: Outcome) -> Outcome {
    let bytes: Vec<u8> = (0..16 << 20).map(|number: u32| (number % 251) as u8).collect();
    let running = Running::start(serve, 1);
    let mut client = running.client(LONG);
    let mut speaks = client.again();
    let heard = thread::scope(|scope| {
        let speaker = scope.spawn(|| speaks.say(&bytes));
        if known == Outcome::Ok {
            thread::sleep(BRIEFLY);
        } else {
            // Who forgets takes all of it. Then either writes are in vain, which is the loss, or reads,
            // when there is nothing left to read: more than the kernel had room for.
            speaker.join().expect("the server reads, whatever it does with it");
            assert!(running.is_busy(LONG), "it asks in vain");
        }
        client.wait_for(patience(known));
        client.hears(&bytes)
    });
    drop((client, speaks));
    running.end();
    self::heard(heard)
}

/// All stay, and each says something twice.
fn many_speak_by_turns(serve: Serve, known: Outcome) -> Outcome {
    let running = Running::start(serve, MANY);
    let patience = patience(known);
    let mut clients: Vec<_> = (0..MANY).map(|_| running.client(patience)).collect();
    let mut all = true;
    for word in [b"one".as_slice(), b"two"] {
        for client in &mut clients {
            client.say(word);
            // The first who is not heard is enough.
            all = all && client.hears(word);
        }
    }
    drop(clients);
    running.end();
    heard(all)
}

fn a_silent_client_stops_nobody(serve: Serve, known: Outcome) -> Outcome {
    let running = Running::start(serve, 2);
    let silent = running.client(LONG);
    let mut client = running.client(patience(known));
    client.say(b"hello");
    let outcome = heard(client.hears(b"hello"));
    drop(silent);
    drop(client);
    running.end();
    outcome
}

fn sleeps_while_nobody_speaks(serve: Serve, known: Outcome) -> Outcome {
    let running = Running::start(serve, 1);
    let mut client = running.client(LONG);
    client.say(b"hello");
    assert!(client.hears(b"hello"), "somebody who is alone is heard");
    let busy =
        running.is_busy(patience(known).min(if known == Outcome::Ok { BRIEFLY } else { LONG }));
    drop(client);
    running.end();
    if busy { Outcome::Busy } else { Outcome::Ok }
}

/// Who is known to be stuck is not waited for as long.
fn patience(known: Outcome) -> std::time::Duration {
    if known == Outcome::Stuck { BRIEFLY } else { LONG }
}

/// How many threads a version needs for [`MANY`] clients, who come one after the other.
///
/// # Panics
/// When one of them is not heard.
pub fn threads(version: &Version) -> usize {
    let running = Running::start(version.serve, MANY);
    for _ in 0..MANY {
        let mut client = running.client(LONG);
        client.say(b"hello");
        assert!(client.hears(b"hello"), "{}: somebody who is alone is heard", version.name);
    }
    running.end().threads()
}

#[cfg(test)]
mod tests {
    use super::super::v3_forgetful;
    use super::*;

    #[test]
    fn each_version_does_what_is_known_of_it() {
        for version in &VERSIONS {
            for (claim, known) in CLAIMS.iter().zip(version.outcomes) {
                let what = format!("{}: {}", version.name, claim.words);
                assert_eq!(outcome(claim, version, known), known, "{what}");
            }
            assert_eq!(threads(version), version.threads, "{}", version.name);
        }
    }

    #[test]
    fn a_write_that_nobody_looks_after_loses_bytes_and_only_of_long_messages() {
        let serve = v3_forgetful::serve;
        assert_eq!(echoes(serve, Outcome::Ok), Outcome::Ok);
        assert_eq!(a_long_message_comes_back_whole(serve, Outcome::Stuck), Outcome::Stuck);
    }
}
