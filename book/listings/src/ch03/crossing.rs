//! One crossing, with what was in the registers before and after.

use std::arch::asm;
use std::io::{Read, pipe};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use super::raw::WRITE;
use crate::picture::{Picture, Step};

/// What the instruction was given, and what it left.
#[derive(Debug)]
pub struct Crossing {
    /// Which call was asked for.
    pub number: usize,
    /// Its arguments.
    pub arguments: [usize; 3],
    /// What the kernel answered.
    pub answer: isize,
    /// Where the stack ended just before, and just after.
    pub stack: [usize; 2],
    /// Where the next instruction stands, and what was in `rcx` when it was reached; zeroes on
    /// aarch64, whose kernel-mode registers keep it.
    pub next: [usize; 2],
}

/// write(2), watched.
#[cfg(target_arch = "x86_64")]
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> Crossing {
    let arguments = [fd.as_raw_fd() as usize, bytes.as_ptr().expose_provenance(), bytes.len()];
    let (answer, came_back, next, before, after);
    // SAFETY: as in `raw`; the instructions around the call only look.
    unsafe {
        asm!(
            "mov {before}, rsp",
            "lea {next}, [rip + 2f]",
            "syscall",
            "2:",
            "mov {after}, rsp",
            before = out(reg) before,
            next = out(reg) next,
            after = lateout(reg) after,
            inlateout("rax") WRITE => answer,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            lateout("rcx") came_back,
            lateout("r11") _,
            options(nostack, readonly),
        );
    }
    Crossing { number: WRITE, arguments, answer, stack: [before, after], next: [next, came_back] }
}

/// write(2), watched.
#[cfg(target_arch = "aarch64")]
pub fn write(fd: BorrowedFd<'_>, bytes: &[u8]) -> Crossing {
    let arguments = [fd.as_raw_fd() as usize, bytes.as_ptr().expose_provenance(), bytes.len()];
    let (answer, before, after);
    // SAFETY: as in `raw`; the instructions around the call only look.
    unsafe {
        asm!(
            "mov {before}, sp",
            "svc 0",
            "mov {after}, sp",
            before = out(reg) before,
            after = lateout(reg) after,
            in("x8") WRITE,
            inlateout("x0") arguments[0] => answer,
            in("x1") arguments[1],
            in("x2") arguments[2],
            options(nostack, readonly),
        );
    }
    Crossing { number: WRITE, arguments, answer, stack: [before, after], next: [0, 0] }
}

const PROGRAM: usize = 0;
const REGISTERS: usize = 1;
const KERNEL: usize = 2;

/// One crossing, step by step. Addresses and descriptors differ from run to run, and are named.
pub fn run() -> Picture {
    let lanes = ["program", "registers", "kernel"];
    let mut picture = Picture::new("ch03-crossing.svg", &lanes);
    let bytes = *b"hello\n";
    let (mut reader, writer) = pipe().expect("a pipe");
    let number_of_pipe = writer.as_raw_fd() as usize;
    let crossing = write(writer.as_fd(), &bytes);
    drop(writer);
    let mut arrived = Vec::new();
    reader.read_to_end(&mut arrived).expect("the writing end is closed");

    // Each register is held against what belongs there: the pipe may well be number 6, as the length is.
    let named = |value: usize, expected: usize, name: &str| {
        if value == expected { name.to_owned() } else { value.to_string() }
    };
    let number = if crossing.number == libc::SYS_write as usize { "write" } else { "?" };
    let user = |step: Step| step.then("user mode");
    let kernel = |step: Step| step.then("kernel mode");
    let [first, second, third] = crossing.arguments;
    let first = named(first, number_of_pipe, "the pipe");
    let second = named(second, bytes.as_ptr().addr(), "where the text is");
    picture.push(user(Step::at(PROGRAM, &format!("rax (x8): {number}")).to(REGISTERS)));
    picture.push(user(Step::at(PROGRAM, &format!("rdi (x0): {first}")).to(REGISTERS)));
    picture.push(user(Step::at(PROGRAM, &format!("rsi (x1): {second}")).to(REGISTERS)));
    picture.push(user(Step::at(PROGRAM, &format!("rdx (x2): {third}")).to(REGISTERS)));
    picture.push(kernel(Step::at(PROGRAM, "syscall (svc 0)").to(KERNEL).loudly()));
    let written = format!("{} bytes to the pipe", arrived.len());
    picture.push(kernel(Step::at(KERNEL, &written)));
    let answer = format!("rax (x0): {}", crossing.answer);
    picture.push(kernel(Step::at(KERNEL, &answer).to(REGISTERS)));
    picture.push(user(Step::at(KERNEL, "sysret (eret)").to(PROGRAM).loudly()));
    let same = crossing.stack[0] == crossing.stack[1];
    let stack = if same { "the stack as it was" } else { "the stack has moved" };
    picture.push(user(Step::at(PROGRAM, stack)));
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_arrive_and_the_stack_stays() {
        let (mut reader, writer) = pipe().expect("a pipe");
        let crossing = write(writer.as_fd(), b"hello\n");
        drop(writer);
        let mut arrived = String::new();
        reader.read_to_string(&mut arrived).expect("the writing end is closed");
        assert_eq!((arrived.as_str(), crossing.answer), ("hello\n", 6));
        assert_eq!(crossing.stack[0], crossing.stack[1]);
    }

    #[test]
    fn the_picture_is_the_same_whatever_number_the_pipe_has() {
        let first = run();
        let mut kept = Vec::new();
        // One descriptor more each time: sooner or later, the pipe is number 6.
        for _ in 0..8 {
            kept.push(pipe().expect("a pipe").0);
            assert_eq!(run(), first);
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn on_x86_64_rcx_has_the_address_of_the_next_instruction() {
        let (_reader, writer) = pipe().expect("a pipe");
        let [next, came_back] = write(writer.as_fd(), b"hello\n").next;
        assert_eq!(next, came_back);
    }
}
