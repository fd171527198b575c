//! Ctrl-C: ends what is under way, and not the program.
//!
//! ```text
//!  main thread:    during(stop, work) ──► work … ──────────► its output, or "stopped"
//!                       │ leaves `stop`          ▲ ends early
//!                       ▼                        │
//!  signal thread:  SIGINT: takes `stop`, calls it┘   none there, or SIGTERM: the program ends
//! ```
//!
//! A signal that is once caught stays caught, so one thread catches it for all that follows. It is
//! started by the first work that can be stopped; until then Ctrl-C ends the program as ever.

use std::future::poll_fn;
use std::io;
use std::process;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread;

use kv_server::rt::{self, Signal, Signals};

use crate::outcome::Failure;

/// Ends the work that is under way.
type Stop = Box<dyn FnOnce() + Send>;

static CURRENT: Mutex<Option<Stop>> = Mutex::new(None);

/// Does `work`, which `stop` can end from another thread; `None` if that has happened.
pub(crate) fn during<T>(
    stop: impl FnOnce() + Send + 'static,
    work: impl FnOnce() -> T,
) -> Result<Option<T>, Failure> {
    static STARTED: OnceLock<Result<(), String>> = OnceLock::new();
    STARTED.get_or_init(start).clone().map_err(Failure::System)?;
    *current() = Some(Box::new(stop));
    let output = work();
    let stopped = current().take().is_none();
    Ok((!stopped).then_some(output))
}

fn current() -> MutexGuard<'static, Option<Stop>> {
    // A value is put in or taken out at once, so that a panic leaves it whole.
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns once signals are caught.
fn start() -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot catch signals: {error}");
    let (tell, told) = mpsc::channel();
    let spawned = thread::Builder::new().name("signals".to_owned()).spawn(move || {
        let outcome = rt::block_on(async {
            let mut signals = Signals::terminate()?;
            // Whoever started this thread waits for the word.
            let _ = tell.send(());
            loop {
                let signal = poll_fn(|context| signals.poll_recv(context)).await;
                let stop = current().take();
                match stop.filter(|_| signal == Signal::Interrupt) {
                    Some(stop) => stop(),
                    None => process::exit(signal.exit_status().into()),
                }
            }
        });
        outcome.and_then(|caught: io::Result<()>| caught)
    });
    let thread = spawned.map_err(failed)?;
    match told.recv() {
        Ok(()) => Ok(()),
        // It ended without a word.
        Err(_) => match thread.join() {
            Ok(Err(error)) => Err(failed(error)),
            _ => Err("cannot catch signals".to_owned()),
        },
    }
}
