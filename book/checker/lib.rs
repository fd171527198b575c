//! Holds the chapters against the code.
//!
//! ```text
//!   chapter.md ── pulldown-cmark ──► blocks ──► quote:    its lines stand in the file it names
//!                                               console:  commands only, as long as none is run here
//!                                               text:     a picture
//!                                               other:    a problem
//!                                   links  ──► the file is there
//! ```
//!
//! A quote is a ```` ```rust ```` block under a caption, a paragraph with a link to the file:
//!
//! ```text
//!   **[executor/src/task.rs](../../executor/src/task.rs)** · *in `impl Header`*
//! ```
//!
//! Its lines must stand in that file, in one piece and in one place, whatever their indentation. A
//! line `// …` skips forward; what follows it stands further down.
//!
//! Invariants: each block is of one of these kinds, or a problem; each problem says file, line, and
//! what to do.

use std::fmt;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

mod quote;

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
    /// Blocks of commands.
    pub consoles: usize,
    /// Pictures and plain text.
    pub texts: usize,
    /// Links to files that are there.
    pub links: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Checks all chapters in `folder`.
///
/// # Errors
/// The folder or a chapter cannot be read.
pub fn check_folder(folder: &Path) -> io::Result<Report> {
    let mut report = Report::default();
    let mut chapters = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            chapters.push(path);
        }
    }
    chapters.sort();
    for chapter in chapters {
        check_chapter(&chapter, &fs::read_to_string(&chapter)?, &mut report);
    }
    Ok(report)
}

/// Checks one chapter, whose text is `markdown`; links are relative to `file`.
pub fn check_chapter(file: &Path, markdown: &str, report: &mut Report) {
    let mut chapter = Chapter { file, markdown, caption: None, report };
    let mut events = Parser::new(markdown).into_offset_iter();
    while let Some((event, range)) = events.next() {
        match event {
            Event::Start(Tag::Paragraph) => chapter.caption = None,
            Event::Start(Tag::Link { dest_url, .. }) => chapter.link(&dest_url, &range),
            Event::Start(Tag::CodeBlock(kind)) => {
                let mut code = String::new();
                for (event, _) in events.by_ref() {
                    match event {
                        Event::Text(text) => code.push_str(&text),
                        Event::End(TagEnd::CodeBlock) => break,
                        _ => {}
                    }
                }
                chapter.block(&kind, &code, &range);
            }
            Event::Start(Tag::Heading { .. } | Tag::List(_) | Tag::BlockQuote(_)) => {
                chapter.caption = None;
            }
            _ => {}
        }
    }
}

struct Chapter<'a> {
    file: &'a Path,
    markdown: &'a str,
    /// The file that the paragraph right above links to.
    caption: Option<PathBuf>,
    report: &'a mut Report,
}

impl Chapter<'_> {
    fn problem(&mut self, at: usize, what: String) {
        let line = self.markdown[..at].matches('\n').count() + 1;
        self.report.problems.push(Problem { file: self.file.to_owned(), line, what });
    }

    fn link(&mut self, destination: &str, range: &Range<usize>) {
        if destination.contains("://") || destination.starts_with('#') {
            return;
        }
        let path = destination.split('#').next().unwrap_or(destination);
        let target = self.file.parent().unwrap_or(Path::new("")).join(path);
        if target.exists() {
            self.report.links += 1;
        } else {
            let what = format!("the link to `{destination}` leads nowhere; mend the path");
            self.problem(range.start, what);
        }
        self.caption = Some(target);
    }

    fn block(&mut self, kind: &CodeBlockKind<'_>, code: &str, range: &Range<usize>) {
        let caption = self.caption.take();
        let label = match kind {
            CodeBlockKind::Fenced(label) => label.as_ref(),
            CodeBlockKind::Indented => "",
        };
        match label {
            "text" => self.report.texts += 1,
            "console" => self.console(code, range),
            "rust" => match caption {
                Some(file) => self.quote(&file, code, range),
                None => {
                    let what = "this quote has no caption; write **[path](link)** in the \
                                paragraph above it";
                    self.problem(range.start, what.to_owned());
                }
            },
            other => {
                let what = format!(
                    "a block labelled `{other}` is checked by nobody; label it rust, console or text"
                );
                self.problem(range.start, what);
            }
        }
    }

    fn console(&mut self, code: &str, range: &Range<usize>) {
        if let Some(line) = code.lines().find(|line| !line.starts_with("$ ")) {
            let what = format!(
                "`{line}` claims to be printed, and nobody runs it here; leave only `$ ` commands"
            );
            return self.problem(range.start, what);
        }
        self.report.consoles += 1;
    }

    fn quote(&mut self, file: &Path, code: &str, range: &Range<usize>) {
        let checked = match fs::read_to_string(file) {
            Ok(source) => quote::check(code, &source),
            Err(error) => Err(format!("cannot be read: {error}")),
        };
        match checked {
            Ok(()) => self.report.quotes += 1,
            Err(why) => {
                let what = format!("the quote from {}: {why}", file.display());
                self.problem(range.start, what);
            }
        }
    }
}
