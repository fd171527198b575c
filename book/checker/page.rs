//! A chapter, taken apart: blocks with their captions, links, headings.
//!
//! Neighbour: the root of the crate says what each kind of block has to hold to.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::Problem;

/// What a block's label says it is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rust,
    Diff,
    Console { fails: bool },
    Session,
    Text,
    Other(String),
}

impl Kind {
    fn of(label: &str) -> Kind {
        match label {
            "rust" => Kind::Rust,
            "diff" => Kind::Diff,
            "console" => Kind::Console { fails: false },
            "console,fails" => Kind::Console { fails: true },
            "console,session" => Kind::Session,
            "text" => Kind::Text,
            other => Kind::Other(other.to_owned()),
        }
    }
}

/// A file that a caption names, and where it leads.
#[derive(Debug)]
pub(crate) struct Caption {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

impl Caption {
    /// The file's text; `Err` where the name and the link mean two files.
    pub(crate) fn read(&self, root: &Path) -> Result<String, String> {
        let name = &self.name;
        let linked = fs::canonicalize(&self.file).map_err(|error| {
            format!("the caption `{name}` leads nowhere: {error}; mend its link")
        })?;
        if fs::canonicalize(root.join(name)).ok().as_ref() != Some(&linked) {
            let target = self.file.display();
            return Err(format!("the caption says `{name}` and links to {target}; make them one"));
        }
        fs::read_to_string(linked).map_err(|error| format!("`{name}` cannot be read: {error}"))
    }
}

/// A block of code.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) code: String,
    pub(crate) captions: Vec<Caption>,
    /// Where the fence is, in bytes.
    pub(crate) at: usize,
    /// Where the code is, in bytes.
    pub(crate) range: Range<usize>,
    /// Hints and solutions are folded away, and narrate nothing.
    pub(crate) in_details: bool,
}

pub(crate) struct Link {
    pub(crate) to: String,
    pub(crate) at: usize,
}

pub(crate) struct Page<'a> {
    pub(crate) file: &'a Path,
    pub(crate) text: &'a str,
    pub(crate) blocks: Vec<Block>,
    pub(crate) links: Vec<Link>,
    /// What a link may name after its `#`.
    pub(crate) anchors: Vec<String>,
    pub(crate) problems: Vec<(usize, String)>,
}

impl<'a> Page<'a> {
    pub(crate) fn parse(file: &'a Path, text: &'a str) -> Page<'a> {
        let (blocks, links) = (Vec::new(), Vec::new());
        let page = Page { file, text, blocks, links, anchors: Vec::new(), problems: Vec::new() };
        let mut reader = Reader { page, captions: Vec::new(), named: None, in_details: false };
        let mut events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
        while let Some((event, range)) = events.next() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let mut code = String::new();
                    let mut inner = None::<Range<usize>>;
                    for (event, range) in events.by_ref() {
                        match event {
                            Event::Text(text) => {
                                code.push_str(&text);
                                inner.get_or_insert_with(|| range.clone()).end = range.end;
                            }
                            _ => break,
                        }
                    }
                    reader.block(&kind, code, range.clone(), inner.unwrap_or(range));
                }
                event => reader.event(event, range),
            }
        }
        reader.page
    }

    pub(crate) fn problem(&self, at: usize, what: String) -> Problem {
        Problem { file: self.file.to_owned(), line: self.line(at), what }
    }

    /// The transcripts that need a server.
    pub(crate) fn session(&self) -> Vec<&Block> {
        self.blocks.iter().filter(|block| block.kind == Kind::Session).collect()
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }
}

/// What has been seen of a page so far.
struct Reader<'a> {
    page: Page<'a>,
    captions: Vec<Caption>,
    /// The link or heading that we are in: its target, if it is a link, and its text.
    named: Option<(Option<String>, String)>,
    in_details: bool,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(Tag::Paragraph | Tag::List(_) | Tag::BlockQuote(_)) => {
                self.captions.clear();
            }
            Event::Start(Tag::Heading { .. }) => {
                self.captions.clear();
                self.named = Some((None, String::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                let (_, text) = self.named.take().unwrap_or_default();
                self.page.anchors.push(anchor(&text));
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                self.page.links.push(Link { to: dest_url.to_string(), at: range.start });
                let in_heading = matches!(self.named, Some((None, _)));
                if !in_heading && self.page.text[..range.start].ends_with("**") {
                    self.named = Some((Some(dest_url.to_string()), String::new()));
                }
            }
            Event::End(TagEnd::Link) => {
                if let Some((Some(target), name)) = self.named.take_if(|(link, _)| link.is_some()) {
                    let folder = self.page.file.parent().unwrap_or(Path::new(""));
                    self.captions.push(Caption { name, file: folder.join(target) });
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, name)) = &mut self.named {
                    name.push_str(&text);
                }
            }
            Event::Html(html) => {
                self.captions.clear();
                self.in_details |= html.contains("<details");
                self.in_details &= !html.contains("</details");
            }
            _ => {}
        }
    }

    fn block(
        &mut self,
        kind: &CodeBlockKind<'_>,
        code: String,
        whole: Range<usize>,
        range: Range<usize>,
    ) {
        let kind = match kind {
            CodeBlockKind::Fenced(label) => Kind::of(label),
            CodeBlockKind::Indented => Kind::Other("(indented)".to_owned()),
        };
        let (captions, in_details) = (std::mem::take(&mut self.captions), self.in_details);
        self.page.blocks.push(Block { kind, code, captions, at: whole.start, range, in_details });
    }
}

/// What mdBook and the forges make of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}
