//! What Linux tells about another process: its memory, its descriptors, its processor time.
//!
//! Elsewhere there is no `/proc`; a test asks [`available`] first and says that it skips.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Whether this machine has the files that this module reads.
pub fn available() -> bool {
    Path::new("/proc/self/status").exists()
}

/// Resident memory of a process at this moment, in bytes.
///
/// # Panics
/// When there is no such process.
pub fn resident_bytes(process: u32) -> usize {
    status_bytes(process, "VmRSS:")
}

/// The most memory that a process has had resident since it began, in bytes.
///
/// # Panics
/// When there is no such process.
pub fn peak_resident_bytes(process: u32) -> usize {
    status_bytes(process, "VmHWM:")
}

/// How many descriptors a process has open.
///
/// # Panics
/// When there is no such process.
pub fn open_descriptors(process: u32) -> usize {
    let directory = format!("/proc/{process}/fd");
    fs::read_dir(&directory)
        .unwrap_or_else(|error| panic!("cannot read {directory}: {error}"))
        .count()
}

/// Processor time that a process has used, in user space and in the kernel.
///
/// # Panics
/// When there is no such process.
pub fn processor_time(process: u32) -> Duration {
    let stat = read(process, "stat");
    // The second field is the program's name in parentheses, and may hold anything.
    let (_, fields) = stat.rsplit_once(") ").expect("the name is in parentheses");
    let ticks: u64 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse::<u64>().expect("a number of ticks"))
        .sum();
    // The unit is 1/100 s on every architecture that Linux supports (proc_pid_stat(5)).
    Duration::from_millis(10 * ticks)
}

fn status_bytes(process: u32, field: &str) -> usize {
    let status = read(process, "status");
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .expect("the kernel prints `VmRSS:  123 kB`");
    1024 * kilobytes.parse::<usize>().expect("a number of kilobytes")
}

fn read(process: u32, file: &str) -> String {
    let path = format!("/proc/{process}/{file}");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_is_described_plausibly() {
        if !available() {
            return crate::tools::skip("procfs", "no /proc on this system");
        }
        let own = std::process::id();
        assert!(resident_bytes(own) > 100_000);
        assert!(peak_resident_bytes(own) >= resident_bytes(own) / 2);
        let before = open_descriptors(own);
        let _file = fs::File::open("/proc/self/status").expect("it exists");
        assert!(open_descriptors(own) > before.min(2));
        assert!(processor_time(own) < Duration::from_secs(3600));
    }
}
