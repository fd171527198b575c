//! Which processors a thread may run on (sched_setaffinity(2), cpuset_setaffinity(2)).
//!
//! ```text
//!   the process is given      cpu 0   1   2   3        by its container, by taskset(1)
//!   allowed()                     ▲   ▲       ▲
//!   pin(3)                                    ▲        this thread, from now on
//! ```
//!
//! A runtime stays on one thread; pinning keeps that thread on one processor, so that its caches stay
//! warm, and two runtimes never share one while another is idle. It also keeps the thread *waiting*
//! when something else takes that processor: for machines that one program has to itself.
//!
//! On systems that have no such call (macOS, NetBSD, OpenBSD), all here is `Unsupported`.
//!
//! Neighbours: re-exported at the root; the executor's `cores` pins.

use std::io;

/// The numbers of the processors on which this thread may run, in rising order.
///
/// # Errors
/// `Unsupported` where the system does not say.
pub fn allowed() -> io::Result<Vec<usize>> {
    system::allowed()
}

/// Keeps this thread, and threads that it starts later, on one processor.
///
/// # Errors
/// `InvalidInput` for a processor that there is not, or that the process may not use; `Unsupported`
/// where the system offers nothing of the kind.
pub fn pin(processor: usize) -> io::Result<()> {
    system::pin(processor)
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
mod system {
    use std::io;
    use std::mem::zeroed;
    use std::ptr;

    #[cfg(target_os = "linux")]
    use libc::cpu_set_t as Set;
    #[cfg(target_os = "freebsd")]
    use libc::cpuset_t as Set;

    use crate::sys::check;

    /// How many processors a set has room for; one bit each.
    const ROOM: usize = 8 * size_of::<Set>();

    pub(super) fn allowed() -> io::Result<Vec<usize>> {
        let mut set = empty();
        let target = ptr::from_mut(&mut set);
        #[cfg(target_os = "linux")]
        // SAFETY: `set` is writable for the length that is given; 0 is the calling thread.
        check(unsafe { libc::sched_getaffinity(0, size_of::<Set>(), target) })?;
        #[cfg(target_os = "freebsd")]
        // SAFETY: `set` is writable for the length that is given; -1 is the calling thread.
        check(unsafe {
            libc::cpuset_getaffinity(
                libc::CPU_LEVEL_WHICH,
                libc::CPU_WHICH_TID,
                -1,
                size_of::<Set>(),
                target,
            )
        })?;
        // SAFETY: the number is below `ROOM`, the number of bits in the set.
        let contains = |processor: &usize| unsafe { libc::CPU_ISSET(*processor, &set) };
        Ok((0..ROOM).filter(contains).collect())
    }

    pub(super) fn pin(processor: usize) -> io::Result<()> {
        if processor >= ROOM {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut set = empty();
        // SAFETY: the number is below `ROOM`, the number of bits in the set.
        unsafe { libc::CPU_SET(processor, &mut set) };
        let source = ptr::from_ref(&set);
        #[cfg(target_os = "linux")]
        // SAFETY: `set` is readable for the length that is given; 0 is the calling thread.
        check(unsafe { libc::sched_setaffinity(0, size_of::<Set>(), source) })?;
        #[cfg(target_os = "freebsd")]
        // SAFETY: `set` is readable for the length that is given; -1 is the calling thread.
        check(unsafe {
            libc::cpuset_setaffinity(
                libc::CPU_LEVEL_WHICH,
                libc::CPU_WHICH_TID,
                -1,
                size_of::<Set>(),
                source,
            )
        })?;
        Ok(())
    }

    fn empty() -> Set {
        // SAFETY: the set is an array of integers; all zeroes is the empty set.
        unsafe { zeroed() }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
mod system {
    use std::io;

    pub(super) fn allowed() -> io::Result<Vec<usize>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn pin(_: usize) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(all(test, any(target_os = "linux", target_os = "freebsd")))]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_thread_may_run_on_that_processor_alone() {
        let before = allowed().expect("this system says");
        let last = *before.last().expect("it runs on some processor");
        let pinned = std::thread::spawn(move || {
            pin(last)?;
            allowed()
        });
        assert_eq!(pinned.join().expect("no panic").expect("it is one of ours"), [last]);
        assert_eq!(allowed().expect("this system says"), before, "the others stay free");
    }

    #[test]
    fn a_processor_that_there_is_not_is_refused() {
        // The first fits Linux's set of 1,024 bits, and is refused by the kernel.
        for processor in [1023, usize::MAX] {
            let error = pin(processor).expect_err("there is no such processor");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }
}
