//! What others may see of a command: all but its secrets.

use super::command::Command;
use crate::resp::Arguments;

/// The arguments as others may see them: without what is secret.
pub(super) fn public<'a>(command: &Command, arguments: Arguments<'a>) -> Vec<&'a [u8]> {
    const HIDDEN: &[u8] = b"(redacted)";
    let mut all: Vec<&[u8]> = arguments.from(0).collect();
    match command.name {
        "auth" => all[1..].fill(HIDDEN),
        "hello" => {
            let option = all.iter().skip(2).position(|word| word.eq_ignore_ascii_case(b"auth"));
            let secrets = option.map_or(all.len(), |option| option + 3);
            all.iter_mut().skip(secrets).take(2).for_each(|word| *word = HIDDEN);
        }
        "config|set" => {
            for pair in all[2..].chunks_exact_mut(2) {
                let name = pair[0].to_ascii_lowercase();
                let is_secret = [&b"requirepass"[..], b"masterauth", b"masteruser"];
                if is_secret.contains(&&name[..]) {
                    pair[1] = HIDDEN;
                }
            }
        }
        _ => {}
    }
    all
}
