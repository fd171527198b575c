//! The models, by protocol.

mod channel;
mod oneshot;
mod parker;
mod remote;
mod wake;

use loom::model::Builder;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs `model` in every order in which no thread is interrupted more than `preemptions` times; `None`
/// for every order there is. Most bugs need two.
fn check(preemptions: impl Into<Option<usize>>, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions.into();
    builder.check(model);
}

/// Counted while it lives. Not one of the checker's atomics: it is no part of any protocol.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(alive: &Arc<AtomicUsize>) -> Counted {
        alive.fetch_add(1, Ordering::SeqCst);
        Counted(Arc::clone(alive))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn alive(count: &Arc<AtomicUsize>) -> usize {
    count.load(Ordering::SeqCst)
}
