//! Runs what a transcript says was typed, and compares what is printed.
//!
//! Each command is run by `sh` in the workspace's root, its two outputs as one. `[..]` stands for any
//! text within a line. What cargo says of its own work, and how long a test took, is left out.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use snapbox::Data;
use snapbox::filter::NormalizeToExpected;

/// No command of the book takes longer, the building of what it runs included.
const DEADLINE: Duration = Duration::from_secs(300);

/// What the commands of a block printed.
pub(crate) struct Ran {
    /// The block, with today's output.
    pub(crate) text: String,
    /// Whether the last command said that all is well.
    pub(crate) succeeded: bool,
}

/// Whether anything but commands stands in the block.
pub(crate) fn claims_output(code: &str) -> bool {
    code.lines().any(|line| !line.starts_with("$ ") && !line.is_empty())
}

/// `Err` says what the commands print instead.
pub(crate) fn check(code: &str, fails: bool, root: &Path) -> io::Result<Result<(), String>> {
    if !code.starts_with("$ ") {
        return Ok(Err("a transcript begins with `$ ` and a command; write what was typed".into()));
    }
    let ran = run(code, root, &str::to_owned)?;
    if let Err(stale) = compare(code, &ran.text) {
        return Ok(Err(stale));
    }
    if ran.succeeded == fails {
        let (label, other) =
            if fails { ("console,fails", "succeeds") } else { ("console", "fails") };
        return Ok(Err(format!(
            "the last command {other}, and the block is labelled `{label}`; make it the other label"
        )));
    }
    Ok(Ok(()))
}

/// `Err` shows what is printed today.
pub(crate) fn compare(code: &str, today: &str) -> Result<(), String> {
    if today == code {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(code, today);
    let diff = diff.unified_diff().context_radius(2).header("this chapter", "today").to_string();
    Err(format!(
        "the transcript is stale; look whether the new output is meant, and take it by `cargo run -p \
         book -- bless`\n{diff}"
    ))
}

/// Runs the commands of a block, as `here` has them; where an output matches what the block has, it is kept as it stands.
pub(crate) fn run(code: &str, root: &Path, here: &dyn Fn(&str) -> String) -> io::Result<Ran> {
    let mut ran = Ran { text: String::new(), succeeded: true };
    let mut lines = code.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("$ ") else { continue };
        let mut expected = String::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            expected.push_str(line);
            expected.push('\n');
        }
        let (printed, succeeded) = execute(&here(command), root)?;
        let expected = Data::text(expected);
        let printed = NormalizeToExpected::new().redact().normalize(Data::text(printed), &expected);
        ran.text.push_str(&format!("$ {command}\n{printed}"));
        ran.succeeded = succeeded;
    }
    Ok(ran)
}

fn execute(command: &str, root: &Path) -> io::Result<(String, bool)> {
    let mut child = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(root)
        .env("CARGO_TERM_COLOR", "never")
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut output = child.stdout.take().expect("it was asked for");
    let (sender, printed) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = output.read_to_end(&mut bytes).map(|_| bytes);
        let _ = sender.send(result);
    });
    let Ok(bytes) = printed.recv_timeout(DEADLINE) else {
        child.kill()?;
        let what = format!("`{command}` had not ended after {} s", DEADLINE.as_secs());
        return Err(io::Error::new(io::ErrorKind::TimedOut, what));
    };
    let succeeded = child.wait()?.success();
    Ok((tidy(&String::from_utf8_lossy(&bytes?)), succeeded))
}

/// Without what differs from run to run and says nothing.
fn tidy(printed: &str) -> String {
    const CARGO: [&str; 6] =
        ["Compiling ", "Finished ", "Running ", "Blocking ", "Locking ", "Doc-tests "];
    let of_cargo = |line: &str| {
        line.starts_with("  ") && CARGO.iter().any(|word| line.trim_start().starts_with(word))
    };
    let lines = printed.lines().filter(|line| !of_cargo(line));
    lines
        .map(|line| {
            let line = line.split_once("; finished in ").map_or(line, |(result, _)| result);
            line.trim_end().to_owned() + "\n"
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here(code: &str, fails: bool) -> Result<(), String> {
        check(code, fails, Path::new(".")).expect("there is a shell")
    }

    #[test]
    fn what_is_printed_is_compared_and_a_wildcard_stands_for_part_of_a_line() {
        assert_eq!(here("$ echo one; echo two >&2\none\ntwo\n$ echo 3\n3\n", false), Ok(()));
        assert_eq!(here("$ echo in $PPID steps\nin [..] steps\n", false), Ok(()));
        let why = here("$ echo one\nother\n", false).expect_err("it prints another word");
        assert!(why.contains("-other\n+one") && why.contains("bless"), "{why}");
    }

    #[test]
    fn a_command_that_fails_needs_the_label_that_says_so() {
        assert_eq!(here("$ echo no; false\nno\n", true), Ok(()));
        assert!(here("$ echo no; false\nno\n", false).is_err());
        assert!(here("$ echo yes\nyes\n", true).is_err());
    }
}
