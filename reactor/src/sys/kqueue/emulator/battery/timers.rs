//! Timer notes, and the wait's own timeout. They say "not before"; how late is the machine's
//! affair.

use super::*;

fn timer(flags: u16, fflags: u32, data: isize) -> kevent {
    kevent { fflags, data, ..change(5, EVFILT_TIMER, flags) }
}

fn wait(kq: &Kq) -> kevent {
    let seen = kq.call(&[], 4, Some(PATIENCE)).expect("a wait");
    *seen.first().expect("waited 10 s for a timer")
}

#[test]
fn a_timer_repeats_and_counts_what_nobody_came_for() {
    let kq = Kq::new();
    let before = clock::now();
    kq.submit(&[timer(EV_ADD, 0, 5)]);
    let mut expired = 0;
    while expired < 4 {
        expired += wait(&kq).data;
        assert!(before.elapsed() >= Duration::from_millis(5) * expired as u32, "never early");
    }
}

#[test]
fn a_oneshot_timer_fires_once_and_is_gone() {
    let kq = Kq::new();
    let before = clock::now();
    kq.submit(&[timer(EV_ADD | EV_ONESHOT, 0, 5)]);
    let event = wait(&kq);
    assert!(before.elapsed() >= Duration::from_millis(5));
    assert_eq!((event.ident, event.data, event.udata as usize), (5, 1, 7));
    let gone = kq.call(&[timer(EV_DELETE, 0, 0)], 0, None);
    assert_eq!(gone.err(), Some(libc::ENOENT));
}

#[test]
fn a_timer_names_its_unit() {
    let kq = Kq::new();
    let units =
        [(NOTE_USECONDS, 500, 500_000), (NOTE_NSECONDS, 700_000, 700_000), (0, 1, 1_000_000)];
    for (unit, count, nanoseconds) in units {
        let before = clock::now();
        kq.submit(&[timer(EV_ADD | EV_ONESHOT, unit, count)]);
        wait(&kq);
        assert!(before.elapsed() >= Duration::from_nanos(nanoseconds));
    }
    kq.submit(&[timer(EV_ADD | EV_ONESHOT, NOTE_SECONDS, 3_600)]);
    assert_eq!(kq.fired(), [], "not for an hour");
}

#[test]
fn a_disabled_timer_goes_on_and_tells_when_enabled() {
    let kq = Kq::new();
    kq.submit(&[timer(EV_ADD | EV_DISABLE, NOTE_USECONDS, 500)]);
    let seen = kq.call(&[], 4, Some(Duration::from_millis(3))).expect("a wait");
    assert_eq!(seen.len(), 0);
    kq.submit(&[timer(EV_ENABLE, NOTE_USECONDS, 500)]);
    assert!(wait(&kq).data >= 5, "those that expired meanwhile are counted");
}

#[test]
fn a_deleted_timer_is_silent() {
    let kq = Kq::new();
    kq.submit(&[timer(EV_ADD, NOTE_USECONDS, 100), timer(EV_DELETE, 0, 0)]);
    let seen = kq.call(&[], 4, Some(Duration::from_millis(3))).expect("a wait");
    assert_eq!(seen.len(), 0);
}

#[test]
fn a_wait_with_a_timeout_ends_not_before_it() {
    let kq = Kq::new();
    for timeout in [Duration::from_micros(300), Duration::from_millis(20)] {
        let before = clock::now();
        assert_eq!(kq.call(&[], 4, Some(timeout)).expect("a wait").len(), 0);
        assert!(before.elapsed() >= timeout);
    }
}
