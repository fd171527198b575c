//! The list of the files that make up a log: one line each, as Redis 7.0 writes it.
//!
//! ```text
//!   file appendonly.aof.2.base.rdb seq 2 type b       b: the base, the state at one time
//!   file appendonly.aof.5.incr.aof seq 5 type i       i: commands since, in this order
//!   file appendonly.aof.1.base.rdb seq 1 type h       h: replaced by now, to be removed
//! ```

use std::fmt::Write;

use super::Part;
use crate::resp::split_words;

/// Which files make up a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) base: Option<Part>,
    pub(super) increments: Vec<Part>,
    pub(super) history: Vec<Part>,
}

impl Manifest {
    /// The list that `text` is, or what is wrong with it, and in which line.
    pub(super) fn parse(text: &str) -> Result<Manifest, String> {
        let mut manifest = Manifest::default();
        for (index, line) in text.lines().enumerate() {
            if line.starts_with('#') {
                continue;
            }
            let (part, kind) =
                parse_line(line).map_err(|why| format!("line {}: {why}", index + 1))?;
            let list = match kind.as_str() {
                "b" if manifest.base.is_some() => {
                    return Err(format!("line {}: a second base", index + 1));
                }
                "b" => {
                    manifest.base = Some(part);
                    continue;
                }
                "i" => &mut manifest.increments,
                "h" => &mut manifest.history,
                _ => return Err(format!("line {}: an unknown type", index + 1)),
            };
            if kind == "i" && list.last().is_some_and(|last| last.seq >= part.seq) {
                return Err(format!("line {}: the numbers do not go up", index + 1));
            }
            list.push(part);
        }
        if text.is_empty() {
            return Err("it is empty".into());
        }
        Ok(manifest)
    }

    /// The lines.
    pub(super) fn text(&self) -> String {
        let base = self.base.iter().map(|part| (part, 'b'));
        let history = self.history.iter().map(|part| (part, 'h'));
        let increments = self.increments.iter().map(|part| (part, 'i'));
        let mut text = String::new();
        for (Part { name, seq }, kind) in base.chain(history).chain(increments) {
            let plain = |letter: char| letter.is_ascii_graphic() && !"\"'\\".contains(letter);
            let name = match name.chars().all(plain) {
                true => name.clone(),
                false => format!("\"{}\"", name.as_bytes().escape_ascii()),
            };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "file {name} seq {seq} type {kind}");
        }
        text
    }
}

/// Whether a list says the same when it is read, written, and read again; one that cannot be read
/// says nothing. For the fuzzer.
#[cfg(any(test, fuzzing))]
pub(crate) fn is_told_back(text: &str) -> bool {
    let Ok(list) = Manifest::parse(text) else { return true };
    let again = list.text();
    // A list of comments alone is one without files, and as such is not written.
    again.is_empty() || Manifest::parse(&again) == Ok(list)
}

fn parse_line(line: &str) -> Result<(Part, String), String> {
    let words = split_words(line.as_bytes()).ok_or("quotes that do not match")?;
    let (mut name, mut seq, mut kind) = (None, None, None);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let value = words.next().ok_or("a name without its value")?;
        let value = String::from_utf8(value).map_err(|_| "a value that is not UTF-8")?;
        match word.to_ascii_lowercase().as_slice() {
            b"file" if value.contains('/') => return Err("a file of another folder".into()),
            b"file" => name = Some(value),
            b"seq" => seq = Some(value.parse().map_err(|_| "a seq that is no number")?),
            b"type" => kind = Some(value),
            // Later versions may have more to say.
            _ => {}
        }
    }
    match (name, seq, kind) {
        (Some(name), Some(seq), Some(kind)) if !name.is_empty() && seq > 0 => {
            Ok((Part { name, seq }, kind))
        }
        _ => Err("not `file NAME seq NUMBER type b|i|h`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Manifest, Part};

    fn part(name: &str, seq: u64) -> Part {
        Part { name: name.into(), seq }
    }

    #[test]
    fn what_redis_writes_is_understood_and_written_likewise() {
        let text = "file appendonly.aof.2.base.rdb seq 2 type b\n\
                    file appendonly.aof.1.base.rdb seq 1 type h\n\
                    file appendonly.aof.4.incr.aof seq 4 type i\n\
                    file appendonly.aof.5.incr.aof seq 5 type i\n";
        let manifest = Manifest::parse(text).expect("as Redis writes it");
        assert_eq!(manifest.base, Some(part("appendonly.aof.2.base.rdb", 2)));
        assert_eq!(manifest.history, [part("appendonly.aof.1.base.rdb", 1)]);
        assert_eq!(manifest.increments.len(), 2);
        assert_eq!(manifest.text(), text);
    }

    #[test]
    fn names_with_strange_letters_survive() {
        let name = "my \"log\"\\.aof";
        let manifest = Manifest { base: Some(part(name, 1)), ..Manifest::default() };
        assert_eq!(Manifest::parse(&manifest.text()), Ok(manifest));
    }

    #[test]
    fn comments_and_unknown_words_are_passed_over() {
        let text = "# hello\nfile a seq 1 type i startoffset 0\n";
        assert_eq!(Manifest::parse(text).expect("valid").increments, [part("a", 1)]);
    }

    #[test]
    fn what_is_no_manifest_is_refused_by_its_line() {
        for (text, line) in [
            ("", "empty"),
            ("file a seq 1 type i\nfile b seq 1 type i\n", "line 2"),
            ("file a seq 1 type b\nfile b seq 2 type b\n", "line 2"),
            ("file a seq 0 type b\n", "line 1"),
            ("file a seq one type b\n", "line 1"),
            ("file a seq 1 type x\n", "line 1"),
            ("file a seq 1\n", "line 1"),
            ("file ../a seq 1 type b\n", "line 1"),
            ("file \"a seq 1 type b\n", "line 1"),
            ("\n", "line 1"),
        ] {
            let error = Manifest::parse(text).expect_err(text);
            assert!(error.contains(line), "{text:?}: {error}");
        }
    }
}
