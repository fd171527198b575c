//! Notes of descriptors: when they fire, and what becomes of them.

use std::io::{ErrorKind, Read};

use super::*;

#[test]
fn a_kevent_is_laid_out_as_apples() {
    assert_eq!(size_of::<kevent>(), 32);
    assert_eq!(std::mem::offset_of!(kevent, filter), 8);
    assert_eq!(std::mem::offset_of!(kevent, fflags), 12);
    assert_eq!(std::mem::offset_of!(kevent, udata), 24);
}

#[test]
fn read_without_clear_fires_at_each_look_and_says_how_much_there_is() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD)]);
    assert_eq!(kq.fired(), []);
    send(&theirs, b"hello");
    for _ in 0..2 {
        let seen = kq.look();
        assert_eq!((seen.len(), seen[0].ident, seen[0].data), (1, ident(&ours), 5));
    }
}

#[test]
fn read_with_clear_fires_once_and_again_when_more_comes() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    send(&theirs, b"hello");
    assert_eq!(kq.look()[0].data, 5);
    assert_eq!(kq.fired(), []);
    send(&theirs, b"xy");
    assert_eq!(kq.look()[0].data, 7);
}

#[test]
fn read_with_oneshot_fires_once_and_is_gone() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_ONESHOT)]);
    send(&theirs, b"hello");
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
    assert_eq!(kq.fired(), []);
    let again = kq.call(&[read(&ours, EV_DELETE)], 0, Some(Duration::ZERO));
    assert_eq!(again.err(), Some(libc::ENOENT));
}

#[test]
fn read_and_write_of_one_descriptor_are_two_notes() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR), named(8, write(&ours, EV_ADD | EV_CLEAR))]);
    assert_eq!(kq.fired(), [(EVFILT_WRITE, 8)]);
    assert_eq!(kq.fired(), []);
    send(&theirs, b"q");
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
    assert_eq!(kq.fired(), []);
}

#[test]
fn deleting_read_keeps_write() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD), named(8, write(&ours, EV_ADD))]);
    kq.submit(&[read(&ours, EV_DELETE)]);
    send(&theirs, b"q");
    assert_eq!(kq.fired(), [(EVFILT_WRITE, 8)]);
}

#[test]
fn write_with_clear_fires_again_when_a_full_buffer_has_room() {
    let (kq, (ours, mut theirs)) = (Kq::new(), tcp_pair());
    kq.submit(&[write(&ours, EV_ADD | EV_CLEAR)]);
    assert_eq!(kq.fired(), [(EVFILT_WRITE, 7)]);
    let chunk = vec![0; 1 << 16];
    let mut sent = 0;
    let full = loop {
        match (&ours).write(&chunk) {
            Ok(count) => sent += count,
            Err(error) => break error,
        }
    };
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
    let drain = thread::spawn(move || {
        theirs.set_nonblocking(false).expect("blocking");
        theirs.set_read_timeout(Some(PATIENCE)).expect("a deadline");
        theirs.read_exact(&mut vec![0; sent]).expect("waited 10 s for what was sent");
        theirs
    });
    let event = kq.wait_for("room in the buffer", |event| event.filter == EVFILT_WRITE);
    assert!(event.data > 0, "and it says how much room");
    drain.join().expect("all was drained");
}

#[test]
fn reading_does_not_fire_write_again() {
    let (kq, (mut ours, theirs)) = (Kq::new(), tcp_pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR), write(&ours, EV_ADD | EV_CLEAR)]);
    assert_eq!(kq.fired(), [(EVFILT_WRITE, 7)]);
    send(&theirs, b"hello");
    kq.wait_for("the bytes", |event| event.filter == EVFILT_READ);
    let mut buffer = [0; 16];
    assert_eq!(ours.read(&mut buffer).expect("the bytes are there"), 5);
    assert_eq!(kq.fired(), []);
}

#[test]
fn dispatch_disables_what_fired_and_enable_arms_it_again() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_DISPATCH)]);
    send(&theirs, b"q");
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
    send(&theirs, b"q");
    assert_eq!(kq.fired(), []);
    kq.submit(&[read(&ours, EV_ENABLE)]);
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
    assert_eq!(kq.fired(), [], "and dispatches once more");
}

#[test]
fn the_flags_that_a_note_was_made_with_come_back_with_its_events() {
    let (kq, (ours, _theirs)) = (Kq::new(), pair());
    kq.submit(&[write(&ours, EV_ADD | EV_DISPATCH)]);
    assert_eq!(kq.look()[0].flags, EV_DISPATCH);
}

#[test]
fn what_is_disabled_is_silent_until_enabled_and_then_tells() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD), read(&ours, EV_DISABLE)]);
    send(&theirs, b"q");
    assert_eq!(kq.fired(), []);
    kq.submit(&[read(&ours, EV_ENABLE)]);
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
}

#[test]
fn what_is_disabled_is_silent_about_the_end_too() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD), read(&ours, EV_DISABLE)]);
    drop(theirs);
    assert_eq!(kq.fired(), []);
    assert!(!kq.is_readable(), "a wait would spin");
    kq.submit(&[read(&ours, EV_ENABLE)]);
    assert_eq!(kq.look()[0].flags & EV_EOF, EV_EOF);
}

#[test]
fn adding_again_changes_the_token() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    kq.submit(&[named(99, read(&ours, EV_ADD | EV_CLEAR))]);
    send(&theirs, b"q");
    assert_eq!(kq.fired(), [(EVFILT_READ, 99)]);
}

#[test]
fn adding_again_does_not_change_the_mode() {
    let (kq, (ours, _theirs)) = (Kq::new(), pair());
    kq.submit(&[write(&ours, EV_ADD)]);
    kq.submit(&[write(&ours, EV_ADD | EV_CLEAR)]);
    assert_eq!(kq.fired(), [(EVFILT_WRITE, 7)]);
    assert_eq!(kq.fired(), [(EVFILT_WRITE, 7)], "a level it was, a level it stays");
}

#[test]
fn adding_again_fires_what_is_pending_again() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    send(&theirs, b"q");
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
    assert_eq!(kq.fired(), []);
}

#[test]
fn adding_finds_what_was_there_before() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    send(&theirs, b"q");
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
}

#[test]
fn a_low_water_mark_holds_back_what_is_too_little() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[kevent { fflags: NOTE_LOWAT, data: 4, ..read(&ours, EV_ADD) }]);
    send(&theirs, b"abc");
    assert_eq!(kq.fired(), []);
    assert!(!kq.is_readable(), "a wait would spin");
    send(&theirs, b"de");
    for _ in 0..2 {
        assert_eq!(kq.look()[0].data, 5);
    }
    drop(theirs);
    assert_eq!(kq.look()[0].flags & EV_EOF, EV_EOF, "the end is never too little");
}

#[test]
fn a_listener_says_how_many_connections_wait() {
    let kq = Kq::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    kq.submit(&[read(&listener, EV_ADD)]);
    let address = listener.local_addr().expect("its address");
    let _first = TcpStream::connect(address).expect("a connection");
    let _second = TcpStream::connect(address).expect("a connection");
    kq.wait_for("two connections", |event| event.data == 2);
}

#[test]
fn what_finds_no_room_comes_at_the_next_look() {
    let kq = Kq::new();
    let pairs: Vec<_> = (0..5).map(|_| pair()).collect();
    for (ours, theirs) in &pairs {
        kq.submit(&[read(ours, EV_ADD | EV_CLEAR), write(ours, EV_ADD | EV_CLEAR)]);
        send(theirs, b"q");
    }
    let mut seen = Vec::new();
    for room in [4, 4, 4] {
        let events = kq.call(&[], room, Some(Duration::ZERO)).expect("a look");
        seen.extend(events.iter().map(|event| (event.ident, event.filter)));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 10, "each of the ten once");
}

#[test]
fn the_queue_itself_can_be_watched() {
    let (kq, outer, (ours, theirs)) = (Kq::new(), Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    outer.submit(&[named(8, read(&kq.0, EV_ADD))]);
    assert_eq!(outer.fired(), []);
    send(&theirs, b"q");
    assert_eq!(outer.fired(), [(EVFILT_READ, 8)]);
    assert_eq!(kq.fired(), [(EVFILT_READ, 7)]);
    assert_eq!(outer.fired(), []);
}
