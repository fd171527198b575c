//! An instruction that only the kernel may use.

use std::arch::asm;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

/// Runs this program again with `argument`, which is to call [`use_it`], and says how that ended.
///
/// # Panics
/// Where the program cannot be started again.
pub fn in_a_child(argument: &str) -> ExitStatus {
    let program = std::env::current_exe().expect("a program has a path");
    Command::new(program).arg(argument).status().expect("it runs")
}

/// Whether a signal ended it.
pub fn was_ended(status: ExitStatus) -> bool {
    status.signal().is_some()
}

/// Halts the processor until the next interrupt, or would.
#[cfg(target_arch = "x86_64")]
pub fn use_it() {
    leave_no_core();
    // SAFETY: touches neither memory nor registers; in user mode, the kernel ends us.
    unsafe { asm!("hlt", options(nomem, nostack)) };
}

/// Reads the register that switches the memory protection on, or would.
#[cfg(target_arch = "aarch64")]
pub fn use_it() {
    leave_no_core();
    // SAFETY: would write one register, which is named; in user mode, the kernel ends us.
    unsafe { asm!("mrs {}, sctlr_el1", out(reg) _, options(nomem, nostack)) };
}

/// A core file of a death that was meant would only lie about.
fn leave_no_core() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit outlives the call.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
}
