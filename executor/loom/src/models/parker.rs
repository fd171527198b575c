//! `park::block_on`: a wake at any moment ends the sleep.

use loom::sync::Mutex;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Poll, Waker};

use super::check;
use crate::park::block_on;

#[test]
fn a_wake_between_pending_and_sleep_is_not_lost() {
    check(None, || {
        let ready = Arc::new(AtomicBool::new(false));
        let sets = Arc::clone(&ready);
        let mut thread = None;
        block_on(poll_fn(move |context| {
            if ready.load(Ordering::Acquire) {
                return Poll::Ready(());
            }
            let (sets, waker) = (Arc::clone(&sets), context.waker().clone());
            thread.get_or_insert_with(|| {
                thread::spawn(move || {
                    sets.store(true, Ordering::Release);
                    waker.wake();
                })
            });
            Poll::Pending
        }));
    });
}

#[test]
fn two_wakers_are_as_good_as_one() {
    check(2, || {
        let shared = Arc::new((Mutex::new(0), Mutex::new(None::<Waker>)));
        let threads: Vec<_> = (0..2)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    *shared.0.lock().unwrap() += 1;
                    let waker = shared.1.lock().unwrap().clone();
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                })
            })
            .collect();
        block_on(poll_fn(|context| {
            *shared.1.lock().unwrap() = Some(context.waker().clone());
            if *shared.0.lock().unwrap() == 2 { Poll::Ready(()) } else { Poll::Pending }
        }));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}
