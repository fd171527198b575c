//! What the backend's contract says, where kqueue makes it hard: the rest is told once for all
//! backends, at the level of `Poller`.

use std::io::{ErrorKind, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc;
use std::thread;

use super::*;
use crate::sys::clock;

const PATIENCE: Duration = Duration::from_secs(10);

/// What one look brings; asked again until it brings something, or the patience is over.
fn wait_for(selector: &Selector, what: &str) -> Vec<(Token, Readiness)> {
    let deadline = clock::now() + PATIENCE;
    loop {
        let seen = look(selector);
        if !seen.is_empty() {
            return seen;
        }
        assert!(clock::now() < deadline, "waited {PATIENCE:?} for {what}");
        thread::yield_now();
    }
}

/// What is there now. A socket pair of AF_UNIX has no way to be late: what one end did, the other
/// shows at once.
fn look(selector: &Selector) -> Vec<(Token, Readiness)> {
    let mut events = Events::new();
    selector.wait(&mut events, Some(Duration::ZERO)).expect("a look at what is there");
    events.iter().map(|event| (event.token(), event.readiness())).collect()
}

fn a() -> Token {
    Token::new(1, 7)
}

fn b() -> Token {
    Token::new(2, 7)
}

fn selector() -> Selector {
    Selector::new().expect("a kqueue")
}

fn pair() -> (UnixStream, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a socket pair");
    ours.set_nonblocking(true).expect("nonblocking");
    theirs.set_nonblocking(true).expect("nonblocking");
    (ours, theirs)
}

const READ_AND_WRITE: Readiness = Readiness::READABLE.with(Readiness::WRITABLE);

#[test]
fn the_two_notes_of_one_descriptor_make_one_event() {
    let (selector, (ours, mut theirs)) = (selector(), pair());
    theirs.write_all(b"x").expect("room for a byte");
    selector.add(ours.as_fd(), a(), Interest::BOTH, Mode::Edge).expect("added");
    assert_eq!(look(&selector), [(a(), READ_AND_WRITE)]);
    assert_eq!(look(&selector), [], "an edge is told once");
}

#[test]
fn level_is_told_at_each_wait() {
    let (selector, (ours, mut theirs)) = (selector(), pair());
    selector.add(ours.as_fd(), a(), Interest::READABLE, Mode::Level).expect("added");
    theirs.write_all(b"x").expect("room for a byte");
    for _ in 0..3 {
        assert_eq!(look(&selector), [(a(), Readiness::READABLE)]);
    }
}

#[test]
fn adding_twice_is_refused_and_leaves_the_first_registration_as_it_was() {
    let (selector, (ours, mut theirs)) = (selector(), pair());
    selector.add(ours.as_fd(), a(), Interest::READABLE, Mode::Edge).expect("added");
    for (interest, mode) in [(Interest::BOTH, Mode::Edge), (Interest::WRITABLE, Mode::Level)] {
        let refused = selector.add(ours.as_fd(), b(), interest, mode).expect_err("it is there");
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    }
    theirs.write_all(b"x").expect("room for a byte");
    assert_eq!(look(&selector), [(a(), Readiness::READABLE)]);
}

#[test]
fn a_one_shot_that_fired_is_still_registered() {
    let (selector, (ours, _theirs)) = (selector(), pair());
    selector.add(ours.as_fd(), a(), Interest::WRITABLE, Mode::OneShot).expect("added");
    assert_eq!(look(&selector), [(a(), Readiness::WRITABLE)]);
    let refused =
        selector.add(ours.as_fd(), b(), Interest::BOTH, Mode::Edge).expect_err("is there");
    assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
    selector.remove(ours.as_fd()).expect("it is there to be removed");
}

#[test]
fn what_is_not_registered_is_neither_modified_nor_removed() {
    let (selector, (ours, _theirs)) = (selector(), pair());
    for round in ["never added", "removed"] {
        let modified = selector.modify(ours.as_fd(), a(), Interest::BOTH, Mode::Edge);
        assert_eq!(modified.expect_err(round).kind(), ErrorKind::NotFound);
        assert_eq!(selector.remove(ours.as_fd()).expect_err(round).kind(), ErrorKind::NotFound);
        assert_eq!(look(&selector), [], "{round}: a failed modify leaves nothing behind");
        selector.add(ours.as_fd(), a(), Interest::READABLE, Mode::Edge).expect("added");
        selector.remove(ours.as_fd()).expect("removed");
    }
}

#[test]
fn a_descriptor_closed_without_removal_leaves_its_number_free_to_add() {
    let (selector, (ours, _theirs), (mut peer, other)) = (selector(), pair(), pair());
    selector.add(ours.as_fd(), a(), Interest::BOTH, Mode::Edge).expect("added");
    // Closes what `ours` was and gives its number to another, in one step, so that no other test
    // takes the number in between.
    // SAFETY: takes no pointer; both descriptors are open, and each goes on having its one owner.
    let number = unsafe { libc::dup2(other.as_raw_fd(), ours.as_raw_fd()) };
    assert_eq!(number, ours.as_raw_fd());
    drop(other);
    assert_eq!(selector.remove(ours.as_fd()).expect_err("new").kind(), ErrorKind::NotFound);

    selector.add(ours.as_fd(), b(), Interest::READABLE, Mode::Edge).expect("the number is free");
    peer.write_all(b"x").expect("room for a byte");
    assert_eq!(look(&selector), [(b(), Readiness::READABLE)]);
}

#[test]
fn a_registration_that_closing_ended_does_not_stand_in_the_way_of_the_next() {
    let (selector, (ours, _theirs), (_peer, other)) = (selector(), pair(), pair());
    selector.add(ours.as_fd(), a(), Interest::BOTH, Mode::Edge).expect("added");
    // SAFETY: as above.
    let number = unsafe { libc::dup2(other.as_raw_fd(), ours.as_raw_fd()) };
    assert_eq!(number, ours.as_raw_fd());
    selector.add(ours.as_fd(), b(), Interest::WRITABLE, Mode::Edge).expect("nobody removed it");
    assert_eq!(look(&selector), [(b(), Readiness::WRITABLE)]);
}

#[test]
fn modify_replaces_token_interest_and_mode() {
    let (selector, (ours, mut theirs)) = (selector(), pair());
    selector.add(ours.as_fd(), a(), Interest::BOTH, Mode::Edge).expect("added");
    assert_eq!(look(&selector), [(a(), Readiness::WRITABLE)]);
    selector.modify(ours.as_fd(), b(), Interest::READABLE, Mode::Level).expect("modified");
    assert_eq!(look(&selector), [], "writable is of no interest any more");
    theirs.write_all(b"x").expect("room for a byte");
    for _ in 0..2 {
        assert_eq!(look(&selector), [(b(), Readiness::READABLE)], "and the mode is level");
    }
    selector.modify(ours.as_fd(), a(), Interest::BOTH, Mode::Edge).expect("modified");
    assert_eq!(look(&selector), [(a(), READ_AND_WRITE)], "what was ready is told again");
    assert_eq!(look(&selector), [], "and the mode is edge");
}

#[test]
fn a_one_shot_is_silent_in_both_directions_after_an_event_of_either() {
    let (selector, (ours, mut theirs)) = (selector(), pair());
    selector.add(ours.as_fd(), a(), Interest::BOTH, Mode::OneShot).expect("added");
    assert_eq!(look(&selector), [(a(), Readiness::WRITABLE)]);
    theirs.write_all(b"x").expect("room for a byte");
    assert_eq!(look(&selector), [], "readable, but it has had its event");
    selector.modify(ours.as_fd(), a(), Interest::BOTH, Mode::OneShot).expect("armed again");
    assert_eq!(look(&selector), [(a(), READ_AND_WRITE)], "armed in both directions");
    assert_eq!(look(&selector), []);
}

#[test]
fn one_shots_of_a_whole_batch_are_silenced_each() {
    let selector = selector();
    let pairs: Vec<_> = (0..100).map(|_| pair()).collect();
    for (slot, (ours, _)) in pairs.iter().enumerate() {
        let token = Token::new(slot as u32, 1);
        selector.add(ours.as_fd(), token, Interest::BOTH, Mode::OneShot).expect("added");
    }
    assert_eq!(look(&selector).len(), 100, "all are writable");
    for (_, theirs) in &pairs {
        (&*theirs).write_all(b"x").expect("room for a byte");
    }
    assert_eq!(look(&selector), []);
}

#[test]
fn a_half_close_is_read_closed_and_no_more() {
    let (selector, (ours, theirs)) = (selector(), pair());
    selector.add(ours.as_fd(), a(), Interest::READABLE, Mode::Edge).expect("added");
    theirs.shutdown(Shutdown::Write).expect("half-closed");
    let half_closed = Readiness::READABLE.with(Readiness::READ_CLOSED);
    assert_eq!(look(&selector), [(a(), half_closed)]);
}

#[test]
fn a_peer_that_is_gone_closes_both_directions() {
    let (selector, (ours, theirs)) = (selector(), pair());
    selector.add(ours.as_fd(), a(), Interest::BOTH, Mode::Edge).expect("added");
    drop(theirs);
    let gone = READ_AND_WRITE.with(Readiness::READ_CLOSED).with(Readiness::WRITE_CLOSED);
    assert_eq!(look(&selector), [(a(), gone)]);
}

#[test]
fn an_end_with_an_error_wakes_both_directions() {
    let wakes_both = |facts: Readiness| {
        facts.intersects(Readiness::READABLE)
            && facts.intersects(Readiness::WRITABLE)
            && facts.intersects(Readiness::ERROR)
    };
    for filter in [READ, WRITE] {
        assert!(wakes_both(readiness(filter, CLEAR | END_OF_FILE, libc::ECONNRESET as u32)));
        assert!(wakes_both(readiness(filter, CLEAR | ERROR, 0)), "EV_ERROR is a bit among others");
        assert!(!wakes_both(readiness(filter, CLEAR | END_OF_FILE, 0)));
    }
}

#[test]
fn the_end_of_a_pipe_that_nobody_reads_can_be_added() {
    let (selector, (reader, writer)) = (selector(), std::io::pipe().expect("a pipe"));
    drop(reader);
    let writer = OwnedFd::from(writer);
    selector.add(writer.as_fd(), a(), Interest::WRITABLE, Mode::Edge).expect("EPIPE is let pass");
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_watched_is_refused_and_not_registered() {
    let selector = selector();
    let file = std::fs::File::open("/proc/self/exe").expect("a regular file");
    let refused = selector.add(file.as_fd(), a(), Interest::BOTH, Mode::Edge);
    assert_eq!(refused.expect_err("a BSD would take it").kind(), ErrorKind::InvalidInput);
    assert_eq!(selector.remove(file.as_fd()).expect_err("gone").kind(), ErrorKind::NotFound);
    assert_eq!(look(&selector), []);
}

#[test]
fn a_notification_ends_the_wait_that_sleeps_and_is_reported_to_nobody() {
    let selector = selector();
    let notifier = Notifier::new(&selector).expect("a user event");
    let (done, ended) = mpsc::channel();
    let waiting = thread::spawn(move || {
        let mut events = Events::new();
        selector.wait(&mut events, None).expect("a wait");
        done.send(events.len()).expect("the test is there");
    });
    notifier.notify().expect("triggered");
    let reported = ended.recv_timeout(PATIENCE).expect("waited 10 s for the wait to end");
    assert_eq!(reported, 0);
    waiting.join().expect("no panic");
}

#[test]
fn any_number_of_notifications_end_one_wait() {
    let selector = selector();
    let notifier = Notifier::new(&selector).expect("a user event");
    for _ in 0..1_000 {
        notifier.notify().expect("triggered");
    }
    let before = clock::now();
    selector.wait(&mut Events::new(), Some(PATIENCE)).expect("a wait");
    assert!(before.elapsed() < PATIENCE, "waited {PATIENCE:?} for a wait that ends at once");
    let before = clock::now();
    selector.wait(&mut Events::new(), Some(Duration::from_millis(20))).expect("a wait");
    assert!(before.elapsed() >= Duration::from_millis(20), "the second has nothing to hear");
}

#[test]
fn a_notifier_outlives_its_selector_harmlessly() {
    let selector = selector();
    let notifier = Notifier::new(&selector).expect("a user event");
    drop(selector);
    notifier.notify().expect("nobody hears it");
}

#[test]
fn a_wait_is_never_early() {
    let selector = selector();
    for nanoseconds in [1, 999, 50_500, 1_500_000] {
        let timeout = Duration::from_nanos(nanoseconds);
        let before = clock::now();
        selector.wait(&mut Events::new(), Some(timeout)).expect("a wait");
        assert!(before.elapsed() >= timeout);
    }
}

#[test]
fn no_more_than_a_batch_is_taken_and_the_rest_comes_next() {
    let selector = selector();
    let pairs: Vec<_> = (0..crate::sys::BATCH + 10).map(|_| pair()).collect();
    for (slot, (ours, _)) in pairs.iter().enumerate() {
        let token = Token::new(slot as u32, 1);
        selector.add(ours.as_fd(), token, Interest::WRITABLE, Mode::Edge).expect("added");
    }
    let first = look(&selector);
    assert_eq!(first.len(), crate::sys::BATCH);
    let mut all = first;
    all.extend(wait_for(&selector, "the rest of the batch"));
    all.sort_by_key(|(token, _)| *token);
    all.dedup();
    assert_eq!(all.len(), pairs.len());
}
