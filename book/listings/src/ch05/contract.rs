//! What a registry has to do, asked of every version.

use std::io::{self, Write};
use std::net::Shutdown;
use std::os::fd::AsRawFd;

use reactor::poller::Poller;

use super::numbers::Numbers;
use super::{Registry, batch, v1_number, v2_deregister, v3_generation, v4_both};

/// What became of a claim.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It holds.
    Ok,
    /// The event reached somebody it was not for.
    Stranger,
    /// The kernel goes on telling of what is closed, and nobody can make it stop: the loop never sleeps.
    Spins,
}

/// A version, and what it makes of each of the [`CLAIMS`].
pub struct Version {
    /// Its name in the book.
    pub name: &'static str,
    /// Makes one.
    pub make: fn() -> io::Result<Box<dyn Registry>>,
    /// What is known of it.
    pub outcomes: [Outcome; CLAIMS.len()],
}

/// One thing that a registry has to do.
pub struct Claim {
    /// In words.
    pub words: &'static str,
    /// Whether it does.
    pub holds: fn(&mut dyn Registry, &Numbers) -> io::Result<Outcome>,
}

/// All versions, and what is known of each where the kernel's interface is epoll. A kqueue keeps no
/// registration of a number that is closed, whatever else is open: there, the last two are always `Ok`.
pub const VERSIONS: [Version; 4] = {
    use Outcome::{Ok as Fine, Spins, Stranger};
    [
        Version {
            name: "v1_number",
            make: || Ok(Box::new(v1_number::ByNumber::new()?)),
            outcomes: [Fine, Stranger, Spins, Stranger],
        },
        Version {
            name: "v2_deregister",
            make: || Ok(Box::new(v2_deregister::ByNumber::new()?)),
            outcomes: [Fine, Stranger, Fine, Fine],
        },
        Version {
            name: "v3_generation",
            make: || Ok(Box::new(v3_generation::ByToken::new()?)),
            outcomes: [Fine, Fine, Spins, Fine],
        },
        Version {
            name: "v4_both",
            make: || Ok(Box::new(v4_both::ByToken::new()?)),
            outcomes: [Fine, Fine, Fine, Fine],
        },
    ]
};

/// All claims.
pub const CLAIMS: [Claim; 4] = [
    Claim { words: "an event reaches its owner", holds: reaches_its_owner },
    Claim { words: "… not who has the number by now", holds: not_the_next_of_its_batch },
    Claim { words: "closed is closed, also with a duplicate", holds: closed_is_closed },
    Claim { words: "… and not the next one's business", holds: not_the_next_owner },
];

/// What is known of a version on this system.
pub fn known(version: &Version, row: usize) -> Outcome {
    let kernel_forgets = Poller::backend() == "kqueue" && row >= 2;
    if kernel_forgets { Outcome::Ok } else { version.outcomes[row] }
}

/// Tries a claim on a version.
///
/// # Errors
/// The process has no descriptor left.
pub fn outcome(claim: &Claim, version: &Version) -> io::Result<Outcome> {
    let numbers = Numbers::alone();
    let mut registry = (version.make)()?;
    (claim.holds)(&mut *registry, &numbers)
}

fn reaches_its_owner(registry: &mut dyn Registry, numbers: &Numbers) -> io::Result<Outcome> {
    let ((ada, _peer), (bob, mut to_bob)) = (numbers.pair()?, numbers.pair()?);
    registry.open("ada", ada)?;
    registry.open("bob", bob)?;
    to_bob.write_all(b"good morning")?;
    let events = batch(registry)?;
    let owners: Vec<_> = events.iter().map(|event| registry.owner(event.token())).collect();
    Ok(if owners == [Some("bob")] { Outcome::Ok } else { Outcome::Stranger })
}

/// Both are in one batch. Whoever comes first has the other closed, and a third comes in.
fn not_the_next_of_its_batch(
    registry: &mut dyn Registry,
    numbers: &Numbers,
) -> io::Result<Outcome> {
    let ((ada, to_ada), (bob, to_bob)) = (numbers.pair()?, numbers.pair()?);
    let tokens = [registry.open("ada", ada)?, registry.open("bob", bob)?];
    to_ada.shutdown(Shutdown::Write)?;
    to_bob.shutdown(Shutdown::Write)?;
    let events = batch(registry)?;
    let [first, second] = events[..] else { panic!("both are ready: {events:?}") };
    let other = tokens.into_iter().find(|token| *token != first.token()).expect("one of two");
    registry.close(other)?;
    let (carol, _peer) = numbers.pair()?;
    registry.open("carol", carol)?;
    let nobody = registry.owner(second.token()).is_none();
    Ok(if nobody { Outcome::Ok } else { Outcome::Stranger })
}

/// A duplicate of the socket stays open: a child process may have it, or a clone of the stream.
fn closed_is_closed(registry: &mut dyn Registry, numbers: &Numbers) -> io::Result<Outcome> {
    let (bob, mut to_bob) = numbers.pair()?;
    let _duplicate = bob.try_clone()?;
    let token = registry.open("bob", bob)?;
    registry.close(token)?;
    to_bob.write_all(b"are you there?")?;
    Ok(if batch(registry)?.is_empty() { Outcome::Ok } else { Outcome::Spins })
}

fn not_the_next_owner(registry: &mut dyn Registry, numbers: &Numbers) -> io::Result<Outcome> {
    let (bob, mut to_bob) = numbers.pair()?;
    let (_duplicate, number) = (bob.try_clone()?, bob.as_raw_fd());
    let token = registry.open("bob", bob)?;
    registry.close(token)?;
    let (carol, _peer) = numbers.pair()?;
    assert_eq!(carol.as_raw_fd(), number, "the lowest free number is given out again");
    registry.open("carol", carol)?;
    to_bob.write_all(b"are you there?")?;
    let strangers = batch(registry)?.iter().any(|event| registry.owner(event.token()).is_some());
    Ok(if strangers { Outcome::Stranger } else { Outcome::Ok })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_does_what_the_book_says_of_it() {
        for version in &VERSIONS {
            for (row, claim) in CLAIMS.iter().enumerate() {
                let found = outcome(claim, version).expect("a descriptor is left");
                assert_eq!(found, known(version, row), "{}: {}", version.name, claim.words);
            }
        }
    }

    #[test]
    fn only_the_one_that_does_both_keeps_all_of_the_contract() {
        let right = VERSIONS.iter().filter(|version| version.outcomes == [Outcome::Ok; 4]);
        let names: Vec<&str> = right.map(|version| version.name).collect();
        assert_eq!(names, ["v4_both"]);
    }
}
