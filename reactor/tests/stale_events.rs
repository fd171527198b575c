//! An event for somebody who has left, while somebody else moved in.
//!
//! One wait brings a batch of events. Whoever is woken for the first of them may close the descriptor
//! of the second, and open another, which the kernel gives the same number and our table the same
//! slot. The event in the batch then names the one who left:
//!
//! ```text
//!   batch   [ left: readable ]  [ right: readable ]
//!                   │                    └──► token: slot 1, generation 0 ──► nobody
//!                   └─► its waker drops `right`, opens `newcomer`: fd as before, slot 1, generation 1
//! ```

mod support;

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use reactor::Direction;
use reactor::source::Source;
use support::peers::unix_pair;
use support::wakers::{Counter, counter, foreign, nothing};
use support::{block_on, park_until, with_reactor};

/// A poll to read one byte.
fn poll_byte(source: &Source<UnixStream>, context: &mut Context<'_>) -> Poll<io::Result<u8>> {
    source.poll_io(context, Direction::Read, |mut socket| {
        let mut byte = [0];
        socket.read_exact(&mut byte).map(|()| byte[0])
    })
}

// Numbers belong to the whole process, so this file holds one test alone.
thread_local! {
    static STORY: RefCell<Story> = RefCell::default();
}

/// Two sources that become ready in one batch; whoever is woken first replaces the other.
#[derive(Default)]
struct Story {
    left: Option<Source<UnixStream>>,
    right: Option<Source<UnixStream>>,
    newcomer: Option<Newcomer>,
}

struct Newcomer {
    source: Source<UnixStream>,
    peer: UnixStream,
    woken: Arc<Counter>,
    took_the_number: bool,
}

fn replace_right() {
    let other = STORY.with_borrow_mut(|story| story.right.take());
    replace_by_newcomer(other);
}

fn replace_left() {
    let other = STORY.with_borrow_mut(|story| story.left.take());
    replace_by_newcomer(other);
}

/// Closes `old`, whose event is in the batch still, and lets a new source have its number.
fn replace_by_newcomer(old: Option<Source<UnixStream>>) {
    let Some(old) = old else { return };
    let number = old.get_ref().as_raw_fd();
    drop(old);
    let (ours, peer) = unix_pair();
    let took_the_number = ours.as_raw_fd() == number;
    let source = Source::new(ours).expect("a source");
    let woken = counter();
    let polled = poll_byte(&source, &mut Context::from_waker(&woken.waker()));
    assert!(polled.is_pending(), "nobody has written to it");
    let newcomer = Newcomer { source, peer, woken, took_the_number };
    STORY.with_borrow_mut(|story| story.newcomer = Some(newcomer));
}

#[test]
fn a_stale_event_of_the_same_batch_reaches_nobody() {
    with_reactor(|reactor| {
        let ((left, mut to_left), (right, mut to_right)) = (unix_pair(), unix_pair());
        let left = Source::new(left).expect("a source");
        let right = Source::new(right).expect("a source");
        let (left_waker, right_waker) =
            (foreign(replace_right, nothing), foreign(replace_left, nothing));
        assert!(poll_byte(&left, &mut Context::from_waker(&left_waker)).is_pending());
        assert!(poll_byte(&right, &mut Context::from_waker(&right_waker)).is_pending());
        STORY.with_borrow_mut(|story| (story.left, story.right) = (Some(left), Some(right)));
        to_left.write_all(b"l").expect("write");
        to_right.write_all(b"r").expect("write");
        park_until("either of the two to be woken", || {
            STORY.with_borrow(|story| story.newcomer.is_some())
        });
        let newcomer = STORY.with_borrow_mut(|story| story.newcomer.take()).expect("just seen");
        assert!(newcomer.took_the_number, "the story needs the number to be used again");
        // The batch is over; what may have been left of it would come now.
        reactor.park(Some(Duration::ZERO)).expect("park");
        assert_eq!(newcomer.woken.count(), 0, "it was woken for the data of its predecessor");
        let mut peer = newcomer.peer;
        peer.write_all(b"n").expect("write");
        park_until("the newcomer's own data", || newcomer.woken.count() == 1);
        let byte = block_on("the byte", std::future::poll_fn(|cx| poll_byte(&newcomer.source, cx)));
        assert_eq!(byte.expect("read"), b'n');
        STORY.with_borrow_mut(|story| (story.left, story.right) = (None, None));
    });
}
