//! Lays out the workspace as it stands after a chapter.
//!
//! ```text
//!   stages.toml   "reactor/src/poller.rs" = 4      the file, from chapter 4 on
//!                 "reactor/src/sys" = 4            … or all that is below a folder
//!   stages/04/    reactor/src/lib.rs               stands in from chapter 4 until the real one comes
//!   stages/08/    reactor/src/lib.rs               … or until the next one that stands in
//! ```

use std::fs;
use std::io;
use std::path::Path;

use crate::exercise::copy_folder;

/// The chapters after which there is a state to lay out, in order.
///
/// # Errors
/// The folder `stages` cannot be read.
pub fn stages(book: &Path) -> io::Result<Vec<i64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(book.join("stages"))? {
        numbers.extend(entry?.file_name().to_str().and_then(|name| name.parse::<i64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Lays out in `folder` what there is after `chapter`.
///
/// # Errors
/// `folder` is there and not empty; there is no stage so early; a file of the list is not there.
pub fn lay_out(root: &Path, chapter: i64, folder: &Path) -> io::Result<()> {
    let book = root.join("book");
    let refuse = |what: String| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return refuse(format!("{} is not empty; name a new folder", folder.display()));
    }
    let stages = stages(&book)?;
    if stages.first().is_none_or(|first| *first > chapter) {
        return refuse(format!(
            "there is no code after chapter {chapter} yet; there is after {stages:?}"
        ));
    }
    for stage in stages.iter().filter(|stage| **stage <= chapter) {
        copy_folder(&book.join(format!("stages/{stage:02}")), folder)?;
    }
    let list: toml::Table =
        fs::read_to_string(book.join("stages.toml"))?.parse().map_err(io::Error::other)?;
    for (path, first) in &list {
        let source = root.join(path);
        let Some(first) = first.as_integer().filter(|_| source.exists()) else {
            return refuse(format!(
                "stages.toml: `{path}` is not there, or has no chapter; mend the line"
            ));
        };
        if first > chapter {
            continue;
        }
        let target = folder.join(path);
        if source.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            fs::create_dir_all(target.parent().expect("it is below the folder"))?;
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
