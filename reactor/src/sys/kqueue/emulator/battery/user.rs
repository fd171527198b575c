//! User notes: events that a thread, or a signal handler, makes for another.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;
use crate::sys::signal;

fn user(flags: u16, fflags: u32) -> kevent {
    kevent { fflags, ..change(1, EVFILT_USER, flags) }
}

#[test]
fn triggers_between_two_looks_are_one_event() {
    let kq = Kq::new();
    kq.submit(&[user(EV_ADD | EV_CLEAR, 0)]);
    assert_eq!(kq.fired(), []);
    kq.submit(&[user(0, NOTE_TRIGGER), user(0, NOTE_TRIGGER)]);
    assert_eq!(kq.fired(), [(EVFILT_USER, 7)]);
    assert_eq!(kq.fired(), []);
}

#[test]
fn triggers_that_find_no_room_come_at_the_next_look() {
    let kq = Kq::new();
    for ident in 0..3 {
        let note = change(ident, EVFILT_USER, EV_ADD | EV_CLEAR);
        kq.submit(&[note, kevent { flags: 0, fflags: NOTE_TRIGGER, ..note }]);
    }
    let look = || kq.call(&[], 1, Some(Duration::ZERO)).expect("a look");
    let mut seen: Vec<usize> = (0..3).flat_map(|_| look()).map(|event| event.ident).collect();
    seen.sort_unstable();
    assert_eq!(seen, [0, 1, 2]);
    assert_eq!(look().len(), 0);
}

#[test]
fn without_clear_it_fires_at_each_look() {
    let kq = Kq::new();
    kq.submit(&[user(EV_ADD, 0), user(0, NOTE_TRIGGER)]);
    for _ in 0..2 {
        assert_eq!(kq.fired(), [(EVFILT_USER, 7)]);
    }
}

#[test]
fn a_disabled_one_keeps_its_trigger_until_enabled() {
    let kq = Kq::new();
    kq.submit(&[user(EV_ADD | EV_CLEAR | EV_DISABLE, 0), user(0, NOTE_TRIGGER)]);
    assert_eq!(kq.fired(), []);
    kq.submit(&[user(EV_ENABLE, 0)]);
    assert_eq!(kq.fired(), [(EVFILT_USER, 7)]);
}

#[test]
fn a_oneshot_is_gone_after_its_event() {
    let kq = Kq::new();
    kq.submit(&[user(EV_ADD | EV_ONESHOT, 0), user(0, NOTE_TRIGGER)]);
    assert_eq!(kq.fired(), [(EVFILT_USER, 7)]);
    let gone = kq.call(&[user(0, NOTE_TRIGGER)], 0, None);
    assert_eq!(gone.err(), Some(libc::ENOENT));
}

#[test]
fn a_trigger_overwrites_the_token() {
    let kq = Kq::new();
    kq.submit(&[user(EV_ADD | EV_CLEAR, 0), named(0, user(0, NOTE_TRIGGER))]);
    assert_eq!(kq.fired(), [(EVFILT_USER, 0)]);
}

#[test]
fn a_trigger_that_says_clear_again_is_lost_as_on_freebsd() {
    let kq = Kq::new();
    kq.submit(&[user(EV_ADD | EV_CLEAR, 0), user(EV_CLEAR, NOTE_TRIGGER)]);
    assert_eq!(kq.fired(), []);
}

#[test]
fn filter_flags_are_copied_and_combined() {
    let kq = Kq::new();
    kq.submit(&[user(EV_ADD | EV_CLEAR, 0)]);
    let steps = [
        (NOTE_FFCOPY | 0b0101, 0b0101),
        (NOTE_FFOR | 0b0010, 0b0111),
        (NOTE_FFAND | 0b0011, 0b0011),
    ];
    for (order, result) in steps {
        kq.submit(&[user(0, NOTE_TRIGGER | order)]);
        assert_eq!(kq.look()[0].fflags, result);
    }
}

/// Runs `wait` on a thread of its own; fails, and does not hang, where it does not end.
fn within_patience<T: Send + 'static>(what: &str, wait: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, ended) = mpsc::channel();
    let waiting = thread::spawn(move || done.send(wait()).expect("the test is there"));
    let result = ended.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("waited 10 s for {what}"));
    waiting.join().expect("no panic");
    result
}

/// Whether a thread of this process sleeps in the kernel (proc(5), "state").
fn sleeps(thread: libc::pid_t) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/stat"));
    stat.is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" S")))
}

#[test]
fn a_trigger_from_another_thread_ends_a_wait_that_sleeps() {
    let kq = Arc::new(Kq::new());
    kq.submit(&[user(EV_ADD | EV_CLEAR, 0)]);
    let sleeper = Arc::new(AtomicI32::new(0));
    let (its_kq, its_id) = (Arc::clone(&kq), Arc::clone(&sleeper));
    let trigger = thread::spawn(move || {
        let deadline = clock::now() + PATIENCE;
        while !sleeps(sleeper.load(Ordering::SeqCst)) {
            assert!(clock::now() < deadline, "waited 10 s for the thread to sleep");
            thread::yield_now();
        }
        kq.submit(&[user(0, NOTE_TRIGGER)]);
    });
    let seen = within_patience("the trigger", move || {
        // SAFETY: takes nothing and cannot fail.
        its_id.store(unsafe { libc::gettid() }, Ordering::SeqCst);
        its_kq.call(&[], 8, None).expect("an event").len()
    });
    assert_eq!(seen, 1);
    trigger.join().expect("it saw the thread sleep");
}

#[test]
fn of_ten_thousand_triggers_none_is_lost() {
    const ALL: usize = 10_000;
    let kq = Arc::new(Kq::new());
    kq.submit(&[user(EV_ADD | EV_CLEAR, 0)]);
    let count = Arc::new(AtomicUsize::new(0));
    let (its_kq, its_count) = (Arc::clone(&kq), Arc::clone(&count));
    let trigger = thread::spawn(move || {
        for number in 1..=ALL {
            count.store(number, Ordering::SeqCst);
            kq.submit(&[user(0, NOTE_TRIGGER)]);
        }
    });
    within_patience("the last trigger", move || {
        while its_count.load(Ordering::SeqCst) < ALL {
            its_kq.call(&[], 8, None).expect("an event");
        }
    });
    trigger.join().expect("no panic");
}

/// The queue that `on_signal` triggers, and how often it did.
static TRIGGERED: (AtomicI32, AtomicUsize) = (AtomicI32::new(-1), AtomicUsize::new(0));

extern "C" fn on_signal(_: c_int) {
    let trigger = user(EV_RECEIPT, NOTE_TRIGGER);
    let mut answer = trigger;
    let kq = TRIGGERED.0.load(Ordering::SeqCst);
    // SAFETY: one change is readable, one answer writable, and the timeout is null.
    unsafe { kevent(kq, &trigger, 1, &mut answer, 1, ptr::null()) };
    TRIGGERED.1.fetch_add(1, Ordering::SeqCst);
}

/// Sends a signal to one thread of this process until it says `enough`.
fn bombard(target: libc::pthread_t, signal: c_int, enough: impl Fn() -> bool) {
    let deadline = clock::now() + PATIENCE;
    while !enough() {
        assert!(clock::now() < deadline, "waited {PATIENCE:?} for the thread to have enough");
        // SAFETY: takes no pointer; the thread lives until it is joined, which comes later.
        unsafe { libc::pthread_kill(target, signal) };
        thread::yield_now();
    }
}

#[test]
fn a_signal_handler_may_trigger_whatever_the_thread_is_doing() {
    // SAFETY: sigaction is plain data; all zeroes is "default action, empty mask, no flags".
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_signal as extern "C" fn(c_int) as libc::sighandler_t;
    // SAFETY: the action is complete and outlives the call; the handler calls nothing but kevent.
    let result = unsafe { libc::sigaction(libc::SIGURG, &action, ptr::null_mut()) };
    assert_eq!(result, 0);

    let kq = Kq::new();
    kq.submit(&[user(EV_ADD | EV_CLEAR, 0)]);
    TRIGGERED.0.store(kq.0.as_raw_fd(), Ordering::SeqCst);
    let (stop, stopped) = (Arc::new(AtomicBool::new(false)), mpsc::channel());
    let asked = Arc::clone(&stop);
    let busy = thread::spawn(move || {
        while !asked.load(Ordering::SeqCst) {
            let (ours, _theirs) = pair();
            kq.submit(&[read(&ours, EV_ADD), read(&ours, EV_DELETE)]);
            let woken = kq.call(&[], 8, Some(Duration::from_micros(50)));
            assert!(matches!(woken, Ok(_) | Err(libc::EINTR)), "{:?}", woken.err());
        }
        stopped.0.send(()).expect("the test is there");
        kq
    });
    let target = std::os::unix::thread::JoinHandleExt::as_pthread_t(&busy);
    bombard(target, libc::SIGURG, || TRIGGERED.1.load(Ordering::SeqCst) >= 2_000);
    stop.store(true, Ordering::SeqCst);
    stopped.1.recv_timeout(PATIENCE).expect("waited 10 s for the thread: it is deadlocked");
    let kq = busy.join().expect("no panic");
    let deaf = kq.call(&[user(0, NOTE_TRIGGER)], 0, None);
    assert_eq!(deaf.map(|events| events.len()), Ok(0));
}

#[test]
fn a_signal_ends_a_wait_with_eintr() {
    signal::catch(libc::SIGWINCH).expect("a handler");
    let kq = Kq::new();
    let (ended, has_ended) = (Arc::new(AtomicBool::new(false)), mpsc::channel());
    let flag = Arc::clone(&ended);
    let waiting = thread::spawn(move || {
        let result = kq.call(&[], 4, Some(PATIENCE));
        flag.store(true, Ordering::SeqCst);
        has_ended.0.send(result.map(|events| events.len())).expect("the test is there");
    });
    let target = std::os::unix::thread::JoinHandleExt::as_pthread_t(&waiting);
    bombard(target, libc::SIGWINCH, || ended.load(Ordering::SeqCst));
    assert_eq!(has_ended.1.recv_timeout(PATIENCE), Ok(Err(libc::EINTR)));
    waiting.join().expect("no panic");
}
