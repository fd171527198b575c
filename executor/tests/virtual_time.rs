//! The virtual clock: sleeping tests that take no time, and always the same course.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use executor::io::{AsyncRead, AsyncWrite};
use executor::net::{TcpListener, TcpStream};
use executor::time::{advance, interval, now, sleep, timeout};
use executor::{Builder, Runtime, join, spawn, spawn_blocking};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn runtime() -> Runtime {
    Builder::new().virtual_time(true).build().expect("a runtime")
}

/// Runs `future`, and demands that no more than some seconds of the real clock pass.
fn run<F: Future>(future: F) -> F::Output {
    let before = Instant::now();
    let output = runtime().block_on(future);
    let took = before.elapsed();
    assert!(took < Duration::from_secs(20), "a virtual day took {took:?}");
    output
}

#[test]
fn a_year_passes_in_no_time_and_exactly() {
    run(async {
        let before = now();
        sleep(365 * DAY).await;
        assert_eq!(now() - before, 365 * DAY);
    });
}

#[test]
fn sleepers_wake_in_the_order_of_their_deadlines_at_their_very_moments() {
    let course = || {
        let log = Rc::new(RefCell::new(Vec::new()));
        run(async {
            let start = now();
            let sleepers: Vec<_> = [5_u32, 1, 4, 2, 3]
                .map(|days| {
                    let log = Rc::clone(&log);
                    spawn(async move {
                        sleep(days * DAY).await;
                        log.borrow_mut().push((days, now() - start));
                    })
                })
                .into();
            for sleeper in sleepers {
                sleeper.await.expect("a sleeper does not panic");
            }
        });
        log.take()
    };
    let first = course();
    assert_eq!(first, [1, 2, 3, 4, 5].map(|days| (days, days * DAY)));
    assert_eq!(first, course(), "the same course at each run");
}

#[test]
fn the_clock_stands_while_a_task_has_something_to_do() {
    run(async {
        let start = now();
        let worker = spawn(async {
            for _ in 0..10_000 {
                executor::yield_now().await;
            }
            now()
        });
        let sleeper = spawn(sleep(Duration::from_nanos(1)));
        assert_eq!(worker.await.expect("it does not panic"), start);
        sleeper.await.expect("it does not panic");
    });
}

#[test]
fn a_timeout_elapses_and_an_interval_ticks_by_the_virtual_clock() {
    run(async {
        let start = now();
        timeout(DAY, std::future::pending::<()>()).await.expect_err("nothing comes");
        assert_eq!(now() - start, DAY);
        let mut ticks = interval(DAY);
        for number in 0..100 {
            assert_eq!(ticks.tick().await - start, (number + 1) * DAY);
        }
    });
}

#[test]
fn sockets_are_real_and_the_clock_waits_for_what_is_ready() {
    run(async {
        let mut listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let start = now();
        let server = spawn(async move {
            let (mut stream, _) = listener.accept().await?;
            let mut byte = [0];
            stream.read_exact(&mut byte).await?;
            stream.write_all(&byte).await
        });
        let mut client = TcpStream::connect(address).await?;
        client.write_all(b"x").await?;
        let mut byte = [0];
        client.read_exact(&mut byte).await?;
        assert_eq!(now(), start, "nobody slept, so no time passed");
        server.await.expect("it does not panic")
    })
    .unwrap_or_else(|error: io::Error| panic!("{error}"));
}

#[test]
fn the_clock_stands_while_a_blocking_call_is_under_way() {
    run(async {
        let start = now();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let call = spawn_blocking(move || wait.recv());
        let helper = std::thread::spawn(move || {
            // Real time, in which a clock that was not held would have jumped a day ahead.
            std::thread::sleep(Duration::from_millis(20));
            go.send(())
        });
        let answered = async {
            call.await.expect("it does not panic").expect("the helper sends");
            now()
        };
        let (answered, ()) = join(answered, sleep(DAY)).await;
        assert_eq!(answered, start);
        assert_eq!(now() - start, DAY);
        helper.join().expect("it does not panic").expect("the call listens");
    });
}

#[test]
fn advance_sets_the_clock_over_deadlines_which_then_fire() {
    run(async {
        let start = now();
        let sleeper = spawn(async {
            sleep(DAY).await;
            now()
        });
        executor::yield_now().await; // so that it sleeps
        advance(3 * DAY);
        assert_eq!(sleeper.await.expect("it does not panic") - start, 3 * DAY);
    });
}

#[test]
#[should_panic(expected = "needs a runtime with a virtual clock")]
fn the_kernels_clock_is_not_ours_to_set() {
    executor::block_on(async { advance(DAY) });
}
