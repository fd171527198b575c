//! What threads share state with, under names that a model checker can put its own things behind.
//!
//! The files that cross threads take their locks and queues from here. The crate in `executor/loom`
//! compiles the same files with another `primitives`, whose every operation is a point at which the
//! checker may let another thread run.

pub(crate) use std::sync::atomic::AtomicBool;
pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard};

pub(crate) use crossbeam_channel as queue;
