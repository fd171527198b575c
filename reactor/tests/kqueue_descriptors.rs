//! A kqueue of the emulator holds descriptors of its own beside the one that the backend knows.
//! All of them must go with it; this counts. (One test, because others would open descriptors
//! meanwhile.)
#![cfg(all(target_os = "linux", reactor_kqueue_emu))]

use std::os::unix::net::UnixStream;
use std::time::Duration;

use reactor::event::{Events, Interest, Mode, Token};
use reactor::poller::Poller;

/// The open descriptors of this process, and the one that reads the folder.
fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("proc(5)").count()
}

#[test]
fn pollers_come_and_go_and_leave_no_descriptor_behind() {
    let before = open_descriptors();
    for round in 0..200 {
        let poller = Poller::new().expect("a poller");
        let (ours, _theirs) = UnixStream::pair().expect("a socket pair");
        poller.add(&ours, Token::new(1, round), Interest::BOTH, Mode::Edge).expect("added");
        poller.wait(&mut Events::new(), Some(Duration::ZERO)).expect("a look");
        let notifier = poller.notifier();
        notifier.notify().expect("notified");
        if round % 3 == 0 {
            // The notifier goes first; otherwise last; sometimes the descriptor goes before both.
            drop(notifier);
        } else if round % 3 == 1 {
            drop(ours);
            drop(poller);
            notifier.notify().expect("nobody hears it");
        }
    }
    assert_eq!(open_descriptors(), before);
}
