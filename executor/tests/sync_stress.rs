//! Random interleavings against models that are too simple to be wrong.
//!
//! Each step asks, looks again, takes, gives back or walks away, as a seed says; after each step the
//! real thing and the model must agree on who has been granted what, and on who was woken. A failure
//! prints its seed.

mod support;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use executor::sync::mpsc::{SendError, channel};
use executor::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard, Semaphore};
use support::polls::{Wakes, poll_with};

const SEEDS: u64 = 200;
const STEPS: u32 = 300;

/// The numbers of xorshift64*, enough for shuffling steps.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

/// A wait under way, and what the model says of it.
struct Waiter<'a, G> {
    future: Wait<'a, G>,
    wakes: Arc<Wakes>,
    asks: usize,
    granted: bool,
}

type Wait<'a, G> = Pin<Box<dyn Future<Output = G> + 'a>>;

impl<'a, G> Waiter<'a, G> {
    fn new(future: Wait<'a, G>, asks: usize) -> Waiter<'a, G> {
        Waiter { future, wakes: Wakes::new(), asks, granted: false }
    }

    fn poll(&mut self) -> Poll<G> {
        let waker = self.wakes.waker();
        poll_with(&mut self.future, &waker)
    }

    /// Woken exactly if granted: nobody sleeps on a grant, nobody is woken for nothing.
    fn check(&self, what: &str) {
        assert_eq!(self.wakes.count(), usize::from(self.granted), "{what}");
    }
}

/// All that a fair lock or semaphore is: who is first in line is served as soon as there is enough.
struct Line<'a, G> {
    free: usize,
    waiters: Vec<Waiter<'a, G>>,
    held: Vec<(G, usize)>,
}

impl<'a, G> Line<'a, G> {
    fn new(free: usize) -> Line<'a, G> {
        Line { free, waiters: Vec::new(), held: Vec::new() }
    }

    fn nobody_waits(&self) -> bool {
        self.waiters.iter().all(|waiter| waiter.granted)
    }

    fn serve(&mut self) {
        for waiter in self.waiters.iter_mut().filter(|waiter| !waiter.granted) {
            let Some(left) = self.free.checked_sub(waiter.asks) else { return };
            self.free = left;
            waiter.granted = true;
        }
    }

    fn ask(&mut self, future: Wait<'a, G>, asks: usize, what: &str) {
        let at_once = self.nobody_waits() && asks <= self.free;
        let mut waiter = Waiter::new(future, asks);
        match waiter.poll() {
            Poll::Ready(guard) => {
                assert!(at_once, "{what}: overtaken");
                self.free -= asks;
                self.held.push((guard, asks));
            }
            Poll::Pending => {
                assert!(!at_once, "{what}: kept waiting");
                self.waiters.push(waiter);
            }
        }
    }

    fn look(&mut self, place: usize, what: &str) {
        let waiter = &mut self.waiters[place];
        match waiter.poll() {
            Poll::Ready(guard) => {
                assert!(waiter.granted, "{what}: out of turn");
                self.held.push((guard, waiter.asks));
                self.waiters.remove(place);
            }
            Poll::Pending => assert!(!waiter.granted, "{what}: its turn was lost"),
        }
    }

    fn leave(&mut self, place: usize) {
        let gone = self.waiters.remove(place);
        self.free += if gone.granted { gone.asks } else { 0 };
        drop(gone);
        self.serve();
    }

    fn give_back(&mut self, place: usize) {
        let (guard, count) = self.held.swap_remove(place);
        self.free += count;
        drop(guard);
        self.serve();
    }

    /// One step that is not asking.
    fn step(&mut self, random: &mut Random, what: &str) {
        let (waiting, held) = (self.waiters.len(), self.held.len());
        match random.below(3) {
            0 if waiting > 0 => self.look(random.below(waiting), what),
            1 if waiting > 0 => self.leave(random.below(waiting)),
            2 if held > 0 => self.give_back(random.below(held)),
            _ => {}
        }
        self.waiters.iter().for_each(|waiter| waiter.check(what));
    }
}

fn semaphore_steps(seed: u64) {
    let mut random = Random::new(seed);
    let semaphore = Semaphore::new(3);
    let mut line = Line::new(3);
    for step in 0..STEPS {
        let what = format!("semaphore, seed {seed}, step {step}");
        if random.below(3) == 0 {
            let count = random.below(5);
            line.ask(Box::pin(semaphore.acquire_many(count)), count, &what);
        } else {
            line.step(&mut random, &what);
        }
        assert_eq!(semaphore.available(), line.free, "{what}");
        assert_eq!(semaphore.try_acquire().is_ok(), line.nobody_waits() && line.free > 0, "{what}");
    }
    drop(line);
    assert_eq!(semaphore.available(), 3, "seed {seed}: all came back");
}

#[test]
fn a_semaphore_does_what_its_model_does() {
    (0..SEEDS).for_each(semaphore_steps);
}

/// Either guard, held.
#[allow(dead_code, reason = "a guard is there to be dropped")]
enum Guard<'a> {
    Read(RwLockReadGuard<'a, u32>),
    Write(RwLockWriteGuard<'a, u32>),
}

/// How many readers the model's lock has room for; a writer takes the room of all.
const READERS: usize = 1000;

fn rwlock_steps(seed: u64) {
    let mut random = Random::new(seed);
    let lock = RwLock::new(0);
    let mut line = Line::new(READERS);
    for step in 0..STEPS {
        let what = format!("read-write lock, seed {seed}, step {step}");
        match random.below(6) {
            0 => line.ask(Box::pin(async { Guard::Write(lock.write().await) }), READERS, &what),
            1 | 2 => line.ask(Box::pin(async { Guard::Read(lock.read().await) }), 1, &what),
            _ => line.step(&mut random, &what),
        }
        let nobody_waits = line.nobody_waits();
        assert_eq!(lock.try_read().is_some(), nobody_waits && line.free > 0, "{what}");
        assert_eq!(lock.try_write().is_some(), nobody_waits && line.free == READERS, "{what}");
    }
    drop(line);
    assert!(lock.try_write().is_some(), "seed {seed}: the lock is free");
}

#[test]
fn a_read_write_lock_does_what_its_model_does() {
    (0..SEEDS).for_each(rwlock_steps);
}

/// Senders in line, each with its value; `Line` without guards to hold.
struct Senders<'a> {
    free: usize,
    line: Vec<(u32, Waiter<'a, Sent>)>,
}

type Sent = Result<(), SendError<u32>>;

impl Senders<'_> {
    fn serve(&mut self) {
        for (_, waiter) in
            self.line.iter_mut().filter(|(_, waiter)| !waiter.granted).take(self.free)
        {
            self.free -= 1;
            waiter.granted = true;
        }
    }

    fn leave(&mut self, place: usize) {
        let (_, gone) = self.line.remove(place);
        self.free += usize::from(gone.granted);
        drop(gone);
        self.serve();
    }
}

fn mpsc_steps(seed: u64) {
    let mut random = Random::new(seed);
    let capacity = 1 + random.below(4);
    let (sender, mut receiver) = channel(capacity);
    let mut senders = Senders { free: capacity, line: Vec::new() };
    let mut queue = VecDeque::new();
    for step in 0..STEPS {
        let (what, waiting) = (format!("channel, seed {seed}, step {step}"), senders.line.len());
        match random.below(5) {
            0 | 1 => {
                let mut waiter = Waiter::new(Box::pin(sender.send(step)), 1);
                if waiter.poll().is_ready() {
                    assert!(senders.free > 0, "{what}: a late sender overtook");
                    senders.free -= 1;
                    queue.push_back(step);
                } else {
                    assert_eq!(senders.free, 0, "{what}: kept waiting");
                    senders.line.push((step, waiter));
                }
            }
            2 if waiting > 0 => {
                let place = random.below(waiting);
                let (value, waiter) = &mut senders.line[place];
                assert_eq!(waiter.poll().is_ready(), waiter.granted, "{what}");
                if waiter.granted {
                    queue.push_back(*value);
                    senders.line.remove(place);
                }
            }
            3 if waiting > 0 => senders.leave(random.below(waiting)),
            _ => {
                let received = receiver.try_recv().ok();
                assert_eq!(received, queue.pop_front(), "{what}");
                senders.free += usize::from(received.is_some());
                senders.serve();
            }
        }
        assert_eq!(receiver.len(), queue.len(), "{what}");
        senders.line.iter().for_each(|(_, waiter)| waiter.check(&what));
    }
    receiver.close();
    for (value, mut waiter) in senders.line {
        assert!(matches!(waiter.poll(), Poll::Ready(Err(SendError(back))) if back == value));
    }
    assert_eq!(std::iter::from_fn(|| receiver.try_recv().ok()).collect::<VecDeque<_>>(), queue);
}

#[test]
fn a_bounded_channel_does_what_its_model_does() {
    (0..SEEDS).for_each(mpsc_steps);
}
