//! Holds the chapters against the code.
//!
//! ```text
//!   chapter.md ── page ──► blocks ──► quote        its lines stand in the file that its caption names
//!                     │               diff         its lines stand in what two files differ by
//!                     │               example      compiles, runs, and asserts something
//!                     │               transcript   is what its commands print, today
//!                     │               commands     are the reader's to run; what they name is there
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
//! line `// …` skips forward; what follows it stands further down.
//!
//! Invariants: each block is of one of these kinds, or a problem; each problem says file, line, and
//! what to do. What drifted can be written anew by `bless`, as long as there is one way to do it.
//!
//! Neighbours: `exercise` and `stage` check what is not in the chapters' blocks; `coverage` counts;
//! `outside` is for the pages that mdBook makes.

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
mod session;
pub mod stage;
mod transcript;

use page::{Block, Kind, Page};

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

/// What was found in the chapters.
#[derive(Debug, Default)]
pub struct Report {
    /// Blocks of code that stand word for word in the file that they name.
    pub quotes: usize,
    /// Blocks that stand in what two files differ by.
    pub diffs: usize,
    /// Blocks that were compiled and run; with [`Depth::Words`], only seen.
    pub examples: usize,
    /// Blocks whose commands were run, and printed what they print here; or only seen.
    pub transcripts: usize,
    /// Blocks of commands without an output, which are not run: servers, for instance. What they name is there.
    pub commands: usize,
    /// Pictures and plain text.
    pub texts: usize,
    /// Blocks of no known kind; each is a problem too.
    pub unchecked: usize,
    /// Links to files and headings that are there.
    pub links: usize,
    /// Which lines of which files were quoted.
    pub quoted: coverage::Quoted,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} quotes, {} diffs, {} examples, {} transcripts, {} commands without output, \
             {} pictures in text, {} links; {} blocks that nobody checks",
            self.quotes,
            self.diffs,
            self.examples,
            self.transcripts,
            self.commands,
            self.texts,
            self.links,
            self.unchecked
        )
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
}

impl Book {
    /// The book of this workspace.
    ///
    /// # Panics
    /// Where this crate does not lie in a workspace.
    pub fn ours() -> Book {
        let book = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = book.parent().expect("the book is a folder of the workspace");
        Book { chapters: book.join("src"), root: root.to_owned() }
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
            let mut edits = Vec::new();
            let page = Page::parse(&file, &text);
            let session = page.session();
            for (block, today) in session.iter().zip(session::run(&session, &self.root)?) {
                if block.code != today {
                    edits.push((block.range.clone(), today));
                }
            }
            for block in &page.blocks {
                if let Some(code) = self.current(block)?.filter(|code| *code != block.code) {
                    edits.push((block.range.clone(), code));
                }
            }
            edits.sort_by_key(|(range, _)| range.start);
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
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.chapters)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "md") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// What stands where the block quotes from, or what its commands print now.
    fn current(&self, block: &Block) -> io::Result<Option<String>> {
        Ok(match (&block.kind, &block.captions[..]) {
            (Kind::Rust, [caption]) => {
                let source = fs::read_to_string(&caption.file)?;
                quote::renew(&block.code, &source)
            }
            (Kind::Diff, [old, new]) => {
                let difference = quote::difference(&old.file, &new.file)?;
                quote::renew(&block.code, &difference)
            }
            (Kind::Console { .. }, _) if transcript::claims_output(&block.code) => {
                Some(transcript::run(&block.code, &self.root, &str::to_owned)?.text)
            }
            _ => None,
        })
    }

    fn check_page(&self, page: &Page, depth: Depth, report: &mut Report) -> io::Result<()> {
        for problem in &page.problems {
            report.problems.push(page.problem(problem.0, problem.1.clone()));
        }
        for link in &page.links {
            match link::check(page, &link.to) {
                Ok(()) => report.links += 1,
                Err(what) => report.problems.push(page.problem(link.at, what)),
            }
        }
        for block in &page.blocks {
            if let Err(what) = self.check_block(block, depth, report)? {
                report.problems.push(page.problem(block.at, what));
            }
        }
        if depth == Depth::Runs {
            let session = page.session();
            for (block, today) in session.iter().zip(session::run(&session, &self.root)?) {
                let compared = transcript::compare(&block.code, &today);
                report.problems.extend(compared.err().map(|what| page.problem(block.at, what)));
            }
            report.problems.extend(example::run(page, &self.root)?);
        }
        Ok(())
    }

    fn check_block(
        &self,
        block: &Block,
        depth: Depth,
        report: &mut Report,
    ) -> io::Result<Result<(), String>> {
        Ok(match &block.kind {
            Kind::Text => {
                report.texts += 1;
                Ok(())
            }
            Kind::Rust if block.captions.is_empty() => {
                report.examples += 1;
                example::has_claim(&block.code)
            }
            Kind::Rust => self.check_quote(block, report),
            Kind::Diff => {
                report.diffs += 1;
                self.check_diff(block)
            }
            Kind::Session => {
                report.transcripts += 1;
                Ok(())
            }
            Kind::Console { .. } if !transcript::claims_output(&block.code) => {
                report.commands += 1;
                command::check(&block.code, &self.root)?
            }
            Kind::Console { fails } => {
                report.transcripts += 1;
                match depth {
                    Depth::Words => Ok(()),
                    Depth::Runs => transcript::check(&block.code, *fails, &self.root)?,
                }
            }
            Kind::Other(label) => {
                report.unchecked += 1;
                Err(format!(
                    "a block labelled `{label}` is checked by nobody; label it rust, diff, console or text"
                ))
            }
        })
    }

    fn check_quote(&self, block: &Block, report: &mut Report) -> Result<(), String> {
        let [caption] = &block.captions[..] else {
            return Err("a quote comes from one file; give it a caption with one name".to_owned());
        };
        let source = caption.read(&self.root)?;
        let lines = quote::check(&block.code, &source)
            .map_err(|why| format!("the quote from {}: {why}", caption.name))?;
        report.quotes += 1;
        report.quoted.add(&caption.name, lines, !block.in_details);
        Ok(())
    }

    fn check_diff(&self, block: &Block) -> Result<(), String> {
        let [old, new] = &block.captions[..] else {
            return Err(
                "a diff has two files; write **[old](link)** → **[new](link)** above it, in \
                        the paragraph of its own"
                    .to_owned(),
            );
        };
        old.read(&self.root)?;
        new.read(&self.root)?;
        let difference = quote::difference(&old.file, &new.file).map_err(|e| e.to_string())?;
        quote::check(&block.code, &difference)
            .map(|_| ())
            .map_err(|why| format!("the diff from {} to {}: {why}", old.name, new.name))
    }
}

/// Checks one chapter, whose text is `markdown`, without running anything; links are relative to
/// `file`.
///
/// # Panics
/// Never: nothing is run.
pub fn check_chapter(book: &Book, file: &Path, markdown: &str, report: &mut Report) {
    let page = Page::parse(file, markdown);
    book.check_page(&page, Depth::Words, report).expect("nothing is run, and so nothing fails to");
}
