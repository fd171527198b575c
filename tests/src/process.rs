//! A child process whose output is kept and whose end is certain.
//!
//! ```text
//!  spawn ──1 wait_for_line──► it serves ──2 signal──► 3 wait_for_exit
//!                                 └───────4 drop: killed and reaped, whatever happened
//! ```
//!
//! Two threads empty its pipes, so that it never blocks on a full one. When a test fails,
//! dropping the process prints what it had said; when the test had passed and the process
//! has panicked all the same, dropping it fails the test.

use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::wait::{PATIENCE, wait_for, wait_until};

/// A running program, killed and reaped when dropped.
pub struct Process {
    label: String,
    child: Child,
    stdout: Captured,
    stderr: Captured,
    ended: Option<ExitStatus>,
}

impl Process {
    /// Starts `command` with its output captured and no input.
    ///
    /// # Panics
    /// When the program cannot be started.
    pub fn spawn(label: &str, command: &mut Command) -> Process {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let stdout = Captured::from(child.stdout.take().expect("it was piped"));
        let stderr = Captured::from(child.stderr.take().expect("it was piped"));
        Process { label: label.to_owned(), child, stdout, stderr, ended: None }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to its standard output so far.
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// What it has written to its standard error so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Its exit status, if it has ended.
    pub fn status(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().expect("a child can be waited for");
        }
        self.ended
    }

    /// Waits for a line of its output in which `find` finds something; `None` if it ended
    /// without having written one.
    pub fn wait_for_line<T>(&mut self, what: &str, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let label = self.label.clone();
        wait_for(&format!("{label}: {what}"), PATIENCE, || {
            // In this order: what it wrote before it ended has been captured by then.
            let ended = self.status().is_some();
            if ended {
                self.stdout.finish();
            }
            // The last line may be half of one: only those with their end count.
            let text = self.stdout.text();
            let complete = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
            let found = complete.lines().find_map(&find);
            (found.is_some() || ended).then_some(found)
        })
    }

    /// Waits until its standard error says this. That it has been written says not yet that it has
    /// been read: another thread does that.
    ///
    /// # Panics
    /// When it does not say so in time.
    #[track_caller]
    pub fn wait_for_complaint(&self, text: &str) {
        let what = format!("{} to say {text:?} on its standard error", self.label);
        wait_until(&what, PATIENCE, || self.stderr().contains(text));
    }

    /// Sends it a signal by name (`TERM`, `INT`, `STOP`).
    ///
    /// # Panics
    /// When the signal cannot be sent: it ended, or the name is unknown.
    pub fn signal(&self, name: &str) {
        // The shell's own `kill`: there is no safe call for it in std.
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.id())])
            .status()
            .expect("there is a shell");
        assert!(
            status.success(),
            "cannot send SIG{name} to {}:\n{}",
            self.label,
            self.transcript()
        );
    }

    /// Waits for its end. All of its output is readable afterwards.
    ///
    /// # Panics
    /// When it is still running after `within`.
    #[track_caller]
    pub fn wait_for_exit(&mut self, within: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.label);
        let status = wait_for(&what, within, || self.status());
        self.stdout.finish();
        self.stderr.finish();
        status
    }

    /// All that it said, for a failure's message.
    pub fn transcript(&self) -> String {
        format!(
            "--- {} (pid {}), stdout:\n{}--- stderr:\n{}---",
            self.label,
            self.id(),
            self.stdout(),
            self.stderr()
        )
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status().is_none() {
            // It may end between the two calls; then there is nothing to kill.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        self.stdout.finish();
        self.stderr.finish();
        if thread::panicking() {
            eprintln!("{}", self.transcript());
        } else if self.stderr().contains("panicked at") {
            panic!("{} panicked:\n{}", self.label, self.transcript());
        }
    }
}

/// One pipe's bytes, collected by a thread of its own.
struct Captured {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Captured {
    fn from(mut pipe: impl Read + Send + 'static) -> Captured {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let shared = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut chunk = [0; 4096];
            // A pipe that fails has nothing more to tell, as one that ended.
            while let Ok(count @ 1..) = pipe.read(&mut chunk) {
                let mut bytes = shared.lock().expect("no panic while locked");
                bytes.extend_from_slice(&chunk[..count]);
            }
        });
        Captured { bytes, reader: Some(reader) }
    }

    fn text(&self) -> String {
        let bytes = self.bytes.lock().expect("no panic while locked");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits until the pipe's end has been read; the process must have ended.
    fn finish(&mut self) {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        Process::spawn("a shell", Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn output_status_and_signals_are_seen() {
        let mut process = shell("echo ready; echo careful >&2; exec sleep 1000");
        let ready = process.wait_for_line("ready", |line| (line == "ready").then_some(()));
        assert_eq!(ready, Some(()));
        assert_eq!(process.status(), None);
        process.signal("TERM");
        let status = process.wait_for_exit(PATIENCE);
        assert!(!status.success(), "killed by a signal: {status}");
        assert_eq!(process.stderr(), "careful\n");
    }

    #[test]
    fn a_process_that_ends_without_the_line_is_not_waited_for() {
        let mut process = shell("echo something else; exit 3");
        let found = process.wait_for_line("ready", |line| (line == "ready").then_some(()));
        assert_eq!(found, None);
        assert_eq!(process.wait_for_exit(PATIENCE).code(), Some(3));
    }

    #[test]
    #[should_panic(expected = "a shell panicked")]
    fn a_panic_of_the_process_fails_the_test() {
        let mut process = shell("echo \"thread 'main' panicked at src/main.rs\" >&2");
        process.wait_for_exit(PATIENCE);
    }
}
