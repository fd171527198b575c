//! The workloads on smol's parts: `async-executor`'s executor of one thread, `async-io`, `async-channel`.

use std::hint::black_box;
use std::mem;
use std::net::{TcpListener, TcpStream};
use std::pin::pin;
use std::rc::Rc;
use std::thread;
use std::time::Duration;

use async_executor::LocalExecutor;
use async_io::{Async, Timer};
use futures::{AsyncReadExt, AsyncWriteExt};

use super::{BUFFER, MESSAGE, Never, TASKS, poll_once, yield_once};

/// In a task, not in the root, as on the others.
fn block_on(program: impl AsyncFnOnce(Rc<LocalExecutor<'static>>) + 'static) {
    let executor = Rc::new(LocalExecutor::new());
    let task = executor.spawn(program(Rc::clone(&executor)));
    async_io::block_on(executor.run(task));
}

pub(crate) fn spawn_join(times: u64) {
    block_on(async move |executor| {
        for number in 0..times {
            let task = executor.spawn(async move { black_box(number) });
            assert_eq!(task.await, number);
        }
    });
}

pub(crate) fn spawn_many(times: u64) {
    block_on(async move |executor| {
        for _ in 0..times / TASKS {
            let tasks: Vec<_> =
                (0..TASKS).map(|number| executor.spawn(async move { black_box(number) })).collect();
            for (number, task) in tasks.into_iter().enumerate() {
                assert_eq!(task.await, number as u64);
            }
        }
    });
}

pub(crate) fn yields(times: u64) {
    block_on(async move |executor| {
        let yields = move || async move {
            for _ in 0..times / TASKS {
                yield_once().await;
            }
        };
        let tasks: Vec<_> = (0..TASKS).map(|_| executor.spawn(yields())).collect();
        for task in tasks {
            task.await;
        }
    });
}

pub(crate) fn mpsc(times: u64) {
    block_on(async move |executor| {
        let (there, asked) = async_channel::bounded(16);
        let (back, answers) = async_channel::bounded(16);
        let other = executor.spawn(async move {
            while let Ok(number) = asked.recv().await {
                back.send(number).await.expect("somebody waits for it");
            }
        });
        for number in 0..times {
            there.send(number).await.expect("somebody waits for it");
            assert_eq!(answers.recv().await, Ok(number));
        }
        drop(there);
        other.await;
    });
}

/// There is no oneshot: a channel of one place takes the reply, as smol's own page proposes.
pub(crate) fn oneshot(times: u64) {
    block_on(async move |executor| {
        let (requests, asked) = async_channel::bounded::<(u64, async_channel::Sender<u64>)>(16);
        let other = executor.spawn(async move {
            while let Ok((number, reply)) = asked.recv().await {
                reply.send(number).await.expect("somebody waits for it");
            }
        });
        for number in 0..times {
            let (reply, answer) = async_channel::bounded(1);
            assert!(requests.send((number, reply)).await.is_ok());
            assert_eq!(answer.recv().await, Ok(number));
        }
        drop(requests);
        other.await;
    });
}

pub(crate) fn timers(times: u64) {
    block_on(async move |_| {
        for _ in 0..times {
            poll_once(pin!(Timer::after(Duration::from_secs(10)))).await;
        }
    });
}

pub(crate) fn wakes(times: u64) {
    let (there, asked) = std::sync::mpsc::channel();
    let (back, answers) = async_channel::bounded(1);
    let other = thread::spawn(move || {
        while let Ok(number) = asked.recv() {
            assert!(back.try_send(number).is_ok());
        }
    });
    block_on(async move |_| {
        for number in 0..times {
            there.send(number).expect("the other thread waits");
            assert_eq!(answers.recv().await, Ok(number));
        }
    });
    other.join().expect("it ended well");
}

pub(crate) fn park_tasks(number: u64) {
    let executor = LocalExecutor::new();
    async_io::block_on(executor.run(async {
        (0..number).for_each(|number| executor.spawn(Never(number)).detach());
        yield_once().await;
    }));
    mem::forget(executor);
}

pub(crate) fn park_timers(number: u64) {
    async_io::block_on(async {
        for _ in 0..number {
            let mut timer = Box::pin(Timer::after(Duration::from_secs(1_000)));
            poll_once(timer.as_mut()).await;
            mem::forget(timer);
        }
    });
}

pub(crate) fn echo(connections: u64, times: u64) {
    block_on(async move |executor| {
        let listener = Async::<TcpListener>::bind(([127, 0, 0, 1], 0)).expect("a listener");
        let address = listener.get_ref().local_addr().expect("its address");
        let mut tasks = Vec::new();
        for _ in 0..connections {
            let client = Async::<TcpStream>::connect(address).await.expect("connect");
            let (server, _) = listener.accept().await.expect("accept");
            tasks.push(executor.spawn(serve(server)));
            tasks.push(executor.spawn(ask(client, times / connections)));
        }
        for task in tasks {
            task.await;
        }
    });
}

async fn serve(mut stream: Async<TcpStream>) {
    stream.get_ref().set_nodelay(true).expect("an option");
    let mut buffer = [0; BUFFER];
    loop {
        match stream.read(&mut buffer).await.expect("read") {
            0 => return,
            count => stream.write_all(&buffer[..count]).await.expect("write"),
        }
    }
}

async fn ask(mut stream: Async<TcpStream>, times: u64) {
    stream.get_ref().set_nodelay(true).expect("an option");
    let mut buffer = [0; BUFFER];
    for _ in 0..times {
        stream.write_all(&[b'x'; MESSAGE]).await.expect("write");
        let mut received = 0;
        while received < MESSAGE {
            received += stream.read(&mut buffer).await.expect("read");
        }
    }
}
