//! Whether a quote stands in a file, and what stands there now.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use similar::{Algorithm, ChangeTag, DiffTag, TextDiff, capture_diff_slices};

/// The line that skips forward.
const SKIP: &str = "// …";

/// The lines of `source`, from 0, at which the pieces of the quote stand. `Err` says which piece is
/// missing, or stands more than once.
pub(crate) fn check(quote: &str, source: &str) -> Result<Vec<Range<usize>>, String> {
    let source: Vec<&str> = source.lines().collect();
    let quoted: Vec<&str> = quote.lines().collect();
    let mut found = Vec::new();
    let mut from = 0;
    for (number, piece) in quoted.split(|line| line.trim() == SKIP).enumerate() {
        let piece = trim(piece);
        let Some(first) = piece.first() else { continue };
        let places = places(piece, &source[from..]);
        match places[..] {
            [] => {
                let line = nearest_difference(piece, &source);
                return Err(format!(
                    "`{line}` does not stand there; bring the quote up to date, by hand or by \
                     `cargo run -p book -- bless`"
                ));
            }
            [_, _, ..] if number == 0 => {
                let times = places.len();
                return Err(format!("`{first}` … stands there {times} times; quote a line more"));
            }
            // After a skip the first place counts: it is the one that comes next.
            [place, ..] => {
                found.push(from + place..from + place + piece.len());
                from += place + piece.len();
            }
        }
    }
    if found.is_empty() {
        return Err("it quotes nothing; take the block away, or fill it".to_owned());
    }
    Ok(found)
}

/// The quote as its file has it now: each piece becomes what stands from the first of its lines that
/// is still there to the last. `None` where too little is still there to know.
pub(crate) fn renew(quote: &str, source: &str) -> Option<String> {
    if check(quote, source).is_ok() {
        return Some(quote.to_owned());
    }
    let source: Vec<&str> = source.lines().collect();
    let quoted: Vec<&str> = quote.lines().collect();
    let mut renewed = Vec::new();
    let mut from = 0;
    for (number, whole) in quoted.split(|line| line.trim() == SKIP).enumerate() {
        if number > 0 {
            renewed.push(quoted.iter().find(|line| line.trim() == SKIP)?.to_string());
        }
        let piece = trim(whole);
        if piece.is_empty() {
            continue;
        }
        let place = match places(piece, &source[from..])[..] {
            [] => drifted(piece, &source[from..])?,
            [place, ..] => place..place + piece.len(),
        };
        let place = from + place.start..from + place.end;
        let margin = |lines: &[&str]| {
            let lines = lines.iter().filter(|line| !line.trim().is_empty());
            lines.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0)
        };
        let (ours, theirs) = (margin(piece), margin(&source[place.clone()]));
        let cut = theirs.saturating_sub(ours);
        let lines = source[place.clone()].iter();
        renewed.extend(lines.map(|line| line.get(cut..).unwrap_or("").to_owned()));
        from = place.end;
    }
    let renewed = renewed.join("\n") + "\n";
    check(&renewed, &source.join("\n")).is_ok().then_some(renewed)
}

/// Where the piece stands, if most of its lines still stand in one place: from its first line to its
/// last where both are still there, and otherwise as much as can be recognised.
fn drifted(piece: &[&str], source: &[&str]) -> Option<Range<usize>> {
    let trimmed = |lines: &[&str]| lines.iter().map(|line| line.trim().to_owned()).collect();
    let (ours, theirs): (Vec<String>, Vec<String>) = (trimmed(piece), trimmed(source));
    let longest = 2 * piece.len() + 4;
    let of = |line: &String| {
        let line = line.clone();
        theirs.iter().enumerate().filter(move |(_, their)| **their == line).map(|(place, _)| place)
    };
    let framed = of(ours.first()?).flat_map(|first| {
        let ends = of(&ours[ours.len() - 1]).filter(move |last| *last >= first);
        ends.map(move |last| first..last + 1).filter(|place| place.len() <= longest)
    });
    let same = |place: &Range<usize>| -> usize {
        kept(&ours, &theirs[place.clone()]).map(|r| r.len()).sum()
    };
    let framed = framed.max_by_key(|place| (same(place), usize::MAX - place.len()));
    let place = framed.or_else(|| {
        let kept: Vec<Range<usize>> = kept(&ours, &theirs).collect();
        Some(kept.first()?.start..kept.last()?.end).filter(|place| place.len() <= longest)
    })?;
    (same(&place) * 2 > piece.len()).then_some(place)
}

/// The runs of lines of `theirs` that are `ours` too, in order.
fn kept(ours: &[String], theirs: &[String]) -> impl Iterator<Item = Range<usize>> {
    let operations = capture_diff_slices(Algorithm::Myers, ours, theirs).into_iter();
    let equal = operations.filter(|operation| operation.tag() == DiffTag::Equal);
    equal.map(|operation| operation.new_range())
}

/// What two files differ by, with all that they have in common: each line after a space, `-` or `+`.
///
/// # Errors
/// One of them cannot be read.
pub(crate) fn difference(old: &Path, new: &Path) -> io::Result<String> {
    let (old, new) = (fs::read_to_string(old)?, fs::read_to_string(new)?);
    let diff = TextDiff::from_lines(&old, &new);
    let lines = diff.iter_all_changes().map(|change| {
        let sign = match change.tag() {
            ChangeTag::Equal => " ",
            ChangeTag::Delete => "-",
            ChangeTag::Insert => "+",
        };
        format!("{sign}{}", change.to_string_lossy().trim_end_matches('\n'))
    });
    Ok(lines.map(|line| line.trim_end().to_owned() + "\n").collect())
}

/// Without the empty lines around it, which belong to a skip.
fn trim<'a, 'b>(piece: &'a [&'b str]) -> &'a [&'b str] {
    let full = |line: &&str| !line.trim().is_empty();
    let Some(first) = piece.iter().position(full) else { return &[] };
    let last = piece.iter().rposition(full).unwrap_or(first);
    &piece[first..=last]
}

/// Where `piece` stands in `source`, all of it moved right by the same indentation.
fn places(piece: &[&str], source: &[&str]) -> Vec<usize> {
    let windows = source.windows(piece.len()).enumerate();
    let found = windows.filter(|(_, window)| same_but_for_indentation(piece, window));
    found.map(|(place, _)| place).collect()
}

fn same_but_for_indentation(piece: &[&str], window: &[&str]) -> bool {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let Some(shift) = indentation(window[0]).checked_sub(indentation(piece[0])) else {
        return false;
    };
    piece.iter().zip(window).all(|(ours, theirs)| {
        let shifted = theirs.get(..shift).is_some_and(|left| left.trim().is_empty());
        (ours.trim().is_empty() && theirs.trim().is_empty())
            || (shifted && theirs[shift..] == **ours)
    })
}

/// The first line of the piece that stands nowhere in the file, or else its first line.
fn nearest_difference<'a>(piece: &[&'a str], source: &[&str]) -> &'a str {
    let missing = |line: &&&str| {
        !line.trim().is_empty() && !source.iter().any(|known| known.trim() == line.trim())
    };
    piece.iter().find(missing).or(piece.first()).map_or("", |line| line.trim())
}
#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "fn a() {\n    one();\n    two();\n}\n\nfn b() {\n    one();\n    three();\n}\n";

    #[test]
    fn a_quote_may_be_dedented_and_may_skip() {
        assert!(check("one();\ntwo();\n", SOURCE).is_ok());
        assert!(check("fn a() {\n    // …\n    three();\n}\n", SOURCE).is_ok());
    }

    #[test]
    fn a_changed_letter_is_found_and_named() {
        let why = check("one();\ntwe();\n", SOURCE).expect_err("`twe` is wrong");
        assert!(why.contains("`twe();`"), "{why}");
    }

    #[test]
    fn a_quote_that_stands_twice_is_refused() {
        let why = check("one();\n", SOURCE).expect_err("`one` stands twice");
        assert!(why.contains("2 times"), "{why}");
    }

    #[test]
    fn lines_out_of_order_are_refused() {
        assert!(check("fn b() {\n// …\nfn a() {\n", SOURCE).is_err());
    }
}
