//! Which core a process runs on.
//!
//! A child inherits the affinity of the *thread* that starts it (sched_setaffinity(2)). So there is a
//! thread on each of two cores, pinned by our own runtime, and children are started from these.

use std::io;
use std::process::{Child, Command};

use executor::{Cores, CoresBuilder, block_on};

/// Where a child is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The servers' core, and the load's in lock-step.
    Server,
    /// Another core, where there is one.
    Other,
}

/// A thread on each core that is used.
#[derive(Debug)]
pub(crate) struct Places {
    cores: Cores,
    pinned: bool,
}

impl Places {
    /// Starts the threads. Where the system cannot pin, they run anywhere, and the comparison says so.
    pub(crate) fn new() -> Result<Places, String> {
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        let builder = CoresBuilder::new().count(available.min(2));
        let (started, pinned) = match builder.clone().pinned(true).start() {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => (builder.start(), false),
            started => (started, true),
        };
        let cores = started.map_err(|error| format!("no thread on each core: {error}"))?;
        Ok(Places { cores, pinned })
    }

    /// Starts a process there.
    pub(crate) fn spawn(&self, place: Place, mut command: Command) -> io::Result<Child> {
        let handles = self.cores.handles();
        let index = match place {
            // The last: the first one is where most interrupts are served.
            Place::Server => handles.len() - 1,
            Place::Other => 0,
        };
        let task = handles[index].spawn_with(move || async move { command.spawn() });
        block_on(task).map_err(|error| io::Error::other(error.to_string()))?
    }

    /// Whether there is a core beside the servers'.
    pub(crate) fn has_other(&self) -> bool {
        self.cores.handles().len() > 1
    }

    pub(crate) fn describe(&self) -> &'static str {
        match (self.pinned, self.has_other()) {
            (true, true) => {
                "server and lock-step load pinned to one core, the load for throughput and latency to another"
            }
            (true, false) => "server and load pinned to the only core",
            (false, _) => "not pinned: this system has no such call, so expect noise",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_is_kept_on_the_core_of_its_place() {
        let places = Places::new().expect("threads can be started");
        if !places.pinned {
            // A system without such a call: then it is said, and nothing else promised.
            return assert!(places.describe().starts_with("not pinned"));
        }
        let cores = |place| {
            let mut command = Command::new("cat");
            command.arg("/proc/self/status").stdout(std::process::Stdio::piped());
            let child = places.spawn(place, command).expect("there is a program `cat`");
            let output = child.wait_with_output().expect("it ends");
            let status = String::from_utf8(output.stdout).expect("text");
            let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
            allowed.expect("Linux says").trim().to_owned()
        };
        let (server, other) = (cores(Place::Server), cores(Place::Other));
        assert!(server.parse::<u32>().is_ok(), "one core alone: {server}");
        assert_eq!(server != other, places.has_other(), "{server} and {other}");
    }
}
