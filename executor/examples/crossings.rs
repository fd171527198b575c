//! From code that waits to code that blocks, and back: the four crossings.
//!
//! ```text
//!   async ──► async           .await                    the task waits, the thread does not
//!   sync  ──► async           park::block_on            the thread waits; no reactor, no tasks
//!                             executor::block_on        … with both
//!   async ──► sync            spawn_blocking            another thread blocks, the task waits
//!   async ──► sync ──► async  a nested block_on         panics, and says what to do instead
//!                             spawn_blocking + block_on the detour that works
//!                             … of another executor     stops all tasks, in silence: it cannot be told
//! ```
//!
//! `cargo run -p executor --example crossings`

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use executor::{Handle, cross, park, spawn_blocking, time};

/// Asynchronous, and in need of a reactor: there is a timer in it.
async fn slow_double(number: u32) -> u32 {
    time::sleep(Duration::from_millis(1)).await;
    number * 2
}

/// Blocking, as a library may be that knows nothing of us.
fn blocking_double(number: u32) -> u32 {
    thread::sleep(Duration::from_millis(1));
    number * 2
}

fn async_to_async() {
    let number = executor::block_on(async { slow_double(slow_double(1).await).await });
    assert_eq!(number, 4);
    println!("async to async: {number}");
}

/// A foreign future that needs no reactor, on a thread that may sleep. From a thread beside a runtime,
/// its `Handle` runs what does need one.
fn sync_to_async() {
    let (question, asked) = cross::oneshot();
    let answers = thread::spawn(move || question.send(42));
    assert_eq!(park::block_on(asked), Ok(42));
    answers.join().expect("no panic").expect("the value was waited for");

    let number = executor::block_on(async {
        let handle = Handle::current();
        let beside = spawn_blocking(move || park::block_on(handle.spawn_with(|| slow_double(5))));
        beside.await.expect("the thread did not panic").expect("nor did the task")
    });
    assert_eq!(number, 10);
    println!("sync to async: 42, and {number} from beside a runtime");
}

fn async_to_sync() {
    let (number, ticks) = executor::block_on(async {
        let mut blocking = spawn_blocking(|| blocking_double(3));
        let mut ticks = 0;
        let number = loop {
            executor::select! {
                biased;
                number = &mut blocking => break number.expect("no panic"),
                () = executor::yield_now() => ticks += 1,
            }
        };
        (number, ticks)
    });
    assert!(number == 6 && ticks > 0, "the loop went on meanwhile");
    println!("async to sync: {number}, while the loop turned");
}

/// A synchronous function that an async caller calls, and that wants something asynchronous itself.
fn async_to_sync_to_async() {
    executor::block_on(async {
        // Directly, it would stop the very loop that it waits for. So it panics instead of hanging.
        for nested in [
            catch_unwind(|| executor::block_on(slow_double(1))),
            catch_unwind(AssertUnwindSafe(|| park::block_on(slow_double(1)))),
        ] {
            let payload = nested.expect_err("a runtime is running on this thread");
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or_default();
            assert!(text.contains("spawn_blocking"), "it says what to do instead: {text}");
        }
        // The detour: the synchronous part on a thread of its own, the asynchronous one back with us.
        let handle = Handle::current();
        let detour = spawn_blocking(move || {
            let number = blocking_double(4);
            park::block_on(handle.spawn_with(move || slow_double(number)))
                .expect("the task did not panic")
        });
        assert_eq!(detour.await.expect("the thread did not panic"), 16);
        println!("async to sync to async: refused on the spot, 16 by the detour");
    });
}

fn main() {
    async_to_async();
    sync_to_async();
    async_to_sync();
    async_to_sync_to_async();
    println!("ok");
}
