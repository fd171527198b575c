//! A preprocessor of mdBook: links from a chapter to the code, as the pages need them.
//!
//! ```text
//!   book/src/08-….md           ../listings/src/ch08/v1_spin.rs     right from where the chapter lies
//!   target/book-html/08-….html ../../book/listings/src/…           right from where the page lies
//! ```
//! So the Markdown can be read on a forge and in an editor, and the pages from `file://`. For pages that
//! are put elsewhere, `base` says where the code is to be found:
//! `MDBOOK_PREPROCESSOR__OUTSIDE__BASE=https://…/blob/main mdbook build book`.

use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

/// Where the code is, from the pages, unless `book.toml` or the environment says otherwise.
const BASE: &str = "../..";

/// Reads a book as mdBook hands it over; the same with other links.
///
/// # Errors
/// What comes is not what mdBook 0.5 sends.
pub fn preprocess(mut input: impl Read) -> io::Result<String> {
    let mut text = String::new();
    input.read_to_string(&mut text)?;
    let (context, mut book): (Value, Value) = serde_json::from_str(&text).map_err(|error| {
        io::Error::other(format!("mdBook sends a context and a book; this is not it: {error}"))
    })?;
    let config = &context["config"];
    let base = config["preprocessor"]["outside"]["base"].as_str().unwrap_or(BASE);
    let chapters = Path::new("book").join(config["book"]["src"].as_str().unwrap_or("src"));
    rewrite(&mut book, &chapters, base);
    Ok(book.to_string())
}

/// Every chapter in `value`, however deep.
fn rewrite(value: &mut Value, chapters: &Path, base: &str) {
    if let Some(path) = value["path"].as_str() {
        let folder = chapters.join(path).with_file_name("");
        let content = value["content"].as_str().unwrap_or_default();
        value["content"] = links(content, &folder, chapters, base).into();
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, chapters, base)),
        Value::Object(fields) => {
            fields.values_mut().for_each(|field| rewrite(field, chapters, base))
        }
        _ => {}
    }
}

/// The chapter with the links that leave the folder of chapters made to start from `base`.
fn links(markdown: &str, folder: &Path, chapters: &Path, base: &str) -> String {
    let mut text = markdown.to_owned();
    let events: Vec<_> =
        Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter().collect();
    for (event, range) in events.into_iter().rev() {
        let Event::Start(Tag::Link { dest_url: to, .. } | Tag::Image { dest_url: to, .. }) = event
        else {
            continue;
        };
        let target = plain(&folder.join(&*to));
        let leaves = to.starts_with("..") && !target.starts_with(chapters);
        // The last one: a link's text may look like its target.
        if let Some(at) = markdown[range.clone()].rfind(&*to).filter(|_| leaves) {
            let at = range.start + at;
            let target = target.to_string_lossy().replace('\\', "/");
            text.replace_range(at..at + to.len(), &format!("{base}/{target}"));
        }
    }
    text
}

/// Without `..`: `book/src/../listings` is `book/listings`.
fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, part| {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
        plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preprocessed(content: &str, base: &str) -> String {
        let config = serde_json::json!({
            "config": { "book": { "src": "src" }, "preprocessor": { "outside": { "base": base } } }
        });
        let chapter = serde_json::json!({ "Chapter": { "content": content, "path": "08-who.md" } });
        let book = serde_json::json!({ "items": ["Separator", chapter] });
        let sent = serde_json::json!([config, book]).to_string();
        let got: Value =
            serde_json::from_str(&preprocess(sent.as_bytes()).expect("a book")).expect("JSON");
        got["items"][1]["Chapter"]["content"].as_str().expect("text").to_owned()
    }

    #[test]
    fn what_leaves_the_chapters_starts_from_the_base_and_the_rest_stays() {
        let text = "[a](../listings/a.rs) **[../../b.rs](../../b.rs)** [c](07-why.md#x) [d](https://e/..)\n\
                    \n```text\n[f](../g)\n```\n";
        let expected = "[a](../../book/listings/a.rs) **[../../b.rs](../../b.rs)** [c](07-why.md#x) \
                        [d](https://e/..)\n\n```text\n[f](../g)\n```\n";
        assert_eq!(preprocessed(text, BASE), expected);
        let there = preprocessed("[a](../listings/a.rs)\n", "https://forge/blob/main");
        assert_eq!(there, "[a](https://forge/blob/main/book/listings/a.rs)\n");
    }

    #[test]
    fn what_is_no_book_is_refused() {
        assert!(preprocess(&b"{}"[..]).expect_err("no pair").to_string().contains("mdBook"));
    }
}
