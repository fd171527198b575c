//! The source files of the workspace.

use std::fs;
use std::path::Path;

use crate::binary::workspace;

/// One Rust file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its path from the workspace's root, with `/` between the parts.
    pub path: String,
    /// What it holds.
    pub text: String,
}

impl Source {
    /// A source that is in no file, to try a check on.
    pub fn new(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    /// The module that the file is: `reactor/src/net/tcp.rs` is `["net", "tcp"]`, and a
    /// crate's root is `[]`.
    pub fn module(&self) -> Vec<String> {
        let (_, within) = self.path.split_once("src/").unwrap_or(("", &self.path));
        let within = within.strip_suffix(".rs").unwrap_or(within);
        let mut parts: Vec<String> = within.split('/').map(str::to_owned).collect();
        if parts[0] == "bin" {
            return Vec::new();
        }
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
            parts.pop();
        }
        parts
    }

    /// Whether the file is compiled for tests alone, by its name.
    pub fn is_test(&self) -> bool {
        !self.path.contains("/src/") || self.module().iter().any(|part| part == "tests")
    }

    /// The file as a syntax tree.
    ///
    /// # Panics
    /// When it is not Rust.
    pub fn parse(&self) -> syn::File {
        syn::parse_file(&self.text).unwrap_or_else(|error| {
            let line = error.span().start().line;
            panic!("{}:{line}: {error}", self.path)
        })
    }
}

/// All Rust files below a directory of the workspace, in order of their paths.
///
/// # Panics
/// When the directory cannot be read, or holds none: a check of nothing checks nothing.
pub fn below(directory: &str) -> Vec<Source> {
    let root = workspace();
    let mut found = Vec::new();
    collect(&root, &root.join(directory), &mut found);
    found.sort_by(|left, right| left.path.cmp(&right.path));
    assert!(!found.is_empty(), "no Rust file below {directory}");
    found
}

fn collect(root: &Path, directory: &Path, found: &mut Vec<Source>) {
    let entries = fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("cannot read {}: {error}", directory.display()));
    for entry in entries {
        let path = entry.expect("an entry of a directory").path();
        let name = path.file_name().and_then(|name| name.to_str());
        let hidden = name.is_none_or(|name| name.starts_with('.'));
        if hidden || name == Some("target") {
            continue;
        }
        if path.is_dir() {
            collect(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
            let within = path.strip_prefix(root).expect("it was found below the root");
            let parts: Vec<_> = within.iter().map(|part| part.to_string_lossy()).collect();
            found.push(Source::new(&parts.join("/"), &text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_the_module_that_its_path_says() {
        let module = |path: &str| Source::new(path, "").module().join("::");
        assert_eq!(module("reactor/src/lib.rs"), "");
        assert_eq!(module("reactor/src/poller.rs"), "poller");
        assert_eq!(module("reactor/src/net/mod.rs"), "net");
        assert_eq!(module("reactor/src/net/tcp.rs"), "net::tcp");
        assert_eq!(module("kv-server/src/bin/other.rs"), "");
    }

    #[test]
    fn this_crate_finds_its_own_files() {
        let found = below("tests/src");
        assert!(found.iter().any(|file| file.path == "tests/src/lib.rs"));
        assert!(found.iter().any(|file| file.path.ends_with("structure/source.rs")));
    }
}
