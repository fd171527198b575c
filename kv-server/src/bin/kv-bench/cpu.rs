//! How much processor time a process has used.

use std::fs;
use std::io;
use std::time::Duration;

/// The time of all its threads, to the nanosecond where the kernel counts so (`schedstat`; proc(5)).
///
/// # Errors
/// There is no such process, or no such file on this system.
pub(crate) fn of(process: u32) -> io::Result<Duration> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = match fs::read_to_string(thread?.path().join("schedstat")) {
            Ok(text) => text,
            Err(error) if has_ended(&error) => continue,
            Err(error) => return Err(error),
        };
        let running = text.split(' ').next().and_then(|first| first.parse().ok());
        total += Duration::from_nanos(running.ok_or(io::ErrorKind::InvalidData)?);
    }
    Ok(total)
}

/// A thread that was still listed has ended since: its file is gone, or nobody is behind it any more.
fn has_ended(error: &io::Error) -> bool {
    /// "No such process", on every Linux.
    const ESRCH: i32 = 3;
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(ESRCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_we_use_is_seen() {
        if !std::path::Path::new("/proc/self/schedstat").exists() {
            // Not Linux: then there is an error, and no wrong number.
            return assert!(of(std::process::id()).is_err());
        }
        let before = of(std::process::id()).expect("we live");
        let begun = std::time::Instant::now();
        let mut number = 1_u64;
        while of(std::process::id()).expect("we live") < before + Duration::from_millis(5) {
            number = std::hint::black_box(number.wrapping_mul(3));
            assert!(begun.elapsed() < Duration::from_secs(20), "our time does not grow");
        }
    }

    #[test]
    fn threads_that_end_while_they_are_looked_at_do_no_harm() {
        if !std::path::Path::new("/proc/self/schedstat").exists() {
            return;
        }
        for _ in 0..200 {
            let short = std::thread::spawn(|| {});
            of(std::process::id()).expect("we live");
            short.join().expect("it does nothing");
        }
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error() {
        assert!(of(u32::MAX).is_err());
    }
}
