//! The system calls of a running process, as strace sees them.
//!
//! ```text
//!  attach ──1──► the process runs on, slowly ──2 detach──► every call, in order
//! ```
//!
//! strace stops the process at each call, so it tells nothing about time. What it does tell is
//! exact: which calls, how many, in which order.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::binary::scratch;
use crate::process::Process;
use crate::tools;
use crate::wait::{PATIENCE, wait_until};

/// A strace that is attached to a process.
pub struct Trace {
    strace: Process,
    file: PathBuf,
}

impl Trace {
    /// Attaches to all threads of a process; `None`, said aloud on behalf of `test`, where
    /// strace is missing.
    ///
    /// # Panics
    /// When strace cannot attach: the kernel may forbid it.
    pub fn attach(test: &str, process: u32) -> Option<Trace> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let program = tools::require(test, "strace")?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file = scratch().join(format!("trace-{}-{number}", std::process::id()));
        let mut command = Command::new(program);
        // -f: all threads. Short strings are enough to recognise a call.
        command.args(["-f", "-s", "64", "-p", &process.to_string(), "-o"]).arg(&file);
        let mut strace = Process::spawn("strace", &mut command);
        wait_until("strace to attach", PATIENCE, || {
            let said = strace.stderr();
            if let Some(status) = strace.status() {
                panic!("strace cannot attach ({status}): {said}");
            }
            said.contains("attached")
        });
        Some(Trace { strace, file })
    }

    /// Lets the process go; returns its calls in the order in which they began.
    ///
    /// # Panics
    /// When strace does not end, or has written nothing that can be read.
    pub fn detach(mut self) -> Calls {
        self.strace.signal("INT");
        self.strace.wait_for_exit(PATIENCE);
        let log = fs::read_to_string(&self.file).expect("strace has written its log");
        let _ = fs::remove_file(&self.file);
        Calls::parse(&log)
    }
}

/// System calls in order, each as strace prints it: `epoll_wait(3, [], 1024, -1) = 0`.
#[derive(Clone, Debug)]
pub struct Calls(Vec<String>);

impl Calls {
    /// Reads strace's log; each line begins with the thread's number.
    pub fn parse(log: &str) -> Calls {
        let mut calls: Vec<String> = Vec::new();
        // Where the call is of which a thread has printed the first half alone.
        let mut halves = BTreeMap::new();
        for line in log.lines() {
            let Some((thread, call)) = line.trim_start().split_once(' ') else { continue };
            let call = call.trim_start();
            if let Some((_, rest)) = call.split_once(" resumed>") {
                if let Some(at) = halves.remove(thread) {
                    let first: &mut String = &mut calls[at];
                    first.push_str(rest);
                }
                continue;
            }
            // `---` is a signal, `+++` an exit; `restart_syscall` was under way when strace came.
            let begins = call.starts_with(|first: char| first.is_ascii_lowercase());
            if begins && !call.starts_with("restart_syscall") {
                if call.ends_with("<unfinished ...>") {
                    halves.insert(thread, calls.len());
                }
                calls.push(call.to_owned());
            }
        }
        Calls(calls)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// How many have one of these names.
    pub fn named(&self, names: &[&str]) -> usize {
        let has = |call: &&String| names.contains(&name(call));
        self.0.iter().filter(has).count()
    }

    /// How many there are of each name.
    pub fn by_name(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for call in &self.0 {
            *counts.entry(name(call)).or_default() += 1;
        }
        counts
    }

    /// Those between the first call that contains `begin` and the next that contains `end`.
    ///
    /// # Panics
    /// When either is not there.
    #[track_caller]
    pub fn between(&self, begin: &str, end: &str) -> Calls {
        let find = |from: usize, text: &str| {
            let mut rest = self.0[from..].iter();
            let found = rest.position(|call| call.contains(text));
            found.map_or_else(|| panic!("no call with {text} in\n{self}"), |at| from + at)
        };
        let first = find(0, begin) + 1;
        Calls(self.0[first..find(first, end)].to_vec())
    }
}

impl std::fmt::Display for Calls {
    /// The first of them; a long log tells no more than its beginning.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(formatter, "{:?}", self.by_name())?;
        for call in self.0.iter().take(60) {
            writeln!(formatter, "  {call}")?;
        }
        Ok(())
    }
}

fn name(call: &str) -> &str {
    call.split('(').next().unwrap_or(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "12 restart_syscall(<... resuming interrupted read ...>) = 0\n\
        12 epoll_wait(3, [{events=EPOLLIN}], 1024, -1) = 1\n\
        12 recvfrom(9, \"PING\\r\\n\", 65536, 0, NULL, NULL) = 6\n\
        13 futex(0x1, FUTEX_WAIT <unfinished ...>\n\
        12 sendto(9, \"+PONG\\r\\n\", 7, MSG_NOSIGNAL, NULL, 0) = 7\n\
        13 <... futex resumed>, \"late\") = 0\n\
        12 epoll_wait(3,  <detached ...>\n\
        12 --- SIGTERM {si_signo=SIGTERM} ---\n\
        12 +++ exited with 0 +++\n";

    #[test]
    fn calls_are_counted_once_each_and_nothing_else_is() {
        let calls = Calls::parse(LOG);
        assert_eq!(calls.count(), 5);
        assert_eq!(calls.named(&["epoll_wait", "recvfrom"]), 3);
        assert_eq!(calls.by_name()["futex"], 1);
        assert!(calls.0[2].contains("late"), "the second half belongs to the first: {calls}");
    }

    #[test]
    fn a_stretch_of_calls_is_cut_out() {
        let calls = Calls::parse(LOG);
        let stretch = calls.between("PING", "PONG");
        assert_eq!(stretch.count(), 1);
        assert_eq!(stretch.named(&["futex"]), 1);
    }
}
