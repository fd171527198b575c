//! Spawning a task that has a name.
//!
//! Neighbours: `names` keeps it while the task runs; `runtime` spawns those without.

use std::future::Future;
use std::sync::Arc;

use crate::context;
use crate::join::JoinHandle;

/// As [`spawn`](crate::spawn), for a task with a name: its handle shows it, and a
/// [`JoinError`](crate::JoinError) says it. Names need not be unique.
///
/// ```
/// executor::block_on(async {
///     let task = executor::spawn_named("accountant", async { panic!("it does not add up") });
///     assert!(format!("{task:?}").contains("accountant"));
///     let error = task.await.unwrap_err().to_string();
///     assert_eq!(error, "the task `accountant` panicked: it does not add up");
/// });
/// ```
///
/// # Panics
/// Where no runtime is running on this thread.
#[track_caller]
pub fn spawn_named<F>(name: impl Into<Arc<str>>, future: F) -> JoinHandle<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let name = name.into();
    let core = context::current("spawn_named");
    let key = core.scheduler.spawn(future);
    if !core.scheduler.is_closed() {
        core.scheduler.names.set(key, name);
    }
    JoinHandle::new(&core.scheduler, key)
}
