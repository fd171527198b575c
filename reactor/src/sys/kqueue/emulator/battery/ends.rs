//! Ends: of the peer's direction, of the connection, of the descriptor.

use super::*;
use crate::sys::socket;

#[test]
fn a_half_close_says_end_and_how_much_is_left_to_read() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    send(&theirs, b"bye");
    theirs.shutdown(std::net::Shutdown::Write).expect("half-closed");
    let event = kq.wait_for("the end", |event| event.flags & EV_EOF != 0);
    assert_eq!((event.data, event.fflags), (3, 0), "a plain end");
}

#[test]
fn a_half_close_is_no_end_of_writing() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[write(&ours, EV_ADD)]);
    theirs.shutdown(std::net::Shutdown::Write).expect("half-closed");
    assert_eq!(kq.look()[0].flags & EV_EOF, 0);
}

#[test]
fn a_reset_says_end_and_that_there_is_an_error() {
    let (kq, (ours, theirs)) = (Kq::new(), tcp_pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    let theirs = OwnedFd::from(theirs);
    socket::reset_on_close(&theirs).expect("the option is there");
    drop(theirs);
    let event = kq.wait_for("the reset", |event| event.flags & EV_EOF != 0);
    assert_ne!(event.fflags, 0);
}

#[test]
fn a_peer_that_is_gone_ends_writing_too() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    kq.submit(&[write(&ours, EV_ADD | EV_CLEAR)]);
    assert_eq!(kq.look()[0].flags & EV_EOF, 0);
    drop(theirs);
    assert_eq!(kq.look()[0].flags & EV_EOF, EV_EOF);
}

#[test]
fn a_refused_connection_says_so_and_the_error_stays_to_be_collected() {
    // A port that is taken, so that no other test listens there, and where nobody listens.
    let (_ours, theirs) = tcp_pair();
    let nobody = theirs.local_addr().expect("its address");
    let socket = socket::stream(&nobody).expect("a socket");
    let begun = socket::connect(socket.as_fd(), &nobody).expect("in progress");
    assert_eq!(begun, socket::Attempt::UnderWay);
    let kq = Kq::new();
    kq.submit(&[read(&socket, EV_ADD | EV_CLEAR), write(&socket, EV_ADD | EV_CLEAR)]);
    let event = kq.wait_for("the refusal", |event| event.filter == EVFILT_WRITE);
    assert_eq!(event.flags & EV_EOF, EV_EOF);
    assert_ne!(event.fflags, 0);
    let pending = socket::take_error(socket.as_fd()).expect("asked").expect("still there");
    assert_eq!(pending.kind(), io::ErrorKind::ConnectionRefused);
}

#[test]
fn a_pipe_that_nobody_writes_says_end() {
    let (kq, (reader, writer)) = (Kq::new(), io::pipe().expect("a pipe"));
    kq.submit(&[read(&reader, EV_ADD | EV_CLEAR)]);
    assert_eq!(kq.fired(), []);
    drop(writer);
    assert_eq!(kq.look()[0].flags & EV_EOF, EV_EOF);
}

#[test]
fn a_pipe_that_nobody_reads_says_end_or_is_refused() {
    let (kq, (reader, writer)) = (Kq::new(), io::pipe().expect("a pipe"));
    kq.submit(&[write(&writer, EV_ADD | EV_CLEAR)]);
    let event = kq.look()[0];
    assert!(event.data > 0 && event.flags & EV_EOF == 0);
    drop(reader);
    assert_eq!(kq.look()[0].flags & EV_EOF, EV_EOF);
    let refused = Kq::new().call(&[write(&writer, EV_ADD)], 0, Some(Duration::ZERO));
    assert_eq!(refused.err(), Some(libc::EPIPE));
}

#[test]
fn a_regular_file_is_refused_though_a_bsd_would_watch_it() {
    let file = std::fs::File::open("/proc/self/exe").expect("a regular file");
    let refused = Kq::new().call(&[read(&file, EV_ADD)], 0, Some(Duration::ZERO));
    assert_eq!(refused.err(), Some(libc::EINVAL));
}

#[test]
fn closing_takes_the_note_along() {
    let (kq, (ours, theirs), (_kept, other)) = (Kq::new(), pair(), pair());
    kq.submit(&[read(&ours, EV_ADD | EV_CLEAR)]);
    give_number(&ours, &other);
    drop(theirs);
    assert_eq!(kq.fired(), [], "what is closed says nothing");
    let gone = kq.call(&[read(&ours, EV_DELETE)], 0, Some(Duration::ZERO));
    assert_eq!(gone.err(), Some(libc::ENOENT), "the number is another file's, which has no note");
}

#[test]
fn a_number_that_is_used_again_can_be_added() {
    let (kq, (ours, _theirs), (peer, other)) = (Kq::new(), pair(), pair());
    kq.submit(&[read(&ours, EV_ADD)]);
    give_number(&ours, &other);
    drop(other);
    kq.submit(&[named(55, read(&ours, EV_ADD | EV_CLEAR))]);
    send(&peer, b"z");
    assert_eq!(kq.fired(), [(EVFILT_READ, 55)]);
    assert_eq!(kq.fired(), [], "with the flags of the second note, not of the first");
}

#[test]
fn forgetting_a_queue_closes_what_it_held() {
    let kq = Kq::new();
    kq.submit(&[change(5, EVFILT_TIMER, EV_ADD)]);
    let held = Arc::downgrade(&find(kq.0.as_raw_fd()).expect("it is in the table"));
    assert!(held.upgrade().is_some());
    drop(kq);
    assert!(held.upgrade().is_none(), "its epolls, its eventfd and its timers went with it");
}
