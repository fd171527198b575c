//! Verifies the exercises both ways: as the reader gets them they fail, with the solution they pass.
//!
//! ```text
//!   exercises/ex08/src/lib.rs      todo!()     cargo test must fail, at the todo!()
//!   exercises/solutions/ex08.rs    stands in its place: cargo test must pass
//! ```
//! The tests are run in a copy below `target/`, so that a reader's own work is left alone, and does not
//! make this check fail or pass.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How many seconds the tests of an exercise wait that is known to be unsolved: it hangs where it does.
const BRIEFLY: &str = "5";

/// How many they wait for a solution, which must not fail for the sake of a busy machine.
const LONG: &str = "60";

/// Copies the exercises in `folder` to `copy`, and says what is wrong with them, and how many there are.
///
/// # Errors
/// A file cannot be read or written; `cargo` cannot be run.
pub fn verify(folder: &Path, copy: &Path) -> io::Result<(usize, Vec<String>)> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("solutions"))? {
        let path = entry?.path();
        names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
    }
    names.sort();
    copy_folder(folder, copy)?;
    let mut problems = Vec::new();
    for name in &names {
        let given = folder.join(name).join("src/lib.rs");
        let solution = folder.join("solutions").join(format!("{name}.rs"));
        let place = copy.join(name).join("src/lib.rs");
        fs::copy(&given, &place)?;
        let (passed, said) = cargo_test(copy, name, BRIEFLY)?;
        let given = given.display();
        if passed {
            problems
                .push(format!("{given}:1: passes unsolved; take the solution out, or ask more"));
        } else if !said.contains("not yet implemented") {
            problems.push(format!("{given}:1: fails, but not at a todo!(); mend it\n{said}"));
        }
        fs::copy(&solution, &place)?;
        let (passed, said) = cargo_test(copy, name, LONG)?;
        if !passed {
            problems.push(format!("{}:1: the solution fails; mend it\n{said}", solution.display()));
        }
    }
    Ok((names.len(), problems))
}

fn cargo_test(folder: &Path, name: &str, patience: &str) -> io::Result<(bool, String)> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let output = cargo
        .args(["test", "--quiet", "-p", name])
        .current_dir(folder)
        .env("CARGO_TERM_COLOR", "never")
        .env("EXERCISES_PATIENCE", patience)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .output()?;
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), said.into_owned()))
}

/// Copies all files; those that are there and have the same content are left as they are.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    for source in files_below(from)? {
        let target = to.join(source.strip_prefix(from).expect("it lies below"));
        if fs::read(&target).ok() != Some(fs::read(&source)?) {
            fs::create_dir_all(target.parent().expect("it lies in a folder"))?;
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// All files in a folder and in those below it, but for what was built there.
pub(crate) fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            files.push(path);
        } else if !path.ends_with("target") {
            files.append(&mut files_below(&path)?);
        }
    }
    Ok(files)
}
