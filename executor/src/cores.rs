//! One runtime a core: how this executor uses more than one.
//!
//! ```text
//!   Cores::start(4) ──► thread core-0: Runtime, block_on(stopped?)
//!                   ──► thread core-1: …          a Handle to each: spawn_with, channels
//!                   ──► thread core-2                     │
//!                   ──► thread core-3 ◄───────────────────┘
//!   stop, drop ──► each runtime drops its tasks on its own thread; the threads are waited for
//! ```
//!
//! Nothing is shared and nothing is stolen: a task stays on the core on which it was spawned, its
//! sockets with it. What divides the work is the kernel, for listeners that share a port
//! (`SO_REUSEPORT`), or the program, by what it spawns where.
//!
//! Invariants:
//! - Either all cores have started, or an error is returned and none is left.
//! - A core's end waits for its thread; only a core that ends the others from within does not wait for
//!   itself.
//!
//! Neighbours: `runtime`, of which this is many; `handle` reaches each; `reactor::affinity` pins.

use std::fmt;
use std::future::Future;
use std::io;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, bounded};
use reactor::affinity;

use crate::future::join_all;
use crate::handle::Handle;
use crate::join_error::JoinError;
use crate::remote::{Producer, RemoteJoinHandle, packet};
use crate::runtime::{Builder, block_on};

/// Settings of [`Cores`].
#[derive(Debug, Clone)]
pub struct CoresBuilder {
    count: usize,
    pinned: bool,
    runtime: Builder,
}

impl Default for CoresBuilder {
    fn default() -> Self {
        CoresBuilder::new()
    }
}

impl CoresBuilder {
    /// As many cores as the process may use at once, not pinned, with runtimes as by default.
    pub fn new() -> CoresBuilder {
        let count = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        CoresBuilder { count, pinned: false, runtime: Builder::new() }
    }

    /// How many runtimes there are, each with a thread; at least 1.
    #[must_use]
    pub fn count(mut self, count: usize) -> CoresBuilder {
        self.count = count.max(1);
        self
    }

    /// Whether each thread is kept on one of the processors that the process may use, in turn; see
    /// [`reactor::affinity`] for when that is good. Default: no.
    #[must_use]
    pub fn pinned(mut self, pinned: bool) -> CoresBuilder {
        self.pinned = pinned;
        self
    }

    /// The settings of each runtime.
    #[must_use]
    pub fn runtime(mut self, settings: Builder) -> CoresBuilder {
        self.runtime = settings;
        self
    }

    /// Starts the runtimes, and waits until all run.
    ///
    /// # Errors
    /// No thread or no descriptor is left for one of them; `Unsupported` for pinning on a system that
    /// has none. Those that had started are stopped then.
    pub fn start(self) -> io::Result<Cores> {
        let processors = if self.pinned { affinity::allowed()? } else { Vec::new() };
        let mut turns = processors.iter().copied().cycle();
        let mut cores = Cores { handles: Vec::new(), threads: Vec::new() };
        for index in 0..self.count {
            let (handle, thread) = Core::start(index, turns.next(), self.runtime.clone())?;
            cores.handles.push(handle);
            cores.threads.push(thread);
        }
        Ok(cores)
    }
}

/// Several runtimes, each on a thread of its own.
///
/// Dropping it is [`stop`](Cores::stop), less the panics.
pub struct Cores {
    handles: Vec<Handle>,
    threads: Vec<Core>,
}

impl Cores {
    /// Starts `count` runtimes, at least 1, with the default settings.
    ///
    /// # Errors
    /// As [`CoresBuilder::start`].
    pub fn start(count: usize) -> io::Result<Cores> {
        CoresBuilder::new().count(count).start()
    }

    /// A handle to each runtime, in order.
    pub fn handles(&self) -> &[Handle] {
        &self.handles
    }

    /// Spawns a task on each core. `make` is told the core's number, and makes the future there, so
    /// that it need not be `Send`; each core has a clone of it.
    pub fn spawn_on_each<M, F>(&self, make: M) -> Vec<RemoteJoinHandle<F::Output>>
    where
        M: FnOnce(usize) -> F + Clone + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let spawn = |(index, handle): (usize, &Handle)| {
            let make = make.clone();
            handle.spawn_with(move || make(index))
        };
        self.handles.iter().enumerate().map(spawn).collect()
    }

    /// Runs a task on each core, waits for all of them, and stops. All that a `main` needs.
    ///
    /// # Panics
    /// Inside a task, whose thread it would stop; await what
    /// [`spawn_on_each`](Cores::spawn_on_each) gives instead.
    #[track_caller]
    pub fn run<M, F>(self, make: M) -> Vec<Result<F::Output, JoinError>>
    where
        M: FnOnce(usize) -> F + Clone + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let outcomes = block_on(join_all(self.spawn_on_each(make)));
        self.stop();
        outcomes
    }

    /// Drops every task at the point at which it waits, each on its own core, and waits for the
    /// threads. Called by one of the cores itself, it waits for the others.
    ///
    /// # Panics
    /// With the panic of a thread, which is not that of a task: the kernel refused to wait.
    pub fn stop(mut self) {
        if let Some(panic) = self.end().into_iter().next() {
            resume_unwind(panic);
        }
    }

    fn end(&mut self) -> Vec<Box<dyn std::any::Any + Send>> {
        // First all are told, then all are waited for: they end at the same time.
        let threads: Vec<JoinHandle<()>> = self.threads.drain(..).map(Core::tell).collect();
        let own = thread::current().id();
        let others = threads.into_iter().filter(|thread| thread.thread().id() != own);
        others.filter_map(|thread| thread.join().err()).collect()
    }
}

impl Drop for Cores {
    fn drop(&mut self) {
        // The panic hook has told of them.
        drop(self.end());
    }
}

impl fmt::Debug for Cores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cores").field("count", &self.handles.len()).finish_non_exhaustive()
    }
}

struct Core {
    thread: JoinHandle<()>,
    /// Dropped, it ends the thread's `block_on`.
    running: Producer<()>,
}

impl Core {
    fn start(
        index: usize,
        processor: Option<usize>,
        settings: Builder,
    ) -> io::Result<(Handle, Core)> {
        let (running, stopped) = packet();
        let (tell, told) = bounded(1);
        let thread = thread::Builder::new()
            .name(format!("core-{index}"))
            .spawn(move || serve(processor, settings, stopped, &tell))?;
        match told.recv() {
            Ok(Ok(handle)) => Ok((handle, Core { thread, running })),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(io::Error::other("a core's thread panicked before it had a runtime")),
        }
    }

    fn tell(self) -> JoinHandle<()> {
        drop(self.running);
        self.thread
    }
}

/// What each thread does.
fn serve(
    processor: Option<usize>,
    settings: Builder,
    stopped: RemoteJoinHandle<()>,
    tell: &Sender<io::Result<Handle>>,
) {
    let pinned = processor.map_or(Ok(()), affinity::pin);
    let runtime = match pinned.and_then(|()| settings.build()) {
        Ok(runtime) => runtime,
        Err(error) => return drop(tell.send(Err(error))),
    };
    // Somebody waits for the word: `start`, which holds the other end until then.
    let _ = tell.send(Ok(runtime.handle()));
    // "Cancelled" is the word that is meant: whoever ran this core has let go of it.
    let _ = runtime.block_on(stopped);
}
