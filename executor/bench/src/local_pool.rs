//! The workloads on `futures`' `LocalPool`, which has neither timers nor sockets.

use std::hint::black_box;
use std::mem;

use futures::channel::{mpsc, oneshot};
use futures::executor::{LocalPool, LocalSpawner};
use futures::future::RemoteHandle;
use futures::task::LocalSpawnExt;
use futures::{SinkExt, StreamExt};

use super::{Never, TASKS, yield_once};

fn spawn<T: 'static>(
    spawner: &LocalSpawner,
    future: impl Future<Output = T> + 'static,
) -> RemoteHandle<T> {
    spawner.spawn_local_with_handle(future).expect("the pool lives")
}

/// In a task, not in the root, as on the others.
fn block_on(program: impl AsyncFnOnce(LocalSpawner) + 'static) {
    let mut pool = LocalPool::new();
    let task = spawn(&pool.spawner(), program(pool.spawner()));
    pool.run_until(task);
}

pub(crate) fn spawn_join(times: u64) {
    block_on(async move |spawner| {
        for number in 0..times {
            let task = spawn(&spawner, async move { black_box(number) });
            assert_eq!(task.await, number);
        }
    });
}

pub(crate) fn spawn_many(times: u64) {
    block_on(async move |spawner| {
        for _ in 0..times / TASKS {
            let tasks: Vec<_> = (0..TASKS)
                .map(|number| spawn(&spawner, async move { black_box(number) }))
                .collect();
            for (number, task) in tasks.into_iter().enumerate() {
                assert_eq!(task.await, number as u64);
            }
        }
    });
}

pub(crate) fn yields(times: u64) {
    block_on(async move |spawner| {
        let yields = move || async move {
            for _ in 0..times / TASKS {
                yield_once().await;
            }
        };
        let tasks: Vec<_> = (0..TASKS).map(|_| spawn(&spawner, yields())).collect();
        for task in tasks {
            task.await;
        }
    });
}

pub(crate) fn mpsc(times: u64) {
    block_on(async move |spawner| {
        let (mut there, mut asked) = mpsc::channel(16);
        let (mut back, mut answers) = mpsc::channel(16);
        let other = spawn(&spawner, async move {
            while let Some(number) = asked.next().await {
                back.send(number).await.expect("somebody waits for it");
            }
        });
        for number in 0..times {
            there.send(number).await.expect("somebody waits for it");
            assert_eq!(answers.next().await, Some(number));
        }
        drop(there);
        other.await;
    });
}

pub(crate) fn oneshot(times: u64) {
    block_on(async move |spawner| {
        let (mut requests, mut asked) = mpsc::channel::<(u64, oneshot::Sender<u64>)>(16);
        let other = spawn(&spawner, async move {
            while let Some((number, reply)) = asked.next().await {
                reply.send(number).expect("somebody waits for it");
            }
        });
        for number in 0..times {
            let (reply, answer) = oneshot::channel();
            assert!(requests.send((number, reply)).await.is_ok());
            assert_eq!(answer.await, Ok(number));
        }
        drop(requests);
        other.await;
    });
}

pub(crate) fn park_tasks(number: u64) {
    let mut pool = LocalPool::new();
    let spawner = pool.spawner();
    (0..number).for_each(|number| spawn(&spawner, Never(number)).forget());
    pool.run_until_stalled();
    mem::forget((pool, spawner));
}
