//! Receipts and errors: what becomes of changes that are carried out, and of those that are not.

use super::*;

fn answers(events: &[kevent]) -> Vec<(i16, isize)> {
    assert!(events.iter().all(|event| event.flags & EV_ERROR != 0), "each is an answer");
    events.iter().map(|event| (event.filter, event.data)).collect()
}

const NOBODY: i32 = 1_000_000;

#[test]
fn each_change_that_asks_for_a_receipt_gets_one() {
    let (kq, (ours, _theirs)) = (Kq::new(), pair());
    let flags = EV_ADD | EV_CLEAR | EV_RECEIPT;
    let given = kq.call(&[read(&ours, flags), write(&ours, flags)], 2, None).expect("receipts");
    assert_eq!(answers(&given), [(EVFILT_READ, 0), (EVFILT_WRITE, 0)]);
    assert_eq!(given[0].flags, flags | EV_ERROR, "EV_ERROR is a bit among the change's own");
}

#[test]
fn a_change_that_fails_does_not_keep_the_next_from_being_done() {
    let (kq, (ours, _theirs)) = (Kq::new(), pair());
    let flags = EV_ADD | EV_CLEAR | EV_RECEIPT;
    let given = kq.call(&[read(&NOBODY, flags), write(&ours, flags)], 2, None).expect("receipts");
    assert_eq!(answers(&given), [(EVFILT_READ, libc::EBADF as isize), (EVFILT_WRITE, 0)]);
    assert_eq!(kq.fired(), [(EVFILT_WRITE, 7)]);
}

#[test]
fn deleting_what_is_not_there_is_enoent_for_each_filter() {
    let (kq, (ours, _theirs)) = (Kq::new(), pair());
    let flags = EV_DELETE | EV_RECEIPT;
    let given = kq.call(&[read(&ours, flags), write(&ours, flags)], 2, None).expect("receipts");
    let enoent = libc::ENOENT as isize;
    assert_eq!(answers(&given), [(EVFILT_READ, enoent), (EVFILT_WRITE, enoent)]);
}

#[test]
fn changing_without_adding_what_is_not_there_is_enoent() {
    let (kq, (ours, _theirs)) = (Kq::new(), pair());
    let nameless = read(&ours, EV_RECEIPT);
    let given = kq.call(&[nameless, change(1, EVFILT_USER, EV_RECEIPT)], 2, None);
    let enoent = libc::ENOENT as isize;
    assert_eq!(answers(&given.expect("receipts")), [(EVFILT_READ, enoent), (EVFILT_USER, enoent)]);
}

#[test]
fn a_failure_without_room_for_it_is_an_errno_and_ends_the_list() {
    let (kq, (ours, _theirs)) = (Kq::new(), pair());
    let failed = kq.call(&[read(&NOBODY, EV_ADD), write(&ours, EV_ADD)], 0, None);
    assert_eq!(failed.err(), Some(libc::EBADF));
    assert_eq!(kq.fired(), [], "the second change was not carried out");
}

#[test]
fn a_failure_is_answered_even_without_a_receipt_asked_for() {
    let given = Kq::new().call(&[read(&NOBODY, EV_ADD)], 1, None).expect("an answer");
    assert_eq!(answers(&given), [(EVFILT_READ, libc::EBADF as isize)]);
}

#[test]
fn a_receipt_is_no_event_and_the_next_wait_brings_events_only() {
    let (kq, (ours, theirs)) = (Kq::new(), pair());
    let given = kq.call(&[read(&ours, EV_ADD | EV_CLEAR | EV_RECEIPT)], 1, None);
    assert_eq!(answers(&given.expect("a receipt")), [(EVFILT_READ, 0)]);
    send(&theirs, b"q");
    let seen = kq.look();
    assert_eq!((seen.len(), seen[0].flags & EV_ERROR), (1, 0));
}

#[test]
fn answers_may_take_the_places_of_their_changes() {
    let (kq, (ours, _theirs)) = (Kq::new(), pair());
    let mut list = [read(&NOBODY, EV_ADD | EV_RECEIPT), write(&ours, EV_ADD | EV_RECEIPT)];
    let start = list.as_mut_ptr();
    // SAFETY: the list is readable and writable for its two entries.
    let count = unsafe { kevent(kq.0.as_raw_fd(), start, 2, start, 2, ptr::null()) };
    assert_eq!(count, 2);
    assert_eq!(answers(&list), [(EVFILT_READ, libc::EBADF as isize), (EVFILT_WRITE, 0)]);
}

#[test]
fn without_room_for_events_nobody_waits() {
    let kq = Kq::new();
    assert_eq!(kq.call(&[], 0, None).expect("at once").len(), 0);
}

#[test]
fn what_is_no_queue_no_filter_or_no_timeout_is_refused() {
    let (ours, _theirs) = pair();
    // SAFETY: neither list is looked at, and the timeout is null.
    let count =
        unsafe { kevent(ours.as_raw_fd(), ptr::null(), 0, ptr::null_mut(), 0, ptr::null()) };
    assert_eq!((count, io::Error::last_os_error().raw_os_error()), (-1, Some(libc::EBADF)));

    let kq = Kq::new();
    let signals = change(2, -6, EV_ADD);
    assert_eq!(kq.call(&[signals], 0, None).err(), Some(libc::EINVAL), "a filter that we lack");
    let too_long = Some(Duration::from_secs(100_000_001));
    assert_eq!(
        kq.call(&[], 1, too_long).err(),
        Some(libc::EINVAL),
        "4.4BSD's longest, and one more"
    );
}
