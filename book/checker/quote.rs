//! Whether a quote stands in a file, and what stands there now.

use std::ops::Range;

use similar::{Algorithm, ChangeTag, DiffTag, TextDiff, capture_diff_slices};

/// The line that skips forward.
const SKIP: &str = "// …";

/// The lines of `source`, from 0, at which the pieces of the quote stand. `Err` says which piece is
/// missing, or stands more than once.
pub(crate) fn check(quote: &str, source: &str) -> Result<Vec<Range<usize>>, String> {
    let source: Vec<&str> = source.lines().collect();
    let found = locate(quote, &source, |piece, _| {
        let line = nearest_difference(piece, &source);
        Err(format!(
            "`{line}` does not stand there; bring the quote up to date, by hand or by `cargo run -p \
             book -- bless`"
        ))
    })?;
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
    let lines: Vec<&str> = source.lines().collect();
    let none = |piece: &[&str], source: &[&str]| drifted(piece, source).ok_or_else(String::new);
    let mut found = locate(quote, &lines, none).ok()?.into_iter();
    let margin = |lines: &[&str]| {
        let lines = lines.iter().filter(|line| !line.trim().is_empty());
        lines.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0)
    };
    let mut renewed = String::new();
    for part in quote.lines().collect::<Vec<&str>>().chunk_by(|a, b| is_skip(a) == is_skip(b)) {
        if is_skip(part[0]) {
            renewed.push_str(&format!("{}\n", part[0]));
        } else if !trim(part).is_empty() {
            let now = &lines[found.next()?];
            let cut = margin(now).saturating_sub(margin(part));
            renewed.extend(now.iter().map(|line| format!("{}\n", line.get(cut..).unwrap_or(""))));
        }
    }
    check(&renewed, source).is_ok().then_some(renewed)
}

fn is_skip(line: &str) -> bool {
    line.trim() == SKIP
}

/// Where the pieces stand, one below the other; for one that does not, `missing` is asked, with the
/// lines that are left.
fn locate(
    quote: &str,
    source: &[&str],
    missing: impl Fn(&[&str], &[&str]) -> Result<Range<usize>, String>,
) -> Result<Vec<Range<usize>>, String> {
    let quoted: Vec<&str> = quote.lines().collect();
    let (mut found, mut from) = (Vec::new(), 0);
    for (number, piece) in quoted.split(|line| is_skip(line)).enumerate() {
        let piece = trim(piece);
        let Some(first) = piece.first() else { continue };
        let place = match places(piece, &source[from..])[..] {
            [] => missing(piece, &source[from..])?,
            [_, _, ..] if number == 0 => {
                let times = places(piece, source).len();
                return Err(format!("`{first}` … stands there {times} times; quote a line more"));
            }
            // After a skip the first place counts: it is the one that comes next.
            [place, ..] => place..place + piece.len(),
        };
        found.push(from + place.start..from + place.end);
        from += place.end;
    }
    Ok(found)
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

/// What two texts differ by, with all that they have in common: each line after a space, `-` or `+`.
pub(crate) fn difference(old: &str, new: &str) -> String {
    let diff = TextDiff::from_lines(old, new);
    let lines = diff.iter_all_changes().map(|change| {
        let sign = match change.tag() {
            ChangeTag::Equal => " ",
            ChangeTag::Delete => "-",
            ChangeTag::Insert => "+",
        };
        format!("{sign}{}", change.value()).trim_end().to_owned() + "\n"
    });
    lines.collect()
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
