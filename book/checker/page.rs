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
    Console(Label),
    Text,
    Other(String),
}

/// What stands behind `console`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Label {
    /// The last command is to fail.
    pub(crate) fails: bool,
    /// The chapter's server is started here, or spoken to.
    pub(crate) session: bool,
    /// It prints this on Linux, and elsewhere something else.
    pub(crate) linux: bool,
}

impl Kind {
    fn of(block: &CodeBlockKind<'_>) -> Kind {
        let CodeBlockKind::Fenced(label) = block else {
            return Kind::Other("(indented)".to_owned());
        };
        let mut words = label.split(',');
        let says = |word| label.split(',').any(|said| said == word);
        match &**label {
            "rust" => Kind::Rust,
            "diff" => Kind::Diff,
            "text" => Kind::Text,
            _ if words.all(|word| ["console", "fails", "session", "linux"].contains(&word)) => {
                let (fails, session, linux) = (says("fails"), says("session"), says("linux"));
                Kind::Console(Label { fails, session, linux })
            }
            _ => Kind::Other(label.to_string()),
        }
    }
}

/// A file that a caption names, and where it leads.
#[derive(Debug)]
pub(crate) struct Caption {
    pub(crate) name: String,
    file: PathBuf,
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
    /// Where the first fence is, in bytes.
    pub(crate) at: usize,
    /// Where the code is, in bytes.
    pub(crate) range: Range<usize>,
    /// Hints and solutions are folded away, and narrate nothing.
    pub(crate) in_details: bool,
}

impl Block {
    /// Whether its commands are run: they claim an output, or have to do with the chapter's server.
    pub(crate) fn is_transcript(&self) -> bool {
        let output = |line: &str| !line.starts_with("$ ") && !line.is_empty();
        matches!(self.kind, Kind::Console(label) if label.session || self.code.lines().any(output))
    }
}

pub(crate) struct Page<'a> {
    pub(crate) file: &'a Path,
    pub(crate) text: &'a str,
    pub(crate) blocks: Vec<Block>,
    /// Where each stands, and where it leads.
    pub(crate) links: Vec<(usize, String)>,
    /// What a link may name after its `#`.
    pub(crate) anchors: Vec<String>,
}

impl<'a> Page<'a> {
    pub(crate) fn parse(file: &'a Path, text: &'a str) -> Page<'a> {
        let mut page =
            Page { file, text, blocks: Vec::new(), links: Vec::new(), anchors: Vec::new() };
        let (mut captions, mut in_details) = (Vec::new(), false);
        // The caption's link or the heading that we are in: its target, if it is a link, and its text.
        let mut named: Option<(Option<String>, String)> = None;
        let mut events = Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter();
        while let Some((event, place)) = events.next() {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    let is_text = |event: &(Event<'_>, _)| matches!(event.0, Event::Text(_));
                    let pieces = events.by_ref().take_while(is_text).map(|(_, place)| place);
                    let range = pieces.reduce(|all, next| all.start..next.end);
                    let range = range.unwrap_or(place.start..place.start);
                    page.blocks.push(Block {
                        kind: Kind::of(&kind),
                        code: text[range.clone()].to_owned(),
                        captions: std::mem::take(&mut captions),
                        at: place.start,
                        range,
                        in_details,
                    });
                }
                Event::Start(Tag::Paragraph | Tag::List(_) | Tag::BlockQuote(_)) => {
                    captions.clear()
                }
                Event::Start(Tag::Heading { .. }) => {
                    captions.clear();
                    named = Some((None, String::new()));
                }
                Event::End(TagEnd::Heading(_)) => {
                    page.anchors.push(anchor(&named.take().unwrap_or_default().1));
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push((place.start, dest_url.to_string()));
                    let in_heading = matches!(named, Some((None, _)));
                    if !in_heading && text[..place.start].ends_with("**") {
                        named = Some((Some(dest_url.to_string()), String::new()));
                    }
                }
                Event::End(TagEnd::Link) => {
                    if let Some((Some(target), name)) = named.take_if(|(link, _)| link.is_some()) {
                        captions.push(Caption { name, file: page.beside(&target) });
                    }
                }
                Event::Text(text) | Event::Code(text) => {
                    named.iter_mut().for_each(|(_, name)| name.push_str(&text));
                }
                Event::Html(html) => {
                    captions.clear();
                    in_details =
                        (in_details || html.contains("<details")) && !html.contains("</details");
                }
                _ => {}
            }
        }
        page
    }

    /// The file that a link means.
    pub(crate) fn beside(&self, link: &str) -> PathBuf {
        self.file.parent().unwrap_or(Path::new("")).join(link)
    }

    pub(crate) fn problem(&self, at: usize, what: String) -> Problem {
        Problem { file: self.file.to_owned(), line: self.line(at), what }
    }

    /// The line of a place, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }
}

/// What mdBook and the forges make of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}
