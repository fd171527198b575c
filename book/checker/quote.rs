//! Whether a quote stands in a file.

/// The line that skips forward.
const SKIP: &str = "// …";

/// `Err` says which piece is missing, or stands more than once.
pub(crate) fn check(quote: &str, source: &str) -> Result<(), String> {
    let source: Vec<&str> = source.lines().collect();
    let quoted: Vec<&str> = quote.lines().collect();
    let mut from = 0;
    for (number, piece) in quoted.split(|line| line.trim() == SKIP).enumerate() {
        let Some(first) = piece.first() else { continue };
        let places = places(piece, &source[from..]);
        match places[..] {
            [] => {
                let line = nearest_difference(piece, &source);
                return Err(format!("`{line}` does not stand there; bring the quote up to date"));
            }
            // After a skip the first place counts: it is the one that comes next.
            [place, ..] if number > 0 => from += place + piece.len(),
            [place] => from += place + piece.len(),
            [..] => {
                let times = places.len();
                return Err(format!("`{first}` … stands there {times} times; quote a line more"));
            }
        }
    }
    Ok(())
}

/// Where `piece` stands in `source`, all of it moved right by the same indentation.
fn places(piece: &[&str], source: &[&str]) -> Vec<usize> {
    source
        .windows(piece.len())
        .enumerate()
        .filter(|(_, window)| same_but_for_indentation(piece, window))
        .map(|(place, _)| place)
        .collect()
}

fn same_but_for_indentation(piece: &[&str], window: &[&str]) -> bool {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let first = piece.iter().position(|line| !line.trim().is_empty());
    let Some(first) = first else { return false };
    let Some(shift) = indentation(window[first]).checked_sub(indentation(piece[first])) else {
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
        assert_eq!(check("one();\ntwo();\n", SOURCE), Ok(()));
        assert_eq!(check("fn a() {\n    // …\n    three();\n}\n", SOURCE), Ok(()));
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
