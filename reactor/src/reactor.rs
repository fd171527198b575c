//! What wakes: one thread's poller, its sources and its timers, and the one place where it sleeps.
//!
//! ```text
//!   task ── poll ──► source: not ready, waker stored ──► Pending
//!   task ── poll ──► timer:  deadline and waker stored ─► Pending
//!                                   ⋮
//!   executor, nothing to run ── park ──► 1 poller.wait(until the earliest deadline)
//!                                        2 each event  → its source → its waiters
//!                                        3 each timer that is due   → its waker
//!                                        4 wake them: they enqueue their tasks, nothing else
//! ```
//!
//! A reactor belongs to one thread, and that thread finds it by [`Reactor::current`]: so a socket can
//! be made without handing a reactor through every function.
//!
//! Invariants:
//! - No waker is cloned, woken or dropped while a table is borrowed: each may run foreign code, and that
//!   may come back here.
//! - Readiness that nobody waits for is recorded and costs no further wake-up of the loop.
//!
//! What is absent: tasks. The reactor calls wakers and does not know what they do.
//!
//! Neighbours: `poller`, `sources`, `timers` below; `source`, `net`, `time`, `signal` above; the
//! executor calls [`park`](Reactor::park).

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::os::fd::BorrowedFd;
use std::ptr;
use std::rc::Rc;
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::event::{Events, Interest, Mode, Readiness, Token};
use crate::poller::{Notifier, Poller};
use crate::slab::Key;
use crate::sources::{Entry, Sources, Waiters};
use crate::sys;
use crate::timers::Timers;
use crate::virtual_clock::VirtualClock;

/// While work outside the loop holds a virtual clock, how often to look whether it is over.
const LOOK_AGAIN: Duration = Duration::from_millis(1);

thread_local! {
    static CURRENT: RefCell<Option<Rc<Reactor>>> = const { RefCell::new(None) };
    /// Its address, to be compared and never followed: whoever waits asks whether it is his, and needs
    /// neither a borrow for that nor to ask whether the thread still has its thread-locals.
    static ADDRESS: Cell<*const Reactor> = const { Cell::new(ptr::null()) };
}

/// One thread's event loop, less the tasks.
pub struct Reactor {
    /// `None`: the kernel's.
    clock: Option<VirtualClock>,
    poller: Poller,
    inbound: RefCell<Inbound>,
    /// A wait has heard of a notification, and nobody has asked since.
    notified: Cell<bool>,
    timers: RefCell<Timers>,
}

/// What the kernel said, and whom it spoke of: behind one borrow, for each event needs both.
#[derive(Default)]
struct Inbound {
    events: Events,
    sources: Sources,
}

impl Inbound {
    /// Records the next event that was not looked at yet, and gives out who waited for it.
    fn record_next(&mut self) -> Option<Waiters> {
        let event = self.events.take_next()?;
        Some(self.sources.record(event.token(), event.readiness()))
    }
}

impl Reactor {
    /// A reactor with nothing to wait for.
    ///
    /// # Errors
    /// The process or the system has no descriptor left.
    pub fn new() -> io::Result<Rc<Reactor>> {
        Reactor::with_clock(None)
    }

    /// A reactor whose clock stands still while anybody has something to do, and then jumps to the
    /// next deadline: an hour's sleep takes no time, and always the same course.
    ///
    /// Timers go by it, and so does [`now`] where this reactor is current. Descriptors are as real as
    /// ever; the clock does not jump while one of them is ready.
    ///
    /// # Errors
    /// As [`new`](Reactor::new).
    pub fn with_virtual_clock() -> io::Result<Rc<Reactor>> {
        Reactor::with_clock(Some(VirtualClock::new(sys::clock::now())))
    }

    fn with_clock(clock: Option<VirtualClock>) -> io::Result<Rc<Reactor>> {
        Ok(Rc::new(Reactor {
            clock,
            poller: Poller::new()?,
            inbound: RefCell::default(),
            notified: Cell::new(false),
            timers: RefCell::default(),
        }))
    }

    /// Makes this the thread's current reactor until the guard is dropped; the one before is then
    /// current again. Guards are to be dropped in the reverse order of their making. On a thread that
    /// is ending, and has destroyed its thread-locals, it does nothing.
    pub fn enter(self: &Rc<Self>) -> Entered {
        Entered { before: exchange(Some(Rc::clone(self))), not_send: PhantomData }
    }

    /// The reactor of this thread.
    ///
    /// # Panics
    /// Where there is none: a socket, a timer or a signal was used outside a runtime, or inside a
    /// foreign one, which would never wake it. A panic that says so is better than a hang.
    #[track_caller]
    pub fn current() -> Rc<Reactor> {
        match CURRENT.try_with(|current| current.borrow().clone()) {
            Ok(Some(reactor)) => reactor,
            _ => panic!(
                "no reactor is running on this thread: sockets, timers and signals of this runtime \
                 work only inside its own `block_on` or its tasks"
            ),
        }
    }

    /// Waits for readiness, for the earliest timer, for a notification, or until `timeout` is over,
    /// and wakes those concerned. `None` waits for as long as it takes, zero only looks.
    ///
    /// # Errors
    /// What the kernel says to the wait itself.
    pub fn park(&self, timeout: Option<Duration>) -> io::Result<()> {
        let notified = match &self.clock {
            _ if self.need_not_ask(timeout) => self.poller.is_notified(),
            None => {
                let timeout = self.until_next_timer(timeout);
                self.poller.wait(&mut self.inbound.borrow_mut().events, timeout)?
            }
            Some(clock) => self.wait_virtually(clock, timeout)?,
        };
        if notified {
            self.notified.set(true);
        }
        self.dispatch_events();
        self.fire_timers();
        Ok(())
    }

    /// Whether somebody has notified, as [`park`](Reactor::park) has heard since this was last asked. Who
    /// is told no need not look for what another thread may have left for him.
    ///
    /// It is kept until it is asked for, whoever has parked meanwhile: foreign code may do so.
    pub fn take_notification(&self) -> bool {
        self.notified.replace(false)
    }

    /// No system call is needed where events of the last one are left; nor only to look, with no
    /// descriptor to look at.
    fn need_not_ask(&self, timeout: Option<Duration>) -> bool {
        let inbound = self.inbound.borrow();
        let nobody_to_look_at = timeout == Some(Duration::ZERO) && inbound.sources.len() == 0;
        nobody_to_look_at || !inbound.events.are_over()
    }

    /// Asks the kernel, and if there is nothing, lets the clock jump over the wait. Only where there
    /// is nothing to jump to does this sleep: then it is for somebody outside to act. The answer is
    /// whether somebody has notified.
    fn wait_virtually(&self, clock: &VirtualClock, timeout: Option<Duration>) -> io::Result<bool> {
        let events = &mut self.inbound.borrow_mut().events;
        let notified = self.poller.wait(events, Some(Duration::ZERO))?;
        if notified || !events.is_empty() || timeout == Some(Duration::ZERO) {
            return Ok(notified);
        }
        let left = if clock.is_held() { Some(LOOK_AGAIN) } else { self.until_next_timer(timeout) };
        match left {
            Some(left) if !clock.is_held() => {
                clock.advance(left);
                Ok(false)
            }
            left => self.poller.wait(events, left),
        }
    }

    fn now(&self) -> Instant {
        self.clock.as_ref().map_or_else(sys::clock::now, VirtualClock::now)
    }

    /// The virtual clock, if that is what this reactor goes by.
    pub fn virtual_clock(&self) -> Option<&VirtualClock> {
        self.clock.as_ref()
    }

    /// The shorter of `timeout` and the time to the earliest deadline.
    fn until_next_timer(&self, timeout: Option<Duration>) -> Option<Duration> {
        if timeout == Some(Duration::ZERO) {
            return timeout;
        }
        let Some(deadline) = self.timers.borrow().next_deadline() else {
            return timeout;
        };
        let left = deadline.saturating_duration_since(self.now());
        Some(timeout.map_or(left, |timeout| timeout.min(left)))
    }

    /// Wakes by the events that were not looked at yet.
    ///
    /// The wakers are foreign code: one may park this reactor again, or panic. An edge that was
    /// overlooked then would never come again, so a batch is taken event by event, and what is left
    /// of it is the next park's first concern.
    fn dispatch_events(&self) {
        loop {
            let next = self.inbound.borrow_mut().record_next();
            let Some(waiters) = next else { return };
            wake(waiters);
        }
    }

    fn fire_timers(&self) {
        if self.timers.borrow().len() == 0 {
            return;
        }
        let now = self.now();
        loop {
            let Some(waker) = self.timers.borrow_mut().pop_expired(now) else { return };
            waker.wake();
        }
    }

    /// What ends this reactor's [`park`](Reactor::park) from another thread.
    pub fn notifier(&self) -> Notifier {
        self.poller.notifier()
    }

    /// How many descriptors are registered.
    pub fn source_count(&self) -> usize {
        self.inbound.borrow().sources.len()
    }

    /// How many timers are waiting.
    pub fn timer_count(&self) -> usize {
        self.timers.borrow().len()
    }

    /// Registers a descriptor, once, for both directions, edge-triggered.
    pub(crate) fn register(&self, fd: BorrowedFd<'_>, assumed: Readiness) -> io::Result<Rc<Entry>> {
        let entry = self.inbound.borrow_mut().sources.insert(assumed);
        let added = self.poller.add(fd, entry.token(), Interest::BOTH, Mode::Edge);
        if let Err(error) = added {
            self.inbound.borrow_mut().sources.remove(entry.token());
            return Err(error);
        }
        Ok(entry)
    }

    /// Takes a registration back. The descriptor must still be open: after `close`, its number may
    /// be somebody else's, and a duplicate would keep the kernel's registration alive.
    pub(crate) fn deregister(&self, fd: BorrowedFd<'_>, token: Token) {
        // Fails only where somebody closed the descriptor under us. The kernel has then forgotten it, or,
        // while a duplicate is open, goes on to speak of a token that means nobody.
        let _ = self.poller.remove(fd);
        let entry = self.inbound.borrow_mut().sources.remove(token);
        drop(entry);
    }

    /// Whoever is about to wait must be where somebody would wake it: a panic tells, a hang does not.
    pub(crate) fn assert_current(&self) {
        assert!(
            ptr::eq(ADDRESS.get(), self),
            "this socket or timer belongs to another runtime, one that is not running on this thread, \
             and nobody would wake who waits for it: await it inside the `block_on` of the runtime \
             that made it"
        );
    }

    pub(crate) fn insert_timer(&self, deadline: Instant, waker: &Waker) -> Key {
        let waker = waker.clone(); // foreign code, which may come back here
        self.timers.borrow_mut().insert(deadline, waker)
    }

    /// `false` where the timer has fired.
    pub(crate) fn set_timer_waker(&self, timer: Key, waker: &Waker) -> bool {
        let same = self.timers.borrow().waker(timer).map(|known| known.will_wake(waker));
        let Some(same) = same else { return false };
        self.assert_current();
        if same {
            return true;
        }
        let waker = waker.clone(); // foreign code again: it may even park, and the timer fire
        let replaced = self.timers.borrow_mut().set_waker(timer, waker);
        replaced.is_ok()
    }

    pub(crate) fn remove_timer(&self, timer: Key) {
        let waker = self.timers.borrow_mut().remove(timer);
        drop(waker);
    }
}

fn wake([reader, writer]: Waiters) {
    let Some(reader) = reader else {
        return writer.map_or((), Waker::wake);
    };
    match writer {
        None => reader.wake(),
        Some(writer) => wake_both(reader, writer),
    }
}

/// Wakes the writer in a drop, and so even where the reader's waker panics: the event is gone.
#[cold]
fn wake_both(reader: Waker, writer: Waker) {
    struct Second(Option<Waker>);

    impl Drop for Second {
        fn drop(&mut self) {
            if let Some(waker) = self.0.take() {
                waker.wake();
            }
        }
    }

    let _second = Second(Some(writer));
    reader.wake();
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor")
            .field("backend", &Poller::backend())
            .field("sources", &self.source_count())
            .field("timers", &self.timer_count())
            .finish_non_exhaustive()
    }
}

/// While this lives, a reactor is its thread's current one.
#[derive(Debug)]
pub struct Entered {
    before: Option<Rc<Reactor>>,
    /// It must be dropped on the thread that made it.
    not_send: PhantomData<*const ()>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        drop(exchange(self.before.take()));
    }
}

/// Makes another reactor the thread's current one, or none, and gives out the one before.
fn exchange(reactor: Option<Rc<Reactor>>) -> Option<Rc<Reactor>> {
    let address = reactor.as_ref().map_or(ptr::null(), Rc::as_ptr);
    let before = CURRENT.try_with(|current| current.replace(reactor)).ok()?;
    ADDRESS.set(address);
    before
}

/// The present moment by the clock that the timers of this thread's reactor go by; where there is
/// none, the kernel's.
pub fn now() -> Instant {
    let now = CURRENT.try_with(|current| current.borrow().as_ref().map(|reactor| reactor.now()));
    now.ok().flatten().unwrap_or_else(sys::clock::now)
}

/// What the calendar says, as time since 1970-01-01 UTC. It may jump, either way: for what people
/// read, not for deadlines. Zero for a clock that is set to before that day.
pub fn unix_time() -> Duration {
    sys::clock::unix_time()
}
