//! What a server does while nobody asks it anything, watched by strace(1).
//!
//! The one call in which it waits has begun before, and is not counted. Whatever begins while we watch
//! is the server's own idea: a clock that ticks, a look whether something has expired.

use std::thread;
use std::time::{Duration, SystemTime};

use crate::outcome::Quiet;
use crate::server::Server;
use crate::strace::Strace;

/// What a tracer's coming stirs up is over by then: a wait that was interrupted begins again.
const SETTLED: Duration = Duration::from_millis(100);

/// Counts the calls that a server begins in so many seconds.
///
/// # Errors
/// In words: strace may not trace.
pub(crate) fn watch(name: &'static str, server: &Server, seconds: f64) -> Result<Quiet, String> {
    let strace = Strace::attach(server, &["-ttt"])?;
    // Not waits for something: time that passes, and the time that is watched.
    thread::sleep(SETTLED);
    let begun = since_epoch();
    thread::sleep(Duration::from_secs_f64(seconds));
    let ended = since_epoch();
    let lines = strace.end()?;
    let calls = lines.lines().filter_map(call).filter(|at| (begun..ended).contains(at)).count();
    Ok(Quiet { name, seconds, calls })
}

fn since_epoch() -> f64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// When the call of a line began: `[pid 7] 1700000000.123456 read(…`, the process only where there are
/// several threads. `None` of a line that goes on with a call, or says something else.
fn call(line: &str) -> Option<f64> {
    let line = match line.strip_prefix("[pid") {
        Some(rest) => rest.split_once(']')?.1,
        None => line,
    };
    let (time, rest) = line.trim_start().split_once(' ')?;
    let is_call = rest.starts_with(|first: char| first.is_ascii_alphabetic());
    time.parse().ok().filter(|_| is_call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_call_where_one_begins() {
        assert_eq!(
            call("1700000000.250000 epoll_wait(3, [], 256, -1) = 0"),
            Some(1_700_000_000.25)
        );
        assert_eq!(call("[pid  77] 17.5 read(5, \"\", 8) = 0"), Some(17.5));
        assert_eq!(call("17.5 <... epoll_wait resumed>[], 1, 0) = 0"), None);
        assert_eq!(call("17.5 --- SIGINT {si_signo=SIGINT} ---"), None);
        assert_eq!(call("strace: Process 77 detached"), None);
    }
}
