//! All of `sync` under an executor that is not ours: none of it needs a runtime.

use std::cell::Cell;
use std::rc::Rc;

use executor::sync::{
    Barrier, Condvar, Mutex, Notify, OnceCell, RwLock, Semaphore, broadcast, mpsc, oneshot, watch,
};
use futures::executor::LocalPool;
use futures::task::LocalSpawnExt;

/// Runs all futures on one foreign executor, and counts those that came to their end.
#[track_caller]
fn all_end(futures: Vec<futures::future::LocalBoxFuture<'static, ()>>) {
    let mut pool = LocalPool::new();
    let ended = Rc::new(Cell::new(0));
    let count = futures.len();
    for future in futures {
        let ended = Rc::clone(&ended);
        let counted = async move {
            future.await;
            ended.set(ended.get() + 1);
        };
        pool.spawner().spawn_local(counted).expect("the pool lives");
    }
    // Runs until nothing more can happen; so a wait that is never ended is no hang, but a difference.
    pool.run_until_stalled();
    assert_eq!(ended.get(), count);
}

macro_rules! all_end {
    ($($future:expr),+ $(,)?) => { all_end(vec![$(Box::pin($future)),+]) };
}

#[test]
fn semaphores_and_locks_work_under_a_foreign_executor() {
    let shared = Rc::new((Semaphore::new(1), Mutex::new(0), RwLock::new(0)));
    let worker = || {
        let shared = Rc::clone(&shared);
        async move {
            for _ in 0..100 {
                let _permit = shared.0.acquire().await.expect("open");
                *shared.1.lock().await += 1;
                let seen = *shared.2.read().await;
                *shared.2.write().await = seen + 1;
            }
        }
    };
    all_end!(worker(), worker(), worker());
    assert_eq!(*shared.1.try_lock().expect("free"), 300);
    assert_eq!(*shared.2.try_read().expect("free"), 300);
}

#[test]
fn condvars_barriers_cells_and_notifications_work_under_a_foreign_executor() {
    let shared = Rc::new((Mutex::new(false), Condvar::new(), Barrier::new(2), Notify::new()));
    let cell = Rc::new(OnceCell::new());
    let (waits, sets) = (Rc::clone(&shared), Rc::clone(&shared));
    let (makes, finds) = (Rc::clone(&cell), Rc::clone(&cell));
    all_end!(
        async move {
            let guard = waits.0.lock().await;
            drop(waits.1.wait_while(guard, |ready| !*ready).await);
            waits.2.wait().await;
            waits.3.notified().await;
            assert_eq!(makes.get_or_init(async || 1).await, &1);
        },
        async move {
            *sets.0.lock().await = true;
            sets.1.notify_one();
            sets.2.wait().await;
            sets.3.notify_one();
            assert_eq!(finds.get_or_init(async || 1).await, &1);
        },
    );
}

#[test]
fn channels_work_under_a_foreign_executor() {
    let (values, mut received) = mpsc::channel(1);
    let (news, mut heard) = broadcast::channel(4);
    let (state, mut seen) = watch::channel(0);
    let (reply, replied) = oneshot::channel();
    all_end!(
        async move {
            let mut sum = 0;
            while let Some(value) = received.recv().await {
                sum += value;
            }
            assert_eq!(sum, 1000 * 999 / 2);
            assert_eq!(heard.recv().await, Ok("news"));
            seen.changed().await.expect("it changes");
            reply.send("reply").expect("somebody waits for it");
        },
        async move {
            for value in 0..1000 {
                values.send(value).await.expect("there is a receiver");
            }
            drop(values);
            news.send("news").expect("there is a receiver");
            state.send(1).expect("there is a receiver");
            assert_eq!(replied.await, Ok("reply"));
        },
    );
}
