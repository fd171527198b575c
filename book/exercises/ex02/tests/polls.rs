//! What asking costs, over real sockets that do not block. The names say the order in which to go.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;

use ex02::{Counted, pass, told};
use watchdog::within;

/// So many connections: what we read from, and what the others write to.
fn connections(count: usize) -> (Vec<Counted<UnixStream>>, Vec<UnixStream>) {
    let pair = |_| {
        let (ours, theirs) = UnixStream::pair().expect("two descriptors");
        ours.set_nonblocking(true).expect("it is a socket");
        (Counted::new(ours), theirs)
    };
    (0..count).map(pair).unzip()
}

fn asked(readers: &[Counted<UnixStream>]) -> u64 {
    readers.iter().map(|reader| reader.asked).sum()
}

fn in_vain(readers: &[Counted<UnixStream>]) -> u64 {
    readers.iter().map(|reader| reader.in_vain).sum()
}

#[test]
fn step_1_each_question_is_counted_and_each_one_in_vain() {
    within("`read` asks `self.reader` once, and counts by what it answers.", || {
        let (mut readers, mut others) = connections(1);
        let (reader, mut buffer) = (&mut readers[0], [0; 8]);
        let error = reader.read(&mut buffer).expect_err("nobody has said anything");
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "the answer is passed on as it is");
        assert_eq!((reader.asked, reader.in_vain), (1, 1));
        others[0].write_all(b"hello").expect("there is room");
        assert_eq!(reader.read(&mut buffer).expect("there are bytes"), 5);
        assert_eq!((reader.asked, reader.in_vain), (2, 1), "this one was not in vain");
        others.clear();
        assert_eq!(reader.read(&mut buffer).expect("it is the end"), 0);
        assert_eq!((reader.asked, reader.in_vain), (3, 1), "the end is an answer too");
    });
}

#[test]
fn step_2_a_pass_hears_who_speaks_and_nobody_else() {
    within("a reader that has nothing is passed over, and the pass goes on.", || {
        let (mut readers, mut others) = connections(3);
        others[1].write_all(b"hello").expect("there is room");
        assert_eq!(pass(&mut readers).expect("no error"), [(1, b"hello".to_vec())]);
        drop(others); // all at their end, and nothing more to be read
        assert_eq!(pass(&mut readers).expect("the end is no error"), []);
    });
}

/// A reader that is broken.
struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::ConnectionReset.into())
    }
}

#[test]
fn step_2_an_error_is_not_taken_for_silence() {
    within("only `WouldBlock` means \"not now\"; other errors are returned.", || {
        let error = pass(&mut [Counted::new(Broken)]).expect_err("it is broken");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    });
}

/// A hundred are connected, and one of them speaks before one of ten passes.
#[test]
fn step_2_of_a_thousand_questions_nine_hundred_and_ninety_nine_are_in_vain() {
    within("one pass asks each reader exactly once.", || {
        let (mut readers, mut others) = connections(100);
        for number in 0..10 {
            if number == 7 {
                others[42].write_all(b"hello").expect("there is room");
            }
            let heard = pass(&mut readers).expect("no error");
            assert_eq!(heard.len(), usize::from(number == 7));
        }
        assert_eq!((asked(&readers), in_vain(&readers)), (1000, 999));
    });
}

#[test]
fn step_3_who_is_told_asks_once_and_never_in_vain() {
    within("ask `readers[index]` for the indices in `ready`, and no other.", || {
        let (mut readers, mut others) = connections(100);
        assert_eq!(told(&mut readers, &[]).expect("nobody is asked"), []);
        others[42].write_all(b"hello").expect("there is room");
        // In this test we know who is ready, for we made them so. From chapter 4 on, the kernel says it.
        let heard = told(&mut readers, &[42]).expect("no error");
        assert_eq!(heard, [(42, b"hello".to_vec())]);
        assert_eq!((asked(&readers), in_vain(&readers)), (1, 0));
    });
}

/// What is told may be out of date: then the answer is "not now", and no harm is done.
#[test]
fn step_3_who_was_told_wrongly_goes_on() {
    within("\"not now\" is no error for `told` either.", || {
        let (mut readers, _others) = connections(2);
        assert_eq!(told(&mut readers, &[1]).expect("it is only silent"), []);
        assert_eq!((asked(&readers), in_vain(&readers)), (1, 1));
    });
}
