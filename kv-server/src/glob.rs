//! Patterns: `*`, `?`, `[a-z]`, `[^a]` and `\` before what is meant literally.
//!
//! Every element but `*` takes exactly one byte. Therefore only the *last* star that was passed is
//! ever worth going back to: an earlier one that took more bytes would leave fewer for the same
//! elements. One saved position replaces recursion, and the time is at most the product of the two
//! lengths, also for `a*a*a*a*b`.
//!
//! The product of two megabytes is still half an hour, in which nobody else would be served. So the
//! work is bounded by the sum of the lengths: it is enough for whatever is meant to be found, and what
//! needs more is not found. Redis, which recurses, gives up behind a thousand stars; so do we.
//!
//! The corners are Redis's: a range may be written backwards, its ends compare as signed bytes, an
//! unclosed class ends with the pattern, and the empty text matches the empty pattern alone.

/// With more stars than this, each with something behind it, a pattern matches nothing.
const MOST_STARS: u32 = 1000;
/// So many bytes of the pattern may be looked at in any case …
const FREE_STEPS: usize = 1 << 24;
/// … and so many more for each byte of the pattern and of the text.
const STEPS_A_BYTE: usize = 16;

/// Whether `pattern` describes the whole of `text`.
pub fn matches(pattern: &[u8], text: &[u8]) -> bool {
    if text.is_empty() {
        return pattern.is_empty();
    }
    let mut left = FREE_STEPS + STEPS_A_BYTE * (pattern.len() + text.len());
    let mut stars = 0;
    let mut rest = pattern;
    let mut position = 0;
    // The last star: what follows it, and the first byte that it has not taken.
    let mut star: Option<(&[u8], usize)> = None;
    while let Some(&byte) = text.get(position) {
        if let [b'*', after @ ..] = rest {
            stars += u32::from(after.first().is_some_and(|&next| next != b'*'));
            if stars > MOST_STARS {
                return false;
            }
            star = Some((after, position));
            rest = after;
            continue;
        }
        let (taken, after) = element(rest, byte);
        let Some(fewer) = left.checked_sub(rest.len() - after.len() + 1) else { return false };
        left = fewer;
        if taken {
            rest = after;
            position += 1;
        } else if let Some((after, begun)) = star {
            star = Some((after, begun + 1));
            rest = after;
            position = begun + 1;
        } else {
            return false;
        }
    }
    rest.iter().all(|&byte| byte == b'*')
}

/// Whether the pattern's first element takes `byte`, and what follows it.
fn element(pattern: &[u8], byte: u8) -> (bool, &[u8]) {
    match pattern {
        [] => (false, pattern),
        [b'?', rest @ ..] => (true, rest),
        [b'[', class @ ..] => in_class(class, byte),
        [b'\\', literal, rest @ ..] => (*literal == byte, rest),
        [literal, rest @ ..] => (*literal == byte, rest),
    }
}

/// Whether the class that begins after `[` holds `byte`, and what follows the class.
fn in_class(class: &[u8], byte: u8) -> (bool, &[u8]) {
    let (negated, mut rest) = match class {
        [b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut found = false;
    loop {
        rest = match rest {
            [] => break,
            [b'\\', literal, rest @ ..] => {
                found |= *literal == byte;
                rest
            }
            [b']', after @ ..] => {
                rest = after;
                break;
            }
            [from, b'-', to, rest @ ..] => {
                found |= in_range(*from, *to, byte);
                rest
            }
            [literal, rest @ ..] => {
                found |= *literal == byte;
                rest
            }
        };
    }
    (found != negated, rest)
}

/// Bytes above 127 are negative here, as in the language that the format comes from.
fn in_range(from: u8, to: u8, byte: u8) -> bool {
    let [from, to, byte] = [from, to, byte].map(u8::cast_signed);
    (from.min(to)..=from.max(to)).contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn assert_matches(pattern: &[u8], yes: &[&[u8]], no: &[&[u8]]) {
        for text in yes {
            assert!(matches(pattern, text), "{pattern:?} must match {text:?}");
        }
        for text in no {
            assert!(!matches(pattern, text), "{pattern:?} must not match {text:?}");
        }
    }

    #[test]
    fn stars_take_any_bytes_and_none() {
        assert_matches(b"*", &[b"a", b"abc", b"*"], &[]);
        assert_matches(b"a*c", &[b"ac", b"abc", b"abcc"], &[b"a", b"c", b"abcd"]);
        assert_matches(b"**a**", &[b"a", b"xax"], &[b"x"]);
        assert_matches(b"*ab*ab*", &[b"abab", b"xabyabz"], &[b"ab", b"aab"]);
        assert_matches(b"news.*", &[b"news.", b"news.a"], &[b"news", b"new.a"]);
    }

    #[test]
    fn the_empty_text_matches_the_empty_pattern_alone() {
        assert_matches(b"", &[b""], &[b"a"]);
        assert_matches(b"*", &[], &[b""]);
    }

    #[test]
    fn question_marks_and_escapes_take_one_byte() {
        assert_matches(b"h?llo", &[b"hello", b"h?llo"], &[b"hllo", b"heello"]);
        assert_matches(br"\*\?\[", &[b"*?["], &[b"a?["]);
        assert_matches(br"a\", &[br"a\"], &[b"a"]);
        assert_matches(b"ab", &[b"ab"], &[b"Ab", b"a", b"abc"]);
    }

    #[test]
    fn classes_hold_bytes_ranges_and_escapes() {
        assert_matches(b"h[ae]llo", &[b"hello", b"hallo"], &[b"hillo", b"h[llo"]);
        assert_matches(b"[^e]", &[b"a", b"^"], &[b"e", b"ab"]);
        assert_matches(b"[a-c]", &[b"a", b"b", b"c"], &[b"d", b"-"]);
        assert_matches(b"[c-a]", &[b"a", b"b", b"c"], &[b"d"]);
        assert_matches(br"[\]a]", &[b"]", b"a"], &[br"\"]);
        assert_matches(b"[a-]x", &[], &[b"a-]x"]);
        assert_matches(b"[]", &[], &[b"]", b"a"]);
        assert_matches(b"[^]", &[b"a"], &[b""]);
    }

    #[test]
    fn an_unclosed_class_ends_with_the_pattern() {
        assert_matches(b"[ab", &[b"a", b"b"], &[b"c", b"[ab"]);
        assert_matches(b"[", &[], &[b"[", b"a"]);
        assert_matches(b"[^", &[b"a"], &[b"ab"]);
    }

    #[test]
    fn ranges_compare_signed_bytes() {
        assert_matches(b"[\x80-\x7f]", &[b"\x80", b"\xff", b"\x00", b"a"], &[]);
        assert_matches(b"[\xf0-a]", &[b"\xff", b"\x00", b"a"], &[b"\x80", b"b"]);
    }

    #[test]
    fn many_stars_cost_no_more_than_the_product_of_the_lengths() {
        let pattern = [&b"a*"[..]; 200].concat();
        let text = vec![b'a'; 20_000];
        let begun = std::time::Instant::now();
        assert!(!matches(&[&pattern[..], b"b"].concat(), &text));
        assert!(matches(&pattern, &text));
        // Four million steps take milliseconds; an exponential search outlives the universe.
        assert!(begun.elapsed().as_secs() < 20, "took {:?}", begun.elapsed());
    }

    #[test]
    fn a_megabyte_against_a_megabyte_is_bounded() {
        const LONG: usize = 1 << 20;
        let text = vec![b'a'; LONG];
        let of = |parts: &[(&[u8], usize)]| -> Vec<u8> {
            parts.iter().flat_map(|(part, count)| part.repeat(*count)).collect()
        };
        // Each of these would be looked at some hundred milliard times.
        for parts in [
            &[(&b"*"[..], 1), (b"a", LONG / 2), (b"b", 1)][..],
            &[(b"*", 1), (b"?", LONG / 2), (b"b", 1)],
            &[(b"*[a-", 1), (b"b", LONG / 2)],
            &[(b"*", 1), (b"[^b]", LONG / 8), (b"b", 1)],
        ] {
            assert!(!matches(&of(parts), &text));
        }
        // What takes one walk is found, however long.
        for parts in [
            &[(&b"*"[..], LONG)][..],
            &[(b"?", LONG)],
            &[(b"a", LONG)],
            &[(b"*", LONG), (b"a", 1)],
            &[(b"[^b]", LONG)],
            &[(b"*?", 1000)],
        ] {
            assert!(matches(&of(parts), &text), "{:?}", parts[0]);
        }
    }

    #[test]
    fn behind_a_thousand_stars_nothing_is_found() {
        let text = vec![b'a'; 3000];
        assert!(matches(&b"*?".repeat(1000), &text));
        assert!(matches(&[b"*?".repeat(1000), b"***".to_vec()].concat(), &text));
        assert!(matches(&b"**?".repeat(1000), &text), "stars in a row are one");
        assert!(!matches(&b"*?".repeat(1001), &text));
    }
}
