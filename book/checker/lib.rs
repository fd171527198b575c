//! Holds the chapters against the code.
//!
//! ```text
//!   chapter.md ── page ──► blocks ──► quote        its lines stand in the file that its caption names
//!                     │               diff         its lines stand in what two files differ by
//!                     │               example      compiles, runs, and asserts something
//!                     │               transcript   is what its commands print, today
//!                     │               command      is the reader's to run; what it names is there
//!                     │               text         a picture
//!                     │               other        a problem
//!                     └──► links  ──► the file is there, and has that heading
//! ```
//!
//! A quote is a ```` ```rust ```` block under a caption, a paragraph that begins with the file's name:
//!
//! ```text
//!   **[executor/src/task.rs](../../executor/src/task.rs)** · *in `impl Header`*
//! ```
//!
//! Its lines must stand in that file, in one piece and in one place, whatever their indentation. A
//! line `// …` skips forward; what follows it stands further down. A transcript is labelled `console`;
//! where it holds on one system only, `console,linux`: elsewhere it is counted, and not run.
//!
//! Invariants: each block is of one of these kinds, or a problem; each problem says file, line, and
//! what to do. What drifted can be written anew by `bless`, as long as there is one way to do it.
//!
//! Neighbours: `exercise` and `stage` check what is not in the chapters' blocks; `coverage` counts;
//! `outside` is for the pages that mdBook makes.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

mod command;
pub mod coverage;
mod example;
pub mod exercise;
mod link;
pub mod outside;
mod page;
mod quote;
pub mod stage;
mod transcript;

use page::{Block, Kind, Page};
use transcript::Shell;

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The chapter.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong, and what to do about it.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)
    }
}

/// What is counted. A command without output is not run, for it may be a server; what it names is there.
const COUNTED: [&str; 9] = [
    "quotes",
    "diffs",
    "examples",
    "transcripts",
    "transcripts of Linux alone, not run here",
    "commands without output",
    "pictures in text",
    "links",
    "blocks that nobody checks",
];

/// What was found in the chapters.
#[derive(Debug, Default)]
pub struct Report {
    counts: BTreeMap<&'static str, usize>,
    /// Which lines of which files were quoted.
    pub quoted: coverage::Quoted,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Report {
    /// How many there are of a kind, by the name that the report has for it.
    pub fn count(&self, kind: &str) -> usize {
        self.counts.get(kind).copied().unwrap_or(0)
    }

    fn add(&mut self, kind: &'static str) {
        debug_assert!(COUNTED.contains(&kind), "`{kind}` would not be reported");
        *self.counts.entry(kind).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&COUNTED.map(|kind| format!("{} {kind}", self.count(kind))).join(", "))
    }
}

/// How far a check goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Depth {
    /// Reads only: quotes, diffs, labels, links. Takes no time.
    Words,
    /// Runs the examples and the transcripts as well.
    Runs,
}

/// A folder of chapters, and the workspace that they are about.
#[derive(Clone, Debug)]
pub struct Book {
    /// Where the chapters lie.
    pub chapters: PathBuf,
    /// Where commands are run, and what captions name files from.
    pub root: PathBuf,
    /// What commands are run on, in the words of [`std::env::consts::OS`].
    pub system: &'static str,
}

impl Book {
    /// The book of this workspace.
    ///
    /// # Panics
    /// Where this crate does not lie in a workspace.
    pub fn ours() -> Book {
        let book = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = book.parent().expect("the book is a folder of the workspace").to_owned();
        Book { chapters: book.join("src"), root, system: std::env::consts::OS }
    }

    /// Checks all chapters.
    ///
    /// # Errors
    /// The folder or a chapter cannot be read; `cargo` cannot be run.
    pub fn check(&self, depth: Depth) -> io::Result<Report> {
        let mut report = Report::default();
        for file in self.files()? {
            let text = fs::read_to_string(&file)?;
            self.check_page(&Page::parse(&file, &text), depth, &mut report)?;
        }
        Ok(report)
    }

    /// Rewrites quotes and transcripts that have drifted, and says how many it rewrote in each chapter.
    ///
    /// # Errors
    /// As [`Book::check`]; a chapter cannot be written.
    pub fn bless(&self) -> io::Result<Vec<(PathBuf, usize)>> {
        let mut blessed = Vec::new();
        for file in self.files()? {
            let mut text = fs::read_to_string(&file)?;
            let (mut edits, mut shell) = (Vec::new(), Shell::new(&self.root));
            for block in Page::parse(&file, &text).blocks {
                if let Some(code) = self.renew(&block, &mut shell)?.filter(|now| *now != block.code)
                {
                    edits.push((block.range, code));
                }
            }
            for (range, code) in edits.iter().rev() {
                text.replace_range(range.clone(), code);
            }
            if !edits.is_empty() {
                fs::write(&file, text)?;
                blessed.push((file, edits.len()));
            }
        }
        Ok(blessed)
    }

    /// The chapters, in order of their names.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn files(&self) -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(&self.chapters)?.map(|entry| Ok(entry?.path()));
        let mut files = entries.collect::<io::Result<Vec<PathBuf>>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
        files.sort();
        Ok(files)
    }

    fn check_page(&self, page: &Page, depth: Depth, report: &mut Report) -> io::Result<()> {
        for (at, link) in &page.links {
            report.add("links");
            let found = link::check(page, link);
            report.problems.extend(found.err().map(|what| page.problem(*at, what)));
        }
        let mut shell = Shell::new(&self.root);
        for block in &page.blocks {
            let (kind, found) = self.check_block(block, depth, &mut shell, report)?;
            report.add(kind);
            report.problems.extend(found.err().map(|what| page.problem(block.at, what)));
        }
        if depth == Depth::Runs {
            report.problems.extend(example::run(page, &self.root)?);
        }
        Ok(())
    }

    /// Of what kind a block is, and what is wrong with it.
    fn check_block(
        &self,
        block: &Block,
        depth: Depth,
        shell: &mut Shell<'_>,
        report: &mut Report,
    ) -> io::Result<(&'static str, Result<(), String>)> {
        Ok(match &block.kind {
            Kind::Text => ("pictures in text", Ok(())),
            Kind::Rust if block.captions.is_empty() => {
                ("examples", example::has_claim(&block.code))
            }
            Kind::Rust => ("quotes", self.check_quote(block, report)),
            Kind::Diff => ("diffs", self.check_quote(block, report)),
            Kind::Console(_) if !block.is_transcript() => {
                ("commands without output", command::check(&block.code, &self.root))
            }
            Kind::Console(label) if label.linux && self.system != "linux" => {
                ("transcripts of Linux alone, not run here", Ok(()))
            }
            Kind::Console(_) if depth == Depth::Words => ("transcripts", Ok(())),
            Kind::Console(label) => ("transcripts", shell.check(&block.code, *label)?),
            Kind::Other(label) => (
                "blocks that nobody checks",
                Err(format!(
                    "a block labelled `{label}` is checked by nobody; label it rust, diff, console or text"
                )),
            ),
        })
    }

    fn check_quote(&self, block: &Block, report: &mut Report) -> Result<(), String> {
        let (name, source) = self.source(block)?;
        let lines = quote::check(&block.code, &source).map_err(|why| format!("{name}: {why}"))?;
        if block.kind == Kind::Rust {
            report.quoted.add(&block.captions[0].name, lines, !block.in_details);
        }
        Ok(())
    }

    /// What a quote or a diff is to stand in, after what to call it.
    fn source(&self, block: &Block) -> Result<(String, String), String> {
        match (&block.kind, &block.captions[..]) {
            (Kind::Diff, [old, new]) => {
                let text = quote::difference(&old.read(&self.root)?, &new.read(&self.root)?);
                Ok((format!("the diff from {} to {}", old.name, new.name), text))
            }
            (Kind::Diff, _) => {
                Err("a diff has two files; write **[old](link)** → **[new](link)** above \
                                    it, in a paragraph of its own"
                    .to_owned())
            }
            (_, [file]) => Ok((format!("the quote from {}", file.name), file.read(&self.root)?)),
            _ => Err("a quote comes from one file; give it a caption with one name".to_owned()),
        }
    }

    /// What stands where the block quotes from, or what its commands print now; `None` where only a
    /// person can say.
    fn renew(&self, block: &Block, shell: &mut Shell<'_>) -> io::Result<Option<String>> {
        Ok(match &block.kind {
            Kind::Rust | Kind::Diff => {
                let source = self.source(block).ok();
                source.and_then(|(_, source)| quote::renew(&block.code, &source))
            }
            Kind::Console(label)
                if block.is_transcript() && (!label.linux || self.system == "linux") =>
            {
                shell.run(&block.code, *label)?.ok()
            }
            _ => None,
        })
    }
}
