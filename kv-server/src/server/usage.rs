//! What the system says about this process; nothing where it has no such files.

use std::fs;
use std::time::Duration;

use crate::platform::Usage;

/// The ticks of a second in `/proc/self/stat`: a part of the kernel's interface on every
/// architecture that this runs on, whatever its timer does.
const TICKS: u64 = 100;

/// What the process has used so far.
pub(super) fn usage() -> Usage {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let [user, system, children_user, children_system] = times(&stat);
    Usage {
        resident_memory: kilobytes(&status, "VmRSS:") * 1024,
        total_memory: kilobytes(&machine, "MemTotal:") * 1024,
        user,
        system,
        children_user,
        children_system,
    }
}

fn kilobytes(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
    number.unwrap_or(0)
}

/// The four times that follow eleven other fields. The program's name, which may have anything in
/// it, ends with the last bracket.
fn times(stat: &str) -> [Duration; 4] {
    let (_, fields) = stat.rsplit_once(')').unwrap_or_default();
    let mut ticks =
        fields.split_ascii_whitespace().skip(11).map(|field| field.parse().unwrap_or(0));
    [(); 4].map(|()| Duration::from_millis(ticks.next().unwrap_or(0) * (1000 / TICKS)))
}

#[cfg(test)]
mod tests {
    use super::{Duration, kilobytes, times};

    #[test]
    fn the_times_follow_a_name_that_may_look_like_anything() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 100 0 0 0 12 345 6 7 20 0 1 0 9 8 7";
        let expected = [120, 3450, 60, 70].map(Duration::from_millis);
        assert_eq!(times(stat), expected);
        assert_eq!(times(""), [Duration::ZERO; 4]);
    }

    #[test]
    fn kilobytes_are_found_by_name() {
        assert_eq!(kilobytes("VmPeak:\t 9 kB\nVmRSS:\t   1234 kB\n", "VmRSS:"), 1234);
        assert_eq!(kilobytes("", "VmRSS:"), 0);
    }
}
