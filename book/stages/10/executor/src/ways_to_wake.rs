//! The two halves together: each way in which a sleeping runtime is woken.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::source::Source;
use crate::time::{now, sleep};
use crate::{Builder, Handle, Runtime, block_on, spawn, spawn_blocking};

/// What takes longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// Does `work` on another thread, and waits for it, but not for ever.
fn within<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    result.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{what}: {error}"))
}

#[test]
fn a_byte_wakes() {
    let echoed = within("a byte there and back", || {
        block_on(async {
            let (near, far) = UnixStream::pair()?;
            let (mut near, mut far) = (Source::nonblocking(near)?, Source::nonblocking(far)?);
            let echo = spawn(async move {
                let mut byte = [0];
                far.read_with(|mut far| far.read_exact(&mut byte)).await?;
                far.write_with(|mut far| far.write_all(&byte)).await
            });
            near.write_with(|mut near| near.write_all(b"x")).await?;
            let mut byte = [0];
            near.read_with(|mut near| near.read_exact(&mut byte)).await?;
            echo.await.expect("it does not panic")?;
            Ok::<_, io::Error>(byte)
        })
    });
    assert_eq!(echoed.expect("both ends are ours"), *b"x");
}

#[test]
fn deadlines_wake_in_their_order_and_at_their_moments() {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let runtime = Builder::new().virtual_time(true).build().expect("a runtime");
    let log = Rc::new(RefCell::new(Vec::new()));
    runtime.block_on(async {
        let start = now();
        let sleepers = [3_u32, 1, 2].map(|days| {
            let log = Rc::clone(&log);
            spawn(async move {
                sleep(days * DAY).await;
                log.borrow_mut().push((days, now() - start));
            })
        });
        for sleeper in sleepers {
            sleeper.await.expect("it does not panic");
        }
    });
    assert_eq!(log.take(), [1, 2, 3].map(|days| (days, days * DAY)));
}

#[test]
fn a_sleep_is_never_short() {
    let nap = Duration::from_millis(3);
    within("a nap", move || {
        block_on(async move {
            let start = now();
            sleep(nap).await;
            assert!(now() - start >= nap);
        })
    });
}

#[test]
fn another_threads_spawn_wakes_a_runtime_that_sleeps() {
    let sum = within("a thousand tasks of another thread", || {
        let (to_us, handles) = mpsc::channel::<Handle>();
        let other = thread::spawn(move || {
            let handle = handles.recv().expect("a handle is sent");
            (0..1_000)
                .map(|n| crate::park::block_on(handle.spawn(async move { n })))
                .sum::<Result<u32, _>>()
        });
        let runtime = Runtime::new().expect("a runtime");
        to_us.send(runtime.handle()).expect("it is received");
        // Asleep but for the messages, until the other thread is through.
        runtime.block_on(async {
            spawn_blocking(move || other.join().expect("it does not panic")).await
        })
    });
    assert_eq!(sum.expect("it does not panic").expect("none is cancelled"), 999 * 1_000 / 2);
}

#[test]
fn nothing_is_left_behind() {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        drop(spawn(sleep(Duration::ZERO)).await);
        let (near, _far) = UnixStream::pair().expect("a descriptor is left");
        drop(Source::nonblocking(near));
    });
    let metrics = runtime.metrics();
    assert_eq!((metrics.tasks, metrics.sources, metrics.timers), (0, 0, 0));
}
