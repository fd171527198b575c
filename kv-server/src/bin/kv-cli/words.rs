//! A line that was typed, as words: the server's own rules for inline commands.

use kv_server::resp::inline;

/// The words of a line; none if it is blank.
///
/// # Errors
/// If its quotes are not balanced.
pub(crate) fn words(line: &[u8]) -> Result<Vec<Vec<u8>>, &'static str> {
    let mut text = Vec::new();
    let mut spans = Vec::new();
    inline::split(line, &mut text, |start, length| spans.push(start..start + length))
        .map_err(|_| "the quotes are not balanced")?;
    Ok(spans.into_iter().map(|span| text[span].to_vec()).collect())
}

/// Whether a word is this one, in any case.
pub(crate) fn is(word: Option<&Vec<u8>>, name: &str) -> bool {
    word.is_some_and(|word| word.eq_ignore_ascii_case(name.as_bytes()))
}

/// Whether these words tell a password, and so belong into no history.
pub(crate) fn are_secret(words: &[Vec<u8>]) -> bool {
    let first = words.first();
    let has = |name| words.iter().any(|word| is(Some(word), name));
    is(first, "auth")
        || (is(first, "hello") && has("auth"))
        || (is(first, "acl") && has("setuser"))
        || (is(first, "config") && (has("requirepass") || has("masterauth")))
}

#[cfg(test)]
mod tests {
    use super::{are_secret, words};

    #[test]
    fn a_line_is_split_as_the_server_would() {
        let line = br#"set "a b" 'c\'d' \x41 "\x41""#;
        let expected = [&b"set"[..], b"a b", b"c'd", br"\x41", b"A"];
        assert_eq!(words(line).expect("balanced"), expected);
        assert_eq!(words(b"  \t ").expect("blank"), [b""; 0]);
        assert!(words(b"get \"a").is_err());
    }

    #[test]
    fn passwords_are_recognised() {
        let secret = |line: &[u8]| are_secret(&words(line).expect("balanced"));
        assert!(secret(b"AUTH me secret"));
        assert!(secret(b"hello 3 auth me secret"));
        assert!(secret(b"CONFIG SET requirepass secret"));
        assert!(!secret(b"HELLO 3"));
        assert!(!secret(b"GET auth"));
    }
}
