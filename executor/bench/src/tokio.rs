//! The workloads on tokio, on its runtime of one thread.

use std::future::Future;
use std::hint::black_box;
use std::mem;
use std::pin::pin;
use std::thread;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio::{spawn, time};

use super::{BUFFER, MESSAGE, Never, SHORT, TASKS, poll_once};

/// Longer than a measurement.
const FAR: Duration = Duration::from_secs(1_000);

/// In a task, not in the root: to wake the root, this runtime rings its own bell, by a system call.
fn block_on(future: impl Future<Output = ()> + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async { spawn(future).await.expect("it ended well") });
}

pub(crate) fn spawn_join(times: u64) {
    spawns(0, times);
}

pub(crate) fn spawns(live: u64, times: u64) {
    block_on(async move {
        for number in 0..live {
            drop(spawn(Never(number)));
        }
        for number in 0..times {
            let task = spawn(async move { black_box(number) });
            assert_eq!(task.await.expect("it ended well"), number);
        }
    });
}

pub(crate) fn spawn_many(times: u64) {
    block_on(async move {
        for _ in 0..times / TASKS {
            let tasks: Vec<_> =
                (0..TASKS).map(|number| spawn(async move { black_box(number) })).collect();
            for (number, task) in tasks.into_iter().enumerate() {
                assert_eq!(task.await.expect("it ended well"), number as u64);
            }
        }
    });
}

pub(crate) fn yields(tasks: u64, times: u64) {
    block_on(async move {
        let yields = move || async move {
            for _ in 0..times / tasks {
                yield_now().await;
            }
        };
        let tasks: Vec<_> = (0..tasks).map(|_| spawn(yields())).collect();
        for task in tasks {
            task.await.expect("it ended well");
        }
    });
}

pub(crate) fn mpsc(times: u64) {
    block_on(async move {
        let (there, mut asked) = mpsc::channel(16);
        let (back, mut answers) = mpsc::channel(16);
        let other = spawn(async move {
            while let Some(number) = asked.recv().await {
                back.send(number).await.expect("somebody waits for it");
            }
        });
        for number in 0..times {
            there.send(number).await.expect("somebody waits for it");
            assert_eq!(answers.recv().await, Some(number));
        }
        drop(there);
        other.await.expect("it ended well");
    });
}

pub(crate) fn oneshot(times: u64) {
    block_on(async move {
        let (requests, mut asked) = mpsc::channel::<(u64, oneshot::Sender<u64>)>(16);
        let other = spawn(async move {
            while let Some((number, reply)) = asked.recv().await {
                reply.send(number).expect("somebody waits for it");
            }
        });
        for number in 0..times {
            let (reply, answer) = oneshot::channel();
            assert!(requests.send((number, reply)).await.is_ok());
            assert_eq!(answer.await, Ok(number));
        }
        drop(requests);
        other.await.expect("it ended well");
    });
}

pub(crate) fn timers(live: u64, times: u64) {
    block_on(async move {
        let mut others: Vec<_> = (0..live).map(|_| Box::pin(time::sleep(FAR))).collect();
        for timer in &mut others {
            poll_once(timer.as_mut()).await;
        }
        for _ in 0..times {
            poll_once(pin!(time::sleep(Duration::from_secs(10)))).await;
        }
    });
}

pub(crate) fn fires(times: u64) {
    block_on(async move {
        let sleeps = move || async move {
            for _ in 0..times / TASKS {
                time::sleep(SHORT).await;
            }
        };
        let tasks: Vec<_> = (0..TASKS).map(|_| spawn(sleeps())).collect();
        for task in tasks {
            task.await.expect("it ended well");
        }
    });
}

pub(crate) fn wakes(times: u64) {
    let (there, asked) = std::sync::mpsc::channel();
    let (back, mut answers) = mpsc::channel(1);
    let other = thread::spawn(move || {
        while let Ok(number) = asked.recv() {
            assert!(back.try_send(number).is_ok());
        }
    });
    block_on(async move {
        for number in 0..times {
            there.send(number).expect("the other thread waits");
            assert_eq!(answers.recv().await, Some(number));
        }
    });
    other.join().expect("it ended well");
}

pub(crate) fn park_tasks(number: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        (0..number).for_each(|number| drop(spawn(Never(number))));
        yield_now().await;
    });
    mem::forget(runtime);
}

/// Its timers lie within their futures: what they take is no allocation, and counted as their size.
pub(crate) fn park_timers(number: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async {
        for _ in 0..number {
            let mut timer = Box::pin(time::sleep(FAR));
            poll_once(timer.as_mut()).await;
            mem::forget(timer);
        }
    });
    mem::forget(runtime);
}

pub(crate) fn echo(connections: u64, times: u64) {
    block_on(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
        let address = listener.local_addr().expect("its address");
        let mut tasks = Vec::new();
        for _ in 0..connections {
            let client = TcpStream::connect(address).await.expect("connect");
            let (server, _) = listener.accept().await.expect("accept");
            tasks.push(spawn(serve(server)));
            tasks.push(spawn(ask(client, times / connections)));
        }
        for task in tasks {
            task.await.expect("it ended well");
        }
    });
}

async fn serve(mut stream: TcpStream) {
    stream.set_nodelay(true).expect("an option");
    let mut buffer = [0; BUFFER];
    loop {
        match stream.read(&mut buffer).await.expect("read") {
            0 => return,
            count => stream.write_all(&buffer[..count]).await.expect("write"),
        }
    }
}

async fn ask(mut stream: TcpStream, times: u64) {
    stream.set_nodelay(true).expect("an option");
    let mut buffer = [0; BUFFER];
    for _ in 0..times {
        stream.write_all(&[b'x'; MESSAGE]).await.expect("write");
        let mut received = 0;
        while received < MESSAGE {
            received += stream.read(&mut buffer).await.expect("read");
        }
    }
}
